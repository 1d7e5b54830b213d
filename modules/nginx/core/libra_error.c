
#include <stdarg.h>
#include <stdio.h>

#include "libra_error.h"


int
libra_refuse(libra_error_t *error, int status, const char *fmt, ...)
{
    va_list  args;

    error->status = status;

    va_start(args, fmt);
    vsnprintf(error->text, sizeof(error->text), fmt, args);
    va_end(args);

    return -1;
}


#ifndef _LIBRA_ERROR_H_INCLUDED_
#define _LIBRA_ERROR_H_INCLUDED_


/* Why something was refused: an HTTP status and a text for the caller. */

typedef struct {
    int   status;
    char  text[256];
} libra_error_t;


/* Fills the error in (it is cut where it does not fit); always -1. */
int libra_refuse(libra_error_t *error, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));


#endif /* _LIBRA_ERROR_H_INCLUDED_ */

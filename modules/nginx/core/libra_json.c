
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libra_json.h"


json_t *
libra_json_parse(const char *text, size_t len, libra_error_t *error)
{
    json_t        *root;
    json_error_t   where;

    root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);

    /* jansson's own words quote what it met, a private key perhaps */

    if (root == NULL) {
        libra_refuse(error, 400, "no JSON: line %d, column %d", where.line,
                     where.column);
        return NULL;
    }

    if (!json_is_object(root)) {
        libra_refuse(error, 400, "an object is expected");
        json_decref(root);
        return NULL;
    }

    return root;
}


void
libra_json_open(libra_json_t *json, json_t *value, libra_error_t *error,
    const char *fmt, ...)
{
    va_list  args;

    json->object = value;
    json->error = error;

    va_start(args, fmt);
    vsnprintf(json->path, sizeof(json->path), fmt, args);
    va_end(args);

    if (error->status == 0 && !json_is_object(value)) {
        libra_refuse(error, 400, "%s: an object is expected", json->path);
    }
}


int
libra_json_bad(libra_json_t *json, const char *name, const char *why)
{
    if (json->error->status != 0) {
        return -1;
    }

    return libra_refuse(json->error, 400, "%s%s%.40s: %s", json->path,
                        json->path[0] ? "." : "", name, why);
}


void
libra_json_only(libra_json_t *json, const char *const *names)
{
    json_t             *value;
    const char         *name;
    const char *const  *p;

    if (json->error->status != 0) {
        return;
    }

    json_object_foreach(json->object, name, value) {

        for (p = names; *p != NULL && strcmp(*p, name) != 0; p++) {
            /* void */
        }

        if (*p == NULL) {
            libra_json_bad(json, name, "unknown member");
            return;
        }
    }
}


static json_t *
libra_json_get(libra_json_t *json, const char *name)
{
    return json->error->status == 0 ? json_object_get(json->object, name)
                                    : NULL;
}


void
libra_json_must(libra_json_t *json, const char *name)
{
    if (json->error->status == 0 && libra_json_get(json, name) == NULL) {
        libra_json_bad(json, name, "is missing");
    }
}


void
libra_json_text(libra_json_t *json, const char *name, char *text, size_t size)
{
    size_t       i, len;
    json_t      *value;
    const char  *p;

    value = libra_json_get(json, name);

    if (value == NULL) {
        return;
    }

    if (!json_is_string(value)) {
        libra_json_bad(json, name, "a string is expected");
        return;
    }

    p = json_string_value(value);
    len = json_string_length(value);

    for (i = 0; i < len && p[i] > 0x20 && p[i] < 0x7f; i++) {
        /* void */
    }

    if (i < len || len == 0 || len >= size) {
        libra_json_bad(json, name, "is empty, too long or not of printable "
                                   "ASCII characters");
        return;
    }

    memcpy(text, p, len + 1);
}


uint32_t
libra_json_number(libra_json_t *json, const char *name, uint32_t min,
    uint32_t max, uint32_t absent)
{
    char         why[64];
    json_t      *value;
    json_int_t   number;

    value = libra_json_get(json, name);

    if (value == NULL) {
        return absent;
    }

    number = json_integer_value(value);

    if (!json_is_integer(value) || number < min || number > max) {
        snprintf(why, sizeof(why), "a number from %u to %u is expected",
                 min, max);
        libra_json_bad(json, name, why);
        return absent;
    }

    return (uint32_t) number;
}


uint32_t
libra_json_flag(libra_json_t *json, const char *name)
{
    json_t  *value;

    value = libra_json_get(json, name);

    if (value != NULL && !json_is_boolean(value)) {
        libra_json_bad(json, name, "true or false is expected");
    }

    return json_is_true(value);
}


uint32_t
libra_json_word(libra_json_t *json, const char *name,
    const libra_word_t *words)
{
    json_t              *value;
    const libra_word_t  *word;

    value = libra_json_get(json, name);

    if (value == NULL) {
        return words[0].value;
    }

    for (word = words; word->name != NULL; word++) {

        if (json_is_string(value)
            && strcmp(json_string_value(value), word->name) == 0)
        {
            return word->value;
        }
    }

    libra_json_bad(json, name, "is none of the known words");

    return words[0].value;
}


json_t *
libra_json_array(libra_json_t *json, const char *name)
{
    json_t  *value;

    value = libra_json_get(json, name);

    if (value != NULL && !json_is_array(value)) {
        libra_json_bad(json, name, "an array is expected");
        return NULL;
    }

    return value;
}

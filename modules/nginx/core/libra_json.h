
#ifndef _LIBRA_JSON_H_INCLUDED_
#define _LIBRA_JSON_H_INCLUDED_


#include <jansson.h>
#include <stdint.h>

#include "libra_error.h"


/*
 * Reads members of one JSON object, strictly.  The first refusal is kept in
 * the error, with the path of the member; later calls then do nothing.
 */

typedef struct {
    json_t         *object;
    char            path[96];           /* "loadBalancers[3].peers[0]" */
    libra_error_t  *error;              /* status 0: all was well so far */
} libra_json_t;

typedef struct {
    const char     *name;
    int             value;
} libra_word_t;


/* Parses hostile text: 400 with line and column for what is no JSON object. */
json_t *libra_json_parse(const char *text, size_t len, libra_error_t *error);

void libra_json_open(libra_json_t *json, json_t *value, libra_error_t *error,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Refuses members `names` (ended by NULL) does not list. */
void libra_json_only(libra_json_t *json, const char *const *names);

/* A text of [1, size) printable ASCII characters; absent ones keep `text`. */
void libra_json_text(libra_json_t *json, const char *name, char *text,
    size_t size);
void libra_json_must(libra_json_t *json, const char *name);
uint32_t libra_json_number(libra_json_t *json, const char *name, uint32_t min,
    uint32_t max, uint32_t absent);
uint32_t libra_json_flag(libra_json_t *json, const char *name);
uint32_t libra_json_word(libra_json_t *json, const char *name,
    const libra_word_t *words);

/* NULL if absent or refused; an absent array has no elements. */
json_t *libra_json_array(libra_json_t *json, const char *name);

int libra_json_bad(libra_json_t *json, const char *name, const char *why);


#endif /* _LIBRA_JSON_H_INCLUDED_ */

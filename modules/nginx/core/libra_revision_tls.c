
#include <ctype.h>
#include <string.h>

#include "libra_pair.h"
#include "libra_reader.h"


static const char *const  libra_certificate_members[] =
    { "host", "certificate", "key", NULL };


/* the certificate in force with the same chain; NULL: there is none */

static const libra_certificate_t *
libra_in_force(const libra_snapshot_t *previous, json_t *chain)
{
    uint32_t                    i;
    const libra_certificate_t  *certificate;

    if (previous == NULL || !json_is_string(chain)) {
        return NULL;
    }

    certificate = libra_certificates(previous);

    for (i = 0; i < previous->ncertificates; i++) {

        if (certificate[i].chain.n == json_string_length(chain)
            && memcmp(libra_texts(previous) + certificate[i].chain.first,
                      json_string_value(chain), certificate[i].chain.n)
               == 0)
        {
            return &certificate[i];
        }
    }

    return NULL;
}


/* a key that is not given is that of the certificate in force */

static void
libra_key_text(const libra_snapshot_t *previous, json_t *value,
    const char **text, size_t *len)
{
    json_t                     *key;
    const libra_certificate_t  *same;

    key = json_object_get(value, "key");

    if (key) {
        *text = json_string_value(key);
        *len = json_string_length(key);
        return;
    }

    same = libra_in_force(previous, json_object_get(value, "certificate"));

    *text = same ? libra_texts(previous) + same->key.first : NULL;
    *len = same ? same->key.n : 0;
}


void
libra_count_certificates(const libra_snapshot_t *previous, json_t *lb,
    libra_snapshot_t *counts)
{
    size_t       i, len;
    json_t      *list, *value;
    const char  *text;

    list = json_object_get(lb, "certificates");

    json_array_foreach(list, i, value) {
        libra_key_text(previous, value, &text, &len);

        counts->ncertificates++;
        counts->ntexts += json_string_length(json_object_get(value,
                                                             "certificate"))
                          + len;
    }
}


static void
libra_add_text(libra_reader_t *reader, libra_range_t *range, const char *text,
    size_t len)
{
    range->first = reader->ntexts;
    range->n = (uint32_t) len;

    memcpy(libra_texts(reader->snapshot) + range->first, text, len);
    reader->ntexts += range->n;
}


static void
libra_read_host(libra_json_t *json, libra_certificate_t *first,
    libra_certificate_t *certificate)
{
    char                 *p;
    libra_certificate_t  *other;

    libra_json_text(json, "host", certificate->host,
                    sizeof(certificate->host));

    for (p = certificate->host; *p; p++) {
        *p = (char) tolower((unsigned char) *p);
    }

    for (other = first; other < certificate; other++) {
        if (strcmp(other->host, certificate->host) == 0) {
            libra_json_bad(json, "host", "is there twice");
        }
    }
}


/* one that is in force was tried before */

static void
libra_try_out(libra_reader_t *reader, libra_json_t *json, json_t *chain,
    const libra_certificate_t *certificate)
{
    const char                 *why;
    libra_pair_t                pair;
    const libra_certificate_t  *same;

    same = libra_in_force(reader->previous, chain);

    if (same && libra_pair_same(reader->previous, same, reader->snapshot,
                                certificate))
    {
        return;
    }

    why = libra_pair_read(&pair, reader->snapshot, certificate);

    if (why) {
        libra_json_bad(json, "certificate", why);
        return;
    }

    libra_pair_free(&pair);
}


static void
libra_read_certificate(libra_reader_t *reader, libra_json_t *json,
    libra_certificate_t *first, json_t *value)
{
    size_t                len;
    json_t               *chain;
    const char           *key;
    libra_certificate_t  *certificate;

    certificate = libra_certificates(reader->snapshot)
                  + reader->ncertificates++;

    libra_json_only(json, libra_certificate_members);
    libra_read_host(json, first, certificate);

    if (json->error->status != 0) {
        return;
    }

    chain = json_object_get(value, "certificate");
    libra_key_text(reader->previous, value, &key, &len);

    if (!json_is_string(chain) || key == NULL
        || json_string_length(chain) > LIBRA_PEM_SIZE || len > LIBRA_PEM_SIZE)
    {
        libra_json_bad(json, "certificate", "no text, none of the key, or "
                       "one that is too long");
        return;
    }

    libra_add_text(reader, &certificate->chain, json_string_value(chain),
                   json_string_length(chain));
    libra_add_text(reader, &certificate->key, key, len);

    libra_try_out(reader, json, chain, certificate);
}


void
libra_read_certificates(libra_reader_t *reader, libra_json_t *lb_json,
    libra_lb_t *lb)
{
    size_t                i;
    json_t               *list, *value;
    libra_json_t          json;
    libra_certificate_t  *first;

    list = libra_json_array(lb_json, "certificates");
    first = libra_certificates(reader->snapshot) + reader->ncertificates;

    lb->certificates.first = reader->ncertificates;
    lb->certificates.n = (uint32_t) json_array_size(list);

    json_array_foreach(list, i, value) {

        if (reader->error->status != 0) {
            return;
        }

        libra_json_open(&json, value, reader->error, "%.60s.certificates[%zu]",
                        lb_json->path, i);
        libra_read_certificate(reader, &json, first, value);
    }
}

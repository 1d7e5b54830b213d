
#ifndef _LIBRA_READER_H_INCLUDED_
#define _LIBRA_READER_H_INCLUDED_


#include "libra_json.h"
#include "libra_revision.h"


/* what a state becomes while it is read; the first error ends it */

typedef struct {
    libra_revision_t        *revision;
    libra_snapshot_t        *snapshot;
    const libra_snapshot_t  *previous;          /* NULL: the first one */
    libra_zone_t            *zone;
    libra_error_t           *error;
    uint8_t                  used[LIBRA_MAX_SLOTS];

    /* so far */
    uint32_t                 npeers, nlisteners, nrules, nsteps;
    uint32_t                 ncertificates, ntexts;
} libra_reader_t;


/* loadBalancers[i] */
void libra_read_lb(libra_reader_t *reader, size_t i, json_t *value);

/* its certificates; how many there will be, and how long their texts */
void libra_read_certificates(libra_reader_t *reader, libra_json_t *lb_json,
    libra_lb_t *lb);
void libra_count_certificates(const libra_snapshot_t *previous, json_t *lb,
    libra_snapshot_t *counts);


#endif /* _LIBRA_READER_H_INCLUDED_ */

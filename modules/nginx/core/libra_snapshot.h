
#ifndef _LIBRA_SNAPSHOT_H_INCLUDED_
#define _LIBRA_SNAPSHOT_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>

#include "libra_address.h"
#include "libra_limits.h"


/*
 * One revision of everything a device shall carry, in one block without
 * pointers: header, then the arrays.  Never changes once it was published.
 */

typedef enum {
    LIBRA_ROUND_ROBIN = 0,
    LIBRA_LEAST_CONNECTIONS,
    LIBRA_RANDOM
} libra_algorithm_e;

typedef enum {
    LIBRA_NOT_STICKY = 0,
    LIBRA_STICKY_SOURCE,
    LIBRA_STICKY_COOKIE
} libra_persistence_e;

typedef struct {
    uint32_t  first;
    uint32_t  n;
} libra_range_t;

/* Per client address; zero is no limit. */
typedef struct {
    uint32_t  max_connections;
    uint32_t  min_connections;          /* up to so many the rate is free */
    uint32_t  max_rate;                 /* new ones in an interval */
    uint32_t  interval;                 /* seconds */
} libra_throttle_t;

typedef struct {
    char              id[LIBRA_ID_SIZE];
    char              server[LIBRA_SERVER_SIZE];    /* see libra_listen */
    uint32_t          slot;
    uint32_t          algorithm;
    uint32_t          persistence;
    uint32_t          max_fails;        /* 0: failures are not counted */
    uint32_t          fail_timeout;     /* seconds */
    uint32_t          redirect;         /* HTTP: secure port, 0: none */
    libra_throttle_t  throttle;
    libra_range_t     certificates;
    libra_range_t     peers;
    libra_range_t     rules;
    libra_range_t     steps[2];         /* of primaries, of backups */
} libra_lb_t;

typedef struct {
    libra_address_t   address;
    char              server[LIBRA_SERVER_SIZE];    /* the LB's, or its own */
    uint32_t          lb;               /* index */
} libra_listener_t;

typedef struct {
    char              host[LIBRA_HOST_SIZE];        /* "": any other one */
    libra_range_t     chain;            /* of the texts: PEM, its own first */
    libra_range_t     key;
} libra_certificate_t;

typedef struct {
    char              id[LIBRA_ID_SIZE];
    libra_address_t   address;
    uint32_t          slot;
    uint32_t          weight;
    uint32_t          backup;
    uint32_t          drain;            /* no new clients */
    uint64_t          key;              /* names it to sticky clients */
} libra_peer_t;

typedef struct {
    uint64_t          seq;              /* of the publication, set by it */
    uint64_t          revision;         /* of the caller */
    uint32_t          size;
    uint32_t          nlbs;
    uint32_t          nlisteners;
    uint32_t          npeers;
    uint32_t          nrules;
    uint32_t          nsteps;
    uint32_t          ncertificates;
    uint32_t          nnote;            /* bytes */
    uint32_t          ntexts;           /* bytes */
    uint32_t          pad;
} libra_snapshot_t;


size_t libra_snapshot_size(const libra_snapshot_t *counts);

/*
 * The arrays, in the order of their alignment; here, since every request walks
 * them.  No NUL follows the note, nor the texts.
 */

#define libra_after(type, array, n)  ((type *) (void *) ((array) + (n)))
#define libra_even(n)                (((size_t) (n) + 1) & ~(size_t) 1)

static inline libra_peer_t *
libra_peers(const libra_snapshot_t *snapshot)
{
    return libra_after(libra_peer_t, (libra_snapshot_t *) snapshot, 1);
}

static inline libra_lb_t *
libra_lbs(const libra_snapshot_t *snapshot)
{
    return libra_after(libra_lb_t, libra_peers(snapshot), snapshot->npeers);
}

static inline libra_listener_t *
libra_listeners(const libra_snapshot_t *snapshot)
{
    return libra_after(libra_listener_t, libra_lbs(snapshot), snapshot->nlbs);
}

static inline libra_certificate_t *
libra_certificates(const libra_snapshot_t *snapshot)
{
    return libra_after(libra_certificate_t, libra_listeners(snapshot),
                       snapshot->nlisteners);
}

static inline libra_rule_t *
libra_rules(const libra_snapshot_t *snapshot)
{
    return libra_after(libra_rule_t, libra_certificates(snapshot),
                       snapshot->ncertificates);
}

static inline char *
libra_note(const libra_snapshot_t *snapshot)
{
    return libra_after(char, libra_rules(snapshot), snapshot->nrules);
}

static inline char *
libra_texts(const libra_snapshot_t *snapshot)
{
    return libra_note(snapshot) + libra_even(snapshot->nnote);
}

static inline uint16_t *
libra_steps(const libra_snapshot_t *snapshot)
{
    return libra_after(uint16_t, libra_texts(snapshot),
                       libra_even(snapshot->ntexts));
}


/* NULL if there is none */
const libra_lb_t *libra_find_lb(const libra_snapshot_t *snapshot,
    const char *id, size_t len);
const libra_peer_t *libra_find_peer(const libra_snapshot_t *snapshot,
    const libra_lb_t *lb, const char *id);
const libra_listener_t *libra_find_listener(const libra_snapshot_t *snapshot,
    const char *name);

/*
 * What an LB shows to a client that asks for `host` (NULL: for none): its
 * certificate, that of "*." and what follows the first label, or the one for
 * all others.
 */
const libra_certificate_t *libra_find_certificate(
    const libra_snapshot_t *snapshot, const libra_lb_t *lb, const char *host);

/* Whether both mean the same, whatever their publication. */
int libra_snapshot_same(const libra_snapshot_t *one,
    const libra_snapshot_t *two);

/*
 * The order in which weighted peers take turns, as spread out as nginx's own:
 * fills `steps` with indices into `weights` and returns how many, at most
 * LIBRA_MAX_STEPS + n.  Without room (NULL) it only counts.
 */
uint32_t libra_spread(const uint32_t *weights, uint32_t n, uint16_t *steps);


#endif /* _LIBRA_SNAPSHOT_H_INCLUDED_ */

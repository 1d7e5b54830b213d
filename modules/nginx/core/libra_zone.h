
#ifndef _LIBRA_ZONE_H_INCLUDED_
#define _LIBRA_ZONE_H_INCLUDED_


#include <stdint.h>
#include <sys/types.h>

#include "libra_limits.h"
#include "libra_snapshot.h"


/*
 * The memory all workers share: a memfd, so that it outlives a worker, a
 * reload and the change of the binary.  It holds the published snapshot and
 * what changes with every request.
 *
 * Readers never lock: a process copies the published snapshot when its
 * sequence number moved, and keeps a copy as long as somebody holds it.  One
 * writer at a time owns libra_zone_lock(), a lock the kernel takes back when
 * the writer dies; half-written snapshots were never published.
 *
 * Each worker counts in a lane of its own, readers sum the lanes.  A worker
 * that comes clears the gauges of those that died, so a kill leaks nothing.
 */

typedef struct {
    int64_t   active;                   /* a gauge, the others only grow */
    uint64_t  total;
    uint64_t  failed;
    uint64_t  received;
    uint64_t  sent;
    uint64_t  denied;                   /* by the access list */
    uint64_t  throttled;
    uint64_t  requests;
} libra_cell_t;                         /* a cache line */

/* one client address, throttled by one LB */
typedef struct {
    uint64_t  key;
    uint32_t  active;
    uint32_t  count;                    /* in this interval */
    uint64_t  until;                    /* ms: its end */
} libra_client_t;

typedef struct {
    int32_t   pid;
    uint32_t  leaving;                  /* finishes its connections */
    uint64_t  applied;                  /* the seq it carries */
} libra_worker_t;

/* what all workers change */
typedef struct {
    uint64_t  cursor;                   /* LB: of round robin */
    uint64_t  suspect_until;            /* peer: ms, after max_fails */
    uint32_t  fails;                    /* peer: in a row */
    uint32_t  down;                     /* peer: as health checks said */
    uint64_t  pad[5];
} libra_slot_t;

typedef struct libra_shared_s  libra_shared_t;

/* Of one process. */
typedef struct {
    int                      fd;
    int                      lane;      /* -1: counts nothing */
    uint64_t                 random;
    libra_shared_t          *shared;
    const libra_snapshot_t  *current;   /* held */
} libra_zone_t;


/* -1 with errno */
int libra_zone_create(libra_zone_t *zone);

/* -1 if `fd` is no zone of this layout; it is left open */
int libra_zone_attach(libra_zone_t *zone, int fd);

/* Of this process only; whoever else has it goes on. */
void libra_zone_close(libra_zone_t *zone);

/* Takes a lane for this process, mends those of the dead; -1: none is free. */
int libra_zone_enter(libra_zone_t *zone);

uint64_t libra_zone_boot(const libra_zone_t *zone);   /* random, of its birth */
uint64_t libra_zone_seq(const libra_zone_t *zone);    /* 0: nothing published */

/* -1: another process is the writer now */
int libra_zone_lock(libra_zone_t *zone);
void libra_zone_unlock(libra_zone_t *zone);

/*
 * By the writer only.  `snapshot` was made by libra_revision_read() under the
 * same lock; it is copied.
 */
void libra_zone_publish(libra_zone_t *zone, const libra_snapshot_t *snapshot);

/*
 * The published snapshot; NULL before the first.  Valid until the next call,
 * or until the release of a hold.
 */
const libra_snapshot_t *libra_zone_current(libra_zone_t *zone);
const libra_snapshot_t *libra_hold(const libra_snapshot_t *snapshot);
void libra_release(const libra_snapshot_t *snapshot);

/*
 * Every LB and every peer has a slot; those of LBs are below LIBRA_MAX_LBS.
 * libra_take_slot() finds one in [first, end) which `used` does not name (it
 * then does) and no connection counts in, and clears what was counted before.
 * By the writer only; -1: there is none.
 */
int libra_take_slot(libra_zone_t *zone, int first, int end, uint8_t *used);
libra_slot_t *libra_slot(const libra_zone_t *zone, uint32_t slot);

/* This process counts here; only with a lane. */
libra_cell_t *libra_cell(const libra_zone_t *zone, uint32_t slot);

/* one process writes a cell, many read it: no locked instruction */

static inline void
libra_count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void
libra_gauge(libra_cell_t *cell, int64_t n)
{
    __atomic_store_n(&cell->active, cell->active + n, __ATOMIC_RELAXED);
}

/* Over all lanes, since the slot was taken. */
void libra_sum(const libra_zone_t *zone, uint32_t slot, libra_cell_t *sum);
int64_t libra_active(const libra_zone_t *zone, uint32_t slot);

/* The buckets of lane `i` a client's key may be in; how many at *n. */
libra_client_t *libra_clients(const libra_zone_t *zone, int lane, uint64_t key,
    uint32_t *n);

/* Lanes ever used; what the i-th holds, 0 if its worker is dead. */
int libra_lanes(const libra_zone_t *zone);
int libra_worker(const libra_zone_t *zone, int lane, libra_worker_t *worker);
void libra_worker_applied(libra_zone_t *zone, uint64_t seq);
void libra_worker_leaves(libra_zone_t *zone);


#endif /* _LIBRA_ZONE_H_INCLUDED_ */

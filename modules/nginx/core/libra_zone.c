
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libra_zone.h"


#define LIBRA_MAGIC        0x314152424c58474eULL        /* "NGXLBRA1" */
#define LIBRA_WRITER       LIBRA_MAX_LANES              /* byte it locks */
#define LIBRA_BUCKET       4


typedef struct {
    libra_cell_t       cells[LIBRA_MAX_SLOTS];
    libra_client_t     clients[LIBRA_MAX_CLIENTS];
} libra_lane_t;


struct libra_shared_s {
    uint64_t           magic;
    uint64_t           size;                            /* of this struct */
    uint64_t           boot;
    uint64_t           seq;
    int32_t            lanes_used;

    libra_worker_t     workers[LIBRA_MAX_LANES];

    libra_slot_t       slots[LIBRA_MAX_SLOTS];
    libra_cell_t       base[LIBRA_MAX_SLOTS];   /* when the slot was taken */
    libra_lane_t       lanes[LIBRA_MAX_LANES];

    /* the published one is arena[seq % 2] */
    uint8_t            arena[2][LIBRA_ARENA_SIZE]
                           __attribute__((aligned(8)));
};


typedef struct {
    uint64_t           holders;
    libra_snapshot_t   snapshot[];
} libra_held_t;


static int
libra_zone_map(libra_zone_t *zone, int fd)
{
    void  *p;

    p = mmap(NULL, sizeof(libra_shared_t), PROT_READ|PROT_WRITE, MAP_SHARED,
             fd, 0);

    if (p == MAP_FAILED) {
        return -1;
    }

    memset(zone, 0, sizeof(libra_zone_t));

    zone->fd = fd;
    zone->lane = -1;
    zone->shared = p;

    return 0;
}


int
libra_zone_create(libra_zone_t *zone)
{
    int       fd;
    uint64_t  boot;

    /* no close-on-exec: a new binary finds it open */

    fd = memfd_create("libra", 0);

    if (fd == -1) {
        return -1;
    }

    if (ftruncate(fd, sizeof(libra_shared_t)) != 0
        || getrandom(&boot, sizeof(boot), 0) != sizeof(boot)
        || libra_zone_map(zone, fd) != 0)
    {
        close(fd);
        return -1;
    }

    zone->shared->size = sizeof(libra_shared_t);
    zone->shared->boot = boot;
    zone->shared->magic = LIBRA_MAGIC;

    return 0;
}


int
libra_zone_attach(libra_zone_t *zone, int fd)
{
    struct stat  st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)
        || st.st_size != sizeof(libra_shared_t)
        || libra_zone_map(zone, fd) != 0)
    {
        return -1;
    }

    if (zone->shared->magic != LIBRA_MAGIC
        || zone->shared->size != sizeof(libra_shared_t))
    {
        munmap(zone->shared, sizeof(libra_shared_t));
        return -1;
    }

    return 0;
}


void
libra_zone_close(libra_zone_t *zone)
{
    if (zone->current) {
        libra_release(zone->current);
    }

    munmap(zone->shared, sizeof(libra_shared_t));
    close(zone->fd);

    zone->current = NULL;
    zone->fd = -1;
}


uint64_t
libra_zone_boot(const libra_zone_t *zone)
{
    return zone->shared->boot;
}


uint64_t
libra_zone_seq(const libra_zone_t *zone)
{
    return __atomic_load_n(&zone->shared->seq, __ATOMIC_ACQUIRE);
}


/*
 * Record locks belong to a process: the kernel drops them at its death, and
 * a child does not inherit them.
 */

static int
libra_record(const libra_zone_t *zone, int command, int type, int byte)
{
    struct flock  lock;

    memset(&lock, 0, sizeof(lock));

    lock.l_type = (short) type;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;

    if (fcntl(zone->fd, command, &lock) != 0) {
        return -1;
    }

    return lock.l_type;
}


int
libra_zone_lock(libra_zone_t *zone)
{
    return libra_record(zone, F_SETLK, F_WRLCK, LIBRA_WRITER) == -1 ? -1 : 0;
}


void
libra_zone_unlock(libra_zone_t *zone)
{
    (void) libra_record(zone, F_SETLK, F_UNLCK, LIBRA_WRITER);
}


static void
libra_lane_clear(libra_zone_t *zone, int i)
{
    int            k;
    libra_lane_t  *lane;

    lane = &zone->shared->lanes[i];

    for (k = 0; k < LIBRA_MAX_SLOTS; k++) {
        __atomic_store_n(&lane->cells[k].active, 0, __ATOMIC_RELAXED);
    }

    memset(lane->clients, 0, sizeof(lane->clients));
    memset(&zone->shared->workers[i], 0, sizeof(libra_worker_t));
}


static int
libra_lane_take(libra_zone_t *zone, int i)
{
    int32_t  used;

    if (libra_record(zone, F_SETLK, F_WRLCK, i) == -1) {
        return -1;
    }

    libra_lane_clear(zone, i);

    used = __atomic_load_n(&zone->shared->lanes_used, __ATOMIC_RELAXED);

    while (used <= i
           && !__atomic_compare_exchange_n(&zone->shared->lanes_used, &used,
                                           i + 1, 0, __ATOMIC_ACQ_REL,
                                           __ATOMIC_RELAXED))
    {
        /* void */
    }

    return 0;
}


int
libra_zone_enter(libra_zone_t *zone)
{
    int  i;

    for (i = 0; i < LIBRA_MAX_LANES; i++) {

        if (zone->lane != -1 && i >= libra_lanes(zone)) {
            break;
        }

        if (libra_lane_take(zone, i) != 0) {
            continue;
        }

        if (zone->lane == -1) {
            zone->lane = i;
            continue;
        }

        /* of a dead worker, and we need only one */

        (void) libra_record(zone, F_SETLK, F_UNLCK, i);
    }

    if (zone->lane == -1) {
        return -1;
    }

    zone->random = libra_hash(&zone->lane, sizeof(int), (uint64_t) getpid());
    zone->shared->workers[zone->lane].pid = getpid();

    return 0;
}


void
libra_zone_publish(libra_zone_t *zone, const libra_snapshot_t *snapshot)
{
    uint64_t           seq;
    libra_snapshot_t  *place;

    seq = zone->shared->seq + 1;
    place = (libra_snapshot_t *) (void *) zone->shared->arena[seq % 2];

    memcpy(place, snapshot, snapshot->size);
    place->seq = seq;

    __atomic_store_n(&zone->shared->seq, seq, __ATOMIC_RELEASE);
}


const libra_snapshot_t *
libra_hold(const libra_snapshot_t *snapshot)
{
    libra_held_t  *held;

    held = (libra_held_t *) ((char *) snapshot
                             - offsetof(libra_held_t, snapshot));
    held->holders++;

    return snapshot;
}


void
libra_release(const libra_snapshot_t *snapshot)
{
    libra_held_t  *held;

    held = (libra_held_t *) ((char *) snapshot
                             - offsetof(libra_held_t, snapshot));

    if (--held->holders == 0) {
        explicit_bzero(held->snapshot, held->snapshot->size);
        free(held);
    }
}


static libra_held_t *
libra_zone_copy(const libra_zone_t *zone, uint64_t seq)
{
    size_t                   size;
    libra_held_t            *held;
    const libra_snapshot_t  *place;

    place = (const void *) zone->shared->arena[seq % 2];
    size = place->size;

    if (size < sizeof(libra_snapshot_t) || size > LIBRA_ARENA_SIZE) {
        return NULL;
    }

    held = malloc(sizeof(libra_held_t) + size);

    if (held != NULL) {
        held->holders = 1;
        memcpy(held->snapshot, place, size);
    }

    return held;
}


const libra_snapshot_t *
libra_zone_current(libra_zone_t *zone)
{
    uint64_t       seq;
    libra_held_t  *held;

    for ( ;; ) {
        seq = libra_zone_seq(zone);

        if (seq == 0 || (zone->current && zone->current->seq == seq)) {
            return zone->current;
        }

        held = libra_zone_copy(zone, seq);

        __atomic_thread_fence(__ATOMIC_ACQUIRE);

        /* a writer fills the other arena, and this one only after that */

        if (libra_zone_seq(zone) == seq) {
            break;
        }

        free(held);
    }

    /* out of memory: the last one serves until the next request asks again */

    if (held != NULL) {
        if (zone->current) {
            libra_release(zone->current);
        }

        zone->current = held->snapshot;
    }

    return zone->current;
}


int
libra_lanes(const libra_zone_t *zone)
{
    return __atomic_load_n(&zone->shared->lanes_used, __ATOMIC_ACQUIRE);
}


int
libra_worker(const libra_zone_t *zone, int lane, libra_worker_t *worker)
{
    /* our own lock does not stand in our way, and is not shown */

    if (lane != zone->lane
        && libra_record(zone, F_GETLK, F_WRLCK, lane) == F_UNLCK)
    {
        return 0;
    }

    worker->pid = zone->shared->workers[lane].pid;
    worker->leaving = __atomic_load_n(&zone->shared->workers[lane].leaving,
                                      __ATOMIC_ACQUIRE);
    worker->applied = __atomic_load_n(&zone->shared->workers[lane].applied,
                                      __ATOMIC_ACQUIRE);
    return 1;
}


void
libra_worker_applied(libra_zone_t *zone, uint64_t seq)
{
    __atomic_store_n(&zone->shared->workers[zone->lane].applied, seq,
                     __ATOMIC_RELEASE);
}


void
libra_worker_leaves(libra_zone_t *zone)
{
    __atomic_store_n(&zone->shared->workers[zone->lane].leaving, 1,
                     __ATOMIC_RELEASE);
}


libra_cell_t *
libra_cell(const libra_zone_t *zone, uint32_t slot)
{
    return &zone->shared->lanes[zone->lane].cells[slot];
}


libra_client_t *
libra_clients(const libra_zone_t *zone, int lane, uint64_t key, uint32_t *n)
{
    *n = LIBRA_BUCKET;

    return &zone->shared->lanes[lane].clients[key % (LIBRA_MAX_CLIENTS
                                                     / LIBRA_BUCKET)
                                              * LIBRA_BUCKET];
}


static void
libra_add_cell(libra_cell_t *sum, const libra_cell_t *cell)
{
    sum->active += __atomic_load_n(&cell->active, __ATOMIC_RELAXED);
    sum->total += __atomic_load_n(&cell->total, __ATOMIC_RELAXED);
    sum->failed += __atomic_load_n(&cell->failed, __ATOMIC_RELAXED);
    sum->received += __atomic_load_n(&cell->received, __ATOMIC_RELAXED);
    sum->sent += __atomic_load_n(&cell->sent, __ATOMIC_RELAXED);
    sum->denied += __atomic_load_n(&cell->denied, __ATOMIC_RELAXED);
    sum->throttled += __atomic_load_n(&cell->throttled, __ATOMIC_RELAXED);
    sum->requests += __atomic_load_n(&cell->requests, __ATOMIC_RELAXED);
}


static void
libra_less_base(libra_cell_t *sum, const libra_cell_t *base)
{
    sum->total -= base->total;
    sum->failed -= base->failed;
    sum->received -= base->received;
    sum->sent -= base->sent;
    sum->denied -= base->denied;
    sum->throttled -= base->throttled;
    sum->requests -= base->requests;
}


static void
libra_raw_sum(const libra_zone_t *zone, uint32_t slot, libra_cell_t *sum)
{
    int  i;

    memset(sum, 0, sizeof(libra_cell_t));

    for (i = 0; i < libra_lanes(zone); i++) {
        libra_add_cell(sum, &zone->shared->lanes[i].cells[slot]);
    }
}


void
libra_sum(const libra_zone_t *zone, uint32_t slot, libra_cell_t *sum)
{
    libra_raw_sum(zone, slot, sum);
    libra_less_base(sum, &zone->shared->base[slot]);
}


int64_t
libra_active(const libra_zone_t *zone, uint32_t slot)
{
    int      i;
    int64_t  active;

    for (i = 0, active = 0; i < libra_lanes(zone); i++) {
        active += __atomic_load_n(&zone->shared->lanes[i].cells[slot].active,
                                  __ATOMIC_RELAXED);
    }

    return active;
}


int
libra_take_slot(libra_zone_t *zone, int first, int end, uint8_t *used)
{
    int           i;
    libra_cell_t  sum;

    for (i = first; i < end; i++) {

        if (used[i] || libra_active(zone, i) != 0) {
            continue;
        }

        libra_raw_sum(zone, i, &sum);

        used[i] = 1;
        zone->shared->base[i] = sum;
        memset(&zone->shared->slots[i], 0, sizeof(libra_slot_t));

        return i;
    }

    return -1;
}


libra_slot_t *
libra_slot(const libra_zone_t *zone, uint32_t slot)
{
    return &zone->shared->slots[slot];
}

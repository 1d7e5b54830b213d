
#define _GNU_SOURCE

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "libra_shared.h"


#define LIBRA_BUCKET  4


/*
 * Record locks belong to a process: the kernel drops them at its death, and
 * a child does not inherit them.
 */

int
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


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

#include "libra_shared.h"


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

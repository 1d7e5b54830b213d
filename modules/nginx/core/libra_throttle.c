
#include <stddef.h>

#include "libra_throttle.h"


typedef struct {
    uint32_t  active;
    uint32_t  count;
} libra_load_t;


static libra_client_t *
libra_client_find(const libra_zone_t *zone, int lane, uint64_t key)
{
    uint32_t         i, n;
    libra_client_t  *client;

    client = libra_clients(zone, lane, key, &n);

    for (i = 0; i < n; i++) {
        if (__atomic_load_n(&client[i].key, __ATOMIC_RELAXED) == key) {
            return &client[i];
        }
    }

    return NULL;
}


/* its own entry, or one nobody needs any more */

static libra_client_t *
libra_client_take(const libra_zone_t *zone, uint64_t key, uint64_t now)
{
    uint32_t         i, n;
    libra_client_t  *client;

    client = libra_client_find(zone, zone->lane, key);

    if (client) {
        return client;
    }

    client = libra_clients(zone, zone->lane, key, &n);

    for (i = 0; i < n; i++) {

        if (client[i].active == 0 && client[i].until <= now) {
            client[i].count = 0;
            __atomic_store_n(&client[i].key, key, __ATOMIC_RELEASE);

            return &client[i];
        }
    }

    return NULL;
}


static libra_load_t
libra_client_load(const libra_zone_t *zone, uint64_t key, uint64_t until)
{
    int                    i;
    libra_load_t           load;
    const libra_client_t  *client;

    load.active = 0;
    load.count = 0;

    for (i = 0; i < libra_lanes(zone); i++) {
        client = libra_client_find(zone, i, key);

        if (client == NULL) {
            continue;
        }

        load.active += __atomic_load_n(&client->active, __ATOMIC_RELAXED);

        if (__atomic_load_n(&client->until, __ATOMIC_RELAXED) == until) {
            load.count += __atomic_load_n(&client->count, __ATOMIC_RELAXED);
        }
    }

    return load;
}


int
libra_throttle_enter(libra_zone_t *zone, const libra_lb_t *lb,
    uint64_t client, uint64_t now, libra_client_t **entry)
{
    uint64_t                 key, length, until;
    libra_load_t             load;
    libra_client_t          *own;
    const libra_throttle_t  *limit;

    limit = &lb->throttle;
    *entry = NULL;

    if (client == 0 || !libra_is_throttled(lb)) {
        return 1;
    }

    length = limit->interval * 1000ULL;
    until = now - now % length + length;
    key = libra_hash(&client, sizeof(client), lb->slot + 1);
    load = libra_client_load(zone, key, until);

    if (limit->max_connections && load.active >= limit->max_connections) {
        return 0;
    }

    if (limit->max_rate && load.active >= limit->min_connections
        && load.count >= limit->max_rate)
    {
        return 0;
    }

    own = libra_client_take(zone, key, now);

    if (own == NULL) {
        return 1;
    }

    if (own->until != until) {
        __atomic_store_n(&own->count, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&own->until, until, __ATOMIC_RELAXED);
    }

    __atomic_store_n(&own->count, own->count + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&own->active, own->active + 1, __ATOMIC_RELAXED);
    *entry = own;

    return 1;
}


void
libra_throttle_leave(libra_client_t *entry)
{
    __atomic_store_n(&entry->active, entry->active - 1, __ATOMIC_RELAXED);
}

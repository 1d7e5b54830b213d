
#include <math.h>
#include <stddef.h>

#include "libra_balance.h"


#define LIBRA_PRIMARY    0
#define LIBRA_BACKUP     1


typedef struct {
    int  rank;
    int  suspects;              /* take those too */
} libra_pass_t;

typedef const libra_peer_t *(*libra_method_pt)(libra_zone_t *zone,
    const libra_choice_t *choice, const libra_pass_t *pass);


static int
libra_usable(libra_zone_t *zone, const libra_choice_t *choice,
    const libra_pass_t *pass, uint32_t i)
{
    libra_slot_t        *slot;
    const libra_peer_t  *peer;

    peer = libra_peers(choice->snapshot) + choice->lb->peers.first + i;

    if (choice->tried[i] || peer->drain
        || (int) peer->backup != pass->rank)
    {
        return 0;
    }

    slot = libra_slot(zone, peer->slot);

    if (__atomic_load_n(&slot->down, __ATOMIC_RELAXED)) {
        return 0;
    }

    return pass->suspects
           || __atomic_load_n(&slot->suspect_until, __ATOMIC_RELAXED)
              <= choice->now;
}


static const libra_peer_t *
libra_round_robin(libra_zone_t *zone, const libra_choice_t *choice,
    const libra_pass_t *pass)
{
    uint16_t             i;
    uint32_t             n, turn;
    uint64_t            *cursor;
    const uint16_t      *steps;
    const libra_peer_t  *peer;

    peer = libra_peers(choice->snapshot) + choice->lb->peers.first;
    steps = libra_steps(choice->snapshot)
            + choice->lb->steps[pass->rank].first;
    n = choice->lb->steps[pass->rank].n;
    cursor = &libra_slot(zone, choice->lb->slot)->cursor;

    /*
     * A peer that is passed over costs a turn of the cursor, so what was its
     * share falls to all others and not to its successor alone.
     */

    for (turn = 0; turn < n; turn++) {
        i = steps[__atomic_fetch_add(cursor, 1, __ATOMIC_RELAXED) % n];

        if (libra_usable(zone, choice, pass, i)) {
            return &peer[i];
        }
    }

    /* other workers turned the cursor too */

    for (turn = 0; turn < n; turn++) {
        if (libra_usable(zone, choice, pass, steps[turn])) {
            return &peer[steps[turn]];
        }
    }

    return NULL;
}


static const libra_peer_t *
libra_less_loaded(libra_zone_t *zone, const libra_peer_t *one,
    const libra_peer_t *two)
{
    if (one == NULL) {
        return two;
    }

    return libra_active(zone, two->slot) * one->weight
           < libra_active(zone, one->slot) * two->weight ? two : one;
}


static const libra_peer_t *
libra_least_connections(libra_zone_t *zone, const libra_choice_t *choice,
    const libra_pass_t *pass)
{
    uint32_t             i, k, n;
    uint64_t             first;
    const libra_peer_t  *peer, *best;

    peer = libra_peers(choice->snapshot) + choice->lb->peers.first;
    n = choice->lb->peers.n;
    best = NULL;

    /* among equals in turn */

    first = __atomic_fetch_add(&libra_slot(zone, choice->lb->slot)->cursor, 1,
                               __ATOMIC_RELAXED);

    for (k = 0; k < n; k++) {
        i = (uint32_t) ((first + k) % n);

        if (libra_usable(zone, choice, pass, i)) {
            best = libra_less_loaded(zone, best, &peer[i]);
        }
    }

    return best;
}


static uint64_t
libra_random(libra_zone_t *zone)
{
    zone->random += 0x9e3779b97f4a7c15ULL;

    return libra_hash(&zone->random, sizeof(uint64_t), 0);
}


/* two by chance (and weight), of these the less loaded */

static const libra_peer_t *
libra_two_choices(libra_zone_t *zone, const libra_choice_t *choice,
    const libra_pass_t *pass)
{
    int                  draw, found;
    uint16_t             i;
    uint32_t             n;
    const uint16_t      *steps;
    const libra_peer_t  *peer, *best;

    peer = libra_peers(choice->snapshot) + choice->lb->peers.first;
    steps = libra_steps(choice->snapshot)
            + choice->lb->steps[pass->rank].first;
    n = choice->lb->steps[pass->rank].n;
    best = NULL;

    for (draw = 0, found = 0; n != 0 && draw < 20 && found < 2; draw++) {
        i = steps[libra_random(zone) % n];

        if (!libra_usable(zone, choice, pass, i)) {
            continue;
        }

        found++;

        /* the weight had its say in the draw */

        if (best == NULL || libra_active(zone, peer[i].slot)
                            < libra_active(zone, best->slot))
        {
            best = &peer[i];
        }
    }

    return best ? best : libra_round_robin(zone, choice, pass);
}


/*
 * Rendezvous hashing: each client has its own order of all peers, so a peer
 * that goes moves its own clients only.
 */

static const libra_peer_t *
libra_source(libra_zone_t *zone, const libra_choice_t *choice,
    const libra_pass_t *pass)
{
    double               score, highest, chance;
    uint32_t             i;
    const libra_peer_t  *peer, *best;

    peer = libra_peers(choice->snapshot) + choice->lb->peers.first;
    best = NULL;
    highest = 0;

    for (i = 0; i < choice->lb->peers.n; i++) {

        if (!libra_usable(zone, choice, pass, i)) {
            continue;
        }

        chance = (double) (libra_hash(&peer[i].key, sizeof(uint64_t),
                                      choice->client) >> 11);
        score = -(double) peer[i].weight
                / log((chance + 1) / 9007199254740994.0);

        if (best == NULL || score > highest) {
            best = &peer[i];
            highest = score;
        }
    }

    return best;
}


static libra_method_pt
libra_method(const libra_choice_t *choice)
{
    if (choice->lb->persistence == LIBRA_STICKY_SOURCE && choice->client) {
        return libra_source;
    }

    switch (choice->lb->algorithm) {

    case LIBRA_LEAST_CONNECTIONS:
        return libra_least_connections;

    case LIBRA_RANDOM:
        return libra_two_choices;

    default:
        return libra_round_robin;
    }
}


/* the peer a client belongs to serves it also while it drains */

static const libra_peer_t *
libra_sticky(libra_zone_t *zone, const libra_choice_t *choice)
{
    uint32_t             i;
    const libra_peer_t  *peer;

    if (choice->sticky == 0) {
        return NULL;
    }

    peer = libra_peers(choice->snapshot) + choice->lb->peers.first;

    for (i = 0; i < choice->lb->peers.n; i++) {

        if (peer[i].key == choice->sticky) {
            return choice->tried[i]
                   || __atomic_load_n(&libra_slot(zone, peer[i].slot)->down,
                                      __ATOMIC_RELAXED)
                   ? NULL : &peer[i];
        }
    }

    return NULL;
}


const libra_peer_t *
libra_choose(libra_zone_t *zone, libra_choice_t *choice)
{
    libra_pass_t         pass;
    libra_cell_t        *cell;
    libra_method_pt      method;
    const libra_peer_t  *peer;

    peer = libra_sticky(zone, choice);
    method = libra_method(choice);

    for (pass.suspects = 0; peer == NULL && pass.suspects < 2;
         pass.suspects++)
    {
        for (pass.rank = LIBRA_PRIMARY;
             peer == NULL && pass.rank <= LIBRA_BACKUP;
             pass.rank++)
        {
            peer = method(zone, choice, &pass);
        }
    }

    if (peer == NULL) {
        return NULL;
    }

    choice->tried[peer - libra_peers(choice->snapshot)
                  - choice->lb->peers.first] = 1;

    cell = libra_cell(zone, peer->slot);
    libra_gauge(cell, 1);
    libra_count(&cell->total, 1);

    return peer;
}


void
libra_done(libra_zone_t *zone, const libra_choice_t *choice,
    const libra_peer_t *peer, int failed)
{
    uint64_t       until;
    libra_cell_t  *cell;
    libra_slot_t  *slot;

    cell = libra_cell(zone, peer->slot);
    slot = libra_slot(zone, peer->slot);

    libra_gauge(cell, -1);

    if (!failed) {

        if (__atomic_load_n(&slot->fails, __ATOMIC_RELAXED) != 0) {
            __atomic_store_n(&slot->fails, 0, __ATOMIC_RELAXED);
        }

        return;
    }

    libra_count(&cell->failed, 1);

    if (choice->lb->max_fails
        && __atomic_add_fetch(&slot->fails, 1, __ATOMIC_RELAXED)
           >= choice->lb->max_fails)
    {
        until = choice->now + choice->lb->fail_timeout * 1000ULL;
        __atomic_store_n(&slot->suspect_until, until, __ATOMIC_RELAXED);
        __atomic_store_n(&slot->fails, 0, __ATOMIC_RELAXED);
    }
}


#include <string.h>
#include <strings.h>

#include "libra_snapshot.h"


size_t
libra_snapshot_size(const libra_snapshot_t *counts)
{
    return sizeof(libra_snapshot_t)
           + counts->nlbs * sizeof(libra_lb_t)
           + counts->npeers * sizeof(libra_peer_t)
           + counts->nlisteners * sizeof(libra_listener_t)
           + counts->nrules * sizeof(libra_rule_t)
           + counts->ncertificates * sizeof(libra_certificate_t)
           + libra_even(counts->nnote)
           + libra_even(counts->ntexts)
           + counts->nsteps * sizeof(uint16_t);
}


const libra_lb_t *
libra_find_lb(const libra_snapshot_t *snapshot, const char *id, size_t len)
{
    uint32_t           i;
    const libra_lb_t  *lb;

    lb = libra_lbs(snapshot);

    for (i = 0; i < snapshot->nlbs; i++) {
        if (strlen(lb[i].id) == len && memcmp(lb[i].id, id, len) == 0) {
            return &lb[i];
        }
    }

    return NULL;
}


const libra_peer_t *
libra_find_peer(const libra_snapshot_t *snapshot, const libra_lb_t *lb,
    const char *id)
{
    uint32_t             i;
    const libra_peer_t  *peer;

    peer = libra_peers(snapshot) + lb->peers.first;

    for (i = 0; i < lb->peers.n; i++) {
        if (strcmp(peer[i].id, id) == 0) {
            return &peer[i];
        }
    }

    return NULL;
}


const libra_listener_t *
libra_find_listener(const libra_snapshot_t *snapshot, const char *name)
{
    uint32_t                 i;
    const libra_listener_t  *listener;

    listener = libra_listeners(snapshot);

    for (i = 0; i < snapshot->nlisteners; i++) {
        if (strcmp(listener[i].address.name, name) == 0) {
            return &listener[i];
        }
    }

    return NULL;
}


static int
libra_is_host(const libra_certificate_t *certificate, const char *host)
{
    const char  *rest;

    if (certificate->host[0] != '*') {
        return strcasecmp(certificate->host, host) == 0;
    }

    rest = strchr(host, '.');

    return rest && rest != host && strcasecmp(certificate->host + 1, rest) == 0;
}


const libra_certificate_t *
libra_find_certificate(const libra_snapshot_t *snapshot, const libra_lb_t *lb,
    const char *host)
{
    uint32_t                    i;
    const libra_certificate_t  *certificate, *wildcard, *other;

    certificate = libra_certificates(snapshot) + lb->certificates.first;
    wildcard = NULL;
    other = NULL;

    for (i = 0; i < lb->certificates.n; i++) {

        if (certificate[i].host[0] == '\0') {
            other = &certificate[i];

        } else if (host && libra_is_host(&certificate[i], host)) {

            if (certificate[i].host[0] != '*') {
                return &certificate[i];
            }

            wildcard = &certificate[i];
        }
    }

    return wildcard ? wildcard : other;
}


int
libra_snapshot_same(const libra_snapshot_t *one, const libra_snapshot_t *two)
{
    libra_snapshot_t  head;

    head = *one;
    head.seq = two->seq;

    return memcmp(&head, two, sizeof(head)) == 0
           && memcmp(one + 1, two + 1, one->size - sizeof(head)) == 0;
}


/* the share of a weight when all of them together fill LIBRA_MAX_STEPS */

static uint32_t
libra_share(uint32_t weight, uint32_t gcd, uint64_t total)
{
    uint64_t  share;

    if (total <= LIBRA_MAX_STEPS) {
        return weight / gcd;
    }

    share = (uint64_t) weight / gcd * LIBRA_MAX_STEPS / total;

    return share ? (uint32_t) share : 1;
}


uint32_t
libra_spread(const uint32_t *weights, uint32_t n, uint16_t *steps)
{
    int32_t   share[LIBRA_MAX_PEERS], current[LIBRA_MAX_PEERS];
    uint32_t  i, k, gcd, rest, best, count;
    uint64_t  total;

    for (i = 0, gcd = 0; i < n; i++) {
        for (k = weights[i]; k != 0; k = rest) {
            rest = gcd % k;
            gcd = k;
        }
    }

    for (i = 0, total = 0; i < n; i++) {
        total += weights[i] / gcd;
    }

    for (i = 0, count = 0; i < n; i++) {
        share[i] = libra_share(weights[i], gcd, total);
        current[i] = 0;
        count += share[i];
    }

    for (k = 0; steps != NULL && k < count; k++) {
        best = 0;

        for (i = 0; i < n; i++) {
            current[i] += share[i];

            if (current[i] > current[best]) {
                best = i;
            }
        }

        current[best] -= count;
        steps[k] = (uint16_t) best;
    }

    return count;
}

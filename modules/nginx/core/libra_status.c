
#include <string.h>

#include "libra_json.h"
#include "libra_status.h"


static const char *const  libra_health_root[] = { "health", NULL };

static const char *const  libra_health_members[] =
    { "loadBalancer", "peer", "up", NULL };


static json_t *
libra_status_peer(const libra_zone_t *zone, const libra_peer_t *peer,
    uint64_t now)
{
    libra_cell_t         sum;
    const libra_slot_t  *slot;

    libra_sum(zone, peer->slot, &sum);
    slot = libra_slot(zone, peer->slot);

    return json_pack("{s:s, s:s, s:b, s:b, s:b, s:I, s:I, s:I}",
                     "id", peer->id,
                     "address", peer->address.name,
                     "up", __atomic_load_n(&slot->down,
                                           __ATOMIC_RELAXED) == 0,
                     "suspect", __atomic_load_n(&slot->suspect_until,
                                                __ATOMIC_RELAXED) > now,
                     "drain", (int) peer->drain,
                     "active", (json_int_t) sum.active,
                     "total", (json_int_t) sum.total,
                     "failed", (json_int_t) sum.failed);
}


static json_t *
libra_status_lb(const libra_zone_t *zone, const libra_snapshot_t *snapshot,
    const libra_lb_t *lb, uint64_t now)
{
    json_t              *peers;
    uint32_t             i;
    libra_cell_t         sum;
    const libra_peer_t  *peer;

    peers = json_array();
    peer = libra_peers(snapshot) + lb->peers.first;

    for (i = 0; i < lb->peers.n; i++) {
        json_array_append_new(peers, libra_status_peer(zone, &peer[i], now));
    }

    libra_sum(zone, lb->slot, &sum);

    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
                     "id", lb->id,
                     "active", (json_int_t) sum.active,
                     "connections", (json_int_t) sum.total,
                     "requests", (json_int_t) sum.requests,
                     "received", (json_int_t) sum.received,
                     "sent", (json_int_t) sum.sent,
                     "denied", (json_int_t) sum.denied,
                     "throttled", (json_int_t) sum.throttled,
                     "peers", peers);
}


static json_t *
libra_status_workers(const libra_zone_t *zone)
{
    int              i;
    json_t          *workers;
    libra_worker_t   worker;

    workers = json_array();

    for (i = 0; i < libra_lanes(zone); i++) {

        if (libra_worker(zone, i, &worker)) {
            json_array_append_new(workers,
                                  json_pack("{s:i, s:b, s:I}",
                                            "pid", worker.pid,
                                            "leaving", (int) worker.leaving,
                                            "applied",
                                            (json_int_t) worker.applied));
        }
    }

    return workers;
}


/* [in use, at most] */

static json_t *
libra_status_room(const libra_snapshot_t *snapshot)
{
    return json_pack("{s:[i, i], s:[i, i], s:[i, i], s:[i, i]}",
                     "loadBalancers", (int) snapshot->nlbs, LIBRA_MAX_LBS,
                     "listeners", (int) snapshot->nlisteners,
                     LIBRA_MAX_LISTENERS,
                     "peers", (int) snapshot->npeers, LIBRA_MAX_PEERS,
                     "accessRules", (int) snapshot->nrules, LIBRA_MAX_RULES);
}


char *
libra_status_text(libra_zone_t *zone, uint64_t now)
{
    char                    *text, boot[20];
    json_t                  *root, *lbs;
    uint32_t                 i;
    libra_snapshot_t         none;
    const libra_snapshot_t  *snapshot;

    memset(&none, 0, sizeof(none));
    snapshot = libra_zone_current(zone);

    if (snapshot == NULL) {
        snapshot = &none;
    }

    lbs = json_array();

    for (i = 0; i < snapshot->nlbs; i++) {
        json_array_append_new(lbs, libra_status_lb(zone, snapshot,
                                                   libra_lbs(snapshot) + i,
                                                   now));
    }

    snprintf(boot, sizeof(boot), "%016llx",
             (unsigned long long) libra_zone_boot(zone));

    root = json_pack("{s:I, s:I, s:s, s:o, s:o, s:o}",
                     "revision", (json_int_t) snapshot->revision,
                     "sequence", (json_int_t) snapshot->seq,
                     "boot", boot,
                     "workers", libra_status_workers(zone),
                     "room", libra_status_room(snapshot),
                     "loadBalancers", lbs);
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);

    return text;
}


int
libra_workers_behind(libra_zone_t *zone, uint64_t seq, int *pid)
{
    int             i, n;
    libra_worker_t  worker;

    for (i = 0, n = 0; i < libra_lanes(zone); i++) {

        if (libra_worker(zone, i, &worker) && !worker.leaving
            && worker.applied < seq)
        {
            *pid = worker.pid;
            n++;
        }
    }

    return n;
}


static const libra_peer_t *
libra_health_peer(libra_json_t *json, const libra_snapshot_t *snapshot)
{
    char                 id[LIBRA_ID_SIZE] = "", peer_id[LIBRA_ID_SIZE] = "";
    const libra_lb_t    *lb;
    const libra_peer_t  *peer;

    libra_json_only(json, libra_health_members);
    libra_json_must(json, "loadBalancer");
    libra_json_must(json, "peer");
    libra_json_must(json, "up");
    libra_json_text(json, "loadBalancer", id, sizeof(id));
    libra_json_text(json, "peer", peer_id, sizeof(peer_id));
    (void) libra_json_flag(json, "up");

    if (json->error->status != 0) {
        return NULL;
    }

    lb = snapshot ? libra_find_lb(snapshot, id, strlen(id)) : NULL;
    peer = lb ? libra_find_peer(snapshot, lb, peer_id) : NULL;

    if (peer == NULL) {
        libra_refuse(json->error, 404, "%s: no such peer", json->path);
    }

    return peer;
}


int
libra_health_read(libra_zone_t *zone, const char *text, size_t len,
    libra_error_t *error)
{
    int                      write;
    size_t                   i;
    json_t                  *root, *list, *value;
    libra_json_t             json, item;
    const libra_peer_t      *peer;
    const libra_snapshot_t  *snapshot;

    error->status = 0;
    root = libra_json_parse(text, len, error);

    if (root == NULL) {
        return -1;
    }

    libra_json_open(&json, root, error, "%s", "");
    libra_json_only(&json, libra_health_root);
    libra_json_must(&json, "health");
    list = libra_json_array(&json, "health");
    snapshot = libra_zone_current(zone);

    /* first all of it is checked */

    for (write = 0; write < 2 && error->status == 0; write++) {

        json_array_foreach(list, i, value) {
            libra_json_open(&item, value, error, "health[%zu]", i);
            peer = libra_health_peer(&item, snapshot);

            if (peer && write) {
                __atomic_store_n(&libra_slot(zone, peer->slot)->down,
                                 !libra_json_flag(&item, "up"),
                                 __ATOMIC_RELAXED);
            }
        }
    }

    json_decref(root);

    return error->status ? -1 : 0;
}

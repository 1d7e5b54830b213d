
#include <string.h>

#include "libra_reader.h"
#include "libra_words.h"


static const char *const  libra_lb_members[] =
    { "id", "server", "listen", "algorithm", "persistence", "maxFails",
      "failTimeout", "throttle", "redirect", "certificates", "accessList",
      "peers", NULL };

static const char *const  libra_throttle_members[] =
    { "maxConnections", "minConnections", "maxConnectionRate",
      "rateInterval", NULL };

static const char *const  libra_rule_members[] = { "address", "type", NULL };

static const char *const  libra_listener_members[] =
    { "address", "server", "descriptor", NULL };

static const char *const  libra_peer_members[] =
    { "id", "address", "weight", "backup", "drain", NULL };


static void
libra_take(libra_reader_t *reader, uint32_t *slot, int first, int end,
    const char *what)
{
    int  taken;

    if (reader->error->status != 0) {
        return;
    }

    taken = libra_take_slot(reader->zone, first, end, reader->used);

    if (taken == -1) {
        libra_refuse(reader->error, 507, "no room for one more %s until "
                     "connections of removed ones end", what);
        return;
    }

    *slot = taken;
}


static void
libra_read_address(libra_json_t *json, const char *name,
    libra_address_t *address)
{
    char  text[LIBRA_NAME_SIZE] = "";

    libra_json_must(json, name);
    libra_json_text(json, name, text, sizeof(text));

    if (json->error->status == 0 && libra_address_parse(address, text) != 0) {
        libra_json_bad(json, name, "no address:port or [IPv6 address]:port");
    }
}


static void
libra_read_listener(libra_reader_t *reader, libra_json_t *lb_json,
    uint32_t lb, size_t i, json_t *value)
{
    uint32_t           k;
    libra_json_t       json;
    libra_listener_t  *listener, *other;

    k = reader->nlisteners++;
    other = libra_listeners(reader->snapshot);
    listener = &other[k];

    libra_json_open(&json, value, reader->error, "%.60s.listen[%zu]",
                    lb_json->path, i);
    libra_json_only(&json, libra_listener_members);
    libra_read_address(&json, "address", &listener->address);

    memcpy(listener->server, libra_lbs(reader->snapshot)[lb].server,
           sizeof(listener->server));
    libra_json_text(&json, "server", listener->server,
                    sizeof(listener->server));

    if (listener->server[0] == '\0') {
        libra_json_bad(lb_json, "server", "is missing");
    }

    reader->revision->descriptors[k] =
                 (int) libra_json_number(&json, "descriptor", 0,
                                         LIBRA_MAX_LISTENERS - 1, UINT32_MAX);

    listener->lb = lb;

    while (k-- > 0 && reader->error->status == 0) {
        if (strcmp(other[k].address.name, listener->address.name) == 0) {
            libra_json_bad(&json, "address", "is listened on twice");
        }
    }
}


static void
libra_read_rule(libra_reader_t *reader, libra_json_t *lb, size_t i,
    json_t *value)
{
    char           text[LIBRA_NAME_SIZE] = "";
    libra_json_t   json;
    libra_rule_t  *rule;

    rule = libra_rules(reader->snapshot) + reader->nrules++;

    libra_json_open(&json, value, reader->error, "%.60s.accessList[%zu]",
                    lb->path, i);
    libra_json_only(&json, libra_rule_members);
    libra_json_must(&json, "address");
    libra_json_must(&json, "type");
    libra_json_text(&json, "address", text, sizeof(text));

    if (reader->error->status == 0 && libra_rule_parse(rule, text) != 0) {
        libra_json_bad(&json, "address", "no address and no network");
    }

    rule->allow = libra_json_word(&json, "type", libra_rule_types);
}


static void
libra_read_peer(libra_reader_t *reader, libra_json_t *lb_json,
    const libra_lb_t *lb, const libra_lb_t *previous, size_t i, json_t *value)
{
    uint32_t             k;
    libra_json_t         json;
    libra_peer_t        *peer, *other;
    const libra_peer_t  *before;

    other = libra_peers(reader->snapshot) + lb->peers.first;
    peer = libra_peers(reader->snapshot) + reader->npeers++;

    libra_json_open(&json, value, reader->error, "%.60s.peers[%zu]",
                    lb_json->path, i);
    libra_json_only(&json, libra_peer_members);
    libra_json_must(&json, "id");
    libra_json_text(&json, "id", peer->id, sizeof(peer->id));
    libra_read_address(&json, "address", &peer->address);
    peer->weight = libra_json_number(&json, "weight", 1, LIBRA_MAX_WEIGHT, 1);
    peer->backup = libra_json_flag(&json, "backup");
    peer->drain = libra_json_flag(&json, "drain");
    peer->key = libra_hash(peer->id, strlen(peer->id), 0) | 1;

    for (k = 0; k < i && reader->error->status == 0; k++) {
        if (strcmp(other[k].id, peer->id) == 0) {
            libra_json_bad(&json, "id", "is there twice");
        }
    }

    before = previous ? libra_find_peer(reader->previous, previous, peer->id)
                      : NULL;

    if (before && strcmp(before->address.name, peer->address.name) == 0) {
        peer->slot = before->slot;
        return;
    }

    libra_take(reader, &peer->slot, LIBRA_MAX_LBS, LIBRA_MAX_SLOTS, "peer");
}


static void
libra_read_throttle(libra_json_t *lb, libra_throttle_t *throttle)
{
    json_t        *value;
    libra_json_t   json;

    throttle->interval = 1;

    value = json_object_get(lb->object, "throttle");

    if (value == NULL) {
        return;
    }

    libra_json_open(&json, value, lb->error, "%.60s.throttle", lb->path);
    libra_json_only(&json, libra_throttle_members);

    throttle->max_connections =
                   libra_json_number(&json, "maxConnections", 0, 1000000, 0);
    throttle->min_connections =
                   libra_json_number(&json, "minConnections", 0, 1000000, 0);
    throttle->max_rate =
                   libra_json_number(&json, "maxConnectionRate", 0, 1000000,
                                     0);
    throttle->interval = libra_json_number(&json, "rateInterval", 1, 3600, 1);
}


/* the sequence in which the peers of one rank take turns */

static void
libra_make_steps(libra_reader_t *reader, libra_lb_t *lb, uint32_t rank)
{
    uint16_t       *steps;
    uint32_t        i, n, weights[LIBRA_MAX_PEERS];
    uint16_t        at[LIBRA_MAX_PEERS];
    libra_peer_t   *peer;

    peer = libra_peers(reader->snapshot) + lb->peers.first;

    for (i = 0, n = 0; i < lb->peers.n; i++) {

        if (peer[i].backup == rank && !peer[i].drain) {
            at[n] = (uint16_t) i;
            weights[n++] = peer[i].weight;
        }
    }

    lb->steps[rank].first = reader->nsteps;
    lb->steps[rank].n = 0;

    if (n == 0) {
        return;
    }

    steps = libra_steps(reader->snapshot) + reader->nsteps;
    n = libra_spread(weights, n, steps);

    for (i = 0; i < n; i++) {
        steps[i] = at[steps[i]];
    }

    lb->steps[rank].n = n;
    reader->nsteps += n;
}


/* the members which are one value each */

static void
libra_read_lb_values(libra_json_t *json, libra_lb_t *lb)
{
    libra_json_only(json, libra_lb_members);
    libra_json_must(json, "id");
    libra_json_text(json, "id", lb->id, sizeof(lb->id));
    libra_json_text(json, "server", lb->server, sizeof(lb->server));

    lb->algorithm = libra_json_word(json, "algorithm", libra_algorithms);
    lb->persistence = libra_json_word(json, "persistence",
                                      libra_persistences);
    lb->max_fails = libra_json_number(json, "maxFails", 0, 1000, 1);
    lb->fail_timeout = libra_json_number(json, "failTimeout", 1, 3600, 10);

    lb->redirect = libra_json_number(json, "redirect", 0, 65535, 0);

    libra_read_throttle(json, &lb->throttle);
}


static void
libra_read_lb_lists(libra_reader_t *reader, libra_json_t *json,
    libra_lb_t *lb, const libra_lb_t *previous)
{
    size_t   i;
    json_t  *list, *value;

    list = libra_json_array(json, "listen");

    json_array_foreach(list, i, value) {
        libra_read_listener(reader, json,
                            (uint32_t) (lb - libra_lbs(reader->snapshot)), i,
                            value);
    }

    libra_read_certificates(reader, json, lb);

    list = libra_json_array(json, "accessList");
    lb->rules.first = reader->nrules;
    lb->rules.n = (uint32_t) json_array_size(list);

    json_array_foreach(list, i, value) {
        libra_read_rule(reader, json, i, value);
    }

    list = libra_json_array(json, "peers");
    lb->peers.first = reader->npeers;
    lb->peers.n = (uint32_t) json_array_size(list);

    json_array_foreach(list, i, value) {
        libra_read_peer(reader, json, lb, previous, i, value);
    }
}


void
libra_read_lb(libra_reader_t *reader, size_t i, json_t *value)
{
    libra_lb_t        *lb;
    libra_json_t       json;
    const libra_lb_t  *previous;

    lb = libra_lbs(reader->snapshot) + i;

    libra_json_open(&json, value, reader->error, "loadBalancers[%zu]", i);
    libra_read_lb_values(&json, lb);

    if (reader->error->status != 0) {
        return;
    }

    if (libra_find_lb(reader->snapshot, lb->id, strlen(lb->id)) != lb) {
        libra_json_bad(&json, "id", "is there twice");
        return;
    }

    previous = reader->previous ? libra_find_lb(reader->previous, lb->id,
                                                strlen(lb->id))
                                : NULL;

    if (previous) {
        lb->slot = previous->slot;

    } else {
        libra_take(reader, &lb->slot, 0, LIBRA_MAX_LBS, "load balancer");
    }

    libra_read_lb_lists(reader, &json, lb, previous);

    if (reader->error->status == 0) {
        libra_make_steps(reader, lb, 0);
        libra_make_steps(reader, lb, 1);
    }
}


#include <string.h>

#include "libra_revision.h"
#include "libra_words.h"


static const char *
libra_word(const libra_word_t *words, uint32_t value)
{
    while ((uint32_t) words->value != value) {
        words++;
    }

    return words->name;
}


static json_t *
libra_write_listeners(const libra_snapshot_t *snapshot, uint32_t lb)
{
    json_t                  *list, *object;
    uint32_t                 i;
    const char              *server;
    const libra_listener_t  *listener;

    list = json_array();
    listener = libra_listeners(snapshot);
    server = libra_lbs(snapshot)[lb].server;

    for (i = 0; i < snapshot->nlisteners; i++) {

        if (listener[i].lb != lb) {
            continue;
        }

        object = json_pack("{s:s}", "address", listener[i].address.name);

        if (strcmp(listener[i].server, server) != 0) {
            json_object_set_new(object, "server",
                                json_string(listener[i].server));
        }

        json_array_append_new(list, object);
    }

    return list;
}


static json_t *
libra_write_certificates(const libra_snapshot_t *snapshot,
    const libra_lb_t *lb, int keys)
{
    char                       *texts;
    json_t                     *list, *object;
    uint32_t                    i;
    const libra_certificate_t  *certificate;

    list = json_array();
    texts = libra_texts(snapshot);
    certificate = libra_certificates(snapshot) + lb->certificates.first;

    for (i = 0; i < lb->certificates.n; i++) {
        object = json_pack("{s:s#}", "certificate",
                           texts + certificate[i].chain.first,
                           (int) certificate[i].chain.n);

        if (certificate[i].host[0] != '\0') {
            json_object_set_new(object, "host",
                                json_string(certificate[i].host));
        }

        if (keys) {
            json_object_set_new(object, "key",
                                json_stringn(texts + certificate[i].key.first,
                                             certificate[i].key.n));
        }

        json_array_append_new(list, object);
    }

    return list;
}


static json_t *
libra_write_rules(const libra_snapshot_t *snapshot, const libra_lb_t *lb)
{
    char                 text[LIBRA_NAME_SIZE];
    json_t              *list;
    uint32_t             i;
    const libra_rule_t  *rule;

    list = json_array();
    rule = libra_rules(snapshot) + lb->rules.first;

    for (i = 0; i < lb->rules.n; i++) {
        libra_rule_print(&rule[i], text, sizeof(text));
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "address", text, "type",
                                        libra_word(libra_rule_types,
                                                   rule[i].allow)));
    }

    return list;
}


static json_t *
libra_write_peers(const libra_snapshot_t *snapshot, const libra_lb_t *lb)
{
    json_t              *list;
    uint32_t             i;
    const libra_peer_t  *peer;

    list = json_array();
    peer = libra_peers(snapshot) + lb->peers.first;

    for (i = 0; i < lb->peers.n; i++) {
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:i, s:b, s:b}",
                                        "id", peer[i].id,
                                        "address", peer[i].address.name,
                                        "weight", (int) peer[i].weight,
                                        "backup", (int) peer[i].backup,
                                        "drain", (int) peer[i].drain));
    }

    return list;
}


static json_t *
libra_write_lb(const libra_snapshot_t *snapshot, uint32_t i, int keys)
{
    json_t            *object;
    const libra_lb_t  *lb;

    lb = libra_lbs(snapshot) + i;

    object = json_pack("{s:s, s:s, s:s, s:i, s:i, s:{s:i, s:i, s:i, s:i},"
                       " s:i, s:o, s:o, s:o, s:o}",
                       "id", lb->id,
                       "algorithm",
                       libra_word(libra_algorithms, lb->algorithm),
                       "persistence",
                       libra_word(libra_persistences, lb->persistence),
                       "maxFails", (int) lb->max_fails,
                       "failTimeout", (int) lb->fail_timeout,
                       "throttle",
                       "maxConnections", (int) lb->throttle.max_connections,
                       "minConnections", (int) lb->throttle.min_connections,
                       "maxConnectionRate", (int) lb->throttle.max_rate,
                       "rateInterval", (int) lb->throttle.interval,
                       "redirect", (int) lb->redirect,
                       "certificates",
                       libra_write_certificates(snapshot, lb, keys),
                       "listen", libra_write_listeners(snapshot, i),
                       "accessList", libra_write_rules(snapshot, lb),
                       "peers", libra_write_peers(snapshot, lb));

    if (lb->server[0] != '\0') {
        json_object_set_new(object, "server", json_string(lb->server));
    }

    return object;
}


char *
libra_revision_text(const libra_snapshot_t *snapshot, int keys)
{
    char      *text;
    json_t    *root, *lbs;
    uint32_t   i;

    lbs = json_array();

    for (i = 0; i < snapshot->nlbs; i++) {
        json_array_append_new(lbs, libra_write_lb(snapshot, i, keys));
    }

    root = json_pack("{s:I, s:o}", "revision",
                     (json_int_t) snapshot->revision, "loadBalancers", lbs);

    if (snapshot->nnote) {
        json_object_set_new(root, "note",
                            json_stringn(libra_note(snapshot),
                                         snapshot->nnote));
    }

    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);

    return text;
}

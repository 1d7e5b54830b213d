
#include <stdlib.h>
#include <string.h>

#include "libra_reader.h"


static const char *const  libra_root_members[] =
    { "revision", "note", "loadBalancers", NULL };


/* lists of anything but arrays count as empty here, and are refused later */

static void
libra_count_all(const libra_snapshot_t *previous, json_t *lbs,
    libra_snapshot_t *counts)
{
    size_t   i;
    json_t  *lb;

    json_array_foreach(lbs, i, lb) {
        counts->npeers += json_array_size(json_object_get(lb, "peers"));
        counts->nlisteners += json_array_size(json_object_get(lb, "listen"));
        counts->nrules += json_array_size(json_object_get(lb, "accessList"));
        libra_count_certificates(previous, lb, counts);
    }

    counts->nlbs = json_array_size(lbs);

    /* an upper bound: they are last, and cut when they are known */

    counts->nsteps = counts->nlbs * 2 * LIBRA_MAX_STEPS + counts->npeers;
}


static int
libra_check_ceilings(const libra_snapshot_t *counts, libra_error_t *error)
{
    if (counts->nlbs > LIBRA_MAX_LBS) {
        return libra_refuse(error, 507, "%u load balancers, at most %d fit",
                            counts->nlbs, LIBRA_MAX_LBS);
    }

    if (counts->npeers > LIBRA_MAX_PEERS) {
        return libra_refuse(error, 507, "%u peers, at most %d fit",
                            counts->npeers, LIBRA_MAX_PEERS);
    }

    if (counts->nlisteners > LIBRA_MAX_LISTENERS) {
        return libra_refuse(error, 507, "%u listeners, at most %d fit",
                            counts->nlisteners, LIBRA_MAX_LISTENERS);
    }

    if (counts->nrules > LIBRA_MAX_RULES) {
        return libra_refuse(error, 507, "%u access rules, at most %d fit",
                            counts->nrules, LIBRA_MAX_RULES);
    }

    if (counts->ncertificates > LIBRA_MAX_CERTIFICATES) {
        return libra_refuse(error, 507, "%u certificates, at most %d fit",
                            counts->ncertificates, LIBRA_MAX_CERTIFICATES);
    }

    if (libra_snapshot_size(counts) > LIBRA_ARENA_SIZE) {
        return libra_refuse(error, 507, "%zu bytes of texts and lists, at "
                            "most %d fit", libra_snapshot_size(counts),
                            LIBRA_ARENA_SIZE);
    }

    return 0;
}


/* all slots in use now stay taken: their connections may still be counted */

static void
libra_mark_used(libra_reader_t *reader)
{
    uint32_t             i;
    const libra_lb_t    *lb;
    const libra_peer_t  *peer;

    if (reader->previous == NULL) {
        return;
    }

    lb = libra_lbs(reader->previous);
    peer = libra_peers(reader->previous);

    for (i = 0; i < reader->previous->nlbs; i++) {
        reader->used[lb[i].slot] = 1;
    }

    for (i = 0; i < reader->previous->npeers; i++) {
        reader->used[peer[i].slot] = 1;
    }
}


/* as large as json_int_t can hold */

static void
libra_read_number(libra_json_t *json, libra_snapshot_t *snapshot)
{
    json_t  *value;

    value = json_object_get(json->object, "revision");

    if (!json_is_integer(value) || json_integer_value(value) < 1) {
        libra_json_bad(json, "revision", "a number above 0 is expected");
        return;
    }

    snapshot->revision = (uint64_t) json_integer_value(value);
}


/* any text: it is the caller's, and only given back */

static void
libra_read_note(libra_json_t *json, libra_snapshot_t *counts, json_t **note)
{
    *note = json_object_get(json->object, "note");

    if (*note == NULL) {
        return;
    }

    if (!json_is_string(*note)
        || json_string_length(*note) > LIBRA_MAX_NOTE)
    {
        libra_json_bad(json, "note", "is no string, or too long");
        return;
    }

    counts->nnote = (uint32_t) json_string_length(*note);
}


static void
libra_read_state(libra_reader_t *reader, json_t *root)
{
    size_t             i;
    json_t            *lbs, *value, *note;
    libra_json_t       json;
    libra_snapshot_t   counts;

    libra_json_open(&json, root, reader->error, "%s", "");
    libra_json_only(&json, libra_root_members);
    libra_json_must(&json, "loadBalancers");
    lbs = libra_json_array(&json, "loadBalancers");

    memset(&counts, 0, sizeof(counts));
    libra_read_number(&json, &counts);
    libra_read_note(&json, &counts, &note);

    if (reader->error->status != 0) {
        return;
    }

    libra_count_all(reader->previous, lbs, &counts);

    if (libra_check_ceilings(&counts, reader->error) != 0) {
        return;
    }

    reader->snapshot = calloc(1, libra_snapshot_size(&counts));
    reader->revision->snapshot = reader->snapshot;

    if (reader->snapshot == NULL) {
        libra_refuse(reader->error, 507, "no memory");
        return;
    }

    counts.size = (uint32_t) libra_snapshot_size(&counts);
    *reader->snapshot = counts;

    if (counts.nnote) {
        memcpy(libra_note(reader->snapshot), json_string_value(note),
               counts.nnote);
    }

    json_array_foreach(lbs, i, value) {
        libra_read_lb(reader, i, value);
    }

    reader->snapshot->nsteps = reader->nsteps;
    reader->snapshot->size = (uint32_t) libra_snapshot_size(reader->snapshot);
}


int
libra_revision_read(libra_revision_t *revision, libra_zone_t *zone,
    const char *text, size_t len, libra_error_t *error)
{
    json_t          *root;
    libra_reader_t   reader;

    memset(&reader, 0, sizeof(reader));

    revision->snapshot = NULL;
    error->status = 0;

    root = libra_json_parse(text, len, error);

    if (root == NULL) {
        return -1;
    }

    reader.revision = revision;
    reader.zone = zone;
    reader.error = error;
    reader.previous = libra_zone_current(zone);

    libra_mark_used(&reader);
    libra_read_state(&reader, root);

    json_decref(root);

    if (error->status != 0) {
        libra_revision_free(revision);
        return -1;
    }

    return 0;
}


void
libra_revision_free(libra_revision_t *revision)
{
    if (revision->snapshot) {
        explicit_bzero(revision->snapshot, revision->snapshot->size);
        free(revision->snapshot);
    }

    revision->snapshot = NULL;
}


int
libra_revision_follows(const libra_revision_t *revision, libra_zone_t *zone,
    libra_error_t *error)
{
    uint64_t                 number;
    const libra_snapshot_t  *current;

    number = revision->snapshot->revision;
    current = libra_zone_current(zone);

    if (current == NULL || number > current->revision) {
        return 1;
    }

    if (number < current->revision) {
        return libra_refuse(error, 409, "revision %llu is applied already",
                            (unsigned long long) current->revision);
    }

    if (!libra_snapshot_same(revision->snapshot, current)) {
        return libra_refuse(error, 409, "revision %llu has another content",
                            (unsigned long long) number);
    }

    return 0;
}

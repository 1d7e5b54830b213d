
#ifndef _LIBRA_REVISION_H_INCLUDED_
#define _LIBRA_REVISION_H_INCLUDED_


#include "libra_error.h"
#include "libra_zone.h"


/*
 * A state as a caller sends it, made into a snapshot; README.md has the
 * members.  The writer's lock is held from the read to the publication, since
 * LBs and peers that stay keep their slots and new ones take free slots.
 */

typedef struct {
    libra_snapshot_t  *snapshot;
    int                descriptors[LIBRA_MAX_LISTENERS];  /* index or -1 */
} libra_revision_t;


/* -1 with 400 (malformed) or 507 (a ceiling of libra_limits.h). */
int libra_revision_read(libra_revision_t *revision, libra_zone_t *zone,
    const char *text, size_t len, libra_error_t *error);
void libra_revision_free(libra_revision_t *revision);

/*
 * Whether it follows the published one: 1 it does, 0 it is the same again,
 * -1 with 409 if it is older, or another with the same number.
 */
int libra_revision_follows(const libra_revision_t *revision,
    libra_zone_t *zone, libra_error_t *error);

/*
 * The state as text again, without descriptors, with private keys or without;
 * NULL: no memory.  free() it.
 */
char *libra_revision_text(const libra_snapshot_t *snapshot, int keys);


#endif /* _LIBRA_REVISION_H_INCLUDED_ */


#ifndef _LIBRA_BALANCE_H_INCLUDED_
#define _LIBRA_BALANCE_H_INCLUDED_


#include "libra_zone.h"


/* What one request or session knows while it looks for a peer. */
typedef struct {
    const libra_snapshot_t  *snapshot;
    const libra_lb_t        *lb;
    uint64_t                 client;    /* its hash; sticky to the source only */
    uint64_t                 sticky;    /* key of the peer it had, or 0 */
    uint64_t                 now;       /* ms */
    uint8_t                 *tried;     /* a byte for each peer of the LB */
} libra_choice_t;


/*
 * The next peer to try, marked as tried and counted as active; NULL when none
 * is left.  Backups serve when no primary can.  Peers whose last requests
 * failed are passed over as long as there are others.
 */
const libra_peer_t *libra_choose(libra_zone_t *zone, libra_choice_t *choice);

/* The request or session with this peer ended. */
void libra_done(libra_zone_t *zone, const libra_choice_t *choice,
    const libra_peer_t *peer, int failed);


#endif /* _LIBRA_BALANCE_H_INCLUDED_ */

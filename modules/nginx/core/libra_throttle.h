
#ifndef _LIBRA_THROTTLE_H_INCLUDED_
#define _LIBRA_THROTTLE_H_INCLUDED_


#include "libra_zone.h"


/* Whether it limits anything: else nobody needs to know the client. */
static inline int
libra_is_throttled(const libra_lb_t *lb)
{
    return lb->throttle.max_connections || lb->throttle.max_rate;
}

/*
 * Whether a client may open one more connection to an LB.  Counts it when it
 * may; then libra_throttle_leave() belongs to its end, with the entry given,
 * which is NULL when nothing is limited or the table has no room (such a
 * connection passes uncounted).  Limits hold over all workers, and may be
 * overshot by as many connections as there are workers.
 */
int libra_throttle_enter(libra_zone_t *zone, const libra_lb_t *lb,
    uint64_t client, uint64_t now, libra_client_t **entry);
void libra_throttle_leave(libra_client_t *entry);


#endif /* _LIBRA_THROTTLE_H_INCLUDED_ */

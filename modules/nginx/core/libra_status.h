
#ifndef _LIBRA_STATUS_H_INCLUDED_
#define _LIBRA_STATUS_H_INCLUDED_


#include "libra_error.h"
#include "libra_zone.h"


/* Revision, workers, counters and room, as JSON; NULL: no memory.  free(). */
char *libra_status_text(libra_zone_t *zone, uint64_t now);

/*
 * Takes in what health checks found:
 * {"health": [{"loadBalancer": "1", "peer": "7", "up": false}]}.
 * Whole or not at all: -1 with 400 or, for an unknown peer, 404.
 */
int libra_health_read(libra_zone_t *zone, const char *text, size_t len,
    libra_error_t *error);

/*
 * Live workers that do not carry `seq` yet; the pid of one of them at *pid.
 * Those that are about to leave do not count.
 */
int libra_workers_behind(libra_zone_t *zone, uint64_t seq, int *pid);


#endif /* _LIBRA_STATUS_H_INCLUDED_ */

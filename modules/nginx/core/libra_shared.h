
#ifndef _LIBRA_SHARED_H_INCLUDED_
#define _LIBRA_SHARED_H_INCLUDED_


#include "libra_zone.h"


/* What lies in the memory of libra_zone.h; for those who implement it. */

#define LIBRA_MAGIC        0x314152424c58474eULL        /* "NGXLBRA1" */
#define LIBRA_WRITER       LIBRA_MAX_LANES              /* byte it locks */


typedef struct {
    libra_cell_t       cells[LIBRA_MAX_SLOTS];
    libra_client_t     clients[LIBRA_MAX_CLIENTS];
} libra_lane_t;


struct libra_shared_s {
    uint64_t           magic;
    uint64_t           size;                            /* of this struct */
    uint64_t           boot;
    uint64_t           seq;
    int32_t            lanes_used;

    libra_worker_t     workers[LIBRA_MAX_LANES];

    libra_slot_t       slots[LIBRA_MAX_SLOTS];
    libra_cell_t       base[LIBRA_MAX_SLOTS];   /* when the slot was taken */
    libra_lane_t       lanes[LIBRA_MAX_LANES];

    /* the published one is arena[seq % 2] */
    uint8_t            arena[2][LIBRA_ARENA_SIZE]
                           __attribute__((aligned(8)));
};


/* A lock the kernel takes back at death, on a lane or LIBRA_WRITER; fcntl(). */
int libra_record(const libra_zone_t *zone, int command, int type, int byte);


#endif /* _LIBRA_SHARED_H_INCLUDED_ */

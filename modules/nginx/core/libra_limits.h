
#ifndef _LIBRA_LIMITS_H_INCLUDED_
#define _LIBRA_LIMITS_H_INCLUDED_


/*
 * The zone has a fixed layout: what does not fit is refused with 507 and
 * changes nothing.  The memory is sparse, untouched parts cost nothing.
 */

#define LIBRA_MAX_LBS          128
#define LIBRA_MAX_LISTENERS    240          /* one message carries 253 fds */
#define LIBRA_MAX_PEERS        4096
#define LIBRA_MAX_SLOTS        (LIBRA_MAX_LBS + LIBRA_MAX_PEERS)
#define LIBRA_MAX_RULES        8192
#define LIBRA_MAX_CERTIFICATES 512
#define LIBRA_MAX_CLIENTS      4096         /* throttled, per worker */
#define LIBRA_MAX_LANES        64           /* workers, old and new ones */
#define LIBRA_MAX_STEPS        2048         /* round robin sequence of an LB */
#define LIBRA_MAX_WEIGHT       256
#define LIBRA_MAX_NOTE         (1 << 20)
#define LIBRA_MAX_BODY         (4 << 20)

#define LIBRA_ARENA_SIZE       (8 << 20)

#define LIBRA_ID_SIZE          64
#define LIBRA_SERVER_SIZE      32
#define LIBRA_NAME_SIZE        56           /* [IPv6]:port */
#define LIBRA_HOST_SIZE        254
#define LIBRA_PEM_SIZE         32768        /* chain, or key */


#endif /* _LIBRA_LIMITS_H_INCLUDED_ */

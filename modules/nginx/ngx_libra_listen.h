
#ifndef _NGX_LIBRA_LISTEN_H_INCLUDED_
#define _NGX_LIBRA_LISTEN_H_INCLUDED_


#include "ngx_libra.h"


#define NGX_LIBRA_RETRY  1000       /* ms, at most */


/* one address a worker listens on */

typedef struct {
    ngx_listening_t             ls;     /* first: accepted ones point at it */
    ngx_queue_t                 queue;
    ngx_pool_t                 *pool;
    ngx_uint_t                  users;  /* connections, and the listening */
    ngx_connection_handler_pt   accepted;       /* of the server{} */

    char                        name[LIBRA_NAME_SIZE];
    char                        server[LIBRA_SERVER_SIZE];

    /* where the listener is in a snapshot */
    uint64_t                    seq;
    ngx_int_t                   lb;     /* -1: nowhere */
} ngx_libra_listener_t;


/*
 * What the server of that name does, on one address more; owns the descriptor
 * in any case.  NULL: the server is unknown, or nginx can't take it.
 */
ngx_libra_listener_t *ngx_libra_open(ngx_cycle_t *cycle, int fd,
    const libra_listener_t *wanted);

/* Takes it out of its queue; freed when its last client is gone. */
void ngx_libra_close(ngx_libra_listener_t *listener);

/* Takes a client in, or closes its connection; of ls.handler. */
void ngx_libra_accepted(ngx_connection_t *c);

/* One user less; the last one frees the listener. */
void ngx_libra_unuse(ngx_libra_listener_t *listener);


#endif /* _NGX_LIBRA_LISTEN_H_INCLUDED_ */

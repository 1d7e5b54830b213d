
#ifndef _NGX_LIBRA_LISTEN_H_INCLUDED_
#define _NGX_LIBRA_LISTEN_H_INCLUDED_


#include "ngx_libra.h"


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


/* Takes a client in, or closes its connection; of ls.handler. */
void ngx_libra_accepted(ngx_connection_t *c);

/* One user less; the last one frees the listener. */
void ngx_libra_unuse(ngx_libra_listener_t *listener);


#endif /* _NGX_LIBRA_LISTEN_H_INCLUDED_ */

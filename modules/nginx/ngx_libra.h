
#ifndef _NGX_LIBRA_H_INCLUDED_
#define _NGX_LIBRA_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_event_connect.h>

#include "libra_balance.h"
#include "libra_error.h"
#include "libra_revision.h"
#include "libra_status.h"
#include "libra_store.h"
#include "libra_throttle.h"
#include "libra_zone.h"


/* A server{} with libra_listen: connections of LBs that name it go there. */

typedef struct {
    ngx_str_t                   name;
    void                       *server;     /* its srv conf */

    /* whether a listening of the configuration belongs to it */
    ngx_uint_t                (*match)(ngx_listening_t *ls, void *server);

    /* what ls->servers shall be for an address of this family */
    void                     *(*servers)(ngx_pool_t *pool,
                                         ngx_listening_t *ls, int family);
} ngx_libra_server_t;


typedef struct {
    ngx_flag_t                  enabled;
    ngx_str_t                   state;      /* file, empty: none */
    ngx_array_t                 servers;    /* ngx_libra_server_t */
} ngx_libra_conf_t;


/* of one request or session */

typedef struct {
    libra_choice_t              choice;     /* lb is NULL if there is none */
    const libra_peer_t         *peer;       /* in use */
    ngx_str_t                   name;
} ngx_libra_peer_t;


/* of this process, inherited from the master */

extern libra_zone_t             ngx_libra_zone;
extern libra_store_t            ngx_libra_store;

extern ngx_module_t             ngx_libra_module;


#define ngx_libra_get_conf(cycle)                                            \
    ((ngx_libra_conf_t *) ngx_get_conf((cycle)->conf_ctx, ngx_libra_module))


/* what a directive of any of our modules begins with */
ngx_libra_conf_t *ngx_libra_enable(ngx_conf_t *cf);
char *ngx_libra_add_server(ngx_conf_t *cf, ngx_libra_server_t *server);
ngx_libra_server_t *ngx_libra_server(ngx_cycle_t *cycle, const char *name);

/*
 * Applies a state: all of it or nothing.  The caller keeps the descriptors
 * handed in; NULL: the state comes from the state file itself.  With NGX_OK
 * the sequence which all workers shall confirm.
 */
ngx_int_t ngx_libra_apply(ngx_cycle_t *cycle, ngx_str_t *text,
    libra_sockets_t *handed, uint64_t *seq, libra_error_t *error);

/* The state file, into an empty zone; in the master, before workers start. */
void ngx_libra_restore(ngx_cycle_t *cycle);

#if (NGX_SSL)

/*
 * Of a server{}: with $libra_certificate among its certificates, sessions are
 * given those of the LB the connection came to.
 */
#define NGX_LIBRA_CERTIFICATE  "libra_certificate"

void ngx_libra_tls(ngx_ssl_t *ssl, ngx_array_t *certificates);

/* what was read of certificates, when a worker ends */
void ngx_libra_tls_forget(void);

#endif

/* In a worker: listens as the published snapshot says, now and from now on. */
ngx_int_t ngx_libra_listen_start(ngx_cycle_t *cycle);
void ngx_libra_listen_sync(ngx_cycle_t *cycle);

/* The LB a connection came to, NULL if to none. */
const libra_lb_t *ngx_libra_connection_lb(ngx_connection_t *c,
    const libra_snapshot_t *snapshot);

/*
 * Of a request or session to the LB `id`, or to that the connection came to.
 * NULL: no memory.
 */
ngx_libra_peer_t *ngx_libra_peer_create(ngx_pool_t *pool,
    ngx_connection_t *client, ngx_str_t *id);

/* Takes over the choice of its peers. */
ngx_int_t ngx_libra_peer_init(ngx_pool_t *pool, ngx_peer_connection_t *pc,
    ngx_libra_peer_t *lp);


#endif /* _NGX_LIBRA_H_INCLUDED_ */

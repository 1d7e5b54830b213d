
#include "ngx_libra.h"


static ngx_int_t ngx_libra_get_peer(ngx_peer_connection_t *pc, void *data);
static void ngx_libra_free_peer(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state);
static void ngx_libra_release(void *data);

#if (NGX_SSL || NGX_COMPAT)
static ngx_int_t ngx_libra_set_session(ngx_peer_connection_t *pc,
    void *data);
static void ngx_libra_save_session(ngx_peer_connection_t *pc, void *data);
#endif


ngx_libra_peer_t *
ngx_libra_peer_create(ngx_pool_t *pool, ngx_connection_t *client,
    ngx_str_t *id)
{
    ngx_libra_peer_t        *lp;
    ngx_pool_cleanup_t      *cln;
    const libra_snapshot_t  *snapshot;

    lp = ngx_pcalloc(pool, sizeof(ngx_libra_peer_t));
    if (lp == NULL) {
        return NULL;
    }

    snapshot = libra_zone_current(&ngx_libra_zone);

    if (snapshot == NULL) {
        return lp;
    }

    /* names and addresses are read until the request was logged */

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_libra_release;
    cln->data = (void *) libra_hold(snapshot);

    lp->choice.snapshot = snapshot;
    lp->choice.lb = id ? libra_find_lb(snapshot, (char *) id->data, id->len)
                       : ngx_libra_connection_lb(client, snapshot);

    if (lp->choice.lb && lp->choice.lb->persistence == LIBRA_STICKY_SOURCE) {
        lp->choice.client = libra_client_hash(client->sockaddr);
    }

    return lp;
}


ngx_int_t
ngx_libra_peer_init(ngx_pool_t *pool, ngx_peer_connection_t *pc,
    ngx_libra_peer_t *lp)
{
    libra_choice_t  *choice;

    choice = &lp->choice;

    pc->data = lp;
    pc->get = ngx_libra_get_peer;
    pc->free = ngx_libra_free_peer;
    pc->tries = 1;

#if (NGX_SSL || NGX_COMPAT)
    pc->set_session = ngx_libra_set_session;
    pc->save_session = ngx_libra_save_session;
#endif

    if (choice->lb == NULL || choice->lb->peers.n == 0) {
        return NGX_OK;
    }

    choice->tried = ngx_pcalloc(pool, choice->lb->peers.n);
    if (choice->tried == NULL) {
        return NGX_ERROR;
    }

    pc->tries = choice->lb->peers.n;

    return NGX_OK;
}


static void
ngx_libra_release(void *data)
{
    libra_release(data);
}


static ngx_int_t
ngx_libra_get_peer(ngx_peer_connection_t *pc, void *data)
{
    ngx_libra_peer_t  *lp = data;

    pc->cached = 0;
    pc->connection = NULL;

    lp->choice.now = ngx_current_msec;
    lp->peer = lp->choice.tried ? libra_choose(&ngx_libra_zone, &lp->choice)
                                : NULL;

    if (lp->peer == NULL) {
        ngx_str_set(&lp->name, "libra");
        pc->name = &lp->name;

        return NGX_BUSY;
    }

    lp->name.data = (u_char *) lp->peer->address.name;
    lp->name.len = ngx_strlen(lp->peer->address.name);

    pc->name = &lp->name;
    pc->sockaddr = (struct sockaddr *) &lp->peer->address.sockaddr;
    pc->socklen = libra_socklen(&lp->peer->address.sockaddr);

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, pc->log, 0, "libra peer: %V",
                   pc->name);

    return NGX_OK;
}


static void
ngx_libra_free_peer(ngx_peer_connection_t *pc, void *data, ngx_uint_t state)
{
    ngx_libra_peer_t  *lp = data;

    if (lp->peer) {
        lp->choice.now = ngx_current_msec;
        libra_done(&ngx_libra_zone, &lp->choice, lp->peer,
                   (state & NGX_PEER_FAILED) != 0);
        lp->peer = NULL;
    }

    if (pc->tries) {
        pc->tries--;
    }
}


#if (NGX_SSL || NGX_COMPAT)

/* TLS sessions of peers are not kept, keepalive connections are */

static ngx_int_t
ngx_libra_set_session(ngx_peer_connection_t *pc, void *data)
{
    return NGX_OK;
}


static void
ngx_libra_save_session(ngx_peer_connection_t *pc, void *data)
{
}

#endif

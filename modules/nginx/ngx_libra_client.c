
#include "ngx_libra_listen.h"


typedef struct {
    ngx_libra_listener_t       *listener;
    libra_client_t             *client;
    uint32_t                    slot;
} ngx_libra_client_t;


static ngx_int_t ngx_libra_admit(ngx_connection_t *c,
    ngx_libra_listener_t *listener);
static void ngx_libra_client_gone(void *data);


void
ngx_libra_accepted(ngx_connection_t *c)
{
    ngx_pool_t            *pool;
    ngx_libra_listener_t  *listener;

    listener = (ngx_libra_listener_t *) c->listening;

    if (ngx_libra_admit(c, listener) == NGX_OK) {
        listener->accepted(c);
        return;
    }

    pool = c->pool;
    ngx_close_connection(c);
    ngx_destroy_pool(pool);
}


static ngx_int_t
ngx_libra_admit(ngx_connection_t *c, ngx_libra_listener_t *listener)
{
    uint64_t                 client;
    libra_cell_t            *cell;
    const libra_lb_t        *lb;
    ngx_pool_cleanup_t      *cln;
    ngx_libra_client_t      *lc;
    const libra_snapshot_t  *snapshot;

    snapshot = libra_zone_current(&ngx_libra_zone);
    lb = ngx_libra_connection_lb(c, snapshot);

    if (lb == NULL) {
        return NGX_DECLINED;
    }

    cell = libra_cell(&ngx_libra_zone, lb->slot);

    if (!libra_access(libra_rules(snapshot) + lb->rules.first, lb->rules.n,
                      c->sockaddr))
    {
        libra_count(&cell->denied, 1);
        return NGX_DECLINED;
    }

    cln = ngx_pool_cleanup_add(c->pool, sizeof(ngx_libra_client_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    lc = cln->data;
    client = libra_is_throttled(lb) ? libra_client_hash(c->sockaddr) : 0;

    if (!libra_throttle_enter(&ngx_libra_zone, lb, client, ngx_current_msec,
                              &lc->client))
    {
        libra_count(&cell->throttled, 1);
        return NGX_DECLINED;
    }

    lc->listener = listener;
    lc->slot = lb->slot;
    listener->users++;
    cln->handler = ngx_libra_client_gone;

    libra_count(&cell->total, 1);
    libra_gauge(cell, 1);

    return NGX_OK;
}


static void
ngx_libra_client_gone(void *data)
{
    ngx_libra_client_t  *lc = data;

    libra_gauge(libra_cell(&ngx_libra_zone, lc->slot), -1);

    if (lc->client) {
        libra_throttle_leave(lc->client);
    }

    ngx_libra_unuse(lc->listener);
}


const libra_lb_t *
ngx_libra_connection_lb(ngx_connection_t *c, const libra_snapshot_t *snapshot)
{
    ngx_libra_listener_t    *listener;
    const libra_listener_t  *wanted;

    if (c->listening == NULL || c->listening->handler != ngx_libra_accepted) {
        return NULL;
    }

    listener = (ngx_libra_listener_t *) c->listening;

    if (listener->seq != snapshot->seq) {
        wanted = libra_find_listener(snapshot, listener->name);

        listener->lb = wanted ? (ngx_int_t) wanted->lb : -1;
        listener->seq = snapshot->seq;
    }

    return listener->lb == -1 ? NULL : libra_lbs(snapshot) + listener->lb;
}

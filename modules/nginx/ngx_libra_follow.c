
#include "ngx_libra_listen.h"


static void ngx_libra_store_handler(ngx_event_t *rev);
static void ngx_libra_retry_handler(ngx_event_t *ev);
static ngx_int_t ngx_libra_follow(ngx_cycle_t *cycle,
    const libra_snapshot_t *snapshot);
static void ngx_libra_close_unwanted(const libra_snapshot_t *snapshot);
static ngx_int_t ngx_libra_open_missing(ngx_cycle_t *cycle,
    const libra_snapshot_t *snapshot);
static ngx_libra_listener_t *ngx_libra_find(const char *name);


static ngx_queue_t        ngx_libra_listeners;
static ngx_connection_t  *ngx_libra_store_connection;
static ngx_event_t        ngx_libra_retry;
static ngx_msec_t         ngx_libra_retry_delay = 1;


ngx_int_t
ngx_libra_listen_start(ngx_cycle_t *cycle)
{
    ngx_event_t       *rev;
    ngx_connection_t  *c;

    ngx_queue_init(&ngx_libra_listeners);

    c = ngx_get_connection(ngx_libra_store.reader, cycle->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    /* an idle connection is told when the worker begins to shut down */

    c->idle = 1;

    rev = c->read;
    rev->log = cycle->log;
    rev->handler = ngx_libra_store_handler;

    /* the message stays in the queue: only a new one is an event */

    if (ngx_add_event(rev, NGX_READ_EVENT, NGX_CLEAR_EVENT) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_libra_store_connection = c;

    ngx_libra_retry.handler = ngx_libra_retry_handler;
    ngx_libra_retry.log = cycle->log;
    ngx_libra_retry.data = c;
    ngx_libra_retry.cancelable = 1;

    ngx_libra_listen_sync(cycle);

    return NGX_OK;
}


static void
ngx_libra_store_handler(ngx_event_t *rev)
{
    ngx_queue_t       *q;
    ngx_connection_t  *c;

    c = rev->data;

    if (!c->close) {
        ngx_libra_retry_delay = 1;
        ngx_libra_listen_sync((ngx_cycle_t *) ngx_cycle);
        return;
    }

    libra_worker_leaves(&ngx_libra_zone);

    while (!ngx_queue_empty(&ngx_libra_listeners)) {
        q = ngx_queue_head(&ngx_libra_listeners);
        ngx_libra_close(ngx_queue_data(q, ngx_libra_listener_t, queue));
    }

    if (ngx_libra_retry.timer_set) {
        ngx_del_timer(&ngx_libra_retry);
    }

    /* others have the same socket open, so it must be taken out by hand */

    ngx_del_event(rev, NGX_READ_EVENT, 0);
    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;

    ngx_libra_store_connection = NULL;
}


static void
ngx_libra_retry_handler(ngx_event_t *ev)
{
    ngx_libra_listen_sync((ngx_cycle_t *) ngx_cycle);
}


void
ngx_libra_listen_sync(ngx_cycle_t *cycle)
{
    uint64_t                 seq;
    const libra_snapshot_t  *snapshot;

    if (ngx_libra_store_connection == NULL) {
        return;
    }

    snapshot = libra_zone_current(&ngx_libra_zone);
    seq = snapshot ? snapshot->seq : 0;

    /* a writer fills the store first, and publishes a moment later */

    if ((snapshot == NULL || ngx_libra_follow(cycle, snapshot) == NGX_OK)
        && libra_store_seq(&ngx_libra_store) <= seq)
    {
        ngx_libra_retry_delay = 1;
        return;
    }

    if (!ngx_libra_retry.timer_set) {
        ngx_add_timer(&ngx_libra_retry, ngx_libra_retry_delay);
        ngx_libra_retry_delay = ngx_min(ngx_libra_retry_delay * 2,
                                        NGX_LIBRA_RETRY);
    }
}


static ngx_int_t
ngx_libra_follow(ngx_cycle_t *cycle, const libra_snapshot_t *snapshot)
{
    ngx_libra_close_unwanted(snapshot);

    if (ngx_libra_open_missing(cycle, snapshot) != NGX_OK) {
        return NGX_ERROR;
    }

    libra_worker_applied(&ngx_libra_zone, snapshot->seq);

    return NGX_OK;
}


static void
ngx_libra_close_unwanted(const libra_snapshot_t *snapshot)
{
    ngx_queue_t             *q, *next;
    ngx_libra_listener_t    *listener;
    const libra_listener_t  *wanted;

    for (q = ngx_queue_head(&ngx_libra_listeners);
         q != ngx_queue_sentinel(&ngx_libra_listeners);
         q = next)
    {
        next = ngx_queue_next(q);
        listener = ngx_queue_data(q, ngx_libra_listener_t, queue);

        wanted = libra_find_listener(snapshot, listener->name);

        if (wanted == NULL
            || ngx_strcmp(wanted->server, listener->server) != 0)
        {
            ngx_libra_close(listener);
        }
    }
}


static ngx_int_t
ngx_libra_open_missing(ngx_cycle_t *cycle, const libra_snapshot_t *snapshot)
{
    int                      fd;
    uint32_t                 i;
    ngx_int_t                rc;
    libra_sockets_t          sockets;
    ngx_libra_listener_t    *listener;
    const libra_listener_t  *wanted;

    rc = NGX_OK;
    sockets.n = -1;
    wanted = libra_listeners(snapshot);

    for (i = 0; i < snapshot->nlisteners; i++) {

        if (ngx_libra_find(wanted[i].address.name)) {
            continue;
        }

        if (sockets.n == -1
            && libra_store_peek(&ngx_libra_store, &sockets) != 0)
        {
            ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno,
                          "libra: no listeners from the store");
            return NGX_ERROR;
        }

        fd = libra_sockets_take(&sockets, wanted[i].address.name);
        listener = fd == -1 ? NULL : ngx_libra_open(cycle, fd, &wanted[i]);

        if (listener == NULL) {
            rc = NGX_ERROR;
            continue;
        }

        ngx_queue_insert_tail(&ngx_libra_listeners, &listener->queue);
    }

    if (sockets.n != -1) {
        libra_sockets_close(&sockets);
    }

    return rc;
}


static ngx_libra_listener_t *
ngx_libra_find(const char *name)
{
    ngx_queue_t           *q;
    ngx_libra_listener_t  *listener;

    for (q = ngx_queue_head(&ngx_libra_listeners);
         q != ngx_queue_sentinel(&ngx_libra_listeners);
         q = ngx_queue_next(q))
    {
        listener = ngx_queue_data(q, ngx_libra_listener_t, queue);

        if (ngx_strcmp(listener->name, name) == 0) {
            return listener;
        }
    }

    return NULL;
}

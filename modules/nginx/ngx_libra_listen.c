
#include "ngx_libra_listen.h"


#define NGX_LIBRA_RETRY  1000       /* ms, at most */


static void ngx_libra_store_handler(ngx_event_t *rev);
static void ngx_libra_retry_handler(ngx_event_t *ev);
static ngx_int_t ngx_libra_follow(ngx_cycle_t *cycle,
    const libra_snapshot_t *snapshot);
static void ngx_libra_close_unwanted(const libra_snapshot_t *snapshot);
static ngx_int_t ngx_libra_open_missing(ngx_cycle_t *cycle,
    const libra_snapshot_t *snapshot);
static ngx_libra_listener_t *ngx_libra_find(const char *name);
static ngx_int_t ngx_libra_open(ngx_cycle_t *cycle, int fd,
    const libra_listener_t *wanted);
static ngx_libra_listener_t *ngx_libra_clone(ngx_cycle_t *cycle, int fd,
    const libra_listener_t *wanted);
static ngx_listening_t *ngx_libra_template(ngx_cycle_t *cycle,
    const char *name, ngx_libra_server_t **server);
static ngx_int_t ngx_libra_listening(ngx_cycle_t *cycle,
    ngx_libra_listener_t *listener);
static ngx_int_t ngx_libra_add_accept(ngx_event_t *rev);
static void ngx_libra_close(ngx_libra_listener_t *listener);
static void ngx_libra_accept(ngx_event_t *rev);


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

        if (fd == -1 || ngx_libra_open(cycle, fd, &wanted[i]) != NGX_OK) {
            rc = NGX_ERROR;
        }
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


/* owns the descriptor in any case */

static ngx_int_t
ngx_libra_open(ngx_cycle_t *cycle, int fd, const libra_listener_t *wanted)
{
    ngx_libra_listener_t  *listener;

    listener = ngx_libra_clone(cycle, fd, wanted);

    if (listener == NULL) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "libra: \"%s\" cannot be served by server \"%s\"",
                      wanted->address.name, wanted->server);
        (void) ngx_close_socket(fd);
        return NGX_ERROR;
    }

    if (ngx_libra_listening(cycle, listener) != NGX_OK) {
        ngx_destroy_pool(listener->pool);
        (void) ngx_close_socket(fd);
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(&ngx_libra_listeners, &listener->queue);

    return NGX_OK;
}


/* a listening of the configuration, on an address it did not know */

static ngx_libra_listener_t *
ngx_libra_clone(ngx_cycle_t *cycle, int fd, const libra_listener_t *wanted)
{
    int                    family;
    ngx_pool_t            *pool;
    ngx_listening_t       *ls, *template;
    ngx_libra_server_t    *server;
    ngx_libra_listener_t  *listener;

    template = ngx_libra_template(cycle, wanted->server, &server);
    if (template == NULL) {
        return NULL;
    }

    pool = ngx_create_pool(1024, cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    family = wanted->address.sockaddr.any.sa_family;
    listener = ngx_pcalloc(pool, sizeof(ngx_libra_listener_t));

    if (listener == NULL) {
        goto failed;
    }

    listener->pool = pool;
    listener->users = 1;
    listener->lb = -1;
    ngx_cpystrn((u_char *) listener->name, (u_char *) wanted->address.name,
                LIBRA_NAME_SIZE);
    ngx_cpystrn((u_char *) listener->server, (u_char *) wanted->server,
                LIBRA_SERVER_SIZE);

    ls = &listener->ls;
    *ls = *template;

    ls->fd = fd;
    ls->type = SOCK_STREAM;
    ls->socklen = libra_socklen(&wanted->address.sockaddr);
    ls->sockaddr = ngx_palloc(pool, ls->socklen);
    ls->servers = server->servers(pool, template, family);

    if (ls->sockaddr == NULL || ls->servers == NULL) {
        goto failed;
    }

    ngx_memcpy(ls->sockaddr, &wanted->address.sockaddr, ls->socklen);

    ls->addr_text.data = (u_char *) listener->name;
    ls->addr_text.len = ngx_strlen(listener->name);
    ls->addr_text_max_len = (family == AF_INET6) ? NGX_INET6_ADDRSTRLEN
                                                 : NGX_INET_ADDRSTRLEN;
    ls->addr_ntop = 1;
    ls->wildcard = ngx_inet_wildcard(ls->sockaddr);
    ls->log.data = &ls->addr_text;
    ls->previous = NULL;

    listener->accepted = ls->handler;
    ls->handler = ngx_libra_accepted;

    return listener;

failed:

    ngx_destroy_pool(pool);

    return NULL;
}


static ngx_listening_t *
ngx_libra_template(ngx_cycle_t *cycle, const char *name,
    ngx_libra_server_t **server)
{
    ngx_uint_t           i;
    ngx_listening_t     *ls;

    *server = ngx_libra_server(cycle, name);
    if (*server == NULL) {
        return NULL;
    }

    ls = cycle->listening.elts;

    for (i = 0; i < cycle->listening.nelts; i++) {
        if ((*server)->match(&ls[i], (*server)->server)) {
            return &ls[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_libra_listening(ngx_cycle_t *cycle, ngx_libra_listener_t *listener)
{
    ngx_event_t       *rev;
    ngx_connection_t  *c;

    c = ngx_get_connection(listener->ls.fd, cycle->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->type = SOCK_STREAM;
    c->log = &listener->ls.log;
    c->listening = &listener->ls;
    listener->ls.connection = c;

    rev = c->read;
    rev->log = c->log;
    rev->accept = 1;
    rev->handler = ngx_libra_accept;

    if (ngx_libra_add_accept(rev) != NGX_OK) {
        ngx_free_connection(c);
        c->fd = (ngx_socket_t) -1;
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_libra_add_accept(ngx_event_t *rev)
{
#if (NGX_HAVE_EPOLLEXCLUSIVE)

    if (ngx_event_flags & NGX_USE_EPOLL_EVENT) {
        return ngx_add_event(rev, NGX_READ_EVENT, NGX_EXCLUSIVE_EVENT);
    }

#endif

    return ngx_add_event(rev, NGX_READ_EVENT, 0);
}


static void
ngx_libra_close(ngx_libra_listener_t *listener)
{
    ngx_connection_t  *c;

    c = listener->ls.connection;

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    /* see above: closing our descriptor does not take it out */

    if (c->read->active) {
        ngx_del_event(c->read, NGX_READ_EVENT, 0);
    }

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;

    if (ngx_close_socket(listener->ls.fd) == -1) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_socket_errno,
                      ngx_close_socket_n " %s failed", listener->name);
    }

    ngx_queue_remove(&listener->queue);
    ngx_libra_unuse(listener);
}


void
ngx_libra_unuse(ngx_libra_listener_t *listener)
{
    if (--listener->users == 0) {
        ngx_destroy_pool(listener->pool);
    }
}


/*
 * nginx takes only listenings of the configuration out of the event loop when
 * it has no descriptors left; then the timer of the event is set.
 */

static void
ngx_libra_accept(ngx_event_t *rev)
{
    if (rev->timedout && !rev->active
        && ngx_libra_add_accept(rev) != NGX_OK)
    {
        rev->timedout = 0;
        ngx_add_timer(rev, NGX_LIBRA_RETRY);
        return;
    }

    ngx_event_accept(rev);

    if (rev->timer_set && rev->active) {
        ngx_del_event(rev, NGX_READ_EVENT, 0);
    }
}


#include "ngx_libra_listen.h"


static ngx_libra_listener_t *ngx_libra_clone(ngx_cycle_t *cycle, int fd,
    const libra_listener_t *wanted);
static ngx_listening_t *ngx_libra_template(ngx_cycle_t *cycle,
    const char *name, ngx_libra_server_t **server);
static ngx_int_t ngx_libra_listening(ngx_cycle_t *cycle,
    ngx_libra_listener_t *listener);
static ngx_int_t ngx_libra_add_accept(ngx_event_t *rev);
static void ngx_libra_accept(ngx_event_t *rev);


ngx_libra_listener_t *
ngx_libra_open(ngx_cycle_t *cycle, int fd, const libra_listener_t *wanted)
{
    ngx_libra_listener_t  *listener;

    listener = ngx_libra_clone(cycle, fd, wanted);

    if (listener == NULL) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "libra: \"%s\" cannot be served by server \"%s\"",
                      wanted->address.name, wanted->server);
        (void) ngx_close_socket(fd);
        return NULL;
    }

    if (ngx_libra_listening(cycle, listener) != NGX_OK) {
        ngx_destroy_pool(listener->pool);
        (void) ngx_close_socket(fd);
        return NULL;
    }

    return listener;
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


void
ngx_libra_close(ngx_libra_listener_t *listener)
{
    ngx_connection_t  *c;

    c = listener->ls.connection;

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    /* others have it open: closing our descriptor does not take it out */

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

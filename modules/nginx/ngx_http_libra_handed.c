
#include "ngx_http_libra_control.h"


static ssize_t ngx_http_libra_recv(ngx_connection_t *c, u_char *buf,
    size_t size);
static void ngx_http_libra_close_handed(void *data);


void
ngx_http_libra_control_connection(ngx_connection_t *c)
{
    ngx_pool_cleanup_t  *cln;

    if (c->sockaddr->sa_family == AF_UNIX) {

        cln = ngx_pool_cleanup_add(c->pool, sizeof(libra_sockets_t));

        if (cln == NULL) {
            ngx_http_close_connection(c);
            return;
        }

        ((libra_sockets_t *) cln->data)->n = 0;
        cln->handler = ngx_http_libra_close_handed;

        c->recv = ngx_http_libra_recv;
    }

    ngx_http_init_connection(c);
}


libra_sockets_t *
ngx_http_libra_handed(ngx_connection_t *c)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = c->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_libra_close_handed) {
            return cln->data;
        }
    }

    return NULL;
}


static void
ngx_http_libra_close_handed(void *data)
{
    libra_sockets_close(data);
}


/* as ngx_unix_recv(), and keeps the descriptors that come along */

static ssize_t
ngx_http_libra_recv(ngx_connection_t *c, u_char *buf, size_t size)
{
    ssize_t       n;
    ngx_err_t     err;
    ngx_event_t  *rev;

    rev = c->read;

    do {
        n = libra_receive_sockets(c->fd, buf, size, 0,
                                  ngx_http_libra_handed(c));

        /*
         * A short read is not the end of what is there when descriptors came,
         * so only EAGAIN says that the event is not ready any more.
         */

        if (n > 0) {
            return n;
        }

        if (n == 0) {
            rev->ready = 0;
            rev->eof = 1;
            return 0;
        }

        err = ngx_socket_errno;

    } while (err == NGX_EINTR);

    rev->ready = 0;

    if (err == NGX_EAGAIN) {
        return NGX_AGAIN;
    }

    rev->error = 1;

    return ngx_connection_error(c, err, "recvmsg() failed");
}

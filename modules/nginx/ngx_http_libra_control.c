
#include <jansson.h>

#include "ngx_http_libra_module.h"


#define NGX_HTTP_LIBRA_PATIENCE  2000   /* ms for all workers to confirm */


typedef ngx_int_t (*ngx_http_libra_method_pt)(ngx_http_request_t *r,
    ngx_str_t *body);

typedef struct {
    ngx_uint_t                  method;
    ngx_str_t                   uri;
    ngx_http_libra_method_pt    handler;
} ngx_http_libra_route_t;


/* waits until all workers carry what was applied */

typedef struct {
    ngx_http_request_t         *request;
    uint64_t                    seq;
    ngx_msec_t                  deadline;
    ngx_event_t                 timer;
} ngx_http_libra_wait_t;


static ssize_t ngx_http_libra_recv(ngx_connection_t *c, u_char *buf,
    size_t size);
static libra_sockets_t *ngx_http_libra_handed(ngx_connection_t *c);
static void ngx_http_libra_close_handed(void *data);
static void ngx_http_libra_body_handler(ngx_http_request_t *r);
static ngx_http_libra_route_t *ngx_http_libra_route(ngx_http_request_t *r);
static ngx_int_t ngx_http_libra_body(ngx_http_request_t *r, ngx_str_t *body);

static ngx_int_t ngx_http_libra_get_state(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_libra_put_state(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_libra_put_health(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_libra_get_status(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_libra_get_listeners(ngx_http_request_t *r,
    ngx_str_t *body);

static size_t ngx_http_libra_listeners_text(libra_sockets_t *sockets,
    u_char *text, size_t size);
static void ngx_http_libra_wait_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_libra_waited(ngx_http_libra_wait_t *wait);
static void ngx_http_libra_wait_cleanup(void *data);
static ngx_int_t ngx_http_libra_done(ngx_http_request_t *r);
static uint64_t ngx_http_libra_revision(void);
static ngx_int_t ngx_http_libra_refused(ngx_http_request_t *r,
    libra_error_t *error);
static ngx_int_t ngx_http_libra_answer(ngx_http_request_t *r,
    ngx_uint_t status, char *text);


static ngx_http_libra_route_t  ngx_http_libra_routes[] = {

    { NGX_HTTP_GET, ngx_string("/state"), ngx_http_libra_get_state },
    { NGX_HTTP_PUT, ngx_string("/state"), ngx_http_libra_put_state },
    { NGX_HTTP_PUT, ngx_string("/health"), ngx_http_libra_put_health },
    { NGX_HTTP_GET, ngx_string("/status"), ngx_http_libra_get_status },
    { NGX_HTTP_GET, ngx_string("/listeners"), ngx_http_libra_get_listeners },

    { 0, ngx_null_string, NULL }
};


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


static libra_sockets_t *
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


ngx_int_t
ngx_http_libra_control_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_read_client_request_body(r, ngx_http_libra_body_handler);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


static void
ngx_http_libra_body_handler(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_str_t                body;
    libra_error_t            error;
    ngx_http_libra_route_t  *route;

    route = ngx_http_libra_route(r);

    if (route == NULL) {
        libra_refuse(&error, NGX_HTTP_NOT_FOUND, "no such resource");
        rc = ngx_http_libra_refused(r, &error);

    } else if (ngx_http_libra_body(r, &body) != NGX_OK) {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else {
        rc = route->handler(r, &body);
    }

    ngx_http_finalize_request(r, rc);
}


static ngx_http_libra_route_t *
ngx_http_libra_route(ngx_http_request_t *r)
{
    ngx_http_libra_route_t  *route;

    for (route = ngx_http_libra_routes; route->handler; route++) {

        if (r->method == route->method
            && r->uri.len == route->uri.len
            && ngx_strncmp(r->uri.data, route->uri.data, r->uri.len) == 0)
        {
            return route;
        }
    }

    return NULL;
}


/* what came with the header and what came later are two buffers */

static ngx_int_t
ngx_http_libra_body(ngx_http_request_t *r, ngx_str_t *body)
{
    u_char       *p;
    ngx_chain_t  *cl;

    ngx_str_null(body);

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {

        if (cl->buf->in_file) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "libra: request body is in a file");
            return NGX_ERROR;
        }

        body->len += cl->buf->last - cl->buf->pos;
    }

    body->data = ngx_pnalloc(r->pool, body->len + 1);
    if (body->data == NULL) {
        return NGX_ERROR;
    }

    p = body->data;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        p = ngx_cpymem(p, cl->buf->pos, cl->buf->last - cl->buf->pos);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_libra_get_state(ngx_http_request_t *r, ngx_str_t *body)
{
    libra_snapshot_t         none;
    const libra_snapshot_t  *snapshot;

    snapshot = libra_zone_current(&ngx_libra_zone);

    if (snapshot == NULL) {
        ngx_memzero(&none, sizeof(libra_snapshot_t));
        snapshot = &none;
    }

    return ngx_http_libra_answer(r, NGX_HTTP_OK,
                                 libra_revision_text(snapshot, 0));
}


static ngx_int_t
ngx_http_libra_get_status(ngx_http_request_t *r, ngx_str_t *body)
{
    return ngx_http_libra_answer(r, NGX_HTTP_OK,
                                 libra_status_text(&ngx_libra_zone,
                                                   ngx_current_msec));
}


static ngx_int_t
ngx_http_libra_put_health(ngx_http_request_t *r, ngx_str_t *body)
{
    libra_error_t  error;

    if (libra_health_read(&ngx_libra_zone, (char *) body->data, body->len,
                          &error)
        != 0)
    {
        return ngx_http_libra_refused(r, &error);
    }

    return ngx_http_libra_done(r);
}


static ngx_int_t
ngx_http_libra_put_state(ngx_http_request_t *r, ngx_str_t *body)
{
    uint64_t                seq;
    ngx_int_t               rc;
    libra_error_t           error;
    libra_sockets_t         none, *handed;
    ngx_http_cleanup_t     *cln;
    ngx_http_libra_wait_t  *wait;

    none.n = 0;
    handed = ngx_http_libra_handed(r->connection);

    rc = ngx_libra_apply((ngx_cycle_t *) ngx_cycle, body,
                         handed ? handed : &none, &seq, &error);

    if (handed) {
        libra_sockets_close(handed);
    }

    if (rc != NGX_OK) {
        return ngx_http_libra_refused(r, &error);
    }

    ngx_libra_listen_sync((ngx_cycle_t *) ngx_cycle);

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_libra_wait_t));
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    wait = cln->data;
    ngx_memzero(wait, sizeof(ngx_http_libra_wait_t));

    wait->request = r;
    wait->seq = seq;
    wait->deadline = ngx_current_msec + NGX_HTTP_LIBRA_PATIENCE;
    wait->timer.handler = ngx_http_libra_wait_handler;
    wait->timer.data = wait;
    wait->timer.log = r->connection->log;

    cln->handler = ngx_http_libra_wait_cleanup;

    return ngx_http_libra_waited(wait);
}


static void
ngx_http_libra_wait_cleanup(void *data)
{
    ngx_http_libra_wait_t  *wait = data;

    if (wait->timer.timer_set) {
        ngx_del_timer(&wait->timer);
    }
}


static void
ngx_http_libra_wait_handler(ngx_event_t *ev)
{
    ngx_connection_t       *c;
    ngx_http_libra_wait_t  *wait;

    wait = ev->data;
    c = wait->request->connection;

    ngx_http_finalize_request(wait->request, ngx_http_libra_waited(wait));
    ngx_http_run_posted_requests(c);
}


/* NGX_DONE: not yet, the timer will ask again */

static ngx_int_t
ngx_http_libra_waited(ngx_http_libra_wait_t *wait)
{
    int                  pid;
    libra_error_t        error;
    ngx_http_request_t  *r;

    r = wait->request;

    if (libra_workers_behind(&ngx_libra_zone, wait->seq, &pid) == 0) {
        return ngx_http_libra_done(r);
    }

    if ((ngx_msec_int_t) (ngx_current_msec - wait->deadline) >= 0) {
        libra_refuse(&error, NGX_HTTP_SERVICE_UNAVAILABLE,
                     "applied, but worker %d does not confirm it yet", pid);
        return ngx_http_libra_refused(r, &error);
    }

    r->main->count++;
    ngx_add_timer(&wait->timer, 1);

    return NGX_DONE;
}


/* all listening sockets, for one who wants to go on with them */

static ngx_int_t
ngx_http_libra_get_listeners(ngx_http_request_t *r, ngx_str_t *body)
{
    size_t            len;
    ssize_t           n;
    u_char            text[128 + LIBRA_MAX_LISTENERS * (LIBRA_NAME_SIZE + 3)];
    libra_error_t     error;
    libra_sockets_t   sockets;

    if (libra_store_peek(&ngx_libra_store, &sockets) != 0) {
        libra_refuse(&error, 507, "listeners cannot be read: %s",
                     strerror(ngx_errno));
        return ngx_http_libra_refused(r, &error);
    }

    /* descriptors go with bytes, and nginx's own output sends only bytes */

    len = ngx_http_libra_listeners_text(&sockets, text, sizeof(text));
    n = libra_send_sockets(r->connection->fd, text, len, &sockets);

    libra_sockets_close(&sockets);

    if (n != (ssize_t) len) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, ngx_errno,
                      "libra: listeners could not be sent");
    }

    return NGX_HTTP_CLOSE;
}


static size_t
ngx_http_libra_listeners_text(libra_sockets_t *sockets, u_char *text,
    size_t size)
{
    int      i;
    size_t   len;
    u_char  *p, *last;

    len = sizeof("{\"listeners\":[]}") - 1;

    for (i = 0; i < sockets->n; i++) {
        len += ngx_strlen(sockets->text.names[i]) + (i ? 3 : 2);
    }

    last = text + size;
    p = ngx_slprintf(text, last, "HTTP/1.1 200 OK" CRLF
                     "Content-Type: application/json" CRLF
                     "Content-Length: %uz" CRLF
                     "Connection: close" CRLF CRLF "{\"listeners\":[", len);

    for (i = 0; i < sockets->n; i++) {
        p = ngx_slprintf(p, last, "%s\"%s\"", i ? "," : "",
                         sockets->text.names[i]);
    }

    p = ngx_slprintf(p, last, "]}");

    return p - text;
}


static ngx_int_t
ngx_http_libra_done(ngx_http_request_t *r)
{
    json_t  *root;
    char    *text, boot[20];

    (void) ngx_sprintf((u_char *) boot, "%016xL%Z",
                       libra_zone_boot(&ngx_libra_zone));

    root = json_pack("{s:I, s:s}", "revision",
                     (json_int_t) ngx_http_libra_revision(), "boot", boot);
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);

    return ngx_http_libra_answer(r, NGX_HTTP_OK, text);
}


static uint64_t
ngx_http_libra_revision(void)
{
    const libra_snapshot_t  *snapshot;

    snapshot = libra_zone_current(&ngx_libra_zone);

    return snapshot ? snapshot->revision : 0;
}


static ngx_int_t
ngx_http_libra_refused(ngx_http_request_t *r, libra_error_t *error)
{
    char    *text;
    json_t  *root;

    root = json_pack("{s:s}", "error", error->text);
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "libra: %V refused: %s", &r->uri, error->text);

    return ngx_http_libra_answer(r, error->status, text);
}


/* frees the text; NULL: there was no memory for it */

static ngx_int_t
ngx_http_libra_answer(ngx_http_request_t *r, ngx_uint_t status, char *text)
{
    size_t        len;
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    if (text == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    len = ngx_strlen(text);
    b = ngx_create_temp_buf(r->pool, len + 1);

    if (b) {
        b->last = ngx_cpymem(b->last, text, len);
        *b->last++ = LF;
    }

    free(text);

    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_length_n = len + 1;
    r->headers_out.status = status;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


#include <jansson.h>

#include "ngx_http_libra_control.h"


typedef ngx_int_t (*ngx_http_libra_method_pt)(ngx_http_request_t *r,
    ngx_str_t *body);

typedef struct {
    ngx_uint_t                  method;
    ngx_str_t                   uri;
    ngx_http_libra_method_pt    handler;
} ngx_http_libra_route_t;


static void ngx_http_libra_body_handler(ngx_http_request_t *r);
static ngx_http_libra_route_t *ngx_http_libra_route(ngx_http_request_t *r);
static ngx_int_t ngx_http_libra_body(ngx_http_request_t *r, ngx_str_t *body);

static ngx_int_t ngx_http_libra_get_state(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_libra_put_health(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_libra_get_status(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_libra_get_listeners(ngx_http_request_t *r,
    ngx_str_t *body);

static size_t ngx_http_libra_listeners_text(libra_sockets_t *sockets,
    u_char *text, size_t size);
static uint64_t ngx_http_libra_revision(void);
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


ngx_int_t
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


ngx_int_t
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

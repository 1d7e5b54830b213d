
#include "ngx_http_libra_module.h"


static ngx_int_t ngx_http_libra_secure_url(ngx_http_request_t *r,
    ngx_uint_t port, ngx_str_t *url);


/* asked for each request, so that it holds on kept connections too */

ngx_int_t
ngx_http_libra_redirect_handler(ngx_http_request_t *r)
{
    ngx_libra_peer_t        *lp;
    const libra_lb_t        *lb;
    const libra_snapshot_t  *snapshot;

    snapshot = libra_zone_current(&ngx_libra_zone);
    lb = snapshot ? ngx_libra_connection_lb(r->connection, snapshot) : NULL;

    if (lb == NULL || lb->redirect == 0 || r != r->main) {
        return NGX_DECLINED;
    }

#if (NGX_HTTP_SSL)

    if (r->connection->ssl) {
        return NGX_DECLINED;
    }

#endif

    /* counted as every other request */

    lp = ngx_libra_peer_create(r->pool, r->connection, NULL);
    if (lp == NULL) {
        return NGX_ERROR;
    }

    ngx_http_set_ctx(r, lp, ngx_http_libra_module);

    if (r->headers_in.server.len == 0) {
        return NGX_HTTP_BAD_REQUEST;
    }

    ngx_http_clear_location(r);

    r->headers_out.location = ngx_list_push(&r->headers_out.headers);
    if (r->headers_out.location == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(r->headers_out.location, sizeof(ngx_table_elt_t));

    if (ngx_http_libra_secure_url(r, lb->redirect,
                                  &r->headers_out.location->value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_out.location->hash = 1;
    ngx_str_set(&r->headers_out.location->key, "Location");

    return NGX_HTTP_MOVED_PERMANENTLY;
}


static ngx_int_t
ngx_http_libra_secure_url(ngx_http_request_t *r, ngx_uint_t port,
    ngx_str_t *url)
{
    u_char  *p;
    size_t   size;

    size = sizeof("https://:65535") + r->headers_in.server.len
           + r->unparsed_uri.len;

    url->data = ngx_pnalloc(r->pool, size);
    if (url->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_snprintf(url->data, size, "https://%V", &r->headers_in.server);

    if (port != 443) {
        p = ngx_sprintf(p, ":%ui", port);
    }

    p = ngx_cpymem(p, r->unparsed_uri.data, r->unparsed_uri.len);
    url->len = p - url->data;

    return NGX_OK;
}

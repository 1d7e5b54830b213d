
#include "ngx_http_libra_module.h"


#define NGX_HTTP_LIBRA_COOKIE  "SERVERID"


static ngx_int_t ngx_http_libra_header_filter(ngx_http_request_t *r);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


void
ngx_http_libra_cookie_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_libra_header_filter;
}


uint64_t
ngx_http_libra_cookie(ngx_http_request_t *r)
{
    u_char      ch;
    uint64_t    key;
    ngx_str_t   name, value;
    ngx_uint_t  i;

    ngx_str_set(&name, NGX_HTTP_LIBRA_COOKIE);

#if (nginx_version >= 1023000)

    if (ngx_http_parse_multi_header_lines(r, r->headers_in.cookie, &name,
                                          &value)
        == NULL)
    {
        return 0;
    }

#else

    if (ngx_http_parse_multi_header_lines(&r->headers_in.cookies, &name,
                                          &value)
        == NGX_DECLINED)
    {
        return 0;
    }

#endif

    if (value.len != 16) {
        return 0;
    }

    for (i = 0, key = 0; i < value.len; i++) {
        ch = value.data[i];

        if (ch >= '0' && ch <= '9') {
            key = key << 4 | (ch - '0');

        } else if (ch >= 'a' && ch <= 'f') {
            key = key << 4 | (ch - 'a' + 10);

        } else {
            return 0;
        }
    }

    return key;
}


static ngx_int_t
ngx_http_libra_header_filter(ngx_http_request_t *r)
{
    u_char            *p;
    ngx_table_elt_t   *h;
    ngx_libra_peer_t  *lp;

    lp = ngx_http_get_module_ctx(r, ngx_http_libra_module);

    if (lp == NULL || lp->peer == NULL
        || lp->choice.lb->persistence != LIBRA_STICKY_COOKIE
        || lp->choice.sticky == lp->peer->key)
    {
        return ngx_http_next_header_filter(r);
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(r->pool, sizeof(NGX_HTTP_LIBRA_COOKIE "=; path=/") + 16);
    if (p == NULL) {
        h->hash = 0;
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Set-Cookie");
    h->value.data = p;
    h->value.len = ngx_sprintf(p, NGX_HTTP_LIBRA_COOKIE "=%016xL; path=/",
                               lp->peer->key)
                   - p;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    return ngx_http_next_header_filter(r);
}

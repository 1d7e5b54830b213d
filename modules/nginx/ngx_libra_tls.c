
#include "ngx_libra.h"

#include "libra_pair.h"


#if (NGX_SSL)

static int ngx_libra_hello(ngx_ssl_conn_t *ssl, int *alert, void *arg);
static int ngx_libra_certify(ngx_ssl_conn_t *ssl, void *arg);
static libra_pair_t *ngx_libra_pair(const libra_snapshot_t *snapshot,
    const libra_certificate_t *certificate, ngx_log_t *log);
static ngx_int_t ngx_libra_pairs_renew(const libra_snapshot_t *snapshot);


/* of the snapshot's certificates, those which somebody asked for were read */

static const libra_snapshot_t  *ngx_libra_pairs_of;     /* held */
static libra_pair_t            *ngx_libra_pairs;


/*
 * Neither names nor keys become variables, which end up in logs when somebody
 * wants to debug: OpenSSL asks us and not nginx.
 */

void
ngx_libra_tls(ngx_ssl_t *ssl, ngx_array_t *certificates)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (ssl->ctx == NULL || certificates == NULL
        || certificates == NGX_CONF_UNSET_PTR)
    {
        return;
    }

    name = certificates->elts;

    for (i = 0; i < certificates->nelts; i++) {

        if (ngx_strcmp(name[i].data, "$" NGX_LIBRA_CERTIFICATE) == 0) {
            SSL_CTX_set_client_hello_cb(ssl->ctx, ngx_libra_hello, NULL);
            SSL_CTX_set_cert_cb(ssl->ctx, ngx_libra_certify, NULL);
        }
    }
}


static const libra_lb_t *
ngx_libra_session_lb(ngx_connection_t *c, const libra_snapshot_t *snapshot)
{
    return snapshot ? ngx_libra_connection_lb(c, snapshot) : NULL;
}


/* before OpenSSL looks for a session to resume */

static int
ngx_libra_hello(ngx_ssl_conn_t *ssl, int *alert, void *arg)
{
    const libra_lb_t  *lb;

    lb = ngx_libra_session_lb(ngx_ssl_get_connection(ssl),
                              libra_zone_current(&ngx_libra_zone));

    if (lb && libra_bind_session(lb, ssl) == 0) {
        return SSL_CLIENT_HELLO_SUCCESS;
    }

    *alert = SSL_AD_UNRECOGNIZED_NAME;

    return SSL_CLIENT_HELLO_ERROR;
}


static int
ngx_libra_certify(ngx_ssl_conn_t *ssl, void *arg)
{
    libra_pair_t               *pair;
    const libra_lb_t           *lb;
    ngx_connection_t           *c;
    const libra_snapshot_t     *snapshot;
    const libra_certificate_t  *certificate;

    c = ngx_ssl_get_connection(ssl);
    snapshot = libra_zone_current(&ngx_libra_zone);
    lb = ngx_libra_session_lb(c, snapshot);

    certificate = lb ? libra_find_certificate(snapshot, lb,
                           SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
                     : NULL;

    pair = certificate ? ngx_libra_pair(snapshot, certificate, c->log) : NULL;

    return pair && libra_pair_use(pair, ssl) == 0;
}


static libra_pair_t *
ngx_libra_pair(const libra_snapshot_t *snapshot,
    const libra_certificate_t *certificate, ngx_log_t *log)
{
    const char    *why;
    libra_pair_t  *pair;

    if (snapshot != ngx_libra_pairs_of
        && ngx_libra_pairs_renew(snapshot) != NGX_OK)
    {
        return NULL;
    }

    pair = &ngx_libra_pairs[certificate - libra_certificates(snapshot)];

    if (pair->key) {
        return pair;
    }

    why = libra_pair_read(pair, snapshot, certificate);

    if (why) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "libra: certificate for \"%s\" %s",
                      certificate->host, why);
        return NULL;
    }

    return pair;
}


void
ngx_libra_tls_forget(void)
{
    uint32_t  i;

    if (ngx_libra_pairs_of == NULL) {
        return;
    }

    for (i = 0; i < ngx_libra_pairs_of->ncertificates; i++) {
        libra_pair_free(&ngx_libra_pairs[i]);
    }

    ngx_free(ngx_libra_pairs);
    libra_release(ngx_libra_pairs_of);

    ngx_libra_pairs = NULL;
    ngx_libra_pairs_of = NULL;
}


/* those which stay need not be read again */

static ngx_int_t
ngx_libra_pairs_renew(const libra_snapshot_t *snapshot)
{
    uint32_t                    i, k, n;
    libra_pair_t               *pairs;
    const libra_snapshot_t     *old;
    const libra_certificate_t  *before, *after;

    pairs = ngx_calloc((snapshot->ncertificates + 1) * sizeof(libra_pair_t),
                       ngx_cycle->log);
    if (pairs == NULL) {
        return NGX_ERROR;
    }

    old = ngx_libra_pairs_of;
    n = old ? old->ncertificates : 0;
    before = old ? libra_certificates(old) : NULL;
    after = libra_certificates(snapshot);

    for (k = 0; k < n; k++) {

        for (i = 0; ngx_libra_pairs[k].key && i < snapshot->ncertificates;
             i++)
        {
            if (pairs[i].key == NULL
                && libra_pair_same(old, &before[k], snapshot, &after[i]))
            {
                pairs[i] = ngx_libra_pairs[k];
                ngx_memzero(&ngx_libra_pairs[k], sizeof(libra_pair_t));
            }
        }

        libra_pair_free(&ngx_libra_pairs[k]);
    }

    ngx_free(ngx_libra_pairs);

    if (old) {
        libra_release(old);
    }

    ngx_libra_pairs = pairs;
    ngx_libra_pairs_of = libra_hold(snapshot);

    return NGX_OK;
}

#endif

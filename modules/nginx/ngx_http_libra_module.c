
#include "ngx_http_libra_module.h"


typedef struct {
    ngx_http_complex_value_t   *id;     /* upstream{}: NULL is the listener's */
    ngx_flag_t                  control;
} ngx_http_libra_srv_conf_t;


static ngx_int_t ngx_http_libra_init_upstream(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *us);
static ngx_int_t ngx_http_libra_init_peer(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us);
static ngx_int_t ngx_http_libra_log_handler(ngx_http_request_t *r);

static void *ngx_http_libra_create_srv_conf(ngx_conf_t *cf);
static char *ngx_http_libra_balance(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_libra_control(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_libra_add_variables(ngx_conf_t *cf);
static ngx_int_t ngx_http_libra_certificate_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_libra_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_libra_init_module(ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_libra_commands[] = {

    { ngx_string("libra_balance"),
      NGX_HTTP_UPS_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_libra_balance,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("libra_listen"),
      NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_http_libra_listen,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("libra_control"),
      NGX_HTTP_SRV_CONF|NGX_CONF_NOARGS,
      ngx_http_libra_control,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_libra_module_ctx = {
    ngx_http_libra_add_variables,          /* preconfiguration */
    ngx_http_libra_init,                   /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    ngx_http_libra_create_srv_conf,        /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_libra_module = {
    NGX_MODULE_V1,
    &ngx_http_libra_module_ctx,            /* module context */
    ngx_http_libra_commands,               /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_libra_init_module,            /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_libra_create_srv_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_libra_srv_conf_t));
}


static ngx_int_t
ngx_http_libra_init_upstream(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *us)
{
    us->peer.init = ngx_http_libra_init_peer;

    return NGX_OK;
}


static ngx_int_t
ngx_http_libra_init_peer(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us)
{
    ngx_str_t                   id;
    ngx_libra_peer_t           *lp;
    ngx_http_libra_srv_conf_t  *lscf;

    lscf = ngx_http_conf_upstream_srv_conf(us, ngx_http_libra_module);

    if (lscf->id && ngx_http_complex_value(r, lscf->id, &id) != NGX_OK) {
        return NGX_ERROR;
    }

    lp = ngx_libra_peer_create(r->pool, r->connection, lscf->id ? &id : NULL);

    if (lp == NULL
        || ngx_libra_peer_init(r->pool, &r->upstream->peer, lp) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (lp->choice.lb && lp->choice.lb->persistence == LIBRA_STICKY_COOKIE) {
        lp->choice.sticky = ngx_http_libra_cookie(r);
    }

    ngx_http_set_ctx(r, lp, ngx_http_libra_module);

    return NGX_OK;
}


static ngx_int_t
ngx_http_libra_log_handler(ngx_http_request_t *r)
{
    libra_cell_t      *cell;
    ngx_libra_peer_t  *lp;

    lp = ngx_http_get_module_ctx(r, ngx_http_libra_module);

    if (lp == NULL || lp->choice.lb == NULL) {
        return NGX_OK;
    }

    cell = libra_cell(&ngx_libra_zone, lp->choice.lb->slot);

    libra_count(&cell->requests, 1);
    libra_count(&cell->received, r->request_length);
    libra_count(&cell->sent, r->connection->sent);

    return NGX_OK;
}


static char *
ngx_http_libra_balance(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_libra_srv_conf_t *lscf = conf;

    ngx_str_t                         *value;
    ngx_http_upstream_server_t        *us;
    ngx_http_upstream_srv_conf_t      *uscf;
    ngx_http_compile_complex_value_t   ccv;

    uscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);

    if (uscf->peer.init_upstream == ngx_http_libra_init_upstream) {
        return "is duplicate";
    }

    if (uscf->peer.init_upstream) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "load balancing method redefined");
    }

    ngx_libra_enable(cf);

    uscf->peer.init_upstream = ngx_http_libra_init_upstream;
    uscf->flags = NGX_HTTP_UPSTREAM_CREATE;

    /* an upstream without any server is refused */

    us = ngx_array_push(uscf->servers);
    if (us == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(us, sizeof(ngx_http_upstream_server_t));
    ngx_str_set(&us->name, "libra");
    us->down = 1;

    if (cf->args->nelts == 1) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    lscf->id = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (lscf->id == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = lscf->id;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_libra_control(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_libra_srv_conf_t *lscf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    if (lscf->control) {
        return "is duplicate";
    }

    ngx_libra_enable(cf);
    lscf->control = 1;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    clcf->handler = ngx_http_libra_control_handler;

    /* a state stays in memory */

    clcf->client_max_body_size = LIBRA_MAX_BODY;
    clcf->client_body_buffer_size = LIBRA_MAX_BODY;

    return NGX_CONF_OK;
}


/* a word for ssl_certificate, without a value: see ngx_libra_tls.c */

static ngx_int_t
ngx_http_libra_add_variables(ngx_conf_t *cf)
{
    ngx_str_t             name = ngx_string("libra_certificate");
    ngx_http_variable_t  *var;

    var = ngx_http_add_variable(cf, &name, 0);
    if (var == NULL) {
        return NGX_ERROR;
    }

    var->get_handler = ngx_http_libra_certificate_variable;

    return NGX_OK;
}


static ngx_int_t
ngx_http_libra_certificate_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    v->not_found = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_libra_init(ngx_conf_t *cf)
{
    ngx_libra_conf_t           *conf;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;
#if (NGX_HTTP_SSL)
    ngx_uint_t                  i;
    ngx_http_ssl_srv_conf_t    *sscf;
    ngx_http_core_srv_conf_t  **cscf;
#endif

    conf = ngx_libra_get_conf(cf->cycle);

    if (!conf->enabled) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_libra_log_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_libra_redirect_handler;

#if (NGX_HTTP_SSL)

    cscf = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {
        sscf = cscf[i]->ctx->srv_conf[ngx_http_ssl_module.ctx_index];
        ngx_libra_tls(&sscf->ssl, sscf->certificates);
    }

#endif

    ngx_http_libra_cookie_init();

    return NGX_OK;
}


static ngx_int_t
ngx_http_libra_init_module(ngx_cycle_t *cycle)
{
    ngx_uint_t                  i;
    ngx_listening_t            *ls;
    ngx_http_core_srv_conf_t   *cscf;
    ngx_http_libra_srv_conf_t  *lscf;

    ls = cycle->listening.elts;

    for (i = 0; i < cycle->listening.nelts; i++) {

        if (ls[i].handler != ngx_http_init_connection) {
            continue;
        }

        cscf = ngx_http_libra_addr_conf(&ls[i])->default_server;
        lscf = cscf->ctx->srv_conf[ngx_http_libra_module.ctx_index];

        if (lscf->control) {
            ls[i].handler = ngx_http_libra_control_connection;
        }
    }

    return NGX_OK;
}


#include "ngx_libra.h"


static void *ngx_libra_create_conf(ngx_cycle_t *cycle);
static ngx_int_t ngx_libra_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_libra_init_process(ngx_cycle_t *cycle);
static void ngx_libra_exit_process(ngx_cycle_t *cycle);
static ngx_int_t ngx_libra_inherit(ngx_cycle_t *cycle);
static ngx_int_t ngx_libra_create(ngx_cycle_t *cycle);
static ngx_int_t ngx_libra_bequeath(ngx_cycle_t *cycle);
static char *ngx_libra_state(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#define NGX_LIBRA_ENV  "LIBRA_DESCRIPTORS"


libra_zone_t   ngx_libra_zone = { .fd = -1, .lane = -1 };
libra_store_t  ngx_libra_store = { -1, -1 };


static ngx_command_t  ngx_libra_commands[] = {

    { ngx_string("libra_state"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_TAKE1,
      ngx_libra_state,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_core_module_t  ngx_libra_module_ctx = {
    ngx_string("libra"),
    ngx_libra_create_conf,
    NULL
};


ngx_module_t  ngx_libra_module = {
    NGX_MODULE_V1,
    &ngx_libra_module_ctx,                 /* module context */
    ngx_libra_commands,                    /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_libra_init_module,                 /* init module */
    ngx_libra_init_process,                /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_libra_exit_process,                /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_libra_create_conf(ngx_cycle_t *cycle)
{
    ngx_libra_conf_t  *conf;

    conf = ngx_pcalloc(cycle->pool, sizeof(ngx_libra_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&conf->servers, cycle->pool, 4,
                       sizeof(ngx_libra_server_t))
        != NGX_OK)
    {
        return NULL;
    }

    return conf;
}


ngx_libra_conf_t *
ngx_libra_enable(ngx_conf_t *cf)
{
    ngx_libra_conf_t  *conf;

    conf = ngx_libra_get_conf(cf->cycle);
    conf->enabled = 1;

    return conf;
}


char *
ngx_libra_add_server(ngx_conf_t *cf, ngx_libra_server_t *server)
{
    ngx_libra_conf_t    *conf;
    ngx_libra_server_t  *added;

    conf = ngx_libra_enable(cf);

    if (server->name.len == 0 || server->name.len >= LIBRA_SERVER_SIZE) {
        return "has a name of no or too many characters";
    }

    if (ngx_libra_server(cf->cycle, (char *) server->name.data)) {
        return "has a name that is used already";
    }

    added = ngx_array_push(&conf->servers);
    if (added == NULL) {
        return NGX_CONF_ERROR;
    }

    *added = *server;

    return NGX_CONF_OK;
}


ngx_libra_server_t *
ngx_libra_server(ngx_cycle_t *cycle, const char *name)
{
    ngx_uint_t           i;
    ngx_libra_conf_t    *conf;
    ngx_libra_server_t  *server;

    conf = ngx_libra_get_conf(cycle);
    server = conf->servers.elts;

    for (i = 0; i < conf->servers.nelts; i++) {
        if (ngx_strcmp(server[i].name.data, name) == 0) {
            return &server[i];
        }
    }

    return NULL;
}


static char *
ngx_libra_state(ngx_conf_t *cf, ngx_command_t *cmd, void *dummy)
{
    ngx_str_t         *value;
    ngx_libra_conf_t  *conf;

    conf = ngx_libra_enable(cf);

    if (conf->state.data) {
        return "is duplicate";
    }

    value = cf->args->elts;
    conf->state = value[1];

    if (ngx_conf_full_name(cf->cycle, &conf->state, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_libra_init_module(ngx_cycle_t *cycle)
{
    ngx_libra_conf_t  *conf;

    conf = ngx_libra_get_conf(cycle);

    if (!conf->enabled || ngx_test_config) {
        return NGX_OK;
    }

    if (ngx_libra_zone.fd == -1
        && ngx_libra_inherit(cycle) != NGX_OK
        && ngx_libra_create(cycle) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "libra: no shared zone");
        return NGX_ERROR;
    }

    if (ngx_libra_bequeath(cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    if (libra_zone_seq(&ngx_libra_zone) == 0) {
        ngx_libra_restore(cycle);
    }

    return NGX_OK;
}


/*
 * After USR2, or with a new file of this module after a reload, zone and store
 * are open already.  A zone of another layout is left, its listeners are not.
 */

static ngx_int_t
ngx_libra_inherit(ngx_cycle_t *cycle)
{
    int            fd;
    char          *value;
    libra_store_t  store;

    value = getenv(NGX_LIBRA_ENV);

    if (value == NULL
        || sscanf(value, "%d:%d:%d", &fd, &store.reader, &store.writer) != 3
        || libra_store_attach(&store) != 0)
    {
        return NGX_DECLINED;
    }

    ngx_libra_store = store;

    if (libra_zone_attach(&ngx_libra_zone, fd) != 0) {
        ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0,
                      "libra: inherited zone has another layout");
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_libra_create(ngx_cycle_t *cycle)
{
    libra_store_t    old;
    libra_sockets_t  sockets;

    old = ngx_libra_store;

    if (libra_zone_create(&ngx_libra_zone) != 0) {
        return NGX_ERROR;
    }

    if (libra_store_create(&ngx_libra_store) != 0) {
        libra_zone_close(&ngx_libra_zone);
        return NGX_ERROR;
    }

    if (old.reader == -1) {
        return NGX_OK;
    }

    /* the old binary's workers go on with their own store */

    if (libra_store_peek(&old, &sockets) != 0
        || libra_store_replace(&ngx_libra_store, &sockets) != 0)
    {
        return NGX_ERROR;
    }

    libra_sockets_close(&sockets);

    return NGX_OK;
}


/* for the next binary (which gets what env{} lists), and the next module */

static ngx_int_t
ngx_libra_bequeath(ngx_cycle_t *cycle)
{
    u_char           *p, *last;
    ngx_str_t        *env;
    ngx_core_conf_t  *ccf;

    last = ngx_pnalloc(cycle->pool,
                       sizeof(NGX_LIBRA_ENV) + 3 * (NGX_INT_T_LEN + 1) + 1);
    if (last == NULL) {
        return NGX_ERROR;
    }

    p = last;
    last = ngx_sprintf(p, "%s=%d:%d:%d", NGX_LIBRA_ENV, ngx_libra_zone.fd,
                       ngx_libra_store.reader, ngx_libra_store.writer);
    *last = '\0';

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    env = ngx_array_push(&ccf->env);
    if (env == NULL) {
        return NGX_ERROR;
    }

    env->len = sizeof(NGX_LIBRA_ENV) - 1;
    env->data = p;

    if (setenv(NGX_LIBRA_ENV, (char *) p + sizeof(NGX_LIBRA_ENV), 1) != 0) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_libra_init_process(ngx_cycle_t *cycle)
{
    ngx_libra_conf_t  *conf;

    conf = ngx_libra_get_conf(cycle);

    if (!conf->enabled
        || (ngx_process != NGX_PROCESS_WORKER
            && ngx_process != NGX_PROCESS_SINGLE))
    {
        return NGX_OK;
    }

    /* a killed master leaves no workers that serve what the next one does not
     * know of */

    if (ngx_process == NGX_PROCESS_WORKER
        && prctl(PR_SET_PDEATHSIG, SIGQUIT) == -1)
    {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno,
                      "libra: prctl(PR_SET_PDEATHSIG) failed");
    }

    if (libra_zone_enter(&ngx_libra_zone) != 0) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "libra: more than %d workers at once",
                      LIBRA_MAX_LANES);
        return NGX_ERROR;
    }

    return ngx_libra_listen_start(cycle);
}


static void
ngx_libra_exit_process(ngx_cycle_t *cycle)
{
#if (NGX_SSL)
    ngx_libra_tls_forget();
#endif

    if (ngx_libra_zone.lane != -1) {
        libra_zone_close(&ngx_libra_zone);
    }
}

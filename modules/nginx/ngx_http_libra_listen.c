
#include "ngx_http_libra_module.h"


static ngx_uint_t ngx_http_libra_match(ngx_listening_t *ls, void *server);
static void *ngx_http_libra_servers(ngx_pool_t *pool, ngx_listening_t *ls,
    int family);


char *
ngx_http_libra_listen(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t           *value;
    ngx_libra_server_t   server;

    value = cf->args->elts;

    server.name = value[1];
    server.server = ngx_http_conf_get_module_srv_conf(cf,
                                                      ngx_http_core_module);
    server.match = ngx_http_libra_match;
    server.servers = ngx_http_libra_servers;

    return ngx_libra_add_server(cf, &server);
}


ngx_http_addr_conf_t *
ngx_http_libra_addr_conf(ngx_listening_t *ls)
{
    ngx_http_port_t      *port;
    ngx_http_in_addr_t   *addr;
#if (NGX_HAVE_INET6)
    ngx_http_in6_addr_t  *addr6;
#endif

    port = ls->servers;

#if (NGX_HAVE_INET6)

    if (ls->sockaddr->sa_family == AF_INET6) {
        addr6 = port->addrs;
        return &addr6[0].conf;
    }

#endif

    addr = port->addrs;

    return &addr[0].conf;
}


static ngx_uint_t
ngx_http_libra_match(ngx_listening_t *ls, void *server)
{
    return ls->handler == ngx_http_init_connection
           && ngx_http_libra_addr_conf(ls)->default_server == server;
}


/* IPv6 addresses have longer elements, with the same in them */

static void *
ngx_http_libra_servers(ngx_pool_t *pool, ngx_listening_t *ls, int family)
{
    ngx_http_port_t      *port;
    ngx_http_in_addr_t   *addr;
#if (NGX_HAVE_INET6)
    ngx_http_in6_addr_t  *addr6;
#endif

    port = ngx_pcalloc(pool, sizeof(ngx_http_port_t));
    if (port == NULL) {
        return NULL;
    }

    port->naddrs = 1;

#if (NGX_HAVE_INET6)

    if (family == AF_INET6) {
        addr6 = ngx_pcalloc(pool, sizeof(ngx_http_in6_addr_t));
        if (addr6 == NULL) {
            return NULL;
        }

        addr6->conf = *ngx_http_libra_addr_conf(ls);
        port->addrs = addr6;

        return port;
    }

#endif

    addr = ngx_pcalloc(pool, sizeof(ngx_http_in_addr_t));
    if (addr == NULL) {
        return NULL;
    }

    addr->conf = *ngx_http_libra_addr_conf(ls);
    port->addrs = addr;

    return port;
}

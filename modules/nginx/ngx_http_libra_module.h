
#ifndef _NGX_HTTP_LIBRA_MODULE_H_INCLUDED_
#define _NGX_HTTP_LIBRA_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_libra.h"


/* In place of ngx_http_init_connection(), on addresses of libra_control. */
void ngx_http_libra_control_connection(ngx_connection_t *c);

ngx_int_t ngx_http_libra_control_handler(ngx_http_request_t *r);

/* The directive: a server{} that listens wherever load balancers do. */
char *ngx_http_libra_listen(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* What a listener of HTTP serves its connections with. */
ngx_http_addr_conf_t *ngx_http_libra_addr_conf(ngx_listening_t *ls);

/* Where an LB says so, a request without TLS is only told where to go. */
ngx_int_t ngx_http_libra_redirect_handler(ngx_http_request_t *r);

/* The peer named by a client's cookie, 0 if there is none or none of ours; once
 * configured, a client that is bound to another one is told by a new cookie. */
uint64_t ngx_http_libra_cookie(ngx_http_request_t *r);
void ngx_http_libra_cookie_init(void);


extern ngx_module_t  ngx_http_libra_module;


#endif /* _NGX_HTTP_LIBRA_MODULE_H_INCLUDED_ */

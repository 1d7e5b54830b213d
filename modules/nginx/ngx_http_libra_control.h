
#ifndef _NGX_HTTP_LIBRA_CONTROL_H_INCLUDED_
#define _NGX_HTTP_LIBRA_CONTROL_H_INCLUDED_


#include "ngx_http_libra_module.h"


/* The descriptors that came with the connection's bytes; NULL: it is TCP. */
libra_sockets_t *ngx_http_libra_handed(ngx_connection_t *c);

/* PUT /state, answered when all workers carry it. */
ngx_int_t ngx_http_libra_put_state(ngx_http_request_t *r, ngx_str_t *body);

/* What a change is answered. */
ngx_int_t ngx_http_libra_done(ngx_http_request_t *r);
ngx_int_t ngx_http_libra_refused(ngx_http_request_t *r, libra_error_t *error);


#endif /* _NGX_HTTP_LIBRA_CONTROL_H_INCLUDED_ */


#include "ngx_http_libra_control.h"


#define NGX_HTTP_LIBRA_PATIENCE  2000   /* ms for all workers to confirm */


/* waits until all workers carry what was applied */

typedef struct {
    ngx_http_request_t         *request;
    uint64_t                    seq;
    ngx_msec_t                  deadline;
    ngx_event_t                 timer;
} ngx_http_libra_wait_t;


static void ngx_http_libra_wait_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_libra_waited(ngx_http_libra_wait_t *wait);
static void ngx_http_libra_wait_cleanup(void *data);


ngx_int_t
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

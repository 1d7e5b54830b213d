
#include "ngx_libra.h"


static ngx_int_t ngx_libra_apply_locked(ngx_cycle_t *cycle, ngx_str_t *text,
    libra_sockets_t *handed, uint64_t *seq, libra_error_t *error);
static ngx_int_t ngx_libra_check_servers(ngx_cycle_t *cycle,
    const libra_snapshot_t *snapshot, libra_error_t *error);
static ngx_int_t ngx_libra_gather(libra_revision_t *revision,
    libra_sockets_t *handed, libra_sockets_t *next, libra_error_t *error);
static int ngx_libra_obtain(libra_address_t *address, int index,
    libra_sockets_t *now, libra_sockets_t *handed, libra_error_t *error);
static ngx_int_t ngx_libra_write_state(ngx_cycle_t *cycle,
    const libra_snapshot_t *snapshot, libra_error_t *error);
static ngx_int_t ngx_libra_write_file(ngx_str_t *path, const char *text);
static ngx_int_t ngx_libra_read_file(ngx_cycle_t *cycle, ngx_str_t *path,
    ngx_str_t *text);


ngx_int_t
ngx_libra_apply(ngx_cycle_t *cycle, ngx_str_t *text, libra_sockets_t *handed,
    uint64_t *seq, libra_error_t *error)
{
    ngx_int_t  rc;

    if (libra_zone_lock(&ngx_libra_zone) != 0) {
        return libra_refuse(error, 503, "another state is being applied");
    }

    rc = ngx_libra_apply_locked(cycle, text, handed, seq, error);

    libra_zone_unlock(&ngx_libra_zone);

    return rc;
}


static ngx_int_t
ngx_libra_apply_locked(ngx_cycle_t *cycle, ngx_str_t *text,
    libra_sockets_t *handed, uint64_t *seq, libra_error_t *error)
{
    int               follows;
    ngx_int_t         rc;
    libra_sockets_t   next;
    libra_revision_t  revision;

    if (libra_revision_read(&revision, &ngx_libra_zone, (char *) text->data,
                            text->len, error)
        != 0)
    {
        return NGX_ERROR;
    }

    next.n = 0;
    rc = NGX_ERROR;
    follows = libra_revision_follows(&revision, &ngx_libra_zone, error);

    /* the same once more repairs listeners which a dying worker lost */

    *seq = libra_zone_seq(&ngx_libra_zone) + (follows == 1);
    next.text.seq = *seq;

    if (follows == -1
        || ngx_libra_check_servers(cycle, revision.snapshot, error) != NGX_OK
        || ngx_libra_gather(&revision, handed, &next, error) != NGX_OK
        || (follows == 1 && handed
            && ngx_libra_write_state(cycle, revision.snapshot, error)
               != NGX_OK))
    {
        goto done;
    }

    if (libra_store_replace(&ngx_libra_store, &next) != 0) {
        libra_refuse(error, 507, "listeners cannot be kept: %s",
                     strerror(ngx_errno));
        goto done;
    }

    if (follows == 1) {
        libra_zone_publish(&ngx_libra_zone, revision.snapshot);
    }

    rc = NGX_OK;

done:

    libra_sockets_close(&next);
    libra_revision_free(&revision);

    return rc;
}


static ngx_int_t
ngx_libra_check_servers(ngx_cycle_t *cycle, const libra_snapshot_t *snapshot,
    libra_error_t *error)
{
    uint32_t           i;
    libra_lb_t        *lb;
    libra_listener_t  *listener;

    lb = libra_lbs(snapshot);
    listener = libra_listeners(snapshot);

    for (i = 0; i < snapshot->nlbs; i++) {

        if (lb[i].server[0] && ngx_libra_server(cycle, lb[i].server) == NULL) {
            return libra_refuse(error, 400, "loadBalancers[%u].server: no "
                                "server{} has \"libra_listen %s\"", i,
                                lb[i].server);
        }
    }

    for (i = 0; i < snapshot->nlisteners; i++) {

        if (ngx_libra_server(cycle, listener[i].server) == NULL) {
            return libra_refuse(error, 400, "listener %s: no server{} has "
                                "\"libra_listen %s\"",
                                listener[i].address.name, listener[i].server);
        }
    }

    return NGX_OK;
}


/* a socket for each listener, all of them ours to close */

static ngx_int_t
ngx_libra_gather(libra_revision_t *revision, libra_sockets_t *handed,
    libra_sockets_t *next, libra_error_t *error)
{
    int                fd;
    uint32_t           i;
    libra_sockets_t    now;
    libra_listener_t  *listener;

    if (libra_store_peek(&ngx_libra_store, &now) != 0) {
        return libra_refuse(error, 507, "listeners cannot be read: %s",
                            strerror(ngx_errno));
    }

    fd = 0;
    listener = libra_listeners(revision->snapshot);

    for (i = 0; fd != -1 && i < revision->snapshot->nlisteners; i++) {
        fd = ngx_libra_obtain(&listener[i].address, revision->descriptors[i],
                              &now, handed, error);

        if (fd != -1) {
            libra_sockets_add(next, listener[i].address.name, fd);
        }
    }

    libra_sockets_close(&now);

    return fd == -1 ? NGX_ERROR : NGX_OK;
}


/* the one we have, the one we were given, or a new one */

static int
ngx_libra_obtain(libra_address_t *address, int index, libra_sockets_t *now,
    libra_sockets_t *handed, libra_error_t *error)
{
    int  fd;

    fd = libra_sockets_take(now, address->name);

    if (fd != -1) {
        return fd;
    }

    if (index == -1) {
        return libra_listen(address, error);
    }

    if (handed == NULL || index >= handed->n) {
        return libra_refuse(error, 400, "descriptor %d for %s did not come "
                            "with the request", index, address->name);
    }

    if (libra_check_listener(handed->fds[index], address, error) != 0) {
        return -1;
    }

    fd = fcntl(handed->fds[index], F_DUPFD_CLOEXEC, 0);

    return fd != -1 ? fd : libra_refuse(error, 507, "descriptor %d: %s",
                                        index, strerror(ngx_errno));
}


static ngx_int_t
ngx_libra_write_state(ngx_cycle_t *cycle, const libra_snapshot_t *snapshot,
    libra_error_t *error)
{
    char              *text;
    ngx_int_t          rc;
    ngx_libra_conf_t  *conf;

    conf = ngx_libra_get_conf(cycle);

    if (conf->state.len == 0) {
        return NGX_OK;
    }

    text = libra_revision_text(snapshot, 1);

    if (text == NULL) {
        return libra_refuse(error, 507, "no memory");
    }

    rc = ngx_libra_write_file(&conf->state, text);
    free(text);

    return rc == NGX_OK ? NGX_OK
                        : libra_refuse(error, 507, "cannot write %s: %s",
                                       (char *) conf->state.data,
                                       strerror(ngx_errno));
}


/*
 * Aside and renamed.  Not synced: that would stop the event loop, and a file
 * torn by a power cut is found out when it is read.
 */

static ngx_int_t
ngx_libra_write_file(ngx_str_t *path, const char *text)
{
    int      fd;
    char     aside[NGX_MAX_PATH];
    size_t   len;
    ssize_t  n;

    len = ngx_strlen(text);
    ngx_snprintf((u_char *) aside, sizeof(aside), "%V.tmp%Z", path);

    fd = open(aside, O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0600);
    if (fd == -1) {
        return NGX_ERROR;
    }

    n = write(fd, text, len);

    if (n != (ssize_t) len) {
        ngx_set_errno(n == -1 ? ngx_errno : ENOSPC);
        (void) close(fd);
        return NGX_ERROR;
    }

    if (close(fd) == -1 || rename(aside, (char *) path->data) == -1) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_libra_restore(ngx_cycle_t *cycle)
{
    uint64_t           seq;
    ngx_str_t          text;
    libra_error_t      error;
    ngx_libra_conf_t  *conf;

    conf = ngx_libra_get_conf(cycle);

    if (conf->state.len == 0
        || ngx_libra_read_file(cycle, &conf->state, &text) != NGX_OK)
    {
        return;
    }

    if (ngx_libra_apply(cycle, &text, NULL, &seq, &error) != NGX_OK) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0,
                      "libra: \"%V\" was not restored: %s", &conf->state,
                      error.text);
    }

    ngx_free(text.data);
}


static ngx_int_t
ngx_libra_read_file(ngx_cycle_t *cycle, ngx_str_t *path, ngx_str_t *text)
{
    int          fd;
    ssize_t      n;
    struct stat  st;

    fd = open((char *) path->data, O_RDONLY|O_CLOEXEC);

    if (fd == -1) {

        if (ngx_errno != NGX_ENOENT) {
            ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno,
                          ngx_open_file_n " \"%V\" failed", path);
        }

        return NGX_DECLINED;
    }

    text->data = NULL;
    n = -1;

    if (fstat(fd, &st) == 0 && st.st_size <= LIBRA_MAX_BODY) {
        text->data = ngx_alloc(st.st_size + 1, cycle->log);
    }

    if (text->data) {
        n = read(fd, text->data, st.st_size);
    }

    (void) close(fd);

    if (n == -1) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno,
                      "libra: cannot read \"%V\"", path);
        ngx_free(text->data);
        return NGX_ERROR;
    }

    text->len = n;

    return NGX_OK;
}

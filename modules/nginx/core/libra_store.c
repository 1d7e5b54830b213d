
#define _GNU_SOURCE

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libra_store.h"


typedef union {
    struct cmsghdr  head;
    char            space[CMSG_SPACE(253 * sizeof(int))];
} libra_control_t;


int
libra_store_create(libra_store_t *store)
{
    int  pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, 0, pair) != 0) {
        return -1;
    }

    store->reader = pair[0];
    store->writer = pair[1];

    return 0;
}


static int
libra_is_seqpacket(int fd)
{
    int        domain, type;
    socklen_t  len;

    len = sizeof(int);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0
        || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
    {
        return 0;
    }

    return domain == AF_UNIX && type == SOCK_SEQPACKET;
}


int
libra_store_attach(const libra_store_t *store)
{
    return libra_is_seqpacket(store->reader)
           && libra_is_seqpacket(store->writer) ? 0 : -1;
}


static void
libra_take_fds(struct msghdr *message, libra_sockets_t *sockets)
{
    int              fd;
    size_t           i, n;
    struct cmsghdr  *control;

    for (control = CMSG_FIRSTHDR(message);
         control != NULL;
         control = CMSG_NXTHDR(message, control))
    {
        if (control->cmsg_level != SOL_SOCKET
            || control->cmsg_type != SCM_RIGHTS)
        {
            continue;
        }

        n = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (i = 0; i < n; i++) {
            memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));

            if (sockets->n < LIBRA_MAX_LISTENERS) {
                sockets->fds[sockets->n++] = fd;

            } else {
                close(fd);
            }
        }
    }
}


ssize_t
libra_receive_sockets(int fd, void *text, size_t len, int flags,
    libra_sockets_t *sockets)
{
    ssize_t          n;
    struct iovec     iov;
    struct msghdr    message;
    libra_control_t  control;

    iov.iov_base = text;
    iov.iov_len = len;

    memset(&message, 0, sizeof(message));

    message.msg_iov = &iov;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);

    n = recvmsg(fd, &message, flags|MSG_CMSG_CLOEXEC);

    if (n == -1) {
        return -1;
    }

    libra_take_fds(&message, sockets);

    return n;
}


ssize_t
libra_send_sockets(int fd, const void *text, size_t len,
    const libra_sockets_t *sockets)
{
    struct iovec     iov;
    struct msghdr    message;
    libra_control_t  control;

    iov.iov_base = (void *) text;
    iov.iov_len = len;

    memset(&message, 0, sizeof(message));

    message.msg_iov = &iov;
    message.msg_iovlen = 1;

    if (sockets->n) {
        memset(&control, 0, sizeof(control));

        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sockets->n * sizeof(int));

        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        control.head.cmsg_len = CMSG_LEN(sockets->n * sizeof(int));

        memcpy(CMSG_DATA(&control.head), sockets->fds,
               sockets->n * sizeof(int));
    }

    return sendmsg(fd, &message, MSG_NOSIGNAL);
}


static size_t
libra_text_size(const libra_sockets_t *sockets)
{
    return offsetof(libra_sockets_t, text.names)
           - offsetof(libra_sockets_t, text)
           + sockets->n * sizeof(sockets->text.names[0]);
}


int
libra_store_peek(const libra_store_t *store, libra_sockets_t *sockets)
{
    ssize_t  n;

    sockets->n = 0;
    sockets->text.seq = 0;

    n = libra_receive_sockets(store->reader, &sockets->text,
                              sizeof(sockets->text), MSG_PEEK|MSG_DONTWAIT,
                              sockets);

    if (n == -1) {
        return errno == EAGAIN ? 0 : -1;
    }

    if ((size_t) n != libra_text_size(sockets)) {

        /* descriptors are missing: this process may not open more */

        libra_sockets_close(sockets);
        errno = EMFILE;
        return -1;
    }

    return 0;
}


uint64_t
libra_store_seq(const libra_store_t *store)
{
    uint64_t  seq;

    return recv(store->reader, &seq, sizeof(seq), MSG_PEEK|MSG_DONTWAIT)
           == sizeof(seq) ? seq : 0;
}


static int
libra_store_put(const libra_store_t *store, const libra_sockets_t *sockets)
{
    size_t  len;

    len = libra_text_size(sockets);

    return libra_send_sockets(store->writer, &sockets->text, len, sockets)
           == (ssize_t) len ? 0 : -1;
}


int
libra_store_replace(const libra_store_t *store,
    const libra_sockets_t *sockets)
{
    int              err;
    char             byte;
    libra_sockets_t  before;

    if (libra_store_peek(store, &before) != 0) {
        return -1;
    }

    /* first out, then in: who is woken by the new one must not see the old */

    while (recv(store->reader, &byte, 1, MSG_DONTWAIT) > 0) { /* void */ }

    if (libra_store_put(store, sockets) == 0) {
        libra_sockets_close(&before);
        return 0;
    }

    err = errno;
    (void) libra_store_put(store, &before);
    libra_sockets_close(&before);
    errno = err;

    return -1;
}


static int
libra_sockets_index(const libra_sockets_t *sockets, const char *name)
{
    int  i;

    for (i = 0; i < sockets->n; i++) {
        if (strncmp(sockets->text.names[i], name, LIBRA_NAME_SIZE) == 0) {
            return i;
        }
    }

    return -1;
}


int
libra_sockets_find(const libra_sockets_t *sockets, const char *name)
{
    int  i;

    i = libra_sockets_index(sockets, name);

    return i == -1 ? -1 : sockets->fds[i];
}


int
libra_sockets_take(libra_sockets_t *sockets, const char *name)
{
    int  i, fd;

    i = libra_sockets_index(sockets, name);

    if (i == -1) {
        return -1;
    }

    fd = sockets->fds[i];
    sockets->fds[i] = -1;

    return fd;
}


void
libra_sockets_add(libra_sockets_t *sockets, const char *name, int fd)
{
    memset(sockets->text.names[sockets->n], 0, LIBRA_NAME_SIZE);
    memcpy(sockets->text.names[sockets->n], name, strlen(name));
    sockets->fds[sockets->n++] = fd;
}


void
libra_sockets_close(libra_sockets_t *sockets)
{
    int  i;

    for (i = 0; i < sockets->n; i++) {
        if (sockets->fds[i] != -1) {
            close(sockets->fds[i]);
        }
    }

    sockets->n = 0;
}


#ifndef _LIBRA_STORE_H_INCLUDED_
#define _LIBRA_STORE_H_INCLUDED_


#include <sys/types.h>

#include "libra_address.h"
#include "libra_error.h"


/*
 * Keeps listening sockets in the kernel, in the receive queue of a socket
 * pair which all processes inherit.  The queue holds one message: names and
 * descriptors of all listeners.  Whoever peeks at it gets descriptors of its
 * own and leaves it there, so listeners outlive every worker, and those who
 * come later find them.  Each new message wakes all workers.
 */

typedef struct {
    int  reader;
    int  writer;
} libra_store_t;

typedef struct {
    int           n;
    int           fds[LIBRA_MAX_LISTENERS];

    /* goes into the message */
    struct {
        uint64_t  seq;                  /* of the snapshot it belongs to */
        char      names[LIBRA_MAX_LISTENERS][LIBRA_NAME_SIZE];
    } text;
} libra_sockets_t;


/* -1 with errno.  Open across exec(), for a new binary. */
int libra_store_create(libra_store_t *store);

/* Whether the descriptors, as another process told them, are a store. */
int libra_store_attach(const libra_store_t *store);

/* The caller owns the descriptors; -1 with errno. An empty store has none. */
int libra_store_peek(const libra_store_t *store, libra_sockets_t *sockets);
uint64_t libra_store_seq(const libra_store_t *store);

/*
 * By the writer (libra_zone_lock()) only; -1 with errno, then what was there
 * before is tried again.  The caller keeps its descriptors.
 */
int libra_store_replace(const libra_store_t *store,
    const libra_sockets_t *sockets);

/* The descriptor of a name, or -1; taken, it is the caller's. */
int libra_sockets_find(const libra_sockets_t *sockets, const char *name);
int libra_sockets_take(libra_sockets_t *sockets, const char *name);
void libra_sockets_add(libra_sockets_t *sockets, const char *name, int fd);
void libra_sockets_close(libra_sockets_t *sockets);

/*
 * Sends descriptors along with the first byte of `text`; as sendmsg().
 */
ssize_t libra_send_sockets(int fd, const void *text, size_t len,
    const libra_sockets_t *sockets);

/*
 * Receives up to `len` bytes, and descriptors that come with them: they are
 * appended to `sockets` without names, those beyond its room are closed.
 */
ssize_t libra_receive_sockets(int fd, void *text, size_t len, int flags,
    libra_sockets_t *sockets);

/*
 * A listening TCP socket.  The address need not be one of this machine (yet).
 * -1 with the error; so does the check of one that was handed in, which says
 * whether it listens on that address.
 */
int libra_listen(const libra_address_t *address, libra_error_t *error);
int libra_check_listener(int fd, const libra_address_t *address,
    libra_error_t *error);


#endif /* _LIBRA_STORE_H_INCLUDED_ */


#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libra_store.h"


#define LIBRA_BACKLOG  511


static int
libra_listen_failed(const libra_address_t *address, int fd, int err,
    libra_error_t *error)
{
    int  status;

    status = err == EMFILE || err == ENFILE || err == ENOBUFS ? 507 : 409;

    if (fd != -1) {
        close(fd);
    }

    return libra_refuse(error, status, "cannot listen on %s: %s",
                        address->name, strerror(err));
}


/* a VIP may be listened on before it is on the interface */

static int
libra_listen_options(int fd, int family)
{
    int  on;

    on = 1;

    /* REUSEPORT: a port of one address is taken while that of all addresses
     * is given up, and the other way round */

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0
        || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
    {
        return -1;
    }

    if (family == AF_INET6) {
        return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0
               || setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on))
                  != 0 ? -1 : 0;
    }

    return setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
}


int
libra_listen(const libra_address_t *address, libra_error_t *error)
{
    int  fd, family;

    family = address->sockaddr.any.sa_family;
    fd = socket(family, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0);

    if (fd == -1
        || libra_listen_options(fd, family) != 0
        || bind(fd, &address->sockaddr.any, libra_socklen(&address->sockaddr))
           != 0
        || listen(fd, LIBRA_BACKLOG) != 0)
    {
        return libra_listen_failed(address, fd, errno, error);
    }

    return fd;
}


int
libra_check_listener(int fd, const libra_address_t *address,
    libra_error_t *error)
{
    int               listens, type, flags;
    socklen_t         len;
    libra_sockaddr_t  bound;

    memset(&bound, 0, sizeof(bound));
    len = sizeof(bound);

    if (getsockname(fd, &bound.any, &len) != 0
        || !libra_address_same(&bound.any, &address->sockaddr.any))
    {
        return libra_refuse(error, 400, "the descriptor for %s is not bound "
                            "to it", address->name);
    }

    len = sizeof(int);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0
        || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0
        || type != SOCK_STREAM || !listens)
    {
        return libra_refuse(error, 400, "the descriptor for %s does not "
                            "listen", address->name);
    }

    flags = fcntl(fd, F_GETFL);

    if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
        return libra_refuse(error, 400, "the descriptor for %s: %s",
                            address->name, strerror(errno));
    }

    return 0;
}

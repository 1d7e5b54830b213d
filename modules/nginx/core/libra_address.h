
#ifndef _LIBRA_ADDRESS_H_INCLUDED_
#define _LIBRA_ADDRESS_H_INCLUDED_


#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#include "libra_limits.h"


typedef union {
    struct sockaddr      any;
    struct sockaddr_in   in;
    struct sockaddr_in6  in6;
} libra_sockaddr_t;

typedef struct {
    libra_sockaddr_t  sockaddr;
    char              name[LIBRA_NAME_SIZE];    /* as libra_address_print() */
} libra_address_t;

/* IPv4 as ::ffff:a.b.c.d, so that one comparison serves both. */
typedef struct {
    uint8_t  address[16];
    uint8_t  bits;                              /* of 128 */
    uint8_t  allow;
} libra_rule_t;


/* "10.0.0.1:80" or "[fd00::1]:80"; -1 for anything else. */
int libra_address_parse(libra_address_t *address, const char *text);

/* "10.0.0.0/8", "fd00::/8" or a plain address; -1 for anything else. */
int libra_rule_parse(libra_rule_t *rule, const char *text);
void libra_rule_print(const libra_rule_t *rule, char *text, size_t size);

socklen_t libra_socklen(const libra_sockaddr_t *sockaddr);
int libra_address_same(const struct sockaddr *one, const struct sockaddr *two);

/*
 * Whether the list lets a client in: who is allowed by some rule always is,
 * who else is denied by some rule is not, all others are.
 */
int libra_access(const libra_rule_t *rules, uint32_t n,
    const struct sockaddr *client);

/* Same for the same client address, whatever its port; 0 for unix sockets. */
uint64_t libra_client_hash(const struct sockaddr *client);

uint64_t libra_hash(const void *data, size_t size, uint64_t seed);


#endif /* _LIBRA_ADDRESS_H_INCLUDED_ */


#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libra_address.h"


static const uint8_t  libra_mapped[12] =
    { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };


static int
libra_number(const char *text, uint16_t max, uint16_t *number)
{
    char           *end;
    unsigned long   value;

    if (text[0] < '0' || text[0] > '9' || strlen(text) > 5) {
        return -1;
    }

    value = strtoul(text, &end, 10);
    *number = (uint16_t) value;

    return (*end == '\0' && value <= max) ? 0 : -1;
}


int
libra_address_parse(libra_address_t *address, const char *text)
{
    char           host[INET6_ADDRSTRLEN + 2], printed[INET6_ADDRSTRLEN];
    size_t         len;
    const char    *colon;
    uint16_t       port;

    memset(address, 0, sizeof(libra_address_t));

    colon = strrchr(text, ':');

    if (colon == NULL || libra_number(colon + 1, 65535, &port) != 0
        || port == 0)
    {
        return -1;
    }

    len = colon - text;

    if (len == 0 || len >= sizeof(host)) {
        return -1;
    }

    memcpy(host, text, len);
    host[len] = '\0';

    if (host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';

        address->sockaddr.in6.sin6_family = AF_INET6;
        address->sockaddr.in6.sin6_port = htons(port);

        if (inet_pton(AF_INET6, host + 1, &address->sockaddr.in6.sin6_addr)
            != 1)
        {
            return -1;
        }

        inet_ntop(AF_INET6, &address->sockaddr.in6.sin6_addr, printed,
                  sizeof(printed));
        snprintf(address->name, LIBRA_NAME_SIZE, "[%s]:%d", printed, port);

        return 0;
    }

    address->sockaddr.in.sin_family = AF_INET;
    address->sockaddr.in.sin_port = htons(port);

    if (inet_pton(AF_INET, host, &address->sockaddr.in.sin_addr) != 1) {
        return -1;
    }

    inet_ntop(AF_INET, &address->sockaddr.in.sin_addr, printed,
              INET_ADDRSTRLEN);
    snprintf(address->name, LIBRA_NAME_SIZE, "%s:%d", printed, port);

    return 0;
}


int
libra_rule_parse(libra_rule_t *rule, const char *text)
{
    char           host[INET6_ADDRSTRLEN];
    size_t         len;
    const char    *slash;
    uint16_t       bits;

    memset(rule, 0, sizeof(libra_rule_t));

    slash = strchr(text, '/');
    len = slash ? (size_t) (slash - text) : strlen(text);

    if (len >= sizeof(host)) {
        return -1;
    }

    memcpy(host, text, len);
    host[len] = '\0';

    if (inet_pton(AF_INET, host, rule->address + 12) == 1) {
        memcpy(rule->address, libra_mapped, sizeof(libra_mapped));
        bits = 32;

        if (slash && libra_number(slash + 1, 32, &bits) != 0) {
            return -1;
        }

        rule->bits = (uint8_t) (96 + bits);
        return 0;
    }

    if (inet_pton(AF_INET6, host, rule->address) != 1) {
        return -1;
    }

    bits = 128;

    if (slash && libra_number(slash + 1, 128, &bits) != 0) {
        return -1;
    }

    rule->bits = (uint8_t) bits;

    return 0;
}


void
libra_rule_print(const libra_rule_t *rule, char *text, size_t size)
{
    char  host[INET6_ADDRSTRLEN];

    if (rule->bits >= 96
        && memcmp(rule->address, libra_mapped, sizeof(libra_mapped)) == 0)
    {
        inet_ntop(AF_INET, rule->address + 12, host, sizeof(host));
        snprintf(text, size, "%s/%d", host, rule->bits - 96);
        return;
    }

    inet_ntop(AF_INET6, rule->address, host, sizeof(host));
    snprintf(text, size, "%s/%d", host, rule->bits);
}


socklen_t
libra_socklen(const libra_sockaddr_t *sockaddr)
{
    return sockaddr->any.sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                               : sizeof(struct sockaddr_in);
}


/* -1 for families without addresses of this kind */

static int
libra_mapped_address(const struct sockaddr *sockaddr, uint8_t *address)
{
    switch (sockaddr->sa_family) {

    case AF_INET:
        memcpy(address, libra_mapped, sizeof(libra_mapped));
        memcpy(address + 12,
               &((const struct sockaddr_in *) sockaddr)->sin_addr, 4);
        return 0;

    case AF_INET6:
        memcpy(address, &((const struct sockaddr_in6 *) sockaddr)->sin6_addr,
               16);
        return 0;

    default:
        return -1;
    }
}


int
libra_address_same(const struct sockaddr *one, const struct sockaddr *two)
{
    const struct sockaddr_in   *in1, *in2;
    const struct sockaddr_in6  *in61, *in62;

    if (one->sa_family != two->sa_family) {
        return 0;
    }

    if (one->sa_family == AF_INET) {
        in1 = (const struct sockaddr_in *) one;
        in2 = (const struct sockaddr_in *) two;

        return in1->sin_port == in2->sin_port
               && in1->sin_addr.s_addr == in2->sin_addr.s_addr;
    }

    if (one->sa_family == AF_INET6) {
        in61 = (const struct sockaddr_in6 *) one;
        in62 = (const struct sockaddr_in6 *) two;

        return in61->sin6_port == in62->sin6_port
               && memcmp(&in61->sin6_addr, &in62->sin6_addr, 16) == 0;
    }

    return 0;
}


static int
libra_rule_match(const libra_rule_t *rule, const uint8_t *address)
{
    int      whole;
    uint8_t  mask;

    whole = rule->bits / 8;

    if (memcmp(rule->address, address, whole) != 0) {
        return 0;
    }

    if (rule->bits % 8 == 0) {
        return 1;
    }

    mask = (uint8_t) (0xff << (8 - rule->bits % 8));

    return ((rule->address[whole] ^ address[whole]) & mask) == 0;
}


int
libra_access(const libra_rule_t *rules, uint32_t n,
    const struct sockaddr *client)
{
    int       denied;
    uint8_t   address[16];
    uint32_t  i;

    if (n == 0 || libra_mapped_address(client, address) != 0) {
        return 1;
    }

    denied = 0;

    for (i = 0; i < n; i++) {
        if (!libra_rule_match(&rules[i], address)) {
            continue;
        }

        if (rules[i].allow) {
            return 1;
        }

        denied = 1;
    }

    return !denied;
}


uint64_t
libra_hash(const void *data, size_t size, uint64_t seed)
{
    size_t          i;
    uint64_t        hash;
    const uint8_t  *p;

    /* FNV-1a, then the finish of MurmurHash3: all bits are mixed */

    p = data;
    hash = 14695981039346656037ULL ^ seed;

    for (i = 0; i < size; i++) {
        hash = (hash ^ p[i]) * 1099511628211ULL;
    }

    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;

    return hash ^ (hash >> 33);
}


uint64_t
libra_client_hash(const struct sockaddr *client)
{
    uint8_t   address[16];
    uint64_t  hash;

    if (libra_mapped_address(client, address) != 0) {
        return 0;
    }

    hash = libra_hash(address, sizeof(address), 0);

    return hash ? hash : 1;
}

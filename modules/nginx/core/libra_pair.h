
#ifndef _LIBRA_PAIR_H_INCLUDED_
#define _LIBRA_PAIR_H_INCLUDED_


#include <openssl/ssl.h>

#include "libra_snapshot.h"


/* A certificate of a snapshot as OpenSSL has it; all NULL: not read. */

typedef struct {
    X509            *certificate;
    STACK_OF(X509)  *chain;             /* the others up to the root */
    EVP_PKEY        *key;
} libra_pair_t;


/* NULL, or why it cannot be served: then nothing is kept. */
const char *libra_pair_read(libra_pair_t *pair,
    const libra_snapshot_t *snapshot, const libra_certificate_t *certificate);
void libra_pair_free(libra_pair_t *pair);

/* Whether both have the same texts. */
int libra_pair_same(const libra_snapshot_t *one,
    const libra_certificate_t *of_one, const libra_snapshot_t *two,
    const libra_certificate_t *of_two);

/* What the session shows and proves with; -1 if OpenSSL refuses. */
int libra_pair_use(const libra_pair_t *pair, SSL *ssl);

/* Sessions are resumed at the LB they began at only; -1: no memory. */
int libra_bind_session(const libra_lb_t *lb, SSL *ssl);


#endif /* _LIBRA_PAIR_H_INCLUDED_ */


#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "libra_pair.h"


/* the default would ask on the terminal */

static int
libra_no_password(char *buf, int size, int writing, void *data)
{
    (void) buf;
    (void) size;
    (void) writing;
    (void) data;

    return -1;
}


static BIO *
libra_text_bio(const libra_snapshot_t *snapshot, const libra_range_t *text)
{
    return BIO_new_mem_buf(libra_texts(snapshot) + text->first, (int) text->n);
}


static const char *
libra_read_chain(libra_pair_t *pair, BIO *bio)
{
    X509  *next;

    pair->certificate = PEM_read_bio_X509(bio, NULL, libra_no_password, NULL);
    pair->chain = sk_X509_new_null();

    if (pair->certificate == NULL || pair->chain == NULL) {
        return "is no certificate in PEM form";
    }

    while ((next = PEM_read_bio_X509(bio, NULL, libra_no_password, NULL))) {

        if (sk_X509_push(pair->chain, next) == 0) {
            X509_free(next);
            return "no memory";
        }
    }

    return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
           ? NULL : "has an intermediate certificate that is not readable";
}


static const char *
libra_read_key(libra_pair_t *pair, BIO *bio)
{
    pair->key = PEM_read_bio_PrivateKey(bio, NULL, libra_no_password, NULL);

    if (pair->key == NULL) {
        return "has no readable private key";
    }

    return X509_check_private_key(pair->certificate, pair->key) == 1
           ? NULL : "has the private key of another certificate";
}


const char *
libra_pair_read(libra_pair_t *pair, const libra_snapshot_t *snapshot,
    const libra_certificate_t *certificate)
{
    BIO         *chain, *key;
    const char  *why;

    memset(pair, 0, sizeof(libra_pair_t));
    ERR_clear_error();

    chain = libra_text_bio(snapshot, &certificate->chain);
    key = libra_text_bio(snapshot, &certificate->key);
    why = (chain && key) ? libra_read_chain(pair, chain) : "no memory";

    if (why == NULL) {
        why = libra_read_key(pair, key);
    }

    BIO_free(chain);
    BIO_free(key);
    ERR_clear_error();

    if (why) {
        libra_pair_free(pair);
    }

    return why;
}


void
libra_pair_free(libra_pair_t *pair)
{
    X509_free(pair->certificate);
    sk_X509_pop_free(pair->chain, X509_free);
    EVP_PKEY_free(pair->key);

    memset(pair, 0, sizeof(libra_pair_t));
}


static int
libra_text_same(const libra_snapshot_t *one, const libra_range_t *of_one,
    const libra_snapshot_t *two, const libra_range_t *of_two)
{
    return of_one->n == of_two->n
           && memcmp(libra_texts(one) + of_one->first,
                     libra_texts(two) + of_two->first, of_one->n) == 0;
}


int
libra_pair_same(const libra_snapshot_t *one, const libra_certificate_t *of_one,
    const libra_snapshot_t *two, const libra_certificate_t *of_two)
{
    return libra_text_same(one, &of_one->key, two, &of_two->key)
           && libra_text_same(one, &of_one->chain, two, &of_two->chain);
}


int
libra_pair_use(const libra_pair_t *pair, SSL *ssl)
{
    return SSL_use_certificate(ssl, pair->certificate) == 1
           && SSL_set1_chain(ssl, pair->chain) == 1
           && SSL_use_PrivateKey(ssl, pair->key) == 1
           ? 0 : -1;
}


int
libra_bind_session(const libra_lb_t *lb, SSL *ssl)
{
    unsigned char  digest[SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *) lb->id, strlen(lb->id), digest);

    return SSL_set_session_id_context(ssl, digest, sizeof(digest)) == 1
           ? 0 : -1;
}


#ifndef _LIBRA_WORDS_H_INCLUDED_
#define _LIBRA_WORDS_H_INCLUDED_


#include "libra_json.h"
#include "libra_snapshot.h"


/* The first one is meant when the member is absent. */

static const libra_word_t  libra_algorithms[] = {
    { "ROUND_ROBIN", LIBRA_ROUND_ROBIN },
    { "LEAST_CONNECTIONS", LIBRA_LEAST_CONNECTIONS },
    { "RANDOM", LIBRA_RANDOM },
    { NULL, 0 }
};

static const libra_word_t  libra_persistences[] = {
    { "NONE", LIBRA_NOT_STICKY },
    { "SOURCE", LIBRA_STICKY_SOURCE },
    { "COOKIE", LIBRA_STICKY_COOKIE },
    { NULL, 0 }
};

static const libra_word_t  libra_rule_types[] = {
    { "DENY", 0 },
    { "ALLOW", 1 },
    { NULL, 0 }
};


#endif /* _LIBRA_WORDS_H_INCLUDED_ */

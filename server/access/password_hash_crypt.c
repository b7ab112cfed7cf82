/* SPDX-License-Identifier: MIT */
#include "server/access/password_hash.h"

#include "server/access/secret_memory.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_SIZE >= CRYPT_OUTPUT_SIZE, "a hash must fit");
_Static_assert(PASSWORD_LIMIT < CRYPT_MAX_PASSPHRASE_SIZE, "a password must fit");

enum { QUICK_ROUNDS = 1000 }; /* the fewest that sha256crypt allows */

/* What a hash may cost: some seconds, in which a reload or a stop would wait. What its method calls
 * rounds or cost follows its beginning; those that are not here cannot be asked for more. */
static const struct limit {
    const char *beginning;
    unsigned long most;
    const char *problem;
} limits[] = {
    {"$5$rounds=", 5000000, "has a hash of more than 5000000 rounds"},
    {"$6$rounds=", 5000000, "has a hash of more than 5000000 rounds"},
    {"$sha1$", 5000000, "has a hash of more than 5000000 rounds"},
    {"$md5,rounds=", 100000, "has a hash of more than 100000 rounds"},
    {"$md5$rounds=", 100000, "has a hash of more than 100000 rounds"},
    {"$2a$", 15, "has a hash of a cost beyond 15"}, /* a power of two */
    {"$2b$", 15, "has a hash of a cost beyond 15"},
    {"$2x$", 15, "has a hash of a cost beyond 15"},
    {"$2y$", 15, "has a hash of a cost beyond 15"},
};

static const char *cost_problem(const char *hash)
{
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        size_t size = strlen(limits[i].beginning);
        if (strncmp(hash, limits[i].beginning, size) == 0 &&
            strtoul(hash + size, NULL, 10) > limits[i].most)
            return limits[i].problem;
    }
    return NULL;
}

const char *password_hash_problem(const char *hash)
{
    char computed[PASSWORD_HASH_SIZE];
    const char *problem = cost_problem(hash);
    if (problem != NULL)
        return problem;
    if (!password_hash_compute("", hash, computed))
        return "is no hash that crypt(5) describes";
    /* What lacks a part, such as one that was copied in haste, would match no password. */
    return strlen(computed) == strlen(hash) ? NULL : "is an incomplete hash";
}

bool password_hash_setting(enum password_hash_kind kind, char setting[PASSWORD_HASH_SIZE])
{
    bool strong = kind == PASSWORD_HASH_STRONG;
    return crypt_gensalt_rn(strong ? "$y$" : "$5$", strong ? 0 : QUICK_ROUNDS, NULL, 0, setting,
                            PASSWORD_HASH_SIZE) != NULL;
}

bool password_hash_compute(const char *password, const char *setting, char hash[PASSWORD_HASH_SIZE])
{
    memset(hash, 0, PASSWORD_HASH_SIZE);
    struct crypt_data *work = secret_allocate(sizeof(*work));
    if (work == NULL)
        return false;
    const char *made = crypt_rn(password, setting, work, (int)sizeof(*work));
    if (made != NULL)
        snprintf(hash, PASSWORD_HASH_SIZE, "%s", made);
    secret_free(work, sizeof(*work));
    return made != NULL;
}

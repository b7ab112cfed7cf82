/* SPDX-License-Identifier: MIT */
#include "server/access/password_hash.h"

#include "server/access/secret_memory.h"

#include <crypt.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_SIZE >= CRYPT_OUTPUT_SIZE, "a hash must fit");
_Static_assert(PASSWORD_LIMIT < CRYPT_MAX_PASSPHRASE_SIZE, "a password must fit");

enum { QUICK_ROUNDS = 1000 }; /* the fewest that sha256crypt allows */

/* What a hash may cost: some seconds, in which a reload or a stop would wait. What its method calls
 * rounds or cost follows its beginning. What is in neither table cannot be asked for more. */
static const struct limit {
    const char *beginning;
    unsigned long most;
    const char *problem;
} limits[] = {
    {"$5$rounds=", 5000000, "has a hash of more than 5000000 rounds"},
    {"$6$rounds=", 5000000, "has a hash of more than 5000000 rounds"},
    {"$sm3$rounds=", 5000000, "has a hash of more than 5000000 rounds"},
    {"$sha1$", 5000000, "has a hash of more than 5000000 rounds"},
    {"$md5,rounds=", 100000, "has a hash of more than 100000 rounds"},
    {"$md5$rounds=", 100000, "has a hash of more than 100000 rounds"},
    {"$2a$", 15, "has a hash of a cost beyond 15"}, /* a power of two */
    {"$2b$", 15, "has a hash of a cost beyond 15"},
    {"$2x$", 15, "has a hash of a cost beyond 15"},
    {"$2y$", 15, "has a hash of a cost beyond 15"},
};

/* yescrypt and scrypt fill 128 N r bytes, here up to 1 GiB, in a time that grows with them. Their
 * digits are ./0-9A-Za-z, from 0. yescrypt writes its flavour, j, then log2(N) - 1, r - 1 and
 * whatever else is set; scrypt log2(N), five digits of r and five of p, the lowest first. What
 * crypt_gensalt(3) makes has one digit each for N and r, sets nothing else, and its p is 1. More
 * digits and more parameters are refused: they would multiply the time or the memory. */
#define YESCRYPT "j[./0-9A-F][./0-9A-T]$*"

static const struct memory_hard {
    const char *method; /* patterns of fnmatch(3) */
    const char *accepted;
} memory_hard[] = {
    {"$y$*", "$y$" YESCRYPT},
    {"$gy$*", "$gy$" YESCRYPT},
    {"$sm3y$*", "$sm3y$" YESCRYPT},
    {"$7$*", "$7$[./0-9A-G][./0-9A-U]..../....*"},
};

static const char *cost_problem(const char *hash)
{
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        size_t size = strlen(limits[i].beginning);
        if (strncmp(hash, limits[i].beginning, size) == 0 &&
            strtoul(hash + size, NULL, 10) > limits[i].most)
            return limits[i].problem;
    }
    for (size_t i = 0; i < sizeof(memory_hard) / sizeof(memory_hard[0]); i++) {
        if (fnmatch(memory_hard[i].method, hash, 0) == 0 &&
            fnmatch(memory_hard[i].accepted, hash, 0) != 0)
            return "has a hash of other parameters than N up to 2^18 and r up to 32";
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

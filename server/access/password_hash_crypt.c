/* SPDX-License-Identifier: MIT */
#include "server/access/password_hash.h"

#include "server/access/secret_memory.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_SIZE >= CRYPT_OUTPUT_SIZE, "a hash must fit");
_Static_assert(PASSWORD_LIMIT < CRYPT_MAX_PASSPHRASE_SIZE, "a password must fit");

enum {
    QUICK_ROUNDS = 1000,           /* the fewest that sha256crypt allows */
    MOST_ROUNDS = 5 * 1000 * 1000, /* seconds, in which a reload or a stop would wait */
};

const char *password_hash_problem(const char *hash)
{
    static const char mark[] = "$rounds=";
    char computed[PASSWORD_HASH_SIZE];
    const char *rounds = strstr(hash, mark);
    if (rounds != NULL && strtoul(rounds + sizeof(mark) - 1, NULL, 10) > MOST_ROUNDS)
        return "has a hash of more than 5000000 rounds";
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

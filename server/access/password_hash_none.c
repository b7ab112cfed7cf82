/* SPDX-License-Identifier: MIT */
#include "server/access/password_hash.h"

#include <string.h>

const char *password_hash_problem(const char *hash)
{
    (void)hash;
    return "is a hash, which takes a server that was built with libcrypt";
}

bool password_hash_setting(enum password_hash_kind kind, char setting[PASSWORD_HASH_SIZE])
{
    (void)kind;
    memset(setting, 0, PASSWORD_HASH_SIZE);
    return false;
}

bool password_hash_compute(const char *password, const char *setting, char hash[PASSWORD_HASH_SIZE])
{
    (void)password;
    (void)setting;
    memset(hash, 0, PASSWORD_HASH_SIZE);
    return false;
}

/* SPDX-License-Identifier: MIT */
/*
 * One-way hashes of passwords in the form of crypt(5), computed by libcrypt. Any thread.
 *
 * server/access/password_hash_crypt.c does it; where the library is missing, password_hash_none.c
 * refuses every hash.
 */
#ifndef CREW_SERVER_PASSWORD_HASH_H
#define CREW_SERVER_PASSWORD_HASH_H

#include <stdbool.h>

enum {
    PASSWORD_HASH_SIZE = 384, /* of a hash or setting with its NUL */
    PASSWORD_LIMIT = 511,     /* bytes of a password */
};

enum password_hash_kind {
    PASSWORD_HASH_STRONG, /* yescrypt with the library's cost: tens of milliseconds, 16 MiB */
    PASSWORD_HASH_QUICK,  /* sha256crypt with 1000 rounds: some tenths of a millisecond */
};

/* Why no password can match `hash`, as the end of a sentence about it; NULL when one can. Computes
 * the hash of an empty password to find out. */
const char *password_hash_problem(const char *hash);

/* A setting with a random salt, from which password_hash_compute makes a hash. False when the
 * library is missing or has no such kind. */
bool password_hash_setting(enum password_hash_kind kind, char setting[PASSWORD_HASH_SIZE]);

/* The hash of `password`, ended by a NUL, by a setting or, to compare, by a hash. Zeros follow it.
 * False when memory ran out, the password is too long or the setting is none. */
bool password_hash_compute(const char *password, const char *setting,
                           char hash[PASSWORD_HASH_SIZE]);

#endif

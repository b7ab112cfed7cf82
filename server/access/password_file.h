/* SPDX-License-Identifier: MIT */
/*
 * The passwords that let a client in, read from a file with one a line. doc/protocol.md describes
 * the format. A set lives in secret memory and does not change but for its verifiers, which belong
 * to server/access/access.c.
 */
#ifndef CREW_SERVER_PASSWORD_FILE_H
#define CREW_SERVER_PASSWORD_FILE_H

#include "server/access/password_hash.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PASSWORD_COUNT_LIMIT = 64,
    PASSWORD_FILE_LIMIT = 64 * 1024, /* bytes */
    PASSWORD_ERROR_SIZE = 480,
};

struct password {
    bool is_hash;
    size_t size;                       /* of `text` */
    char text[PASSWORD_LIMIT + 1];     /* the password or the hash, and zeros */
    char verifier[PASSWORD_HASH_SIZE]; /* of a hash: a quick hash of its password, once known */
};

struct password_set {
    size_t count;
    size_t hashes; /* how many of them are hashes */
    struct password items[PASSWORD_COUNT_LIMIT];
};

/* NULL after filling `error` with file, line and what is allowed, but never with what the line
 * holds. The caller owns the set. Takes as long as checking a password against each hash does. */
struct password_set *password_file_read(const char *path, char error[PASSWORD_ERROR_SIZE]);
void password_set_free(struct password_set *set); /* takes NULL too */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Who may use the server: decides on a password that a client gives.
 *
 * Cost note. A hash is made to be slow to check, and a stranger can ask for a check with every
 * packet. So only one is under way at a time, for all workers, and one that comes meanwhile is told
 * to try again. That would be hard on the clients that all come back after a restart: until the
 * first of them is logged in, they wait for each other instead, at the door, where they hold up no
 * user. And a password that has once been found right is known again by a quick hash of it, made
 * with a salt of this process.
 */
#ifndef CREW_SERVER_ACCESS_H
#define CREW_SERVER_ACCESS_H

#include "common/lock.h"
#include "server/access/password_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct access {
    const char *file;                       /* NULL: everybody may; constant once threads run */
    char quick_setting[PASSWORD_HASH_SIZE]; /* likewise */

    struct lock lock;         /* guards what follows */
    struct condition checked; /* the slow check is over */
    struct password_set *set; /* owned */
    /* The set that a slow check reads without the lock; NULL when there is none under way. It may
     * be older than `set`, and is then freed by who checks. */
    struct password_set *in_check;
    bool somebody_logged_in;
    uint64_t failures_unlogged; /* refused since the last log line */
    uint64_t failure_logged_ns; /* when that was; 0 for never */
};

enum access_answer {
    ACCESS_GRANTED,
    ACCESS_DENIED,
    ACCESS_BUSY, /* not looked at: the client is to try again */
};

/* Main, before threads run. `file` may be NULL. False after filling `error`. */
bool access_open(struct access *access, const char *file, char error[PASSWORD_ERROR_SIZE]);
void access_close(struct access *access);

/* Main: reads the file anew. False after filling `error`; then all stays as it was. */
bool access_reload(struct access *access, char error[PASSWORD_ERROR_SIZE]);

/* Whether clients have to log in. Any thread. */
static inline bool access_needs_password(const struct access *access)
{
    return access->file != NULL;
}

/* Worker, when a password is needed: may take as long as all hashes of the file together, or
 * longer when it waits; see the cost note. */
enum access_answer access_check(struct access *access, const char *password, size_t size);

/* Worker: counts a user or password that was refused. How many there were since the last log line,
 * with this one, if another is due; else 0. */
uint64_t access_count_failure(struct access *access);

#endif

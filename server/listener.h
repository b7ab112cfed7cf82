/* SPDX-License-Identifier: MIT */
/* Listening sockets. Opened by main before threads start; closed by the acceptor at a stop. */
#ifndef CREW_SERVER_LISTENER_H
#define CREW_SERVER_LISTENER_H

#include "common/endpoint.h"
#include "common/option.h"

#include <sys/types.h>

enum { LISTENER_LIMIT = 64 }; /* a name may resolve to several addresses */

struct listener {
    int fd;                       /* -1 once closed */
    bool beyond_loopback;         /* bound to an address that other machines may reach */
    struct endpoint endpoint;     /* as it was asked for */
    char url[ENDPOINT_TEXT_SIZE]; /* as it is, with the port that the kernel picked */
};

struct listener_set {
    struct listener items[LISTENER_LIMIT];
    size_t count;
};

/*
 * Opens a listener for each address of each URL. False after filling `error` with the URL and
 * what is wrong; nothing is left open then.
 *
 * A Unix socket file that no server listens on any more is replaced; a live one is refused.
 */
bool listener_set_open(struct listener_set *set, const struct option_list *urls, int backlog,
                       char error[ENDPOINT_ERROR_SIZE]);

/* Makes the files of Unix sockets somebody's own. False after filling `error`. Main, as root. */
bool listener_set_give(const struct listener_set *set, uid_t user, gid_t group,
                       char error[ENDPOINT_ERROR_SIZE]);

/* Closes all, and removes the files of Unix sockets. */
void listener_set_close(struct listener_set *set);

#endif

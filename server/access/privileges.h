/* SPDX-License-Identifier: MIT */
/* Who the process runs as. Main alone, before threads start. */
#ifndef CREW_SERVER_PRIVILEGES_H
#define CREW_SERVER_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

enum { PRIVILEGES_ERROR_SIZE = 320, PRIVILEGES_NAME_SIZE = 64 };

struct privileges {
    char name[PRIVILEGES_NAME_SIZE]; /* of the user; empty: the process stays who it is */
    uid_t user;
    gid_t group;
};

/* Looks up "NAME" or "NAME:GROUP"; `text` may be NULL. False after filling `error`: there is no
 * such user or group, or becoming it takes root. */
bool privileges_find(struct privileges *privileges, const char *text,
                     char error[PRIVILEGES_ERROR_SIZE]);

/* Becomes that user for good, with its groups alone. False after filling `error`; the process is
 * then not to go on. */
bool privileges_drop(const struct privileges *privileges, char error[PRIVILEGES_ERROR_SIZE]);

/* Keeps the memory of this process from being seen: no core file, no debugger but root's. */
bool privileges_hide_memory(char error[PRIVILEGES_ERROR_SIZE]);

#endif

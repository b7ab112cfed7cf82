/* SPDX-License-Identifier: MIT */
#include "server/access/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static bool fail(const char *name, const char *problem, char *error)
{
    snprintf(error, PRIVILEGES_ERROR_SIZE, "--user: '%.64s' is not allowed: %s", name, problem);
    return false;
}

static bool fail_call(const char *call, char *error)
{
    snprintf(error, PRIVILEGES_ERROR_SIZE, "%s: %s", call, strerror(errno));
    return false;
}

bool privileges_find(struct privileges *privileges, const char *text,
                     char error[PRIVILEGES_ERROR_SIZE])
{
    *privileges = (struct privileges){0};
    if (text == NULL)
        return true;
    size_t size = strcspn(text, ":");
    if (size == 0 || size >= sizeof(privileges->name))
        return fail(text, "it takes NAME or NAME:GROUP", error);
    memcpy(privileges->name, text, size);
    const struct passwd *user = getpwnam(privileges->name);
    if (user == NULL)
        return fail(text, "there is no such user", error);
    privileges->user = user->pw_uid;
    privileges->group = user->pw_gid;
    if (text[size] == ':') {
        const struct group *group = getgrnam(text + size + 1);
        if (group == NULL)
            return fail(text, "there is no such group", error);
        privileges->group = group->gr_gid;
    }
    bool is_same = privileges->user == geteuid() && privileges->group == getegid();
    return geteuid() == 0 || is_same || fail(text, "only root can become somebody else", error);
}

/* Whether the process could become root again, or still has what it was. */
static bool kept_something(const struct privileges *privileges)
{
    uid_t user[3];
    gid_t group[3];
    if (getresuid(&user[0], &user[1], &user[2]) != 0 ||
        getresgid(&group[0], &group[1], &group[2]) != 0)
        return true;
    for (int i = 0; i < 3; i++) {
        if (user[i] != privileges->user || group[i] != privileges->group)
            return true;
    }
    return privileges->user != 0 && (setuid(0) == 0 || seteuid(0) == 0);
}

bool privileges_drop(const struct privileges *privileges, char error[PRIVILEGES_ERROR_SIZE])
{
    if (privileges->name[0] == '\0')
        return true;
    /* Groups before the user, who is not allowed to change them. */
    if (geteuid() == 0 && initgroups(privileges->name, privileges->group) != 0)
        return fail_call("initgroups", error);
    if (setresgid(privileges->group, privileges->group, privileges->group) != 0)
        return fail_call("setresgid", error);
    if (setresuid(privileges->user, privileges->user, privileges->user) != 0)
        return fail_call("setresuid", error);
    if (!kept_something(privileges))
        return true;
    snprintf(error, PRIVILEGES_ERROR_SIZE, "--user: privileges could be regained");
    return false;
}

bool privileges_hide_memory(char error[PRIVILEGES_ERROR_SIZE])
{
    const struct rlimit none = {0, 0};
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return fail_call("PR_SET_DUMPABLE", error);
    return setrlimit(RLIMIT_CORE, &none) == 0 || fail_call("RLIMIT_CORE", error);
}

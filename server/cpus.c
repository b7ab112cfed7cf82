/* SPDX-License-Identifier: MIT */
/*
 * The cgroup limit is the lowest one from the process's own group up to the root. Version 2
 * writes "quota period" or "max period" in cpu.max
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html); version 1 has cpu.cfs_quota_us (-1 for
 * none) and cpu.cfs_period_us in two files.
 */
#include "server/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool read = fgets(line, (int)size, file) != NULL;
    fclose(file);
    return read;
}

static int rounded_up(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return 0;
    long long cpus = (quota - 1) / period + 1;
    return cpus < INT_MAX ? (int)cpus : INT_MAX;
}

int cpus_of_cgroup_limit(const char *line)
{
    char *rest = NULL;
    long long quota = strtoll(line, &rest, 10);
    if (rest == line) /* "max" */
        return 0;
    return rounded_up(quota, strtoll(rest, NULL, 10));
}

static void limit_to(int *cpus, int limit)
{
    if (limit > 0 && limit < *cpus)
        *cpus = limit;
}

/* Lowers *cpus to the limit of the group at `path` and of all groups above it. */
static void apply_groups(const char *mount, char *path, bool version_2, int *cpus)
{
    for (;;) {
        char file[PATH_MAX];
        char line[64];
        char period[64];
        if (version_2) {
            snprintf(file, sizeof(file), "%s%s/cpu.max", mount, path);
            if (read_line(file, line, sizeof(line)))
                limit_to(cpus, cpus_of_cgroup_limit(line));
        } else {
            snprintf(file, sizeof(file), "%s%s/cpu.cfs_quota_us", mount, path);
            bool found = read_line(file, line, sizeof(line));
            snprintf(file, sizeof(file), "%s%s/cpu.cfs_period_us", mount, path);
            if (found && read_line(file, period, sizeof(period)))
                limit_to(cpus, rounded_up(strtoll(line, NULL, 10), strtoll(period, NULL, 10)));
        }
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return;
        *slash = '\0';
    }
}

static bool lists_cpu(const char *controllers)
{
    for (const char *at = controllers;; at++) {
        size_t size = strcspn(at, ",:");
        if (size == 3 && memcmp(at, "cpu", 3) == 0)
            return true;
        at += size;
        if (*at != ',')
            return false;
    }
}

/* Each line is "number:controllers:path"; version 2 has no controllers. */
static void apply_cgroup(char *line, int *cpus)
{
    char *controllers = strchr(line, ':');
    char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (path == NULL)
        return;
    controllers++;
    path++;
    path[strcspn(path, "\n")] = '\0';
    if (strcmp(path, "/") == 0)
        path[0] = '\0';
    if (controllers[0] == ':')
        apply_groups("/sys/fs/cgroup", path, true, cpus);
    else if (lists_cpu(controllers))
        apply_groups("/sys/fs/cgroup/cpu", path, false, cpus);
}

int usable_cpus(void)
{
    cpu_set_t set;
    int cpus = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file != NULL) {
        char line[PATH_MAX];
        while (fgets(line, sizeof(line), file) != NULL)
            apply_cgroup(line, &cpus);
        fclose(file);
    }
    return cpus > 0 ? cpus : 1;
}

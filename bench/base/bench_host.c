/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_host.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static double allowed_cpus(void)
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
        return CPU_COUNT(&allowed);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* over 1024 CPUs do not fit the set */
    return online > 0 ? (double)online : 1;
}

double bench_host_cgroup_cpus(const char *cpu_max)
{
    char *end = NULL;
    double quota = strtod(cpu_max, &end);
    if (end == cpu_max)
        return INFINITY; /* "max" */
    double period = strtod(end, NULL);
    return quota > 0 && period > 0 ? quota / period : INFINITY;
}

/* Finds the line that begins with `key` in a small file and copies what follows; "" for no key
 * is any line. False when there is none. */
static bool find_line(const char *path, const char *key, char *value, size_t size)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    char line[512];
    bool found = false;
    while (!found && fgets(line, sizeof(line), file) != NULL) {
        found = strncmp(line, key, strlen(key)) == 0;
        line[strcspn(line, "\n")] = '\0';
        if (found)
            snprintf(value, size, "%s", line + strlen(key));
    }
    fclose(file);
    return found;
}

/* The limit of the process's own group; a limit further up the tree is not visible in a
 * container, where the own group is the root that one sees. */
static double group_cpus(void)
{
    char group[BENCH_HOST_TEXT_SIZE];
    if (!find_line("/proc/self/cgroup", "0::", group, sizeof(group)))
        return INFINITY;
    char path[BENCH_HOST_TEXT_SIZE + 32];
    char limit[64];
    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", group);
    return find_line(path, "", limit, sizeof(limit)) ? bench_host_cgroup_cpus(limit) : INFINITY;
}

void bench_host_take(struct bench_host *host)
{
    struct utsname name;
    bool known = uname(&name) == 0;
    double limit = group_cpus();
    double allowed = allowed_cpus();
    host->cpus = limit < allowed ? limit : allowed;
    snprintf(host->kernel, sizeof(host->kernel), "%s", known ? name.release : "unknown");
    snprintf(host->machine, sizeof(host->machine), "%s", known ? name.machine : "unknown");
    char model[BENCH_HOST_TEXT_SIZE];
    if (!find_line("/proc/cpuinfo", "model name", model, sizeof(model)))
        snprintf(model, sizeof(model), "unknown");
    snprintf(host->cpu_model, sizeof(host->cpu_model), "%s", model + strspn(model, "\t :"));
}

void bench_host_write(struct bench_json *json, const struct bench_host *host)
{
    bench_json_open(json, "host", '{');
    bench_json_number(json, "nproc", host->cpus);
    bench_json_text(json, "cpu_model", host->cpu_model);
    bench_json_text(json, "kernel", host->kernel);
    bench_json_text(json, "machine", host->machine);
    bench_json_close(json, '}');
}

/* SPDX-License-Identifier: MIT */
#ifndef CREW_SERVER_CPUS_H
#define CREW_SERVER_CPUS_H

#include <stddef.h>

/* CPUs that this process may use: its affinity, lowered to its cgroup's CPU limit (rounded up).
 * At least 1. Reads files of /proc and /sys; call it once, at start. */
int usable_cpus(void);

/* The CPUs that a cgroup v2 cpu.max line such as "150000 100000" allows, rounded up; 0 for none. */
int cpus_of_cgroup_limit(const char *line);

#endif

/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_host.h"

#include "common/version.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

size_t bench_host_cpus(void)
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
        return (size_t)CPU_COUNT(&allowed);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* over 1024 CPUs do not fit the set */
    return online > 0 ? (size_t)online : 1;
}

void bench_host_write(struct bench_json *json)
{
    struct utsname name;
    bool known = uname(&name) == 0;
    bench_json_text(json, "crew_version", CREW_VERSION);
    bench_json_open(json, "host", '{');
    bench_json_count(json, "nproc", bench_host_cpus());
    bench_json_text(json, "kernel", known ? name.release : "unknown");
    bench_json_text(json, "machine", known ? name.machine : "unknown");
    bench_json_close(json, '}');
}

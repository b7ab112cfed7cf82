/* SPDX-License-Identifier: MIT */
/*
 * What a load consists of: one kind of request (bench/engine/request_kind.h), or a mix of several
 * as mix:90%ping,10%sleep:10ms, where each request is drawn by those shares. A parsed workload is
 * never written again, so any number of threads may use it.
 */
#ifndef CREW_BENCH_WORKLOAD_H
#define CREW_BENCH_WORKLOAD_H

#include "bench/engine/request_kind.h"

#define WORKLOAD_HELP REQUEST_KIND_HELP ", or mix:90%ping,10%sleep:10ms"

enum { WORKLOAD_PARTS = 8 };

struct workload {
    const char *spec; /* as the user wrote it; not owned */
    struct request_kind kinds[WORKLOAD_PARTS];
    double share_up_to[WORKLOAD_PARTS]; /* sum of the shares up to and with this one; last is 1 */
    size_t kind_count;
    bool burns_cpu; /* at least one of its kinds does */
    bool raw;       /* its only kind is for raw:// servers */
};

/* False after filling `error`; otherwise the caller frees it with workload_free. */
bool workload_parse(const char *spec, struct workload *workload, char error[BENCH_ERROR_SIZE]);
void workload_free(struct workload *workload);

/* Draws the kind of the next request: an index into `kinds`. */
size_t workload_draw(const struct workload *workload, struct bench_random *random);

/* Size of the largest request, encoded. */
size_t workload_request_size(const struct workload *workload);

#endif

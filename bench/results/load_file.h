/* SPDX-License-Identifier: MIT */
/*
 * What `crew-bench load --json` wrote, read back; and what the files of all subcommands share.
 * One thread.
 */
#ifndef CREW_BENCH_LOAD_FILE_H
#define CREW_BENCH_LOAD_FILE_H

#include "bench/base/bench_host.h"
#include "bench/engine/measurement.h"
#include "bench/results/json_reader.h"

#include <stdbool.h>

#define LOAD_SCHEMA "crew-bench/load/2"

enum { LOAD_TEXT_SIZE = 512 };

/* One run. */
struct load_run {
    char crew_version[32];
    struct bench_host host;
    char target[LOAD_TEXT_SIZE];
    char workload[LOAD_TEXT_SIZE];
    bool interrupted;
    struct measurement measurement;
};

/* False after filling `error`. On true measurement_free(&run->measurement) is due. */
bool load_run_read(struct json_reader *reader, struct load_run *run, char error[BENCH_ERROR_SIZE]);

/* Refuses a document whose member "schema" is another one. */
void json_read_schema(const struct json_place *place, const char *schema);

/* Reads the member "host". */
void bench_host_read(const struct json_place *place, struct bench_host *host);

#endif

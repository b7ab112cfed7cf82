/* SPDX-License-Identifier: MIT */
/*
 * An engine and the server in this process that it loads. A test changes the settings, and how the
 * server answers, between engine_bed_set_up and engine_bed_begin. What fails ends the test.
 */
#ifndef CREW_TESTS_UNIT_ENGINE_BED_H
#define CREW_TESTS_UNIT_ENGINE_BED_H

#include "bench/engine/engine.h"
#include "tests/unit/stub_server.h"

struct engine_bed {
    struct stub_server server;
    struct workload workload;
    struct engine_settings settings;
    struct engine *engine;
    struct engine_snapshot snapshot;
    struct engine_end end;
    char error[BENCH_ERROR_SIZE];
};

/* PING over 8 connections and 3 threads, one request outstanding on each, without an end. */
void engine_bed_set_up(struct engine_bed *bed);

/* The same with another workload; the server's fields are the test's to set. */
void engine_bed_set_workload(struct engine_bed *bed, const char *spec);

void engine_bed_open(struct engine_bed *bed);  /* server and connections, not yet the load */
void engine_bed_begin(struct engine_bed *bed); /* all of it */
void engine_bed_wait_for_end(struct engine_bed *bed);
void engine_bed_finish(struct engine_bed *bed);

const struct engine_snapshot *engine_bed_snapshot(struct engine_bed *bed);

#endif

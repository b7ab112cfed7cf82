/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine_bed.h"

#include "tests/unit/threads.h"

void engine_bed_set_up(struct engine_bed *bed)
{
    bed->server = stub_server_of_pings();
    ck_assert_msg(workload_parse("ping", &bed->workload, bed->error), "%s", bed->error);
    bed->settings = (struct engine_settings){
        .target = &bed->server.endpoint,
        .workload = &bed->workload,
        .connections = 8,
        .threads = 3,
        .pipeline = 1,
        .seed = 1,
        .timeout_ms = 20000,
        .inflight = 10000,
        .arrivals = ARRIVAL_CONSTANT,
    };
}

void engine_bed_set_workload(struct engine_bed *bed, const char *spec)
{
    workload_free(&bed->workload);
    ck_assert_msg(workload_parse(spec, &bed->workload, bed->error), "%s", bed->error);
}

void engine_bed_open(struct engine_bed *bed)
{
    stub_server_start(&bed->server);
    bed->engine = engine_open(&bed->settings, bed->error);
    ck_assert_msg(bed->engine != NULL, "%s", bed->error);
}

void engine_bed_begin(struct engine_bed *bed)
{
    engine_bed_open(bed);
    ck_assert_msg(engine_launch(bed->engine, bed->error), "%s", bed->error);
}

void engine_bed_wait_for_end(struct engine_bed *bed)
{
    ck_assert_eventually(engine_wait(bed->engine, 20));
}

void engine_bed_finish(struct engine_bed *bed)
{
    engine_close(bed->engine);
    stub_server_stop(&bed->server);
    workload_free(&bed->workload);
}

const struct engine_snapshot *engine_bed_snapshot(struct engine_bed *bed)
{
    engine_snapshot(bed->engine, &bed->snapshot);
    return &bed->snapshot;
}

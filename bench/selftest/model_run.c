/* SPDX-License-Identifier: MIT */
#include "bench/selftest/model_run.h"

#include "bench/engine/workload.h"

enum { TIMEOUT_MS = 10000, THREADS = 1 };

static void show(void *context, double done, uint64_t replies, uint64_t failures)
{
    (void)failures;
    selftest_progress(context, done, replies);
}

static enum run_result load_server(struct selftest *selftest, const struct model_load *load,
                                   const struct workload *workload, struct model_run *run,
                                   char *error)
{
    struct run_plan plan = {
        .load =
            {
                .target = model_server_endpoint(run->server),
                .workload = workload,
                .connections = load->connections,
                .threads = THREADS,
                .pipeline = load->pipeline > 0 ? load->pipeline : 1,
                .rate_rps = load->rate_rps,
                .arrivals = load->arrivals,
                .inflight = MODEL_QUEUE,
                .requests = load->requests,
                .seed = load->seed,
                .timeout_ms = TIMEOUT_MS,
                .hiccup_ns = load->hiccup_ns,
            },
        .warm_up_ns = load->warm_up_ns,
        .duration_ns = load->duration_ns,
        .progress = show,
        .context = selftest,
    };
    return run_load(&plan, &run->measurement, error);
}

bool model_run(struct selftest *selftest, const struct model_settings *settings,
               const struct model_load *load, struct model_run *run)
{
    char error[BENCH_ERROR_SIZE];
    struct workload workload;
    *run = (struct model_run){0};
    if (!workload_parse(load->workload != NULL ? load->workload : "ping", &workload, error)) {
        selftest_conclude(selftest, SELFTEST_FAILED, "%.400s", error);
        return false;
    }
    enum run_result result = RUN_FAILED;
    run->server = model_server_start(settings, error);
    if (run->server != NULL) {
        result = load_server(selftest, load, &workload, run, error);
        model_server_stop(run->server);
        run->journal = model_server_journal(run->server);
    }
    workload_free(&workload);
    if (result == RUN_INTERRUPTED)
        selftest_conclude(selftest, SELFTEST_INTERRUPTED, "interrupted");
    else if (result == RUN_LOST)
        selftest_conclude(selftest, SELFTEST_FAILED, "all connections were lost: %s",
                          run->measurement.first_failure);
    else if (result != RUN_DONE)
        selftest_conclude(selftest, SELFTEST_FAILED, "%.400s", error);
    return result == RUN_DONE;
}

void model_run_free(struct model_run *run)
{
    measurement_free(&run->measurement);
    model_server_free(run->server);
    *run = (struct model_run){0};
}

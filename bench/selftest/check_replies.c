/* SPDX-License-Identifier: MIT */
/*
 * A server that gives two of 10,000 requests each other's replies, whole and well-formed: exactly
 * those have to be counted as wrong, all others as right, and the measurement has to be refused.
 */
#include "bench/base/bench_number.h"
#include "bench/selftest/checks.h"
#include "bench/selftest/model_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SWAP_EVERY = 10000, REQUESTS = 100000, QUICK_REQUESTS = 20000 };

static bool is_refused(const struct measurement *measurement)
{
    for (size_t i = 0; i < measurement->reason_count; i++)
        if (strstr(measurement->reasons[i], "replies did not match") != NULL)
            return true;
    return false;
}

static void judge(struct selftest *selftest, const struct model_run *run, uint64_t requests)
{
    const struct measurement *measurement = &run->measurement;
    uint64_t swapped = 2 * requests / SWAP_EVERY;
    uint64_t wrong = measurement->failures[BENCH_WRONG_REPLY];
    bool refused = is_refused(measurement);
    bool right = wrong == swapped && run->journal.wrong_replies == swapped &&
                 measurement->failures_total == wrong &&
                 measurement->response.count == requests - swapped && refused;
    char count[BENCH_NUMBER_SIZE];
    selftest_conclude(selftest, right ? SELFTEST_OK : SELFTEST_FAILED,
                      "%" PRIu64 " wrong replies, %" PRIu64 " other failures, %s right; %s", wrong,
                      measurement->failures_total - wrong,
                      bench_number_count(count, measurement->response.count),
                      refused ? "refused" : "not refused");
}

/* Broken, the server swaps none. */
void check_replies(struct selftest *selftest)
{
    uint64_t requests = selftest->quick ? QUICK_REQUESTS : REQUESTS;
    char count[BENCH_NUMBER_SIZE];
    snprintf(selftest->expected, sizeof(selftest->expected),
             "exactly %" PRIu64
             " wrong replies, those that were swapped, of %s; and refused for it",
             2 * requests / SWAP_EVERY, bench_number_count(count, requests));
    struct model_settings settings = {.swap_every = selftest->broken ? 0 : SWAP_EVERY};
    struct model_load load = {
        .workload = "echo:64",
        .connections = 8,
        .pipeline = 4,
        .requests = requests,
        .seed = selftest->seed,
    };
    struct model_run run;
    if (model_run(selftest, &settings, &load, &run))
        judge(selftest, &run, requests);
    model_run_free(&run);
}

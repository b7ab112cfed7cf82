/* SPDX-License-Identifier: MIT */
/*
 * The format is golang.org/design/14313-benchmark-format with the unit metadata of
 * golang.org/x/perf/benchfmt. Lines "key: value" split benchstat's tables where values differ, so
 * only what forbids a comparison is written as one; other lines are comments to it.
 */
#include "bench/base/bench_number.h"
#include "bench/results/results_export.h"
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>

/* Names hold no white space, and '/' separates their parts. */
static void append_name(struct byte_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        bool plain = *text > ' ' && *text < 0x7f && *text != '/';
        byte_buffer_append(out, plain ? text : "_", 1);
    }
}

static void append_value(struct byte_buffer *out, double value, const char *unit)
{
    char text[BENCH_NUMBER_SIZE];
    if (isfinite(value))
        byte_buffer_printf(out, " %s %s", bench_number_exact(text, value), unit);
}

static void append_trial(struct byte_buffer *out, const struct results *results,
                         const struct trial *trial)
{
    const struct measurement *measurement = &trial->measurement;
    bool latency = trial->experiment == EXPERIMENT_LATENCY;
    byte_buffer_printf(out, "Benchmark%s/workload=", latency ? "Latency" : "Sweep");
    append_name(out, results->settings.workloads[trial->workload]);
    if (latency)
        byte_buffer_printf(out, "/rate=%.0f", trial->rate_rps);
    byte_buffer_printf(out, "/workers=%u-%.0f %" PRIu64, trial->workers, ceil(results->host.cpus),
                       measurement->response.count);
    append_value(out, measurement->throughput_rps, "req/s");
    if (!measurement->unstable) { /* a growing backlog has no typical response time */
        append_value(out, measurement->response.mean_us * NS_PER_US, "ns/op");
        append_value(out, measurement->response.p50_us * NS_PER_US, "p50-ns");
        append_value(out, measurement->response.p99_us * NS_PER_US, "p99-ns");
    }
    byte_buffer_append_text(out, "\n");
}

void results_export_benchstat(const struct results *results, struct byte_buffer *out)
{
    byte_buffer_printf(out, "# crew %s, started %s, kernel %s\n", results->crew_version,
                       results->started_utc, results->host.kernel);
    byte_buffer_printf(out, "goarch: %s\ncpu: %s\n", results->host.machine,
                       results->host.cpu_model);
    byte_buffer_append_text(out, "Unit req/s better=higher\n\n");
    for (size_t i = 0; i < results->trial_count; i++)
        if (trial_usable(&results->trials[i]) && !results->trials[i].control)
            append_trial(out, results, &results->trials[i]);
}

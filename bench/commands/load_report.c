/* SPDX-License-Identifier: MIT */
#include "bench/commands/load_report.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_number.h"
#include "bench/engine/bench_failures.h"
#include "bench/engine/bench_response.h"
#include "common/clock.h"

#include <inttypes.h>
#include <stdio.h>

static const double saturated_share = 0.9; /* of one core; above, the generator is the limit */

static double throughput_rps(const struct engine_result *result)
{
    uint64_t count = histogram_count(&result->response);
    return result->window_ns > 0 ? (double)count * NS_PER_S / (double)result->window_ns : 0;
}

static void print_response(const struct bench_response *response)
{
    const struct {
        const char *name;
        double us;
    } figures[] = {
        {"mean", response->mean_us}, {"p50", response->p50_us},     {"p90", response->p90_us},
        {"p99", response->p99_us},   {"p99.9", response->p99_9_us}, {"max", response->max_us},
    };
    printf("  response ");
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        char text[BENCH_NUMBER_SIZE];
        printf("  %s %s", figures[i].name, bench_number_us(text, figures[i].us));
    }
    putchar('\n');
}

static void print_generator(const struct engine_result *result)
{
    bool saturated = false;
    printf("  generator  CPU per thread:");
    for (size_t i = 0; i < result->threads; i++) {
        char text[BENCH_NUMBER_SIZE];
        printf(" %s", bench_number_share(text, result->cpu_share[i]));
        saturated = saturated || result->cpu_share[i] > saturated_share;
    }
    putchar('\n');
    if (saturated)
        printf("             a thread over 90%% is saturated: the server may be able to do more "
               "(--threads)\n");
}

/* A stall at the end of a run would otherwise be missing from the response times. */
static void print_unanswered(const struct engine_result *result)
{
    if (result->unanswered == 0 ||
        result->oldest_unanswered_ns <= histogram_max_ns(&result->response))
        return;
    char age[BENCH_NUMBER_SIZE];
    printf("  unanswered %" PRIu64 " requests at the end, the oldest for %s\n", result->unanswered,
           bench_number_us(age, (double)result->oldest_unanswered_ns / NS_PER_US));
}

void load_report_print(const struct load_settings *settings, const struct engine_result *result,
                       bool interrupted)
{
    struct bench_response response;
    bench_response_take(&response, &result->response);
    char count[BENCH_NUMBER_SIZE];
    char rate[BENCH_NUMBER_SIZE];
    printf("%s on %s%s\n", settings->workload, settings->target,
           interrupted ? " (interrupted)" : "");
    printf("  load       closed loop, %" PRId64 " connections x %" PRId64 " outstanding\n",
           settings->connections, settings->pipeline);
    printf("  throughput %s requests/s  (%s in %.2f s)\n",
           bench_number_rate(rate, throughput_rps(result)),
           bench_number_count(count, response.count), (double)result->window_ns / NS_PER_S);
    print_response(&response);
    print_generator(result);
    print_unanswered(result);
    bench_failures_print(stdout, result->failures, result->first_failure);
    if (result->connections_open_end < (size_t)settings->connections && result->failures_total > 0)
        printf("  lost       %zu of %" PRId64 " connections were still open at the end\n",
               result->connections_open_end, settings->connections);
}

static void write_settings(struct bench_json *json, const struct load_settings *settings)
{
    bench_json_open(json, "settings", '{');
    bench_json_text(json, "workload", settings->workload);
    bench_json_text(json, "loop", "closed");
    bench_json_count(json, "connections", (uint64_t)settings->connections);
    bench_json_count(json, "threads", (uint64_t)settings->threads);
    bench_json_count(json, "pipeline", (uint64_t)settings->pipeline);
    bench_json_count(json, "outstanding", (uint64_t)(settings->connections * settings->pipeline));
    bench_json_number(json, "duration_s", (double)settings->duration_ns / NS_PER_S);
    bench_json_count(json, "requests", (uint64_t)settings->requests);
    bench_json_number(json, "timeout_s", (double)settings->timeout_ns / NS_PER_S);
    bench_json_close(json, '}');
}

void load_report_write_json(const struct load_settings *settings,
                            const struct engine_result *result, bool interrupted,
                            struct byte_buffer *out)
{
    struct bench_response response;
    bench_response_take(&response, &result->response);
    struct bench_json json = {.out = out};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", "crew-bench/load/1");
    bench_host_write(&json);
    bench_json_text(&json, "target", settings->target);
    write_settings(&json, settings);
    bench_json_bool(&json, "interrupted", interrupted);
    bench_json_number(&json, "measured_s", (double)result->window_ns / NS_PER_S);
    bench_json_number(&json, "throughput_rps", throughput_rps(result));
    bench_response_write(&json, &response);
    bench_failures_write(&json, result->failures);
    bench_json_text(&json, "first_error", result->first_failure);
    bench_json_count(&json, "connections_open_at_end", result->connections_open_end);
    bench_json_open(&json, "unanswered", '{');
    bench_json_count(&json, "count", result->unanswered);
    bench_json_number(&json, "oldest_us", (double)result->oldest_unanswered_ns / NS_PER_US);
    bench_json_close(&json, '}');
    bench_json_open(&json, "generator", '{');
    bench_json_open(&json, "cpu_share", '[');
    for (size_t i = 0; i < result->threads; i++)
        bench_json_number(&json, NULL, result->cpu_share[i]);
    bench_json_close(&json, ']');
    bench_json_close(&json, '}');
    bench_json_close(&json, '}');
}

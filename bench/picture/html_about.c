/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_number.h"
#include "bench/picture/html_parts.h"
#include "bench/picture/markup.h"
#include "common/clock.h"
#include "common/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const method[] = {
    "Every trial starts a fresh server; each block tries every worker count once in random order, "
    "and the reference count twice (A/A), so that whatever disturbs the machine meets all counts "
    "alike and shows in the control.",
    "Capacity is measured in a closed loop with the same number of requests outstanding for every "
    "count; latency in an open loop with Poisson arrivals at the same rates for every count, where "
    "a response time counts from when the request was due, not from when it could be sent.",
    "A trial is refused, not corrected, where the load generator was the limit, a reply was wrong, "
    "a request failed, or its figures contradict each other.",
    "Rates are geometric means over blocks; differences are Student's t intervals of paired "
    "logarithms, wide enough that all of them hold at once with 95 % confidence; percentiles come "
    "from merged histograms, and are n/a where too few samples stand behind them.",
    "Recommended is the smallest count that is shown to be within 2 % of the best and that meets "
    "the SLO, if one was set; it holds for this host, this server and this workload.",
};

__attribute__((format(printf, 3, 4))) static void put_fact(struct byte_buffer *out,
                                                           const char *name, const char *format,
                                                           ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    byte_buffer_printf(out, "<dt>%s</dt><dd>", name);
    markup_append(out, text);
    byte_buffer_append_text(out, "</dd>\n");
}

static void put_host(const struct results *results, struct byte_buffer *out)
{
    const struct bench_host *host = &results->host;
    byte_buffer_append_text(out, "<h3>Host</h3>\n<dl>\n");
    put_fact(out, "CPUs", "%.3g", host->cpus);
    put_fact(out, "CPU model", "%s", host->cpu_model);
    put_fact(out, "Kernel", "%s, %s", host->kernel, host->machine);
    put_fact(out, "crew", "%s", results->crew_version);
    put_fact(out, "Begun", "%s", results->started_utc);
    put_fact(out, "Took", "%.0f s", results->elapsed_s);
    byte_buffer_append_text(out, "</dl>\n");
}

/* "0.3 0.5" with `separator` between. */
static void list_shares(const struct results_settings *settings, const char *separator, char *text,
                        size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < settings->share_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%g", i > 0 ? separator : "",
                                 settings->shares[i]);
}

static void list_workers(const struct results_settings *settings, const char *separator, char *text,
                         size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < settings->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%u", i > 0 ? separator : "",
                                 settings->workers[i]);
}

/* As --slo takes it, and exactly. */
static const char *format_slo(const struct results_settings *settings, char *text, size_t size)
{
    char limit[QUANTITY_TEXT_SIZE];
    quantity_exact_duration(limit, (uint64_t)(settings->slo_limit_us * NS_PER_US + 0.5));
    snprintf(text, size, "p%.10g<%s", settings->slo_quantile * 100, limit);
    return text;
}

static void put_settings(const struct results *results, struct byte_buffer *out)
{
    const struct results_settings *settings = &results->settings;
    char text[480];
    byte_buffer_append_text(out, "<h3>Settings</h3>\n<dl>\n");
    list_workers(settings, ", ", text, sizeof(text));
    put_fact(out, "Workers", "%s; compared with %u", text, settings->reference);
    put_fact(out, "Capacity", "%u blocks, %zu requests outstanding", settings->blocks,
             settings->connections);
    list_shares(settings, ", ", text, sizeof(text));
    if (settings->latency_blocks > 0)
        put_fact(out, "Latency", "%u blocks at %s of the best capacity, %zu connections",
                 settings->latency_blocks, text, settings->latency_connections);
    else
        put_fact(out, "Latency", "not measured");
    put_fact(out, "Window", "%g s, after a warm-up", settings->duration_s);
    put_fact(out, "Load threads", "%zu", settings->threads);
    if (!isnan(settings->slo_quantile))
        put_fact(out, "SLO", "%s", format_slo(settings, text, sizeof(text)));
    put_fact(out, "Seed", "%" PRIu64, settings->seed);
    if (results->cpu_iterations_per_us > 0)
        put_fact(out, "Calibration", "%.4g iterations of WORK CPU per µs",
                 results->cpu_iterations_per_us);
    byte_buffer_append_text(out, "</dl>\n");
}

/* A word of a shell's command line; quoted where it has to be. */
static void append_word(struct byte_buffer *out, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        markup_append(out, word);
        return;
    }
    markup_append(out, "'");
    for (; *word != '\0'; word += strspn(word, "'") > 0) {
        size_t size = strcspn(word, "'");
        markup_append_bytes(out, word, size);
        word += size;
        if (*word == '\'')
            markup_append(out, "'\\''");
    }
    markup_append(out, "'");
}

/* The options of crew-bench sweep that give the same plan. */
static void put_command(const struct results *results, struct byte_buffer *out)
{
    const struct results_settings *settings = &results->settings;
    char text[480];
    byte_buffer_append_text(out, "<h3>How to measure it again</h3>\n<pre><code>");
    list_workers(settings, ",", text, sizeof(text));
    markup_printf(out, "crew-bench sweep --workers %s", text);
    for (size_t i = 0; i < settings->workload_count; i++) {
        markup_append(out, " --workload ");
        append_word(out, settings->workloads[i]);
    }
    markup_printf(out, " --blocks %u --duration %gs --connections %zu --threads %zu",
                  settings->blocks, settings->duration_s, settings->connections, settings->threads);
    markup_printf(out, " --latency-blocks %u", settings->latency_blocks);
    list_shares(settings, ",", text, sizeof(text));
    if (settings->latency_blocks > 0)
        markup_printf(out, " --rates %s", text);
    markup_printf(out, " --reference %u", settings->reference);
    if (!isnan(settings->slo_quantile))
        markup_printf(out, " --slo '%s'", format_slo(settings, text, sizeof(text)));
    if (!isnan(settings->slo_quantile) && !isnan(settings->slo_rate_rps))
        markup_printf(out, " --slo-rate %s", bench_number_exact(text, settings->slo_rate_rps));
    markup_printf(out, " --seed %" PRIu64 " --json results.json", settings->seed);
    byte_buffer_append_text(out, "</code></pre>\n<p>The same seed gives the same order, arrival "
                                 "times and random work; the figures differ within their "
                                 "intervals.</p>\n");
}

void html_about(const struct results *results, struct byte_buffer *out)
{
    byte_buffer_append_text(out, "<section id=\"about\">\n<h2>How this was measured</h2>\n<ol>\n");
    for (size_t i = 0; i < sizeof(method) / sizeof(method[0]); i++)
        byte_buffer_printf(out, "<li>%s</li>\n", method[i]);
    byte_buffer_append_text(out, "</ol>\n");
    put_host(results, out);
    put_settings(results, out);
    put_command(results, out);
    byte_buffer_append_text(out, "</section>\n");
}

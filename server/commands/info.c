/* SPDX-License-Identifier: MIT */
/* INFO: what the server is and what it has counted, in sections of field:value lines. */
#include "common/clock.h"
#include "common/version.h"
#include "server/calibration.h"
#include "server/call.h"
#include "server/commands/commands.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

/* What the sections draw from: the sums over all workers at one moment. */
struct report {
    struct server *server;
    struct worker_statistics sum;
    unsigned busy;
    uint64_t now_ns;
    struct byte_buffer text;
};

static void add_number(struct report *report, const char *name, uint64_t value)
{
    byte_buffer_printf(&report->text, "%s:%" PRIu64 "\r\n", name, value);
}

static void add_acceptor_counters(struct report *report)
{
    const struct acceptor_statistics *from = &report->server->acceptor.statistics;
    /* Acquire: counters of an older epoch do not count; see the reset note in statistics.h. */
    bool current = atomic_load_explicit(&from->epoch, memory_order_acquire) ==
                   statistics_load(&report->server->epoch.number);
#define X(name) add_number(report, #name, current ? statistics_load(&from->name) : 0);
    ACCEPTOR_COUNTERS(X)
#undef X
}

static void server_section(struct report *report)
{
    const struct server *server = report->server;
    uint64_t uptime_s = (report->now_ns - server->started_ns) / NS_PER_S;
    byte_buffer_printf(&report->text, "crew_version:%s\r\n", CREW_VERSION);
    byte_buffer_printf(&report->text, "redis_mode:standalone\r\n");
    add_number(report, "process_id", (uint64_t)getpid());
    add_number(report, "uptime_in_seconds", uptime_s);
    for (size_t i = 0; i < server->listeners.count; i++)
        byte_buffer_printf(&report->text, "listener%zu:%s\r\n", i, server->listeners.items[i].url);
    add_number(report, "cpu_iterations_per_us", calibration_iterations_per_us());
}

static void clients_section(struct report *report)
{
    const struct connection_table *table = &report->server->pool.connections;
    add_number(report, "connected_clients", connection_table_open_count(table));
    add_number(report, "maxclients", table->capacity);
    add_number(report, "client_memory_bytes", client_memory_held(&report->server->pool.memory));
    add_number(report, "client_memory_peak_bytes",
               client_memory_peak(&report->server->pool.memory));
    add_number(report, "strangers_waiting", stranger_queue_length(&report->server->pool.strangers));
    add_acceptor_counters(report);
    for (size_t i = 0; i < CLOSE_REASON_COUNT; i++)
        byte_buffer_printf(&report->text, "closed_%s:%" PRIu64 "\r\n", close_reason_names[i],
                           statistics_load(&report->sum.closed[i]));
}

static void add_us(struct report *report, const char *name, const char *mark, uint64_t ns)
{
    byte_buffer_printf(&report->text, "%s_%s:%.1f\r\n", name, mark, (double)ns / NS_PER_US);
}

static void add_times(struct report *report, const char *name, const struct histogram *histogram)
{
    add_us(report, name, "p50", histogram_quantile_ns(histogram, 0.50));
    add_us(report, name, "p90", histogram_quantile_ns(histogram, 0.90));
    add_us(report, name, "p99", histogram_quantile_ns(histogram, 0.99));
    add_us(report, name, "max", histogram_max_ns(histogram));
    byte_buffer_printf(&report->text, "%s_mean:%.2f\r\n", name,
                       histogram_mean_ns(histogram) / NS_PER_US);
    add_us(report, name, "total", histogram_sum_ns(histogram));
}

static void pool_section(struct report *report)
{
    const struct server *server = report->server;
    struct ready_queue_figures queue = ready_queue_read(&report->server->pool.queue);
    struct stuck_figures stuck = stuck_read(server, report->now_ns);
    uint64_t epoch_ns = statistics_load(&server->epoch.started_ns); /* may have begun just now */
    uint64_t counted_ns = report->now_ns > epoch_ns ? report->now_ns - epoch_ns : 0;
    double available_ns = (double)counted_ns * server->worker_count;
    double busy_ns = (double)statistics_load(&report->sum.busy_ns);
    add_number(report, "workers", server->worker_count);
    add_number(report, "door_workers", server->door_count);
    add_number(report, "workers_busy", report->busy);
    add_number(report, "workers_in_slow_commands", queue.slow);
    add_number(report, "workers_stuck", stuck.workers);
    add_number(report, "stuck_longest_ms", stuck.longest_ns / NS_PER_MS);
    byte_buffer_printf(&report->text, "worker_utilization:%.4f\r\n",
                       available_ns > 0 ? busy_ns / available_ns : 0);
    add_number(report, "overloaded", overload_lasts(&server->pool.overload, report->now_ns));
    add_number(report, "ready_queue_length", queue.length);
    add_number(report, "ready_queue_peak", queue.peak);
    add_number(report, "ready_queue_lock_contended_total", queue.lock_waits);
    add_us(report, "ready_queue_lock_wait_us", "total", queue.lock_waited_ns);
#define X(name) add_number(report, #name, statistics_load(&report->sum.name));
    WORKER_COUNTERS(X)
#undef X
    add_times(report, "queue_wait_us", &report->sum.queue_wait);
    add_times(report, "service_us", &report->sum.service);
    byte_buffer_printf(&report->text, "service_scv:%.4f\r\n", histogram_scv(&report->sum.service));
    add_us(report, "lock_wait_us", "total", statistics_load(&report->sum.lock_wait_ns));
}

static void commands_section(struct report *report)
{
    const struct command_table *table = &report->server->commands;
    for (size_t i = 0; i < table->count; i++) {
        const struct command_statistics *command = &report->sum.commands[i];
        uint64_t calls = statistics_load(&command->calls);
        uint64_t rejected = statistics_load(&command->rejected_calls);
        uint64_t time_ns = statistics_load(&command->time_ns);
        if (calls == 0 && rejected == 0)
            continue;
        byte_buffer_printf(&report->text,
                           "cmdstat_%s:calls=%" PRIu64 ",usec=%" PRIu64 ",usec_per_call=%.2f,"
                           "rejected_calls=%" PRIu64 ",failed_calls=%" PRIu64 "\r\n",
                           table->entries[i].full_name, calls, time_ns / NS_PER_US,
                           calls > 0 ? (double)time_ns / NS_PER_US / (double)calls : 0, rejected,
                           statistics_load(&command->failed_calls));
    }
}

static void add_seconds(struct report *report, const char *name, const struct timeval *time)
{
    byte_buffer_printf(&report->text, "%s:%lld.%06ld\r\n", name, (long long)time->tv_sec,
                       (long)time->tv_usec);
}

static void cpu_section(struct report *report)
{
    struct rusage usage = {0};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return; /* the section stays empty: no figure is better than a wrong one */
    add_seconds(report, "used_cpu_sys", &usage.ru_stime);
    add_seconds(report, "used_cpu_user", &usage.ru_utime);
    add_number(report, "voluntary_context_switches", (uint64_t)usage.ru_nvcsw);
    add_number(report, "involuntary_context_switches", (uint64_t)usage.ru_nivcsw);
}

static const struct {
    const char *name;
    void (*write)(struct report *report);
} sections[] = {
    {"Server", server_section},     {"Clients", clients_section}, {"Pool", pool_section},
    {"Commands", commands_section}, {"CPU", cpu_section},
};

/* INFO alone, and the words that Redis has for "all", give every section. */
static bool is_wanted(const crew_call *call, const char *section)
{
    for (size_t i = 1; i < crew_argument_count(call); i++) {
        if (crew_argument_is(call, i, section) || crew_argument_is(call, i, "all") ||
            crew_argument_is(call, i, "everything") || crew_argument_is(call, i, "default"))
            return true;
    }
    return crew_argument_count(call) == 1;
}

static void sum_workers(struct report *report)
{
    struct server *server = report->server;
    for (unsigned i = 0; i < server->worker_count + server->door_count; i++) {
        const struct worker_statistics *from = &server->workers[i].statistics;
        report->busy += statistics_load(&from->visit_started_ns) != 0;
        worker_statistics_sum(&report->sum, from, &server->epoch, report->now_ns);
    }
}

static void info(crew_call *call)
{
    /* On the heap: its histograms are larger than a stack frame should be. */
    struct report *report = aligned_alloc(_Alignof(struct report), sizeof(*report));
    if (report == NULL) {
        crew_reply_error(call, "ERR out of memory");
        return;
    }
    *report = (struct report){.server = call->worker->server, .now_ns = monotonic_ns()};
    if (worker_statistics_init(&report->sum, report->server->commands.count) != 0) {
        free(report);
        crew_reply_error(call, "ERR out of memory");
        return;
    }
    sum_workers(report);
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (!is_wanted(call, sections[i].name))
            continue;
        byte_buffer_printf(&report->text, "%s# %s\r\n", report->text.size > 0 ? "\r\n" : "",
                           sections[i].name);
        sections[i].write(report);
    }
    if (report->text.failed)
        crew_reply_error(call, "ERR out of memory");
    else
        crew_reply_verbatim(call, report->text.bytes, report->text.size);
    byte_buffer_free(&report->text);
    worker_statistics_destroy(&report->sum);
    free(report);
}

/* Not fast: with many workers, summing their histograms takes milliseconds. */
const crew_command info_commands[] = {
    {"INFO", "[<section> ...]", "Answers what the server is and has counted.", "server", -1,
     CREW_EXEMPT, info, NULL},
    {.name = NULL},
};

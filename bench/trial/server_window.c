/* SPDX-License-Identifier: MIT */
#include "bench/trial/server_window.h"

#include "bench/trial/bench_info.h"
#include "common/clock.h"

#include <math.h>
#include <stdlib.h>

struct server_figures server_figures_unknown(void)
{
    return (struct server_figures){
        .utilization = NAN,
        .requests = NAN,
        .queue_wait_mean_us = NAN,
        .queue_wait_p50_us = NAN,
        .queue_wait_p99_us = NAN,
        .service_mean_us = NAN,
        .service_p50_us = NAN,
        .service_p99_us = NAN,
        .service_scv = NAN,
        .cpu_us = NAN,
        .worker_cpu_us = NAN,
        .run_queue_us = NAN,
        .lock_wait_us = NAN,
        .blocked_us = NAN,
        .switches = NAN,
    };
}

void server_window_begin(struct server_window *window, struct bench_control *control, pid_t pid)
{
    char error[BENCH_ERROR_SIZE];
    const char *text = NULL;
    *window = (struct server_window){0};
    window->known = bench_control_ask(control, "CONFIG RESETSTAT", &text, error) &&
                    kernel_accounting_read(pid, &window->begin);
    window->begin_ns = monotonic_ns();
}

static void read_info(struct server_figures *figures, const char *info)
{
    const struct {
        const char *field;
        double *figure;
    } fields[] = {
        {"worker_utilization", &figures->utilization},
        {"requests_total", &figures->requests},
        {"queue_wait_us_mean", &figures->queue_wait_mean_us},
        {"queue_wait_us_p50", &figures->queue_wait_p50_us},
        {"queue_wait_us_p99", &figures->queue_wait_p99_us},
        {"service_us_mean", &figures->service_mean_us},
        {"service_us_p50", &figures->service_p50_us},
        {"service_us_p99", &figures->service_p99_us},
        {"service_scv", &figures->service_scv},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        *fields[i].figure = bench_info_number(info, fields[i].field);
    figures->lock_wait_us = bench_info_number(info, "lock_wait_us_total") / figures->requests;
}

static void fill_workers(struct server_figures *figures, const struct kernel_accounting *used,
                         double window_ns)
{
    figures->workers = calloc(used->worker_count + 1, sizeof(*figures->workers));
    if (figures->workers == NULL)
        return; /* they are then not known */
    figures->worker_count = used->worker_count;
    for (size_t i = 0; i < used->worker_count; i++) {
        const struct thread_accounting *thread = &used->threads[i].used;
        figures->workers[i] = (struct worker_figures){
            .cpu_share = thread->cpu_ns / window_ns,
            .run_queue_share = thread->run_delay_ns / window_ns,
            .voluntary_switches_per_s = thread->voluntary_switches * NS_PER_S / window_ns,
            .involuntary_switches_per_s = thread->involuntary_switches * NS_PER_S / window_ns,
        };
    }
}

static void fill_kernel(struct server_figures *figures, const struct kernel_accounting *used,
                        double window_ns)
{
    double requests = figures->requests > 0 ? figures->requests : NAN;
    const struct thread_accounting *workers = &used->workers;
    figures->cpu_us = used->all.cpu_ns / NS_PER_US / requests;
    figures->worker_cpu_us = workers->cpu_ns / NS_PER_US / requests;
    figures->run_queue_us = workers->run_delay_ns / NS_PER_US / requests;
    figures->switches = (workers->voluntary_switches + workers->involuntary_switches) / requests;
    /* A worker's CPU time also holds what it does between requests, so this may come out below. */
    double blocked_us = figures->service_mean_us - figures->worker_cpu_us - figures->run_queue_us -
                        figures->lock_wait_us;
    figures->blocked_us = blocked_us < 0 ? 0 : blocked_us;
    fill_workers(figures, used, window_ns);
}

void server_window_end(struct server_window *window, struct bench_control *control, pid_t pid,
                       struct server_figures *figures)
{
    char error[BENCH_ERROR_SIZE];
    const char *text = NULL;
    struct kernel_accounting end;
    struct kernel_accounting used;
    *figures = server_figures_unknown();
    if (!window->known || !bench_control_ask(control, "INFO", &text, error))
        return;
    read_info(figures, text);
    if (!kernel_accounting_read(pid, &end))
        return;
    double window_ns = (double)(monotonic_ns() - window->begin_ns);
    if (kernel_accounting_difference(&window->begin, &end, &used)) {
        fill_kernel(figures, &used, window_ns);
        kernel_accounting_free(&used);
    }
    kernel_accounting_free(&end);
}

void server_window_free(struct server_window *window)
{
    kernel_accounting_free(&window->begin);
}

/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_stand.h"

#include "bench/base/bench_interrupt.h"
#include "bench/peers/redis_benchmark.h"
#include "common/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    PILOT_REQUESTS = 2000, /* that say how many a load of the wanted length has */
    SETTLE_MS = 3000,      /* redis-server shrinks the buffers of a client that was idle for 2 s */
    GLANCE_MS = 50,
};

size_t peer_stand_workers(const struct peer_bed *bed, const struct peer_side *side)
{
    return side->workers == PEER_ALL_CPUS ? bed->cpus : side->workers;
}

bool peer_stand_open(struct peer_stand *stand, const struct peer_bed *bed,
                     const struct peer_row *row, const struct peer_side *side,
                     const struct peer_server *shared, char error[BENCH_ERROR_SIZE])
{
    char sleep[32];
    snprintf(sleep, sizeof(sleep), "WORK SLEEP %d", PEER_SLEEPER_US);
    *stand = (struct peer_stand){
        .bed = bed, .row = row, .side = side, .server = shared, .load.epoll_fd = -1};
    if (!peer_exchange_make(&stand->exchange, side->program, side->command, side->payload,
                            side->depth) ||
        !peer_exchange_make(&stand->sleeper, side->program, sleep, 0, 1)) {
        snprintf(error, BENCH_ERROR_SIZE, "out of memory");
        return false;
    }
    if (row->method == PEER_BY_MEMORY) /* each measurement starts a server of its own */
        return true;
    if (shared == NULL) {
        if (!peer_server_start(&stand->own, bed->programs, side->program,
                               peer_stand_workers(bed, side), bed->folder, error))
            return false;
        stand->server = &stand->own;
    }
    return row->method != PEER_BY_LOAD ||
           closed_load_open(&stand->load, stand->server->port,
                            side->connections + side->sleepers + side->idle, error);
}

void peer_stand_close(struct peer_stand *stand)
{
    closed_load_close(&stand->load);
    peer_server_stop(&stand->own);
    peer_exchange_free(&stand->exchange);
    peer_exchange_free(&stand->sleeper);
}

/* ---- CPU time ---- */

static bool fail(char *error, const char *what, int reason)
{
    snprintf(error, BENCH_ERROR_SIZE, "%s: %s", what, strerror(reason));
    return false;
}

static bool read_cpu(const struct peer_stand *stand, struct kernel_accounting *accounting,
                     char *error)
{
    return kernel_accounting_read(stand->server->process.pid, accounting) ||
           fail(error, "cannot read the server's CPU time", errno);
}

/* CPU time of all threads since `begin`, which it frees. NAN when a thread has ended meanwhile, for
 * what that one used is not known. */
static bool take_cpu(const struct peer_stand *stand, struct kernel_accounting *begin,
                     double *cpu_ns, char *error)
{
    struct kernel_accounting end;
    struct kernel_accounting used = {0};
    if (!read_cpu(stand, &end, error)) {
        kernel_accounting_free(begin);
        return false;
    }
    bool good = kernel_accounting_difference(begin, &end, &used);
    *cpu_ns = good && used.vanished == 0 ? used.all.cpu_ns : NAN;
    kernel_accounting_free(begin);
    kernel_accounting_free(&end);
    kernel_accounting_free(&used);
    return good || fail(error, "cannot compare CPU times", ENOMEM);
}

/* ---- loads ---- */

static bool measure_by_benchmark(struct peer_stand *stand, double *figures, char *error)
{
    const struct peer_side *side = stand->side;
    struct kernel_accounting begin;
    struct redis_benchmark_result result = {0};
    double cpu_ns = NAN;
    struct redis_benchmark benchmark = {
        .program = stand->bed->programs->paths[PEER_BENCHMARK],
        .port = stand->server->port,
        .connections = side->connections,
        .depth = side->depth,
        .requests = PILOT_REQUESTS * side->depth,
    };
    if (stand->rate_rps <= 0) {
        if (!redis_benchmark_run(&benchmark, &result, error))
            return false;
        stand->rate_rps = result.rate_rps;
    }
    benchmark.requests = redis_benchmark_requests(stand->rate_rps, stand->bed->seconds,
                                                  side->connections, side->depth);
    if (!read_cpu(stand, &begin, error))
        return false;
    bool good = redis_benchmark_run(&benchmark, &result, error);
    if (!take_cpu(stand, &begin, &cpu_ns, error) || !good)
        return false;
    stand->rate_rps = result.rate_rps;
    figures[PEER_CPU_US] = cpu_ns / NS_PER_US / (double)benchmark.requests;
    figures[PEER_RATE_RPS] = result.rate_rps;
    figures[PEER_P50_US] = result.p50_us;
    figures[PEER_GENERATOR_SHARE] = result.generator_share;
    return true;
}

static bool run_load(struct peer_stand *stand, double seconds, struct load_result *result,
                     char *error)
{
    const struct load_part parts[] = {
        {.exchange = &stand->exchange.load,
         .connections = stand->side->connections,
         .interval_ns = stand->side->interval_ns},
        /* Strangers do not sleep in step: their replies come one by one, not all at once. */
        {.exchange = &stand->sleeper.load,
         .connections = stand->side->sleepers,
         .spread_ns = (uint64_t)PEER_SLEEPER_US * NS_PER_US},
    };
    return closed_load_run(&stand->load, parts, stand->side->sleepers > 0 ? 2 : 1,
                           (uint64_t)(seconds * NS_PER_S), result, error);
}

static bool measure_by_load(struct peer_stand *stand, double *figures, char *error)
{
    struct kernel_accounting begin;
    struct load_result result = {0};
    double cpu_ns = NAN;
    if (stand->row->ideal && !peer_server_reset_service(stand->server, error))
        return false;
    if (!read_cpu(stand, &begin, error))
        return false;
    bool good = run_load(stand, stand->bed->seconds, &result, error);
    if (!good) {
        kernel_accounting_free(&begin);
        return false;
    }
    if (!take_cpu(stand, &begin, &cpu_ns, error) ||
        (stand->row->ideal &&
         !peer_server_service_us(stand->server, &figures[PEER_SERVICE_US], error)))
        return false;
    figures[PEER_CPU_US] = cpu_ns / NS_PER_US / (double)result.requests;
    figures[PEER_RATE_RPS] = (double)result.requests / result.seconds;
    figures[PEER_P50_US] =
        (double)histogram_quantile_ns(&stand->load.response_time, 0.5) / NS_PER_US;
    figures[PEER_P99_US] =
        (double)histogram_quantile_ns(&stand->load.response_time, 0.99) / NS_PER_US;
    figures[PEER_GENERATOR_SHARE] = result.generator_share;
    return true;
}

/* ---- memory ---- */

static bool settle(void)
{
    const struct timespec glance = {.tv_nsec = GLANCE_MS * NS_PER_MS};
    uint64_t end_ns = monotonic_ns() + (uint64_t)SETTLE_MS * NS_PER_MS;
    while (monotonic_ns() < end_ns && !bench_interrupted())
        (void)nanosleep(&glance, NULL);
    return !bench_interrupted();
}

static bool read_resident(const struct peer_stand *stand, double *bytes, char *error)
{
    return peer_server_resident(&stand->own, bytes) ||
           fail(error, "cannot read the server's memory", errno);
}

/* A load of no length: each connection asks once. */
static bool ask_once(struct peer_stand *stand, size_t connections, char *error)
{
    struct load_result result;
    return closed_load_open(&stand->load, stand->own.port, connections, error) &&
           run_load(stand, 0, &result, error);
}

/* What a server needs for its first connection is no matter of a connection's. */
static bool measure_crowd(struct peer_stand *stand, double *figures, char *error)
{
    double before = NAN;
    double after = NAN;
    if (!ask_once(stand, 1, error))
        return false;
    closed_load_close(&stand->load);
    if (!read_resident(stand, &before, error) ||
        !ask_once(stand, stand->side->connections, error) || !settle() ||
        !read_resident(stand, &after, error))
        return false;
    figures[PEER_MEMORY_BYTES] = (after - before) / (double)stand->side->connections;
    return true;
}

static bool measure_by_memory(struct peer_stand *stand, double *figures, char *error)
{
    if (!peer_server_start(&stand->own, stand->bed->programs, stand->side->program,
                           peer_stand_workers(stand->bed, stand->side), stand->bed->folder, error))
        return false;
    bool good = measure_crowd(stand, figures, error);
    closed_load_close(&stand->load);
    peer_server_stop(&stand->own);
    return good;
}

bool peer_stand_measure(struct peer_stand *stand, double figures[PEER_FIGURES],
                        char error[BENCH_ERROR_SIZE])
{
    error[0] = '\0';
    switch (stand->row->method) {
    case PEER_BY_BENCHMARK:
        return measure_by_benchmark(stand, figures, error);
    case PEER_BY_LOAD:
        return measure_by_load(stand, figures, error);
    case PEER_BY_MEMORY:
        return measure_by_memory(stand, figures, error);
    case PEER_BY_QUEUE:
        break;
    }
    return fail(error, stand->row->name, ENOTSUP);
}

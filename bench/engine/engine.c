/* SPDX-License-Identifier: MIT */
#include "bench/engine/engine.h"

#include "bench/base/thread_accounting.h"
#include "bench/engine/bench_login.h"
#include "bench/engine/generator.h"
#include "common/channel.h"
#include "common/clock.h"
#include "common/happens_before.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SPARE_DESCRIPTORS = 64 }; /* besides the connections: logs, epoll sets, output files */

struct engine {
    struct generator_shared shared;
    struct generator *generators;
    size_t threads;
    size_t launched;
    uint64_t connect_failures;
    char connect_error[BENCH_ERROR_SIZE];
};

/* Raises the soft limit as far as it may go; opening a connection reports if that is too low. */
static void allow_descriptors(size_t connections)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t wanted = (rlim_t)connections + SPARE_DESCRIPTORS;
    if (limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool fail(char *error, const char *what)
{
    snprintf(error, BENCH_ERROR_SIZE, "%s: %s", what, strerror(errno));
    return false;
}

/* A raw:// server's address, for the generators to connect to by themselves. */
static bool resolve_raw(struct engine *engine, const struct endpoint *target, char *error)
{
    char reason[ENDPOINT_ERROR_SIZE];
    struct addrinfo *addresses = endpoint_resolve(target, false, reason);
    if (addresses == NULL) {
        snprintf(error, BENCH_ERROR_SIZE, "%s", reason);
        return false;
    }
    memcpy(&engine->shared.raw_address, addresses->ai_addr, addresses->ai_addrlen);
    engine->shared.raw_address_size = addresses->ai_addrlen;
    freeaddrinfo(addresses);
    return true;
}

/* The channel is closed when it cannot be opened, which is counted. */
static struct channel open_channel(struct engine *engine, const struct engine_settings *settings)
{
    /* After one failure the rest is not tried: each try may last as long as the time limit. */
    struct channel channel = {.fd = -1};
    if (engine->connect_failures == 0 &&
        channel_open(&channel, settings->target, settings->tls, settings->timeout_ms,
                     engine->connect_error) &&
        bench_log_in(&channel, settings->target, settings->timeout_ms, engine->connect_error))
        return channel;
    channel_close(&channel);
    engine->connect_failures++;
    return channel;
}

/* Opens the connections of one generator; false when nothing can come of the run. */
static bool open_connections(struct engine *engine, const struct engine_settings *settings,
                             size_t thread, char *error)
{
    struct generator *generator = &engine->generators[thread];
    bool raw = settings->workload->raw;
    size_t places = settings->pipeline;
    if (raw)
        places = 1;
    else if (settings->rate_rps > 0)
        places = (settings->inflight + settings->connections - 1) / settings->connections;
    if (!generator_make_room(generator, settings->connections))
        return fail(error, "cannot open the connections");
    for (size_t i = thread; i < settings->connections; i += engine->threads) {
        struct channel channel = {.fd = -1};
        if (!raw)
            channel = open_channel(engine, settings);
        if (channel.fd < 0 && !raw)
            continue;
        if (!bench_connection_init(&generator->connections[generator->connection_count], channel,
                                   settings->workload, places))
            return fail(error, "cannot set up a connection");
        generator->connection_count++;
    }
    return true;
}

/* What a generator does, apart from where to. */
static bool set_up_generator(struct engine *engine, const struct engine_settings *settings,
                             size_t thread, char *error)
{
    struct generator *generator = &engine->generators[thread];
    generator->number = thread;
    generator->number_step = engine->threads;
    /* Shares that differ by at most one, and add up. */
    generator->inflight_limit =
        settings->inflight / engine->threads + (thread < settings->inflight % engine->threads);
    atomic_init(&generator->next_due_ns, UINT64_MAX);
    if (settings->rate_rps > 0) {
        arrivals_init(&generator->arrivals, settings->arrivals, settings->rate_rps, settings->seed,
                      thread, engine->threads);
        atomic_init(&generator->next_due_ns, 0);
    }
    /* Not the numbers that the arrivals are drawn from: how long a request works would follow from
     * how long after the one before it is due. */
    struct bench_random random = {~settings->seed};
    for (size_t i = 0; i < thread; i++)
        random.state = bench_random_next(&random);
    return generator_init(generator, bench_random_next(&random)) ||
           fail(error, "cannot set up a generator thread");
}

static bool set_up_shared(struct engine *engine, const struct engine_settings *settings,
                          char *error)
{
    struct generator_shared *shared = &engine->shared;
    shared->target = settings->target;
    shared->workload = settings->workload;
    shared->open_loop = settings->rate_rps > 0;
    shared->stall_ns = (uint64_t)settings->timeout_ms * NS_PER_MS;
    shared->limited = settings->requests > 0;
    shared->hiccup_ns = settings->hiccup_ns;
    atomic_init(&shared->left, (int64_t)settings->requests);
    atomic_init(&shared->stop, false);
    atomic_init(&shared->running, 0);
    shared->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    shared->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shared->stop_fd < 0 || shared->ended_fd < 0)
        return fail(error, "cannot create an eventfd");
    return !settings->workload->raw || resolve_raw(engine, settings->target, error);
}

static bool set_up(struct engine *engine, const struct engine_settings *settings, char *error)
{
    if (!set_up_shared(engine, settings, error))
        return false;
    allow_descriptors(settings->connections);
    for (size_t i = 0; i < engine->threads; i++)
        if (!open_connections(engine, settings, i, error))
            return false;
    if (engine->connect_failures == settings->connections) {
        memcpy(error, engine->connect_error, ENDPOINT_ERROR_SIZE);
        return false;
    }
    for (size_t i = 0; i < engine->threads; i++)
        if (!set_up_generator(engine, settings, i, error))
            return false;
    return true;
}

struct engine *engine_open(const struct engine_settings *settings, char error[BENCH_ERROR_SIZE])
{
    struct engine *engine = calloc(1, sizeof(*engine));
    size_t threads =
        settings->threads < settings->connections ? settings->threads : settings->connections;
    struct generator *generators = calloc(threads, sizeof(*generators));
    if (engine == NULL || generators == NULL) {
        fail(error, "cannot set up the run");
        free(engine);
        free(generators);
        return NULL;
    }
    engine->generators = generators;
    engine->threads = threads;
    engine->shared.stop_fd = -1;
    engine->shared.ended_fd = -1;
    for (size_t i = 0; i < threads; i++) {
        generators[i].shared = &engine->shared;
        generators[i].epoll_fd = -1;
    }
    if (!set_up(engine, settings, error)) {
        engine_close(engine);
        return NULL;
    }
    return engine;
}

bool engine_launch(struct engine *engine, char error[BENCH_ERROR_SIZE])
{
    /* Signals are for the thread that runs the engine: its waits end early, a generator's never. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    atomic_store_explicit(&engine->shared.running, engine->threads, memory_order_relaxed);
    engine->shared.begin_ns = monotonic_ns();
    int result = 0;
    while (result == 0 && engine->launched < engine->threads) {
        struct generator *generator = &engine->generators[engine->launched];
        result = pthread_create(&generator->thread, NULL, generator_run, generator);
        if (result == 0)
            engine->launched++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result == 0)
        return true;
    snprintf(error, BENCH_ERROR_SIZE, "cannot start generator thread %zu: %s", engine->launched + 1,
             strerror(result));
    return false;
}

uint64_t engine_begin_ns(const struct engine *engine)
{
    return engine->shared.begin_ns;
}

static bool all_ended(const struct engine *engine)
{
    /* Acquire: pairs with the release of each generator as it ends. */
    bool ended = atomic_load_explicit(&engine->shared.running, memory_order_acquire) == 0;
    HAPPENS_AFTER(&engine->shared.running);
    return ended;
}

bool engine_wait(struct engine *engine, int timeout_ms)
{
    if (all_ended(engine))
        return true;
    struct pollfd watched = {.fd = engine->shared.ended_fd, .events = POLLIN};
    if (poll(&watched, 1, timeout_ms) > 0) {
        uint64_t ended = 0;
        ssize_t size = read(engine->shared.ended_fd, &ended, sizeof(ended));
        (void)size; /* read only so that the next wait waits again; `running` is what counts */
    }
    return all_ended(engine);
}

uint64_t engine_replies(const struct engine *engine)
{
    uint64_t replies = 0;
    for (size_t i = 0; i < engine->threads; i++)
        replies += atomic_load_explicit(&engine->generators[i].replies, memory_order_relaxed);
    return replies;
}

static uint64_t failures_of(const struct generator *generator, size_t kind)
{
    return atomic_load_explicit(&generator->failures[kind], memory_order_relaxed);
}

uint64_t engine_failures(const struct engine *engine)
{
    uint64_t failures = engine->connect_failures;
    for (size_t i = 0; i < engine->threads; i++)
        for (size_t kind = 0; kind < BENCH_FAILURES; kind++)
            failures += failures_of(&engine->generators[i], kind);
    return failures;
}

static void add_generator(struct engine_snapshot *snapshot, const struct generator *generator)
{
    histogram_merge(&snapshot->response, &generator->response);
    histogram_merge(&snapshot->wire, &generator->wire);
    histogram_merge(&snapshot->lag, &generator->lag);
    snapshot->sent += atomic_load_explicit(&generator->sent, memory_order_relaxed);
    snapshot->replies += atomic_load_explicit(&generator->replies, memory_order_relaxed);
    snapshot->held_back += atomic_load_explicit(&generator->held_back, memory_order_relaxed);
    snapshot->outstanding += atomic_load_explicit(&generator->outstanding, memory_order_relaxed);
    uint64_t due_ns = atomic_load_explicit(&generator->next_due_ns, memory_order_relaxed);
    if (due_ns > 0 && due_ns < snapshot->at_ns && snapshot->at_ns - due_ns > snapshot->late_ns)
        snapshot->late_ns = snapshot->at_ns - due_ns;
    for (size_t kind = 0; kind < BENCH_FAILURES; kind++)
        snapshot->failures[kind] += failures_of(generator, kind);
}

/* CPU time of a generator's thread; NAN before it runs, and for a moment while it ends. */
static double cpu_of(const struct generator *generator)
{
    uint64_t ended_ns = atomic_load_explicit(&generator->ended_cpu_ns, memory_order_relaxed);
    clockid_t clock;
    struct timespec used;
    if (ended_ns > 0)
        return (double)ended_ns;
    if (pthread_getcpuclockid(generator->thread, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return NAN;
    return (double)used.tv_sec * NS_PER_S + (double)used.tv_nsec;
}

static void add_thread_times(struct engine_snapshot *snapshot, const struct generator *generator)
{
    int id = atomic_load_explicit(&generator->thread_id, memory_order_relaxed);
    double spin_ns = (double)atomic_load_explicit(&generator->spin_ns, memory_order_relaxed);
    double cpu_ns = cpu_of(generator) - spin_ns;
    struct thread_accounting used = {0};
    bool waits_known = id > 0 && thread_accounting_read_own(id, &used) && !isnan(used.run_delay_ns);
    snapshot->cpu_ns += cpu_ns;
    double wait_ns = (double)atomic_load_explicit(&generator->ended_wait_ns, memory_order_relaxed);
    snapshot->busy_ns[snapshot->threads++] = cpu_ns + (waits_known ? used.run_delay_ns : wait_ns);
}

/* Where every generator ended by itself, the run lasted until the last of them ended. */
static uint64_t last_end_ns(const struct engine *engine)
{
    uint64_t end_ns = 0;
    for (size_t i = 0; i < engine->threads; i++)
        if (engine->generators[i].ended_ns > end_ns)
            end_ns = engine->generators[i].ended_ns;
    return end_ns;
}

void engine_snapshot(struct engine *engine, struct engine_snapshot *snapshot)
{
    memset(snapshot, 0, sizeof(*snapshot));
    snapshot->at_ns = all_ended(engine) ? last_end_ns(engine) : monotonic_ns();
    for (size_t i = 0; i < engine->threads; i++) {
        add_generator(snapshot, &engine->generators[i]);
        add_thread_times(snapshot, &engine->generators[i]);
    }
    snapshot->failures[BENCH_CONNECT] = engine->connect_failures;
}

static void stop_threads(struct engine *engine)
{
    atomic_store_explicit(&engine->shared.stop, true, memory_order_relaxed);
    uint64_t one = 1;
    ssize_t written = write(engine->shared.stop_fd, &one, sizeof(one));
    (void)written; /* if it failed, the generators would still see the flag at their next tick */
    for (size_t i = 0; i < engine->launched; i++)
        pthread_join(engine->generators[i].thread, NULL);
    engine->launched = 0;
}

static void add_end(struct engine_end *end, const struct generator *generator, uint64_t stopped_ns)
{
    if (end->first_failure[0] == '\0')
        memcpy(end->first_failure, generator->first_failure, sizeof(end->first_failure));
    end->connections_open += generator->connections_open_end;
    uint64_t oldest_ns = generator->oldest_scheduled_ns;
    if (oldest_ns > 0 && oldest_ns < stopped_ns &&
        stopped_ns - oldest_ns > end->oldest_unanswered_ns)
        end->oldest_unanswered_ns = stopped_ns - oldest_ns;
}

void engine_stop(struct engine *engine, struct engine_end *end)
{
    uint64_t stopped_ns = monotonic_ns();
    stop_threads(engine);
    *end = (struct engine_end){0};
    for (size_t i = 0; i < engine->threads; i++)
        add_end(end, &engine->generators[i], stopped_ns);
    if (engine->connect_failures > 0)
        snprintf(end->first_failure, sizeof(end->first_failure), "%.*s",
                 BENCH_FAILURE_TEXT_SIZE - 1, engine->connect_error);
}

void engine_close(struct engine *engine)
{
    if (engine->launched > 0)
        stop_threads(engine);
    for (size_t i = 0; i < engine->threads; i++)
        generator_free(&engine->generators[i]);
    free(engine->generators);
    if (engine->shared.stop_fd >= 0)
        close(engine->shared.stop_fd);
    if (engine->shared.ended_fd >= 0)
        close(engine->shared.ended_fd);
    free(engine);
}

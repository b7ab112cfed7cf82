/* SPDX-License-Identifier: MIT */
#include "bench/engine/engine.h"

#include "common/clock.h"
#include "common/dial.h"

#include <errno.h>
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
    uint64_t window_begin_ns; /* 0 before the window */
    uint64_t window_end_ns;   /* 0 while it is open */
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

/* Opens the connections of one generator; false when nothing can come of the run. */
static bool open_connections(struct engine *engine, const struct engine_settings *settings,
                             size_t thread, char *error)
{
    struct generator *generator = &engine->generators[thread];
    generator->connections = calloc(settings->connections, sizeof(*generator->connections));
    if (generator->connections == NULL)
        return fail(error, "cannot open the connections");
    for (size_t i = thread; i < settings->connections; i += engine->threads) {
        int fd = -1;
        /* After one failure the rest is not tried: each try may last as long as the time limit. */
        if (engine->connect_failures == 0)
            fd = dial(settings->target, settings->timeout_ms, engine->connect_error);
        if (fd < 0) {
            engine->connect_failures++;
            continue;
        }
        if (!bench_connection_init(&generator->connections[generator->connection_count], fd,
                                   settings->workload, settings->pipeline, i,
                                   settings->connections))
            return fail(error, "cannot set up a connection");
        generator->connection_count++;
    }
    return true;
}

static bool set_up(struct engine *engine, const struct engine_settings *settings, char *error)
{
    struct generator_shared *shared = &engine->shared;
    shared->workload = settings->workload;
    shared->stall_ns = (uint64_t)settings->timeout_ms * NS_PER_MS;
    shared->limited = settings->requests > 0;
    atomic_init(&shared->left, (int64_t)settings->requests);
    atomic_init(&shared->phase, GENERATOR_WARM_UP);
    atomic_init(&shared->running, 0);
    shared->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    shared->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shared->stop_fd < 0 || shared->ended_fd < 0)
        return fail(error, "cannot create an eventfd");
    allow_descriptors(settings->connections);
    for (size_t i = 0; i < engine->threads; i++)
        if (!open_connections(engine, settings, i, error))
            return false;
    if (engine->connect_failures == settings->connections) {
        memcpy(error, engine->connect_error, ENDPOINT_ERROR_SIZE);
        return false;
    }
    for (size_t i = 0; i < engine->threads; i++)
        if (!generator_init(&engine->generators[i]))
            return fail(error, "cannot set up a generator thread");
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

static void set_phase(struct engine *engine, enum generator_phase phase)
{
    atomic_store_explicit(&engine->shared.phase, phase, memory_order_relaxed);
}

void engine_measure(struct engine *engine)
{
    engine->window_begin_ns = monotonic_ns();
    set_phase(engine, GENERATOR_MEASURE);
}

void engine_end_window(struct engine *engine)
{
    set_phase(engine, GENERATOR_COOL_DOWN);
    engine->window_end_ns = monotonic_ns();
}

bool engine_launch(struct engine *engine, char error[BENCH_ERROR_SIZE])
{
    /* Signals are for the thread that runs the engine: its waits end early, a generator's never. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    atomic_store_explicit(&engine->shared.running, engine->threads, memory_order_relaxed);
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

static bool all_ended(const struct engine *engine)
{
    /* Acquire: pairs with the release of each generator as it ends. */
    return atomic_load_explicit(&engine->shared.running, memory_order_acquire) == 0;
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

static void stop_threads(struct engine *engine)
{
    set_phase(engine, GENERATOR_STOP);
    uint64_t one = 1;
    ssize_t written = write(engine->shared.stop_fd, &one, sizeof(one));
    (void)written; /* if it failed, the generators would still see the phase at their next tick */
    for (size_t i = 0; i < engine->launched; i++)
        pthread_join(engine->generators[i].thread, NULL);
    engine->launched = 0;
}

static void merge_generator(struct engine_result *result, const struct generator *generator,
                            uint64_t end_ns)
{
    histogram_merge(&result->response, &generator->response);
    for (size_t kind = 0; kind < BENCH_FAILURES; kind++)
        result->failures[kind] += failures_of(generator, kind);
    if (result->first_failure[0] == '\0')
        memcpy(result->first_failure, generator->first_failure, GENERATOR_TEXT_SIZE);
    result->connections_open_end += generator->connections_open_end;
    result->unanswered += generator->unanswered;
    uint64_t age_ns = generator->oldest_sent_ns > 0 && generator->oldest_sent_ns < end_ns
                          ? end_ns - generator->oldest_sent_ns
                          : 0;
    if (age_ns > result->oldest_unanswered_ns)
        result->oldest_unanswered_ns = age_ns;
    result->cpu_share[result->threads++] =
        result->window_ns > 0 ? (double)generator->cpu_ns / (double)result->window_ns : 0;
}

/* Where every generator ended by itself, the run lasted until the last of them ended. */
static uint64_t window_end_ns(const struct engine *engine, bool ended, uint64_t stopped_ns)
{
    if (engine->window_end_ns > 0 || !ended)
        return engine->window_end_ns > 0 ? engine->window_end_ns : stopped_ns;
    uint64_t end_ns = 0;
    for (size_t i = 0; i < engine->threads; i++)
        if (engine->generators[i].ended_ns > end_ns)
            end_ns = engine->generators[i].ended_ns;
    return end_ns;
}

void engine_stop(struct engine *engine, struct engine_result *result)
{
    bool ended = all_ended(engine);
    uint64_t stopped_ns = monotonic_ns();
    stop_threads(engine);
    uint64_t end_ns = window_end_ns(engine, ended, stopped_ns);
    memset(result, 0, sizeof(*result));
    histogram_reset(&result->response);
    if (engine->window_begin_ns > 0 && end_ns > engine->window_begin_ns)
        result->window_ns = end_ns - engine->window_begin_ns;
    for (size_t i = 0; i < engine->threads; i++)
        merge_generator(result, &engine->generators[i], stopped_ns);
    result->failures[BENCH_CONNECT] = engine->connect_failures;
    if (engine->connect_failures > 0)
        snprintf(result->first_failure, sizeof(result->first_failure), "%.*s",
                 GENERATOR_TEXT_SIZE - 1, engine->connect_error);
    for (size_t kind = 0; kind < BENCH_FAILURES; kind++)
        result->failures_total += result->failures[kind];
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

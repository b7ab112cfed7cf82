/* SPDX-License-Identifier: MIT */
#include "bench/engine/generator.h"

#include "bench/base/thread_accounting.h"
#include "bench/engine/generator_io.h"
#include "common/clock.h"
#include "common/happens_before.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENT_BATCH = 256,
    SEND_BATCH = 64, /* requests sent between two looks at what has arrived */
    TICK_NS = 100 * NS_PER_MS,
    WAKE_DELAY_NS = 15 * NS_PER_US, /* of a timer, before any was measured */
    LONGEST_WAKE_DELAY_NS = 50 * NS_PER_US,
    WAKE_DELAY_WEIGHT = 32, /* the average is over about this many */
    SPIN_PERCENT = 10,      /* of the time between two requests, spent for punctuality */
};

bool generator_make_room(struct generator *generator, size_t connections)
{
    generator->connections = calloc(connections, sizeof(*generator->connections));
    return generator->connections != NULL;
}

bool generator_init(struct generator *generator, uint64_t seed)
{
    generator->content.state = seed;
    generator->wake_delay_ns = WAKE_DELAY_NS;
    generator->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    generator->scratch = malloc(BENCH_RECEIVE_SIZE);
    generator->idle = calloc(generator->connection_count, sizeof(*generator->idle));
    if (generator->epoll_fd < 0 || generator->scratch == NULL || generator->idle == NULL)
        return false;
    /* A NULL pointer marks the event that says stop. */
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(generator->epoll_fd, EPOLL_CTL_ADD, generator->shared->stop_fd, &event) != 0)
        return false;
    for (size_t i = 0; i < generator->connection_count; i++) {
        struct bench_connection *connection = &generator->connections[i];
        event.data.ptr = connection;
        if (connection->channel.fd >= 0 &&
            epoll_ctl(generator->epoll_fd, EPOLL_CTL_ADD, connection->channel.fd, &event) != 0)
            return false;
        generator_note_idle(generator, connection);
    }
    generator->open = generator->connection_count;
    return true;
}

void generator_free(struct generator *generator)
{
    for (size_t i = 0; i < generator->connection_count; i++)
        bench_connection_free(&generator->connections[i]);
    free(generator->connections);
    free(generator->scratch);
    free(generator->idle);
    if (generator->epoll_fd >= 0)
        close(generator->epoll_fd);
}

static uint64_t load(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void store(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

/* A connection for the next request of the open loop; NULL when all are full. */
static struct bench_connection *choose(struct generator *generator)
{
    while (generator->idle_count > 0) {
        struct bench_connection *connection =
            &generator->connections[generator->idle[generator->idle_first]];
        generator->idle_first =
            generator->idle_first + 1 < generator->connection_count ? generator->idle_first + 1 : 0;
        generator->idle_count--;
        if (bench_connection_has_room(connection))
            return connection;
    }
    for (size_t i = 0; i < generator->connection_count; i++) {
        struct bench_connection *connection = &generator->connections[generator->busy_next];
        generator->busy_next =
            generator->busy_next + 1 < generator->connection_count ? generator->busy_next + 1 : 0;
        if (bench_connection_has_room(connection))
            return connection;
    }
    return NULL;
}

static void send_one(struct generator *generator, uint64_t due_ns, uint64_t now_ns)
{
    struct bench_connection *connection = NULL;
    if (load(&generator->outstanding) < generator->inflight_limit)
        connection = choose(generator);
    if (connection == NULL) {
        store(&generator->held_back, load(&generator->held_back) + 1);
        return;
    }
    bool was_blocked = bench_connection_has_unsent(connection);
    if (generator_queue(generator, connection, due_ns, now_ns))
        generator_flush(generator, connection, was_blocked);
}

static uint64_t due_ns(const struct generator *generator)
{
    return generator->shared->begin_ns + (uint64_t)generator->arrivals.due_ns;
}

/* Sends what is due, within limits; returns how long to wait at most until the next is. */
static uint64_t send_due(struct generator *generator)
{
    uint64_t now_ns = monotonic_ns();
    for (size_t i = 0; i < SEND_BATCH && !generator->exhausted && due_ns(generator) <= now_ns;
         i++) {
        if (generator_take_budget(generator, 1) == 0)
            break;
        send_one(generator, due_ns(generator), now_ns);
        arrivals_advance(&generator->arrivals);
        now_ns = monotonic_ns();
    }
    if (generator->exhausted) {
        store(&generator->next_due_ns, UINT64_MAX);
        return TICK_NS;
    }
    uint64_t next_ns = due_ns(generator);
    store(&generator->next_due_ns, next_ns);
    uint64_t left_ns = next_ns > now_ns ? next_ns - now_ns : 0;
    return left_ns < TICK_NS ? left_ns : TICK_NS;
}

/*
 * Follows how late timers wake: the mean, and the mean deviation from it. A preempted thread is
 * later still, which is no timer's delay.
 */
static void learn_wake_delay(struct generator *generator, uint64_t delay_ns)
{
    if (delay_ns > LONGEST_WAKE_DELAY_NS)
        delay_ns = LONGEST_WAKE_DELAY_NS;
    double off_ns = (double)delay_ns - generator->wake_delay_ns;
    generator->wake_delay_ns += off_ns / WAKE_DELAY_WEIGHT;
    generator->wake_deviation_ns +=
        (fabs(off_ns) - generator->wake_deviation_ns) / WAKE_DELAY_WEIGHT;
}

/* How early to set a timer: nearly always early enough, while polling the rest stays cheap. */
static uint64_t wake_margin_ns(const struct generator *generator)
{
    double spare_ns = 2 * generator->wake_deviation_ns;
    double most_ns = generator->arrivals.gap_ns * SPIN_PERCENT / 100;
    return (uint64_t)(generator->wake_delay_ns + (spare_ns < most_ns ? spare_ns : most_ns));
}

/* As epoll_wait, with a timeout below a second that keeps its nanoseconds. */
static int wait_at_most(int epoll_fd, struct epoll_event *events, uint64_t timeout_ns)
{
    struct timespec timeout = {.tv_sec = 0, .tv_nsec = (long)timeout_ns};
    int count = epoll_pwait2(epoll_fd, events, EVENT_BATCH, &timeout, NULL);
    if (count >= 0 || errno != ENOSYS)
        return count;
    struct pollfd watched = {.fd = epoll_fd, .events = POLLIN}; /* Linux before 5.11 */
    int ready = ppoll(&watched, 1, &timeout, NULL);
    return ready > 0 ? epoll_wait(epoll_fd, events, EVENT_BATCH, 0) : ready;
}

/*
 * Waits for events, at most for `left_ns`. A timer wakes 15 to 30 us late, so it is set that much
 * early, and what is left after it, or is too short for it, is spent polling. Polling all the
 * way would take a CPU from the server.
 */
static int wait_for_events(struct generator *generator, struct epoll_event *events,
                           uint64_t left_ns)
{
    uint64_t begin_ns = left_ns > 0 ? monotonic_ns() : 0;
    uint64_t margin_ns = wake_margin_ns(generator);
    if (left_ns > margin_ns) {
        uint64_t sleep_ns = left_ns - margin_ns;
        int count = wait_at_most(generator->epoll_fd, events, sleep_ns);
        uint64_t woken_ns = monotonic_ns();
        if (count == 0 && woken_ns > begin_ns + sleep_ns)
            learn_wake_delay(generator, woken_ns - begin_ns - sleep_ns);
        return count;
    }
    int count = epoll_wait(generator->epoll_fd, events, EVENT_BATCH, 0);
    if (count == 0 && left_ns > 0)
        store(&generator->spin_ns, load(&generator->spin_ns) + monotonic_ns() - begin_ns);
    return count;
}

static bool stopped(const struct generator *generator)
{
    return atomic_load_explicit(&generator->shared->stop, memory_order_relaxed);
}

/* There is something to wait for: replies, or requests that will be due. */
static bool goes_on(struct generator *generator)
{
    if (generator->open == 0 || stopped(generator))
        return false;
    /* With a budget, nothing outstanding after a refill means that the budget is used up. */
    bool more_is_due = generator->shared->open_loop && !generator->exhausted;
    return more_is_due || load(&generator->outstanding) > 0;
}

static void stumble(const struct generator *generator)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)generator->shared->hiccup_ns};
    if (pause.tv_nsec > 0)
        (void)nanosleep(&pause, NULL);
}

static void loop(struct generator *generator)
{
    struct epoll_event events[EVENT_BATCH];
    bool open_loop = generator->shared->open_loop;
    for (size_t i = 0; i < generator->connection_count && !open_loop; i++)
        generator_refill(generator, &generator->connections[i]);
    while (goes_on(generator)) {
        uint64_t left_ns = open_loop ? send_due(generator) : TICK_NS;
        int count = wait_for_events(generator, events, left_ns);
        if (stopped(generator))
            return;
        for (int i = 0; i < count; i++)
            generator_handle(generator, &events[i]);
        generator_give_up_stalled(generator);
        stumble(generator);
    }
}

/* What the server still owed when the run was stopped: a stall would hide there. */
static void note_unanswered(struct generator *generator)
{
    generator->connections_open_end = generator->open;
    for (size_t i = 0; i < generator->connection_count; i++) {
        const struct bench_connection *connection = &generator->connections[i];
        if (connection->outstanding == 0)
            continue;
        uint64_t scheduled_ns = connection->requests[connection->head].scheduled_ns;
        if (generator->oldest_scheduled_ns == 0 || scheduled_ns < generator->oldest_scheduled_ns)
            generator->oldest_scheduled_ns = scheduled_ns;
    }
}

/*
 * Timers without slack, and a turn before all ordinary threads: a generator that waits for a CPU
 * behind the threads of the server would measure the scheduler. It takes what a generator on
 * another machine would not take from the server, but no more than it needs, since it sleeps
 * whenever there is nothing to do. Without the right to that, the lag and its time of waiting show
 * it.
 */
static void be_punctual(void)
{
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    struct sched_param first = {.sched_priority = 1};
    (void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
}

/* Once the thread is gone, nobody else can tell. */
static void note_times(struct generator *generator)
{
    struct thread_accounting used;
    int id = atomic_load_explicit(&generator->thread_id, memory_order_relaxed);
    if (thread_accounting_read_own(id, &used) && !isnan(used.run_delay_ns))
        store(&generator->ended_wait_ns, (uint64_t)used.run_delay_ns);
    store(&generator->ended_cpu_ns, thread_cpu_ns());
}

void *generator_run(void *argument)
{
    struct generator *generator = argument;
    struct generator_shared *shared = generator->shared;
    atomic_store_explicit(&generator->thread_id, (int)syscall(SYS_gettid), memory_order_relaxed);
    be_punctual();
    loop(generator);
    generator->ended_ns = monotonic_ns();
    note_unanswered(generator);
    note_times(generator);
    /* Release: who sees the count fall to zero may read the results of all generators. */
    HAPPENS_BEFORE(&shared->running);
    atomic_fetch_sub_explicit(&shared->running, 1, memory_order_release);
    uint64_t one = 1;
    ssize_t written = write(shared->ended_fd, &one, sizeof(one));
    (void)written; /* an eventfd takes it; and the waiter also looks at `running` */
    return NULL;
}

/* SPDX-License-Identifier: MIT */
#include "bench/engine/generator.h"

#include "common/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    EVENT_BATCH = 256,
    TICK_MS = 100, /* how often a silent server is checked for having stalled */
};

bool generator_init(struct generator *generator)
{
    generator->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    generator->scratch = malloc(BENCH_RECEIVE_SIZE);
    if (generator->epoll_fd < 0 || generator->scratch == NULL)
        return false;
    /* A NULL pointer marks the event that says stop. */
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(generator->epoll_fd, EPOLL_CTL_ADD, generator->shared->stop_fd, &event) != 0)
        return false;
    for (size_t i = 0; i < generator->connection_count; i++) {
        event.data.ptr = &generator->connections[i];
        if (epoll_ctl(generator->epoll_fd, EPOLL_CTL_ADD, generator->connections[i].fd, &event) !=
            0)
            return false;
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
    if (generator->epoll_fd >= 0)
        close(generator->epoll_fd);
}

static int current_phase(const struct generator *generator)
{
    return atomic_load_explicit(&generator->shared->phase, memory_order_relaxed);
}

/* Notes the thread's CPU time at both ends of the measured window. */
static void follow_phase(struct generator *generator)
{
    int phase = current_phase(generator);
    if (phase == generator->seen_phase)
        return;
    if (phase == GENERATOR_MEASURE)
        generator->window_cpu_ns = thread_cpu_ns();
    else if (generator->seen_phase == GENERATOR_MEASURE)
        generator->cpu_ns = thread_cpu_ns() - generator->window_cpu_ns;
    generator->seen_phase = phase;
}

/* This thread is the counter's only writer, so it needs no read-modify-write. */
static void add(_Atomic uint64_t *counter, uint64_t amount)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + amount, memory_order_relaxed);
}

static void count_failures(struct generator *generator, enum bench_failure kind, size_t count,
                           const char *text, size_t size)
{
    if (count == 0)
        return;
    add(&generator->failures[kind], count);
    if (generator->first_failure[0] != '\0')
        return;
    size_t used = size < GENERATOR_TEXT_SIZE - 1 ? size : GENERATOR_TEXT_SIZE - 1;
    while (used > 0 && (text[used - 1] == '\r' || text[used - 1] == '\n'))
        used--;
    memcpy(generator->first_failure, text, used);
    for (size_t i = 0; i < used; i++)
        if (text[i] < ' ' || text[i] > '~')
            generator->first_failure[i] = '?';
    generator->first_failure[used] = '\0';
}

/*
 * Gives up a connection; everything that it still owed counts as a failure of this kind. Bytes
 * that nobody asked for count as one.
 */
static void lose(struct generator *generator, struct bench_connection *connection,
                 enum bench_failure kind, const char *text, size_t size)
{
    bool unasked = kind == BENCH_MALFORMED && connection->outstanding == 0;
    count_failures(generator, kind, unasked ? 1 : connection->outstanding, text, size);
    generator->outstanding -= connection->outstanding;
    connection->outstanding = 0;
    bench_connection_close(connection); /* which also takes it out of the epoll set */
    generator->open--;
}

static void lose_closed(struct generator *generator, struct bench_connection *connection, int error)
{
    char text[GENERATOR_TEXT_SIZE];
    snprintf(text, sizeof(text), "connection lost: %s",
             error == 0 ? "closed by the server" : strerror(error));
    lose(generator, connection, BENCH_CLOSED, text, strlen(text));
}

static size_t take_budget(struct generator *generator, size_t wanted)
{
    struct generator_shared *shared = generator->shared;
    if (!shared->limited)
        return wanted;
    int64_t left = atomic_fetch_sub_explicit(&shared->left, (int64_t)wanted, memory_order_relaxed);
    if (left >= (int64_t)wanted)
        return wanted;
    return left > 0 ? (size_t)left : 0;
}

static bool watch(struct generator *generator, struct bench_connection *connection, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    return epoll_ctl(generator->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) == 0;
}

static void judge(struct generator *generator, enum workload_verdict verdict,
                  const struct bench_reply *reply, uint64_t now_ns, bool measuring)
{
    generator->outstanding--;
    if (verdict == WORKLOAD_ERROR_REPLY)
        count_failures(generator, BENCH_ERROR_REPLY, 1, reply->text, reply->size);
    else if (verdict == WORKLOAD_WRONG)
        count_failures(generator, BENCH_WRONG_REPLY, 1, reply->text, reply->size);
    else if (measuring)
        histogram_record(&generator->response, now_ns - reply->sent_ns);
}

/* Takes all replies of one receive; false when they cost the connection. */
static bool take_replies(struct generator *generator, struct bench_connection *connection)
{
    /* One reading for the whole batch: these replies did arrive together. */
    uint64_t now_ns = monotonic_ns();
    bool measuring = generator->seen_phase == GENERATOR_MEASURE;
    size_t owed = connection->outstanding;
    struct bench_reply reply;
    enum workload_verdict verdict;
    while ((verdict = bench_connection_take_reply(connection, &reply)) != WORKLOAD_PARTIAL) {
        if (verdict == WORKLOAD_MALFORMED) {
            lose(generator, connection, BENCH_MALFORMED, reply.text, reply.size);
            return false;
        }
        judge(generator, verdict, &reply, now_ns, measuring);
    }
    add(&generator->replies, owed - connection->outstanding);
    if (bench_connection_keep_rest(connection))
        return true;
    lose_closed(generator, connection, ENOMEM);
    return false;
}

/* Sending failed. What the server said before it closed explains more than a broken pipe. */
static void lose_broken(struct generator *generator, struct bench_connection *connection)
{
    int error = errno;
    if (bench_connection_receive(connection, generator->scratch) != BENCH_IO_DONE ||
        take_replies(generator, connection))
        lose_closed(generator, connection, error);
}

/* Sends what is queued; a full socket is watched for room, and no longer once all is sent. */
static void flush(struct generator *generator, struct bench_connection *connection,
                  bool was_blocked)
{
    enum bench_io result = bench_connection_send(connection);
    if (result == BENCH_IO_LOST) {
        lose_broken(generator, connection);
        return;
    }
    bool blocked = result == BENCH_IO_BLOCKED;
    if (blocked != was_blocked &&
        !watch(generator, connection, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN))
        lose_closed(generator, connection, errno);
}

/* Fills the connection's free slots and sends them together. */
static void refill(struct generator *generator, struct bench_connection *connection)
{
    size_t room = connection->pipeline - connection->outstanding;
    size_t count = room > 0 ? take_budget(generator, room) : 0;
    if (count == 0)
        return;
    bool was_blocked = connection->unsent > 0;
    bench_connection_queue(connection, count, monotonic_ns());
    generator->outstanding += count;
    flush(generator, connection, was_blocked);
}

static void receive(struct generator *generator, struct bench_connection *connection)
{
    enum bench_io result = bench_connection_receive(connection, generator->scratch);
    if (result == BENCH_IO_LOST)
        lose_closed(generator, connection, errno);
    else if (result == BENCH_IO_DONE && take_replies(generator, connection))
        refill(generator, connection);
}

static void handle(struct generator *generator, const struct epoll_event *event)
{
    struct bench_connection *connection = event->data.ptr;
    if (connection == NULL) /* stop: the phase says so too */
        return;
    if ((event->events & EPOLLOUT) != 0)
        flush(generator, connection, true);
    if (connection->fd >= 0 && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        receive(generator, connection);
}

/* A request that is never answered must not hide behind others that are: each has the limit. */
static void give_up_what_stalled(struct generator *generator)
{
    uint64_t now_ns = monotonic_ns();
    if (now_ns < generator->next_check_ns)
        return;
    generator->next_check_ns = now_ns + (uint64_t)TICK_MS * NS_PER_MS;
    static const char text[] = "no reply within the time limit";
    for (size_t i = 0; i < generator->connection_count; i++) {
        struct bench_connection *connection = &generator->connections[i];
        if (connection->fd >= 0 && connection->outstanding > 0 &&
            now_ns - connection->sent_ns[connection->head] >= generator->shared->stall_ns)
            lose(generator, connection, BENCH_TIMEOUT, text, sizeof(text) - 1);
    }
}

static void loop(struct generator *generator)
{
    struct epoll_event events[EVENT_BATCH];
    for (size_t i = 0; i < generator->connection_count; i++)
        refill(generator, &generator->connections[i]);
    /* With a budget, nothing outstanding after a refill means that the budget is used up. */
    while (generator->open > 0 && generator->outstanding > 0) {
        int count = epoll_wait(generator->epoll_fd, events, EVENT_BATCH, TICK_MS);
        follow_phase(generator);
        if (generator->seen_phase == GENERATOR_STOP)
            return;
        for (int i = 0; i < count; i++)
            handle(generator, &events[i]);
        give_up_what_stalled(generator);
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
        generator->unanswered += connection->outstanding;
        uint64_t sent_ns = connection->sent_ns[connection->head];
        if (generator->oldest_sent_ns == 0 || sent_ns < generator->oldest_sent_ns)
            generator->oldest_sent_ns = sent_ns;
    }
}

void *generator_run(void *argument)
{
    struct generator *generator = argument;
    struct generator_shared *shared = generator->shared;
    follow_phase(generator);
    loop(generator);
    generator->ended_ns = monotonic_ns();
    if (generator->seen_phase == GENERATOR_MEASURE)
        generator->cpu_ns = thread_cpu_ns() - generator->window_cpu_ns;
    note_unanswered(generator);
    /* Release: who sees the count fall to zero may read the results of all generators. */
    atomic_fetch_sub_explicit(&shared->running, 1, memory_order_release);
    uint64_t one = 1;
    ssize_t written = write(shared->ended_fd, &one, sizeof(one));
    (void)written; /* an eventfd takes it; and the waiter also looks at `running` */
    return NULL;
}

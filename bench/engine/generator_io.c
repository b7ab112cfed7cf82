/* SPDX-License-Identifier: MIT */
#include "bench/engine/generator_io.h"

#include "bench/engine/bench_login.h"
#include "common/clock.h"
#include "common/tls_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum { CHECK_MS = 100 }; /* how often a silent server is checked for having stalled */

/* This thread is the counter's only writer, so it needs no read-modify-write. */
static void add(_Atomic uint64_t *counter, uint64_t amount)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + amount, memory_order_relaxed);
}

static void subtract(_Atomic uint64_t *counter, uint64_t amount)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before - amount, memory_order_relaxed);
}

static void count_failures(struct generator *generator, enum bench_failure kind, size_t count,
                           const char *text, size_t size)
{
    if (count == 0)
        return;
    add(&generator->failures[kind], count);
    if (generator->first_failure[0] != '\0')
        return;
    size_t used = size < BENCH_FAILURE_TEXT_SIZE - 1 ? size : BENCH_FAILURE_TEXT_SIZE - 1;
    while (used > 0 && (text[used - 1] == '\r' || text[used - 1] == '\n'))
        used--;
    for (size_t i = 0; i < used; i++)
        generator->first_failure[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
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
    subtract(&generator->outstanding, connection->outstanding);
    connection->outstanding = 0;
    bench_connection_close(connection); /* which also takes it out of the epoll set */
    connection->pipeline = 0;           /* so nothing is put on it any more */
    generator->open--;
}

static size_t describe_loss(const struct generator *generator,
                            const struct bench_connection *connection, int error,
                            char text[BENCH_FAILURE_TEXT_SIZE])
{
    bool unheard = atomic_load_explicit(&generator->replies, memory_order_relaxed) == 0;
    if (error != 0)
        snprintf(text, BENCH_FAILURE_TEXT_SIZE, "connection lost: %s",
                 channel_reason(&connection->channel, error));
    else
        snprintf(text, BENCH_FAILURE_TEXT_SIZE, "connection lost: closed by the server%s",
                 unheard ? tls_client_plain_hint(generator->shared->target, NULL, 0) : "");
    return strlen(text);
}

static void lose_closed(struct generator *generator, struct bench_connection *connection, int error)
{
    char text[BENCH_FAILURE_TEXT_SIZE];
    size_t size = describe_loss(generator, connection, error, text);
    lose(generator, connection, BENCH_CLOSED, text, size);
}

/* The same where a request could not even be queued, which counts as lost too. */
static void lose_unsent(struct generator *generator, struct bench_connection *connection, int error)
{
    char text[BENCH_FAILURE_TEXT_SIZE];
    size_t size = describe_loss(generator, connection, error, text);
    count_failures(generator, BENCH_CLOSED, 1, text, size);
    lose(generator, connection, BENCH_CLOSED, text, size);
}

size_t generator_take_budget(struct generator *generator, size_t wanted)
{
    struct generator_shared *shared = generator->shared;
    if (!shared->limited)
        return wanted;
    int64_t left = atomic_fetch_sub_explicit(&shared->left, (int64_t)wanted, memory_order_relaxed);
    if (left >= (int64_t)wanted)
        return wanted;
    generator->exhausted = true;
    return left > 0 ? (size_t)left : 0;
}

void generator_note_idle(struct generator *generator, const struct bench_connection *connection)
{
    size_t at = generator->idle_first + generator->idle_count;
    at = at < generator->connection_count ? at : at - generator->connection_count;
    generator->idle[at] = (size_t)(connection - generator->connections);
    generator->idle_count++;
}

static bool watch(struct generator *generator, struct bench_connection *connection, int operation,
                  uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    return epoll_ctl(generator->epoll_fd, operation, connection->channel.fd, &event) == 0;
}

/* A raw request has a connection of its own. */
static bool dial_raw(struct generator *generator, struct bench_connection *connection)
{
    const struct generator_shared *shared = generator->shared;
    return bench_connection_dial_raw(connection, &shared->raw_address, shared->raw_address_size) &&
           watch(generator, connection, EPOLL_CTL_ADD, EPOLLIN);
}

bool generator_queue(struct generator *generator, struct bench_connection *connection,
                     uint64_t scheduled_ns, uint64_t now_ns)
{
    bool ready = !connection->workload->raw || dial_raw(generator, connection);
    int error = ready ? ENOMEM : errno;
    if (!ready || !bench_connection_queue(connection, generator->number, scheduled_ns, now_ns,
                                          &generator->content)) {
        lose_unsent(generator, connection, error);
        return false;
    }
    generator->number += generator->number_step;
    add(&generator->sent, 1);
    add(&generator->outstanding, 1);
    return true;
}

static void judge(struct generator *generator, enum reply_verdict verdict,
                  const struct bench_reply *reply, uint64_t now_ns)
{
    if (verdict == REPLY_ERROR) {
        count_failures(generator, BENCH_ERROR_REPLY, 1, reply->text, reply->size);
    } else if (verdict == REPLY_WRONG) {
        count_failures(generator, BENCH_WRONG_REPLY, 1, reply->text, reply->size);
    } else {
        histogram_record(&generator->response, now_ns - reply->scheduled_ns);
        if (generator->shared->open_loop) {
            histogram_record(&generator->wire, now_ns - reply->sent_ns);
            histogram_record(&generator->lag, reply->sent_ns - reply->scheduled_ns);
        }
    }
}

/* After replies were taken: counts them, and notes when the connection has become idle. */
static void note_replies(struct generator *generator, const struct bench_connection *connection,
                         size_t count)
{
    add(&generator->replies, count);
    subtract(&generator->outstanding, count);
    if (generator->shared->open_loop && count > 0 && connection->outstanding == 0)
        generator_note_idle(generator, connection);
}

/* Takes all replies of one receive; false when they cost the connection. */
static bool take_replies(struct generator *generator, struct bench_connection *connection)
{
    /* One reading for the whole batch: these replies did arrive together. */
    uint64_t now_ns = monotonic_ns();
    size_t owed = connection->outstanding;
    struct bench_reply reply;
    enum reply_verdict verdict;
    while ((verdict = bench_connection_take_reply(connection, &reply)) != REPLY_PARTIAL) {
        if (verdict == REPLY_MALFORMED)
            break;
        judge(generator, verdict, &reply, now_ns);
        if (verdict == REPLY_ERROR && bench_login_is_due(reply.text, reply.size))
            break; /* all others would get the same */
    }
    size_t taken = owed - connection->outstanding;
    if (verdict != REPLY_PARTIAL) {
        add(&generator->replies, taken);
        subtract(&generator->outstanding, taken);
        lose(generator, connection,
             verdict == REPLY_MALFORMED ? BENCH_MALFORMED : BENCH_ERROR_REPLY, reply.text,
             reply.size);
        return false;
    }
    note_replies(generator, connection, taken);
    if (bench_connection_keep_rest(connection))
        return true;
    lose_closed(generator, connection, ENOMEM);
    return false;
}

/* Sending failed. What the server said before it closed explains more than a broken pipe. */
static void lose_broken(struct generator *generator, struct bench_connection *connection)
{
    int error = errno;
    if (connection->workload->raw ||
        bench_connection_receive(connection, generator->scratch) != BENCH_IO_DONE ||
        take_replies(generator, connection))
        lose_closed(generator, connection, error);
}

void generator_flush(struct generator *generator, struct bench_connection *connection,
                     bool was_blocked)
{
    enum bench_io result = bench_connection_send(connection);
    if (result == BENCH_IO_LOST) {
        lose_broken(generator, connection);
        return;
    }
    bool blocked = result == BENCH_IO_BLOCKED;
    if (blocked != was_blocked &&
        !watch(generator, connection, EPOLL_CTL_MOD, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN))
        lose_closed(generator, connection, errno);
}

void generator_refill(struct generator *generator, struct bench_connection *connection)
{
    size_t room = connection->pipeline - connection->outstanding;
    size_t count = room > 0 ? generator_take_budget(generator, room) : 0;
    if (count == 0)
        return;
    bool was_blocked = bench_connection_has_unsent(connection);
    uint64_t now_ns = monotonic_ns();
    for (size_t i = 0; i < count; i++)
        if (!generator_queue(generator, connection, now_ns, now_ns))
            return;
    generator_flush(generator, connection, was_blocked);
}

/* The reply of a raw server ends with the connection. */
static void receive_raw(struct generator *generator, struct bench_connection *connection)
{
    enum bench_io result = bench_connection_receive(connection, generator->scratch);
    if (result == BENCH_IO_BLOCKED)
        return;
    if (result == BENCH_IO_DONE) {
        if (!bench_connection_keep_rest(connection))
            lose_closed(generator, connection, ENOMEM);
        return;
    }
    if (errno != 0) {
        lose_closed(generator, connection, errno);
        return;
    }
    struct bench_reply reply;
    enum reply_verdict verdict = bench_connection_take_raw(connection, &reply);
    judge(generator, verdict, &reply, monotonic_ns());
    bench_connection_close(connection);
    note_replies(generator, connection, 1);
    if (!generator->shared->open_loop)
        generator_refill(generator, connection);
}

static void receive(struct generator *generator, struct bench_connection *connection)
{
    do {
        enum bench_io result = bench_connection_receive(connection, generator->scratch);
        if (result == BENCH_IO_LOST)
            lose_closed(generator, connection, errno);
        else if (result == BENCH_IO_DONE && take_replies(generator, connection) &&
                 !generator->shared->open_loop)
            generator_refill(generator, connection);
        if (result != BENCH_IO_DONE)
            return;
        /* The socket's readiness does not tell of what TLS has read already. */
    } while (channel_has_pending(&connection->channel));
}

void generator_handle(struct generator *generator, const struct epoll_event *event)
{
    struct bench_connection *connection = event->data.ptr;
    if (connection == NULL) /* stop: the flag says so too */
        return;
    if ((event->events & EPOLLOUT) != 0)
        generator_flush(generator, connection, true);
    if (connection->channel.fd < 0 || (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
        return;
    if (connection->workload->raw)
        receive_raw(generator, connection);
    else
        receive(generator, connection);
}

/* A request that is never answered must not hide behind others that are: each has the limit. */
void generator_give_up_stalled(struct generator *generator)
{
    uint64_t now_ns = monotonic_ns();
    if (now_ns < generator->next_check_ns)
        return;
    generator->next_check_ns = now_ns + (uint64_t)CHECK_MS * NS_PER_MS;
    static const char text[] = "no reply within the time limit";
    for (size_t i = 0; i < generator->connection_count; i++) {
        struct bench_connection *connection = &generator->connections[i];
        if (connection->outstanding > 0 &&
            now_ns - connection->requests[connection->head].sent_ns >= generator->shared->stall_ns)
            lose(generator, connection, BENCH_TIMEOUT, text, sizeof(text) - 1);
    }
}

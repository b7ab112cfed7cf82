/* SPDX-License-Identifier: MIT */
/*
 * Reading note. A read that fills its room may have left bytes in the socket, so the visit reads
 * again; a shorter one has drained it (see the hang-up note in server/connection.h); under TLS,
 * where what was read may still lie between socket and server, server/transport.h tells. While the
 * server drains, only a read that began after the worker saw so counts: what had arrived when the
 * stop was ordered must be answered. Once such a read has left the socket empty the connection is
 * heard out: what comes later is not waited for, or clients that go on sending, and have the next
 * request there at each turn, would hold up the stop.
 *
 * The one exception is TCP urgent data, which ends a read early: what a client sends after it may
 * wait until the client sends more.
 *
 * Fairness note. A turn is over after TURN_REQUESTS, TURN_BYTES or one slow request, and also when
 * new data came just as the connection was to be parked. If there is more to do then, the
 * connection goes to the queue's tail, behind all who wait.
 *
 * Closing note. Closing a socket with unread input resets the connection, and the peer may lose
 * the last reply. So after a last reply the server shuts its side down and lingers: it reads and
 * discards until the peer closes too, or LINGER_MS have passed.
 */
#include "server/visit.h"

#include "common/clock.h"
#include "common/resp_encode.h"
#include "server/dispatch.h"
#include "server/handshake.h"
#include "server/limits/deadline.h"
#include "server/output.h"
#include "server/raw.h"
#include "server/server.h"
#include "server/transport.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    TURN_REQUESTS = 128,     /* of one visit, then the others have their turn */
    TURN_BYTES = 256 * 1024, /* likewise, read in one visit */
    SEND_BYTES = 64 * 1024,  /* of replies gathered before they are sent */
};

/* What to do with the connection next. */
enum next_step {
    STEP_READ,    /* all it received is served: read more */
    STEP_BLOCKED, /* output waits until the socket is writable */
    STEP_PARK,    /* nothing more to do before the next event */
    STEP_RETURN,  /* its turn is over, and there is more to do */
    STEP_LINGER,  /* wait for the peer to close, discarding what it sends */
    STEP_CLOSE,
};

struct turn {
    unsigned requests;
    size_t bytes;
    bool over;    /* its share is used up; see the fairness note */
    bool drained; /* the last read emptied the socket */
};

static struct input *input_of(struct worker *worker, const struct connection *connection)
{
    return connection->input != NULL ? connection->input : worker->input;
}

/* Nothing more of it is run; what was answered is still to be sent. */
static void end_serving(struct connection *connection, enum close_reason reason)
{
    connection->phase = PHASE_FINISHING;
    connection->close_reason = (uint8_t)reason;
}

static enum next_step close_at_once(struct connection *connection, enum close_reason reason)
{
    end_serving(connection, reason);
    return STEP_CLOSE;
}

/* Sends what was gathered; the step to go on with is `sent` when all of it went. */
static enum next_step send_output(struct worker *worker, struct connection *connection,
                                  enum next_step sent)
{
    request_run_end(worker); /* so whoever gets a reply finds its request counted */
    switch (output_send(worker, connection)) {
    case OUTPUT_BLOCKED:
        return STEP_BLOCKED;
    case OUTPUT_FAILED:
        return connection->output.failed ? STEP_CLOSE : close_at_once(connection, CLOSE_RESET);
    case OUTPUT_SENT:
        break;
    }
    if (connection->phase != PHASE_FINISHING)
        return sent;
    if (!transport_end_sending(connection))
        return errno == EAGAIN ? STEP_BLOCKED : STEP_CLOSE;
    connection->phase = PHASE_LINGERING;
    return STEP_LINGER;
}

/* Runs the whole requests that were received, until one ends the connection or the turn. After
 * STEP_READ and STEP_RETURN, replies may wait to be sent. */
static enum next_step run_requests(struct worker *worker, struct connection *connection,
                                   struct turn *turn)
{
    struct input *input = input_of(worker, connection);
    struct resp_parser *parser = &input->parser;
    while (connection->phase == PHASE_SERVING) {
        if (turn->over && input_left(input) > 0)
            return STEP_RETURN;
        if (worker->output.size >= SEND_BYTES) {
            enum next_step step = send_output(worker, connection, STEP_READ);
            if (step != STEP_READ)
                return step;
        }
        char *request = input->bytes + input->start;
        bool was_stranger = connection->must_log_in; /* an AUTH before this one may change it */
        parser->is_stranger = was_stranger;
        switch (resp_parse(parser, request, input_left(input))) {
        case RESP_REQUEST:
            turn->over |= dispatch(
                worker, connection,
                &(struct request){request, parser->size, parser->arguments, parser->argument_count},
                atomic_load_explicit(&connection->protocol_version, memory_order_relaxed));
            turn->over |= ++turn->requests >= TURN_REQUESTS;
            turn->over |= connection->must_log_in != was_stranger; /* others serve it from now on */
            input->start += parser->size;
            deadline_met(connection);
            break;
        case RESP_EMPTY:
            input->start += parser->size;
            deadline_met(connection);
            break;
        case RESP_INCOMPLETE:
            return STEP_READ;
        case RESP_ERROR:
            resp_encode_line(&worker->output, '-', parser->error, strlen(parser->error));
            end_serving(connection, CLOSE_PROTOCOL_ERROR);
            break;
        }
    }
    input_clear(input); /* nothing after a last request runs */
    return STEP_READ;
}

/* Makes room to read into; NULL when memory ran out. */
static char *reading_room(struct worker *worker, struct connection *connection, size_t *room)
{
    char *space = input_room(input_of(worker, connection), room);
    if (*room > 0)
        return space;
    /* The worker's buffer serves everybody and stays small; one request's may grow. */
    if (connection->input == NULL)
        connection->input = input_detach(worker->input);
    if (connection->input == NULL || !input_grow(connection->input))
        return NULL;
    return input_room(connection->input, room);
}

/* Neither sent nor received anything lately that a reset could destroy: no need to linger. */
static bool is_quiet(const struct connection *connection)
{
    uint64_t active_ns = atomic_load_explicit(&connection->last_active_ns, memory_order_relaxed);
    return monotonic_ns() - active_ns > (uint64_t)LINGER_MS * NS_PER_MS;
}

static enum next_step stop_serving(struct worker *worker, struct connection *connection)
{
    if (is_quiet(connection))
        return close_at_once(connection, CLOSE_STOP);
    end_serving(connection, CLOSE_STOP);
    return send_output(worker, connection, STEP_CLOSE);
}

/* Reads once. STEP_READ means that there are new bytes to serve. */
static enum next_step read_more(struct worker *worker, struct connection *connection,
                                struct turn *turn)
{
    bool draining = pool_is_draining(&worker->server->pool);
    bool hung_up = connection_hung_up(connection);
    if (connection->heard_out)
        return stop_serving(worker, connection);
    if (turn->drained && !hung_up && !draining)
        return STEP_PARK;
    if (turn->over)
        return STEP_RETURN;
    size_t room = 0;
    char *space = reading_room(worker, connection, &room);
    if (space == NULL)
        return close_at_once(connection, CLOSE_NO_MEMORY);
    ssize_t got = transport_receive(connection, space, room);
    if (got > 0) {
        input_of(worker, connection)->end += (size_t)got;
        turn->bytes += transport_burden(connection, (size_t)got);
        worker->received_ns = worker->now_ns;
        turn->over |= turn->bytes >= TURN_BYTES;
        turn->drained = transport_is_drained(connection, (size_t)got, room);
        connection->heard_out = draining && turn->drained && transport_is_empty(connection);
        statistics_add(&worker->statistics.bytes_in_total, (uint64_t)got);
        atomic_store_explicit(&connection->last_active_ns, worker->now_ns, memory_order_relaxed);
        return STEP_READ;
    }
    if (got == 0)
        return close_at_once(connection, CLOSE_CLIENT);
    if (errno == EAGAIN && transport_awaits_writing(connection))
        return STEP_BLOCKED;
    if (errno != EAGAIN || hung_up)
        return close_at_once(connection, errno == EAGAIN ? CLOSE_CLIENT : CLOSE_RESET);
    return draining ? stop_serving(worker, connection) : STEP_PARK;
}

static enum next_step serve(struct worker *worker, struct connection *connection, struct turn *turn)
{
    enum next_step step = send_output(worker, connection, STEP_READ);
    while (step == STEP_READ) {
        step = run_requests(worker, connection, turn);
        if (step == STEP_READ || step == STEP_RETURN)
            step = send_output(worker, connection, step);
        if (step == STEP_READ)
            step = read_more(worker, connection, turn);
    }
    return step;
}

/* Agrees on encryption, as far as it goes now; once that is done the client is served. */
static enum next_step begin_serving(struct worker *worker, struct connection *connection)
{
    bool draining = pool_is_draining(&worker->server->pool);
    switch (handshake(worker, connection)) {
    case HANDSHAKE_DONE:
        connection->phase = PHASE_SERVING;
        deadline_met(connection);
        return STEP_RETURN; /* to whoever serves it from now on */
    case HANDSHAKE_UNREADY:
        if (draining) /* without encryption there is no request that could be answered */
            return close_at_once(connection, CLOSE_STOP);
        return transport_awaits_writing(connection) ? STEP_BLOCKED : STEP_PARK;
    case HANDSHAKE_REFUSED: /* lingering lets the reason arrive */
        transport_drop_encryption(connection);
        end_serving(connection, CLOSE_TLS_HANDSHAKE);
        return send_output(worker, connection, STEP_CLOSE);
    case HANDSHAKE_BROKEN:
        return close_at_once(connection, CLOSE_TLS_HANDSHAKE);
    default:
        return close_at_once(connection, CLOSE_NO_MEMORY);
    }
}

static enum next_step serve_raw(struct worker *worker, struct connection *connection)
{
    switch (raw_exchange(worker, connection)) {
    case RAW_WAIT:
        return STEP_PARK;
    case RAW_ENDED:
        return STEP_CLOSE;
    default:
        return send_output(worker, connection, STEP_CLOSE);
    }
}

/* Reads and discards what a peer still sends after the last reply. */
static enum next_step linger(struct worker *worker, struct connection *connection)
{
    char discarded[16 * 1024];
    size_t total = 0;
    for (;;) {
        ssize_t got = transport_receive(connection, discarded, sizeof(discarded));
        if (got > 0) {
            total += (size_t)got;
            statistics_add(&worker->statistics.bytes_in_total, (uint64_t)got);
            if (total >= TURN_BYTES)
                return STEP_RETURN;
        } else if (got == 0 || errno != EAGAIN || connection_hung_up(connection)) {
            return STEP_CLOSE;
        } else {
            return STEP_PARK;
        }
    }
}

static bool drain_is_over(const struct worker *worker)
{
    const struct pool *pool = &worker->server->pool;
    return pool_is_draining(pool) &&
           worker->now_ns >= atomic_load_explicit(&pool->drain_deadline_ns, memory_order_relaxed);
}

static enum next_step take_turn(struct worker *worker, struct connection *connection)
{
    struct turn turn = {0};
    if (drain_is_over(worker))
        return connection->phase == PHASE_LINGERING ? STEP_CLOSE
                                                    : close_at_once(connection, CLOSE_STOP);
    if (connection->phase == PHASE_LINGERING)
        return linger(worker, connection);
    enum next_step step;
    if (connection->phase == PHASE_HANDSHAKING)
        step = begin_serving(worker, connection);
    else
        step = raw_is_awaited(connection) ? serve_raw(worker, connection)
                                          : serve(worker, connection, &turn);
    return step == STEP_LINGER ? linger(worker, connection) : step;
}

/* Leaves the worker's buffers empty: an unfinished request goes with its connection. */
static bool put_input_away(struct worker *worker, struct connection *connection)
{
    if (connection->input != NULL) {
        if (input_left(connection->input) == 0) {
            input_free(connection->input);
            connection->input = NULL;
        }
        return true;
    }
    if (input_left(worker->input) > 0)
        connection->input = input_detach(worker->input);
    return input_left(worker->input) == 0;
}

/* What the connection waits for has not come in time. */
static enum next_step expire(struct worker *worker, struct connection *connection)
{
    char text[DEADLINE_TEXT_SIZE];
    if (connection->deadline_cause == DEADLINE_LINGER)
        return STEP_CLOSE; /* for the reason that it lingers for */
    enum close_reason reason = deadline_close_reason(connection);
    if (!deadline_last_word(connection, &worker->server->settings, text))
        return close_at_once(connection, reason);
    resp_encode_line(&worker->output, '-', text, strlen(text));
    end_serving(connection, reason);
    enum next_step step = send_output(worker, connection, STEP_CLOSE);
    return step == STEP_LINGER ? linger(worker, connection) : step;
}

static void close_connection(struct worker *worker, struct connection *connection)
{
    input_clear(worker->input);
    byte_buffer_truncate(&worker->output, 0);
    client_memory_forget(&worker->server->pool.memory, connection);
    /* Before its client sees the end, and after it holds nothing. */
    statistics_add(&worker->statistics.closed[connection->close_reason], 1);
    connection_table_close(&worker->server->pool.connections, connection);
}

static void park(struct worker *worker, struct connection *connection, bool reading)
{
    struct pool *pool = &worker->server->pool;
    bool lingering = connection->phase == PHASE_LINGERING;
    if (!connection_park(connection, reading)) {
        worker_give_back(worker, connection);
        return;
    }
    /* The connection is no longer this worker's. See the drain note in server/pool.h. */
    if (reading && !lingering && pool_is_draining(pool))
        pool_revisit(pool, connection);
}

static void return_connection(struct worker *worker, struct connection *connection)
{
    connection->left_since_ns = connection->input != NULL ? worker->received_ns : 0;
    worker_give_back(worker, connection);
}

void visit(struct worker *worker, struct connection *connection)
{
    struct pool *pool = &worker->server->pool;
    enum next_step step = take_turn(worker, connection);
    assert(worker->run.calls + worker->run.rejected == 0); /* every way out of a run sends */
    if (step != STEP_CLOSE && !put_input_away(worker, connection))
        step = close_at_once(connection, CLOSE_NO_MEMORY);
    while (step != STEP_CLOSE &&
           deadline_settle(connection, &worker->server->settings, worker->now_ns))
        step = expire(worker, connection);
    bool too_much = step != STEP_CLOSE && client_memory_count(&pool->memory, connection);
    if (step == STEP_CLOSE)
        close_connection(worker, connection);
    else if (step == STEP_RETURN)
        return_connection(worker, connection);
    else
        park(worker, connection, step == STEP_PARK);
    if (too_much)
        client_memory_make_room(pool);
}

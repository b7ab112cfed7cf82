/* SPDX-License-Identifier: MIT */
#include "server/limits/deadline.h"

#include "common/clock.h"
#include "common/quantity.h"
#include "server/limits/refusal.h"
#include "server/raw.h"
#include "server/transport.h"

#include <stdio.h>

static enum deadline_cause cause_of(const struct connection *connection)
{
    if (connection->phase == PHASE_LINGERING)
        return DEADLINE_LINGER;
    if (connection->phase == PHASE_HANDSHAKING)
        return DEADLINE_REQUEST;
    if (connection->must_log_in)
        return DEADLINE_LOGIN;
    /* What is finishing is still to tell the client so, even if all replies have gone. */
    if (connection->phase == PHASE_FINISHING || connection->output.size > 0)
        return DEADLINE_OUTPUT;
    /* Whatever else a client must send before it may be idle belongs here. */
    if (connection->input != NULL || transport_has_pending(connection) ||
        raw_is_awaited(connection))
        return DEADLINE_REQUEST;
    return DEADLINE_IDLE;
}

/* 0: for ever. */
static uint64_t allowed_ns(const struct settings *settings, enum deadline_cause cause)
{
    switch (cause) {
    case DEADLINE_IDLE:
        return (uint64_t)settings->idle_timeout_ns;
    case DEADLINE_REQUEST:
        return (uint64_t)settings->request_timeout_ns;
    case DEADLINE_LOGIN:
        return (uint64_t)settings->login_timeout_ns;
    case DEADLINE_OUTPUT:
        return (uint64_t)settings->output_timeout_ns;
    case DEADLINE_LINGER:
        return (uint64_t)LINGER_MS * NS_PER_MS;
    case DEADLINE_NONE:
        break;
    }
    return 0;
}

bool deadline_settle(struct connection *connection, const struct settings *settings,
                     uint64_t now_ns)
{
    enum deadline_cause cause = cause_of(connection);
    if (cause == connection->deadline_cause) {
        uint64_t deadline_ns = atomic_load_explicit(&connection->deadline_ns, memory_order_relaxed);
        return deadline_ns != 0 && now_ns >= deadline_ns;
    }
    uint64_t time_ns = allowed_ns(settings, cause);
    connection->deadline_cause = (uint8_t)cause;
    atomic_store_explicit(&connection->deadline_ns, time_ns == 0 ? 0 : now_ns + time_ns,
                          memory_order_relaxed);
    return false;
}

static bool was_brought_forward(const struct connection *connection)
{
    return atomic_load_explicit(&connection->deadline_ns, memory_order_relaxed) == DEADLINE_NOW;
}

enum close_reason deadline_close_reason(const struct connection *connection)
{
    if (was_brought_forward(connection))
        return CLOSE_MADE_ROOM;
    switch (connection->deadline_cause) {
    case DEADLINE_REQUEST:
        return connection->phase == PHASE_HANDSHAKING ? CLOSE_TLS_HANDSHAKE : CLOSE_REQUEST_TIMEOUT;
    case DEADLINE_LOGIN:
        return CLOSE_LOGIN_TIMEOUT;
    case DEADLINE_OUTPUT:
        return CLOSE_OUTPUT_TIMEOUT;
    default:
        return CLOSE_IDLE;
    }
}

/* Whether its client can understand a last word, has not had one yet, and would take it. */
static bool listens(const struct connection *connection)
{
    return connection->phase == PHASE_SERVING && !raw_is_awaited(connection) &&
           connection->output.size == 0;
}

bool deadline_last_word(const struct connection *connection, const struct settings *settings,
                        char text[DEADLINE_TEXT_SIZE])
{
    char time[QUANTITY_TEXT_SIZE];
    if (!listens(connection))
        return false;
    if (was_brought_forward(connection)) {
        snprintf(text, DEADLINE_TEXT_SIZE, "%s", REFUSAL_NO_PLACE);
        return true;
    }
    quantity_exact_duration(time, allowed_ns(settings, connection->deadline_cause));
    switch (connection->deadline_cause) {
    case DEADLINE_REQUEST:
        snprintf(text, DEADLINE_TEXT_SIZE, "ERR Protocol error: request not complete within %s",
                 time);
        return true;
    case DEADLINE_LOGIN:
        snprintf(text, DEADLINE_TEXT_SIZE, "NOAUTH Authentication required within %s", time);
        return true;
    default:
        return false;
    }
}

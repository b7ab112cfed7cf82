/* SPDX-License-Identifier: MIT */
#include "server/limits/deadline.h"

#include "common/clock.h"
#include "common/quantity.h"
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

enum close_reason deadline_close_reason(const struct connection *connection)
{
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

bool deadline_last_word(const struct connection *connection, const struct settings *settings,
                        char text[DEADLINE_TEXT_SIZE])
{
    char time[QUANTITY_TEXT_SIZE];
    if (connection->phase == PHASE_HANDSHAKING || raw_is_awaited(connection))
        return false; /* it could make no sense of it */
    if (connection->phase == PHASE_FINISHING)
        return false; /* its last reply is written */
    if (connection->output.size > 0)
        return false; /* who has not taken the last replies would not take another, but stay */
    switch (connection->deadline_cause) {
    case DEADLINE_REQUEST:
        quantity_exact_duration(time, (uint64_t)settings->request_timeout_ns);
        snprintf(text, DEADLINE_TEXT_SIZE, "ERR Protocol error: request not complete within %s",
                 time);
        return true;
    case DEADLINE_LOGIN:
        snprintf(text, DEADLINE_TEXT_SIZE, "NOAUTH Authentication did not come in time.");
        return true;
    default:
        return false;
    }
}

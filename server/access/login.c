/* SPDX-License-Identifier: MIT */
#include "server/access/login.h"

#include "common/log.h"
#include "server/call.h"
#include "server/server.h"

#include <inttypes.h>

enum { REFUSED_LOGIN_LIMIT = 10 }; /* logins of one connection that came to nothing */

static struct access *access_of(crew_call *call)
{
    return &call->worker->server->access;
}

bool login_is_user(const crew_call *call, size_t argument)
{
    return crew_argument_is(call, argument, "default");
}

static void log_failures(crew_call *call)
{
    uint64_t failures = access_count_failure(access_of(call));
    if (failures == 0)
        return;
    char address[ENDPOINT_TEXT_SIZE];
    connection_table_format_peer(&call->worker->server->pool.connections, call->connection,
                                 address);
    log_write(LOG_LEVEL_WARN, "login_failed", "addr=%s listener=%s count=%" PRIu64, address,
              call->connection->listener->url, failures);
}

/* Every try costs something, also one that is told to try again. */
static void count_refusal(struct connection *connection)
{
    if (++connection->refused_logins < REFUSED_LOGIN_LIMIT)
        return;
    connection->phase = PHASE_FINISHING;
    connection->close_reason = CLOSE_AUTH_FAILURES;
}

void login_refuse(crew_call *call)
{
    crew_reply_error(call, "WRONGPASS invalid username-password pair or user is disabled.");
    if (!access_needs_password(access_of(call)))
        return;
    statistics_add(&call->worker->statistics.auth_failures_total, 1);
    log_failures(call);
    count_refusal(call->connection);
}

bool login_with_password(crew_call *call, size_t argument)
{
    crew_slice password = crew_argument(call, argument);
    switch (access_check(access_of(call), password.data, password.size)) {
    case ACCESS_GRANTED:
        call->connection->must_log_in = false;
        statistics_add(&call->worker->statistics.auth_successes_total, 1);
        return true;
    case ACCESS_BUSY:
        crew_reply_error(call, "ERR too many logins at once, try again");
        count_refusal(call->connection);
        return false;
    case ACCESS_DENIED:
        break;
    }
    login_refuse(call);
    return false;
}

void login_forget(crew_call *call)
{
    call->connection->must_log_in =
        access_needs_password(access_of(call)) && call->reply.codec != REPLY_RAW;
}

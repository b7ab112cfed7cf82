/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/served.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/calibration.h"
#include "server/call.h"
#include "server/commands/commands.h"
#include "server/input.h"
#include "server/server.h"
#include "server/visit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_WORK = 100000 }; /* microseconds or bytes; of WORK */

static struct server server;
static struct worker worker;
static const struct listener listener = {.url = "tcp://fuzz:1"};
static bool unsteady;

/* ---- commands that are not run as they are ---- */

struct changed_command {
    const char *name;
    crew_handler *run;  /* in place of its own */
    crew_command row;   /* as it is found in the table */
    crew_handler *real; /* its own */
};

static crew_handler run_unsteady;
static crew_handler run_little;

static struct changed_command changed[] = {
    {.name = "time", .run = run_unsteady},        {.name = "info", .run = run_unsteady},
    {.name = "client|info", .run = run_unsteady}, {.name = "client|list", .run = run_unsteady},
    {.name = "work|cpu", .run = run_little},      {.name = "work|sleep", .run = run_little},
    {.name = "work|lock", .run = run_little},     {.name = "work|reply", .run = run_little},
};

enum { CHANGED = sizeof(changed) / sizeof(changed[0]) };

static crew_handler *real_of(const crew_call *call)
{
    size_t i = 0;
    while (&changed[i].row != call->entry->command)
        i++;
    return changed[i].real;
}

static void run_unsteady(crew_call *call)
{
    unsteady = true;
    real_of(call)(call);
}

static void run_little(crew_call *call)
{
    int64_t amount = 0;
    if (crew_argument_integer(call, 2, MOST_WORK + 1, INT64_MAX, &amount))
        crew_reply_error(call, "ERR that is too much here");
    else
        real_of(call)(call);
}

static void change_commands(struct command_table *table)
{
    for (size_t i = 0; i < CHANGED; i++) {
        crew_slice name = {changed[i].name, strlen(changed[i].name)};
        const struct command_entry *found = command_table_find_full(table, name);
        FUZZ_REQUIRE(found != NULL);
        struct command_entry *entry = &table->entries[found - table->entries];
        changed[i].real = entry->command->run;
        changed[i].row = *entry->command;
        changed[i].row.run = changed[i].run;
        entry->command = &changed[i].row;
    }
}

/* ---- the server ---- */

static void set_up(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    log_set_level(LOG_LEVEL_ERROR);
    calibration_set(1);
    options_set_defaults(&settings_table, &server.settings);
    server.settings.max_connections = 4;
    server.settings.workers = 1;
    server.started_ns = monotonic_ns();
    statistics_begin_epoch(&server.epoch);
    FUZZ_REQUIRE(command_table_init(&server.commands, builtin_commands, builtin_command_groups) ==
                 0);
    change_commands(&server.commands);
    FUZZ_REQUIRE(pool_init(&server.pool, &server.settings) == 0);
    FUZZ_REQUIRE(worker_init(&worker, &server, 0) == 0);
    server.workers = &worker;
    server.worker_count = 1;
}

/* Every client finds a server on which nobody was before. */
static void begin_anew(size_t max_request_bytes)
{
    set_up();
    server.settings.max_request_bytes = (int64_t)max_request_bytes;
    server.pool.connections.last_id = 0;
    worker.input->parser.limits.bulk_bytes = max_request_bytes; /* it is empty between visits */
    unsteady = false;
}

/* Serves until nothing is left to do before the client's next move. */
static void serve_what_is_ready(void)
{
    pool_poll_once(&server.pool);
    while (ready_queue_read(&server.pool.queue).length > 0) {
        struct ready_taken taken;
        struct connection *connection = pool_next(&server.pool, &taken);
        FUZZ_REQUIRE(connection != NULL);
        worker_statistics_follow(&worker.statistics, &server.epoch);
        worker.now_ns = monotonic_ns();
        visit(&worker, connection);
        FUZZ_REQUIRE(input_left(worker.input) == 0 && worker.output.size == 0);
    }
}

/* ---- its client ---- */

/* Takes what was sent; false when there was nothing. */
static bool take_replies(int fd, struct served *served)
{
    static char bytes[64 * 1024];
    if (served->ended)
        return false;
    ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    FUZZ_REQUIRE(got >= 0 || errno == EAGAIN); /* no reset, above all */
    served->ended = got == 0;
    if (got > 0)
        byte_buffer_append(&served->replies, bytes, (size_t)got);
    return got > 0;
}

static void settle(int fd, struct served *served)
{
    do
        serve_what_is_ready();
    while (take_replies(fd, served));
}

static void send_part(int fd, const char *bytes, size_t size, struct served *served)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EPIPE)
            return; /* the server has closed, which is for the caller to judge */
        FUZZ_REQUIRE(sent >= 0 || errno == EAGAIN);
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
        if (size > 0)
            settle(fd, served);
    }
}

static int connect_client(void)
{
    int fds[2];
    union peer_address peer = {.any.sa_family = AF_UNIX};
    FUZZ_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    struct connection *connection =
        connection_table_open(&server.pool.connections, fds[0], &listener, &peer);
    FUZZ_REQUIRE(connection != NULL);
    FUZZ_REQUIRE(pool_admit(&server.pool, connection) == 0);
    return fds[1];
}

void serve_stream(const struct fuzz_stream *stream, size_t max_request_bytes, bool early,
                  struct served *served)
{
    size_t end = 0;
    *served = (struct served){0};
    begin_anew(max_request_bytes);
    int fd = connect_client();
    for (size_t number = 0; end < stream->bytes.size; number++) {
        size_t start = end;
        end = fuzz_stream_cut(stream, number, start);
        send_part(fd, stream->bytes.data + start, end - start, served);
        if (!early || end < stream->bytes.size)
            settle(fd, served);
    }
    bool ended = served->ended;
    FUZZ_REQUIRE(shutdown(fd, SHUT_WR) == 0);
    settle(fd, served);
    FUZZ_REQUIRE(served->ended);
    FUZZ_REQUIRE(connection_table_open_count(&server.pool.connections) == 0);
    close(fd);
    served->ended = ended;
    served->unsteady = unsteady;
}

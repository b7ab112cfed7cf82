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
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_WORK_US = 100, MOST_REPLY_BYTES = 500 * 1000 };

static struct server server;
static struct worker worker;
static const struct listener listener = {.url = "tcp://fuzz:1"};
static bool unsteady;

/* ---- commands that are not run as they are ---- */

struct changed_command {
    const char *name;
    crew_handler *run;  /* in place of its own */
    int64_t most;       /* of run_little: the largest amount that is not refused */
    crew_command row;   /* as it is found in the table */
    crew_handler *real; /* its own */
};

static crew_handler run_unsteady;
static crew_handler run_little;

static struct changed_command changed[] = {
    {.name = "time", .run = run_unsteady},
    {.name = "info", .run = run_unsteady},
    {.name = "client|info", .run = run_unsteady},
    {.name = "client|list", .run = run_unsteady},
    {.name = "work|cpu", .run = run_little, .most = MOST_WORK_US},
    {.name = "work|sleep", .run = run_little, .most = MOST_WORK_US},
    {.name = "work|lock", .run = run_little, .most = MOST_WORK_US},
    {.name = "work|reply", .run = run_little, .most = MOST_REPLY_BYTES},
};

enum { CHANGED = sizeof(changed) / sizeof(changed[0]) };

static const struct changed_command *change_of(const crew_call *call)
{
    size_t i = 0;
    while (&changed[i].row != call->entry->command)
        i++;
    return &changed[i];
}

static void run_unsteady(crew_call *call)
{
    unsteady = true;
    change_of(call)->real(call);
}

static void run_little(crew_call *call)
{
    const struct changed_command *change = change_of(call);
    int64_t amount = 0;
    if (crew_argument_integer(call, 2, change->most + 1, INT64_MAX, &amount))
        crew_reply_error(call, "ERR that is too much here");
    else
        change->real(call);
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

static char password_path[64];

static void open_access(void)
{
    static const char file[] = "plain:" SERVED_PASSWORD "\n";
    char error[PASSWORD_ERROR_SIZE];
    int fd = memfd_create("passwords", MFD_CLOEXEC);
    FUZZ_REQUIRE(fd >= 0 && fchmod(fd, 0600) == 0);
    FUZZ_REQUIRE(write(fd, file, sizeof(file) - 1) == (ssize_t)(sizeof(file) - 1));
    snprintf(password_path, sizeof(password_path), "/proc/self/fd/%d", fd);
    FUZZ_REQUIRE(access_open(&server.access, password_path, error));
    close(fd); /* it is read once; the name goes on saying that there is a password */
}

static void set_up(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    log_set_level(LOG_LEVEL_ERROR);
    calibration_set(1);
    options_set_defaults(&settings_table, &server.settings);
    server.settings.shed = SHED_OFF; /* what depends on time gives no answer twice */
    server.settings.max_connections = 4;
    server.settings.workers = 1;
    server.started_ns = monotonic_ns();
    statistics_begin_epoch(&server.epoch);
    FUZZ_REQUIRE(command_table_init(&server.commands, builtin_commands, builtin_command_groups) ==
                 0);
    change_commands(&server.commands);
    open_access();
    FUZZ_REQUIRE(pool_init(&server.pool, &server.settings) == 0);
    FUZZ_REQUIRE(worker_init(&worker, &server, 0, false) == 0);
    server.workers = &worker;
    server.worker_count = 1;
}

/* Every client finds a server on which nobody was before. */
static void begin_anew(const struct serving *serving)
{
    struct resp_limits limits = {.bulk_bytes = serving->max_request_bytes,
                                 .arguments = (size_t)server.settings.max_arguments};
    server.settings.max_request_bytes = (int64_t)serving->max_request_bytes;
    server.access.file = serving->with_password ? password_path : NULL;
    server.pool.connections.last_id = 0;
    input_free(worker.input);
    worker.input = input_create(serving->read_bytes, limits);
    FUZZ_REQUIRE(worker.input != NULL);
    unsteady = false;
}

/* Serves until nothing is left to do before the client's next move. */
static void serve_what_is_ready(void)
{
    pool_poll_once(&server.pool);
    for (;;) {
        struct ready_taken taken;
        struct connection *connection;
        if (stranger_queue_length(&server.pool.strangers) > 0)
            connection = pool_next_stranger(&server.pool);
        else if (ready_queue_read(&server.pool.queue).length > 0)
            connection = pool_next(&server.pool, &taken);
        else
            return;
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
    connection->must_log_in = access_needs_password(&server.access); /* as the acceptor does */
    FUZZ_REQUIRE(pool_admit(&server.pool, connection) == 0);
    return fds[1];
}

void serve_stream(const struct fuzz_stream *stream, const struct serving *serving,
                  struct served *served)
{
    size_t end = 0;
    *served = (struct served){0};
    set_up();
    begin_anew(serving);
    int fd = connect_client();
    for (size_t number = 0; end < stream->bytes.size; number++) {
        size_t start = end;
        end = fuzz_stream_cut(stream, number, start);
        send_part(fd, stream->bytes.data + start, end - start, served);
        if (!serving->early_end || end < stream->bytes.size)
            settle(fd, served);
    }
    bool ended = served->ended;
    size_t answered = served->replies.size;
    FUZZ_REQUIRE(shutdown(fd, SHUT_WR) == 0);
    settle(fd, served);
    FUZZ_REQUIRE(served->ended);
    FUZZ_REQUIRE(serving->early_end ||
                 served->replies.size == answered); /* no reply waited for the end */
    FUZZ_REQUIRE(connection_table_open_count(&server.pool.connections) == 0);
    close(fd);
    served->ended = ended;
    served->unsteady = unsteady;
}

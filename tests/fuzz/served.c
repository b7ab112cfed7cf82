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
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/tls_peer.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MOST_CLIENTS = 4,
    MOST_WORK_US = 100,
    MOST_REPLY_BYTES = 500 * 1000,
    MOST_VISITS = 10 * 1000, /* without a client's doing: who needs more has nothing to do */
};

static struct server server;
static struct worker workers[2]; /* of the pool, and at the door */
static const struct listener listeners[] = {
    [ENDPOINT_TCP] = {.endpoint.scheme = ENDPOINT_TCP, .url = "tcp://fuzz:1"},
    [ENDPOINT_TLS] = {.endpoint.scheme = ENDPOINT_TLS, .url = "tls://fuzz:2"},
    [ENDPOINT_RAW] = {.endpoint.scheme = ENDPOINT_RAW, .url = "raw://fuzz:3"},
};
static bool unsteady[MOST_CLIENTS]; /* by the slots of connections */
static uint64_t begun_ns;  /* when it began; time stands still then, so that no deadline passes */
static int lowest_free_fd; /* when this server had no client */

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
    unsteady[connection_table_slot(&server.pool.connections, call->connection)] = true;
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

static char password_path[FUZZ_PATH_SIZE];

static void open_access(void)
{
    static const char file[] = "plain:" SERVED_PASSWORD "\n";
    char error[PASSWORD_ERROR_SIZE];
    int fd = fuzz_file((crew_slice){file, sizeof(file) - 1}, password_path);
    FUZZ_REQUIRE(access_open(&server.access, password_path, error));
    close(fd); /* it is read once; the name goes on saying that there is a password */
}

/* With a certificate that nobody keeps. */
static void open_encryption(void)
{
    char certificate[FUZZ_PATH_SIZE];
    char key[FUZZ_PATH_SIZE];
    char error[TLS_MESSAGE_SIZE];
    struct byte_buffer certificate_text = {0};
    struct byte_buffer key_text = {0};
    struct listener_set none = {.count = 0};
    if (!tls_is_available())
        return;
    tls_peer_certify(&certificate_text, &key_text);
    int certificate_fd =
        fuzz_file((crew_slice){certificate_text.bytes, certificate_text.size}, certificate);
    int key_fd = fuzz_file((crew_slice){key_text.bytes, key_text.size}, key);
    server.settings.tls_certificate = certificate;
    server.settings.tls_key = key;
    FUZZ_REQUIRE(encryption_open(&server.encryption, &server.settings, &none, error));
    server.settings.tls_certificate = NULL; /* it was read, and goes with this function */
    server.settings.tls_key = NULL;
    close(certificate_fd);
    close(key_fd);
    byte_buffer_free(&certificate_text);
    byte_buffer_free(&key_text);
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
    server.settings.max_connections = MOST_CLIENTS;
    server.settings.workers = 1;
    server.started_ns = monotonic_ns();
    statistics_begin_epoch(&server.epoch);
    FUZZ_REQUIRE(command_table_init(&server.commands, builtin_commands, builtin_command_groups) ==
                 0);
    change_commands(&server.commands);
    open_access();
    open_encryption();
    FUZZ_REQUIRE(pool_init(&server.pool, &server.settings) == 0);
    FUZZ_REQUIRE(worker_init(&workers[0], &server, 0, false) == 0);
    FUZZ_REQUIRE(worker_init(&workers[1], &server, 0, true) == 0);
    server.workers = workers;
    server.worker_count = 1;
    server.door_count = 1;
}

void served_begin(const struct serving *serving)
{
    struct resp_limits limits = {.bulk_bytes = serving->max_request_bytes};
    char error[OPTION_ERROR_SIZE];
    const char *raw_command = serving->raw_command != NULL ? serving->raw_command : "ECHO";
    set_up();
    limits.arguments = (size_t)server.settings.max_arguments;
    server.settings.max_request_bytes = (int64_t)serving->max_request_bytes;
    server.access.file = serving->with_password ? password_path : NULL;
    server.pool.connections.last_id = serving->clients_before;
    raw_command_destroy(&server.raw_command);
    FUZZ_REQUIRE(raw_command_init(&server.raw_command, raw_command, &server.commands, error));
    for (unsigned i = 0; i < 2; i++) {
        input_free(workers[i].input);
        workers[i].input = input_create(serving->read_bytes, limits);
        FUZZ_REQUIRE(workers[i].input != NULL);
    }
    memset(unsteady, 0, sizeof(unsteady));
    begun_ns = monotonic_ns();
    lowest_free_fd = fuzz_lowest_free_fd();
}

int served_connect(enum endpoint_scheme scheme, unsigned *number)
{
    int fds[2];
    union peer_address peer = {.any.sa_family = AF_UNIX};
    FUZZ_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    struct connection *connection =
        connection_table_open(&server.pool.connections, fds[0], &listeners[scheme], &peer);
    FUZZ_REQUIRE(connection != NULL);
    /* As the acceptor does. */
    connection->must_log_in = access_needs_password(&server.access) && scheme != ENDPOINT_RAW;
    if (scheme == ENDPOINT_TLS)
        connection->phase = PHASE_HANDSHAKING;
    *number = connection_table_slot(&server.pool.connections, connection);
    FUZZ_REQUIRE(pool_admit(&server.pool, connection) == 0);
    return fds[1];
}

/* Who is to visit whom next; NULL when there is nothing to do. */
static struct worker *next_worker(struct connection **connection)
{
    struct ready_taken taken;
    if (stranger_queue_length(&server.pool.strangers) > 0) {
        *connection = pool_next_stranger(&server.pool);
        return &workers[1];
    }
    if (ready_queue_read(&server.pool.queue).length == 0)
        return NULL;
    *connection = pool_next(&server.pool, &taken);
    return &workers[0];
}

void served_run(void)
{
    struct connection *connection = NULL;
    struct worker *worker;
    unsigned visits = 0;
    pool_poll_once(&server.pool);
    while ((worker = next_worker(&connection)) != NULL) {
        FUZZ_REQUIRE(connection != NULL);
        worker_statistics_follow(&worker->statistics, &server.epoch);
        worker->now_ns = begun_ns;
        visit(worker, connection);
        FUZZ_REQUIRE(++visits < MOST_VISITS);
        FUZZ_REQUIRE(input_left(worker->input) == 0 && worker->output.size == 0);
    }
}

bool served_was_unsteady(unsigned number)
{
    return unsteady[number];
}

bool served_holds_memory(void)
{
    return client_memory_held(&server.pool.memory) > 0;
}

void served_end(void)
{
    FUZZ_REQUIRE(connection_table_open_count(&server.pool.connections) == 0);
    FUZZ_REQUIRE(!served_holds_memory());
    FUZZ_REQUIRE(fuzz_lowest_free_fd() == lowest_free_fd);
}

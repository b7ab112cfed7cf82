/* SPDX-License-Identifier: MIT */
#include "client/settings.h"

#include "client/report.h"
#include "common/clock.h"
#include "common/option.h"
#include "common/password_variable.h"
#include "common/tls_client.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ONE_DAY_NS (INT64_C(86400) * NS_PER_S)

/* The options as they were given. */
struct given {
    const char *server;
    const char *host;
    int64_t port;
    const char *socket;
    struct tls_client_options tls;
    const char *user;
    const char *password;
    const char *password_file;
    bool resp3;
    bool raw;
    bool no_raw;
    bool json;
    int64_t repeat;
    int64_t interval_ns;
    bool stdin_last;
    int64_t connect_timeout_ns;
    int64_t timeout_ns;
};

/* clang-format off: one row an option */
#define FIELD(name) offsetof(struct given, name)
static const struct option options[] = {
    {.name = "server",
     .type = OPTION_TEXT,
     .offset = FIELD(server),
     .unit = "url",
     .fallback = ENDPOINT_DEFAULT,
     .help = "Server: tcp://host:port, tls://host:port, unix:///path, or raw://host:port, which "
             "sends the words as they are and prints what comes back."},
    {.name = "host",
     .letter = 'h',
     .type = OPTION_TEXT,
     .offset = FIELD(host),
     .unit = "host",
     .help = "Host, instead of the URL's."},
    {.name = "port",
     .letter = 'p',
     .type = OPTION_INTEGER,
     .offset = FIELD(port),
     .unit = "port",
     .minimum = 1,
     .maximum = 65535,
     .help = "Port, instead of the URL's."},
    {.name = "socket",
     .letter = 's',
     .type = OPTION_TEXT,
     .offset = FIELD(socket),
     .unit = "path",
     .help = "Unix socket, instead of the URL."},
    TLS_CLIENT_OPTIONS(FIELD(tls)),
    {.name = "user",
     .type = OPTION_TEXT,
     .offset = FIELD(user),
     .unit = "name",
     .help = "User to log in as, with a password."},
    {.name = "password",
     .letter = 'a',
     .type = OPTION_TEXT,
     .offset = FIELD(password),
     .unit = "password",
     .help =
         "Password to log in with; --password-file and the environment variable " PASSWORD_VARIABLE
         " are safer places for it."},
    {.name = "password-file",
     .type = OPTION_TEXT,
     .offset = FIELD(password_file),
     .unit = "path",
     .help = "File whose first line is the password itself, not its hash."},
    {.name = "resp3",
     .letter = '3',
     .type = OPTION_FLAG,
     .offset = FIELD(resp3),
     .help = "Speak version 3 of the protocol."},
    {.name = "raw",
     .type = OPTION_FLAG,
     .offset = FIELD(raw),
     .help = "Print bare payloads (as happens when stdout is no terminal)."},
    {.name = "no-raw",
     .type = OPTION_FLAG,
     .offset = FIELD(no_raw),
     .help = "Print formatted replies (as happens when stdout is a terminal)."},
    {.name = "json",
     .type = OPTION_FLAG,
     .offset = FIELD(json),
     .help = "Print each reply as a line of JSON; asks for version 3 of the protocol."},
    {.name = "repeat",
     .letter = 'r',
     .type = OPTION_INTEGER,
     .offset = FIELD(repeat),
     .unit = "count",
     .minimum = -1,
     .maximum = INT64_MAX,
     .fallback = "1",
     .help = "Run the command so often over one connection; -1: until interrupted."},
    {.name = "interval",
     .letter = 'i',
     .type = OPTION_DURATION,
     .offset = FIELD(interval_ns),
     .unit = "time",
     .maximum = ONE_DAY_NS,
     .fallback = "0",
     .help = "Wait between two runs."},
    {.name = "stdin-last",
     .letter = 'x',
     .type = OPTION_FLAG,
     .offset = FIELD(stdin_last),
     .help = "Take all of standard input as the command's last word."},
    {.name = "connect-timeout",
     .type = OPTION_DURATION,
     .offset = FIELD(connect_timeout_ns),
     .unit = "time",
     .minimum = NS_PER_MS,
     .maximum = ONE_DAY_NS,
     .fallback = "5s",
     .help = "How long to try to connect, per address."},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .offset = FIELD(timeout_ns),
     .unit = "time",
     .maximum = ONE_DAY_NS,
     .fallback = "30s",
     .help = "How long to wait for a reply to come or to go on; 0 waits for ever."},
    {.name = "help", .type = OPTION_HELP, .help = "Print this and exit."},
    {.name = "version", .type = OPTION_VERSION, .help = "Print the version and exit."},
};
/* clang-format on */

static const struct option_table table = {
    .program = "crew-client",
    .synopsis = "[options] [COMMAND [argument...]]",
    .description =
        "Sends a command to a server that speaks RESP, such as crew-server, and prints the reply.\n"
        "Without a command it reads commands from standard input, one a line; on a terminal it\n"
        "prompts for them. Exit status: 0; 1 after an error reply; 2 when there was no reply.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples = "  crew-client PING\n"
                "  crew-client -h example.org -p 12345 --json INFO\n"
                "  crew-client -x ECHO < message.txt\n"
                "  crew-client --server tls://example.org:12345 --tls-ca ca.pem PING\n"
                "  crew-client --server raw://localhost:12345 'Hello from client!'\n",
};

/* `text` points into one of argv's strings, which is emptied from there on. */
static void wipe_argument(int argc, char **argv, const char *text)
{
    for (int i = 1; i < argc; i++) {
        for (char *at = argv[i]; *at != '\0'; at++) {
            if (at == text) {
                explicit_bzero(at, strlen(at));
                return;
            }
        }
    }
}

static bool refuse(const char *problem)
{
    client_report("%s; --help lists all options", problem);
    return false;
}

/* Who may know it is the user's to decide. Nobody else can open what is no file, or has no name. */
static void warn_of_others(FILE *file, const char *path)
{
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink > 0 &&
        (status.st_mode & S_IRWXO) != 0)
        client_report("warning: --password-file: %s is open to all users (mode %04o): chmod 600 %s",
                      path, status.st_mode & 07777U, path);
}

/* The first line of the file, to be freed; NULL after saying why not. */
static char *read_password(const char *path)
{
    char *line = NULL;
    size_t capacity = 0;
    FILE *file = fopen(path, "re");
    ssize_t size = file != NULL ? getline(&line, &capacity, file) : -1;
    if (file == NULL || ferror(file))
        client_report("--password-file: %s: %s", path, strerror(errno));
    else if (size <= 1 && (size < 0 || line[0] == '\n'))
        client_report("--password-file: %s: its first line is empty", path);
    if (file != NULL) {
        warn_of_others(file, path);
        (void)fclose(file);
    }
    if (size > 0)
        line[strcspn(line, "\n")] = '\0';
    if (size > 0 && line[0] != '\0')
        return line;
    free(line);
    return NULL;
}

/* A copy of the password, to be freed, or NULL: none, or `*problem` is set and told. */
static char *find_password(const struct given *given, bool *problem)
{
    const char *password = given->password != NULL ? given->password : getenv(PASSWORD_VARIABLE);
    char *copy = NULL;
    *problem = false;
    if (given->password == NULL && given->password_file != NULL) {
        copy = read_password(given->password_file);
        *problem = copy == NULL;
    } else if (password != NULL && (given->password != NULL || password[0] != '\0')) {
        copy = strdup(password);
        *problem = copy == NULL;
        if (copy == NULL)
            client_report("out of memory");
    }
    return copy;
}

static bool take_password(struct client_settings *settings, const struct given *given, int argc,
                          char **argv)
{
    bool problem = false;
    if (given->password != NULL && given->password_file != NULL)
        return refuse("--password and --password-file exclude each other");
    settings->password = find_password(given, &problem);
    if (given->password != NULL)
        wipe_argument(argc, argv, given->password);
    if (problem)
        return false;
    settings->user = given->user;
    if (given->user != NULL && settings->password == NULL)
        return refuse("--user needs a password: --password, --password-file or " PASSWORD_VARIABLE);
    return true;
}

static bool take_socket(struct endpoint *server, const struct given *given)
{
    size_t size = strlen(given->socket);
    if (given->host != NULL || given->port != 0)
        return refuse("--socket does not go with --host or --port");
    if (size == 0 || size >= sizeof(server->path))
        return refuse("--socket takes a path of 1 to 107 bytes");
    *server = (struct endpoint){.scheme = ENDPOINT_UNIX};
    memcpy(server->path, given->socket, size);
    return true;
}

static bool take_server(struct endpoint *server, const struct given *given)
{
    if (given->socket != NULL)
        return take_socket(server, given);
    char error[ENDPOINT_ERROR_SIZE];
    if (!endpoint_parse(given->server, server, error)) {
        client_report("--server: %s", error);
        return false;
    }
    if (server->scheme == ENDPOINT_UNIX && (given->host != NULL || given->port != 0))
        return refuse("a unix:// server does not go with --host or --port");
    if (given->host != NULL) {
        size_t size = strlen(given->host);
        if (size == 0 || size >= sizeof(server->host))
            return refuse("--host takes a name or address of 1 to 255 bytes");
        memcpy(server->host, given->host, size + 1);
    }
    if (given->port != 0)
        snprintf(server->port, sizeof(server->port), "%u", (unsigned)given->port & UINT16_MAX);
    return true;
}

static bool take_tls(struct client_settings *settings, const struct given *given)
{
    char message[TLS_MESSAGE_SIZE];
    bool usable = tls_client_context(&given->tls, &settings->server, &settings->tls, message);
    if (message[0] != '\0')
        client_report("%s", message);
    return usable;
}

static bool take_format(struct client_settings *settings, const struct given *given)
{
    if (given->raw + given->no_raw + given->json > 1)
        return refuse("--raw, --no-raw and --json exclude each other");
    settings->format = isatty(STDOUT_FILENO) ? CLIENT_FORMAT_TERMINAL : CLIENT_FORMAT_RAW;
    if (given->raw)
        settings->format = CLIENT_FORMAT_RAW;
    if (given->no_raw)
        settings->format = CLIENT_FORMAT_TERMINAL;
    if (given->json)
        settings->format = CLIENT_FORMAT_JSON;
    settings->resp3 = given->json ? CLIENT_RESP3_PREFERRED : CLIENT_RESP3_NO;
    if (given->resp3)
        settings->resp3 = CLIENT_RESP3_REQUIRED;
    return true;
}

/* Rounds up, so that no time becomes none. */
static int milliseconds(int64_t ns)
{
    return (int)((ns + NS_PER_MS - 1) / NS_PER_MS);
}

int client_settings_parse(struct client_settings *settings, int argc, char **argv, int *next)
{
    *settings = (struct client_settings){0};
    struct given given = {0};
    char error[OPTION_ERROR_SIZE];
    options_set_defaults(&table, &given);
    enum options_result result = options_parse(&table, &given, argc, argv, next, error);
    int status = options_exit_status(&table, result, error);
    if (status >= 0)
        return status;
    settings->connect_timeout_ms = milliseconds(given.connect_timeout_ns);
    settings->timeout_ms = given.timeout_ns > 0 ? milliseconds(given.timeout_ns) : -1;
    settings->repeat = given.repeat;
    settings->interval_ns = given.interval_ns;
    settings->stdin_last = given.stdin_last;
    if (given.stdin_last && *next == argc && !refuse("--stdin-last needs a command"))
        return 2;
    if (!take_password(settings, &given, argc, argv) || !take_server(&settings->server, &given) ||
        !take_tls(settings, &given) || !take_format(settings, &given)) {
        client_settings_free(settings);
        return 2;
    }
    return -1;
}

void client_settings_free(struct client_settings *settings)
{
    if (settings->password != NULL)
        explicit_bzero(settings->password, strlen(settings->password));
    free(settings->password);
    settings->password = NULL;
    tls_context_release(settings->tls);
    settings->tls = NULL;
}

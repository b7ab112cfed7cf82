/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_server.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/whole_file.h"
#include "bench/trial/bench_control.h"
#include "bench/trial/bench_info.h"
#include "common/clock.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    START_MS = 10000,
    STOP_MS = 3000,
    ASK_MS = 5000,
    GLANCE_MS = 5, /* how often a server that starts is asked whether it is there */
    TRIES = 3,     /* another program may take the port that was free */
    ANSWER_SIZE = 16 * 1024,
    FILE_SIZE = 64 * 1024,
    BYTES_PER_KIB = 1024,
};

/* What servers that cannot choose a port themselves are asked for their own pid. */
struct question {
    const char *text;
    const char *answer; /* the line that does begins so, and goes on with the pid */
};

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
                 getsockname(fd, (struct sockaddr *)&address, &size) == 0;
    if (fd >= 0)
        close(fd);
    return bound ? ntohs(address.sin_port) : 0;
}

/* Whether the server that listens on the port is the one with this pid. */
static bool is_it(uint16_t port, pid_t pid, const struct question *question)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = 1};
    char wanted[64];
    char answer[ANSWER_SIZE];
    size_t size = 0;
    ssize_t received = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    snprintf(wanted, sizeof(wanted), "%s%d\r\n", question->answer, (int)pid);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    bool found = false;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        send(fd, question->text, strlen(question->text), MSG_NOSIGNAL) < 0)
        received = 0;
    while (received > 0 && !found && size < sizeof(answer)) {
        received = recv(fd, answer + size, sizeof(answer) - size, 0);
        size += received > 0 ? (size_t)received : 0;
        found = memmem(answer, size, wanted, strlen(wanted)) != NULL;
    }
    close(fd);
    return found;
}

/* Starts a server that is told its port, until it answers as itself. */
static bool start_on_free_port(struct peer_server *server, const char *program,
                               const char **arguments, char *port, const struct question *question,
                               char *error)
{
    for (int i = 0; i < TRIES && !bench_interrupted(); i++) {
        int status = 0;
        server->port = free_port();
        sprintf(port, "%u", server->port);
        if (!server_process_start(&server->process, program, arguments, error))
            return false;
        uint64_t deadline_ns = monotonic_ns() + (uint64_t)START_MS * NS_PER_MS;
        while (!server_process_wait_exit(&server->process, GLANCE_MS, &status) &&
               monotonic_ns() < deadline_ns && !bench_interrupted())
            if (is_it(server->port, server->process.pid, question))
                return true;
        server_process_explain(&server->process, "did not start", error);
        server_process_stop(&server->process, STOP_MS);
    }
    return false;
}

static bool start_redis(struct peer_server *server, const char *program, const char *folder,
                        char *error)
{
    static const struct question question = {"INFO server\r\n", "process_id:"};
    char port[8];
    const char *words[] = {
        "--port", port,    "--bind", "127.0.0.1",    "--save", "",  "--appendonly",
        "no",     "--dir", folder,   "--maxclients", "16000",  NULL};
    return start_on_free_port(server, program, words, port, &question, error);
}

static bool start_memcached(struct peer_server *server, const char *program, size_t threads,
                            char *error)
{
    static const struct question question = {"stats\r\n", "STAT pid "};
    char port[8];
    char thread_text[24];
    snprintf(thread_text, sizeof(thread_text), "%zu", threads);
    const char *words[] = {
        "-l",   "127.0.0.1", "-p", port, "-U", "0", "-t", thread_text, geteuid() == 0 ? "-u" : NULL,
        "root", NULL};
    return start_on_free_port(server, program, words, port, &question, error);
}

/* Starts a server that takes a free port by itself and writes which to its log. */
static bool start_ours(struct peer_server *server, const char *program, const char **arguments,
                       char *error)
{
    char url[ENDPOINT_TEXT_SIZE];
    if (!server_process_start(&server->process, program, arguments, error))
        return false;
    if (server_process_url(&server->process, 0, START_MS, url, error)) {
        server->port = (uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10);
        return true;
    }
    server_process_stop(&server->process, STOP_MS);
    return false;
}

bool peer_server_start(struct peer_server *server, const struct peer_programs *programs,
                       enum peer_program program, size_t workers, const char *folder,
                       char error[BENCH_ERROR_SIZE])
{
    char count[24];
    const char *path = programs->paths[program];
    snprintf(count, sizeof(count), "%zu", workers);
    /* Some rows saturate it, as they do the others, who have no such control. */
    const char *crew_words[] = {"--workers", count, "--listen", "tcp://127.0.0.1:0",
                                "--shed",    "off", NULL};
    const char *floor_words[] = {"0", NULL};
    *server = (struct peer_server){0};
    error[0] = '\0';
    switch (program) {
    case PEER_CREW:
        return start_ours(server, path, crew_words, error);
    case PEER_FLOOR:
        return start_ours(server, path, floor_words, error);
    case PEER_REDIS:
        return start_redis(server, path, folder, error);
    case PEER_MEMCACHED:
        return start_memcached(server, path, workers, error);
    default:
        snprintf(error, BENCH_ERROR_SIZE, "%s is no server", peer_program_name(program));
        return false;
    }
}

void peer_server_stop(struct peer_server *server)
{
    server_process_stop(&server->process, STOP_MS);
    *server = (struct peer_server){0};
}

bool peer_server_resident(const struct peer_server *server, double *bytes)
{
    char path[64];
    char error[BENCH_ERROR_SIZE];
    struct byte_buffer text = {0};
    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)server->process.pid);
    bool good = whole_file_read(path, FILE_SIZE, &text, error);
    byte_buffer_append(&text, "", 1);
    *bytes = good && !text.failed ? bench_info_number(text.bytes, "Rss") * BYTES_PER_KIB : NAN;
    byte_buffer_free(&text);
    return !isnan(*bytes);
}

/* One question to a crew-server; the answer goes to `take`, which may be NULL. */
static bool ask(const struct peer_server *server, const char *command, double *mean_us, char *error)
{
    char url[ENDPOINT_TEXT_SIZE];
    struct endpoint target;
    struct bench_control control;
    const char *text = NULL;
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", server->port);
    if (!endpoint_parse(url, &target, error) ||
        !bench_control_open(&control, &target, ASK_MS, error))
        return false;
    bool good = bench_control_ask(&control, command, &text, error);
    if (good && mean_us != NULL)
        *mean_us =
            bench_info_number(text, "service_us_total") / bench_info_number(text, "requests_total");
    bench_control_close(&control);
    return good;
}

bool peer_server_reset_service(const struct peer_server *server, char error[BENCH_ERROR_SIZE])
{
    return ask(server, "CONFIG RESETSTAT", NULL, error);
}

bool peer_server_service_us(const struct peer_server *server, double *mean_us,
                            char error[BENCH_ERROR_SIZE])
{
    return ask(server, "INFO", mean_us, error);
}

/* SPDX-License-Identifier: MIT */
#include "bench/selftest/model_server.h"

#include "bench/selftest/model_parts.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static bool fail(char *error, const char *what, int number)
{
    snprintf(error, BENCH_ERROR_SIZE, "the built-in server: %s: %s", what, strerror(number));
    return false;
}

uint64_t model_draw_ns(const struct model_settings *settings, struct bench_random *random)
{
    if (!settings->exponential)
        return (uint64_t)settings->service_ns;
    return (uint64_t)(-log(bench_random_unit(random)) * settings->service_ns);
}

static bool open_listener(struct model_server *server, char *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listen_fd < 0 ||
        bind(server->listen_fd, (const struct sockaddr *)&address, size) != 0 ||
        listen(server->listen_fd, MODEL_CONNECTIONS) != 0 ||
        getsockname(server->listen_fd, (struct sockaddr *)&address, &size) != 0)
        return fail(error, "cannot listen on 127.0.0.1", errno);
    server->endpoint.scheme = ENDPOINT_TCP;
    snprintf(server->endpoint.host, sizeof(server->endpoint.host), "127.0.0.1");
    snprintf(server->endpoint.port, sizeof(server->endpoint.port), "%d", ntohs(address.sin_port));
    return true;
}

static bool open_descriptors(struct model_server *server, char *error)
{
    if (!open_listener(server, error))
        return false;
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->epoll_fd < 0 || server->stop_fd < 0)
        return fail(error, "cannot watch its sockets", errno);
    /* A connection's event points at it; these two at what they are of. */
    struct epoll_event stop = {.events = EPOLLIN, .data.ptr = &server->stop_fd};
    struct epoll_event client = {.events = EPOLLIN, .data.ptr = &server->listen_fd};
    return (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->stop_fd, &stop) == 0 &&
            epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &client) == 0) ||
           fail(error, "cannot watch its sockets", errno);
}

/* Signals are for the thread that measures, whose waiting they are to end. */
static bool start_threads(struct model_server *server, char *error)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&server->reader, NULL, model_reader_run, server);
    server->has_reader = result == 0;
    while (result == 0 && server->worker_count < server->settings.workers) {
        pthread_t *worker = &server->workers[server->worker_count];
        result = pthread_create(worker, NULL, model_worker_run, server);
        server->worker_count += result == 0 ? 1 : 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result == 0 || fail(error, "cannot start a thread", result);
}

static bool take_memory(struct model_server *server, char *error)
{
    size_t entries = server->settings.journal_limit + 1; /* calloc(0) may return NULL */
    server->arrival_ns = calloc(entries, sizeof(*server->arrival_ns));
    server->service_ns = calloc(entries, sizeof(*server->service_ns));
    return (server->arrival_ns != NULL && server->service_ns != NULL) ||
           fail(error, "no room for its journal", ENOMEM);
}

struct model_server *model_server_start(const struct model_settings *settings,
                                        char error[BENCH_ERROR_SIZE])
{
    struct model_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        fail(error, "cannot be set up", ENOMEM);
        return NULL;
    }
    server->settings = *settings;
    server->listen_fd = -1;
    server->epoll_fd = -1;
    server->stop_fd = -1;
    server->queue.random.state = settings->seed;
    bool limited = settings->active_limit > 0 && settings->active_limit < settings->workers;
    server->queue.places_free = limited ? settings->active_limit : settings->workers;
    lock_init(&server->queue.lock, LOCK_RANK_READY_QUEUE);
    condition_init(&server->queue.changed);
    if (take_memory(server, error) && open_descriptors(server, error) &&
        start_threads(server, error))
        return server;
    model_server_free(server);
    return NULL;
}

const struct endpoint *model_server_endpoint(const struct model_server *server)
{
    return &server->endpoint;
}

void model_server_stop(struct model_server *server)
{
    if (server->stopped)
        return;
    server->stopped = true;
    lock_acquire(&server->queue.lock);
    server->queue.stopping = true;
    condition_broadcast(&server->queue.changed);
    lock_release(&server->queue.lock);
    for (size_t i = 0; i < server->worker_count; i++)
        pthread_join(server->workers[i], NULL);
    if (!server->has_reader)
        return;
    uint64_t one = 1;
    ssize_t written = write(server->stop_fd, &one, sizeof(one));
    (void)written; /* an empty eventfd takes it */
    pthread_join(server->reader, NULL);
}

struct model_journal model_server_journal(const struct model_server *server)
{
    size_t limit = server->settings.journal_limit;
    return (struct model_journal){
        .arrivals = server->requests < limit ? (size_t)server->requests : limit,
        .arrival_ns = server->arrival_ns,
        .services = server->queue.taken < limit ? server->queue.taken : limit,
        .service_ns = server->service_ns,
        .wrong_replies = server->wrong_replies,
    };
}

static void free_connection(struct model_connection *connection)
{
    close(connection->fd);
    resp_parser_reset(&connection->parser);
    byte_buffer_free(&connection->input);
    byte_buffer_free(&connection->output);
}

void model_server_free(struct model_server *server)
{
    if (server == NULL)
        return;
    model_server_stop(server);
    for (size_t i = 0; i < server->connection_count; i++)
        free_connection(&server->connections[i]);
    const int fds[] = {server->listen_fd, server->epoll_fd, server->stop_fd};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    condition_destroy(&server->queue.changed);
    lock_destroy(&server->queue.lock);
    byte_buffer_free(&server->held_text);
    free(server->arrival_ns);
    free(server->service_ns);
    free(server);
}

/* SPDX-License-Identifier: MIT */
/*
 * crew-server: composes the server, waits for a signal, takes it apart in reverse.
 *
 * Signals are blocked in every thread and taken by main alone. SIGHUP reads files again that may
 * have changed; during the drain it is ignored. The first SIGTERM or SIGINT begins
 * the drain. A second one ends the process at once, unless it follows so closely that it must be
 * the same order once more: make and other parents pass on a signal that their whole process group
 * was sent.
 */
#include "common/clock.h"
#include "common/log.h"
#include "common/version.h"
#include "server/access/exposure.h"
#include "server/access/hash_password.h"
#include "server/access/privileges.h"
#include "server/calibration.h"
#include "server/commands/commands.h"
#include "server/cpus.h"
#include "server/crash.h"
#include "server/server.h"
#include "server/start_warnings.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    SAME_ORDER_MS = 500, /* a signal that repeats the first within this changes nothing */
    LARGE_BUFFER = 256 * 1024,
    SPARE_FDS = 64 + REFUSAL_LIMIT, /* for listeners, epoll, logs and whatever handlers open */
};

static int fail(const char *action, int error)
{
    log_write(LOG_LEVEL_ERROR, "start_failed", "action=\"%s\" error=\"%s\"", action,
              strerror(error));
    return error;
}

static int fail_worker(const char *action, unsigned index, unsigned count, int error)
{
    char text[64];
    snprintf(text, sizeof(text), "%s %u of %u", action, index + 1, count);
    return fail(text, error);
}

static unsigned count_threads(const struct server *server)
{
    return server->worker_count + server->door_count;
}

/* Raises the descriptor limit to what the connections need, or lowers their number to it. */
static void fit_descriptors(struct settings *settings)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)settings->max_connections + SPARE_FDS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    struct rlimit raised = {wanted, limit.rlim_max > wanted ? limit.rlim_max : wanted};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        return;
    raised = (struct rlimit){limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) != 0)
        raised = limit;
    rlim_t fitting =
        raised.rlim_cur > 2 * SPARE_FDS ? raised.rlim_cur - SPARE_FDS : raised.rlim_cur / 2 + 1;
    log_write(LOG_LEVEL_WARN, "max_connections_lowered", "from=%lld to=%lld open_files_limit=%llu",
              (long long)settings->max_connections, (long long)fitting,
              (unsigned long long)raised.rlim_cur);
    settings->max_connections = (int64_t)fitting;
}

static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL);
    /* Writes to closed sockets return EPIPE; a log on a closed pipe must not kill us either. */
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Starts workers, then the acceptor. What was started keeps running when this fails. */
static int start_threads(struct server *server)
{
    for (unsigned i = 0; i < count_threads(server); i++) {
        int error = worker_start(&server->workers[i]);
        if (error != 0)
            return fail_worker("start worker thread", i, count_threads(server), error);
    }
    int error = acceptor_start(&server->acceptor, server);
    return error == 0 ? 0 : fail("start the acceptor thread", error);
}

/* How many workers the door needs: see server/worker.h. */
static unsigned staff_door(const struct server *server)
{
    unsigned half = (unsigned)usable_cpus() / 2;
    if (!access_needs_password(&server->access) && !encryption_is_offered(&server->encryption))
        return 0;
    return half > LEAST_AT_DOOR ? half : LEAST_AT_DOOR;
}

static int init_workers(struct server *server)
{
    unsigned in_pool = (unsigned)server->settings.workers;
    unsigned wanted = in_pool + staff_door(server);
    server->workers = aligned_alloc(_Alignof(struct worker), wanted * sizeof(struct worker));
    if (server->workers == NULL)
        return fail("allocate workers", ENOMEM);
    for (unsigned i = 0; i < wanted; i++) {
        bool at_door = i >= in_pool;
        int error = worker_init(&server->workers[i], server, at_door ? i - in_pool : i, at_door);
        if (error != 0)
            return fail_worker("allocate worker", i, wanted, error);
        if (at_door)
            server->door_count++;
        else
            server->worker_count++;
    }
    return 0;
}

static uint64_t stopping_since_ns; /* set before the handler below is installed */

static void end_at_once(int signal_number)
{
    if (monotonic_ns() - stopping_since_ns < (uint64_t)SAME_ORDER_MS * NS_PER_MS)
        return;
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

/* From now on a signal interrupts the drain, in whichever thread it arrives. */
static void let_signals_end_it(const sigset_t *signals)
{
    struct sigaction action = {.sa_handler = end_at_once, .sa_flags = SA_RESTART};
    stopping_since_ns = monotonic_ns();
    (void)sigaction(SIGTERM, &action, NULL); /* fails only for a bad argument */
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGHUP, SIG_IGN);
    (void)pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

static void log_start(const struct server *server)
{
    for (size_t i = 0; i < server->listeners.count; i++)
        log_write(LOG_LEVEL_INFO, "listening", "url=%s", server->listeners.items[i].url);
    log_write(LOG_LEVEL_INFO, "ready", "version=%s pid=%ld workers=%u max_connections=%lld",
              CREW_VERSION, (long)getpid(), server->worker_count,
              (long long)server->settings.max_connections);
}

/* Reads files again that may have changed. What cannot be used leaves all as it was. */
static void reload(struct server *server)
{
    char error[PASSWORD_ERROR_SIZE];
    if (!access_reload(&server->access, error))
        log_write(LOG_LEVEL_ERROR, "passwords_reload_failed", "error=\"%s\"", error);
    else if (access_needs_password(&server->access))
        log_write(LOG_LEVEL_INFO, "passwords_reloaded", "file=\"%s\"",
                  server->settings.password_file);
    encryption_reload(&server->encryption, &server->settings);
}

/* Waits for a signal that ends the server. */
static int wait_for_stop(struct server *server, const sigset_t *signals)
{
    for (;;) {
        int signal_number = 0;
        if (sigwait(signals, &signal_number) != 0)
            continue;
        if (signal_number != SIGHUP)
            return signal_number;
        reload(server);
    }
}

/* Serves until a signal; returns the exit status. */
static int serve(struct server *server, const sigset_t *signals)
{
    if (init_workers(server) != 0 || start_threads(server) != 0)
        return EXIT_FAILURE; /* threads that run end with the process */
    log_start(server);

    int signal_number = wait_for_stop(server, signals);
    log_write(LOG_LEVEL_INFO, "stopping", "signal=%s", sigabbrev_np(signal_number));
    let_signals_end_it(signals);
    acceptor_stop(&server->acceptor);
    acceptor_join(&server->acceptor);

    uint32_t left = connection_table_open_count(&server->pool.connections);
    if (left > 0) {
        /* Their handlers have not returned, and a thread cannot be ended from outside. */
        log_write(LOG_LEVEL_ERROR, "drain_timed_out", "connections=%u", left);
        _exit(EXIT_FAILURE);
    }
    for (unsigned i = 0; i < count_threads(server); i++)
        worker_join(&server->workers[i]);
    log_write(LOG_LEVEL_INFO, "stopped", "uptime_s=%llu",
              (unsigned long long)((monotonic_ns() - server->started_ns) / NS_PER_S));
    return EXIT_SUCCESS;
}

static int refuse(const char *option, const char *error)
{
    fprintf(stderr, "crew-server: %s%s\n", option, error);
    return EXIT_USAGE;
}

/* Gives up what is needed no longer once all is bound and read. */
static bool restrict_process(const struct server *server, const struct privileges *privileges)
{
    char error[ENDPOINT_ERROR_SIZE];
    char reason[PRIVILEGES_ERROR_SIZE];
    if (privileges->name[0] != '\0' &&
        !listener_set_give(&server->listeners, privileges->user, privileges->group, error)) {
        (void)refuse("--user: ", error);
        return false;
    }
    bool secret = access_needs_password(&server->access) || server->settings.tls_key != NULL;
    if (privileges_drop(privileges, reason) && (!secret || privileges_hide_memory(reason)))
        return true;
    (void)refuse("", reason);
    return false;
}

/* Binds, reads secrets, and only then becomes somebody else; returns 0 or the exit status. */
static int open_doors(struct server *server)
{
    const struct settings *settings = &server->settings;
    struct privileges privileges;
    char reason[PRIVILEGES_ERROR_SIZE];
    char error[ENDPOINT_ERROR_SIZE];
    char file_error[PASSWORD_ERROR_SIZE];
    char tls_error[TLS_MESSAGE_SIZE];
    if (!privileges_find(&privileges, settings->user, reason))
        return refuse("", reason);
    if (!access_open(&server->access, settings->password_file, file_error))
        return refuse("--password-file: ", file_error);
    if (!listener_set_open(&server->listeners, &settings->listen, (int)settings->backlog, error))
        return refuse("--listen: ", error);
    if (!encryption_open(&server->encryption, settings, &server->listeners, tls_error)) {
        listener_set_close(&server->listeners);
        return refuse("", tls_error);
    }
    if (!exposure_is_allowed(&server->listeners, settings->password_file != NULL,
                             settings->insecure, error)) {
        listener_set_close(&server->listeners);
        return refuse("", error);
    }
    if (restrict_process(server, &privileges))
        return 0;
    listener_set_close(&server->listeners);
    return EXIT_FAILURE;
}

/* Opens what the threads will share; returns 0 or the exit status. */
static int open_server(struct server *server)
{
    char option_error[OPTION_ERROR_SIZE];
    int error = command_table_init(&server->commands, builtin_commands, builtin_command_groups);
    if (error != 0) {
        fail("build the command table", error);
        return EXIT_FAILURE;
    }
    if (!raw_command_init(&server->raw_command, server->settings.raw_command, &server->commands,
                          option_error))
        return refuse("", option_error);
    int status = open_doors(server);
    if (status != 0)
        return status;
    start_warnings_log(&server->settings, &server->listeners);
    error = pool_init(&server->pool, &server->settings);
    if (error != 0) {
        fail("set up the pool", error);
        listener_set_close(&server->listeners);
        return EXIT_FAILURE;
    }
    return 0;
}

static void close_server(struct server *server)
{
    for (unsigned i = 0; i < count_threads(server); i++)
        worker_destroy(&server->workers[i]);
    free(server->workers);
    pool_destroy(&server->pool);
    encryption_close(&server->encryption);
    listener_set_close(&server->listeners);
    access_close(&server->access);
    raw_command_destroy(&server->raw_command);
    command_table_destroy(&server->commands);
}

/* Large buffers go back to the system when they are freed. By default glibc learns from the first
 * one that is freed to keep them, and clients that left would still be felt. */
static void return_large_buffers(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BUFFER); /* failing, memory stays higher: no harm */
}

int main(int argc, char **argv)
{
    static struct server server; /* static: zeroed, and large */
    sigset_t signals;
    int status = settings_parse(&server.settings, argc, argv);
    if (status >= 0)
        return status;
    if (server.settings.hash_password)
        return hash_password();
    crash_install();
    crash_guard_thread(NULL);
    return_large_buffers();
    log_set_level((enum log_level)server.settings.log_level);
    server.started_ns = monotonic_ns();
    statistics_begin_epoch(&server.epoch);
    calibration_set((uint64_t)server.settings.cpu_iterations);
    fit_descriptors(&server.settings);
    block_signals(&signals);
    status = open_server(&server);
    if (status != 0)
        return status;
    status = serve(&server, &signals);
    if (status == EXIT_SUCCESS)
        close_server(&server);
    else
        listener_set_close(&server.listeners); /* so that no socket file stays behind */
    return status;
}

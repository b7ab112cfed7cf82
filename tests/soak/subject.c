/* SPDX-License-Identifier: MIT */
#include "tests/soak/subject.h"

#include "common/endpoint.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 20000, ANSWER_MS = 20000, END_MS = 20000, OPTIONS_MOST = 32 };

static bool launch(struct subject *subject, const char *program, const char *const *extra,
                   const struct secrets *secrets, char *error)
{
    char local[96];
    snprintf(subject->unix_path, sizeof(subject->unix_path), "/tmp/crew-soak-%d", (int)getpid());
    snprintf(local, sizeof(local), "unix://%s", subject->unix_path);
    const char *arguments[OPTIONS_MOST + 1] = {"--listen", "tcp://127.0.0.1:0", "--listen", local,
                                               "--listen", "raw://127.0.0.1:0"};
    size_t at = 6;
    for (size_t i = 0; extra[i] != NULL && at < OPTIONS_MOST - SECRETS_OPTIONS_MOST; i++)
        arguments[at++] = extra[i];
    secrets_options(secrets, arguments + at);
    return server_process_start(&subject->process, program, arguments, error);
}

static bool resolve(const char *url, struct soak_address *address, struct endpoint *endpoint,
                    char *error)
{
    char reason[ENDPOINT_ERROR_SIZE] = "";
    struct addrinfo *found = NULL;
    if (!endpoint_parse(url, endpoint, reason)) {
        snprintf(error, BENCH_ERROR_SIZE, "%s", reason);
        return false;
    }
    if (endpoint->scheme == ENDPOINT_UNIX) {
        address->socket.local = endpoint_unix_address(endpoint);
        address->size = sizeof(address->socket.local);
        return true;
    }
    found = endpoint_resolve(endpoint, false, reason);
    if (found == NULL) {
        snprintf(error, BENCH_ERROR_SIZE, "%s", reason);
        return false;
    }
    memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
    address->size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

/* As itself: it has to log in like anybody. */
static bool open_control(struct subject *subject, const struct endpoint *endpoint, bool log_in,
                         char *error)
{
    const char *text;
    return bench_control_open(&subject->control, endpoint, ANSWER_MS, error) &&
           (!log_in ||
            bench_control_ask(&subject->control, "AUTH " SECRETS_PASSWORD, &text, error));
}

bool subject_start(struct subject *subject, const char *program, const char *const *extra,
                   const struct secrets *secrets, struct soak_address addresses[LISTENER_COUNT],
                   char error[BENCH_ERROR_SIZE])
{
    *subject = (struct subject){.control = {.fd = -1}};
    if (!launch(subject, program, extra, secrets, error))
        return false;
    struct endpoint endpoint;
    size_t count = secrets->trust != NULL ? LISTENER_COUNT : LISTENER_TLS;
    for (size_t i = count; i-- > 0;) { /* the last one is TCP, for the control */
        char url[ENDPOINT_TEXT_SIZE];
        if (!server_process_url(&subject->process, i, START_MS, url, error) ||
            !resolve(url, &addresses[i], &endpoint, error))
            return false;
    }
    return open_control(subject, &endpoint, secrets_exist(secrets), error);
}

void subject_freeze(struct subject *subject)
{
    server_process_signal(&subject->process, SIGSTOP);
}

void subject_stop(struct subject *subject)
{
    server_process_signal(&subject->process, SIGTERM);
    server_process_signal(&subject->process, SIGCONT);
    bench_control_close(&subject->control);
}

bool subject_ended_well(struct subject *subject, int timeout_ms, char error[BENCH_ERROR_SIZE])
{
    int status = 0;
    if (!server_process_wait_exit(&subject->process, timeout_ms, &status)) {
        server_process_explain(&subject->process, "does not end", error);
        return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    server_process_explain(&subject->process, "ended badly", error);
    return false;
}

void subject_end(struct subject *subject)
{
    bench_control_close(&subject->control);
    (void)server_process_stop(&subject->process, END_MS); /* how it ended was asked before */
    (void)unlink(subject->unix_path);                     /* there only after a kill */
}

static bool ask_info(struct subject *subject, const char **text, char *error)
{
    return bench_control_ask(&subject->control, "INFO", text, error);
}

/* The number behind `mark`, which must stand at the beginning of a line. */
static bool find_number(const char *info, const char *mark, uint64_t *value)
{
    size_t size = strlen(mark);
    for (const char *line = info; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, mark, size) == 0) {
            *value = strtoull(line + size, NULL, 10);
            return true;
        }
    }
    return false;
}

bool subject_count(struct subject *subject, const char *field, uint64_t *value,
                   char error[BENCH_ERROR_SIZE])
{
    const char *info;
    char mark[64];
    snprintf(mark, sizeof(mark), "%s:", field);
    if (!ask_info(subject, &info, error))
        return false;
    if (find_number(info, mark, value))
        return true;
    snprintf(error, BENCH_ERROR_SIZE, "INFO has no field '%s'", field);
    return false;
}

/* A command that was never called has no line. */
bool subject_calls(struct subject *subject, const char *command, uint64_t *calls,
                   char error[BENCH_ERROR_SIZE])
{
    const char *info;
    char mark[64];
    snprintf(mark, sizeof(mark), "cmdstat_%s:calls=", command);
    if (!ask_info(subject, &info, error))
        return false;
    if (!find_number(info, mark, calls))
        *calls = 0;
    return true;
}

static bool count_descriptors(pid_t pid, uint64_t *count)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    *count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        *count += entry->d_name[0] != '.';
    closedir(folder);
    return true;
}

bool subject_read_state(const struct subject *subject, struct subject_state *state,
                        char error[BENCH_ERROR_SIZE])
{
    char path[64];
    char text[8192];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)subject->process.pid);
    FILE *file = fopen(path, "re");
    size_t size = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);
    if (file != NULL)
        fclose(file);
    text[size] = '\0';
    if (count_descriptors(subject->process.pid, &state->descriptors) &&
        find_number(text, "Threads:", &state->threads) &&
        find_number(text, "VmRSS:", &state->resident_kib) &&
        find_number(text, "VmHWM:", &state->peak_kib))
        return true;
    server_process_explain(&subject->process, "tells nothing about its state", error);
    return false;
}

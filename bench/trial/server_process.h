/* SPDX-License-Identifier: MIT */
/*
 * Runs crew-server as a child: starts it, reads its log, finds where it listens, signals it and
 * waits for its end. Nothing the child does can block the caller or the other way round: its
 * output goes to memory (a memfd), so it never waits for a reader.
 *
 * The child stands in a process group of its own, so a Ctrl-C in the terminal reaches only the
 * caller, and it is killed by the kernel when the thread that started it ends. All functions
 * belong to that thread.
 */
#ifndef CREW_BENCH_SERVER_PROCESS_H
#define CREW_BENCH_SERVER_PROCESS_H

#include "bench/base/bench_error.h"
#include "common/byte_buffer.h"
#include "common/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct server_process {
    pid_t pid;  /* also after its end; 0 before the start and after server_process_stop */
    int log_fd; /* memfd with its standard output and standard error */
    int pid_fd; /* readable once the child has ended */
    bool ended;
    int status; /* as waitpid gives it, once `ended` */
};

/*
 * Starts `program` with `arguments`, which end with NULL and leave out the program's name. False
 * after filling `error` when it cannot be executed; then there is nothing to stop.
 */
bool server_process_start(struct server_process *process, const char *program,
                          const char *const *arguments, char error[BENCH_ERROR_SIZE]);

/*
 * Waits for the `index`-th line "... info listening url=URL ..." (from 0) and copies its URL.
 * False after filling `error`, with the end of the log, when the child ended first or the time
 * is up.
 */
bool server_process_url(struct server_process *process, size_t index, int timeout_ms,
                        char url[ENDPOINT_TEXT_SIZE], char error[BENCH_ERROR_SIZE]);

/* Waits until the log holds `text`; false when the time is up, or the child ended without. */
bool server_process_wait_log(struct server_process *process, const char *text, int timeout_ms);

/* Sends a signal; nothing happens once the child has ended. */
void server_process_signal(struct server_process *process, int number);

/* Waits for the end; false when the time is up. *status is as waitpid gives it. */
bool server_process_wait_exit(struct server_process *process, int timeout_ms, int *status);

/*
 * SIGTERM, then SIGKILL if it has not ended within timeout_ms; releases everything. True when
 * it ended by itself with status 0. Harmless when nothing was started or it was stopped before.
 */
bool server_process_stop(struct server_process *process, int timeout_ms);

/* Appends the whole log so far; out of memory shows in the buffer's `failed`. */
void server_process_log(const struct server_process *process, struct byte_buffer *log);

/* Fills `error` with "the server WHAT", how it ended if it did, and the end of its log. */
void server_process_explain(const struct server_process *process, const char *what,
                            char error[BENCH_ERROR_SIZE]);

/* CPU time of all its threads since its start; false once it has ended. */
bool server_process_cpu_ns(const struct server_process *process, uint64_t *cpu_ns);

#endif

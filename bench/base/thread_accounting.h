/* SPDX-License-Identifier: MIT */
/*
 * What the kernel counts for one thread, from /proc/PID/task/TID/schedstat (CPU time, time on a run
 * queue, timeslices) and .../status (name, context switches). Kernel documentation:
 * sched-stats.rst, proc_pid_status(5). A figure that the kernel does not tell is NAN. Any thread.
 *
 * Precision note. CPU time and run-queue delay are counted when a thread is switched, the former
 * also at each timer tick: for a thread that runs at the moment of reading, CPU time may be a tick
 * (1 to 10 ms) behind, and a wait that is not over is not in the delay.
 */
#ifndef CREW_BENCH_THREAD_ACCOUNTING_H
#define CREW_BENCH_THREAD_ACCOUNTING_H

#include "common/byte_buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { THREAD_ACCOUNTING_WORKERS = 1024 }; /* a server has no more: worker-0 to worker-1023 */

/* Counts, exact up to 2^53; as times that is 104 days. */
struct thread_accounting {
    double cpu_ns;
    double run_delay_ns; /* could run, but waited for a CPU */
    double timeslices;   /* times it was given a CPU */
    double voluntary_switches;
    double involuntary_switches;
};

extern const struct thread_accounting thread_accounting_unknown; /* all NAN */

/* A thread of this process. False, with errno and all of `used` NAN, when there is no such thread.
 * CPU time, delay and timeslices are NAN when all three are 0: that kernel does not count. */
bool thread_accounting_read_own(pid_t tid, struct thread_accounting *used);

/*
 * A thread of the process whose /proc/PID/task is `folder`. `worker` is N for a thread named
 * worker-N, else -1; `text` is room to work in, to be freed after the last thread. Returns 0 or an
 * errno value; ENOENT or ESRCH when the thread has ended; `used` is NAN then.
 */
int thread_accounting_read(const char *folder, pid_t tid, struct byte_buffer *text,
                           struct thread_accounting *used, int *worker);

/* ---- pure ---- */

/* "CPU DELAY TIMESLICES\n". False, with those three NAN, for anything else. */
bool thread_accounting_parse_schedstat(const char *text, struct thread_accounting *used);

/* Lines "KEY:\tVALUE\n": the name and both kinds of switches. False unless all three are there; a
 * count that is not is NAN. */
bool thread_accounting_parse_status(const char *text, struct thread_accounting *used, int *worker);

/* Whether CPU time, delay and timeslices are all 0; and making them NAN. */
bool thread_accounting_has_no_times(const struct thread_accounting *used);
void thread_accounting_forget_times(struct thread_accounting *used);

void thread_accounting_add(struct thread_accounting *sum, const struct thread_accounting *more);
void thread_accounting_subtract(struct thread_accounting *from,
                                const struct thread_accounting *less);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What the kernel has counted for the threads of a process, from /proc/PID/task: CPU time, time on
 * a run queue, timeslices, context switches. See the precision note in
 * bench/base/thread_accounting.h.
 *
 * A figure that the kernel does not tell is NAN, and so is every sum with one in it. A kernel that
 * does not count says "0 0 0" for all threads or has no schedstat at all: CPU time, delay and
 * timeslices are NAN then. Of no threads the sums are NAN.
 */
#ifndef CREW_BENCH_KERNEL_ACCOUNTING_H
#define CREW_BENCH_KERNEL_ACCOUNTING_H

#include "bench/base/thread_accounting.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct kernel_thread {
    pid_t tid;
    int worker; /* N of a thread named worker-N; -1 for others */
    struct thread_accounting used;
};

/* A snapshot, or the difference of two. */
struct kernel_accounting {
    struct kernel_thread *threads; /* owned; workers first, by their number, others by tid */
    size_t thread_count;
    size_t worker_count; /* of `threads` */
    struct thread_accounting workers;
    struct thread_accounting all;
    size_t appeared; /* in a difference: threads that only the later snapshot has */
    size_t vanished; /* and only the earlier; what they used in between is in no sum */
};

/* Takes some 20 us per thread. False, with errno, when there is no such process, or no memory; the
 * snapshot is then empty and needs no kernel_accounting_free, which does no harm. Any thread. */
bool kernel_accounting_read(pid_t pid, struct kernel_accounting *accounting);

/* The same from any folder that looks like /proc/PID/task. */
bool kernel_accounting_read_folder(const char *folder, struct kernel_accounting *accounting);

void kernel_accounting_free(struct kernel_accounting *accounting);

/*
 * What each thread of `later` used since `earlier`, matched by tid; a thread that appeared used
 * all that it has. One whose CPU time went back is another thread under the same tid: one that
 * vanished and one that appeared. `difference` is overwritten, and the caller's to free; false
 * when memory ran out. It is empty, with all sums NAN, when one of the two is.
 */
bool kernel_accounting_difference(const struct kernel_accounting *earlier,
                                  const struct kernel_accounting *later,
                                  struct kernel_accounting *difference);

#endif

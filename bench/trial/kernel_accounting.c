/* SPDX-License-Identifier: MIT */
#include "bench/trial/kernel_accounting.h"

#include "common/byte_buffer.h"
#include "common/quantity.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_THREADS = 16 }; /* room for them at first, doubled when it is used up */

/* A process has run, so zeros for all of its threads mean that the kernel does not count. */
static void distrust_zeros(struct kernel_thread *threads, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!thread_accounting_has_no_times(&threads[i].used))
            return;
    }
    for (size_t i = 0; i < count; i++)
        thread_accounting_forget_times(&threads[i].used);
}

/* Of no threads nothing is known. */
static struct thread_accounting sum_up(const struct kernel_thread *threads, size_t count)
{
    struct thread_accounting sum = {0};
    for (size_t i = 0; i < count; i++)
        thread_accounting_add(&sum, &threads[i].used);
    return count > 0 ? sum : thread_accounting_unknown;
}

static int compare_threads(const void *left, const void *right)
{
    const struct kernel_thread *a = left;
    const struct kernel_thread *b = right;
    int of_a = a->worker >= 0 ? a->worker : INT_MAX;
    int of_b = b->worker >= 0 ? b->worker : INT_MAX;
    if (of_a != of_b)
        return of_a < of_b ? -1 : 1;
    return (a->tid > b->tid) - (a->tid < b->tid);
}

/* Sums of threads that are in order. */
static void add_sums(struct kernel_accounting *accounting)
{
    size_t workers = 0;
    while (workers < accounting->thread_count && accounting->threads[workers].worker >= 0)
        workers++;
    accounting->worker_count = workers;
    accounting->workers = sum_up(accounting->threads, workers);
    accounting->all = sum_up(accounting->threads, accounting->thread_count);
}

static bool make_room(struct kernel_accounting *accounting, size_t *room)
{
    if (accounting->thread_count < *room)
        return true;
    size_t more = *room > 0 ? *room * 2 : FIRST_THREADS;
    struct kernel_thread *threads = realloc(accounting->threads, more * sizeof(*threads));
    if (threads == NULL)
        return false;
    accounting->threads = threads;
    *room = more;
    return true;
}

/* The next thread's id; false at the end, with errno 0, and on failure. */
static bool next_thread(DIR *listing, pid_t *tid)
{
    struct dirent *entry = NULL;
    errno = 0;
    while ((entry = readdir(listing)) != NULL) {
        int64_t number = 0; /* stays when it is "." or ".." */
        if (quantity_parse_integer(entry->d_name, &number) && number > 0 && number <= INT_MAX) {
            *tid = (pid_t)number;
            return true;
        }
    }
    return false;
}

/* Returns 0 or an errno value. A thread that ends meanwhile is left out. */
static int read_threads(DIR *listing, const char *folder, struct kernel_accounting *accounting)
{
    struct byte_buffer text = {0};
    struct kernel_thread next = {0};
    size_t room = 0;
    int error = 0;
    while (error == 0 && next_thread(listing, &next.tid)) {
        error = make_room(accounting, &room)
                    ? thread_accounting_read(folder, next.tid, &text, &next.used, &next.worker)
                    : ENOMEM;
        if (error == 0)
            accounting->threads[accounting->thread_count++] = next;
        if (error == ENOENT || error == ESRCH)
            error = 0;
    }
    if (error == 0)
        error = errno; /* next_thread's */
    byte_buffer_free(&text);
    return error;
}

bool kernel_accounting_read_folder(const char *folder, struct kernel_accounting *accounting)
{
    *accounting = (struct kernel_accounting){.workers = thread_accounting_unknown,
                                             .all = thread_accounting_unknown};
    DIR *listing = opendir(folder);
    if (listing == NULL)
        return false;
    int error = read_threads(listing, folder, accounting);
    closedir(listing);
    if (error == 0 && accounting->thread_count == 0)
        error = ESRCH;
    if (error != 0) {
        kernel_accounting_free(accounting);
        errno = error;
        return false;
    }
    qsort(accounting->threads, accounting->thread_count, sizeof(*accounting->threads),
          compare_threads);
    distrust_zeros(accounting->threads, accounting->thread_count);
    add_sums(accounting);
    return true;
}

bool kernel_accounting_read(pid_t pid, struct kernel_accounting *accounting)
{
    char folder[64];
    snprintf(folder, sizeof(folder), "/proc/%d/task", (int)pid);
    return kernel_accounting_read_folder(folder, accounting);
}

void kernel_accounting_free(struct kernel_accounting *accounting)
{
    free(accounting->threads);
    *accounting = (struct kernel_accounting){.workers = thread_accounting_unknown,
                                             .all = thread_accounting_unknown};
}

/* ---- differences ---- */

/* The same thread in the earlier snapshot, most likely at the same place; NULL if it is not. */
static const struct kernel_thread *find_earlier(const struct kernel_accounting *earlier,
                                                const struct kernel_thread *thread, size_t place)
{
    const struct kernel_thread *found = NULL;
    if (place < earlier->thread_count && earlier->threads[place].tid == thread->tid)
        found = &earlier->threads[place];
    for (size_t i = 0; i < earlier->thread_count && found == NULL; i++) {
        if (earlier->threads[i].tid == thread->tid)
            found = &earlier->threads[i];
    }
    return found != NULL && thread->used.cpu_ns < found->used.cpu_ns ? NULL : found;
}

bool kernel_accounting_difference(const struct kernel_accounting *earlier,
                                  const struct kernel_accounting *later,
                                  struct kernel_accounting *difference)
{
    *difference = (struct kernel_accounting){.workers = thread_accounting_unknown,
                                             .all = thread_accounting_unknown};
    if (earlier->thread_count == 0 || later->thread_count == 0)
        return true;
    difference->threads = calloc(later->thread_count, sizeof(*difference->threads));
    if (difference->threads == NULL)
        return false;
    difference->thread_count = later->thread_count;
    for (size_t i = 0; i < later->thread_count; i++) {
        const struct kernel_thread *before = find_earlier(earlier, &later->threads[i], i);
        difference->threads[i] = later->threads[i];
        if (before != NULL)
            thread_accounting_subtract(&difference->threads[i].used, &before->used);
        else
            difference->appeared++;
    }
    difference->vanished = earlier->thread_count - (later->thread_count - difference->appeared);
    add_sums(difference);
    return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * How many entries per second go through the ready queue, and through a plain one, under the same
 * load: each of N threads takes an entry and gives it back, over and over. There are two entries
 * per thread, so neither queue ever runs empty, nobody sleeps for want of one, and what is measured
 * is the lock and what is done under it. No work is done between, so the lock is as contended as
 * N threads can make it; a server's is less.
 *
 * Entries come back by ready_queue_push, which sees whether somebody must be woken, as the plain
 * queue's does. A worker that is told to glance finds no events. Nobody waits for events, so what
 * a push says about interrupting has no addressee.
 *
 * The queues take turns within a round, and which is first changes from round to round, so that a
 * machine that gets slower or faster meanwhile treats both alike.
 */
#include "bench/commands/worker_list.h"
#include "bench/statistics/sample.h"
#include "common/clock.h"
#include "common/option.h"
#include "tests/speed/plain_queue.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROUNDS = 1000, ENTRIES_PER_THREAD = 2 };
enum contestant { READY_QUEUE, PLAIN_QUEUE, CONTESTANTS };

struct settings {
    const char *threads;
    int64_t duration_ns;
    int64_t rounds;
};

#define FIELD(name) offsetof(struct settings, name)

static const struct option options[] = {
    {"threads", 't', OPTION_TEXT, FIELD(threads), 0, 0, NULL, "1,2,4,8,16", "list",
     "How many threads take and give back; up to 32 counts."},
    {"seconds", 's', OPTION_DURATION, FIELD(duration_ns), NS_PER_MS, INT64_C(60) * NS_PER_S, NULL,
     "0.2", "time", "How long each queue runs at each count in each round."},
    {"rounds", 'r', OPTION_INTEGER, FIELD(rounds), 1, MOST_ROUNDS, NULL, "5", "number",
     "The result is the median of so many."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "ready-queue-speed",
    .synopsis = "[options]",
    .description = "Compares the server's ready queue with a ring under a mutex and a condition\n"
                   "variable: operations per second, one being an entry taken and given back.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples = "  ready-queue-speed --threads 1,2 --seconds 0.5 --rounds 9\n",
};

/* One at a time. */
static struct ready_queue ready;
static struct plain_queue plain;
static pthread_barrier_t start;
static _Atomic bool stopping;

struct runner {
    _Alignas(64) pthread_t thread; /* on a cache line of its own */
    uint64_t operations;           /* these three are written when the thread ends */
    uint64_t began_ns;
    uint64_t ended_ns;
};

static void *run_ready(void *argument)
{
    struct runner *runner = argument;
    uint64_t operations = 0;
    (void)pthread_barrier_wait(&start);
    runner->began_ns = monotonic_ns();
    while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
        struct ready_taken entry;
        enum ready_result result = ready_queue_take(&ready, &entry);
        if (result == READY_ENTRY) {
            (void)ready_queue_push(&ready, &(struct ready_entry){entry.slot, entry.queued_ns}, 1);
            operations++;
        } else {
            ready_queue_end_poll(&ready, NULL, 0);
        }
    }
    runner->ended_ns = monotonic_ns();
    runner->operations = operations;
    return NULL;
}

static void *run_plain(void *argument)
{
    struct runner *runner = argument;
    uint64_t operations = 0;
    (void)pthread_barrier_wait(&start);
    runner->began_ns = monotonic_ns();
    while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
        struct ready_entry entry = plain_queue_take(&plain);
        plain_queue_push(&plain, &entry);
        operations++;
    }
    runner->ended_ns = monotonic_ns();
    runner->operations = operations;
    return NULL;
}

static void require(int error, const char *what)
{
    if (error == 0)
        return;
    fprintf(stderr, "ready-queue-speed: cannot %s: %s\n", what, strerror(error));
    exit(1);
}

static void fill_ready(unsigned threads)
{
    require(ready_queue_init(&ready, (size_t)ENTRIES_PER_THREAD * threads, threads),
            "make a queue");
    for (uint32_t slot = 0; slot < ENTRIES_PER_THREAD * threads; slot++)
        ready_queue_return(&ready, &(struct ready_entry){slot, monotonic_ns()});
}

static void fill_plain(unsigned threads)
{
    require(plain_queue_init(&plain, (size_t)ENTRIES_PER_THREAD * threads), "make a queue");
    for (uint32_t slot = 0; slot < ENTRIES_PER_THREAD * threads; slot++)
        plain_queue_push(&plain, &(struct ready_entry){slot, monotonic_ns()});
}

static void sleep_until(uint64_t deadline_ns)
{
    struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / NS_PER_S),
                                .tv_nsec = (long)(deadline_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
    }
}

/* Operations per second of all threads together, from when the first began until the last ended:
 * this thread, having no processor left to itself, would be late to read the clock. */
static double rate_of(const struct runner *runners, unsigned threads)
{
    uint64_t operations = 0;
    uint64_t began_ns = UINT64_MAX;
    uint64_t ended_ns = 0;
    for (unsigned i = 0; i < threads; i++) {
        operations += runners[i].operations;
        began_ns = runners[i].began_ns < began_ns ? runners[i].began_ns : began_ns;
        ended_ns = runners[i].ended_ns > ended_ns ? runners[i].ended_ns : ended_ns;
    }
    return (double)operations * NS_PER_S / (double)(ended_ns - began_ns);
}

/* Thread i has the i-th processor that this process may use, and the next after the last is the
 * first: left to the scheduler, two threads may share a processor and never meet at the lock. */
static void place(pthread_t thread, unsigned i)
{
    cpu_set_t allowed;
    cpu_set_t one;
    require(sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? 0 : errno, "read the affinity");
    unsigned skipped = i % (unsigned)CPU_COUNT(&allowed);
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &allowed) || skipped-- > 0)
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    require(pthread_setaffinity_np(thread, sizeof(one), &one), "place a thread");
}

static double run_threads(void *(*run)(void *), unsigned threads, uint64_t duration_ns)
{
    static struct runner runners[WORKER_LIST_LARGEST];
    require(pthread_barrier_init(&start, NULL, threads + 1), "make a barrier");
    atomic_store_explicit(&stopping, false, memory_order_relaxed);
    for (unsigned i = 0; i < threads; i++) {
        require(pthread_create(&runners[i].thread, NULL, run, &runners[i]), "start a thread");
        place(runners[i].thread, i);
    }
    (void)pthread_barrier_wait(&start);
    sleep_until(monotonic_ns() + duration_ns);
    /* Relaxed: nothing but the flag is told, and joining orders the counts. */
    atomic_store_explicit(&stopping, true, memory_order_relaxed);
    for (unsigned i = 0; i < threads; i++)
        require(pthread_join(runners[i].thread, NULL), "join a thread");
    require(pthread_barrier_destroy(&start), "remove a barrier");
    return rate_of(runners, threads);
}

static double measure(enum contestant contestant, unsigned threads, uint64_t duration_ns)
{
    double rate;
    if (contestant == READY_QUEUE) {
        fill_ready(threads);
        rate = run_threads(run_ready, threads, duration_ns);
        ready_queue_destroy(&ready);
    } else {
        fill_plain(threads);
        rate = run_threads(run_plain, threads, duration_ns);
        plain_queue_destroy(&plain);
    }
    return rate;
}

/* rates[count][contestant][round] */
typedef double rate_table[RESULTS_COUNT_LIMIT][CONTESTANTS][MOST_ROUNDS];

static void run_rounds(const struct settings *settings, const unsigned *threads, size_t count,
                       rate_table rates)
{
    for (int64_t round = 0; round < settings->rounds; round++)
        for (size_t i = 0; i < count; i++)
            for (unsigned turn = 0; turn < CONTESTANTS; turn++) {
                enum contestant contestant = (turn + (unsigned)round) % CONTESTANTS;
                rates[i][contestant][round] =
                    measure(contestant, threads[i], (uint64_t)settings->duration_ns);
            }
}

int main(int argc, char **argv)
{
    static rate_table rates;
    struct settings settings = {0};
    unsigned threads[RESULTS_COUNT_LIMIT];
    size_t count;
    options_set_defaults(&table, &settings);
    int status = options_handle(&table, &settings, argc, argv);
    if (status >= 0)
        return status;
    if (!worker_list_parse(settings.threads, threads, &count)) {
        char error[OPTION_ERROR_SIZE];
        snprintf(error, sizeof(error), "--threads: '%.60s' is no list; " WORKER_LIST_RULE,
                 settings.threads);
        return options_exit_status(&table, OPTIONS_BAD, error);
    }
    run_rounds(&settings, threads, count, rates);
    for (size_t i = 0; i < count; i++)
        printf("threads %u ready_queue %.0f plain %.0f\n", threads[i],
               sample_median(rates[i][READY_QUEUE], (size_t)settings.rounds),
               sample_median(rates[i][PLAIN_QUEUE], (size_t)settings.rounds));
    return fflush(stdout) == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
#include "bench/trial/kernel_accounting.h"
#include "tests/unit/suites.h"
#include "tests/unit/task_folder.h"
#include "tests/unit/threads.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* ---- snapshots of what a folder holds ---- */

static void read_samples(const struct task_sample *threads, int count,
                         struct kernel_accounting *accounting)
{
    for (int i = 0; i < count; i++)
        task_folder_add(&threads[i]);
    ck_assert(kernel_accounting_read_folder(task_folder, accounting));
    for (int i = 0; i < count; i++)
        task_folder_drop(threads[i].tid);
}

static const struct task_sample server[] = {
    {100, "crew-server", "1000 10 1\n", 1},  {101, "worker-1", "2000 20 2\n", 2},
    {102, "acceptor", "4000 40 4\n", 4},     {103, "worker-10", "8000 80 8\n", 8},
    {104, "worker-0", "16000 160 16\n", 16}, {99, "worker (2)", "32000 320 32\n", 32},
    {98, NULL, "64000 640 64\n", 64},
};

START_TEST(workers_come_first_and_in_order)
{
    static const int tids[] = {104, 101, 103, 99, 100, 102};
    static const int workers[] = {0, 1, 10, -1, -1, -1};
    static const double factors[] = {16, 2, 8, 32, 1, 4};
    struct kernel_accounting seen;
    read_samples(server, COUNT(server), &seen);
    ck_assert_uint_eq(seen.thread_count, 6); /* the one that has ended is left out */
    ck_assert_uint_eq(seen.worker_count, 3);
    for (int i = 0; i < COUNT(tids); i++) {
        const struct kernel_thread *thread = &seen.threads[i];
        ck_assert_int_eq(thread->tid, tids[i]);
        ck_assert_int_eq(thread->worker, workers[i]);
        ck_assert_double_eq(thread->used.cpu_ns, factors[i] * 1000);
        ck_assert_double_eq(thread->used.run_delay_ns, factors[i] * 10);
        ck_assert_double_eq(thread->used.timeslices, factors[i]);
        ck_assert_double_eq(thread->used.voluntary_switches, factors[i]);
        ck_assert_double_eq(thread->used.involuntary_switches, factors[i] * 2);
    }
    ck_assert_double_eq(seen.workers.cpu_ns, 26000);
    ck_assert_double_eq(seen.workers.involuntary_switches, 52);
    ck_assert_double_eq(seen.all.cpu_ns, 63000);
    ck_assert_double_eq(seen.all.run_delay_ns, 630);
    ck_assert_uint_eq(seen.appeared, 0);
    ck_assert_uint_eq(seen.vanished, 0);
    kernel_accounting_free(&seen);
    ck_assert_ptr_null(seen.threads);
    ck_assert_double_nan(seen.all.cpu_ns);
    kernel_accounting_free(&seen);
}
END_TEST

START_TEST(nothing_stays_open)
{
    struct kernel_accounting seen;
    int before = dup(STDERR_FILENO);
    ck_assert_int_ge(before, 0);
    close(before);
    read_samples(server, COUNT(server), &seen);
    int after = dup(STDERR_FILENO);
    ck_assert_int_eq(after, before);
    close(after);
    kernel_accounting_free(&seen);
}
END_TEST

START_TEST(as_many_threads_as_a_server_may_have)
{
    enum { THREADS = 1026 };
    struct kernel_accounting seen;
    for (int i = 0; i < THREADS; i++) {
        char name[32];
        snprintf(name, sizeof(name), "worker-%d", THREADS - 1 - i);
        struct task_sample thread = {2000 + i, name, "7 3 1\n", 1};
        task_folder_add(&thread);
    }
    ck_assert(kernel_accounting_read_folder(task_folder, &seen));
    ck_assert_uint_eq(seen.thread_count, THREADS);
    ck_assert_uint_eq(seen.worker_count, 1024);
    ck_assert_double_eq(seen.workers.cpu_ns, 7 * 1024);
    ck_assert_double_eq(seen.all.run_delay_ns, 3 * THREADS);
    for (int i = 0; i < 1024; i++)
        ck_assert_int_eq(seen.threads[i].worker, i);
    kernel_accounting_free(&seen);
}
END_TEST

static const struct {
    const char *schedstats[3]; /* of worker-0, worker-1 and another thread */
    double worker_0_cpu_ns;
    double workers_cpu_ns;
    double all_run_delay_ns;
} kernels[] = {
    {{"5 6 7\n", "8 9 10\n", "11 12 13\n"}, 5, 13, 27},
    {{"0 0 0\n", "0 0 0\n", "11 12 13\n"}, 0, 0, 12}, /* workers that have not run yet */
    {{"0 0 0\n", "0 0 0\n", "0 0 1\n"}, 0, 0, 0},
    {{"0 0 0\n", "0 1 0\n", "0 0 0\n"}, 0, 0, 1},
    {{"0 0 0\n", "0 0 0\n", "0 0 0\n"}, NAN, NAN, NAN}, /* the kernel does not count */
    {{NULL, NULL, NULL}, NAN, NAN, NAN},
    {{"5 6 7\n", "8 9 10\n", NULL}, 5, 13, NAN},
    {{"5 6 7\n", "8 9\n", "11 12 13\n"}, 5, NAN, NAN},
};

static void check_number(double seen, double expected)
{
    if (isnan(expected))
        ck_assert_double_nan(seen);
    else
        ck_assert_double_eq(seen, expected);
}

START_TEST(kernels_that_do_not_tell)
{
    const struct task_sample threads[] = {
        {11, "worker-0", kernels[_i].schedstats[0], 1},
        {12, "worker-1", kernels[_i].schedstats[1], 1},
        {10, "crew-server", kernels[_i].schedstats[2], 1},
    };
    struct kernel_accounting seen;
    read_samples(threads, COUNT(threads), &seen);
    check_number(seen.threads[0].used.cpu_ns, kernels[_i].worker_0_cpu_ns);
    check_number(seen.workers.cpu_ns, kernels[_i].workers_cpu_ns);
    check_number(seen.all.run_delay_ns, kernels[_i].all_run_delay_ns);
    ck_assert_double_eq(seen.all.voluntary_switches, 3);
    ck_assert_double_eq(seen.workers.involuntary_switches, 4);
    kernel_accounting_free(&seen);
}
END_TEST

START_TEST(nothing_to_read)
{
    struct kernel_accounting seen;
    ck_assert(!kernel_accounting_read_folder(task_folder, &seen)); /* no thread in it */
    ck_assert_int_eq(errno, ESRCH);
    ck_assert_ptr_null(seen.threads);
    ck_assert_double_nan(seen.all.cpu_ns);
    task_folder_add(&(struct task_sample){98, NULL, "1 2 3\n", 0}); /* one, which has ended */
    ck_assert(!kernel_accounting_read_folder(task_folder, &seen));
    ck_assert_uint_eq(seen.thread_count, 0);
    task_folder_add(&(struct task_sample){97, "x", NULL, 0});
    char path[100];
    snprintf(path, sizeof(path), "%s/97/schedstat", task_folder);
    ck_assert_int_eq(mkdir(path, 0700), 0); /* neither readable nor missing */
    ck_assert(!kernel_accounting_read_folder(task_folder, &seen));
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_ptr_null(seen.threads);
    ck_assert(!kernel_accounting_read_folder("/nonexistent", &seen));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_double_nan(seen.workers.voluntary_switches);
    kernel_accounting_free(&seen);
}
END_TEST

/* ---- differences ---- */

static const struct task_sample later_server[] = {
    {100, "crew-server", "1500 15 2\n", 3},  {101, "worker-1", "7000 27 3\n", 2},
    {103, "worker-10", "10 1 1\n", 1},       /* another one: its CPU time went back */
    {104, "worker-0", "16000 160 16\n", 16}, /* did nothing */
    {105, "worker-3", "300 30 3\n", 3},      /* is new */
};

START_TEST(difference_of_two)
{
    static const int tids[] = {104, 101, 105, 103, 100};
    static const double cpu_ns[] = {0, 5000, 300, 10, 500};
    static const double run_delay_ns[] = {0, 7, 30, 1, 5};
    static const double timeslices[] = {0, 1, 3, 1, 1};
    static const double voluntary[] = {0, 0, 3, 1, 2};
    struct kernel_accounting earlier;
    struct kernel_accounting later;
    struct kernel_accounting used;
    read_samples(server, COUNT(server), &earlier);
    read_samples(later_server, COUNT(later_server), &later);
    ck_assert(kernel_accounting_difference(&earlier, &later, &used));
    ck_assert_uint_eq(used.thread_count, COUNT(tids));
    ck_assert_uint_eq(used.worker_count, 4);
    for (int i = 0; i < COUNT(tids); i++) {
        ck_assert_int_eq(used.threads[i].tid, tids[i]);
        ck_assert_double_eq(used.threads[i].used.cpu_ns, cpu_ns[i]);
        ck_assert_double_eq(used.threads[i].used.run_delay_ns, run_delay_ns[i]);
        ck_assert_double_eq(used.threads[i].used.timeslices, timeslices[i]);
        ck_assert_double_eq(used.threads[i].used.voluntary_switches, voluntary[i]);
        ck_assert_double_eq(used.threads[i].used.involuntary_switches, 2 * voluntary[i]);
    }
    ck_assert_double_eq(used.workers.cpu_ns, 5310);
    ck_assert_double_eq(used.all.cpu_ns, 5810);
    ck_assert_double_eq(used.all.involuntary_switches, 12);
    ck_assert_uint_eq(used.appeared, 2);
    ck_assert_uint_eq(used.vanished, 3); /* 99, 102 and the old 103 */
    ck_assert_int_eq(used.threads[2].worker, 3);
    kernel_accounting_free(&used);

    ck_assert(kernel_accounting_difference(&later, &later, &used));
    ck_assert_double_eq(used.all.cpu_ns, 0);
    ck_assert_uint_eq(used.appeared + used.vanished, 0);
    kernel_accounting_free(&used);
    kernel_accounting_free(&later);
    kernel_accounting_free(&earlier);
}
END_TEST

/* A thread that took its name only after the first look stands at another place. */
START_TEST(difference_finds_threads_that_moved)
{
    static const struct task_sample before[] = {{21, "a", "1 1 1\n", 1}, {22, "b", "10 1 1\n", 1}};
    static const struct task_sample after[] = {{21, "a", "3 1 1\n", 1},
                                               {22, "worker-0", "40 1 1\n", 1}};
    struct kernel_accounting earlier;
    struct kernel_accounting later;
    struct kernel_accounting used;
    read_samples(before, COUNT(before), &earlier);
    read_samples(after, COUNT(after), &later);
    ck_assert(kernel_accounting_difference(&earlier, &later, &used));
    ck_assert_double_eq(used.workers.cpu_ns, 30);
    ck_assert_double_eq(used.all.cpu_ns, 32);
    ck_assert_uint_eq(used.appeared + used.vanished, 0);
    kernel_accounting_free(&used);
    kernel_accounting_free(&later);
    kernel_accounting_free(&earlier);
}
END_TEST

START_TEST(difference_with_nothing)
{
    struct kernel_accounting nothing;
    struct kernel_accounting some;
    struct kernel_accounting used;
    ck_assert(!kernel_accounting_read_folder("/nonexistent", &nothing));
    read_samples(server, COUNT(server), &some);
    const struct kernel_accounting *pairs[][2] = {{&nothing, &some}, {&some, &nothing}};
    for (int i = 0; i < COUNT(pairs); i++) {
        ck_assert(kernel_accounting_difference(pairs[i][0], pairs[i][1], &used));
        ck_assert_uint_eq(used.thread_count, 0);
        ck_assert_double_nan(used.all.cpu_ns);
        ck_assert_double_nan(used.workers.voluntary_switches);
        kernel_accounting_free(&used);
    }
    kernel_accounting_free(&some);
}
END_TEST

/* ---- real processes ---- */

static atomic_bool stop;

static void *burn_as_worker_0(void *unused)
{
    (void)pthread_setname_np(pthread_self(), "worker-0"); /* the test sees it */
    while (!atomic_load(&stop)) {
    }
    return unused;
}

static void *nap_as_worker_1(void *unused)
{
    static const struct timespec nap = {.tv_nsec = NS_PER_MS};
    (void)pthread_setname_np(pthread_self(), "worker-1"); /* the test sees it */
    while (!atomic_load(&stop))
        nanosleep(&nap, NULL);
    return unused;
}

static void *idle_as_another(void *unused)
{
    static const struct timespec nap = {.tv_nsec = NS_PER_MS};
    (void)pthread_setname_np(pthread_self(), "worker-2) (x y");
    while (!atomic_load(&stop))
        nanosleep(&nap, NULL);
    return unused;
}

static size_t count_workers(void)
{
    struct kernel_accounting seen;
    ck_assert(kernel_accounting_read(getpid(), &seen));
    size_t count = seen.worker_count;
    kernel_accounting_free(&seen);
    return count;
}

/* Reads this process until the burning worker has used 50 ms, the other has napped 20 times. */
static void read_until_used(const struct kernel_accounting *earlier, struct kernel_accounting *used)
{
    uint64_t give_up_ns = monotonic_ns() + (uint64_t)THREADS_DEADLINE_S * NS_PER_S;
    for (;;) {
        struct kernel_accounting later;
        ck_assert(kernel_accounting_read(getpid(), &later));
        ck_assert(kernel_accounting_difference(earlier, &later, used));
        kernel_accounting_free(&later);
        ck_assert_uint_eq(used->worker_count, 2);
        /* Not less, so that a kernel that does not count passes. */
        if (!(used->threads[0].used.cpu_ns < 50.0 * NS_PER_MS) &&
            used->threads[1].used.voluntary_switches >= 20)
            return;
        ck_assert_msg(monotonic_ns() < give_up_ns, "%g ns used, %g naps taken",
                      used->threads[0].used.cpu_ns, used->threads[1].used.voluntary_switches);
        kernel_accounting_free(used);
        sched_yield();
    }
}

START_TEST(this_process)
{
    pthread_t threads[] = {thread_start(burn_as_worker_0, NULL),
                           thread_start(nap_as_worker_1, NULL),
                           thread_start(idle_as_another, NULL)};
    struct kernel_accounting earlier;
    struct kernel_accounting used;
    ck_assert_eventually(count_workers() == 2);
    ck_assert(kernel_accounting_read(getpid(), &earlier));
    uint64_t started_ns = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
    read_until_used(&earlier, &used);
    double process_ns = (double)(clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - started_ns);
    ck_assert_uint_ge(used.thread_count, 4); /* sanitizers may have one of their own */
    ck_assert_uint_eq(used.appeared + used.vanished, 0);
    ck_assert_double_ge(used.all.voluntary_switches, used.workers.voluntary_switches);
    if (!isnan(used.all.cpu_ns)) {
        ck_assert_double_lt(used.threads[1].used.cpu_ns, used.threads[0].used.cpu_ns);
        ck_assert_double_ge(used.all.cpu_ns, used.workers.cpu_ns);
        /* A tick for each of at most 5 threads. */
        ck_assert_double_le(used.all.cpu_ns, process_ns + 50.0 * NS_PER_MS);
    }
    kernel_accounting_free(&used);
    kernel_accounting_free(&earlier);
    atomic_store(&stop, true);
    for (int i = 0; i < COUNT(threads); i++)
        thread_join(threads[i]);
    ck_assert_eventually(count_workers() == 0); /* the kernel's side of a thread ends a bit later */
}
END_TEST

START_TEST(a_child)
{
    struct kernel_accounting seen;
    pid_t child = fork();
    if (child == 0) {
        for (;;)
            pause();
    }
    ck_assert_int_gt(child, 0);
    ck_assert(kernel_accounting_read(child, &seen));
    ck_assert_uint_ge(seen.thread_count, 1); /* sanitizers may give it one of their own */
    ck_assert_int_eq(seen.threads[0].tid, child);
    ck_assert_uint_eq(seen.worker_count, 0);
    ck_assert_double_nan(seen.workers.cpu_ns);
    kernel_accounting_free(&seen);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert(!kernel_accounting_read(child, &seen));
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

Suite *kernel_accounting_suite(void)
{
    Suite *suite = suite_create("kernel_accounting");
    TCase *samples = tcase_create("samples");
    tcase_add_checked_fixture(samples, task_folder_make, task_folder_remove);
    tcase_add_test(samples, workers_come_first_and_in_order);
    tcase_add_test(samples, nothing_stays_open);
    tcase_add_test(samples, as_many_threads_as_a_server_may_have);
    tcase_add_loop_test(samples, kernels_that_do_not_tell, 0, COUNT(kernels));
    tcase_add_test(samples, nothing_to_read);
    tcase_add_test(samples, difference_of_two);
    tcase_add_test(samples, difference_finds_threads_that_moved);
    tcase_add_test(samples, difference_with_nothing);
    suite_add_tcase(suite, samples);
    TCase *processes = tcase_create("processes");
    tcase_set_timeout(processes, 120);
    tcase_add_test(processes, this_process);
    tcase_add_test(processes, a_child);
    suite_add_tcase(suite, processes);
    return suite;
}

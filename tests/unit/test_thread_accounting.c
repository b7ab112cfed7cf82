/* SPDX-License-Identifier: MIT */
#include "bench/base/thread_accounting.h"
#include "tests/unit/suites.h"
#include "tests/unit/task_folder.h"
#include "tests/unit/threads.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <unistd.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void check_number(double seen, double expected)
{
    if (isnan(expected))
        ck_assert_double_nan(seen);
    else
        ck_assert_double_eq(seen, expected);
}

static const struct {
    const char *text;
    double cpu_ns; /* NAN: the text is refused */
    double run_delay_ns;
    double timeslices;
} schedstats[] = {
    {"171777472 62732 38\n", 171777472, 62732, 38},
    {"0 0 0\n", 0, 0, 0},
    {"0 0 1\n", 0, 0, 1},
    {"9007199254740993 1 2\n", 9007199254740992.0, 1, 2},
    {"18446744073709551615 18446744073709551615 18446744073709551615\n", 18446744073709551615.0,
     18446744073709551615.0, 18446744073709551615.0},
    {"18446744073709551616 1 1\n", NAN, NAN, NAN},
    {"1 18446744073709551620 1\n", NAN, NAN, NAN},
    {"1 1 99999999999999999999999999999999999999999999999999\n", NAN, NAN, NAN},
    {"", NAN, NAN, NAN},
    {"\n", NAN, NAN, NAN},
    {"1", NAN, NAN, NAN},
    {"1\n", NAN, NAN, NAN},
    {"1 2\n", NAN, NAN, NAN},
    {"1 2 \n", NAN, NAN, NAN},
    {"1 2 3", NAN, NAN, NAN}, /* cut off: it may have been 38 */
    {"1 2 3 4\n", NAN, NAN, NAN},
    {"1 2 3\n4\n", NAN, NAN, NAN},
    {"1  2 3\n", NAN, NAN, NAN},
    {" 1 2 3\n", NAN, NAN, NAN},
    {"1,2 3\n", NAN, NAN, NAN},
    {"1 2\t3\n", NAN, NAN, NAN},
    {"1 2 3 ", NAN, NAN, NAN},
    {"-1 2 3\n", NAN, NAN, NAN},
    {"1 +2 3\n", NAN, NAN, NAN},
    {"1.5 2 3\n", NAN, NAN, NAN},
    {"0x1 2 3\n", NAN, NAN, NAN},
    {"a b c\n", NAN, NAN, NAN},
};

START_TEST(schedstat)
{
    struct thread_accounting used = {7, 7, 7, 7, 7};
    bool parsed = thread_accounting_parse_schedstat(schedstats[_i].text, &used);
    ck_assert_int_eq(parsed, !isnan(schedstats[_i].cpu_ns));
    check_number(used.cpu_ns, schedstats[_i].cpu_ns);
    check_number(used.run_delay_ns, schedstats[_i].run_delay_ns);
    check_number(used.timeslices, schedstats[_i].timeslices);
    ck_assert_double_eq(used.voluntary_switches, 7); /* not of this text */
    ck_assert_double_eq(used.involuntary_switches, 7);
}
END_TEST

#define SWITCHES "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n"

static const struct {
    const char *text;
    bool whole;
    int worker;
    double voluntary;
    double involuntary;
} statuses[] = {
    {"Name:\tworker-0\nUmask:\t0022\nState:\tS (sleeping)\nThreads:\t6\n" SWITCHES, true, 0, 12, 3},
    {"Name:\tworker-17\n" SWITCHES, true, 17, 12, 3},
    {"Name:\tworker-1023\n" SWITCHES, true, 1023, 12, 3},
    {"Name:\tworker-1024\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker-4294967297\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker-99999999999999999999\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker-\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker-1 (x)\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker-1)\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker-1x\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker--1\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker- 1\n" SWITCHES, true, -1, 12, 3},
    {"Name:\t(worker-1)\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tmy worker-1\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tWorker-1\n" SWITCHES, true, -1, 12, 3},
    {"Name:\ta (b) c) 4 5\n" SWITCHES, true, -1, 12, 3},
    {"Name:\t\n" SWITCHES, true, -1, 12, 3},
    {"Name:\ta\\nName:\tworker-3\n" SWITCHES, true, -1, 12, 3}, /* as the kernel escapes it */
    {"Name:\tvoluntary_ctxt_switches:\t9\n" SWITCHES, true, -1, 12, 3},
    {"Name:\tworker-2\nvoluntary_ctxt_switches:\t18446744073709551615\n"
     "nonvoluntary_ctxt_switches:\t18446744073709551616\n",
     false, 2, 18446744073709551615.0, NAN},
    {"Name:\tworker-2\nvoluntary_ctxt_switches:\t5\n", false, 2, 5, NAN},
    {"Name:\tworker-2\nnonvoluntary_ctxt_switches:\t5\n", false, 2, NAN, 5},
    {"Name:\tworker-2\nvoluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t5", false, 2, 5,
     NAN},
    {"Name:\tworker-2\nvoluntary_ctxt_switches:\t-5\nnonvoluntary_ctxt_switches:\t\n", false, 2,
     NAN, NAN},
    {"Name:\tworker-2\nvoluntary_ctxt_switches: 5\nnonvoluntary_ctxt_switches:\t6 7\n", false, 2,
     NAN, NAN},
    {SWITCHES, false, -1, 12, 3},
    {"\n\n" SWITCHES "Name:\tworker-5\n", true, 5, 12, 3},
    {"Name:\tworker-2", false, -1, NAN, NAN},
    {"\n", false, -1, NAN, NAN},
    {"", false, -1, NAN, NAN},
};

START_TEST(status)
{
    struct thread_accounting used = {7, 7, 7, 7, 7};
    int worker = 7;
    bool whole = thread_accounting_parse_status(statuses[_i].text, &used, &worker);
    ck_assert_int_eq(whole, statuses[_i].whole);
    ck_assert_int_eq(worker, statuses[_i].worker);
    check_number(used.voluntary_switches, statuses[_i].voluntary);
    check_number(used.involuntary_switches, statuses[_i].involuntary);
    ck_assert_double_eq(used.cpu_ns, 7);
}
END_TEST

START_TEST(sums_and_differences)
{
    struct thread_accounting used = {100, 200, 300, 400, 500};
    const struct thread_accounting more = {1, 2, 3, 4, 5};
    thread_accounting_add(&used, &more);
    ck_assert_double_eq(used.cpu_ns, 101);
    ck_assert_double_eq(used.run_delay_ns, 202);
    ck_assert_double_eq(used.timeslices, 303);
    ck_assert_double_eq(used.voluntary_switches, 404);
    ck_assert_double_eq(used.involuntary_switches, 505);
    thread_accounting_subtract(&used, &more);
    thread_accounting_subtract(&used, &more);
    ck_assert_double_eq(used.cpu_ns, 99);
    ck_assert_double_eq(used.run_delay_ns, 198);
    ck_assert_double_eq(used.timeslices, 297);
    ck_assert_double_eq(used.voluntary_switches, 396);
    ck_assert_double_eq(used.involuntary_switches, 495);
    thread_accounting_add(&used, &thread_accounting_unknown);
    ck_assert_double_nan(used.cpu_ns);
    ck_assert_double_nan(used.involuntary_switches);
}
END_TEST

/* ---- files ---- */

START_TEST(a_thread_that_ended_between_two_files)
{
    struct thread_accounting used = {1, 1, 1, 1, 1};
    struct byte_buffer text = {0};
    int worker = -1;
    task_folder_add(&(struct task_sample){98, NULL, "1 2 3\n", 0});
    ck_assert_int_eq(thread_accounting_read(task_folder, 98, &text, &used, &worker), ENOENT);
    ck_assert_double_nan(used.cpu_ns);
    ck_assert_double_nan(used.voluntary_switches);
    byte_buffer_free(&text);
}
END_TEST

/* ---- threads of this very process ---- */

struct sample_thread {
    _Atomic pid_t tid;
    atomic_bool stop;
    bool sleeps;
};

static void *burn_or_sleep(void *argument)
{
    struct sample_thread *thread = argument;
    static const struct timespec nap = {.tv_nsec = NS_PER_MS};
    atomic_store(&thread->tid, gettid());
    while (!atomic_load(&thread->stop)) {
        if (thread->sleeps)
            nanosleep(&nap, NULL);
    }
    return NULL;
}

static struct thread_accounting read_own(const struct sample_thread *thread)
{
    struct thread_accounting used;
    ck_assert(thread_accounting_read_own(atomic_load(&thread->tid), &used));
    return used;
}

/* This kernel counts, or the thread has not run at all yet. */
static bool kernel_counts(void)
{
    struct thread_accounting used;
    ck_assert(thread_accounting_read_own(gettid(), &used));
    return !isnan(used.cpu_ns);
}

START_TEST(what_burns_and_what_sleeps)
{
    struct sample_thread burner = {.sleeps = false};
    struct sample_thread sleeper = {.sleeps = true};
    pthread_t threads[] = {thread_start(burn_or_sleep, &burner),
                           thread_start(burn_or_sleep, &sleeper)};
    ck_assert_eventually(atomic_load(&burner.tid) != 0 && atomic_load(&sleeper.tid) != 0);
    ck_assert_eventually(read_own(&sleeper).voluntary_switches >= 20);
    if (kernel_counts()) {
        ck_assert_eventually(read_own(&burner).cpu_ns >= 100.0 * NS_PER_MS);
        struct thread_accounting slept = read_own(&sleeper);
        ck_assert_double_lt(slept.cpu_ns, read_own(&burner).cpu_ns);
        ck_assert_double_ge(slept.timeslices, slept.voluntary_switches);
        ck_assert_double_ge(slept.run_delay_ns, 0);
    }
    atomic_store(&burner.stop, true);
    atomic_store(&sleeper.stop, true);
    for (int i = 0; i < COUNT(threads); i++)
        thread_join(threads[i]);
}
END_TEST

/* Against the kernel's other clock for the same thread, which is exact; a tick apart at most. */
START_TEST(cpu_time_is_the_clocks)
{
    if (!kernel_counts())
        return;
    uint64_t until_ns = thread_cpu_ns() + 200 * (uint64_t)NS_PER_MS;
    while (thread_cpu_ns() < until_ns) {
    }
    uint64_t before_ns = thread_cpu_ns();
    struct thread_accounting used;
    ck_assert(thread_accounting_read_own(gettid(), &used));
    ck_assert_double_le(used.cpu_ns, (double)thread_cpu_ns());
    ck_assert_double_ge(used.cpu_ns, (double)before_ns - 50.0 * NS_PER_MS);
}
END_TEST

/* Three that burn on one CPU wait for each other. */
START_TEST(waiting_for_a_cpu_shows)
{
    enum { BURNERS = 3 };
    static struct sample_thread burners[BURNERS];
    pthread_t threads[BURNERS];
    cpu_set_t all;
    cpu_set_t one;
    if (!kernel_counts())
        return;
    ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++) {
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    }
    ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0); /* inherited by the threads */
    for (int i = 0; i < BURNERS; i++)
        threads[i] = thread_start(burn_or_sleep, &burners[i]);
    ck_assert_int_eq(sched_setaffinity(0, sizeof(all), &all), 0);
    for (int i = 0; i < BURNERS; i++) {
        ck_assert_eventually(atomic_load(&burners[i].tid) != 0);
        ck_assert_eventually(read_own(&burners[i]).run_delay_ns >= 20.0 * NS_PER_MS);
        ck_assert_eventually(read_own(&burners[i]).involuntary_switches >= 2);
    }
    for (int i = 0; i < BURNERS; i++) {
        atomic_store(&burners[i].stop, true);
        thread_join(threads[i]);
    }
}
END_TEST

START_TEST(files_are_closed)
{
    struct thread_accounting used;
    int before = dup(STDERR_FILENO);
    ck_assert_int_ge(before, 0);
    close(before);
    ck_assert(thread_accounting_read_own(gettid(), &used));
    int after = dup(STDERR_FILENO);
    ck_assert_int_eq(after, before);
    close(after);
}
END_TEST

START_TEST(no_such_thread)
{
    struct thread_accounting used = {0};
    ck_assert(!thread_accounting_read_own(1, &used)); /* init is no thread of ours */
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_double_nan(used.cpu_ns);
    ck_assert_double_nan(used.involuntary_switches);
    ck_assert(!thread_accounting_read_own(-5, &used));
}
END_TEST

Suite *thread_accounting_suite(void)
{
    Suite *suite = suite_create("thread_accounting");
    TCase *tests = tcase_create("thread_accounting");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, schedstat, 0, COUNT(schedstats));
    tcase_add_loop_test(tests, status, 0, COUNT(statuses));
    tcase_add_test(tests, sums_and_differences);
    tcase_add_test(tests, what_burns_and_what_sleeps);
    tcase_add_test(tests, cpu_time_is_the_clocks);
    tcase_add_test(tests, waiting_for_a_cpu_shows);
    tcase_add_test(tests, files_are_closed);
    tcase_add_test(tests, no_such_thread);
    suite_add_tcase(suite, tests);
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, task_folder_make, task_folder_remove);
    tcase_add_test(files, a_thread_that_ended_between_two_files);
    suite_add_tcase(suite, files);
    return suite;
}

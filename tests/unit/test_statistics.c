/* SPDX-License-Identifier: MIT */
#include "common/clock.h"
#include "server/statistics.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { WORKERS = 3, COMMANDS = 2 };

static struct statistics_epoch epoch;
static struct worker_statistics workers[WORKERS];
static struct worker_statistics sum;

static void set_up(void)
{
    for (int i = 0; i < WORKERS; i++)
        ck_assert_int_eq(worker_statistics_init(&workers[i], COMMANDS), 0);
    ck_assert_int_eq(worker_statistics_init(&sum, COMMANDS), 0);
}

static void tear_down(void)
{
    for (int i = 0; i < WORKERS; i++)
        worker_statistics_destroy(&workers[i]);
    worker_statistics_destroy(&sum);
}

static void sum_up(uint64_t now_ns)
{
    worker_statistics_destroy(&sum);
    sum = (struct worker_statistics){0};
    ck_assert_int_eq(worker_statistics_init(&sum, COMMANDS), 0);
    for (int i = 0; i < WORKERS; i++)
        worker_statistics_sum(&sum, &workers[i], &epoch, now_ns);
}

/* Every figure there is, each another multiple of `amount`. */
static void count_all(struct worker_statistics *statistics, uint64_t amount)
{
    uint64_t factor = 1;
#define X(name) statistics_add(&statistics->name, amount *factor++);
    WORKER_COUNTERS(X)
#undef X
    statistics_add(&statistics->busy_ns, amount * factor++);
    statistics_add(&statistics->lock_wait_ns, amount * factor++);
    for (int i = 0; i < CLOSE_REASON_COUNT; i++)
        statistics_add(&statistics->closed[i], amount * factor++);
    for (int i = 0; i < COMMANDS; i++) {
        struct command_statistics *command = &statistics->commands[i];
        statistics_add(&command->calls, amount * factor++);
        statistics_add(&command->time_ns, amount * factor++);
        statistics_add(&command->failed_calls, amount * factor++);
        statistics_add(&command->rejected_calls, amount * factor++);
    }
    histogram_record(&statistics->queue_wait, amount);
    histogram_record(&statistics->service, 2 * amount);
}

/* As if count_all had been called for amounts that sum up to `amount`. */
static void check_all(const struct worker_statistics *statistics, uint64_t amount)
{
    uint64_t factor = 1;
#define X(name) ck_assert_uint_eq(statistics_load(&statistics->name), amount *factor++);
    WORKER_COUNTERS(X)
#undef X
    ck_assert_uint_eq(statistics_load(&statistics->busy_ns), amount * factor++);
    ck_assert_uint_eq(statistics_load(&statistics->lock_wait_ns), amount * factor++);
    for (int i = 0; i < CLOSE_REASON_COUNT; i++)
        ck_assert_uint_eq(statistics_load(&statistics->closed[i]), amount * factor++);
    for (int i = 0; i < COMMANDS; i++) {
        const struct command_statistics *command = &statistics->commands[i];
        ck_assert_uint_eq(statistics_load(&command->calls), amount * factor++);
        ck_assert_uint_eq(statistics_load(&command->time_ns), amount * factor++);
        ck_assert_uint_eq(statistics_load(&command->failed_calls), amount * factor++);
        ck_assert_uint_eq(statistics_load(&command->rejected_calls), amount * factor++);
    }
    ck_assert_uint_eq(statistics_load(&statistics->queue_wait.sum_ns), amount);
    ck_assert_uint_eq(statistics_load(&statistics->service.sum_ns), 2 * amount);
}

START_TEST(sums_all_workers)
{
    for (unsigned i = 0; i < WORKERS; i++)
        count_all(&workers[i], 100 + i);
    sum_up(0);
    check_all(&sum, 303);
    ck_assert_uint_eq(histogram_count(&sum.queue_wait), WORKERS);
    ck_assert_uint_eq(histogram_max_ns(&sum.service), 204);
}
END_TEST

START_TEST(a_new_epoch_empties)
{
    for (int i = 0; i < WORKERS; i++)
        count_all(&workers[i], 10);
    uint64_t before_ns = monotonic_ns();
    statistics_begin_epoch(&epoch);
    ck_assert_uint_ge(statistics_load(&epoch.started_ns), before_ns);
    ck_assert_uint_le(statistics_load(&epoch.started_ns), monotonic_ns());
    /* Nobody has followed: all are left out. */
    sum_up(0);
    check_all(&sum, 0);
    check_all(&workers[0], 10);
    /* One follows and counts, the others are still left out. */
    worker_statistics_follow(&workers[1], &epoch);
    check_all(&workers[1], 0);
    count_all(&workers[1], 7);
    sum_up(0);
    check_all(&sum, 7);
    /* Following again does no harm. */
    worker_statistics_follow(&workers[1], &epoch);
    check_all(&workers[1], 7);
    worker_statistics_follow(&workers[0], &epoch);
    count_all(&workers[0], 1);
    sum_up(0);
    check_all(&sum, 8);
    statistics_begin_epoch(&epoch);
    sum_up(0);
    check_all(&sum, 0);
}
END_TEST

/* In nanoseconds of an epoch that began at 1000. */
static const struct {
    uint64_t visit_started_ns;
    uint64_t now_ns;
    bool follows; /* the worker has seen the epoch */
    uint64_t busy_ns;
} visits[] = {
    {0, 5000, true, 50},           /* serves nobody */
    {4000, 5000, true, 50 + 1000}, /* since 4000 */
    {4000, 4000, true, 50},
    {4000, 3900, true, 50},   /* the reader's clock was read before the visit began */
    {500, 5000, false, 4000}, /* since before the epoch: only what belongs to it */
    {4000, 5000, false, 1000},
    {0, 5000, false, 0},
};

START_TEST(visits_under_way_are_busy)
{
    atomic_store(&epoch.number, 1);
    atomic_store(&epoch.started_ns, 1000);
    for (int i = 0; i < WORKERS; i++) {
        if (visits[_i].follows)
            worker_statistics_follow(&workers[i], &epoch);
        statistics_add(&workers[i].busy_ns, 50);
        atomic_store(&workers[i].visit_started_ns, visits[_i].visit_started_ns);
    }
    sum_up(visits[_i].now_ns);
    ck_assert_uint_eq(statistics_load(&sum.busy_ns), WORKERS * visits[_i].busy_ns);
}
END_TEST

/* Also one that began before the epoch did: it goes where its request goes. */
START_TEST(waits_for_the_lock_add_up)
{
    worker_statistics_count_lock_wait(&workers[0], &epoch, 5);
    worker_statistics_count_lock_wait(&workers[0], &epoch, 6);
    worker_statistics_count_lock_wait(&workers[2], &epoch, 100);
    sum_up(0);
    ck_assert_uint_eq(statistics_load(&sum.lock_wait_ns), 111);
    statistics_begin_epoch(&epoch);
    worker_statistics_count_lock_wait(&workers[0], &epoch, 7);
    sum_up(0);
    ck_assert_uint_eq(statistics_load(&sum.lock_wait_ns), 7);
}
END_TEST

START_TEST(acceptor_follows)
{
    static struct acceptor_statistics acceptor;
    acceptor_statistics_follow(&acceptor, &epoch);
#define X(name) statistics_add(&acceptor.name, 5);
    ACCEPTOR_COUNTERS(X)
#undef X
    acceptor_statistics_follow(&acceptor, &epoch);
#define X(name) ck_assert_uint_eq(statistics_load(&acceptor.name), 5);
    ACCEPTOR_COUNTERS(X)
#undef X
    statistics_begin_epoch(&epoch);
    acceptor_statistics_follow(&acceptor, &epoch);
#define X(name) ck_assert_uint_eq(statistics_load(&acceptor.name), 0);
    ACCEPTOR_COUNTERS(X)
#undef X
    ck_assert_uint_eq(statistics_load(&acceptor.epoch), statistics_load(&epoch.number));
}
END_TEST

/* ---- workers count while others read and begin epochs ---- */

enum { ROUNDS = 20000, EPOCHS = 50 };

static _Atomic int counting;

static void *count_many(void *worker)
{
    for (int i = 0; i < ROUNDS; i++) {
        worker_statistics_follow(worker, &epoch);
        atomic_store_explicit(&((struct worker_statistics *)worker)->visit_started_ns,
                              monotonic_ns(), memory_order_relaxed);
        count_all(worker, 1);
    }
    atomic_fetch_sub(&counting, 1);
    return NULL;
}

START_TEST(reading_while_workers_count)
{
    pthread_t threads[WORKERS];
    atomic_store(&counting, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        threads[i] = thread_start(count_many, &workers[i]);
    for (int i = 0; atomic_load(&counting) > 0; i++) {
        sum_up(monotonic_ns());
        ck_assert_uint_le(statistics_load(&sum.requests_total), (uint64_t)WORKERS * ROUNDS);
        if (i < EPOCHS)
            statistics_begin_epoch(&epoch);
    }
    for (int i = 0; i < WORKERS; i++)
        thread_join(threads[i]);

    statistics_begin_epoch(&epoch);
    for (int i = 0; i < WORKERS; i++) {
        worker_statistics_follow(&workers[i], &epoch);
        atomic_store(&workers[i].visit_started_ns, 0);
        count_all(&workers[i], 3);
    }
    sum_up(monotonic_ns());
    check_all(&sum, 9);
}
END_TEST

Suite *statistics_suite(void)
{
    Suite *suite = suite_create("statistics");
    TCase *tests = tcase_create("statistics");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, sums_all_workers);
    tcase_add_test(tests, a_new_epoch_empties);
    tcase_add_loop_test(tests, visits_under_way_are_busy, 0,
                        (int)(sizeof(visits) / sizeof(visits[0])));
    tcase_add_test(tests, waits_for_the_lock_add_up);
    tcase_add_test(tests, acceptor_follows);
    tcase_add_test(tests, reading_while_workers_count);
    suite_add_tcase(suite, tests);
    return suite;
}

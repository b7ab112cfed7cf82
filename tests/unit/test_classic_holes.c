/* SPDX-License-Identifier: MIT */
/*
 * Where servers of this kind have been broken before: the number of a closed descriptor is the next
 * connection's while an event for the old one is on its way, and a wake-up is lost between the last
 * look at a queue and the wait. Broken lengths and line ends are in the system suite of this name.
 */
#include "common/clock.h"
#include "server/ready_queue.h"
#include "server/waiter.h"
#include "tests/unit/suites.h"
#include "tests/unit/threads.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- a descriptor's number, used again ---- */

static struct connection_table table;
static struct waiter waiter;
static struct ready_entry found[WAITER_BATCH];
static bool interrupted;

static size_t poll_once(void)
{
    return waiter_poll(&waiter, 0, 0, found, &interrupted);
}

/* A connection with nothing to report, and its client's end. */
static struct connection *connect_client(int *client)
{
    static const union peer_address peer = {.any.sa_family = AF_UNIX};
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct connection *connection =
        connection_table_open(&table, ends[0], (const struct listener *)&table, &peer);
    ck_assert_ptr_nonnull(connection);
    *client = ends[1];
    return connection;
}

/* A new socket is writable, which is an event; after that it is quiet. */
static void watch(struct connection *connection)
{
    ck_assert_int_eq(waiter_add(&waiter, connection), 0);
    connection_begin_visit(connection);
    ck_assert(connection_park(connection, true));
    ck_assert_uint_eq(poll_once(), 1);
    connection_begin_visit(connection);
    ck_assert(connection_park(connection, true));
}

/*
 * A copy of the first tenant's socket keeps it registered after its close: its events go on coming,
 * as one does that was fetched just before. They name the slot that now has another tenant, whose
 * socket has the same number.
 */
START_TEST(closed_descriptor_number_of_the_next_tenant)
{
    int first_client;
    int second_client;
    ck_assert_int_eq(connection_table_init(&table, 1, 0), 0);
    ck_assert_int_eq(waiter_init(&waiter, &table), 0);
    struct connection *first = connect_client(&first_client);
    int number = first->fd;
    watch(first);
    int copy = dup(number);
    ck_assert_int_ge(copy, 0);
    ck_assert(connection_claim(first));
    connection_begin_visit(first);
    connection_table_close(&table, first);

    struct connection *second = connect_client(&second_client);
    ck_assert_ptr_eq(second, first);
    ck_assert_int_eq(second->fd, number);
    watch(second);
    uint64_t word = atomic_load(&second->word);

    ck_assert_int_eq(send(first_client, "x", 1, 0), 1);
    ck_assert_uint_eq(poll_once(), 0);
    close(first_client); /* a hang-up must not stick to it either */
    ck_assert_uint_eq(poll_once(), 0);
    ck_assert_uint_eq(atomic_load(&second->word), word);

    ck_assert_int_eq(send(second_client, "x", 1, 0), 1);
    ck_assert_uint_eq(poll_once(), 1);
    ck_assert_uint_eq(found[0].slot, connection_table_slot(&table, second));
    close(copy);
    close(second_client);
    connection_table_destroy(&table);
    waiter_destroy(&waiter);
}
END_TEST

/* ---- a wake-up between the last look and the wait ---- */

/*
 * Two workers and events that come in pairs. Whoever takes the first of a pair is slow: it asks for
 * the second only then, and waits until the other worker has taken it. So between the moment when
 * the other finds the queue empty and somebody polling, and the moment when it waits, nobody may
 * come back from polling and begin slow work unnoticed: nothing would wake it again.
 */
enum { PAIRS = 30000 / THREADS_HASTE, WORKERS = 2 };

static struct ready_queue queue;
static sem_t news;         /* events and interrupts */
static sem_t second_taken; /* of a pair */
static sem_t all_done;
static _Atomic bool kicked;   /* one of the news is an interrupt */
static _Atomic uint32_t sent; /* events, which count from 0 */

static void obey(enum ready_kick kick)
{
    ck_assert_int_ne(kick, READY_KICK_ACCEPTOR); /* never are both slow */
    if (kick == READY_KICK_POLLER) {
        atomic_store(&kicked, true);
        ck_assert_int_eq(sem_post(&news), 0);
    }
}

static void poll_news(void)
{
    ck_assert_int_eq(sem_wait(&news), 0);
    if (atomic_exchange(&kicked, false)) {
        ready_queue_end_poll(&queue, NULL, 0);
        return;
    }
    struct ready_entry entry = {atomic_fetch_add(&sent, 1), monotonic_ns()};
    ready_queue_end_poll(&queue, &entry, 1);
}

static void wait_for_the_other(void)
{
    struct timespec until;
    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &until), 0);
    until.tv_sec += THREADS_DEADLINE_S;
    int result = sem_timedwait(&second_taken, &until);
    ck_assert_msg(result == 0 || errno == EINTR, "a worker sleeps, and nothing will wake it");
}

static void serve_one_of_a_pair(uint32_t number)
{
    if (number % 2 == 1) {
        ck_assert_int_eq(sem_post(&second_taken), 0);
        return;
    }
    obey(ready_queue_begin_slow(&queue));
    ck_assert_int_eq(sem_post(&news), 0);
    wait_for_the_other();
    ready_queue_end_slow(&queue);
    ck_assert_int_eq(sem_post(number / 2 + 1 < PAIRS ? &news : &all_done), 0);
}

static void *work(void *unused)
{
    for (;;) {
        struct ready_taken entry;
        switch (ready_queue_take(&queue, &entry)) {
        case READY_ENTRY:
            serve_one_of_a_pair(entry.slot);
            break;
        case READY_POLL:
            poll_news();
            break;
        case READY_GLANCE:
            ready_queue_end_poll(&queue, NULL, 0);
            break;
        case READY_CLOSED:
            return unused;
        }
    }
}

START_TEST(wake_up_between_the_last_look_and_the_wait)
{
    pthread_t workers[WORKERS];
    ck_assert_int_eq(ready_queue_init(&queue, WORKERS, WORKERS), 0);
    ck_assert_int_eq(sem_init(&news, 0, 1), 0);
    ck_assert_int_eq(sem_init(&second_taken, 0, 0), 0);
    ck_assert_int_eq(sem_init(&all_done, 0, 0), 0);
    for (int i = 0; i < WORKERS; i++)
        workers[i] = thread_start(work, NULL);
    ck_assert_int_eq(sem_wait(&all_done), 0);
    obey(ready_queue_close(&queue));
    for (int i = 0; i < WORKERS; i++)
        thread_join(workers[i]);
    sem_destroy(&news);
    sem_destroy(&second_taken);
    sem_destroy(&all_done);
    ready_queue_destroy(&queue);
}
END_TEST

Suite *classic_holes_suite(void)
{
    Suite *suite = suite_create("classic_holes");
    TCase *tests = tcase_create("holes");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, closed_descriptor_number_of_the_next_tenant);
    tcase_add_test(tests, wake_up_between_the_last_look_and_the_wait);
    suite_add_tcase(suite, tests);
    return suite;
}

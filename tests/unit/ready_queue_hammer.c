/* SPDX-License-Identifier: MIT */
#include "tests/unit/ready_queue_hammer.h"

#include "server/ready_queue.h"
#include "tests/unit/threads.h"

#include <semaphore.h>
#include <stdatomic.h>

enum {
    MOST_WORKERS = 8,
    ENTRIES = 12000 / THREADS_HASTE, /* of each producer */
    MOST_PRODUCERS = 6,              /* of both kinds together */
    PRODUCER_SHIFT = 24,
    BATCH = 4,
    CAPACITY = 101, /* more than producers hold while they wait for more; wraps often */
};

struct setup {
    unsigned workers;
    unsigned producers;  /* of each kind */
    unsigned slow_every; /* each such entry is slow work; 0 for none */
};

static const struct setup setups[] = {
    {.workers = 1, .producers = 1},
    {.workers = 1, .producers = 2, .slow_every = 2},
    {.workers = 2, .producers = 2, .slow_every = 5},
    {.workers = 4, .producers = 3},
    {.workers = 4, .producers = 2, .slow_every = 3},
    {.workers = MOST_WORKERS, .producers = 2, .slow_every = 50},
};

static const struct setup *setup;
static struct ready_queue queue;
static sem_t free_places;
static _Atomic unsigned taken;
static _Atomic int polling; /* workers that hold the role */

/* What epoll and the acceptor's eventfd are to the server. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t poller_wake;
    pthread_cond_t acceptor_wake;
    struct ready_entry found[CAPACITY];
    size_t count;
    bool interrupted;
    bool acceptor_woken;
    bool stands_in;
    bool ended;
} events = {
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .poller_wake = PTHREAD_COND_INITIALIZER,
    .acceptor_wake = PTHREAD_COND_INITIALIZER,
};

/* Which entries came; each may come once. */
static _Atomic bool seen[MOST_PRODUCERS][ENTRIES];

static void lock_events(void)
{
    ck_assert_int_eq(pthread_mutex_lock(&events.mutex), 0);
}

static void unlock_events(void)
{
    if (events.count > 0 || events.interrupted)
        ck_assert_int_eq(pthread_cond_signal(&events.poller_wake), 0);
    if (events.acceptor_woken || events.stands_in || events.ended)
        ck_assert_int_eq(pthread_cond_signal(&events.acceptor_wake), 0);
    ck_assert_int_eq(pthread_mutex_unlock(&events.mutex), 0);
}

static void obey(enum ready_kick kick)
{
    if (kick == READY_KICK_NONE)
        return;
    lock_events();
    if (kick == READY_KICK_POLLER)
        events.interrupted = true;
    else
        events.acceptor_woken = true;
    unlock_events();
}

static size_t fetch_events(struct ready_entry found[CAPACITY])
{
    size_t count = events.count;
    for (size_t i = 0; i < count; i++)
        found[i] = events.found[i];
    events.count = 0;
    return count;
}

static void poll_events(bool wait)
{
    ck_assert_int_eq(atomic_fetch_add(&polling, 1), 0);
    lock_events();
    while (wait && events.count == 0 && !events.interrupted)
        ck_assert_int_eq(pthread_cond_wait(&events.poller_wake, &events.mutex), 0);
    events.interrupted = false;
    struct ready_entry found[CAPACITY];
    size_t count = fetch_events(found);
    unlock_events();
    ck_assert_int_eq(atomic_fetch_sub(&polling, 1), 1);
    ready_queue_end_poll(&queue, found, count);
}

static void *accept_and_stand_in(void *unused)
{
    lock_events();
    while (!events.ended) {
        if (!events.acceptor_woken && !(events.stands_in && events.count > 0)) {
            ck_assert_int_eq(pthread_cond_wait(&events.acceptor_wake, &events.mutex), 0);
            continue;
        }
        events.acceptor_woken = false;
        events.stands_in = ready_queue_acceptor_polls(&queue);
        struct ready_entry found[CAPACITY];
        size_t count = events.stands_in ? fetch_events(found) : 0;
        unlock_events();
        if (count > 0)
            obey(ready_queue_push(&queue, found, count));
        lock_events();
    }
    unlock_events();
    return unused;
}

static void add_events(const struct ready_entry *entries, size_t count)
{
    lock_events();
    for (size_t i = 0; i < count; i++)
        events.found[events.count++] = entries[i];
    unlock_events();
}

/* Even producers push, odd ones leave events. */
static void *produce(void *number)
{
    unsigned producer = *(const unsigned *)number;
    for (uint32_t sequence = 0; sequence < ENTRIES;) {
        struct ready_entry batch[BATCH];
        size_t count = 0;
        for (; count <= sequence % BATCH && sequence < ENTRIES; count++) {
            ck_assert_int_eq(sem_wait(&free_places), 0);
            batch[count] =
                (struct ready_entry){producer << PRODUCER_SHIFT | sequence++, monotonic_ns()};
        }
        if (producer % 2 == 0)
            obey(ready_queue_push(&queue, batch, count));
        else
            add_events(batch, count);
    }
    return NULL;
}

/* The last that one worker took from each producer who pushes; events have no order. */
struct record {
    bool any[MOST_PRODUCERS];
    uint32_t last[MOST_PRODUCERS];
};

static void note(struct record *record, const struct ready_taken *entry)
{
    unsigned producer = entry->slot >> PRODUCER_SHIFT;
    uint32_t sequence = entry->slot & ((1U << PRODUCER_SHIFT) - 1);
    ck_assert_uint_lt(producer, 2 * setup->producers);
    ck_assert(!atomic_exchange(&seen[producer][sequence], true));
    if (producer % 2 == 0)
        ck_assert(!record->any[producer] || sequence > record->last[producer]);
    record->any[producer] = true;
    record->last[producer] = sequence;
    ck_assert_int_eq(sem_post(&free_places), 0);
    if (setup->slow_every > 0 && sequence % setup->slow_every == 0) {
        obey(ready_queue_begin_slow(&queue));
        sched_yield();
        ready_queue_end_slow(&queue);
    }
    atomic_fetch_add(&taken, 1);
}

static void *work(void *record)
{
    for (;;) {
        struct ready_taken entry;
        switch (ready_queue_take(&queue, &entry)) {
        case READY_ENTRY:
            note(record, &entry);
            break;
        case READY_POLL:
            poll_events(true);
            break;
        case READY_GLANCE:
            poll_events(false);
            break;
        case READY_CLOSED:
            return NULL;
        }
    }
}

static void end(pthread_t acceptor)
{
    obey(ready_queue_close(&queue));
    lock_events();
    events.ended = true;
    unlock_events();
    thread_join(acceptor);
}

START_TEST(hammer)
{
    setup = &setups[_i];
    struct record records[MOST_WORKERS] = {0};
    pthread_t workers[MOST_WORKERS] = {0};
    pthread_t producers[MOST_PRODUCERS] = {0};
    unsigned numbers[MOST_PRODUCERS];
    ck_assert_int_eq(ready_queue_init(&queue, CAPACITY, setup->workers), 0);
    ck_assert_int_eq(sem_init(&free_places, 0, CAPACITY), 0);
    pthread_t acceptor = thread_start(accept_and_stand_in, NULL);
    for (unsigned i = 0; i < setup->workers; i++)
        workers[i] = thread_start(work, &records[i]);
    for (unsigned i = 0; i < 2 * setup->producers; i++) {
        numbers[i] = i;
        producers[i] = thread_start(produce, &numbers[i]);
    }
    for (unsigned i = 0; i < 2 * setup->producers; i++)
        thread_join(producers[i]);
    ck_assert_eventually(atomic_load(&taken) == 2 * setup->producers * ENTRIES);
    end(acceptor);
    for (unsigned i = 0; i < setup->workers; i++)
        thread_join(workers[i]);
    sem_destroy(&free_places);
    ready_queue_destroy(&queue);
}
END_TEST

/* That they are counted is tested with the lock. */
START_TEST(waits_for_the_lock_are_figures)
{
    ck_assert_int_eq(ready_queue_init(&queue, 1, 1), 0);
    queue.lock.waits = 3;
    queue.lock.waited_ns = 5000;
    ck_assert_uint_eq(ready_queue_read(&queue).lock_waits, 3);
    ck_assert_uint_eq(ready_queue_read(&queue).lock_waited_ns, 5000);
    ready_queue_reset_figures(&queue);
    ck_assert_uint_eq(ready_queue_read(&queue).lock_waits, 0);
    ck_assert_uint_eq(ready_queue_read(&queue).lock_waited_ns, 0);
    ready_queue_destroy(&queue);
}
END_TEST

TCase *ready_queue_hammer_tests(void)
{
    TCase *tests = tcase_create("hammer");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, hammer, 0, (int)(sizeof(setups) / sizeof(setups[0])));
    tcase_add_test(tests, waits_for_the_lock_are_figures);
    return tests;
}

/* SPDX-License-Identifier: MIT */
/* Threads of a test, and waiting for what they do: with a deadline, never for a fixed time. */
#ifndef CREW_TESTS_UNIT_THREADS_H
#define CREW_TESTS_UNIT_THREADS_H

#include "common/clock.h"

#include <check.h>
#include <pthread.h>
#include <sched.h>

enum { THREADS_DEADLINE_S = 30 };

/* By how much to divide the turns of threads that only try to get in each other's way. Helgrind
 * lets one thread run at a time, slowly, but sees a race that happened to do no harm. */
#ifdef CREW_HELGRIND
enum { THREADS_HASTE = 20 };
#else
enum { THREADS_HASTE = 1 };
#endif

static inline pthread_t thread_start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, run, argument), 0);
    return thread;
}

static inline void thread_join(pthread_t thread)
{
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

/* Fails the test unless the condition comes true before the deadline. */
#define ck_assert_eventually(condition)                                                            \
    do {                                                                                           \
        uint64_t give_up_ns = monotonic_ns() + (uint64_t)THREADS_DEADLINE_S * NS_PER_S;            \
        while (!(condition)) {                                                                     \
            ck_assert_msg(monotonic_ns() < give_up_ns, "never came true: %s", #condition);         \
            sched_yield();                                                                         \
        }                                                                                          \
    } while (0)

#endif

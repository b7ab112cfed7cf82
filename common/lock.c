/* SPDX-License-Identifier: MIT */
#include "common/lock.h"

#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Thread_local struct lock *lock_innermost;

void lock_call_failed(int error, const char *call)
{
    fprintf(stderr, "crew: %s failed: %s\n", call, strerror(error));
    abort();
}

void lock_order_broken(const struct lock *lock)
{
    fprintf(stderr, "crew: lock order broken: acquiring rank %d while holding rank %d\n",
            (int)lock->rank, (int)lock_innermost->rank);
    abort();
}

void lock_not_held(const struct lock *lock)
{
    fprintf(stderr, "crew: lock of rank %d is not held here as the innermost\n", (int)lock->rank);
    abort();
}

static void require(int error, const char *call)
{
    if (error != 0)
        lock_call_failed(error, call);
}

/* Spinning pays where a lock is held shorter than it takes to put a thread to sleep and wake it.
 * WORK LOCK holds its lock as long as a client asks. */
static int mutex_type(enum lock_rank rank)
{
#ifdef __GLIBC__
    if (rank != LOCK_RANK_WORKLOAD)
        return PTHREAD_MUTEX_ADAPTIVE_NP;
#else
    (void)rank; /* no other C library has mutexes that spin */
#endif
    return PTHREAD_MUTEX_DEFAULT;
}

void lock_init(struct lock *lock, enum lock_rank rank)
{
    *lock = (struct lock){.rank = rank};
    pthread_mutexattr_t attributes;
    require(pthread_mutexattr_init(&attributes), "pthread_mutexattr_init");
    require(pthread_mutexattr_settype(&attributes, mutex_type(rank)), "pthread_mutexattr_settype");
    require(pthread_mutex_init(&lock->mutex, &attributes), "pthread_mutex_init");
    require(pthread_mutexattr_destroy(&attributes), "pthread_mutexattr_destroy");
}

void lock_destroy(struct lock *lock)
{
    require(pthread_mutex_destroy(&lock->mutex), "pthread_mutex_destroy");
}

void lock_wait(struct lock *lock)
{
    uint64_t asked_ns = monotonic_ns();
    require(pthread_mutex_lock(&lock->mutex), "pthread_mutex_lock");
    lock->waits++;
    lock->waited_ns += monotonic_ns() - asked_ns;
}

void lock_reset_waits(struct lock *lock)
{
    lock_assert_held(lock);
    lock->waits = 0;
    lock->waited_ns = 0;
}

void condition_init(struct condition *condition)
{
    require(pthread_cond_init(&condition->cond, NULL), "pthread_cond_init");
}

void condition_destroy(struct condition *condition)
{
    require(pthread_cond_destroy(&condition->cond), "pthread_cond_destroy");
}

void condition_wait(struct condition *condition, struct lock *lock)
{
    lock_assert_held(lock);
    struct lock *outer = lock->outer;
    lock_innermost = outer;
    require(pthread_cond_wait(&condition->cond, &lock->mutex), "pthread_cond_wait");
    lock->outer = outer;
    lock_innermost = lock;
}

void condition_signal(struct condition *condition)
{
    require(pthread_cond_signal(&condition->cond), "pthread_cond_signal");
}

void condition_broadcast(struct condition *condition)
{
    require(pthread_cond_broadcast(&condition->cond), "pthread_cond_broadcast");
}

/* SPDX-License-Identifier: MIT */
#include "common/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lock that this thread acquired last and still holds; NULL for none. */
static _Thread_local struct lock *innermost;

static void require(int error, const char *call)
{
    if (error == 0)
        return;
    fprintf(stderr, "crew: %s failed: %s\n", call, strerror(error));
    abort();
}

void lock_init(struct lock *lock, enum lock_rank rank)
{
    require(pthread_mutex_init(&lock->mutex, NULL), "pthread_mutex_init");
    lock->rank = rank;
    lock->outer = NULL;
}

void lock_destroy(struct lock *lock)
{
    require(pthread_mutex_destroy(&lock->mutex), "pthread_mutex_destroy");
}

void lock_acquire(struct lock *lock)
{
    if (innermost != NULL && innermost->rank >= lock->rank) {
        fprintf(stderr, "crew: lock order broken: acquiring rank %d while holding rank %d\n",
                (int)lock->rank, (int)innermost->rank);
        abort();
    }
    require(pthread_mutex_lock(&lock->mutex), "pthread_mutex_lock");
    lock->outer = innermost;
    innermost = lock;
}

void lock_release(struct lock *lock)
{
    lock_assert_held(lock);
    innermost = lock->outer;
    require(pthread_mutex_unlock(&lock->mutex), "pthread_mutex_unlock");
}

void lock_assert_held(const struct lock *lock)
{
    if (innermost != lock) {
        fprintf(stderr, "crew: lock of rank %d is not held here as the innermost\n",
                (int)lock->rank);
        abort();
    }
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
    innermost = outer;
    require(pthread_cond_wait(&condition->cond, &lock->mutex), "pthread_cond_wait");
    lock->outer = outer;
    innermost = lock;
}

void condition_signal(struct condition *condition)
{
    require(pthread_cond_signal(&condition->cond), "pthread_cond_signal");
}

void condition_broadcast(struct condition *condition)
{
    require(pthread_cond_broadcast(&condition->cond), "pthread_cond_broadcast");
}

/* SPDX-License-Identifier: MIT */
/*
 * Checked mutexes and condition variables. A pthread call that fails here is a bug in crew or a
 * corrupt process, so it prints what failed and aborts, in release builds too.
 *
 * Locks have a rank, and a thread may only acquire locks in rising rank: that order is written
 * in doc/threads.md and asserted on every acquire. The check costs a thread-local load and store.
 */
#ifndef CREW_COMMON_LOCK_H
#define CREW_COMMON_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum lock_rank {
    LOCK_RANK_CONNECTION_TABLE = 1,
    LOCK_RANK_READY_QUEUE,
    LOCK_RANK_WORKLOAD,    /* the mutex that WORK LOCK holds */
    LOCK_RANK_BLOCK_CACHE, /* the highest: nothing nests inside */
};

struct lock {
    pthread_mutex_t mutex;
    enum lock_rank rank;
    struct lock *outer; /* what the holder held before; only the holder reads it */
};

/* For a lock that lives as long as the process. */
#define LOCK_INITIALIZER(lock_rank)                                                                \
    {                                                                                              \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .rank = (lock_rank)                                    \
    }

void lock_init(struct lock *lock, enum lock_rank rank);
void lock_destroy(struct lock *lock);
void lock_acquire(struct lock *lock);
void lock_release(struct lock *lock);

/* Aborts unless the calling thread holds `lock` as its innermost lock. */
void lock_assert_held(const struct lock *lock);

struct condition {
    pthread_cond_t cond;
};

void condition_init(struct condition *condition);
void condition_destroy(struct condition *condition);

/* Needs `lock` held as innermost; releases it while waiting. May wake for nothing: use a loop. */
void condition_wait(struct condition *condition, struct lock *lock);

void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Checked mutexes and condition variables. A pthread call that fails here is a bug in crew or a
 * corrupt process, so it prints what failed and aborts, in release builds too.
 *
 * Locks have a rank, and a thread may only acquire locks in rising rank: that order is written
 * in doc/threads.md and asserted on every acquire. The check costs a thread-local load and store.
 *
 * Waiting note. A lock counts how often it was not free when asked for, and how long was waited
 * for it then. Who finds it free pays nothing for that: it is tried first, which costs what taking
 * it would, and only who has to wait reads the clock. Coming back from condition_wait counts as
 * nothing, since that wait is for the condition.
 */
#ifndef CREW_COMMON_LOCK_H
#define CREW_COMMON_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lock_rank {
    LOCK_RANK_CONNECTION_TABLE = 1,
    LOCK_RANK_CLIENT_MEMORY, /* held while clients are evicted */
    LOCK_RANK_READY_QUEUE,
    LOCK_RANK_STRANGER_QUEUE,
    LOCK_RANK_WORKLOAD,    /* the mutex that WORK LOCK holds */
    LOCK_RANK_ACCESS,      /* passwords; given back while one is checked slowly */
    LOCK_RANK_ENCRYPTION,  /* the certificates in use */
    LOCK_RANK_BLOCK_CACHE, /* the highest: nothing nests inside */
};

struct lock {
    pthread_mutex_t mutex;
    enum lock_rank rank;
    struct lock *outer; /* what the holder held before; only the holder reads it */

    /* Since it was set up or lock_reset_waits; the holder's. See the waiting note. */
    uint64_t waits;
    uint64_t waited_ns;
};

/* For a lock that lives as long as the process. Its waiters sleep at once; see lock_init. */
#define LOCK_INITIALIZER(lock_rank)                                                                \
    {                                                                                              \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .rank = (lock_rank)                                    \
    }

/* Waiters spin for a moment before they sleep, except at a rank whose lock is held for long. */
void lock_init(struct lock *lock, enum lock_rank rank);
void lock_destroy(struct lock *lock);

/* The lock that this thread acquired last and still holds; NULL for none. It is for the functions
 * below alone, which are here so that checking and taking a free lock costs no call of ours. */
extern _Thread_local struct lock *lock_innermost;

/* Takes a lock that was not free and counts the wait; a part of lock_acquire. */
void lock_wait(struct lock *lock);

/* These print what is wrong and abort. */
_Noreturn void lock_call_failed(int error, const char *call);
_Noreturn void lock_order_broken(const struct lock *lock);
_Noreturn void lock_not_held(const struct lock *lock);

/* Aborts unless the calling thread holds `lock` as its innermost lock. */
static inline void lock_assert_held(const struct lock *lock)
{
    if (lock_innermost != lock)
        lock_not_held(lock);
}

static inline void lock_acquire(struct lock *lock)
{
    if (lock_innermost != NULL && lock_innermost->rank >= lock->rank)
        lock_order_broken(lock);
    if (pthread_mutex_trylock(&lock->mutex) != 0)
        lock_wait(lock); /* where an error other than EBUSY comes up again */
    lock->outer = lock_innermost;
    lock_innermost = lock;
}

static inline void lock_release(struct lock *lock)
{
    lock_assert_held(lock);
    lock_innermost = lock->outer;
    int error = pthread_mutex_unlock(&lock->mutex);
    if (error != 0)
        lock_call_failed(error, "pthread_mutex_unlock");
}

/* Starts counting anew. Needs `lock` held as innermost. */
void lock_reset_waits(struct lock *lock);

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

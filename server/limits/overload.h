/* SPDX-License-Identifier: MIT */
/*
 * When to turn requests away. A server that is asked for more than it can do, and takes it all,
 * answers everybody too late: each request waits behind all that came before it, and its client
 * has given up by then. Refusing what has waited too long costs next to nothing, and what is left
 * is answered in time.
 *
 * The rule. A queue that runs empty now and then only evens out a burst, and one from which
 * something is taken in time, which means within --shed-target, moves fast enough: a moment without
 * a CPU, or one slow request, is no overload. But when for a whole --shed-interval the queue has
 * not been empty and nothing left it in time, it is a standing queue, and nothing is gained by
 * letting it stand. From then on what is late is answered with an error instead of being run, as
 * long as the queue is not empty for an interval again and again. So the wait settles at about the
 * target, whatever the load is. It goes on for two intervals after the queue last stood: the first
 * shedding gets rid of a whole backlog, and may well empty the queue although the load is still
 * there; after an interval it is seen to stand again. The target is never below twice the mean
 * service time: who waits for one request before it is not late.
 *
 * After Nichols and Jacobson, "Controlling Queue Delay" (ACM Queue, May 2012), from which the begin
 * is, and the form that Maurer gives it for servers in "Fail at Scale" (ACM Queue, September 2015),
 * from which the rest is: the queue is watched for having been empty, and all that is late is
 * refused at once.
 *
 * The wait that counts is that in the ready queue, which the worker measures anyway. Slow handlers
 * with nobody waiting behind them are no overload; and the last in a queue does not find it
 * standing, since its worker has nobody better to serve.
 */
#ifndef CREW_SERVER_OVERLOAD_H
#define CREW_SERVER_OVERLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { SHED_OFF, SHED_QUEUE_WAIT };
#define SHED_CHOICES "off|queue-wait"

/* Every worker reads it at each visit; what changes changes only while requests are shed. */
struct overload {
    uint64_t interval_ns; /* how long a queue may stand; UINT64_MAX: never shed. Constant */
    uint64_t target_ns;   /* constant */

    /* Relaxed, all: a worker that sees an old time runs a request more, or sheds one more; the last
     * is a bare count. */
    _Atomic uint64_t late_since_ns; /* nothing was taken in time since; 0: the last was */
    _Atomic uint64_t until_ns;      /* what is late is shed */
    _Atomic uint64_t shed;          /* requests */

    /* The acceptor's. */
    bool told;          /* the log says that requests are shed, and not yet that it ended */
    uint64_t told_shed; /* `shed` at the last log line */
};

void overload_init(struct overload *overload, bool sheds, uint64_t interval_ns, uint64_t target_ns);

/* The part of overload_is_late for what is late. */
bool overload_sheds(struct overload *overload, uint64_t standing_since_ns, uint64_t now_ns);

/*
 * Any worker: whether requests that wait since waits_since_ns, and were taken at now_ns from a
 * queue that stands since standing_since_ns (UINT64_MAX: it is empty), are to be shed. `service_ns`
 * is the mean that overload_follow_service keeps. Reads no clock, and writes nothing while all is
 * in time. A clock that seems to run backwards counts as one that stands still.
 */
static inline bool overload_is_late(struct overload *overload, uint64_t service_ns,
                                    uint64_t waits_since_ns, uint64_t standing_since_ns,
                                    uint64_t now_ns)
{
    uint64_t waited_ns = now_ns > waits_since_ns ? now_ns - waits_since_ns : 0;
    if (waited_ns > overload->target_ns && waited_ns > 2 * service_ns)
        return overload_sheds(overload, standing_since_ns, now_ns);
    if (atomic_load_explicit(&overload->late_since_ns, memory_order_relaxed) != 0)
        atomic_store_explicit(&overload->late_since_ns, 0, memory_order_relaxed);
    return false;
}

/* The mean of about the last sixteen service times, with the newest; 0 before the first. */
static inline uint64_t overload_follow_service(uint64_t mean_ns, uint64_t service_ns)
{
    return mean_ns == 0 ? service_ns : mean_ns - mean_ns / 16 + service_ns / 16;
}

/* Any worker: a request was shed. */
static inline void overload_count(struct overload *overload)
{
    atomic_fetch_add_explicit(&overload->shed, 1, memory_order_relaxed);
}

/* Any thread: whether what is late is shed at this moment. */
static inline bool overload_lasts(const struct overload *overload, uint64_t now_ns)
{
    return now_ns < atomic_load_explicit(&overload->until_ns, memory_order_relaxed);
}

/* The acceptor, about once a second: writes to the log that shedding began, or ended. */
void overload_tell(struct overload *overload, uint64_t now_ns);

#endif

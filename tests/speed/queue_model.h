/* SPDX-License-Identifier: MIT */
/*
 * A model of workers at ready queues: how many requests per second they get through when all that
 * holds them up is the queues' locks. Every worker has a core of its own, a request is always
 * ready, and a worker does nothing but take entries, serve them, and come back; so it is an upper
 * bound of the load on the locks. It is simulated event by event.
 *
 * A lock is held for one *section* at a time, and whoever wants it meanwhile waits in order of
 * coming. A section takes longer
 *  - by `transfer_ns` when another worker held the lock last: the lines of the lock and of what it
 *    guards are then in that core's cache;
 *  - by `handoff_ns` when its worker had to wait for the lock: what it takes to notice that it is
 *    free, or to be woken. While it does, nobody has the lock; a mutex that lets others barge in
 *    meanwhile is better than this.
 *
 * Polling is that of server/ready_queue.h: after `polled_at_once` entries have been taken, the next
 * taker is told so within one section, and adds as many within another, before it takes. At most
 * one worker does at a time, and the system call in between counts as part of the service.
 *
 * With exponential times and without additions it is the machine repair problem, whose throughput
 * is known exactly. Pure but for memory; any thread.
 */
#ifndef CREW_TESTS_SPEED_QUEUE_MODEL_H
#define CREW_TESTS_SPEED_QUEUE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { QUEUE_MODEL_WORKERS = 1 << 14 };

struct queue_model {
    unsigned workers;        /* 1 to QUEUE_MODEL_WORKERS */
    unsigned queues;         /* at least 1; worker i uses queue i % queues */
    unsigned taken_at_once;  /* entries; at least 1 */
    unsigned polled_at_once; /* entries; 0 when nobody polls */
    double service_ns;       /* mean, of each request */
    double section_ns;       /* mean, for up to one entry */
    double entry_ns;         /* for each entry more */
    double transfer_ns;
    double handoff_ns;
    bool constant_service; /* not exponential */
    bool constant_sections;
};

struct queue_model_result {
    double rate_rps;
    double utilization; /* share of time that a lock is held or on its way, mean of the queues */
    double waiting;     /* share of sections whose worker had to wait */
};

/*
 * Simulates at least so many requests after a tenth of them to warm up; the same seed gives the
 * same result. Returns 0 or ENOMEM.
 */
int queue_model_run(const struct queue_model *model, uint64_t requests, uint64_t seed,
                    struct queue_model_result *result);

/* The rate if no worker ever did anything but serve. */
double queue_model_ideal_rps(const struct queue_model *model);

#endif

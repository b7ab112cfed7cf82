/* SPDX-License-Identifier: MIT */
/*
 * Results of sweeps that never ran, made from laws whose consequences are known: what an analysis
 * of them has to say can be worked out on paper. The same fixture gives the same results on every
 * machine. A failure ends the test.
 */
#ifndef CREW_TESTS_UNIT_RESULTS_FIXTURE_H
#define CREW_TESTS_UNIT_RESULTS_FIXTURE_H

#include "bench/results/results.h"

/* N workers, K requests outstanding, a service time of S without company, `cores` cores. */
enum fixture_law {
    FIXTURE_SLEEP, /* X = min(N, K) / S: workers wait, and 5 % of S is CPU time */
    FIXTURE_CPU,   /* X = min(N, cores) / S: workers share the cores */
    FIXTURE_LOCK,  /* X = 1 / S: one at a time */
};

struct results_fixture {
    enum fixture_law law;
    const unsigned *workers; /* rising */
    size_t count;
    unsigned reference;
    unsigned blocks;
    size_t outstanding; /* K */
    double cores;
    double service_us;    /* S */
    double noise;         /* each rate is off by up to this share, either way */
    bool control;         /* the reference twice in each block of the capacity experiment */
    const double *shares; /* of the best rate, rising; the latency experiment; may be NULL */
    size_t share_count;
    size_t requests; /* in each trial's window, about so many */
    uint64_t seed;
};

/* Eight requests at once can be served: X = min(N, 8) / 10 ms for 1, 2, 4, 8, 16 and 32 workers;
 * the capacity experiment alone. */
extern const struct results_fixture results_fixture_sleeping;

/* M/M/c with 4, 10 and 20 workers, 10 ms each, and both experiments. The best rate is 2,000
 * requests per second; offered are 800, which is a load of 8, and 950. Four workers cannot do
 * either. */
extern const struct results_fixture results_fixture_queueing;

/*
 * Fills *results with one workload. In the latency experiment a simulation has requests arrive by a
 * Poisson process and take an exponential time: M/M/c, where the law lets c workers run at once.
 * Further workers take requests too, which then wait for a core or the lock in their hands.
 * results_free is due.
 */
void results_fixture_make(const struct results_fixture *fixture, struct results *results);

/* What the law gives. */
double results_fixture_rate_rps(const struct results_fixture *fixture, unsigned workers);

/* The trial at this place, which must be there. `rate` is the index of a share; 0 for capacity. */
struct trial *results_fixture_trial(struct results *results, enum experiment experiment,
                                    unsigned workers, size_t rate, unsigned block, bool control);

/* Makes all trials of a worker count (control trials too) in one experiment unusable. */
void results_fixture_refuse(struct results *results, enum experiment experiment, unsigned workers,
                            const char *reason);

/* As if the sweep had ended before this trial. */
void results_fixture_forget(struct trial *trial);

#endif

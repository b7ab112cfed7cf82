/* SPDX-License-Identifier: MIT */
#include "bench/engine/arrivals.h"

#include "common/clock.h"

#include <math.h>

void arrivals_init(struct arrivals *arrivals, enum arrival_law law, double rate_rps, uint64_t seed,
                   size_t index, size_t threads)
{
    *arrivals = (struct arrivals){.law = law, .random = {seed}};
    /* A state of its own for each thread: the sequences of neighbouring seeds are unrelated. */
    for (size_t i = 0; i <= index; i++)
        arrivals->random.state = bench_random_next(&arrivals->random);
    arrivals->gap_ns = (double)NS_PER_S * (double)threads / rate_rps;
    if (law == ARRIVAL_CONSTANT)
        arrivals->due_ns = arrivals->gap_ns * (double)index / (double)threads;
    else
        arrivals_advance(arrivals);
}

void arrivals_advance(struct arrivals *arrivals)
{
    double gap_ns = arrivals->gap_ns;
    if (arrivals->law == ARRIVAL_POISSON)
        gap_ns *= -log(bench_random_unit(&arrivals->random));
    arrivals->due_ns += gap_ns;
}

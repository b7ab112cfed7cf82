/* SPDX-License-Identifier: MIT */
/*
 * Results in which every field has a value of its own: no sweep could give them, but what is lost
 * when they are kept shows. The same seed gives the same results. A failure ends the test.
 */
#ifndef CREW_TESTS_UNIT_RANDOM_RESULTS_H
#define CREW_TESTS_UNIT_RANDOM_RESULTS_H

#include "bench/results/results.h"
#include "tests/unit/prng.h"

/* results_free is due. */
void random_results_make(struct results *results, uint64_t seed);

/* measurement_free is due. */
void random_measurement_make(struct measurement *measurement, struct prng *prng);

/* End the test unless every field is the same; two NAN are. */
void random_results_expect_same(const struct results *a, const struct results *b);
void random_measurement_expect_same(const struct measurement *a, const struct measurement *b);

#endif

/* SPDX-License-Identifier: MIT */
#include "bench/selftest/noise.h"

#include <math.h>

double noise_normal(struct bench_random *random)
{
    static const double turn = 2 * 3.14159265358979323846;
    double radius = sqrt(-2 * log(bench_random_unit(random)));
    return radius * cos(turn * bench_random_unit(random));
}

double noise_skewed(struct bench_random *random, double shape)
{
    return exp(shape * noise_normal(random)) - exp(shape * shape / 2);
}

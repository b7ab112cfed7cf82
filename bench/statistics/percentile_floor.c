/* SPDX-License-Identifier: MIT */
#include "bench/statistics/percentile_floor.h"

#include <math.h>

/*
 * P(Binomial(n, p) <= most), for most < n. Summed to both sides from its largest term, which is
 * computed as a logarithm, for (1 - p)^n underflows.
 */
static double probability_of_at_most(unsigned most, double n, double p)
{
    unsigned largest = n * p < most ? (unsigned)(n * p) : most;
    double logarithm = (n - largest) * log1p(-p) + largest * log(p);
    for (unsigned i = 1; i <= largest; i++)
        logarithm += log((n - largest + i) / i);
    double sum = exp(logarithm);
    double term = sum;
    for (unsigned i = largest; i > 0; i--) {
        term *= i / (n - i + 1) * (1 - p) / p;
        sum += term;
    }
    term = exp(logarithm);
    for (unsigned i = largest; i < most; i++) {
        term *= (n - i) / (i + 1) * p / (1 - p);
        sum += term;
    }
    return sum;
}

uint64_t percentile_floor(double quantile, double confidence, unsigned above)
{
    static const double most_samples = 0x1p53; /* beyond it a double counts no longer by one */
    if (!(quantile > 0 && quantile < 1 && confidence > 0 && confidence < 1))
        return 0;
    double too_few = above; /* as many as lie above prove nothing */
    double enough = (double)above + 1;
    while (probability_of_at_most(above, enough, 1 - quantile) > 1 - confidence) {
        too_few = enough;
        enough *= 2;
        if (enough > most_samples)
            return UINT64_MAX;
    }
    while (enough - too_few > 1) {
        double middle = floor((too_few + enough) / 2);
        if (probability_of_at_most(above, middle, 1 - quantile) > 1 - confidence)
            too_few = middle;
        else
            enough = middle;
    }
    return (uint64_t)enough;
}

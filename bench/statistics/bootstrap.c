/* SPDX-License-Identifier: MIT */
#include "bench/statistics/bootstrap.h"

#include "bench/base/bench_random.h"

#include <math.h>
#include <stdlib.h>

static bool eligible(const struct bootstrap *bootstrap, size_t index)
{
    return bootstrap->eligible == NULL || bootstrap->eligible[index];
}

/* ln of every rate, NAN where there is none. */
static void take_logs(const struct bootstrap *bootstrap, double *logs)
{
    for (size_t i = 0; i < bootstrap->blocks * bootstrap->counts; i++) {
        double rate = bootstrap->rates[i];
        logs[i] = isfinite(rate) && rate > 0 ? log(rate) : NAN;
    }
}

/*
 * Mean over the drawn blocks of ln(rate), or of ln(rate / other's rate) unless `other` is
 * `counts`; NAN without any.
 */
static double mean_log(const struct bootstrap *bootstrap, const double *logs, const size_t *drawn,
                       size_t index, size_t other)
{
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < bootstrap->blocks; i++) {
        const double *block = &logs[drawn[i] * bootstrap->counts];
        double value = other < bootstrap->counts ? block[index] - block[other] : block[index];
        if (isnan(value))
            continue;
        sum += value;
        known++;
    }
    return known > 0 ? sum / (double)known : NAN;
}

/* The index chosen from these blocks; `counts` when there is no rate. */
static size_t choose(const struct bootstrap *bootstrap, const double *logs, const size_t *drawn)
{
    size_t best = bootstrap->counts;
    double highest = -INFINITY;
    for (size_t i = 0; i < bootstrap->counts; i++) {
        if (!eligible(bootstrap, i))
            continue;
        double mean = mean_log(bootstrap, logs, drawn, i, bootstrap->counts);
        if (mean > highest) {
            highest = mean;
            best = i;
        }
    }
    for (size_t i = 0; i < best && best < bootstrap->counts; i++)
        if (eligible(bootstrap, i) &&
            mean_log(bootstrap, logs, drawn, i, best) >= log1p(-bootstrap->tolerance))
            return i;
    return best;
}

static void resample(const struct bootstrap *bootstrap, const double *logs, size_t *drawn,
                     double *shares)
{
    struct bench_random random = {.state = bootstrap->seed};
    size_t choices = 0;
    for (size_t i = 0; i < bootstrap->counts; i++)
        shares[i] = 0;
    for (size_t i = 0; i < bootstrap->resamples && bootstrap->blocks > 0; i++) {
        for (size_t j = 0; j < bootstrap->blocks; j++)
            drawn[j] = (size_t)(bench_random_next(&random) % bootstrap->blocks);
        size_t chosen = choose(bootstrap, logs, drawn);
        if (chosen == bootstrap->counts)
            continue;
        shares[chosen]++;
        choices++;
    }
    for (size_t i = 0; i < bootstrap->counts; i++)
        shares[i] = choices > 0 ? shares[i] / (double)choices : NAN;
}

bool bootstrap_choices(const struct bootstrap *bootstrap, double *shares)
{
    /* One more than needed: malloc(0) may return NULL. */
    double *logs = malloc((bootstrap->blocks * bootstrap->counts + 1) * sizeof(*logs));
    size_t *drawn = malloc((bootstrap->blocks + 1) * sizeof(*drawn));
    bool enough = logs != NULL && drawn != NULL;
    if (enough) {
        take_logs(bootstrap, logs);
        resample(bootstrap, logs, drawn, shares);
    }
    free(logs);
    free(drawn);
    return enough;
}

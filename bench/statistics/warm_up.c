/* SPDX-License-Identifier: MIT */
#include "bench/statistics/warm_up.h"

#include "bench/statistics/numeric.h"
#include "bench/statistics/sample.h"

#include <math.h>

static double batch_mean(const double *values, size_t batch)
{
    double sum = 0;
    for (size_t i = 0; i < WARM_UP_BATCH; i++)
        sum += values[batch * WARM_UP_BATCH + i];
    return sum / WARM_UP_BATCH;
}

struct warm_up warm_up_find(const double *values, size_t count)
{
    struct warm_up found = {0};
    size_t batches = count / WARM_UP_BATCH; /* what is left over at the end belongs to none */
    if (batches <= WARM_UP_BATCHES_KEPT || sample_known(values, count) < count)
        return found;
    size_t most = batches / 2;
    if (most > batches - WARM_UP_BATCHES_KEPT)
        most = batches - WARM_UP_BATCHES_KEPT;
    double least = INFINITY;
    double mean = 0;
    double squares = 0;
    /* From the end, so that each step adds one batch to what is kept (Welford 1962). */
    for (size_t drop = batches; drop-- > 0;) {
        double kept = (double)(batches - drop);
        double batch = batch_mean(values, drop);
        double deviation = batch - mean;
        mean += deviation / kept;
        squares += deviation * (batch - mean);
        /* Of equally good ones the smallest. */
        if (drop <= most && squares / (kept * kept) <= least) {
            least = squares / (kept * kept);
            found.drop = drop * WARM_UP_BATCH;
        }
    }
    found.at_limit = found.drop == most * WARM_UP_BATCH;
    return found;
}

static double trend_p_value(double explained, double unexplained, size_t count)
{
    double df = (double)(count - 2);
    if (explained == 0)
        return 1;
    return numeric_f_upper_tail(explained * df / unexplained, 1, df); /* F = t² */
}

struct warm_up_trend warm_up_trend(const double *values, size_t count)
{
    struct warm_up_trend trend = {.slope = NAN, .drift = NAN, .p_value = NAN};
    if (count < 3 || sample_known(values, count) < count)
        return trend;
    double mean = 0;
    for (size_t i = 0; i < count; i++)
        mean += (values[i] - mean) / (double)(i + 1);
    double middle = (double)(count - 1) / 2;
    double xx = 0;
    double xy = 0;
    for (size_t i = 0; i < count; i++) {
        double x = (double)i - middle;
        xx += x * x;
        xy += x * (values[i] - mean);
    }
    trend.slope = xy / xx;
    double unexplained = 0;
    for (size_t i = 0; i < count; i++) {
        double deviation = values[i] - mean - trend.slope * ((double)i - middle);
        unexplained += deviation * deviation;
    }
    if (mean != 0)
        trend.drift = trend.slope * (double)(count - 1) / mean;
    trend.p_value = trend_p_value(trend.slope * xy, unexplained, count);
    return trend;
}

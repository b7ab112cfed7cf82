/* SPDX-License-Identifier: MIT */
#include "bench/statistics/queueing.h"

#include <math.h>

static const double us_per_s = 1e6;

double queueing_utilization(const struct queueing *queue)
{
    return queueing_little(queue->arrivals_rps, queue->service_us) / queue->workers;
}

double queueing_wait_probability(const struct queueing *queue)
{
    double utilization = queueing_utilization(queue);
    if (utilization >= 1)
        return 1;
    double load = utilization * queue->workers;
    double blocked = 1;
    for (unsigned k = 1; k <= queue->workers; k++)
        blocked = load * blocked / (k + load * blocked);
    return blocked / (1 - utilization * (1 - blocked));
}

/* c/S - λ, per microsecond: how fast a queue drains, so the rate of the waits of those who wait. */
static double spare_rate_per_us(const struct queueing *queue)
{
    return queue->workers / queue->service_us - queue->arrivals_rps / us_per_s;
}

double queueing_mean_wait_us(const struct queueing *queue)
{
    if (queueing_utilization(queue) >= 1)
        return INFINITY;
    return queueing_wait_probability(queue) / spare_rate_per_us(queue);
}

double queueing_wait_exceeds(const struct queueing *queue, double t_us)
{
    if (queueing_utilization(queue) >= 1)
        return 1;
    return queueing_wait_probability(queue) * exp(-spare_rate_per_us(queue) * t_us);
}

double queueing_wait_quantile_us(const struct queueing *queue, double quantile)
{
    if (queueing_utilization(queue) >= 1)
        return INFINITY;
    double waiting = queueing_wait_probability(queue);
    if (1 - quantile >= waiting)
        return 0;
    return log(waiting / (1 - quantile)) / spare_rate_per_us(queue);
}

double queueing_variability(double arrival_variation, double service_variation)
{
    return (arrival_variation * arrival_variation + service_variation * service_variation) / 2;
}

double queueing_little(double rate_rps, double time_us)
{
    return rate_rps * time_us / us_per_s;
}

double queueing_little_error(double outstanding, double rate_rps, double response_us,
                             double think_us)
{
    if (!(outstanding > 0))
        return NAN;
    return queueing_little(rate_rps, response_us + think_us) / outstanding - 1;
}

double queueing_goetz(double cores, double utilization, double wait_us, double cpu_us)
{
    return cpu_us > 0 ? cores * utilization * (1 + wait_us / cpu_us) : INFINITY;
}

/* SPDX-License-Identifier: MIT */
#include "bench/statistics/recommend.h"

#include "bench/base/bench_number.h"

#include <stdio.h>

static const double least_tolerance = 0.05;
static const double largest_tolerance = 0.5; /* beyond it any count would do: nothing was found */
static const double noisy_tolerance = 0.2;   /* from here on the choice deserves a warning */

static double spread_of(const struct recommend_point *point)
{
    return point->median_rps > 0 ? (point->highest_rps - point->lowest_rps) / point->median_rps : 0;
}

/* The (lower) median of the counts' spreads: the one that half of the others do not exceed. */
static double typical_spread(const struct recommend_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t below = 0;
        size_t equal = 0;
        for (size_t j = 0; j < count; j++) {
            below += spread_of(&points[j]) < spread_of(&points[i]);
            equal += spread_of(&points[j]) == spread_of(&points[i]);
        }
        size_t middle = (count - 1) / 2;
        if (below <= middle && middle < below + equal)
            return spread_of(&points[i]);
    }
    return 0;
}

bool recommend_choose(const struct recommend_point *points, size_t count,
                      struct recommendation *recommendation)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (points[i].median_rps > points[best].median_rps)
            best = i;
    if (count == 0 || points[best].median_rps <= 0)
        return false;
    double spread = typical_spread(points, count);
    double tolerance = spread > least_tolerance ? spread : least_tolerance;
    if (tolerance > largest_tolerance)
        return false;
    size_t chosen = 0;
    while (points[chosen].median_rps < (1 - tolerance) * points[best].median_rps)
        chosen++;
    *recommendation = (struct recommendation){
        .chosen = chosen,
        .best = best,
        .tolerance = tolerance,
        .largest = chosen == count - 1,
        .smallest = chosen == 0 && best != count - 1 && points[0].workers > 1,
    };
    return true;
}

static const char *plural(unsigned workers)
{
    return workers == 1 ? "" : "s";
}

enum { PART_SIZE = 128 };

static void describe_best(const struct recommend_point *best,
                          const struct recommendation *recommendation, char part[PART_SIZE])
{
    part[0] = '\0';
    if (recommendation->chosen == recommendation->best)
        return;
    char rate[BENCH_NUMBER_SIZE];
    snprintf(part, PART_SIZE, ", within %.0f %% of the best: %s with %u",
             100 * recommendation->tolerance, bench_number_rate(rate, best->median_rps),
             best->workers);
}

/* What the neighbour would give: the next smaller count, or the next larger if there is none. */
static void describe_neighbour(const struct recommend_point *points, size_t count, size_t chosen,
                               char part[PART_SIZE])
{
    part[0] = '\0';
    if (count == 1)
        return;
    const struct recommend_point *other = &points[chosen > 0 ? chosen - 1 : 1];
    snprintf(part, PART_SIZE, "; %u worker%s %s %.0f %% of that", other->workers,
             plural(other->workers), other->workers == 1 ? "gives" : "give",
             100 * other->median_rps / points[chosen].median_rps);
}

static void describe_edge(unsigned workers, size_t count,
                          const struct recommendation *recommendation, char part[PART_SIZE])
{
    part[0] = '\0';
    if (count == 1)
        snprintf(part, PART_SIZE, " Only one count was tried, so there was nothing to compare.");
    else if (recommendation->largest)
        snprintf(part, PART_SIZE, " %u is the largest count tried: more may be better still.",
                 workers);
    else if (recommendation->smallest)
        snprintf(part, PART_SIZE, " %u is the smallest count tried: fewer may do.", workers);
}

static void describe_noise(double tolerance, char part[PART_SIZE])
{
    part[0] = '\0';
    if (tolerance > noisy_tolerance)
        snprintf(part, PART_SIZE,
                 " The rounds differ by %.0f %%: more --rounds or a quieter machine would tell "
                 "more.",
                 100 * tolerance);
}

const char *recommend_explain(const char *workload, const struct recommend_point *points,
                              size_t count, const struct recommendation *recommendation,
                              char text[RECOMMEND_TEXT_SIZE])
{
    const struct recommend_point *chosen = &points[recommendation->chosen];
    char rate[BENCH_NUMBER_SIZE];
    char best[PART_SIZE];
    char neighbour[PART_SIZE];
    char edge[PART_SIZE];
    char noise[PART_SIZE];
    describe_best(&points[recommendation->best], recommendation, best);
    describe_neighbour(points, count, recommendation->chosen, neighbour);
    describe_edge(chosen->workers, count, recommendation, edge);
    describe_noise(recommendation->tolerance, noise);
    snprintf(text, RECOMMEND_TEXT_SIZE, "%.120s: use %u worker%s (%s requests/s%s%s).%s%s",
             workload, chosen->workers, plural(chosen->workers),
             bench_number_rate(rate, chosen->median_rps), best, neighbour, edge, noise);
    return text;
}

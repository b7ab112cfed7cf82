/* SPDX-License-Identifier: MIT */
#include "bench/results/trial_group.h"

#include "bench/statistics/sample.h"

#include <math.h>
#include <string.h>

bool trial_same_rate(double a_rps, double b_rps)
{
    return fabs(a_rps - b_rps) <= 1e-6 * fabs(a_rps);
}

static bool belongs(const struct trial_group *group, const struct trial *trial)
{
    return !trial->control && trial->workload == group->workload &&
           trial->experiment == group->experiment && trial->workers == group->workers &&
           (trial->experiment == EXPERIMENT_CAPACITY ||
            trial_same_rate(trial->rate_rps, group->rate_rps));
}

const struct trial *trial_group_next(const struct trial_group *group, const struct trial *previous)
{
    const struct trial *end = group->results->trials + group->results->trial_count;
    const struct trial *trial = previous != NULL ? previous + 1 : group->results->trials;
    while (trial < end && !belongs(group, trial))
        trial++;
    return trial < end ? trial : NULL;
}

const char *trial_reason(const struct trial *trial)
{
    const struct measurement *measurement = &trial->measurement;
    if (trial_usable(trial))
        return NULL;
    if (!trial->complete)
        return trial->problem[0] != '\0' ? trial->problem : NULL;
    if (!measurement_valid(measurement))
        return measurement->reasons[0];
    return measurement->first_failure[0] != '\0' ? measurement->first_failure : "requests failed";
}

struct trial_tally trial_group_tally(const struct trial_group *group)
{
    struct trial_tally tally = {.first_reason = NULL};
    for (const struct trial *trial = trial_group_next(group, NULL); trial != NULL;
         trial = trial_group_next(group, trial)) {
        const char *reason = trial_reason(trial);
        bool usable = trial_usable(trial);
        tally.planned++;
        tally.usable += usable ? 1 : 0;
        tally.unstable += usable && trial->measurement.unstable ? 1 : 0;
        tally.refused += reason != NULL ? 1 : 0;
        if (tally.first_reason == NULL)
            tally.first_reason = reason;
    }
    return tally;
}

size_t trial_group_values(const struct trial_group *group, size_t member, double *scratch)
{
    size_t count = 0;
    for (const struct trial *trial = trial_group_next(group, NULL); trial != NULL;
         trial = trial_group_next(group, trial))
        if (trial_usable(trial))
            memcpy(&scratch[count++], (const char *)trial + member, sizeof(*scratch));
    return count;
}

double trial_group_median(const struct trial_group *group, size_t member, double *scratch)
{
    return sample_median(scratch, trial_group_values(group, member, scratch));
}

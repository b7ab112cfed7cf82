/* SPDX-License-Identifier: MIT */
#include "bench/selftest/punctuality.h"

#include "common/clock.h"

#include <math.h>
#include <stdlib.h>

enum { SLOT_NS = NS_PER_MS / PUNCTUALITY_SLOTS };

static const double deviations = 4.5; /* of a slot's share, drawn at random */
static const double slack = 0.02;     /* of all requests: some leave together after a pause */

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void take_slots(const uint64_t *arrival_ns, size_t count, struct punctuality *punctuality)
{
    size_t slots[PUNCTUALITY_SLOTS] = {0};
    for (size_t i = 0; i < count; i++)
        slots[arrival_ns[i] % NS_PER_MS / SLOT_NS]++;
    double even = 1.0 / PUNCTUALITY_SLOTS;
    punctuality->slot_low = 1;
    punctuality->slot_high = 0;
    for (size_t i = 0; i < PUNCTUALITY_SLOTS; i++) {
        double share = (double)slots[i] / (double)count;
        punctuality->slot_low = fmin(punctuality->slot_low, share);
        punctuality->slot_high = fmax(punctuality->slot_high, share);
    }
    double reach = deviations * sqrt(even * (1 - even) / (double)count) + slack;
    punctuality->even =
        punctuality->slot_high < even + reach && punctuality->slot_low > even - reach;
}

bool punctuality_take(const uint64_t *arrival_ns, size_t count, struct arrivals schedule,
                      struct punctuality *punctuality)
{
    double *late_ns = malloc(count * sizeof(*late_ns));
    if (late_ns == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        late_ns[i] = (double)(arrival_ns[i] - arrival_ns[0]) - schedule.due_ns;
        arrivals_advance(&schedule);
    }
    qsort(late_ns, count, sizeof(*late_ns), compare);
    punctuality->late_us = (late_ns[count / 2] - late_ns[0]) / NS_PER_US;
    free(late_ns);
    take_slots(arrival_ns, count, punctuality);
    return true;
}

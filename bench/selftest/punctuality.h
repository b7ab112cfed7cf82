/* SPDX-License-Identifier: MIT */
/*
 * How well times of arrival follow a schedule, from the times alone. How long the way takes is not
 * known, so the most punctual request counts as on time. Pure; any thread.
 */
#ifndef CREW_BENCH_PUNCTUALITY_H
#define CREW_BENCH_PUNCTUALITY_H

#include "bench/engine/arrivals.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PUNCTUALITY_SLOTS = 10 }; /* of a millisecond */

struct punctuality {
    double late_us;   /* median */
    double slot_low;  /* share of the requests in the tenth of the millisecond with the fewest */
    double slot_high; /* with the most */
    bool even;        /* the tenths are as equal as chance allows; on a timer's grid they are not */
};

/* `schedule` is as arrivals_init left it. At least one arrival. False when memory runs out. */
bool punctuality_take(const uint64_t *arrival_ns, size_t count, struct arrivals schedule,
                      struct punctuality *punctuality);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Whether a measurement can be trusted. One that cannot is refused, with every reason, instead of
 * reported with a warning: a figure that says more about the load generator than about the server
 * is worse than none. A backlog that grows is no reason; it is a result, "unstable". Pure.
 */
#ifndef CREW_BENCH_VALIDITY_H
#define CREW_BENCH_VALIDITY_H

#include "bench/engine/engine.h"
#include "bench/engine/measurement.h"

/* Fewest replies in a window for its rate to be known to 2 %. */
enum { VALIDITY_REPLIES = 50 };

/*
 * Fills the measurement's reasons, `unstable` and `little_ratio` from its other fields. `late_ns`
 * is how far the generator was behind its schedule at the end; `early` says that the run ended by
 * its number of requests, so that the number outstanding fell at the end.
 */
void validity_judge(struct measurement *measurement, const struct engine_settings *settings,
                    uint64_t late_ns, bool early);

#endif

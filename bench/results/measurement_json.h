/* SPDX-License-Identifier: MIT */
/*
 * The members of a measurement in JSON, the same for `crew-bench load` and for each trial of a
 * sweep. What is read back equals what was written. One thread.
 */
#ifndef CREW_BENCH_MEASUREMENT_JSON_H
#define CREW_BENCH_MEASUREMENT_JSON_H

#include "bench/base/bench_json.h"
#include "bench/engine/measurement.h"
#include "bench/results/json_reader.h"

/* Writes the members into the object that is open. */
void measurement_write(struct bench_json *json, const struct measurement *measurement);

/* Reads them from an object; mistakes show in its reader. measurement_free is due in any case. */
void measurement_read(const struct json_place *place, struct measurement *measurement);

#endif

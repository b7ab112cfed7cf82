/* SPDX-License-Identifier: MIT */
/*
 * What the server says about a trial, in JSON. What is read back equals what was written. One
 * thread.
 */
#ifndef CREW_BENCH_SERVER_JSON_H
#define CREW_BENCH_SERVER_JSON_H

#include "bench/base/bench_json.h"
#include "bench/results/json_reader.h"
#include "bench/results/results.h"

/* Writes the members into the object that is open. */
void server_figures_write(struct bench_json *json, const struct server_figures *server);

/* Reads them from an object; mistakes show in its reader. `server->workers` is to be freed. */
void server_figures_read(const struct json_place *place, struct server_figures *server);

#endif

/* SPDX-License-Identifier: MIT */
/* What the pictures of one workload are drawn from, and what they all ask of it. Pure. */
#ifndef CREW_BENCH_SCENE_H
#define CREW_BENCH_SCENE_H

#include "bench/picture/scale.h"
#include "bench/results/analysis.h"
#include "bench/results/results.h"

#include <stdbool.h>
#include <stddef.h>

enum { SCENE_TEXT_SIZE = 480, SCENE_ID_SIZE = 64 };

struct scene {
    const struct results *results;
    const struct analysis *analysis; /* of this workload */
    size_t workload;                 /* index of the settings' workloads */
};

/* Whether a trial belongs to the scene's workload and this experiment. */
bool scene_has(const struct scene *scene, const struct trial *trial, enum experiment experiment);

/* The line of the recommended count; NULL when none is recommended. */
const struct capacity_line *scene_chosen(const struct scene *scene);

/* The same, or else the line with the highest rate; NULL when no count has a usable trial. */
const struct capacity_line *scene_typical(const struct scene *scene);

/* The count that differences refer to: the settings', or the smallest with usable trials when that
 * one has none. There must be one. */
unsigned scene_reference(const struct scene *scene);

/* Why there is no picture of the capacity experiment: what happened to its first unusable trial. */
const char *scene_no_capacity(const struct scene *scene, char text[SCENE_TEXT_SIZE]);

/* Why there is none of the latency experiment. */
const char *scene_no_latency(const struct scene *scene, char text[SCENE_TEXT_SIZE]);

/*
 * Picks up to `most` (3 at least) of the worker counts of the latency experiment, rising: the
 * recommended one, the smallest, the largest, the reference, then those that are farthest from all
 * of these. Returns how many; *left_out is how many others there are.
 */
size_t scene_pick_counts(const struct scene *scene, size_t most, unsigned *workers,
                         size_t *left_out);

/* The workload, and how it was loaded. */
const char *scene_subject(const struct scene *scene, enum experiment experiment,
                          char text[SCENE_TEXT_SIZE]);

/* "w2-throughput": unique within a page. */
const char *scene_id(const struct scene *scene, const char *picture, char id[SCENE_ID_SIZE]);

/* A log2 axis of all worker counts that were tried, with some room at both ends. */
void scene_workers_axis(const struct scene *scene, struct scale *scale, struct ticks *ticks);

/* "1 worker", "8 workers". */
const char *scene_workers_text(unsigned workers, char text[TICK_LABEL_SIZE]);

#endif

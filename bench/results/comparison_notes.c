/* SPDX-License-Identifier: MIT */
/* What a comparison has to say beside its figures: what differs, and what is missing. */
#include "bench/results/comparison.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void add(char (*texts)[COMPARISON_NOTE_SIZE],
                                                      size_t *count, const char *format, ...)
{
    if (*count == COMPARISON_NOTES)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(texts[(*count)++], COMPARISON_NOTE_SIZE, format, arguments);
    va_end(arguments);
}

#define NOTE(comparison, ...) add((comparison)->notes, &(comparison)->note_count, __VA_ARGS__)
#define MISSING(comparison, ...)                                                                   \
    add((comparison)->missing, &(comparison)->missing_count, __VA_ARGS__)

static bool is_same_run(const struct results *a, const struct results *b)
{
    return strcmp(a->started_utc, b->started_utc) == 0 && a->elapsed_s == b->elapsed_s &&
           a->settings.seed == b->settings.seed && a->trial_count == b->trial_count;
}

static void note_text(struct comparison *comparison, const char *what, const char *a, const char *b)
{
    if (strcmp(a, b) != 0)
        NOTE(comparison, "%s differs: %.200s in A, %.200s in B", what, a, b);
}

static void note_number(struct comparison *comparison, const char *what, double a, double b)
{
    if (a != b)
        NOTE(comparison, "%s differs: %.6g in A, %.6g in B", what, a, b);
}

static void note_machines(struct comparison *comparison, const struct results *a,
                          const struct results *b)
{
    note_text(comparison, "The version of crew", a->crew_version, b->crew_version);
    note_text(comparison, "The host's CPU", a->host.cpu_model, b->host.cpu_model);
    note_number(comparison, "The number of CPUs", a->host.cpus, b->host.cpus);
    note_text(comparison, "The host's kernel", a->host.kernel, b->host.kernel);
    note_text(comparison, "The host's architecture", a->host.machine, b->host.machine);
    note_number(comparison, "What counts as a microsecond of WORK CPU (iterations)",
                a->cpu_iterations_per_us, b->cpu_iterations_per_us);
}

static void note_settings(struct comparison *comparison, const struct results_settings *a,
                          const struct results_settings *b)
{
    note_number(comparison, "The number of requests outstanding", (double)a->connections,
                (double)b->connections);
    note_number(comparison, "The number of generator threads", (double)a->threads,
                (double)b->threads);
    note_number(comparison, "The length of a window in seconds", a->duration_s, b->duration_s);
    note_number(comparison, "The number of blocks", a->blocks, b->blocks);
}

static const char *name_of(size_t side)
{
    return side == COMPARISON_A ? "A" : "B";
}

static void note_only_there(struct comparison *comparison, size_t side)
{
    const struct results_settings *here = &comparison->results[side]->settings;
    const struct results_settings *there = &comparison->results[1 - side]->settings;
    for (size_t i = 0; i < here->workload_count; i++) {
        bool found = false;
        for (size_t j = 0; j < there->workload_count && !found; j++)
            found = strcmp(here->workloads[i], there->workloads[j]) == 0;
        if (!found)
            NOTE(comparison, "The workload %.200s is only in %s", here->workloads[i],
                 name_of(side));
    }
    char list[RESULTS_COUNT_LIMIT * 8] = "";
    for (size_t i = 0; i < here->count; i++) {
        bool found = false;
        for (size_t j = 0; j < there->count && !found; j++)
            found = here->workers[i] == there->workers[j];
        size_t used = strlen(list);
        if (!found)
            snprintf(list + used, sizeof(list) - used, "%s%u", used > 0 ? ", " : "",
                     here->workers[i]);
    }
    if (list[0] != '\0')
        NOTE(comparison, "Only in %s: %s workers", name_of(side), list);
}

static void miss_trials(struct comparison *comparison, const char *workload,
                        const struct comparison_line *line)
{
    for (size_t i = 0; i < COMPARISON_SIDES; i++) {
        const struct comparison_side *side = &line->sides[i];
        if (side->usable >= COMPARISON_TRIALS_LEAST)
            continue;
        bool known = side->first_reason != NULL;
        MISSING(comparison,
                "%.150s with %u worker%s: %s has %zu usable trial%s of %zu, and %d are needed"
                "%s%.300s%s",
                workload, line->workers, line->workers == 1 ? "" : "s", name_of(i), side->usable,
                side->usable == 1 ? "" : "s", side->planned, (int)COMPARISON_TRIALS_LEAST,
                known ? " (" : "", known ? side->first_reason : "", known ? ")" : "");
    }
}

static void take_missing(struct comparison *comparison)
{
    if (comparison->count == 0)
        MISSING(comparison, "the files have no workload in common");
    for (size_t i = 0; i < comparison->count; i++) {
        const struct comparison_workload *workload = &comparison->workloads[i];
        if (workload->count == 0) {
            MISSING(comparison, "the files have no worker count in common");
            break; /* the counts are the same for all workloads */
        }
        for (size_t j = 0; j < workload->count; j++)
            if (!workload->lines[j].compared)
                miss_trials(comparison, workload->name, &workload->lines[j]);
    }
}

void comparison_take_notes(struct comparison *comparison)
{
    const struct results *a = comparison->results[COMPARISON_A];
    const struct results *b = comparison->results[COMPARISON_B];
    comparison->same_run = is_same_run(a, b);
    if (comparison->same_run)
        NOTE(comparison, "Both files hold the same run");
    note_machines(comparison, a, b);
    note_settings(comparison, &a->settings, &b->settings);
    for (size_t side = 0; side < COMPARISON_SIDES; side++) {
        if (!comparison->results[side]->complete)
            NOTE(comparison, "%s is not complete", name_of(side));
        note_only_there(comparison, side);
    }
    take_missing(comparison);
}

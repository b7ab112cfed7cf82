/* SPDX-License-Identifier: MIT */
#include "bench/picture/scene.h"

#include <math.h>
#include <stdio.h>

bool scene_has(const struct scene *scene, const struct trial *trial, enum experiment experiment)
{
    return trial->workload == scene->workload && trial->experiment == experiment;
}

const struct capacity_line *scene_chosen(const struct scene *scene)
{
    const struct analysis *analysis = scene->analysis;
    if (analysis->choice.verdict == CHOICE_UNDETERMINED ||
        analysis->choice.chosen >= analysis->capacity_count)
        return NULL;
    return &analysis->capacity[analysis->choice.chosen];
}

const struct capacity_line *scene_typical(const struct scene *scene)
{
    const struct capacity_line *typical = scene_chosen(scene);
    for (size_t i = 0; typical == NULL && i < scene->analysis->capacity_count; i++) {
        typical = &scene->analysis->capacity[i];
        for (size_t j = i + 1; j < scene->analysis->capacity_count; j++)
            if (scene->analysis->capacity[j].rate_rps > typical->rate_rps)
                typical = &scene->analysis->capacity[j];
    }
    return typical;
}

unsigned scene_reference(const struct scene *scene)
{
    unsigned reference = scene->results->settings.reference;
    for (size_t i = 0; i < scene->analysis->capacity_count; i++)
        if (scene->analysis->capacity[i].workers == reference)
            return reference;
    return scene->analysis->capacity[0].workers;
}

const char *scene_no_capacity(const struct scene *scene, char text[SCENE_TEXT_SIZE])
{
    const struct analysis *analysis = scene->analysis;
    snprintf(text, SCENE_TEXT_SIZE, "no trial of the capacity experiment was run");
    for (size_t i = 0; i < analysis->left_out_count; i++) {
        if (analysis->left_out[i].first_reason == NULL)
            continue;
        snprintf(text, SCENE_TEXT_SIZE, "no trial of the capacity experiment can be used: %.400s",
                 analysis->left_out[i].first_reason);
        break;
    }
    return text;
}

const char *scene_no_latency(const struct scene *scene, char text[SCENE_TEXT_SIZE])
{
    const struct analysis *analysis = scene->analysis;
    snprintf(text, SCENE_TEXT_SIZE, "%s",
             scene->results->settings.latency_blocks > 0
                 ? "no trial of the latency experiment was run"
                 : "the latency experiment was not part of this run");
    for (size_t i = 0; i < analysis->latency_count; i++) {
        if (analysis->latency[i].first_reason == NULL)
            continue;
        snprintf(text, SCENE_TEXT_SIZE, "no trial of the latency experiment can be used: %.400s",
                 analysis->latency[i].first_reason);
        break;
    }
    return text;
}

/* The worker counts of the latency experiment, each once; they rise. */
static size_t list_counts(const struct analysis *analysis, unsigned *workers)
{
    size_t count = 0;
    for (size_t i = 0; i < analysis->latency_count && count < RESULTS_COUNT_LIMIT; i++)
        if (analysis->latency[i].usable > 0 &&
            (count == 0 || workers[count - 1] != analysis->latency[i].workers))
            workers[count++] = analysis->latency[i].workers;
    return count;
}

static void pick(bool *picked, size_t *kept, size_t most, size_t i)
{
    if (*kept == most || picked[i])
        return;
    picked[i] = true;
    (*kept)++;
}

/* The count that is farthest from those picked, as a ratio. There must be one that is not. */
static size_t farthest(const unsigned *all, const bool *picked, size_t count)
{
    size_t found = 0;
    double largest = -1;
    for (size_t i = 0; i < count; i++) {
        double nearest = picked[i] ? -1 : INFINITY;
        for (size_t j = 0; j < count; j++)
            if (picked[j])
                nearest = fmin(nearest, fabs(log((double)all[i] / all[j])));
        if (nearest > largest) {
            largest = nearest;
            found = i;
        }
    }
    return found;
}

size_t scene_pick_counts(const struct scene *scene, size_t most, unsigned *workers,
                         size_t *left_out)
{
    unsigned all[RESULTS_COUNT_LIMIT];
    bool picked[RESULTS_COUNT_LIMIT] = {false};
    size_t count = list_counts(scene->analysis, all);
    const struct capacity_line *typical = scene_typical(scene);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || i + 1 == count || (typical != NULL && all[i] == typical->workers))
            pick(picked, &kept, most, i);
    for (size_t i = 0; i < count; i++)
        if (all[i] == scene->results->settings.reference)
            pick(picked, &kept, most, i);
    while (kept < most && kept < count)
        pick(picked, &kept, most, farthest(all, picked, count));
    *left_out = count - kept;
    kept = 0;
    for (size_t i = 0; i < count; i++)
        if (picked[i])
            workers[kept++] = all[i];
    return kept;
}

const char *scene_subject(const struct scene *scene, enum experiment experiment,
                          char text[SCENE_TEXT_SIZE])
{
    const struct results_settings *settings = &scene->results->settings;
    if (experiment == EXPERIMENT_CAPACITY)
        snprintf(text, SCENE_TEXT_SIZE, "%s · closed loop, %zu outstanding",
                 scene->analysis->workload, settings->connections);
    else
        snprintf(text, SCENE_TEXT_SIZE, "%s · open loop, Poisson arrivals",
                 scene->analysis->workload);
    return text;
}

const char *scene_id(const struct scene *scene, const char *picture, char id[SCENE_ID_SIZE])
{
    snprintf(id, SCENE_ID_SIZE, "w%zu-%s", scene->workload + 1, picture);
    return id;
}

void scene_workers_axis(const struct scene *scene, struct scale *scale, struct ticks *ticks)
{
    static const double room = 1.25;
    static const size_t few = 12; /* of more, only powers of two are written */
    const struct results_settings *settings = &scene->results->settings;
    unsigned least = settings->workers[0];
    unsigned most = settings->workers[settings->count - 1];
    double single = least == most ? 2 : 1;
    *scale = (struct scale){
        .kind = SCALE_LOG, .low = least / (room * single), .high = most * room * single};
    ticks->count = 0;
    for (size_t i = 0; i < settings->count; i++) {
        unsigned workers = settings->workers[i];
        bool end = i == 0 || i + 1 == settings->count;
        bool power = (workers & (workers - 1)) == 0;
        if (end || power || settings->count <= few)
            ticks_add(ticks, workers, end ? 0 : power ? 1 : 2, tick_format_plain);
    }
}

const char *scene_workers_text(unsigned workers, char text[TICK_LABEL_SIZE])
{
    snprintf(text, TICK_LABEL_SIZE, "%u worker%s", workers, workers == 1 ? "" : "s");
    return text;
}

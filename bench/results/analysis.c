/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis.h"

#include "bench/results/analysis_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t analysis_fastest(const struct analysis *analysis)
{
    size_t fastest = 0;
    for (size_t i = 1; i < analysis->capacity_count; i++)
        if (analysis->capacity[i].rate_rps > analysis->capacity[fastest].rate_rps)
            fastest = i;
    return fastest;
}

size_t analysis_focus(const struct analysis *analysis)
{
    return analysis->choice.verdict != CHOICE_UNDETERMINED ? analysis->choice.chosen
                                                           : analysis_fastest(analysis);
}

bool analysis_unstable(const struct latency_line *line)
{
    return line->unstable * 2 > line->usable;
}

const char *analysis_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* Text that was cut ends in an ellipsis, not in the middle of a character. */
static void mark_cut(char text[ANALYSIS_SENTENCE_SIZE])
{
    static const char ellipsis[] = "…";
    size_t end = ANALYSIS_SENTENCE_SIZE - sizeof(ellipsis);
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    memcpy(text + end, ellipsis, sizeof(ellipsis));
}

void analysis_say(struct analysis *analysis, const char *format, ...)
{
    if (analysis->sentence_count == ANALYSIS_SENTENCES)
        return;
    char *sentence = analysis->sentences[analysis->sentence_count++];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(sentence, ANALYSIS_SENTENCE_SIZE, format, arguments);
    va_end(arguments);
    if (size >= ANALYSIS_SENTENCE_SIZE)
        mark_cut(sentence);
}

static size_t count_unusable(const struct results *results, size_t workload)
{
    size_t count = 0;
    for (size_t i = 0; i < results->trial_count; i++)
        if (results->trials[i].workload == workload && trial_reason(&results->trials[i]) != NULL)
            count++;
    return count;
}

static bool take_all(struct analysis_work *work)
{
    analysis_take_capacity(work);
    if (!analysis_take_latency(work) || !analysis_take_choice(work) || !analysis_take_models(work))
        return false;
    analysis_say_models(work);
    work->analysis->model_sentences = work->analysis->sentence_count;
    analysis_say_doubts(work);
    return true;
}

struct analysis *analysis_take(const struct results *results, size_t workload)
{
    struct analysis *analysis = calloc(1, sizeof(*analysis));
    struct analysis_work work = {
        .results = results,
        .workload = workload,
        .analysis = analysis,
        .scratch = calloc(results->trial_count + 1, sizeof(*work.scratch)),
        .histogram = histogram_new(),
    };
    bool taken = false;
    if (analysis != NULL && work.scratch != NULL && work.histogram != NULL) {
        analysis->workload = results->settings.workloads[workload];
        analysis->unusable = count_unusable(results, workload);
        taken = take_all(&work);
    }
    free(work.scratch);
    free(work.histogram);
    if (!taken) {
        analysis_free(analysis);
        analysis = NULL;
    }
    return analysis;
}

void analysis_free(struct analysis *analysis)
{
    if (analysis == NULL)
        return;
    for (size_t i = 0; i < analysis->latency_count; i++) {
        free(analysis->latency[i].response_histogram);
        free(analysis->latency[i].wire_histogram);
    }
    free(analysis);
}

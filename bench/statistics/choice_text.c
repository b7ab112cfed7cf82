/* SPDX-License-Identifier: MIT */
#include "bench/statistics/choice.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

struct writer {
    char *text;
    size_t used;
};

/* Appends; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) static void put(struct writer *writer, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size =
        vsnprintf(writer->text + writer->used, CHOICE_TEXT_SIZE - writer->used, format, arguments);
    va_end(arguments);
    if (size > 0)
        writer->used += (size_t)size;
    if (writer->used >= CHOICE_TEXT_SIZE)
        writer->used = CHOICE_TEXT_SIZE - 1;
}

/* Digits after the point of a share that is written in percent. */
static int decimals(double share)
{
    return fabs(share) < 0.0995 ? 1 : 0;
}

/* The end of the interval that is farther from 1, as a share. */
static double largest_deviation(const struct interval *ratio)
{
    return fmax(fabs(ratio->low - 1), fabs(ratio->high - 1));
}

/* "+31 % [+28, +34]" */
static void put_ratio(struct writer *writer, const struct interval *ratio)
{
    int digits = decimals(largest_deviation(ratio));
    put(writer, "%+.*f %% [%+.*f, %+.*f]", digits, 100 * (ratio->middle - 1), digits,
        100 * (ratio->low - 1), digits, 100 * (ratio->high - 1));
}

static const char *plural(unsigned workers)
{
    return workers == 1 ? "" : "s";
}

/* "; 10 to 16 are indistinguishable", or each by name when they are no neighbours. */
static void put_set(struct writer *writer, const struct choice_input *input,
                    const struct choice_line *lines, size_t members)
{
    size_t first = 0;
    while (!lines[first].in_set)
        first++;
    size_t last = input->counts - 1;
    while (!lines[last].in_set)
        last--;
    if (members > 2 && last - first + 1 == members) {
        put(writer, "; %u to %u", input->workers[first], input->workers[last]);
    } else {
        put(writer, "; %u", input->workers[first]);
        for (size_t i = first + 1; i <= last; i++)
            if (lines[i].in_set)
                put(writer, "%s %u", i == last ? " and" : ",", input->workers[i]);
    }
    put(writer, " are indistinguishable");
}

/*
 * " (12 was chosen in 83 % of resamples)". Resamples go by means alone, the choice by what is shown
 * to be within 2 %: with much noise another count may be ahead.
 */
static void put_share(struct writer *writer, const struct choice_input *input,
                      const struct choice_line *lines, size_t chosen)
{
    size_t ahead = chosen;
    for (size_t i = 0; i < input->counts; i++)
        if (lines[i].chosen_share > lines[ahead].chosen_share)
            ahead = i;
    const char *how = ahead == chosen ? "was chosen" : "would be chosen by means alone";
    put(writer, " (%u %s in %.0f %% of resamples)", input->workers[ahead], how,
        100 * lines[ahead].chosen_share);
}

static void put_chosen(struct writer *writer, const struct choice_input *input,
                       const struct choice_line *lines, const struct choice *choice)
{
    unsigned workers = input->workers[choice->chosen];
    size_t members = 0;
    for (size_t i = 0; i < input->counts; i++)
        if (lines[i].in_set)
            members++;
    put(writer, "use %u worker%s", workers, plural(workers));
    if (members > 1)
        put_set(writer, input, lines, members);
    put_share(writer, input, lines, choice->chosen);
}

static void put_edges(struct writer *writer, const struct choice_input *input,
                      const struct choice_line *lines, const struct choice *choice)
{
    unsigned largest = input->workers[input->counts - 1];
    /* When all are alike, the best is the largest by chance every now and then. */
    bool rising = choice->best_is_largest && lines[input->counts - 2].to_best.high < 1;
    if (choice->worse_from < input->counts)
        put(writer, "; beyond %u p99 gets worse", input->workers[choice->worse_from - 1]);
    if (choice->chosen_is_largest)
        put(writer, "; %u is the largest tried: try more", largest);
    else if (rising)
        put(writer, "; the best is %u, the largest tried: try more", largest);
    if (choice->chosen_is_smallest)
        put(writer, "; %u is the smallest tried: try fewer", input->workers[0]);
}

/* "; A/A ±0.8 %; provisional: only 4 blocks" */
static void put_trust(struct writer *writer, const struct choice *choice)
{
    double noise = largest_deviation(&choice->noise);
    if (interval_differs(&choice->noise)) {
        put(writer, "; A/A ");
        put_ratio(writer, &choice->noise);
        put(writer, ": so far apart by chance in 1 of 20 sweeps");
    } else if (!isnan(noise)) {
        put(writer, "; A/A ±%.*f %%", decimals(noise), 100 * noise);
    }
    if (choice->verdict == CHOICE_USE && 100 * choice->possible_loss > CHOICE_TOLERANCE_PERCENT)
        put(writer, "; a loss of up to %.*f %% to the best is not ruled out",
            decimals(choice->possible_loss), 100 * choice->possible_loss);
    if (choice->provisional)
        put(writer, "; provisional: only %zu blocks", choice->blocks);
}

static void put_no_difference(struct writer *writer, const struct choice_input *input,
                              const struct choice *choice)
{
    unsigned workers = input->workers[choice->chosen];
    put(writer,
        "no difference detected, so the fewest will do: use %u worker%s; smallest detectable "
        "effect "
        "%.*f %%",
        workers, plural(workers), decimals(choice->detectable), 100 * choice->detectable);
}

const char *choice_explain(const struct choice_input *input, const struct choice_line *lines,
                           const struct choice *choice, char text[CHOICE_TEXT_SIZE])
{
    struct writer writer = {.text = text};
    text[0] = '\0';
    if (choice->verdict == CHOICE_UNDETERMINED) {
        put(&writer, "not determined: %s", choice->reason);
        return text;
    }
    if (choice->verdict == CHOICE_NO_DIFFERENCE) {
        put_no_difference(&writer, input, choice);
    } else {
        put_chosen(&writer, input, lines, choice);
        if (!isnan(choice->step.low)) {
            put(&writer, "; vs %u: ", input->workers[choice->chosen - 1]);
            put_ratio(&writer, &choice->step);
        }
        put_edges(&writer, input, lines, choice);
    }
    put_trust(&writer, choice);
    return text;
}

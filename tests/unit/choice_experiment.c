/* SPDX-License-Identifier: MIT */
#include "tests/unit/choice_experiment.h"

#include <check.h>
#include <math.h>
#include <string.h>

const struct experiment experiment_six = {
    .workers = {4, 8, 10, 12, 16, 32},
    .level = {400, 760, 975, 1000, 1005, 900},
    .p99_us = {900, 900, 950, 1000, 1050, 1300},
};

double experiment_disturbance(size_t block, size_t column)
{
    return sin(2.4 * (double)block + 1.7 * (double)(column * column) + 0.9 * (double)column);
}

void experiment_measure(struct experiment *e, size_t counts, size_t blocks, double noise)
{
    for (size_t i = 0; i < blocks; i++) {
        double block = 1 + 0.3 * experiment_disturbance(i, 99);
        for (size_t j = 0; j < counts; j++)
            e->rates[i * counts + j] =
                e->level[j] * block * exp(noise * experiment_disturbance(i, j));
        e->control[i] = e->level[0] * block * exp(noise * experiment_disturbance(i, MOST_COUNTS));
    }
    e->input = (struct choice_input){
        .workers = e->workers,
        .counts = counts,
        .rates_rps = e->rates,
        .blocks = blocks,
        .control_rps = e->control,
        .seed = 1,
    };
}

void experiment_decide(struct experiment *e)
{
    ck_assert(choice_make(&e->input, e->lines, &e->choice));
    ck_assert_ptr_eq(choice_explain(&e->input, e->lines, &e->choice, e->text), e->text);
}

void experiment_run(struct experiment *e, size_t counts, size_t blocks, double noise)
{
    experiment_measure(e, counts, blocks, noise);
    experiment_decide(e);
}

void experiment_expect_text(const struct experiment *e, const char *part)
{
    ck_assert_msg(strstr(e->text, part) != NULL, "'%s' is not in '%s'", part, e->text);
}

void experiment_expect_no_text(const struct experiment *e, const char *part)
{
    ck_assert_msg(strstr(e->text, part) == NULL, "'%s' is in '%s'", part, e->text);
}

/* SPDX-License-Identifier: MIT */
#include "tests/system/sweep_program.h"

#include "bench/results/results_file.h"
#include "tests/system/fixture.h"
#include "tests/system/scratch_folder.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

void sweep_words(const char *options, const char *words[SWEEP_WORDS])
{
    static char text[1024];
    static char json[128];
    size_t count = 0;
    char *rest = NULL;
    snprintf(text, sizeof(text), "%s", options);
    snprintf(json, sizeof(json), "%s", scratch_path("json"));
    words[count++] = "sweep";
    if (strstr(options, "--resume") == NULL) {
        words[count++] = "--json";
        words[count++] = json;
    }
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        ck_assert_uint_lt(count, SWEEP_WORDS - 1);
        words[count++] = word;
    }
    words[count] = NULL;
}

void sweep_run(struct program_run *run, const char *options, int status)
{
    const char *words[SWEEP_WORDS];
    sweep_words(options, words);
    program_expect(run, program_path("crew-bench"), words, NULL, status);
}

void sweep_read(const char *name, struct results *results)
{
    char error[BENCH_ERROR_SIZE];
    ck_assert_msg(results_read(scratch_path(name), results, error), "%s", error);
}

size_t sweep_complete_trials(const struct results *results)
{
    size_t count = 0;
    for (size_t i = 0; i < results->trial_count; i++)
        count += results->trials[i].complete ? 1 : 0;
    return count;
}

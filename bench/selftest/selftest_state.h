/* SPDX-License-Identifier: MIT */
/*
 * What a check of `crew-bench selftest` is given and what it finds. A check measures something
 * whose true answer is known beforehand, with the same functions as every other subcommand, and
 * says whether the answer came out. One thread.
 */
#ifndef CREW_BENCH_SELFTEST_STATE_H
#define CREW_BENCH_SELFTEST_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SELFTEST_TEXT_SIZE = 512 };

enum selftest_result {
    SELFTEST_OK,
    SELFTEST_FAILED,
    SELFTEST_SKIPPED,     /* cannot be checked with this build; counts as neither */
    SELFTEST_INTERRUPTED, /* by Ctrl-C */
};

struct selftest {
    uint64_t seed;
    bool quick;  /* a shorter form, whose tolerances are the same shares of shorter times */
    bool broken; /* the cause of what is checked is taken away on purpose, so it has to fail */
    /* NULL for none. `done` is the share of this check, from 0 to 1. */
    void (*progress)(void *context, double done, uint64_t replies);
    void *context;

    double part_begin; /* of the measurement that runs, as a share of the check */
    double part_size;

    enum selftest_result result;
    char expected[SELFTEST_TEXT_SIZE];
    char found[SELFTEST_TEXT_SIZE];
};

/* What comes next is part `index` of `count` equally long ones. */
void selftest_part(struct selftest *selftest, size_t index, size_t count);

/* `done` is the share of the part. */
void selftest_progress(const struct selftest *selftest, double done, uint64_t replies);

/* Notes a result without a measurement: the text is what was found. */
void selftest_conclude(struct selftest *selftest, enum selftest_result result, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

/*
 * For loops that compute: shows progress, and ends the check after Ctrl-C. False when it is to
 * return at once.
 */
bool selftest_goes_on(struct selftest *selftest, double done);

#endif

/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_rounds.h"

#include "bench/base/bench_interrupt.h"
#include "bench/peers/child_program.h"
#include "bench/peers/queue_curve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
    SPARE_DESCRIPTORS = 200, /* that a program needs beside the row's connections */
    QUEUE_TIMEOUT_MS = 120000,
};

struct peer_round {
    double figures[2][PEER_FIGURES];
};

static void empty_round(struct peer_round *round)
{
    for (size_t i = 0; i < PEER_FIGURES; i++)
        round->figures[0][i] = round->figures[1][i] = NAN;
}

static void keep_round(struct peer_outcome *outcome, const struct peer_round *round)
{
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < PEER_FIGURES; i++)
            outcome->figures[side][i][outcome->rounds] = round->figures[side][i];
    outcome->rounds++;
}

/* ---- what has to be there ---- */

static bool has_program(const struct peer_bed *bed, enum peer_program program, char *problem)
{
    if (program == PEER_NONE || bed->programs->paths[program][0] != '\0')
        return true;
    snprintf(problem, BENCH_ERROR_SIZE, "%s", peer_program_missing(program));
    return false;
}

/* This program holds the connections to both sides; of a crowd only to one at a time. */
static bool has_descriptors(const struct peer_row *row, char *problem)
{
    struct rlimit limit;
    size_t needed = SPARE_DESCRIPTORS;
    for (size_t i = 0; i < (row->method == PEER_BY_MEMORY ? 1 : 2); i++)
        needed += row->sides[i].connections + row->sides[i].idle + row->sides[i].sleepers;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return true;
    snprintf(problem, BENCH_ERROR_SIZE,
             "it needs %zu open files, and %llu are allowed (raise the hard limit: ulimit -Hn)",
             needed, (unsigned long long)limit.rlim_cur);
    return false;
}

static bool can_run(const struct peer_bed *bed, const struct peer_row *row, char *problem)
{
    return has_program(bed, row->sides[0].program, problem) &&
           has_program(bed, row->sides[1].program, problem) &&
           (row->method != PEER_BY_BENCHMARK || has_program(bed, PEER_BENCHMARK, problem)) &&
           has_descriptors(row, problem);
}

/* ---- a round ---- */

/*
 * See `ideal` of struct peer_row. The generator uses the same CPUs as the server, and what it takes
 * the server cannot have: the spare rate is what the rest of them could do.
 */
static void add_ideal(const struct peer_bed *bed, const struct peer_row *row,
                      struct peer_round *round)
{
    double *subject = round->figures[0];
    double *peer = round->figures[1];
    double workers = (double)peer_stand_workers(bed, &row->sides[0]);
    const double *alone = row->sides[1].program == PEER_NONE ? subject : peer;
    double rate_of_one_rps = 1e6 / alone[PEER_SERVICE_US];
    peer[PEER_RATE_RPS] = workers * rate_of_one_rps;
    subject[PEER_SPARE_RPS] = subject[PEER_RATE_RPS];
    peer[PEER_SPARE_RPS] = (workers - subject[PEER_GENERATOR_SHARE]) * rate_of_one_rps;
}

static bool measure_round(struct peer_stand stands[2], size_t first, struct peer_round *round,
                          char *error)
{
    empty_round(round);
    for (size_t i = 0; i < 2; i++) {
        size_t side = (first + i) % 2;
        if (stands[side].side->program != PEER_NONE &&
            !peer_stand_measure(&stands[side], round->figures[side], error))
            return false;
    }
    if (stands[0].row->ideal)
        add_ideal(stands[0].bed, stands[0].row, round);
    return true;
}

/* The child measures both sides by itself, in turns. */
static bool measure_curve(const struct peer_bed *bed, struct peer_outcome *outcome,
                          struct peer_round *round, char *error)
{
    static const char *const words[] = {"--seconds", "0.2", NULL};
    const char *path = bed->programs->paths[PEER_QUEUE];
    struct queue_point points[PEER_CURVE_LIMIT];
    struct byte_buffer output = {0};
    double cpu_s = 0;
    empty_round(round);
    bool good = child_program_run(path, words, QUEUE_TIMEOUT_MS, &output, &cpu_s, error);
    size_t count = good ? queue_curve_parse(output.bytes, points, PEER_CURVE_LIMIT) : 0;
    if (good && (count == 0 || (outcome->rounds > 0 && count != outcome->curve_count))) {
        good = false;
        snprintf(error, BENCH_ERROR_SIZE, "%.500s printed something else than a curve: %.1000s",
                 path, output.bytes);
    }
    outcome->curve_count = count;
    for (size_t i = 0; i < count; i++) {
        outcome->curve_threads[i] = points[i].threads;
        round->figures[0][PEER_CURVE + i] = points[i].ready_queue;
        round->figures[1][PEER_CURVE + i] = points[i].plain;
    }
    byte_buffer_free(&output);
    return good;
}

/* ---- a row ---- */

static bool open_stands(const struct peer_bed *bed, const struct peer_row *row,
                        struct peer_stand stands[2], char *error)
{
    const struct peer_side *sides = row->sides;
    stands[1] = (struct peer_stand){.side = &sides[1], .load.epoll_fd = -1};
    return peer_stand_open(&stands[0], bed, row, &sides[0], NULL, error) &&
           (sides[1].program == PEER_NONE ||
            peer_stand_open(&stands[1], bed, row, &sides[1],
                            row->one_server ? stands[0].server : NULL, error));
}

void peer_rounds_run(const struct peer_bed *bed, size_t rounds, struct peer_outcome *outcome,
                     peer_progress *progress, void *context)
{
    const struct peer_row *row = outcome->row;
    bool is_curve = row->method == PEER_BY_QUEUE;
    struct peer_stand stands[2];
    struct peer_round round;
    if (!can_run(bed, row, outcome->problem))
        return;
    bool good = is_curve || open_stands(bed, row, stands, outcome->problem);
    for (size_t i = 0; i <= rounds && good; i++) {
        progress(context, (double)i / (double)(rounds + 1));
        good = is_curve ? measure_curve(bed, outcome, &round, outcome->problem)
                        : measure_round(stands, i % 2, &round, outcome->problem);
        if (good && i > 0)
            keep_round(outcome, &round);
    }
    if (!is_curve) {
        peer_stand_close(&stands[1]);
        peer_stand_close(&stands[0]);
    }
    if (bench_interrupted())
        snprintf(outcome->problem, BENCH_ERROR_SIZE, "interrupted");
    else if (good)
        peer_outcome_judge(outcome);
}

/* SPDX-License-Identifier: MIT */
/*
 * Says on how many cores the ready queue's one lock would be what limits a server, and what would
 * help: taking several entries at once, or several queues. It is a model (tests/speed/
 * queue_model.h), not a measurement. What a section costs comes from ready-queue-speed with one
 * thread, half of the time of an operation; what another core's cache line costs is a property of
 * the machine that is asked about. The server takes one entry at a time and has one queue.
 */
#include "bench/base/bench_number.h"
#include "bench/base/text_table.h"
#include "bench/commands/worker_list.h"
#include "common/clock.h"
#include "common/option.h"
#include "common/quantity.h"
#include "tests/speed/queue_model.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FIELD(name)  offsetof(struct settings, name)

/* Enough for rates within half a percent, and for utilizations within some. */
enum { SEED = 1, REQUESTS_TO_SHOW = 400000, REQUESTS_TO_SEARCH = 50000, REQUESTS_PER_WORKER = 20 };

struct settings {
    const char *cores;
    int64_t section_ns;
    int64_t entry_ns;
    int64_t transfer_ns;
    int64_t handoff_ns;
    int64_t polled;
};

static const struct option options[] = {
    {"cores", 'c', OPTION_TEXT, FIELD(cores), 0, 0, NULL, "8,16,32,64,128", "list",
     "Each with one worker."},
    {"section", 0, OPTION_DURATION, FIELD(section_ns), 1, NS_PER_MS, NULL, "15ns", "time",
     "How long the lock is held once, by the core that held it before."},
    {"entry", 0, OPTION_DURATION, FIELD(entry_ns), 0, NS_PER_MS, NULL, "2ns", "time",
     "How much longer for each further entry."},
    {"transfer", 0, OPTION_DURATION, FIELD(transfer_ns), 0, NS_PER_MS, NULL, "150ns", "time",
     "How much longer when another core held it before."},
    {"handoff", 0, OPTION_DURATION, FIELD(handoff_ns), 0, NS_PER_MS, NULL, "150ns", "time",
     "How much longer when the worker had to wait for it."},
    {"polled", 0, OPTION_INTEGER, FIELD(polled), 0, 4096, NULL, "32", "entries",
     "How many entries a poll brings; 0 leaves polling out."},
    {"help", 'h', OPTION_HELP, 0, 0, 0, NULL, NULL, NULL, "Print this help."},
};

static const struct option_table table = {
    .program = "ready-queue-simulation",
    .synopsis = "[options]",
    .description = "Simulates the lock of the ready queue on many cores, none of which is ever\n"
                   "short of requests: an upper bound of its load.",
    .options = options,
    .count = COUNT(options),
    .examples = "  ready-queue-simulation --cores 96,192 --transfer 300ns\n"
                "  ready-queue-simulation --handoff 2us      waiters are put to sleep\n",
};

static const double services_ns[] = {5500, 50000, 1000000};

static const struct {
    unsigned taken;
    unsigned queues;
} designs[] = {{1, 1}, {4, 1}, {16, 1}, {1, 2}, {1, 4}};

static struct queue_model model_of(const struct settings *settings, size_t design)
{
    return (struct queue_model){
        .queues = designs[design].queues,
        .taken_at_once = designs[design].taken,
        .polled_at_once = (unsigned)settings->polled,
        .section_ns = (double)settings->section_ns,
        .entry_ns = (double)settings->entry_ns,
        .transfer_ns = (double)settings->transfer_ns,
        .handoff_ns = (double)settings->handoff_ns,
        .constant_sections = true,
    };
}

static struct queue_model_result run(const struct queue_model *model, uint64_t least)
{
    struct queue_model_result result;
    uint64_t requests = (uint64_t)model->workers * model->taken_at_once * REQUESTS_PER_WORKER;
    if (queue_model_run(model, requests > least ? requests : least, SEED, &result) == 0)
        return result;
    fprintf(stderr, "ready-queue-simulation: out of memory\n");
    exit(1);
}

/* The fewest workers with which the lock is at least so busy; 0 when more than can be simulated. */
static unsigned workers_for(struct queue_model model, double utilization)
{
    unsigned below = 0;
    unsigned enough = QUEUE_MODEL_WORKERS + 1;
    for (model.workers = model.queues; model.workers <= QUEUE_MODEL_WORKERS; model.workers *= 2) {
        if (run(&model, REQUESTS_TO_SEARCH).utilization >= utilization) {
            enough = model.workers;
            break;
        }
        below = model.workers;
    }
    while (enough <= QUEUE_MODEL_WORKERS && enough - below > 1 + below / 100) {
        model.workers = below + (enough - below) / 2;
        if (run(&model, REQUESTS_TO_SEARCH).utilization >= utilization)
            enough = model.workers;
        else
            below = model.workers;
    }
    return enough <= QUEUE_MODEL_WORKERS ? enough : 0;
}

static void print_rates(const struct settings *settings, const unsigned *cores, size_t count)
{
    static const struct text_column columns[] = {{"service", 8}, {"cores", 5}, {"ideal req/s", 13},
                                                 {"req/s", 13},  {"share", 5}, {"lock busy", 9},
                                                 {"waiting", 7}};
    printf("One queue, one entry at a time, as the server does it\n");
    text_table_row(stdout, columns, COUNT(columns), NULL);
    for (size_t service = 0; service < COUNT(services_ns); service++)
        for (size_t i = 0; i < count; i++) {
            struct queue_model model = model_of(settings, 0);
            model.service_ns = services_ns[service];
            model.workers = cores[i];
            struct queue_model_result result = run(&model, REQUESTS_TO_SHOW);
            double ideal_rps = queue_model_ideal_rps(&model);
            char text[COUNT(columns)][BENCH_NUMBER_SIZE];
            const char *const cells[] = {
                bench_number_us(text[0], model.service_ns / NS_PER_US),
                bench_number_count(text[1], model.workers),
                bench_number_rate(text[2], ideal_rps),
                bench_number_rate(text[3], result.rate_rps),
                bench_number_share(text[4], result.rate_rps / ideal_rps),
                bench_number_share(text[5], result.utilization),
                bench_number_share(text[6], result.waiting),
            };
            text_table_row(stdout, columns, COUNT(columns), cells);
        }
}

static const char *format_workers(char text[BENCH_NUMBER_SIZE], unsigned workers)
{
    if (workers > 0)
        return bench_number_count(text, workers);
    snprintf(text, BENCH_NUMBER_SIZE, "> %d", QUEUE_MODEL_WORKERS);
    return text;
}

static void print_designs(const struct settings *settings, unsigned most_cores)
{
    static const struct text_column columns[] = {{"service", 8}, {"taken", 5},  {"queues", 6},
                                                 {"50% at", 8},  {"90% at", 8}, {"req/s", 13},
                                                 {"share", 5}};
    printf("\nOther designs: at how many cores a lock is busy half and nine tenths of the time,\n"
           "and what %u cores would do\n",
           most_cores);
    text_table_row(stdout, columns, COUNT(columns), NULL);
    for (size_t service = 0; service < COUNT(services_ns); service++)
        for (size_t design = 0; design < COUNT(designs); design++) {
            struct queue_model model = model_of(settings, design);
            model.service_ns = services_ns[service];
            model.workers = most_cores;
            struct queue_model_result result = run(&model, REQUESTS_TO_SHOW);
            char text[COUNT(columns)][BENCH_NUMBER_SIZE];
            const char *const cells[] = {
                bench_number_us(text[0], model.service_ns / NS_PER_US),
                bench_number_count(text[1], model.taken_at_once),
                bench_number_count(text[2], model.queues),
                format_workers(text[3], workers_for(model, 0.5)),
                format_workers(text[4], workers_for(model, 0.9)),
                bench_number_rate(text[5], result.rate_rps),
                bench_number_share(text[6], result.rate_rps / queue_model_ideal_rps(&model)),
            };
            text_table_row(stdout, columns, COUNT(columns), cells);
        }
}

int main(int argc, char **argv)
{
    struct settings settings = {0};
    unsigned cores[RESULTS_COUNT_LIMIT];
    size_t count;
    options_set_defaults(&table, &settings);
    int status = options_handle(&table, &settings, argc, argv);
    if (status >= 0)
        return status;
    if (!worker_list_parse(settings.cores, cores, &count)) {
        char error[OPTION_ERROR_SIZE];
        snprintf(error, sizeof(error), "--cores: '%.60s' is no list; " WORKER_LIST_RULE,
                 settings.cores);
        return options_exit_status(&table, OPTIONS_BAD, error);
    }
    print_rates(&settings, cores, count);
    print_designs(&settings, cores[count - 1]);
    return fflush(stdout) == 0 ? 0 : 1;
}

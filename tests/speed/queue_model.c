/* SPDX-License-Identifier: MIT */
#include "tests/speed/queue_model.h"

#include "bench/base/bench_random.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const double ns_per_s = 1e9;
static const unsigned nobody = QUEUE_MODEL_WORKERS;

struct worker {
    double wants_ns; /* when it asks for the lock next */
    unsigned queue;
    bool polled; /* then it adds what it found; else it takes */
};

struct queue {
    double free_ns; /* when those who came so far are through */
    unsigned last;  /* worker */
    unsigned unpolled;
    bool polling;
};

struct simulation {
    const struct queue_model *model;
    struct bench_random random;
    struct worker *workers;
    struct queue *queues;
    unsigned *heap; /* of workers: who asks for a lock first is on top */
    uint64_t requests;
    uint64_t sections;
    uint64_t waits;
    double held_ns;
};

static double draw(struct simulation *simulation, double mean, bool constant)
{
    return constant ? mean : -log(bench_random_unit(&simulation->random)) * mean;
}

static bool before(const struct simulation *simulation, unsigned one, unsigned other)
{
    return simulation->workers[simulation->heap[one]].wants_ns <
           simulation->workers[simulation->heap[other]].wants_ns;
}

/* The worker at `at` asks later than it did: moves it down to where it belongs. */
static void sift_down(struct simulation *simulation, unsigned at)
{
    unsigned count = simulation->model->workers;
    for (;;) {
        unsigned first = at;
        for (unsigned child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++)
            if (before(simulation, child, first))
                first = child;
        if (first == at)
            return;
        unsigned moved = simulation->heap[at];
        simulation->heap[at] = simulation->heap[first];
        simulation->heap[first] = moved;
        at = first;
    }
}

static double service_ns(struct simulation *simulation)
{
    const struct queue_model *model = simulation->model;
    double sum_ns = 0;
    for (unsigned i = 0; i < model->taken_at_once; i++)
        sum_ns += draw(simulation, model->service_ns, model->constant_service);
    return sum_ns;
}

/* The lock is `index`'s from when it is free until the section's end, which is returned. */
static double hold(struct simulation *simulation, unsigned index, unsigned entries)
{
    const struct queue_model *model = simulation->model;
    const struct worker *worker = &simulation->workers[index];
    struct queue *queue = &simulation->queues[worker->queue];
    bool waits = queue->free_ns > worker->wants_ns;
    double mean_ns = model->section_ns + model->entry_ns * (entries > 1 ? entries - 1 : 0);
    double held_ns = draw(simulation, mean_ns, model->constant_sections);
    held_ns += queue->last != index ? model->transfer_ns : 0;
    held_ns += waits ? model->handoff_ns : 0;
    queue->free_ns = (waits ? queue->free_ns : worker->wants_ns) + held_ns;
    queue->last = index;
    simulation->held_ns += held_ns;
    simulation->sections++;
    simulation->waits += waits;
    return queue->free_ns;
}

/* What the worker does who asks first, until it asks again. Those who ask later cannot get the
 * lock before it, so handling them in this order serves them in the order of coming. */
static void step(struct simulation *simulation)
{
    const struct queue_model *model = simulation->model;
    unsigned index = simulation->heap[0];
    struct worker *worker = &simulation->workers[index];
    struct queue *queue = &simulation->queues[worker->queue];
    if (worker->polled) {
        worker->wants_ns = hold(simulation, index, model->polled_at_once);
        worker->polled = false;
        queue->polling = false;
        queue->unpolled = 0;
    } else if (model->polled_at_once > 0 && !queue->polling &&
               queue->unpolled >= model->polled_at_once) {
        worker->wants_ns = hold(simulation, index, 0);
        worker->polled = true;
        queue->polling = true;
    } else {
        worker->wants_ns = hold(simulation, index, model->taken_at_once) + service_ns(simulation);
        queue->unpolled += model->taken_at_once;
        simulation->requests += model->taken_at_once;
    }
    sift_down(simulation, 0);
}

static void set_out(struct simulation *simulation)
{
    const struct queue_model *model = simulation->model;
    for (unsigned i = 0; i < model->queues; i++)
        simulation->queues[i].last = nobody;
    for (unsigned i = 0; i < model->workers; i++) {
        /* Spread over a service time: together they would have to queue first. */
        double phase_ns = bench_random_unit(&simulation->random) * model->service_ns;
        simulation->workers[i] = (struct worker){.wants_ns = phase_ns, .queue = i % model->queues};
        simulation->heap[i] = i;
    }
    for (unsigned i = model->workers; i-- > 0;)
        sift_down(simulation, i);
}

static double now_ns(const struct simulation *simulation)
{
    return simulation->workers[simulation->heap[0]].wants_ns;
}

static void simulate(struct simulation *simulation, uint64_t requests,
                     struct queue_model_result *result)
{
    set_out(simulation);
    while (simulation->requests < requests / 10)
        step(simulation);
    double began_ns = now_ns(simulation);
    simulation->requests = simulation->sections = simulation->waits = 0;
    simulation->held_ns = 0;
    while (simulation->requests < requests)
        step(simulation);
    double took_ns = now_ns(simulation) - began_ns;
    *result = (struct queue_model_result){
        .rate_rps = (double)simulation->requests / took_ns * ns_per_s,
        .utilization = simulation->held_ns / took_ns / simulation->model->queues,
        .waiting = (double)simulation->waits / (double)simulation->sections,
    };
}

int queue_model_run(const struct queue_model *model, uint64_t requests, uint64_t seed,
                    struct queue_model_result *result)
{
    struct simulation simulation = {
        .model = model,
        .random = {seed},
        .workers = calloc(model->workers, sizeof(*simulation.workers)),
        .queues = calloc(model->queues, sizeof(*simulation.queues)),
        .heap = calloc(model->workers, sizeof(*simulation.heap)),
    };
    int error = ENOMEM;
    if (simulation.workers != NULL && simulation.queues != NULL && simulation.heap != NULL) {
        simulate(&simulation, requests, result);
        error = 0;
    }
    free(simulation.workers);
    free(simulation.queues);
    free(simulation.heap);
    return error;
}

double queue_model_ideal_rps(const struct queue_model *model)
{
    return model->workers / model->service_ns * ns_per_s;
}

/* SPDX-License-Identifier: MIT */
#include "server/calibration.h"

#include "common/clock.h"

#include <pthread.h>
#include <stdatomic.h>

enum { TRIALS = 8, TRIAL_ITERATIONS = 1000000 };

static pthread_once_t measured = PTHREAD_ONCE_INIT;

/* Relaxed: a number that stands alone, written once; pthread_once orders it for those who burn. */
static _Atomic uint64_t iterations_per_us;

/* A chain of dependent multiplications (Knuth's MMIX generator), so that no compiler and no wide
 * CPU makes a difference. The result must be used, or the loop would be removed. */
static uint64_t iterate(uint64_t count)
{
    uint64_t value = count;
    for (uint64_t i = 0; i < count; i++)
        value = value * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return value;
}

static void spend(uint64_t iterations)
{
    volatile uint64_t sink = iterate(iterations);
    (void)sink;
}

/* The fastest of several trials by this thread's CPU time: the one disturbed least. */
static void measure(void)
{
    if (atomic_load_explicit(&iterations_per_us, memory_order_relaxed) != 0)
        return;
    uint64_t best_ns = UINT64_MAX;
    for (int i = 0; i < TRIALS; i++) {
        uint64_t started_ns = thread_cpu_ns();
        spend(TRIAL_ITERATIONS);
        uint64_t took_ns = thread_cpu_ns() - started_ns;
        if (took_ns < best_ns)
            best_ns = took_ns;
    }
    uint64_t per_us = (uint64_t)TRIAL_ITERATIONS * NS_PER_US / (best_ns > 0 ? best_ns : 1);
    atomic_store_explicit(&iterations_per_us, per_us > 0 ? per_us : 1, memory_order_relaxed);
}

void calibration_set(uint64_t iterations)
{
    atomic_store_explicit(&iterations_per_us, iterations, memory_order_relaxed);
}

uint64_t calibration_iterations_per_us(void)
{
    return atomic_load_explicit(&iterations_per_us, memory_order_relaxed);
}

void calibration_burn(uint64_t duration_us)
{
    (void)pthread_once(&measured, measure); /* fails only for a bad argument */
    spend(duration_us * calibration_iterations_per_us());
}

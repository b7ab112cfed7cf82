/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_interrupt.h"

#include <signal.h>
#include <stdatomic.h>

/* A flag that carries no data with it, so relaxed accesses will do. */
static atomic_int interrupted;

static void note_signal(int number)
{
    (void)number;
    atomic_store_explicit(&interrupted, 1, memory_order_relaxed);
}

void bench_interrupt_install(void)
{
    /* SA_RESETHAND: the second signal finds the default action again. No SA_RESTART: waits end. */
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    /* A parent may have left it ignored, and then no child could be waited for. */
    (void)signal(SIGCHLD, SIG_DFL);
}

bool bench_interrupted(void)
{
    return atomic_load_explicit(&interrupted, memory_order_relaxed) != 0;
}

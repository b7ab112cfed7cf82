/* SPDX-License-Identifier: MIT */
/* WORK: requests of a known kind and cost, to measure pools with. */
#include "common/clock.h"
#include "common/lock.h"
#include "server/calibration.h"
#include "server/call.h"
#include "server/commands/commands.h"
#include "server/server.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

enum {
    LONGEST_US = 60 * 1000 * 1000,
    LARGEST_REPLY = 64 * 1024 * 1024,
};

static pthread_once_t shared_lock_once = PTHREAD_ONCE_INIT;
static struct lock shared_lock;

static void init_shared_lock(void)
{
    lock_init(&shared_lock, LOCK_RANK_WORKLOAD);
}

static bool read_amount(crew_call *call, const char *unit, int64_t maximum, int64_t *amount)
{
    if (crew_argument_integer(call, 2, 0, maximum, amount))
        return true;
    crew_reply_error(call, "ERR %s must be an integer from 0 to %lld", unit, (long long)maximum);
    return false;
}

static void cpu(crew_call *call)
{
    int64_t duration_us;
    if (!read_amount(call, "microseconds", LONGEST_US, &duration_us))
        return;
    calibration_burn((uint64_t)duration_us);
    crew_reply_status(call, "OK");
}

/* To a deadline, so that interruptions do not make it longer. */
static void block_for(uint64_t duration_us)
{
    uint64_t until_ns = monotonic_ns() + duration_us * NS_PER_US;
    struct timespec until = {
        .tv_sec = (time_t)(until_ns / NS_PER_S),
        .tv_nsec = (long)(until_ns % NS_PER_S),
    };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

static void sleep_for(crew_call *call)
{
    int64_t duration_us;
    if (!read_amount(call, "microseconds", LONGEST_US, &duration_us))
        return;
    block_for((uint64_t)duration_us);
    crew_reply_status(call, "OK");
}

/* Holds the lock while burning CPU, as a critical section does. The wait is counted after the
 * release, so that counting does not make the critical section longer. */
static void lock_for(crew_call *call)
{
    int64_t duration_us;
    if (!read_amount(call, "microseconds", LONGEST_US, &duration_us))
        return;
    (void)pthread_once(&shared_lock_once, init_shared_lock);
    uint64_t asked_ns = monotonic_ns();
    lock_acquire(&shared_lock);
    uint64_t got_ns = monotonic_ns();
    calibration_burn((uint64_t)duration_us);
    lock_release(&shared_lock);
    worker_statistics_count_lock_wait(&call->worker->statistics, &call->worker->server->epoch,
                                      got_ns - asked_ns);
    crew_reply_status(call, "OK");
}

static void reply_bytes(crew_call *call)
{
    int64_t size;
    if (!read_amount(call, "bytes", LARGEST_REPLY, &size))
        return;
    char *space = crew_reply_bulk_space(call, (size_t)size);
    if (space != NULL)
        memset(space, 'x', (size_t)size);
}

static const crew_command subcommands[] = {
    {"CPU", "<microseconds>", "Burns CPU: a fixed number of iterations, calibrated once.",
     "workload", 3, 0, cpu, NULL},
    {"SLEEP", "<microseconds>", "Blocks its worker.", "workload", 3, 0, sleep_for, NULL},
    {"LOCK", "<microseconds>", "Burns CPU while holding a lock that all workers share.", "workload",
     3, 0, lock_for, NULL},
    {"REPLY", "<bytes>", "Answers a bulk of that size.", "workload", 3, 0, reply_bytes, NULL},
    HELP_ROW("workload"),
    {.name = NULL},
};

const crew_command workload_commands[] = {
    {"WORK", "<subcommand>", "Does work of a known kind and cost.", "workload", -2, CREW_FAST, NULL,
     subcommands},
    {.name = NULL},
};

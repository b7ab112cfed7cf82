/* SPDX-License-Identifier: MIT */
/*
 * soak: clients of all kinds against one server, and whether it keeps its promises. Three acts:
 *
 *   warm-up   as the load itself; when all have left, what the server holds is the measure
 *   load      when all have left, the server's counts are compared with the clients' histories, and
 *             descriptors, threads and memory with what they were after the warm-up
 *   stop      the load once more, and SIGTERM amid it
 *
 * With --connections there are short lives instead, and the stop comes when all have left. Exit
 * status: 0; 1 when a promise is broken; 2 when the test itself could not go on.
 */
#include "bench/base/bench_interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/sibling_program.h"
#include "common/clock.h"
#include "tests/soak/attacks.h"
#include "tests/soak/load.h"
#include "tests/soak/report.h"
#include "tests/soak/secrets.h"
#include "tests/soak/settings.h"
#include "tests/soak/subject.h"
#include "tests/soak/victims.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_BROKEN = 1,
    EXIT_STUCK = 2,
    WATCH_NS = 100 * NS_PER_MS, /* between looks at whether the server lives */
    BUSY_S = 10,                /* for all that sleep at the stop to do so */
    LEAVE_S = 30,               /* for all clients to be gone, and for the server to let go */
    SETTLED_MS = 2500,          /* the server keeps spare blocks for up to two sweeps */
    TURNS_BEFORE_STOP = 50,
    STOP_MS = 30000,
    GROWTH_KIB = 4096, /* of an allocator that has come to other places */
};

struct soak {
    struct settings settings;
    struct secrets secrets;
    struct subject subject;
    struct load load;
    struct victims victims;
    struct promises promises;
    struct progress progress;
    double before; /* share of the run that earlier acts took */
    double share;  /* and that the present one takes */
    const char *act;
    uint64_t watched_ns;
    struct subject_state warm;
    char error[BENCH_ERROR_SIZE];
};

static void begin_act(struct soak *soak, const char *act, double share)
{
    soak->before += soak->share;
    soak->share = share;
    soak->act = act;
}

static void show(struct soak *soak, double done)
{
    struct history_totals sum;
    load_sum(&soak->load, &sum);
    progress_show(&soak->progress, soak->before + soak->share * done, sum.answered, soak->act);
}

/* False when the server has ended or the user has asked for an end. */
static bool goes_on(struct soak *soak, uint64_t now_ns)
{
    int status;
    if (now_ns - soak->watched_ns < (uint64_t)WATCH_NS)
        return true;
    soak->watched_ns = now_ns;
    if (bench_interrupted()) {
        snprintf(soak->error, sizeof(soak->error), "interrupted");
        return false;
    }
    if (!server_process_wait_exit(&soak->subject.process, 0, &status))
        return true;
    server_process_explain(&soak->subject.process, "ended amid the load", soak->error);
    return false;
}

/* Clients come and go for that long, or until all that may come have come. */
static bool run_load(struct soak *soak, uint64_t duration_ns)
{
    struct client_world *world = &soak->load.world;
    bool mixed = soak->settings.connections == 0;
    uint64_t begin_ns = monotonic_ns();
    uint64_t first = world->connections;
    world->leaving = false;
    for (uint64_t now_ns = begin_ns;; now_ns = monotonic_ns()) {
        double done = mixed ? (double)(now_ns - begin_ns) / (double)duration_ns
                            : (double)(world->connections - first) /
                                  (double)(world->connections_most - first);
        if (done >= 1)
            return true;
        if (!goes_on(soak, now_ns))
            return false;
        show(soak, done);
        load_turn(&soak->load);
        if (mixed)
            victims_step(&soak->victims, &world->addresses[LISTENER_TCP], now_ns);
        if (!secrets_step(&soak->secrets, &soak->subject.process, now_ns, soak->error))
            return false;
    }
}

/* All clients leave, and the server has noticed that they did. */
static bool run_out(struct soak *soak)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)LEAVE_S * NS_PER_S;
    uint64_t clients = 0;
    victims_end(&soak->victims);
    load_leave(&soak->load);
    while (load_present(&soak->load) > 0 && goes_on(soak, monotonic_ns()))
        load_turn(&soak->load); /* a client that waits for ever is late, which its history notes */
    do {
        if (!subject_count(&soak->subject, "connected_clients", &clients, soak->error))
            return false;
    } while (clients > 1 && monotonic_ns() < deadline_ns && poll(NULL, 0, 10) == 0);
    if (clients == 1)
        return true;
    snprintf(soak->error, sizeof(soak->error),
             "the server still has %" PRIu64 " connections %d s after all clients left",
             clients - 1, (int)LEAVE_S);
    return false;
}

/* Until memory has not fallen for a while: that is what the warm server holds. */
static bool read_warm_state(struct soak *soak)
{
    uint64_t fell_ns = monotonic_ns();
    soak->warm.resident_kib = UINT64_MAX;
    while (monotonic_ns() - fell_ns < (uint64_t)SETTLED_MS * NS_PER_MS) {
        struct subject_state now;
        if (!subject_read_state(&soak->subject, &now, soak->error))
            return false;
        if (now.resident_kib < soak->warm.resident_kib)
            fell_ns = monotonic_ns();
        soak->warm = now.resident_kib < soak->warm.resident_kib ? now : soak->warm;
        poll(NULL, 0, 20);
    }
    return true;
}

static bool has_returned(const struct soak *soak, const struct subject_state *now)
{
    return now->descriptors == soak->warm.descriptors && now->threads == soak->warm.threads &&
           (soak->settings.ignore_memory ||
            now->resident_kib <= soak->warm.resident_kib + GROWTH_KIB);
}

static bool check_drift(struct soak *soak)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)LEAVE_S * NS_PER_S;
    const struct subject_state *warm = &soak->warm;
    struct subject_state now;
    do {
        if (!subject_read_state(&soak->subject, &now, soak->error))
            return false;
    } while (!has_returned(soak, &now) && monotonic_ns() < deadline_ns && poll(NULL, 0, 20) == 0);
    promises_add(&soak->promises, "descriptors", now.descriptors == warm->descriptors,
                 "%" PRIu64 " before, %" PRIu64 " after", warm->descriptors, now.descriptors);
    promises_add(&soak->promises, "threads", now.threads == warm->threads,
                 "%" PRIu64 " before, %" PRIu64 " after", warm->threads, now.threads);
    if (!soak->settings.ignore_memory)
        promises_add(&soak->promises, "memory", now.resident_kib <= warm->resident_kib + GROWTH_KIB,
                     "%" PRIu64 " KiB before, %" PRIu64 " KiB after; %d more are allowed",
                     warm->resident_kib, now.resident_kib, (int)GROWTH_KIB);
    return true;
}

static bool check_calls(struct soak *soak, const char *name, const char *command, bool orderly)
{
    uint64_t calls;
    struct history_totals sum;
    load_sum_counted(&soak->load, orderly, &sum);
    if (!subject_calls(&soak->subject, command, &calls, soak->error))
        return false;
    promises_add(&soak->promises, name, history_check_executed(&sum, command, calls),
                 "%s ran %" PRIu64 " times; %" PRIu64 " to %" PRIu64
                 " by what the clients sent and got",
                 command, calls, sum.executed_least, sum.executed_most);
    return true;
}

static bool check_turned_away(struct soak *soak)
{
    uint64_t rejected;
    uint64_t made_room;
    struct history_totals sum;
    load_sum(&soak->load, &sum);
    if (!subject_count(&soak->subject, "rejected_connections", &rejected, soak->error) ||
        !subject_count(&soak->subject, "closed_made_room", &made_room, soak->error))
        return false;
    promises_add(&soak->promises, "too many", sum.turned_away <= rejected + made_room,
                 "%" PRIu64 " clients were turned away; the server did that %" PRIu64
                 " times, and %" PRIu64 " times to strangers that had to make room",
                 sum.turned_away, rejected, made_room);
    return true;
}

/* That no client noticed is in their histories. */
static bool check_renewals(struct soak *soak)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)LEAVE_S * NS_PER_S;
    uint64_t followed;
    uint64_t failed;
    if (!secrets_exist(&soak->secrets))
        return true;
    do {
        secrets_count(&soak->secrets, &soak->subject.process, &followed, &failed);
    } while (followed < soak->secrets.renewals && monotonic_ns() < deadline_ns &&
             poll(NULL, 0, 20) == 0);
    promises_add(&soak->promises, "reads anew", followed == soak->secrets.renewals && failed == 0,
                 "%" PRIu64 " times at %" PRIu64 " SIGHUP; files refused %" PRIu64 " times",
                 followed, soak->secrets.renewals, failed);
    return true;
}

static bool run_and_check(struct soak *soak, uint64_t duration_ns)
{
    return run_load(soak, duration_ns) && run_out(soak) &&
           check_calls(soak, "executed once", COMPOSE_ORDERLY_COMMAND, true) &&
           check_calls(soak, "not executed twice", COMPOSE_OTHER_COMMAND, false) &&
           check_turned_away(soak) && check_renewals(soak) && check_drift(soak);
}

/* The more that waits in sockets at the stop, also of strangers, the more could be lost. */
static bool keep_workers_busy(struct soak *soak)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)BUSY_S * NS_PER_S;
    while (!load_prepare_stop(&soak->load) && monotonic_ns() < deadline_ns) {
        if (!goes_on(soak, monotonic_ns()))
            return false;
        load_turn(&soak->load);
    }
    subject_freeze(&soak->subject);
    for (unsigned turn = 0; turn < TURNS_BEFORE_STOP; turn++)
        load_turn(&soak->load);
    return true;
}

static bool run_stop(struct soak *soak)
{
    if (!keep_workers_busy(soak))
        return false;
    load_note_stop(&soak->load);
    subject_stop(&soak->subject);
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)LEAVE_S * NS_PER_S;
    while (load_present(&soak->load) > 0 && monotonic_ns() < deadline_ns)
        load_turn(&soak->load);
    size_t left = load_present(&soak->load);
    load_abandon(&soak->load);
    victims_end(&soak->victims);
    promises_add(&soak->promises, "ends connections", left == 0,
                 "%zu were still open %d s after SIGTERM", left, (int)LEAVE_S);
    bool well = subject_ended_well(&soak->subject, STOP_MS, soak->error);
    promises_add(&soak->promises, "ends well", well, "%.400s",
                 well ? "exit status 0" : soak->error);
    return true;
}

static bool run_mixed(struct soak *soak)
{
    uint64_t fifth_ns = (uint64_t)soak->settings.duration_ns / 5;
    begin_act(soak, "warm-up", 0.2);
    if (!run_load(soak, fifth_ns) || !run_out(soak) || !read_warm_state(soak))
        return false;
    begin_act(soak, "load", 0.6);
    if (!run_and_check(soak, 3 * fifth_ns))
        return false;
    begin_act(soak, "stop", 0.2);
    return run_load(soak, fifth_ns) && run_stop(soak);
}

static bool run_short(struct soak *soak)
{
    uint64_t count = (uint64_t)soak->settings.connections;
    soak->load.world.connections_most = count / 10 + 1;
    begin_act(soak, "warm-up", 0.1);
    if (!run_load(soak, 0) || !run_out(soak) || !read_warm_state(soak))
        return false;
    soak->load.world.connections_most += count;
    begin_act(soak, "load", 0.9);
    return run_and_check(soak, 0) && run_stop(soak);
}

static void judge_histories(struct soak *soak)
{
    struct history_totals sum;
    load_sum(&soak->load, &sum);
    promises_add(&soak->promises, "answered once", sum.breaches == 0 && sum.answered > 0,
                 "%" PRIu64 " replies, in order and byte for byte, but for %" PRIu64
                 " breaches; %" PRIu64 " requests whose clients went away",
                 sum.answered, sum.breaches, sum.unanswered);
}

static bool make_secrets(struct soak *soak)
{
    bool made = secrets_make(&soak->secrets, tls_is_available(), soak->error);
    soak->load.world.trust = soak->secrets.trust;
    soak->load.world.passwords = made;
    return made;
}

static int run(struct soak *soak, const char *program)
{
    uint64_t began_ns = monotonic_ns();
    bool mixed = soak->settings.connections == 0;
    char workers[16];
    snprintf(workers, sizeof(workers), "%" PRId64, soak->settings.workers);
    /* Few connections, so that a flood finds too many; and clients that read nothing are closed
     * while they still hold on. */
    const char *const options[] = {"--workers",
                                   workers,
                                   "--max-connections",
                                   "256",
                                   "--output-timeout",
                                   "2s",
                                   "--cpu-iterations",
                                   "1000",
                                   NULL};
    bool done = (!mixed || make_secrets(soak)) &&
                subject_start(&soak->subject, program, options, &soak->secrets,
                              soak->load.world.addresses, soak->error) &&
                (mixed ? run_mixed(soak) : run_short(soak));
    victims_end(&soak->victims);
    load_abandon(&soak->load);
    progress_end(&soak->progress);
    judge_histories(soak);
    report_clients(&soak->load);
    report_promises(&soak->promises);
    printf("  %.1f s; %" PRIu64 " client processes killed\n",
           (double)(monotonic_ns() - began_ns) / NS_PER_S, soak->victims.killed);
    fflush(stdout);
    if (!done)
        fprintf(stderr, "soak: %s\n", soak->error);
    subject_end(&soak->subject);
    secrets_remove(&soak->secrets);
    if (!promises_all_kept(&soak->promises))
        return EXIT_BROKEN;
    return done ? 0 : EXIT_STUCK;
}

static int run_attacks(struct soak *soak, const char *program)
{
    bool done = attacks_run(program, (uint64_t)soak->settings.duration_ns,
                            (uint64_t)soak->settings.seed, &soak->promises, soak->error);
    report_promises(&soak->promises);
    if (!done)
        fprintf(stderr, "soak: %s\n", soak->error);
    if (!done || bench_interrupted())
        return EXIT_STUCK;
    return promises_all_kept(&soak->promises) ? 0 : EXIT_BROKEN;
}

int main(int argc, char **argv)
{
    static struct soak soak;
    char program[PATH_MAX];
    int status = settings_read(&soak.settings, argc, argv);
    if (status >= 0)
        return status;
    bench_interrupt_install();
    const char *folder = getenv("CREW_BIN");
    if (folder != NULL)
        snprintf(program, sizeof(program), "%s/crew-server", folder);
    else
        sibling_program("crew-server", program);
    if (soak.settings.attacks)
        return run_attacks(&soak, program);
    bool mixed = soak.settings.connections == 0;
    if (!load_init(&soak.load, mixed ? mixed_behaviours : short_behaviours,
                   mixed ? mixed_behaviour_count : short_behaviour_count,
                   (uint64_t)soak.settings.seed)) {
        fprintf(stderr, "soak: cannot make its clients: %s\n", strerror(errno));
        return EXIT_STUCK;
    }
    progress_begin(&soak.progress);
    status = run(&soak, program);
    load_free(&soak.load);
    return status;
}

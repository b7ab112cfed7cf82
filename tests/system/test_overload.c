/* SPDX-License-Identifier: MIT */
/*
 * What a server is worth under more load than it can do. Clients give up after 100 ms: a reply that
 * comes later than that after its request's scheduled time counts as nothing. The rest is goodput.
 * With --shed off the same load must make it collapse, or the test could not fail.
 *
 * Each row: capacity, measured by a closed loop that keeps the workers busy; then an open loop at a
 * multiple of it. Half the capacity goes on after the overload ends, and shows how long the server
 * takes to recover: until each SLICE_MS bring nine of ten replies in time.
 *
 * CREW_OVERLOAD_SECONDS=5 makes each row that long, adds those that the short run leaves out, and
 * prints the table. CREW_OVERLOAD_WORKLOAD=cpu:4ms measures with another workload.
 */
#include "bench/engine/engine.h"
#include "common/clock.h"
#include "common/sanitized.h"
#include "tests/system/fixture.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    GIVE_UP_MS = 100,
    WORKERS = 2,
    CONNECTIONS = 400,
    INFLIGHT = 200000, /* never the limit */
    CAPACITY_MS = 500,
    SHORT_MS = 1000,
    RECOVERY_MS = 1000,
    SLICE_MS = 50,
    TRIES = 6, /* the machine may be needed by others for a moment */
};

struct load {
    struct endpoint target;
    struct workload workload;
    struct engine *engine;
    struct engine_snapshot now;
};

/* Of the capacity. At ten times of it each worker refuses nine requests for one that it runs, which
 * with ThreadSanitizer takes a tenth of its time and more; without, a hundredth. */
static const double wanted_share = SANITIZED ? 0.7 : 0.9;

/* What one row of the table says. */
struct outcome {
    double capacity_rps;
    double offered_rps;
    double goodput_rps;
    double share;
    double p99_ms; /* of what was accepted, however late it came */
    double shed_rps;
    double recovery_ms; /* INFINITY: it did not recover while it was watched */
};

static struct load base;
static struct load excess;

/* Sleep leaves the CPUs to the generators, which share the machine with the server. */
static const char *workload(void)
{
    const char *asked = getenv("CREW_OVERLOAD_WORKLOAD");
    return asked != NULL ? asked : "sleep:4ms";
}

static void begin_load(struct load *load, const char *url, double rate_rps, size_t connections)
{
    char error[BENCH_ERROR_SIZE];
    ck_assert_msg(endpoint_parse(url, &load->target, error), "%s", error);
    ck_assert_msg(workload_parse(workload(), &load->workload, error), "%s", error);
    const struct engine_settings settings = {
        .target = &load->target,
        .workload = &load->workload,
        .connections = connections,
        .threads = 1,
        .pipeline = 1,
        .rate_rps = rate_rps,
        .arrivals = ARRIVAL_CONSTANT,
        .inflight = INFLIGHT,
        .seed = 1,
        .timeout_ms = 120000,
    };
    load->engine = engine_open(&settings, error);
    ck_assert_msg(load->engine != NULL, "%s", error);
    ck_assert_msg(engine_launch(load->engine, error), "%s", error);
}

/* No more is sent, but the connections stay: what was sent is still there to be answered. */
static void stop_sending(struct load *load)
{
    struct engine_end end;
    engine_stop(load->engine, &end);
    engine_snapshot(load->engine, &load->now);
}

static void end_load(struct load *load)
{
    engine_close(load->engine);
    workload_free(&load->workload);
}

static void look(struct load *load)
{
    engine_snapshot(load->engine, &load->now);
}

/* Replies that came in time. */
static double in_time(const struct load *load)
{
    uint64_t count = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (histogram_bucket_high_ns(i) <= (uint64_t)GIVE_UP_MS * NS_PER_MS)
            count += histogram_bucket_count(&load->now.response, i);
    }
    return (double)count;
}

static double capacity_rps(const char *url)
{
    begin_load(&base, url, 0, (size_t)WORKERS * 2);
    (void)engine_wait(base.engine, CAPACITY_MS / 5);
    look(&base);
    double before = in_time(&base);
    uint64_t began_ns = base.now.at_ns;
    (void)engine_wait(base.engine, CAPACITY_MS);
    look(&base);
    double took_s = (double)(base.now.at_ns - began_ns) / NS_PER_S;
    double rate_rps = (in_time(&base) - before) / took_s;
    stop_sending(&base);
    end_load(&base);
    return rate_rps;
}

/* How long after now the base load gets its replies again. */
static double watch_recovery_ms(double base_rps)
{
    look(&base);
    uint64_t ended_ns = base.now.at_ns;
    double recovered_ms = 0;
    double late_ms = 0;
    while (late_ms < RECOVERY_MS + 2 * SLICE_MS) {
        double before = in_time(&base);
        uint64_t before_ns = base.now.at_ns;
        (void)engine_wait(base.engine, SLICE_MS);
        look(&base);
        late_ms = (double)(base.now.at_ns - ended_ns) / NS_PER_MS;
        double expected = base_rps * (double)(base.now.at_ns - before_ns) / NS_PER_S;
        if (in_time(&base) - before < expected * 0.9)
            recovered_ms = late_ms;
    }
    return recovered_ms < late_ms ? recovered_ms : INFINITY;
}

static struct outcome overload(const char *url, double factor, int lasts_ms)
{
    struct outcome outcome = {.capacity_rps = capacity_rps(url)};
    double base_rps = outcome.capacity_rps / 2;
    begin_load(&base, url, base_rps, CONNECTIONS / 4);
    begin_load(&excess, url, outcome.capacity_rps * factor - base_rps, CONNECTIONS);
    (void)engine_wait(base.engine, lasts_ms);
    look(&base);
    stop_sending(&excess);
    double took_s = (double)(excess.now.at_ns - engine_begin_ns(excess.engine)) / NS_PER_S;
    outcome.goodput_rps = (in_time(&base) + in_time(&excess)) / took_s;
    outcome.offered_rps = (double)(base.now.sent + excess.now.sent) / took_s;
    outcome.shed_rps =
        (double)(base.now.failures[BENCH_ERROR_REPLY] + excess.now.failures[BENCH_ERROR_REPLY]) /
        took_s;
    histogram_merge(&excess.now.response, &base.now.response);
    outcome.p99_ms = (double)histogram_quantile_ns(&excess.now.response, 0.99) / NS_PER_MS;
    outcome.recovery_ms = watch_recovery_ms(base_rps);
    stop_sending(&base);
    end_load(&base);
    end_load(&excess);
    /* If others needed the machine at the first time, the second tells; what is left of a backlog
     * can only make it smaller. */
    double again_rps = capacity_rps(url);
    if (again_rps > outcome.capacity_rps)
        outcome.capacity_rps = again_rps;
    outcome.share = outcome.goodput_rps / outcome.capacity_rps;
    return outcome;
}

static const struct {
    const char *shed;
    double factor;
    bool in_short;
} rows[] = {
    {"queue-wait", 2, true}, {"queue-wait", 5, true}, {"queue-wait", 10, true},
    {"off", 2, true},        {"off", 5, false},       {"off", 10, false},
};

static int asked_ms(void)
{
    const char *seconds = getenv("CREW_OVERLOAD_SECONDS");
    return seconds != NULL ? (int)(strtod(seconds, NULL) * 1000) : 0;
}

static void describe(int row, const struct outcome *outcome, char text[200])
{
    snprintf(text, 200, "%-10s %4.0fx %8.0f %8.0f %8.0f %6.1f%% %9.1f %8.0f %11.0f", rows[row].shed,
             rows[row].factor, outcome->capacity_rps, outcome->offered_rps, outcome->goodput_rps,
             outcome->share * 100, outcome->p99_ms, outcome->shed_rps, outcome->recovery_ms);
}

static bool is_as_it_should_be(int row, const struct outcome *outcome)
{
    if (outcome->offered_rps < outcome->capacity_rps * rows[row].factor * 0.95)
        return false; /* the generator was too slow */
    if (strcmp(rows[row].shed, "off") == 0)
        return outcome->share < 0.5 && outcome->recovery_ms > RECOVERY_MS;
    return outcome->share >= wanted_share && outcome->recovery_ms <= RECOVERY_MS;
}

START_TEST(goodput_survives_overload_only_if_requests_are_shed)
{
    int lasts_ms = asked_ms();
    if (lasts_ms == 0 && !rows[_i].in_short)
        return;
    if (lasts_ms > 0 && _i == 0)
        printf("%-10s %5s %8s %8s %8s %7s %9s %8s %11s\n", "shed", "load", "capacity", "offered",
               "goodput", "share", "p99 ms", "shed/s", "recovery ms");
    struct outcome outcome;
    char options[80];
    char text[200];
    snprintf(options, sizeof(options), "--workers %d --shed %s", WORKERS, rows[_i].shed);
    for (int i = 0; i < TRIES; i++) {
        struct fixture server;
        fixture_start(&server, options);
        outcome = overload(server.url, rows[_i].factor, lasts_ms > 0 ? lasts_ms : SHORT_MS);
        describe(_i, &outcome, text);
        fixture_stop(&server);
        if (lasts_ms > 0)
            printf("%s\n", text);
        if (is_as_it_should_be(_i, &outcome))
            return;
    }
    ck_abort_msg("%s", text);
}
END_TEST

Suite *overload_suite(void)
{
    Suite *suite = suite_create("overload");
    TCase *tests = tcase_create("overload");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, goodput_survives_overload_only_if_requests_are_shed, 0,
                        sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(suite, tests);
    return suite;
}

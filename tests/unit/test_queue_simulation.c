/* SPDX-License-Identifier: MIT */
/*
 * The model of the ready queue's lock against what is known without simulating: worked out by hand
 * where all times are constant, and by the formulas of the machine repair problem (N machines that
 * fail, one repairer) where they are not.
 */
#include "tests/speed/queue_model.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { REQUESTS = 400000 };

static struct queue_model_result run(const struct queue_model *model)
{
    struct queue_model_result result;
    ck_assert_int_eq(queue_model_run(model, REQUESTS, 11, &result), 0);
    return result;
}

static void check_share(double found, double expected, double tolerance)
{
    ck_assert_msg(fabs(found / expected - 1) <= tolerance, "%g instead of %g", found, expected);
}

/* Exact mean value analysis (Reiser and Lavenberg 1980) of one queue and a delay: what comes to
 * the lock finds there as many as a system with one worker less has on average. */
static double analyzed_rps(unsigned workers, double service_ns, double section_ns)
{
    double at_lock = 0;
    double rate_per_ns = 0;
    for (unsigned n = 1; n <= workers; n++) {
        double response_ns = section_ns * (1 + at_lock);
        rate_per_ns = n / (service_ns + response_ns);
        at_lock = rate_per_ns * response_ns;
    }
    return rate_per_ns * 1e9;
}

/* Takács (1962), "Introduction to the Theory of Queues", M/G/1 with N sources: a busy period is
 * D·Σ C(N-1, i)·Π (1/φ(jλ) - 1), j = 1..i, and an idle one 1/(Nλ); φ is the Laplace transform of a
 * section, exp(-jλD) when it is constant (Ashcroft 1950) and 1/(1 + jλD) when it is exponential. */
static double repaired_rps(unsigned workers, double service_ns, double section_ns, bool constant)
{
    double load = section_ns / service_ns;
    double sum = 0;
    double term = 1;
    for (unsigned i = 0; i < workers; i++) {
        sum += term;
        term *= (workers - 1 - i) / (i + 1.0);
        term *= constant ? expm1((i + 1) * load) : (i + 1) * load;
    }
    double busy_ns = section_ns * sum;
    return busy_ns / (busy_ns + service_ns / workers) / section_ns * 1e9;
}

static const struct {
    unsigned workers;
    double section_ns;
} systems[] = {{1, 500}, {2, 1000}, {3, 300}, {5, 250}, {8, 100}, {8, 200}, {16, 50}};

static struct queue_model system_model(int i)
{
    return (struct queue_model){.workers = systems[i].workers,
                                .queues = 1,
                                .taken_at_once = 1,
                                .service_ns = 1000,
                                .section_ns = systems[i].section_ns};
}

/* The formulas were found differently; where both apply they are one. */
START_TEST(formulas_agree)
{
    struct queue_model model = system_model(_i);
    check_share(analyzed_rps(model.workers, 1000, model.section_ns),
                repaired_rps(model.workers, 1000, model.section_ns, false), 1e-9);
}
END_TEST

START_TEST(exponential_times)
{
    struct queue_model model = system_model(_i);
    struct queue_model_result result = run(&model);
    double expected_rps = analyzed_rps(model.workers, 1000, model.section_ns);
    check_share(result.rate_rps, expected_rps, 0.02);
    check_share(result.utilization, expected_rps * model.section_ns / 1e9, 0.02);
}
END_TEST

/* Of the service time only the mean matters, if the sections are exponential. */
START_TEST(constant_service)
{
    struct queue_model model = system_model(_i);
    model.constant_service = true;
    check_share(run(&model).rate_rps, analyzed_rps(model.workers, 1000, model.section_ns), 0.02);
}
END_TEST

START_TEST(constant_sections)
{
    struct queue_model model = system_model(_i);
    model.constant_sections = true;
    check_share(run(&model).rate_rps, repaired_rps(model.workers, 1000, model.section_ns, true),
                0.02);
}
END_TEST

/* ---- by hand, all times being constant ---- */

static const struct {
    struct queue_model model;
    double period_ns; /* in which `requests` are served */
    double requests;
    double held_ns; /* of it; of one queue, the mean */
    double waiting;
} by_hand[] = {
    /* One worker has the lock to itself. */
    {{.workers = 1, .service_ns = 100, .section_ns = 10}, 110, 1, 10, 0},
    {{.workers = 1, .service_ns = 100, .section_ns = 10, .transfer_ns = 7, .handoff_ns = 5},
     110,
     1,
     10,
     0},
    {{.workers = 1, .service_ns = 100, .section_ns = 10, .entry_ns = 2, .taken_at_once = 4},
     416,
     4,
     16,
     0},
    /* Eight takes, a glance, and a section that adds eight. */
    {{.workers = 1, .service_ns = 100, .section_ns = 10, .entry_ns = 2, .polled_at_once = 8},
     800 + 80 + 10 + 24,
     8,
     80 + 10 + 24,
     0},
    {{.workers = 1,
      .service_ns = 100,
      .section_ns = 10,
      .entry_ns = 2,
      .taken_at_once = 4,
      .polled_at_once = 8},
     800 + 32 + 10 + 24,
     8,
     32 + 10 + 24,
     0},
    /* Two take turns, so each finds the lock as the other left it. */
    {{.workers = 2, .service_ns = 100, .section_ns = 10, .transfer_ns = 7}, 117, 2, 34, 0},
    /* Ten ask for more than there is: it is always handed on. */
    {{.workers = 10, .service_ns = 100, .section_ns = 10, .transfer_ns = 7, .handoff_ns = 5},
     22,
     1,
     22,
     1},
    /* Two such queues. */
    {{.workers = 20,
      .queues = 2,
      .service_ns = 100,
      .section_ns = 10,
      .transfer_ns = 7,
      .handoff_ns = 5},
     22,
     2,
     22,
     1},
    /* Each has a queue of its own: nothing comes from another core. */
    {{.workers = 4, .queues = 4, .service_ns = 100, .section_ns = 10, .transfer_ns = 7},
     110,
     4,
     10,
     0},
};

START_TEST(constant_times)
{
    struct queue_model model = by_hand[_i].model;
    model.constant_service = model.constant_sections = true;
    model.queues = model.queues > 0 ? model.queues : 1;
    model.taken_at_once = model.taken_at_once > 0 ? model.taken_at_once : 1;
    struct queue_model_result result = run(&model);
    double period_ns = by_hand[_i].period_ns;
    check_share(result.rate_rps, by_hand[_i].requests / period_ns * 1e9, 1e-3);
    check_share(result.utilization, by_hand[_i].held_ns / period_ns, 1e-3);
    ck_assert_double_eq_tol(result.waiting, by_hand[_i].waiting, 1e-3);
}
END_TEST

/* While one polls, the others must not: 64 takes would be too few to pay for it. A poll is asked
 * for after 32 entries, but others take in between. */
START_TEST(one_polls_at_a_time)
{
    struct queue_model model = {.workers = 64,
                                .queues = 1,
                                .taken_at_once = 1,
                                .polled_at_once = 32,
                                .service_ns = 1,
                                .section_ns = 10,
                                .constant_service = true,
                                .constant_sections = true};
    /* All 64 wait: the one who is told comes again behind the other 63, who take meanwhile. */
    double takes = 32 + 63;
    check_share(run(&model).rate_rps, takes / (takes + 2) / 10 * 1e9, 2e-3);
}
END_TEST

START_TEST(ideal)
{
    struct queue_model model = {.workers = 8, .service_ns = 5000};
    check_share(queue_model_ideal_rps(&model), 1.6e6, 1e-12);
}
END_TEST

START_TEST(same_seed_same_result)
{
    struct queue_model model = system_model(3);
    struct queue_model_result one = run(&model);
    struct queue_model_result again = run(&model);
    ck_assert_double_eq(one.rate_rps, again.rate_rps);
    struct queue_model_result other;
    ck_assert_int_eq(queue_model_run(&model, REQUESTS, 12, &other), 0);
    ck_assert_double_ne(one.rate_rps, other.rate_rps);
}
END_TEST

Suite *queue_simulation_suite(void)
{
    Suite *suite = suite_create("queue_simulation");
    TCase *tests = tcase_create("queue_simulation");
    tcase_add_loop_test(tests, formulas_agree, 0, COUNT(systems));
    tcase_add_loop_test(tests, exponential_times, 0, COUNT(systems));
    tcase_add_loop_test(tests, constant_service, 0, COUNT(systems));
    tcase_add_loop_test(tests, constant_sections, 0, COUNT(systems));
    tcase_add_loop_test(tests, constant_times, 0, COUNT(by_hand));
    tcase_add_test(tests, one_polls_at_a_time);
    tcase_add_test(tests, ideal);
    tcase_add_test(tests, same_seed_same_result);
    suite_add_tcase(suite, tests);
    return suite;
}

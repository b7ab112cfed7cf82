/* SPDX-License-Identifier: MIT */
/* What is said about each model beside what was measured. */
#include "bench/results/analysis.h"
#include "bench/statistics/numeric.h"
#include "tests/unit/analysis_lookup.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const char usl[] = "The Universal Scalability Law";
static const char goetz[] = "Goetz's formula";
static const char queue[] = "M/M/c";
static const char little[] = "Little's law";

static struct results results;
static struct analysis *analysis;

static void take(void)
{
    analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(analysis);
    for (size_t i = 0; i < analysis->sentence_count; i++)
        ck_assert_uint_lt(strlen(analysis->sentences[i]), ANALYSIS_SENTENCE_SIZE - 1);
}

static void drop(void)
{
    analysis_free(analysis);
    results_free(&results);
}

static void expect(const char *begin, const char *part)
{
    const char *sentence = lookup_sentence(analysis, begin);
    ck_assert_msg(sentence != NULL, "no sentence begins with: %s", begin);
    ck_assert_msg(strstr(sentence, part) != NULL, "%s\nshould have: %s", sentence, part);
}

/* ---- curves ------------------------------------------------------------------------------------
 */

/* Rates as USL gives them (or another curve), with the fixture's noise. */
static void set_rates(double (*rate)(double workers))
{
    for (size_t i = 0; i < results.trial_count; i++) {
        struct trial *trial = &results.trials[i];
        double ideal = results_fixture_rate_rps(&results_fixture_sleeping, trial->workers);
        trial->measurement.throughput_rps *= rate(trial->workers) / ideal;
    }
}

static double smooth_peak(double workers) /* N* = sqrt(0.95 / 0.0038) = 15.8 */
{
    return 100 * workers / (1 + 0.05 * (workers - 1) + 0.0038 * workers * (workers - 1));
}

static double smooth_rise(double workers)
{
    return 100 * workers / (1 + 0.05 * (workers - 1));
}

static double ragged(double workers)
{
    return ((unsigned)workers & 0x15) != 0 ? 100 : 300; /* 1, 4 and 16 are low */
}

START_TEST(a_hard_limit_rejects_usl)
{
    results_fixture_make(&results_fixture_sleeping, &results);
    take();
    if (numeric_can_fit()) {
        expect(usl, "is rejected (lack of fit F = ");
        expect(usl, "p < 0.0001): a hard limit bends the curve more sharply than it can; a "
                    "straight line that turns flat at 8.0 workers is not (lack of fit F = ");
    } else {
        expect(usl, "was not fitted: built without GSL; a straight line that turns flat at 8.0 "
                    "workers is not rejected (lack of fit F = ");
    }
    drop();
}
END_TEST

static const struct {
    double (*rate)(double workers);
    const char *part;
} curves[] = {
    {smooth_peak, ": its peak, N* = 15."},
    {smooth_peak, ", lies within the counts tried."},
    {smooth_peak, " fits with contention σ = 0.05"},
    {smooth_peak, " and coherency κ = 0.003"},
    {smooth_rise, ": it has no peak up to 32 workers, the most that were tried."},
    {ragged, ", and so is a straight line that turns flat at "},
    {ragged, "): trust what was measured, not a curve."},
};

START_TEST(curve)
{
    if (!numeric_can_fit())
        return;
    results_fixture_make(&results_fixture_sleeping, &results);
    set_rates(curves[_i].rate);
    take();
    expect(usl, curves[_i].part);
    drop();
}
END_TEST

static const struct {
    size_t count;
    unsigned blocks;
    const char *part;
} few[] = {
    {5, 6, "it takes 6 different worker counts; a straight line that turns flat at 8."},
    {3, 6, "a straight line up to 4 workers is "},
    {5, 1, " is not rejected (lack of fit not tested, which takes repeats of more counts)."},
};

START_TEST(too_few_for_usl)
{
    if (!numeric_can_fit())
        return;
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.count = few[_i].count;
    fixture.blocks = few[_i].blocks;
    fixture.noise = 0.003;
    results_fixture_make(&fixture, &results);
    take();
    expect("The Universal Scalability Law was not fitted: ", few[_i].part);
    drop();
}
END_TEST

START_TEST(too_few_for_any_curve)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.count = 2;
    fixture.reference = 1;
    results_fixture_make(&fixture, &results);
    take();
    expect("No curve was fitted. ", "a line with a knee: it takes 3 different worker counts.");
    analysis_free(analysis);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 2, "no luck");
    take();
    ck_assert_ptr_null(lookup_sentence(analysis, "No curve"));
    ck_assert_ptr_null(lookup_sentence(analysis, usl));
    drop();
}
END_TEST

/* ---- Goetz -------------------------------------------------------------------------------------
 */

static const struct {
    enum fixture_law law;
    size_t outstanding;
    double cores;
    const char *sentence;
} formulas[] = {
    {FIXTURE_SLEEP, 8, 2,
     "Goetz's formula, cores × (1 + wait/CPU) = 2 × (1 + 9.50ms/500us), gives 40.0 workers: more "
     "than the 8 requests that were outstanding could use."},
    {FIXTURE_SLEEP, 64, 4,
     "Goetz's formula, cores × (1 + wait/CPU) = 4 × (1 + 9.50ms/500us), gives 80.0 workers: more "
     "than the 64 requests that were outstanding could use."},
    {FIXTURE_SLEEP, 64, 2,
     "Goetz's formula, cores × (1 + wait/CPU) = 2 × (1 + 9.50ms/500us), gives 40.0 workers: more "
     "than the 32 that were tried."},
    {FIXTURE_SLEEP, 12, 0.5, /* the best is 16 */
     "Goetz's formula, cores × (1 + wait/CPU) = 0.5 × (1 + 9.50ms/500us), gives 10.0 workers, in "
     "line with 16."},
    {FIXTURE_SLEEP, 8, 0.6, /* between 8 and 16 */
     "Goetz's formula, cores × (1 + wait/CPU) = 0.6 × (1 + 9.50ms/500us), gives 12.0 workers, in "
     "line with 8."},
    {FIXTURE_SLEEP, 4, 0.1, /* the count below the best */
     "Goetz's formula, cores × (1 + wait/CPU) = 0.1 × (1 + 9.50ms/500us), gives 2.00 workers, in "
     "line with 4."},
    {FIXTURE_SLEEP, 64, 0.1,
     "Goetz's formula, cores × (1 + wait/CPU) = 0.1 × (1 + 9.50ms/500us), gives 2.00 workers: "
     "fewer than 32, so workers wait for something that the formula does not know."},
    {FIXTURE_SLEEP, 4, 0.95, /* 19 workers, but 4 do, and all 32 could be tried */
     "Goetz's formula, cores × (1 + wait/CPU) = 0.95 × (1 + 9.50ms/500us), gives 19.0 workers: "
     "more than the 4 requests that were outstanding could use."},
    {FIXTURE_CPU, 64, 2,
     "Goetz's formula, cores × (1 + wait/CPU) = 2 × (1 + 0ns/10.0ms), gives 2.00 workers, in line "
     "with 2."},
    {FIXTURE_LOCK, 64, 4,
     "Goetz's formula, cores × (1 + wait/CPU) = 4 × (1 + 0ns/10.0ms), gives 4.00 workers, which "
     "does not know that workers wait for a lock: 310ms per request with 32."},
};

START_TEST(formula)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.law = formulas[_i].law;
    fixture.outstanding = formulas[_i].outstanding;
    fixture.cores = formulas[_i].cores;
    fixture.noise = 0.004;
    results_fixture_make(&fixture, &results);
    take();
    ck_assert_str_eq(lookup_sentence(analysis, goetz), formulas[_i].sentence);
    drop();
}
END_TEST

START_TEST(a_limit_that_is_not_the_cores)
{
    results_fixture_make(&results_fixture_sleeping, &results);
    results.settings.connections = 64; /* so that it was not the number outstanding */
    results.host.cpus = 1.2;
    take();
    expect(goetz, "gives 24.0 workers: more than 8, so something other than the cores sets the "
                  "limit.");
    drop();
}
END_TEST

START_TEST(formula_without_a_choice)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.blocks = 1;
    results_fixture_make(&fixture, &results);
    take();
    expect(goetz, "more than the 8 requests");
    analysis_free(analysis);
    results.host.cpus = 0.05; /* nothing was chosen that it could be compared with */
    take();
    expect(goetz, "gives 1.00 workers.");
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].server.worker_cpu_us = 0;
    analysis_free(analysis);
    take();
    ck_assert_ptr_null(lookup_sentence(analysis, goetz));
    drop();
}
END_TEST

/* ---- M/M/c -------------------------------------------------------------------------------------
 */

/* Of 20 workers, the choice: the second rate is nearer to 80 % of the best. */
static const struct {
    double wait_us;
    double service_us; /* at the second rate; at the first it is 20 ms, so that there is a queue */
    const char *part;
} waits[] = {
    {41000, 20000,
     "predicts a mean queue wait of 15.1ms with 20 workers at 0.47 of the best rate; "
     "measured 41.0ms: the model knows neither what waking a worker takes nor other "
     "load on the cores."},
    {15000, 20000, "; measured 15.0ms: as predicted."},
    {11600, 20000, "; measured 11.6ms: as predicted."},
    {18500, 20000, "; measured 18.5ms: as predicted."},
    {11000, 20000,
     "; measured 11.0ms: requests came, or were served, more regularly than it "
     "assumes."},
    {41000, 25000,
     "; measured 41.0ms: a request takes a worker 25.0ms there, but 20.0ms at the "
     "lowest rate, which the model goes by."},
    {9000, 17000,
     "; measured 9.00ms: a request takes a worker 17.0ms there, but 20.0ms at the "
     "lowest rate, which the model goes by."},
};

static void set_waits(double wait_us, double lowest_us, double service_us)
{
    for (unsigned block = 1; block <= 6; block++) {
        for (size_t rate = 0; rate < 2; rate++) {
            struct server_figures *server =
                &results_fixture_trial(&results, EXPERIMENT_LATENCY, 20, rate, block, false)
                     ->server;
            server->service_scv = 1;
            server->service_mean_us = rate == 0 ? lowest_us : service_us;
            server->queue_wait_mean_us = rate == 0 ? 1 : wait_us;
        }
    }
}

START_TEST(queue_wait)
{
    results_fixture_make(&results_fixture_queueing, &results);
    set_waits(waits[_i].wait_us, 20000, waits[_i].service_us);
    take();
    expect(queue, waits[_i].part);
    drop();
}
END_TEST

START_TEST(no_steady_state)
{
    results_fixture_make(&results_fixture_queueing, &results);
    set_waits(5000, 30000, 30000);
    take();
    expect(queue, "predicts a mean queue wait of ∞ with 20 workers at 0.47 of the best rate; "
                  "measured 5.00ms: requests came");
    drop();
}
END_TEST

START_TEST(only_stable_points_are_compared)
{
    results_fixture_make(&results_fixture_queueing, &results);
    set_waits(5000, 10000, 10000);
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_trial(&results, EXPERIMENT_LATENCY, 20, 1, block, false)
            ->measurement.unstable = true;
    take();
    expect(queue, "at 0.4 of the best rate; measured 1.00us");
    analysis_free(analysis);
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_trial(&results, EXPERIMENT_LATENCY, 20, 0, block, false)
            ->server.queue_wait_mean_us = NAN;
    take();
    ck_assert_ptr_null(lookup_sentence(analysis, queue));
    drop();
}
END_TEST

START_TEST(the_point_nearest_to_the_usual_load)
{
    static const double shares[] = {0.5, 0.75, 0.95};
    struct results_fixture fixture = results_fixture_queueing;
    fixture.shares = shares;
    fixture.share_count = 3;
    results_fixture_make(&fixture, &results);
    take();
    expect(queue, "with 20 workers at 0.75 of the best rate");
    analysis_free(analysis);
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_trial(&results, EXPERIMENT_LATENCY, 20, 0, block, false)
            ->server.service_scv = NAN; /* no model */
    take();
    ck_assert_ptr_null(lookup_sentence(analysis, queue));
    drop();
}
END_TEST

/* ---- Little ------------------------------------------------------------------------------------
 */

START_TEST(busy_workers)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.noise = 0;
    results_fixture_make(&fixture, &results);
    take();
    ck_assert_str_eq(lookup_sentence(analysis, little),
                     "Little's law: throughput × service time = 8.00 busy workers of 8; the server "
                     "counted 8.00.");
    ck_assert_uint_eq(analysis->model_sentences, analysis->sentence_count);
    analysis_free(analysis);
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].server.utilization = 0.9;
    take();
    expect(little, "; the server counted 7.20, so one of the two is wrong.");
    analysis_free(analysis);
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].server.utilization = NAN;
    take();
    ck_assert_ptr_null(lookup_sentence(analysis, little));
    drop();
}
END_TEST

Suite *analysis_sentences_suite(void)
{
    Suite *suite = suite_create("analysis_sentences");
    TCase *tests = tcase_create("analysis_sentences");
    tcase_add_test(tests, a_hard_limit_rejects_usl);
    tcase_add_loop_test(tests, curve, 0, COUNT(curves));
    tcase_add_loop_test(tests, too_few_for_usl, 0, COUNT(few));
    tcase_add_test(tests, too_few_for_any_curve);
    tcase_add_loop_test(tests, formula, 0, COUNT(formulas));
    tcase_add_test(tests, a_limit_that_is_not_the_cores);
    tcase_add_test(tests, formula_without_a_choice);
    tcase_add_loop_test(tests, queue_wait, 0, COUNT(waits));
    tcase_add_test(tests, no_steady_state);
    tcase_add_test(tests, only_stable_points_are_compared);
    tcase_add_test(tests, the_point_nearest_to_the_usual_load);
    tcase_add_test(tests, busy_workers);
    suite_add_tcase(suite, tests);
    return suite;
}

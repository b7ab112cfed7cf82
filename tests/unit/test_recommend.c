/* SPDX-License-Identifier: MIT */
#include "bench/statistics/recommend.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define MOST_POINTS 5
#define STEADY(n, rate)                                                                            \
    {                                                                                              \
        (n), (rate), (rate), (rate)                                                                \
    }
#define POINT(n, m, l, h)                                                                          \
    {                                                                                              \
        (n), (m), (l), (h)                                                                         \
    }

static const struct {
    struct recommend_point points[MOST_POINTS];
    size_t count;
    unsigned workers;
    unsigned best;
    double tolerance;
    bool largest;
    bool smallest;
    const char *sentence;
} samples[] = {
    /* Rises, then stays: the smallest within 5 %. */
    {{STEADY(1, 100), STEADY(2, 190), STEADY(4, 380), STEADY(8, 400), STEADY(16, 390)},
     5,
     4,
     8,
     0.05,
     false,
     false,
     "w: use 4 workers (380 requests/s, within 5 % of the best: 400 with 8; 2 workers give 50 % of"
     " that)."},
    {{STEADY(1, 100), STEADY(2, 190), STEADY(4, 379), STEADY(8, 400), STEADY(16, 390)},
     5,
     8,
     8,
     0.05,
     false,
     false,
     "w: use 8 workers (400 requests/s; 4 workers give 95 % of that)."},
    /* Still rising at the end. */
    {{STEADY(1, 100), STEADY(2, 200), STEADY(4, 400)},
     3,
     4,
     4,
     0.05,
     true,
     false,
     "w: use 4 workers (400 requests/s; 2 workers give 50 % of that). 4 is the largest count"
     " tried: more may be better still."},
    /* The first is as good as all others. */
    {{STEADY(1, 100), STEADY(2, 101), STEADY(4, 99)},
     3,
     1,
     2,
     0.05,
     false,
     false,
     "w: use 1 worker (100 requests/s, within 5 % of the best: 101 with 2; 2 workers give 101 % of"
     " that)."},
    {{STEADY(2, 100), STEADY(4, 90)},
     2,
     2,
     2,
     0.05,
     false,
     true,
     "w: use 2 workers (100 requests/s; 4 workers give 90 % of that). 2 is the smallest count"
     " tried: fewer may do."},
    {{STEADY(1, 50), STEADY(2, 100), STEADY(4, 100)},
     3,
     2,
     2,
     0.05,
     false,
     false,
     "w: use 2 workers (100 requests/s; 1 worker gives 50 % of that)."},
    /* The median of the counts' spreads: one disturbed count does not move it. */
    {{POINT(1, 90, 10, 200), POINT(2, 100, 95, 105), STEADY(4, 80)},
     3,
     1,
     2,
     0.1,
     false,
     false,
     "w: use 1 worker (90.0 requests/s, within 10 % of the best: 100 with 2; 2 workers give 111 %"
     " of that)."},
    {{STEADY(1, 60), POINT(2, 100, 70, 120), STEADY(4, 70)},
     3,
     2,
     2,
     0.05,
     false,
     false,
     "w: use 2 workers (100 requests/s; 1 worker gives 60 % of that)."},
    {{POINT(1, 60, 45, 75), POINT(2, 100, 70, 120), STEADY(4, 70)},
     3,
     1,
     2,
     0.5,
     false,
     false,
     "w: use 1 worker (60.0 requests/s, within 50 % of the best: 100 with 2; 2 workers give 167 %"
     " of that). The rounds differ by 50 %: more --rounds or a quieter machine would tell more."},
    /* Of two spreads, the lower. */
    {{POINT(1, 80, 70, 90), POINT(2, 100, 60, 110)},
     2,
     1,
     2,
     0.25,
     false,
     false,
     "w: use 1 worker (80.0 requests/s, within 25 % of the best: 100 with 2; 2 workers give 125 %"
     " of that). The rounds differ by 25 %: more --rounds or a quieter machine would tell more."},
    /* Within the tolerance, but still rising at the largest: nobody is sent the other way. */
    {{STEADY(60, 97), STEADY(62, 100)},
     2,
     60,
     62,
     0.05,
     false,
     false,
     "w: use 60 workers (97.0 requests/s, within 5 % of the best: 100 with 62; 62 workers give"
     " 103 % of that)."},
    {{STEADY(8, 12345)},
     1,
     8,
     8,
     0.05,
     true,
     false,
     "w: use 8 workers (12,345 requests/s). Only one count was tried, so there was nothing to"
     " compare."},
    {{STEADY(1, 0), STEADY(2, 100)},
     2,
     2,
     2,
     0.05,
     true,
     false,
     "w: use 2 workers (100 requests/s; 1 worker gives 0 % of that). 2 is the largest count tried:"
     " more may be better still."},
};

START_TEST(sample)
{
    struct recommendation found;
    char text[RECOMMEND_TEXT_SIZE];
    const struct recommend_point *points = samples[_i].points;
    ck_assert(recommend_choose(points, samples[_i].count, &found));
    ck_assert_uint_eq(points[found.chosen].workers, samples[_i].workers);
    ck_assert_uint_eq(points[found.best].workers, samples[_i].best);
    ck_assert_double_eq_tol(found.tolerance, samples[_i].tolerance, 1e-9);
    ck_assert_int_eq(found.largest, samples[_i].largest);
    ck_assert_int_eq(found.smallest, samples[_i].smallest);
    ck_assert_str_eq(recommend_explain("w", points, samples[_i].count, &found, text),
                     samples[_i].sentence);
}
END_TEST

START_TEST(nothing_to_choose)
{
    static const struct recommend_point points[] = {STEADY(1, 0), STEADY(2, 0)};
    struct recommendation found;
    ck_assert(!recommend_choose(points, 0, &found));
    ck_assert(!recommend_choose(points, 1, &found));
    ck_assert(!recommend_choose(points, 2, &found));
    /* Rounds that differ by more than half tell nothing, whatever their medians. */
    static const struct recommend_point noisy[] = {POINT(1, 5, 1, 13), POINT(2, 100, 10, 250)};
    ck_assert(!recommend_choose(noisy, 2, &found));
}
END_TEST

START_TEST(long_names_are_cut)
{
    static const struct recommend_point points[] = {STEADY(1, 100), STEADY(2, 200)};
    struct recommendation found;
    char name[2 * RECOMMEND_TEXT_SIZE];
    char text[RECOMMEND_TEXT_SIZE];
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    ck_assert(recommend_choose(points, 2, &found));
    ck_assert_ptr_nonnull(
        strstr(recommend_explain(name, points, 2, &found, text), "xxx: use 2 workers"));
}
END_TEST

Suite *recommend_suite(void)
{
    Suite *suite = suite_create("recommend");
    TCase *tests = tcase_create("recommend");
    tcase_add_loop_test(tests, sample, 0, COUNT(samples));
    tcase_add_test(tests, nothing_to_choose);
    tcase_add_test(tests, long_names_are_cut);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: MIT */
#include "common/histogram.h"
#include "tests/unit/prng.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 20000 };

static const uint64_t clamped = UINT64_C(1) << HISTOGRAM_MAX_BITS;

/* Too large for the stack of a test under sanitizers. */
static struct histogram one;
static struct histogram two;
static struct histogram both;

static uint64_t uniform_small(struct prng *prng)
{
    return prng_below(prng, 256);
}

static uint64_t uniform_large(struct prng *prng)
{
    return prng_below(prng, 5000000);
}

/* Each octave is half as likely as the one before: a long tail, as waiting in a queue has. */
static uint64_t exponential(struct prng *prng)
{
    uint64_t octave = UINT64_C(4000) << __builtin_ctzll(prng_next(prng) | (UINT64_C(1) << 20));
    return octave + prng_below(prng, octave);
}

static uint64_t bimodal(struct prng *prng)
{
    bool slow = prng_below(prng, 100) < 3;
    return slow ? 10000000 + prng_below(prng, 90000000) : 4000 + prng_below(prng, 900);
}

static uint64_t every_magnitude(struct prng *prng)
{
    return prng_next(prng) >> (64 - HISTOGRAM_MAX_BITS + prng_below(prng, HISTOGRAM_MAX_BITS));
}

static uint64_t always_zero(struct prng *prng)
{
    (void)prng;
    return 0;
}

static uint64_t always_255(struct prng *prng)
{
    (void)prng;
    return 255;
}

static uint64_t always_1234567(struct prng *prng)
{
    (void)prng;
    return 1234567;
}

static uint64_t (*const distributions[])(struct prng *) = {
    uniform_small,   uniform_large, exponential, bimodal,
    every_magnitude, always_zero,   always_255,  always_1234567,
};

static const double quantiles[] = {0,   1e-9, 0.01, 0.1,   0.25,   0.5, 0.75,
                                   0.9, 0.97, 0.99, 0.999, 0.9999, 1};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int compare_values(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* The value of that rank among sorted samples: at least `quantile` of all do not exceed it. */
static uint64_t exact_quantile(const uint64_t *sorted, double quantile)
{
    size_t rank = 1;
    while ((double)rank < quantile * SAMPLES)
        rank++;
    return sorted[rank - 1];
}

static double exact_scv(const uint64_t *values, size_t count)
{
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i];
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += ((double)values[i] - mean) * ((double)values[i] - mean);
    return sum > 0 ? squares / (double)count / (mean * mean) : 0;
}

static double distance(uint64_t a, uint64_t b)
{
    return (double)(a > b ? a - b : b - a);
}

START_TEST(quantiles_of_distribution)
{
    struct prng prng = {.state = 7};
    static uint64_t samples[SAMPLES];
    uint64_t sum = 0;
    histogram_reset(&one);
    for (size_t i = 0; i < SAMPLES; i++) {
        samples[i] = distributions[_i](&prng);
        sum += samples[i];
        histogram_record(&one, samples[i]);
    }
    qsort(samples, SAMPLES, sizeof(samples[0]), compare_values);
    for (size_t i = 0; i < COUNT(quantiles); i++) {
        uint64_t exact = exact_quantile(samples, quantiles[i]);
        uint64_t shown = histogram_quantile_ns(&one, quantiles[i]);
        double allowed = exact < 256 ? 0 : (double)exact * 0.01;
        ck_assert_msg(distance(shown, exact) <= allowed, "quantile %g is %llu but exactly %llu",
                      quantiles[i], (unsigned long long)shown, (unsigned long long)exact);
        ck_assert_uint_le(shown, samples[SAMPLES - 1]);
    }
    ck_assert_uint_eq(histogram_count(&one), SAMPLES);
    ck_assert_uint_eq(histogram_max_ns(&one), samples[SAMPLES - 1]);
    ck_assert_double_eq(histogram_mean_ns(&one), (double)sum / SAMPLES);
    ck_assert_uint_eq(histogram_sum_ns(&one), sum);
    double scv = exact_scv(samples, SAMPLES);
    ck_assert_double_eq_tol(histogram_scv(&one), scv, scv * 0.01 + 1e-9);
}
END_TEST

/* Of what queueing theory calls M and E_k: 1 for exponential times, 1/k for sums of k of them. */
START_TEST(irregularity_of_known_distributions)
{
    enum { MEAN_NS = 100000 };
    struct prng prng = {.state = 3};
    int phases = 1 + _i;
    histogram_reset(&one);
    for (int i = 0; i < 10 * SAMPLES; i++) {
        double value = 0;
        for (int phase = 0; phase < phases; phase++)
            value -= log(((double)prng_below(&prng, 1U << 30) + 0.5) / (1U << 30)) * MEAN_NS;
        histogram_record(&one, (uint64_t)value);
    }
    ck_assert_double_eq_tol(histogram_scv(&one), 1.0 / phases, 0.02 / phases);
}
END_TEST

/* Exact where every value has a bucket of its own. */
START_TEST(irregularity_of_two_values)
{
    histogram_reset(&one);
    for (int i = 0; i < 5; i++) {
        histogram_record(&one, 50);
        histogram_record(&one, 150);
    }
    ck_assert_double_eq(histogram_scv(&one), 0.25); /* 50^2 / 100^2 */
    for (int i = 0; i < 20; i++)
        histogram_record(&one, 150);
    ck_assert_double_eq_tol(histogram_scv(&one), 0.078125, 1e-12); /* 5/36 * 100^2 / (400/3)^2 */
}
END_TEST

/* The promise of the header for a single value, at and around every power of two. */
START_TEST(single_values)
{
    for (unsigned bits = 0; bits < HISTOGRAM_MAX_BITS; bits++) {
        for (uint64_t offset = 0; offset < 3; offset++) {
            uint64_t value = (UINT64_C(1) << bits) + offset - 1;
            histogram_reset(&one);
            histogram_record(&one, value);
            histogram_record(&one, clamped - 1);
            double error = distance(histogram_quantile_ns(&one, 0.5), value);
            ck_assert_msg(error <= (value < 256 ? 0 : (double)value * 0.004), "%llu is off by %g",
                          (unsigned long long)value, error);
        }
    }
}
END_TEST

START_TEST(empty)
{
    histogram_reset(&one);
    ck_assert_uint_eq(histogram_count(&one), 0);
    ck_assert_uint_eq(histogram_max_ns(&one), 0);
    ck_assert_uint_eq(histogram_quantile_ns(&one, 0.99), 0);
    ck_assert_double_eq(histogram_mean_ns(&one), 0.0);
    ck_assert_uint_eq(histogram_sum_ns(&one), 0);
    ck_assert_double_eq(histogram_scv(&one), 0.0);
}
END_TEST

START_TEST(reset_empties)
{
    histogram_record(&one, 1);
    histogram_record(&one, clamped);
    histogram_reset(&one);
    static struct histogram fresh;
    ck_assert_mem_eq(&one, &fresh, sizeof(one));
}
END_TEST

START_TEST(new_is_empty)
{
    struct histogram *made = histogram_new();
    ck_assert_ptr_nonnull(made);
    static struct histogram fresh;
    ck_assert_mem_eq(made, &fresh, sizeof(*made));
    free(made);
}
END_TEST

START_TEST(merge_equals_recording_all_in_one)
{
    struct prng prng = {.state = 11};
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t value = distributions[(size_t)i % COUNT(distributions)](&prng);
        histogram_record(i % 3 == 0 ? &one : &two, value);
        histogram_record(&both, value);
    }
    histogram_merge(&one, &two);
    ck_assert_mem_eq(&one, &both, sizeof(one));
    static const struct histogram nothing;
    histogram_merge(&one, &nothing);
    ck_assert_mem_eq(&one, &both, sizeof(one));
}
END_TEST

START_TEST(evenly_divided_values)
{
    histogram_record_evenly(&one, 1003, 4);
    histogram_record_evenly(&one, 7, 1);
    ck_assert_uint_eq(histogram_count(&one), 5);
    ck_assert_uint_eq(histogram_sum_ns(&one), 1010);
    ck_assert_uint_eq(histogram_max_ns(&one), 250);
    ck_assert_uint_eq(histogram_quantile_ns(&one, 0.2), 7);
    ck_assert_uint_eq(histogram_quantile_ns(&one, 0.21), 250);
}
END_TEST

START_TEST(beyond_the_range)
{
    const uint64_t values[] = {clamped - 1, clamped, clamped << 8};
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNT(values); i++) {
        histogram_record(&one, values[i]);
        sum += values[i];
    }
    ck_assert_uint_eq(histogram_count(&one), COUNT(values));
    ck_assert_uint_eq(histogram_max_ns(&one), clamped << 8);
    ck_assert_double_eq(histogram_mean_ns(&one), (double)sum / 3);
    uint64_t top = histogram_quantile_ns(&one, 1);
    ck_assert_uint_lt(top, clamped);
    ck_assert_uint_gt(top, clamped - clamped / 100);
    ck_assert_uint_eq(histogram_quantile_ns(&one, 0), top);
}
END_TEST

/* The buckets lie side by side, and a value is in the one whose limits enclose it. */
START_TEST(buckets_tile_the_range)
{
    uint64_t next = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t low = histogram_bucket_low_ns(i);
        uint64_t high = histogram_bucket_high_ns(i);
        uint64_t middle = histogram_bucket_middle_ns(i);
        ck_assert_uint_eq(low, next);
        ck_assert(low <= middle && middle <= high);
        histogram_reset(&one);
        histogram_record(&one, low);
        histogram_record(&one, high);
        ck_assert_uint_eq(histogram_bucket_count(&one, i), 2);
        next = high + 1;
    }
    ck_assert_uint_eq(next, clamped);
}
END_TEST

START_TEST(filling_equals_recording)
{
    struct prng prng = {.state = 13};
    uint64_t sum = 0;
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t value = distributions[(size_t)i % COUNT(distributions)](&prng);
        histogram_record(&one, value);
        sum += value;
    }
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram_fill(&two, i, histogram_bucket_count(&one, i));
    ck_assert_uint_eq(histogram_count(&two), SAMPLES);
    histogram_set_exact(&two, sum, histogram_max_ns(&one));
    ck_assert_mem_eq(&one, &two, sizeof(one));
}
END_TEST

enum { CONCURRENT_VALUES = 300000 };

static void *record_many(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i < CONCURRENT_VALUES; i++)
        histogram_record(&one, 1000 + i % 1000);
    return NULL;
}

/* A reader sees values that are not torn, and never fewer than before. */
START_TEST(reader_beside_the_writer)
{
    pthread_t writer;
    ck_assert_int_eq(pthread_create(&writer, NULL, record_many, NULL), 0);
    uint64_t seen = 0;
    while (seen < CONCURRENT_VALUES) {
        uint64_t count = histogram_count(&one);
        ck_assert_uint_ge(count, seen);
        seen = count;
        ck_assert_uint_le(histogram_max_ns(&one), 1999);
        ck_assert_uint_le(histogram_quantile_ns(&one, 0.5), 1999);
        histogram_reset(&both);
        histogram_merge(&both, &one);
        ck_assert_uint_ge(histogram_count(&both), seen);
        ck_assert_uint_le(histogram_count(&both), CONCURRENT_VALUES);
    }
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
    ck_assert_uint_eq(histogram_max_ns(&one), 1999);
    ck_assert_double_eq(histogram_mean_ns(&one), 1499.5);
}
END_TEST

Suite *histogram_suite(void)
{
    Suite *suite = suite_create("histogram");
    TCase *tests = tcase_create("histogram");
    tcase_add_loop_test(tests, quantiles_of_distribution, 0, (int)COUNT(distributions));
    tcase_add_loop_test(tests, irregularity_of_known_distributions, 0, 4);
    tcase_add_test(tests, irregularity_of_two_values);
    tcase_add_test(tests, single_values);
    tcase_add_test(tests, empty);
    tcase_add_test(tests, reset_empties);
    tcase_add_test(tests, new_is_empty);
    tcase_add_test(tests, merge_equals_recording_all_in_one);
    tcase_add_test(tests, evenly_divided_values);
    tcase_add_test(tests, beyond_the_range);
    tcase_add_test(tests, buckets_tile_the_range);
    tcase_add_test(tests, filling_equals_recording);
    tcase_add_test(tests, reader_beside_the_writer);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: MIT */
/*
 * A log-linear histogram of durations in nanoseconds, as in HdrHistogram: each power of two is
 * cut into 128 equal buckets, so a reported quantile lies within 0.4 % of the recorded value
 * (exact below 256 ns). Histograms of the same shape merge by adding counts; percentiles are
 * never averaged.
 *
 * One thread records; any thread may read or merge from it meanwhile. Every field is a relaxed
 * atomic: a reader needs no order between buckets, only values that are not torn, and a single
 * writer needs no read-modify-write, so recording is a plain load, add and store.
 */
#ifndef CREW_COMMON_HISTOGRAM_H
#define CREW_COMMON_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_SUB_BUCKET_BITS = 7,
    HISTOGRAM_MAX_BITS = 42, /* values from 2^42 ns (73 minutes) on count in the last bucket */
    HISTOGRAM_BUCKETS = (HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BUCKET_BITS + 1)
                        << HISTOGRAM_SUB_BUCKET_BITS,
};

struct histogram {
    _Atomic uint64_t count;
    _Atomic uint64_t sum_ns;
    _Atomic uint64_t max_ns; /* exact */
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* A new one, empty, to free(); NULL when memory runs out. */
struct histogram *histogram_new(void);

/* Empties it. Only the recording thread, or before there is one. */
void histogram_reset(struct histogram *histogram);

/* Adds one value. Only the recording thread. */
void histogram_record(struct histogram *histogram, uint64_t value_ns);

/* Adds `count` values, at least one, that took total_ns together, as if all were equal.
 * Only the recording thread. */
void histogram_record_evenly(struct histogram *histogram, uint64_t total_ns, uint64_t count);

/* Adds all of `from` to `into`. The caller is `into`'s recording thread. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/*
 * Takes `earlier`, a reading of the same histogram at an earlier time, out of `later`: what stays
 * was recorded in between. Its maximum is exact if it was recorded in between, else the upper end
 * of its bucket. Only where nobody records.
 */
void histogram_subtract(struct histogram *later, const struct histogram *earlier);

uint64_t histogram_count(const struct histogram *histogram);
uint64_t histogram_sum_ns(const struct histogram *histogram); /* exact */
uint64_t histogram_max_ns(const struct histogram *histogram);

/* Mean of what was recorded (exact, not from buckets); 0 when empty. */
double histogram_mean_ns(const struct histogram *histogram);

/*
 * Squared coefficient of variation: variance / mean^2, as queueing theory writes how irregular
 * times are (0 when all are equal, 1 for an exponential distribution). Both moments are taken from
 * the middles of the buckets, so values that differ by less than a bucket count as equal. 0 when
 * empty or when all values are 0.
 */
double histogram_scv(const struct histogram *histogram);

/*
 * The smallest recorded value that at least `quantile` (0 to 1) of all values do not exceed, as
 * the middle of its bucket and never above the maximum; 0 when empty.
 */
uint64_t histogram_quantile_ns(const struct histogram *histogram, double quantile);

/* ---- the buckets themselves, for keeping a histogram; `index` is below HISTOGRAM_BUCKETS ---- */

uint64_t histogram_bucket_count(const struct histogram *histogram, size_t index);

/* What quantiles report for a value in that bucket. */
uint64_t histogram_bucket_middle_ns(size_t index);

/* The smallest and the largest value that it takes; the last one takes larger values too. */
uint64_t histogram_bucket_low_ns(size_t index);
uint64_t histogram_bucket_high_ns(size_t index);

/* Adds `count` values that are known by their bucket alone. Once all are there, the caller says
 * what the buckets do not tell. Only the recording thread. */
void histogram_fill(struct histogram *histogram, size_t index, uint64_t count);
void histogram_set_exact(struct histogram *histogram, uint64_t sum_ns, uint64_t max_ns);

#endif

/* SPDX-License-Identifier: MIT */
#include "common/histogram.h"

#include <stdlib.h>

struct histogram *histogram_new(void)
{
    return calloc(1, sizeof(struct histogram));
}

static uint64_t load(const _Atomic uint64_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

static void add(_Atomic uint64_t *field, uint64_t amount)
{
    atomic_store_explicit(field, load(field) + amount, memory_order_relaxed);
}

/* Values below 2^8 have a bucket each; above, the top 8 bits choose the bucket. */
static size_t bucket_index(uint64_t value)
{
    if (value >= UINT64_C(1) << HISTOGRAM_MAX_BITS)
        return HISTOGRAM_BUCKETS - 1;
    unsigned bits = 64U - (unsigned)__builtin_clzll(value | 1);
    unsigned shift =
        bits > HISTOGRAM_SUB_BUCKET_BITS + 1U ? bits - HISTOGRAM_SUB_BUCKET_BITS - 1U : 0;
    return ((size_t)shift << HISTOGRAM_SUB_BUCKET_BITS) + (size_t)(value >> shift);
}

/* How often a value of this bucket can be halved until its top bits are left. */
static unsigned bucket_shift(size_t index)
{
    if (index < (size_t)2 << HISTOGRAM_SUB_BUCKET_BITS)
        return 0;
    return (unsigned)(index >> HISTOGRAM_SUB_BUCKET_BITS) - 1U;
}

uint64_t histogram_bucket_low_ns(size_t index)
{
    unsigned shift = bucket_shift(index);
    return (uint64_t)(index - ((size_t)shift << HISTOGRAM_SUB_BUCKET_BITS)) << shift;
}

uint64_t histogram_bucket_high_ns(size_t index)
{
    return histogram_bucket_low_ns(index) + (UINT64_C(1) << bucket_shift(index)) - 1;
}

uint64_t histogram_bucket_middle_ns(size_t index)
{
    return histogram_bucket_low_ns(index) + (UINT64_C(1) << bucket_shift(index)) / 2;
}

void histogram_reset(struct histogram *histogram)
{
    atomic_store_explicit(&histogram->count, 0, memory_order_relaxed);
    atomic_store_explicit(&histogram->sum_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&histogram->max_ns, 0, memory_order_relaxed);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        atomic_store_explicit(&histogram->buckets[i], 0, memory_order_relaxed);
}

void histogram_record_evenly(struct histogram *histogram, uint64_t total_ns, uint64_t count)
{
    uint64_t value_ns = total_ns / count;
    add(&histogram->buckets[bucket_index(value_ns)], count);
    add(&histogram->count, count);
    add(&histogram->sum_ns, total_ns);
    if (value_ns > load(&histogram->max_ns))
        atomic_store_explicit(&histogram->max_ns, value_ns, memory_order_relaxed);
}

void histogram_record(struct histogram *histogram, uint64_t value_ns)
{
    histogram_record_evenly(histogram, value_ns, 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = load(&from->buckets[i]);
        if (count > 0)
            add(&into->buckets[i], count);
    }
    add(&into->count, load(&from->count));
    add(&into->sum_ns, load(&from->sum_ns));
    if (load(&from->max_ns) > load(&into->max_ns))
        atomic_store_explicit(&into->max_ns, load(&from->max_ns), memory_order_relaxed);
}

void histogram_subtract(struct histogram *later, const struct histogram *earlier)
{
    /* A reading may hold half of what was recorded while it was made, so the buckets decide. */
    size_t highest = 0;
    uint64_t count = 0;
    uint64_t least_ns = 0;
    uint64_t most_ns = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t left = load(&later->buckets[i]) - load(&earlier->buckets[i]);
        atomic_store_explicit(&later->buckets[i], left, memory_order_relaxed);
        highest = left > 0 ? i : highest;
        count += left;
        least_ns += left * histogram_bucket_low_ns(i);
        most_ns += left * histogram_bucket_high_ns(i);
    }
    uint64_t max_ns = load(&later->max_ns);
    if (bucket_index(max_ns) != highest)
        max_ns = histogram_bucket_high_ns(highest);
    uint64_t sum_ns = load(&later->sum_ns) - load(&earlier->sum_ns);
    /* The last bucket takes larger values than its upper end. */
    if (sum_ns > most_ns && highest < HISTOGRAM_BUCKETS - 1)
        sum_ns = most_ns;
    atomic_store_explicit(&later->count, count, memory_order_relaxed);
    atomic_store_explicit(&later->max_ns, count > 0 ? max_ns : 0, memory_order_relaxed);
    atomic_store_explicit(&later->sum_ns, sum_ns < least_ns ? least_ns : sum_ns,
                          memory_order_relaxed);
}

uint64_t histogram_count(const struct histogram *histogram)
{
    return load(&histogram->count);
}

uint64_t histogram_sum_ns(const struct histogram *histogram)
{
    return load(&histogram->sum_ns);
}

uint64_t histogram_max_ns(const struct histogram *histogram)
{
    return load(&histogram->max_ns);
}

double histogram_mean_ns(const struct histogram *histogram)
{
    uint64_t count = load(&histogram->count);
    return count > 0 ? (double)load(&histogram->sum_ns) / (double)count : 0;
}

/* In two passes: a difference of large sums of squares would lose what they differ by. */
double histogram_scv(const struct histogram *histogram)
{
    double count = 0;
    double sum = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        double values = (double)load(&histogram->buckets[i]);
        count += values;
        sum += values * (double)histogram_bucket_middle_ns(i);
    }
    if (sum <= 0)
        return 0;
    double mean = sum / count;
    double squares = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        double distance = (double)histogram_bucket_middle_ns(i) - mean;
        squares += (double)load(&histogram->buckets[i]) * distance * distance;
    }
    return squares / count / (mean * mean);
}

uint64_t histogram_quantile_ns(const struct histogram *histogram, double quantile)
{
    uint64_t max = load(&histogram->max_ns);
    double wanted = quantile * (double)load(&histogram->count);
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += load(&histogram->buckets[i]);
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t middle = histogram_bucket_middle_ns(i);
            return middle < max ? middle : max;
        }
    }
    return max;
}

uint64_t histogram_bucket_count(const struct histogram *histogram, size_t index)
{
    return load(&histogram->buckets[index]);
}

void histogram_fill(struct histogram *histogram, size_t index, uint64_t count)
{
    add(&histogram->buckets[index], count);
    add(&histogram->count, count);
}

void histogram_set_exact(struct histogram *histogram, uint64_t sum_ns, uint64_t max_ns)
{
    atomic_store_explicit(&histogram->sum_ns, sum_ns, memory_order_relaxed);
    atomic_store_explicit(&histogram->max_ns, max_ns, memory_order_relaxed);
}

/* SPDX-License-Identifier: MIT */
#include "common/histogram.h"

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

static uint64_t bucket_middle(size_t index)
{
    if (index < (size_t)2 << HISTOGRAM_SUB_BUCKET_BITS)
        return index;
    unsigned shift = (unsigned)(index >> HISTOGRAM_SUB_BUCKET_BITS) - 1U;
    uint64_t low = (uint64_t)(index - ((size_t)shift << HISTOGRAM_SUB_BUCKET_BITS)) << shift;
    return low + (UINT64_C(1) << shift) / 2;
}

void histogram_reset(struct histogram *histogram)
{
    atomic_store_explicit(&histogram->count, 0, memory_order_relaxed);
    atomic_store_explicit(&histogram->sum_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&histogram->max_ns, 0, memory_order_relaxed);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        atomic_store_explicit(&histogram->buckets[i], 0, memory_order_relaxed);
}

void histogram_record(struct histogram *histogram, uint64_t value_ns)
{
    add(&histogram->buckets[bucket_index(value_ns)], 1);
    add(&histogram->count, 1);
    add(&histogram->sum_ns, value_ns);
    if (value_ns > load(&histogram->max_ns))
        atomic_store_explicit(&histogram->max_ns, value_ns, memory_order_relaxed);
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

uint64_t histogram_count(const struct histogram *histogram)
{
    return load(&histogram->count);
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

uint64_t histogram_quantile_ns(const struct histogram *histogram, double quantile)
{
    uint64_t max = load(&histogram->max_ns);
    double wanted = quantile * (double)load(&histogram->count);
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += load(&histogram->buckets[i]);
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t middle = bucket_middle(i);
            return middle < max ? middle : max;
        }
    }
    return max;
}

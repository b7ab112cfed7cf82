/* SPDX-License-Identifier: MIT */
#include "bench/results/results_export.h"
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>

enum { TICKS_PER_HALF = 5 };

struct printer {
    struct byte_buffer *out;
    double percentile; /* of the next line */
};

static double milliseconds(double ns)
{
    return ns / NS_PER_MS;
}

/* As HdrHistogram's PercentileIterator goes on: steps halve whenever half of the rest is done. */
static void advance(struct printer *printer)
{
    double halves = floor(log2(100 / (100 - printer->percentile))) + 1;
    printer->percentile += 100 / (TICKS_PER_HALF * exp2(halves));
}

static void append_line(const struct printer *printer, uint64_t value_ns, uint64_t seen)
{
    double share = printer->percentile / 100;
    byte_buffer_printf(printer->out, "%12.6f %2.12f %10" PRIu64 " %14.2f\n",
                       milliseconds((double)value_ns), share, seen, 1 / (1 - share));
}

/* Values are those that percentiles report elsewhere: a bucket's middle, never over the maximum. */
static void append_distribution(struct printer *printer, const struct histogram *histogram)
{
    uint64_t total = histogram_count(histogram);
    uint64_t max = histogram_max_ns(histogram);
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS && seen < total; i++) {
        uint64_t count = histogram_bucket_count(histogram, i);
        uint64_t middle = histogram_bucket_middle_ns(i);
        seen += count;
        while (count > 0 && 100 * (double)seen / (double)total >= printer->percentile) {
            append_line(printer, middle < max ? middle : max, seen);
            advance(printer);
            if (seen == total)
                break;
        }
    }
    byte_buffer_printf(printer->out, "%12.6f %2.12f %10" PRIu64 "\n", milliseconds((double)max),
                       1.0, total);
}

void results_export_hgrm(const struct histogram *histogram, struct byte_buffer *out)
{
    struct printer printer = {.out = out};
    byte_buffer_append_text(out, "#[Value in milliseconds]\n");
    byte_buffer_printf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
                       "1/(1-Percentile)");
    append_distribution(&printer, histogram);
    double mean_ns = histogram_mean_ns(histogram);
    byte_buffer_printf(out, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n", milliseconds(mean_ns),
                       milliseconds(mean_ns * sqrt(histogram_scv(histogram))));
    byte_buffer_printf(out, "#[Max     = %12.6f, Total count    = %12" PRIu64 "]\n",
                       milliseconds((double)histogram_max_ns(histogram)),
                       histogram_count(histogram));
    byte_buffer_printf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n",
                       (int)(HISTOGRAM_BUCKETS >> HISTOGRAM_SUB_BUCKET_BITS),
                       1 << HISTOGRAM_SUB_BUCKET_BITS);
}

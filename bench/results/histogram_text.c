/* SPDX-License-Identifier: MIT */
#include "bench/results/histogram_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHAPE_SIZE = 32 };

static const char *describe_shape(char shape[SHAPE_SIZE])
{
    snprintf(shape, SHAPE_SIZE, "log-linear/%d/%d", (int)HISTOGRAM_SUB_BUCKET_BITS,
             (int)HISTOGRAM_MAX_BITS);
    return shape;
}

void histogram_text_append(const struct histogram *histogram, struct byte_buffer *out)
{
    char shape[SHAPE_SIZE];
    byte_buffer_printf(out, "%s sum=%" PRIu64 " max=%" PRIu64, describe_shape(shape),
                       histogram_sum_ns(histogram), histogram_max_ns(histogram));
    size_t empty = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = histogram_bucket_count(histogram, i);
        if (count == 0) {
            empty++;
            continue;
        }
        if (empty > 0)
            byte_buffer_printf(out, " +%zu", empty);
        byte_buffer_printf(out, " %" PRIu64, count);
        empty = 0;
    }
}

struct parser {
    const char *text;
    const char *at;
    char *error;
};

static bool refuse(const struct parser *parser, const char *reason)
{
    snprintf(parser->error, HISTOGRAM_TEXT_ERROR_SIZE, "not a histogram: %s at character %zu",
             reason, (size_t)(parser->at - parser->text) + 1);
    return false;
}

/* Steps over `word` if it stands here. */
static bool take(struct parser *parser, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(parser->at, word, size) != 0)
        return false;
    parser->at += size;
    return true;
}

/* A decimal number without leading zeros that ends at a space or at the end. */
static bool take_number(struct parser *parser, uint64_t *number)
{
    const char *at = parser->at;
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || (digits > 1 && at[0] == '0') || (at[digits] != ' ' && at[digits] != '\0'))
        return refuse(parser, "a number is expected");
    uint64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        uint64_t digit = (uint64_t)(at[i] - '0');
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, digit, &value))
            return refuse(parser, "a number is too large");
    }
    *number = value;
    parser->at += digits;
    return true;
}

/* " +N": moves on by N buckets, if that is what stands here. */
static bool take_empty(struct parser *parser, size_t *index)
{
    if (!take(parser, " +"))
        return true;
    uint64_t empty = 0;
    if (!take_number(parser, &empty))
        return false;
    if (empty == 0 || empty >= HISTOGRAM_BUCKETS - *index)
        return refuse(parser, "there is no such bucket");
    *index += (size_t)empty;
    return true;
}

static bool take_buckets(struct parser *parser, struct histogram *histogram)
{
    uint64_t total = 0;
    for (size_t i = 0; *parser->at != '\0'; i++) {
        uint64_t count = 0;
        if (!take_empty(parser, &i))
            return false;
        if (!take(parser, " "))
            return refuse(parser, "a space is expected");
        if (!take_number(parser, &count))
            return false;
        if (i >= HISTOGRAM_BUCKETS)
            return refuse(parser, "there is no such bucket");
        if (count == 0 || __builtin_add_overflow(total, count, &total))
            return refuse(parser, "a count is zero or too large");
        histogram_fill(histogram, i, count);
    }
    return true;
}

/*
 * The least and the largest sum and maximum that the buckets allow, in floating point: what it
 * rounds is far below what a bucket leaves open, so the limits are widened by a trifle.
 */
static bool is_consistent(const struct histogram *histogram, uint64_t sum, uint64_t max)
{
    static const double trifle = 1e-9;
    double least = 0;
    double most = 0;
    size_t last = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = histogram_bucket_count(histogram, i);
        if (count == 0)
            continue;
        least += (double)count * (double)histogram_bucket_low_ns(i);
        most += (double)count * (double)histogram_bucket_high_ns(i);
        last = i;
    }
    if (histogram_count(histogram) == 0)
        return sum == 0 && max == 0;
    bool open_end = last == HISTOGRAM_BUCKETS - 1;
    return max >= histogram_bucket_low_ns(last) &&
           (open_end || max <= histogram_bucket_high_ns(last)) &&
           (double)sum >= least * (1 - trifle) && (open_end || (double)sum <= most * (1 + trifle));
}

bool histogram_text_parse(const char *text, struct histogram *histogram,
                          char error[HISTOGRAM_TEXT_ERROR_SIZE])
{
    struct parser parser = {.text = text, .at = text};
    parser.error = error;
    char shape[SHAPE_SIZE];
    uint64_t sum = 0;
    uint64_t max = 0;
    histogram_reset(histogram);
    if (!take(&parser, describe_shape(shape)) || !take(&parser, " sum="))
        return refuse(&parser, "its shape is not known");
    if (!take_number(&parser, &sum))
        return false;
    if (!take(&parser, " max="))
        return refuse(&parser, "the maximum is missing");
    if (!take_number(&parser, &max) || !take_buckets(&parser, histogram))
        return false;
    histogram_set_exact(histogram, sum, max);
    return is_consistent(histogram, sum, max) ||
           refuse(&parser, "sum or maximum contradict the buckets, which end");
}

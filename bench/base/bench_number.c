/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_number.h"

#include "common/clock.h"
#include "common/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fifteen decimal digits survive the way through a double, and seventeen tell all doubles apart. */
enum { LEAST_DIGITS = 15, MOST_DIGITS = 17 };

const char *bench_number_count(char text[BENCH_NUMBER_SIZE], uint64_t count)
{
    char digits[24];
    int size = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    size_t used = 0;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

const char *bench_number_rate(char text[BENCH_NUMBER_SIZE], double rate)
{
    if (rate >= 99.95)
        return bench_number_count(text, (uint64_t)(rate + 0.5));
    snprintf(text, BENCH_NUMBER_SIZE, "%.*f", rate >= 9.995 ? 1 : 2, rate);
    return text;
}

const char *bench_number_us(char text[BENCH_NUMBER_SIZE], double us)
{
    if (isnan(us)) {
        snprintf(text, BENCH_NUMBER_SIZE, "n/a");
        return text;
    }
    char duration[QUANTITY_TEXT_SIZE];
    quantity_format_duration(duration, (uint64_t)(us * NS_PER_US + 0.5));
    snprintf(text, BENCH_NUMBER_SIZE, "%s", duration);
    return text;
}

const char *bench_number_share(char text[BENCH_NUMBER_SIZE], double share)
{
    if (isnan(share))
        snprintf(text, BENCH_NUMBER_SIZE, "n/a");
    else
        snprintf(text, BENCH_NUMBER_SIZE, "%.0f%%", share * 100);
    return text;
}

const char *bench_number_exact(char text[BENCH_NUMBER_SIZE], double number)
{
    for (int digits = LEAST_DIGITS; digits <= MOST_DIGITS; digits++) {
        snprintf(text, BENCH_NUMBER_SIZE, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return text;
}

bool bench_rate_parse(const char *text, double *rate_rps)
{
    static const double smallest = 0.01;
    static const double largest = 1e7;
    /* Only plain decimals: strtod would also take "inf", "0x10", "1e3" and spaces before. */
    size_t digits = strspn(text, "0123456789.");
    char *end = NULL;
    double rate = strtod(text, &end);
    if (digits == 0 || end != text + digits)
        return false;
    if (*end == 'k' || *end == 'K')
        rate *= 1e3;
    else if (*end == 'm' || *end == 'M')
        rate *= 1e6;
    else if (*end != '\0')
        return false;
    *rate_rps = rate;
    return (*end == '\0' || end[1] == '\0') && rate >= smallest && rate <= largest;
}

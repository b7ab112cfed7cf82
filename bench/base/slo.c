/* SPDX-License-Identifier: MIT */
#include "bench/base/slo.h"

#include "bench/base/bench_number.h"
#include "common/clock.h"
#include "common/quantity.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool slo_parse(const char *text, double *quantile, double *limit_us)
{
    /* Only plain decimals: strtod would also take "inf", "0x10" and spaces before. */
    size_t digits = text[0] == 'p' || text[0] == 'P' ? strspn(text + 1, "0123456789.") : 0;
    if (digits == 0)
        return false;
    char *end = NULL;
    double percent = strtod(text + 1, &end);
    int64_t ns = 0;
    if (end != text + 1 + digits || *end != '<' || !(percent > 0 && percent < 100) ||
        !quantity_parse_duration(end + 1, true, &ns) || ns <= 0)
        return false;
    *quantile = percent / 100;
    *limit_us = (double)ns / NS_PER_US;
    return true;
}

const char *slo_format(char text[SLO_TEXT_SIZE], double quantile, double limit_us)
{
    char limit[BENCH_NUMBER_SIZE];
    snprintf(text, SLO_TEXT_SIZE, "p%.10g<%s", quantile * 100, bench_number_us(limit, limit_us));
    return text;
}

/* SPDX-License-Identifier: MIT */
#include "common/quantity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    uint64_t size;
};

static const struct unit duration_units[] = {
    {"ns", 1},
    {"us", 1000},
    {"ms", 1000000},
    {"s", UINT64_C(1000000000)},
    {"m", UINT64_C(60000000000)},
    {"h", UINT64_C(3600000000000)},
};

static const struct unit byte_units[] = {
    {"b", 1},        {"k", 1 << 10},  {"m", 1 << 20},   {"g", 1 << 30},   {"kb", 1 << 10},
    {"mb", 1 << 20}, {"gb", 1 << 30}, {"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool find_unit(const struct unit *units, size_t count, const char *name, uint64_t *size)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(units[i].name, name) == 0) {
            *size = units[i].size;
            return true;
        }
    }
    return false;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

bool quantity_parse_integer(const char *text, int64_t *value)
{
    if (!is_digit(text[text[0] == '-' ? 1 : 0]))
        return false;
    char *end = NULL;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *value = parsed;
    return true;
}

bool quantity_parse_bytes(const char *text, int64_t *bytes)
{
    if (!is_digit(text[0]))
        return false;
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    uint64_t unit = 1;
    if (errno != 0 || (*end != '\0' && !find_unit(byte_units, COUNT(byte_units), end, &unit)))
        return false;
    if ((uint64_t)number > (uint64_t)INT64_MAX / unit)
        return false;
    *bytes = number * (int64_t)unit;
    return true;
}

bool quantity_parse_duration(const char *text, bool unit_required, int64_t *ns)
{
    size_t digits = strspn(text, "0123456789.");
    char number[QUANTITY_TEXT_SIZE];
    if (!is_digit(text[0]) || digits >= sizeof(number))
        return false;
    memcpy(number, text, digits);
    number[digits] = '\0';
    char *end = NULL;
    double value = strtod(number, &end);
    uint64_t unit = UINT64_C(1000000000);
    if (*end != '\0')
        return false;
    if (text[digits] == '\0') {
        if (unit_required && value > 0)
            return false;
    } else if (!find_unit(duration_units, COUNT(duration_units), text + digits, &unit)) {
        return false;
    }
    double total = value * (double)unit + 0.5;
    if (total >= (double)INT64_MAX)
        return false;
    *ns = (int64_t)total;
    return true;
}

const char *quantity_format_duration(char text[QUANTITY_TEXT_SIZE], uint64_t ns)
{
    size_t unit = 0;
    while (unit < 3 && (double)ns >= 999.5 * (double)duration_units[unit].size)
        unit++;
    double value = (double)ns / (double)duration_units[unit].size;
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    snprintf(text, QUANTITY_TEXT_SIZE, "%.*f%s", decimals, value, duration_units[unit].name);
    return text;
}

const char *quantity_exact_duration(char text[QUANTITY_TEXT_SIZE], uint64_t ns)
{
    size_t unit = 0;
    while (unit < 3 && ns > 0 && ns % duration_units[unit + 1].size == 0)
        unit++;
    snprintf(text, QUANTITY_TEXT_SIZE, "%" PRIu64 "%s", ns / duration_units[unit].size,
             ns > 0 ? duration_units[unit].name : "s");
    return text;
}

const char *quantity_exact_bytes(char text[QUANTITY_TEXT_SIZE], uint64_t bytes)
{
    static const char *const names[] = {"", "KiB", "MiB", "GiB"};
    size_t unit = 0;
    while (unit < 3 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    snprintf(text, QUANTITY_TEXT_SIZE, "%" PRIu64 "%s", bytes, names[unit]);
    return text;
}

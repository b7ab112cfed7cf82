/* SPDX-License-Identifier: MIT */
#include "common/quantity.h"
#include "tests/unit/prng.h"
#include "tests/unit/suites.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum kind { INTEGER, AMOUNT, SPAN, SPAN_WITH_UNIT };

static bool parse(enum kind kind, const char *text, int64_t *value)
{
    switch (kind) {
    case INTEGER:
        return quantity_parse_integer(text, value);
    case AMOUNT:
        return quantity_parse_bytes(text, value);
    default:
        return quantity_parse_duration(text, kind == SPAN_WITH_UNIT, value);
    }
}

#define SECOND INT64_C(1000000000)

static const struct {
    enum kind kind;
    const char *text;
    int64_t value;
} accepted[] = {
    {INTEGER, "0", 0},
    {INTEGER, "-3", -3},
    {INTEGER, "007", 7},
    {INTEGER, "9223372036854775807", INT64_MAX},
    {INTEGER, "-9223372036854775808", INT64_MIN},
    {AMOUNT, "0", 0},
    {AMOUNT, "4096", 4096},
    {AMOUNT, "1b", 1},
    {AMOUNT, "64k", 64 << 10},
    {AMOUNT, "64K", 64 << 10},
    {AMOUNT, "64kb", 64 << 10},
    {AMOUNT, "64KiB", 64 << 10},
    {AMOUNT, "1m", 1 << 20},
    {AMOUNT, "1MB", 1 << 20},
    {AMOUNT, "1mib", 1 << 20},
    {AMOUNT, "2g", INT64_C(2) << 30},
    {AMOUNT, "2GB", INT64_C(2) << 30},
    {AMOUNT, "2GiB", INT64_C(2) << 30},
    {AMOUNT, "8589934591g", INT64_C(8589934591) << 30},
    {AMOUNT, "9223372036854775807", INT64_MAX},
    {SPAN, "0", 0},
    {SPAN, "2", 2 * SECOND},
    {SPAN, "1.5", SECOND + SECOND / 2},
    {SPAN, "250ms", SECOND / 4},
    {SPAN, "250MS", SECOND / 4},
    {SPAN, "1.5s", SECOND + SECOND / 2},
    {SPAN, "0.5us", 500},
    {SPAN, "0.4ns", 0},
    {SPAN, "7ns", 7},
    {SPAN, "2m", 120 * SECOND},
    {SPAN, "1h", 3600 * SECOND},
    {SPAN_WITH_UNIT, "0", 0},
    {SPAN_WITH_UNIT, "0.0", 0},
    {SPAN_WITH_UNIT, "1s", SECOND},
};

static const struct {
    enum kind kind;
    const char *text;
} refused[] = {
    {INTEGER, ""},
    {INTEGER, "-"},
    {INTEGER, "+1"},
    {INTEGER, " 1"},
    {INTEGER, "1 "},
    {INTEGER, "- 1"},
    {INTEGER, "--1"},
    {INTEGER, "1x"},
    {INTEGER, "0x10"},
    {INTEGER, "1.0"},
    {INTEGER, "9223372036854775808"},
    {INTEGER, "-9223372036854775809"},
    {AMOUNT, ""},
    {AMOUNT, "k"},
    {AMOUNT, "-1"},
    {AMOUNT, "+1"},
    {AMOUNT, "1.5k"},
    {AMOUNT, "1 k"},
    {AMOUNT, "1t"},
    {AMOUNT, "1kk"},
    {AMOUNT, "8589934592g"},
    {AMOUNT, "9223372036854775808"},
    {SPAN, ""},
    {SPAN, "s"},
    {SPAN, ".5s"},
    {SPAN, "-1s"},
    {SPAN, "+1s"},
    {SPAN, " 1s"},
    {SPAN, "1 s"},
    {SPAN, "1s "},
    {SPAN, "1..5s"},
    {SPAN, "1.5.2s"},
    {SPAN, "1d"},
    {SPAN, "1e3"},
    {SPAN, "inf"},
    {SPAN, "nan"},
    {SPAN, "0x1s"},
    {SPAN, "9223372037"},
    {SPAN, "1000000000000000000000000000000h"},
    {SPAN, "99999999999999999999999999999999999999999999999999s"},
    {SPAN_WITH_UNIT, "1"},
    {SPAN_WITH_UNIT, "0.001"},
};

START_TEST(accepts)
{
    int64_t value = -4711;
    ck_assert_msg(parse(accepted[_i].kind, accepted[_i].text, &value), "'%s' is refused",
                  accepted[_i].text);
    ck_assert_int_eq(value, accepted[_i].value);
}
END_TEST

START_TEST(refuses)
{
    int64_t value = -4711;
    ck_assert_msg(!parse(refused[_i].kind, refused[_i].text, &value), "'%s' is taken for %lld",
                  refused[_i].text, (long long)value);
    ck_assert_int_eq(value, -4711);
}
END_TEST

static const struct {
    uint64_t ns;
    const char *three_digits;
    const char *exact;
} durations[] = {
    {0, "0ns", "0s"},
    {1, "1ns", "1ns"},
    {999, "999ns", "999ns"},
    {1000, "1.00us", "1us"},
    {1254, "1.25us", "1254ns"},
    {9994, "9.99us", "9994ns"},
    {9996, "10.0us", "9996ns"},
    {99940, "99.9us", "99940ns"},
    {99960, "100us", "99960ns"},
    {999499, "999us", "999499ns"},
    {999500, "1.00ms", "999500ns"},
    {1500000, "1.50ms", "1500us"},
    {250000000, "250ms", "250ms"},
    {999600000, "1.00s", "999600us"},
    {1500000000, "1.50s", "1500ms"},
    {60000000000, "60.0s", "60s"},
    {3600000000000, "3600s", "3600s"},
};

START_TEST(prints_duration)
{
    char text[QUANTITY_TEXT_SIZE];
    ck_assert_str_eq(quantity_format_duration(text, durations[_i].ns), durations[_i].three_digits);
    ck_assert_str_eq(quantity_exact_duration(text, durations[_i].ns), durations[_i].exact);
}
END_TEST

static const struct {
    uint64_t bytes;
    const char *text;
} amounts[] = {
    {0, "0"},
    {1, "1"},
    {1023, "1023"},
    {1024, "1KiB"},
    {1025, "1025"},
    {64 << 10, "64KiB"},
    {3 << 19, "1536KiB"},
    {1 << 20, "1MiB"},
    {UINT64_C(5) << 30, "5GiB"},
    {UINT64_C(1) << 62, "4294967296GiB"},
    {INT64_MAX, "9223372036854775807"},
};

START_TEST(prints_bytes)
{
    char text[QUANTITY_TEXT_SIZE];
    ck_assert_str_eq(quantity_exact_bytes(text, amounts[_i].bytes), amounts[_i].text);
}
END_TEST

/* What is printed exactly reads as the same value. */
START_TEST(exact_text_reads_back)
{
    struct prng prng = {.state = 3};
    char text[QUANTITY_TEXT_SIZE];
    for (int i = 0; i < 10000; i++) {
        int64_t bytes = (int64_t)(prng_next(&prng) >> (1 + prng_below(&prng, 63)));
        int64_t value = -1;
        ck_assert(quantity_parse_bytes(quantity_exact_bytes(text, (uint64_t)bytes), &value));
        ck_assert_int_eq(value, bytes);
        int64_t ns = bytes >> 12; /* 26 days, which is as far as doubles are exact with halves */
        ck_assert(
            quantity_parse_duration(quantity_exact_duration(text, (uint64_t)ns), true, &value));
        ck_assert_int_eq(value, ns);
    }
}
END_TEST

Suite *quantity_suite(void)
{
    Suite *suite = suite_create("quantity");
    TCase *tests = tcase_create("quantity");
    tcase_add_loop_test(tests, accepts, 0, COUNT(accepted));
    tcase_add_loop_test(tests, refuses, 0, COUNT(refused));
    tcase_add_loop_test(tests, prints_duration, 0, COUNT(durations));
    tcase_add_loop_test(tests, prints_bytes, 0, COUNT(amounts));
    tcase_add_test(tests, exact_text_reads_back);
    suite_add_tcase(suite, tests);
    return suite;
}

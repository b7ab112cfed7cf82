/* SPDX-License-Identifier: MIT */
/* Scripted times: see the rule in server/limits/overload.h. */
#include "common/clock.h"
#include "server/limits/overload.h"
#include "tests/unit/captured_output.h"
#include "tests/unit/suites.h"

#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define MS           NS_PER_MS
#define EMPTY        UINT64_MAX

static struct overload overload;

static void set_up(void)
{
    overload_init(&overload, true, 100 * MS, 5 * MS);
}

/* One look at a server that has shed nothing lately. */
static const struct {
    const char *name;
    uint64_t service_ns;
    uint64_t late_since_ns;
    uint64_t waits_since_ns;
    uint64_t standing_since_ns;
    uint64_t now_ns;
    bool late;
} looks[] = {
    {"late in a standing queue", 0, 900 * MS, 1000 * MS, 900 * MS, 1006 * MS, true},
    {"just not late", 0, 900 * MS, 1000 * MS, 900 * MS, 1005 * MS, false},
    {"just late", 0, 900 * MS, 1000 * MS, 900 * MS, 1005 * MS + 1, true},
    {"just not standing", 0, 900 * MS, 900 * MS, 900 * MS, 1000 * MS, false},
    {"just standing", 0, 900 * MS, 900 * MS, 900 * MS, 1000 * MS + 1, true},
    {"a burst", 0, 1000 * MS, 1000 * MS, 1000 * MS, 1090 * MS, false},
    {"the first that is late", 0, 0, 1000 * MS, 500 * MS, 1090 * MS, false},
    {"one was in time not long ago", 0, 950 * MS, 900 * MS, 500 * MS, 1050 * MS, false},
    {"one was in time just long ago", 0, 950 * MS, 900 * MS, 500 * MS, 1050 * MS + 1, true},
    {"the queue was empty since", 0, 500 * MS, 900 * MS, 800 * MS, 1050 * MS, false},
    {"the last in the queue", 0, 500 * MS, 1000 * MS, EMPTY, 1500 * MS, false},
    {"no wait at all", 0, 500 * MS, 1000 * MS, 500 * MS, 1000 * MS, false},
    {"just not twice the service time", 4 * MS, 500 * MS, 1000 * MS, 500 * MS, 1008 * MS, false},
    {"just twice the service time", 4 * MS, 500 * MS, 1000 * MS, 500 * MS, 1008 * MS + 1, true},
    {"a short service time lowers nothing", MS, 500 * MS, 1000 * MS, 500 * MS, 1005 * MS, false},
    {"now before it was queued", 0, 500 * MS, 1000 * MS, 500 * MS, 999 * MS, false},
    {"now before the queue stood", 0, 500 * MS, 900 * MS, 1000 * MS, 950 * MS, false},
    {"now before any was late", 0, 960 * MS, 900 * MS, 500 * MS, 950 * MS, false},
    {"the clock's first moment", 0, 0, 0, 0, 0, false},
    {"a clock near its end", 0, 1, UINT64_MAX - 300 * MS, 0, UINT64_MAX - 201 * MS, true},
};

static bool look(int i)
{
    atomic_store(&overload.late_since_ns, looks[i].late_since_ns);
    return overload_is_late(&overload, looks[i].service_ns, looks[i].waits_since_ns,
                            looks[i].standing_since_ns, looks[i].now_ns);
}

START_TEST(a_look)
{
    ck_assert_msg(look(_i) == looks[_i].late, "%s", looks[_i].name);
    ck_assert_int_eq(overload_lasts(&overload, looks[_i].now_ns), looks[_i].late);
    overload_init(&overload, false, 100 * MS, 5 * MS);
    ck_assert(!look(_i));
}
END_TEST

/* One overload from its begin to its end; each waited for 50 ms, which is late, or for 1. */
static const struct {
    uint64_t now_ms;
    uint64_t standing_since_ms;
    uint64_t waited_ms;
    bool late;
} episode[] = {
    {900, 800, 50, false},   {999, 800, 1, false}, /* one in time is enough for it to begin anew */
    {1000, 800, 50, false},  {1100, 800, 50, false},
    {1101, 800, 50, true},   {1120, 800, 1, false},
    {1150, 800, 50, true},  /* renews it: until 1350 */
    {1160, 1155, 50, true}, /* the backlog is gone, the load is not */
    {1240, 1155, 1, false},  {1255, 1155, 50, true},
    {1256, 1155, 50, true},                          /* renews it: until 1456 */
    {1300, 1290, 1, false},  {1390, 1290, 50, true}, /* does not: it was empty at 1290 */
    {1400, 1395, 50, true},  {1455, 1395, 50, true},
    {1456, 1395, 50, false},                         /* over */
    {1500, 1395, 50, false}, {1501, 1395, 50, true}, /* until 1701 */
    {1502, 1395, 1, false},  {1701, 1500, 50, false},
    {1801, 1500, 50, false}, {1802, 1500, 50, true},
    {9000, 8990, 50, false},
};

START_TEST(an_episode)
{
    for (int i = 0; i < COUNT(episode); i++) {
        uint64_t now_ns = episode[i].now_ms * MS;
        bool late = overload_is_late(&overload, 0, now_ns - episode[i].waited_ms * MS,
                                     episode[i].standing_since_ms * MS, now_ns);
        ck_assert_msg(late == episode[i].late, "at %d ms", (int)episode[i].now_ms);
    }
}
END_TEST

START_TEST(the_mean_follows)
{
    uint64_t mean_ns = overload_follow_service(0, 2 * MS);
    ck_assert_uint_eq(mean_ns, 2 * MS); /* the first is all that is known */
    ck_assert_uint_eq(overload_follow_service(mean_ns, 18 * MS), 3 * MS);
    for (int i = 0; i < 200; i++)
        mean_ns = overload_follow_service(mean_ns, 10 * MS);
    ck_assert_double_eq_tol((double)mean_ns, 10.0 * MS, 0.01 * MS);
    for (int i = 0; i < 400; i++)
        mean_ns = overload_follow_service(mean_ns, 0);
    ck_assert_uint_lt(mean_ns, 16);
}
END_TEST

/* ---- what the log says ---- */

/* What is logged at now_ms after `shed` more requests were shed. */
static const char *told(uint64_t now_ms, int shed)
{
    static char text[CAPTURED_OUTPUT_SIZE];
    struct captured_output captured = capture_output(stderr);
    for (int i = 0; i < shed; i++)
        overload_count(&overload);
    overload_tell(&overload, now_ms * MS);
    return captured_text(&captured, text);
}

static void stand(uint64_t now_ms)
{
    atomic_store(&overload.late_since_ns, (now_ms - 200) * MS);
    ck_assert(overload_is_late(&overload, 0, (now_ms - 50) * MS, 0, now_ms * MS));
}

START_TEST(begin_and_end_are_told)
{
    ck_assert_str_eq(told(500, 0), "");
    stand(1000);
    ck_assert_str_eq(told(1000, 0), ""); /* only what is exempt came */
    ck_assert_ptr_nonnull(strstr(told(1050, 3), " warn shedding requests=3\n"));
    stand(2000);
    ck_assert_str_eq(told(2050, 4), "");
    const char *text = told(3050, 5);
    ck_assert_ptr_nonnull(strstr(text, " warn shedding_ended requests=12\n"));
    ck_assert_ptr_null(strstr(text, " shedding requests"));
    ck_assert_str_eq(told(4050, 0), "");
    stand(5000);
    text = told(5500, 2); /* both since the last look */
    ck_assert_ptr_nonnull(strstr(text, " warn shedding requests=2\n"));
    ck_assert_ptr_nonnull(strstr(text, " warn shedding_ended requests=2\n"));
    ck_assert_str_eq(told(6500, 0), "");
}
END_TEST

Suite *overload_suite(void)
{
    Suite *suite = suite_create("overload");
    TCase *tests = tcase_create("overload");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, a_look, 0, COUNT(looks));
    tcase_add_test(tests, an_episode);
    tcase_add_test(tests, the_mean_follows);
    tcase_add_test(tests, begin_and_end_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}

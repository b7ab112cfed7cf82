/* SPDX-License-Identifier: MIT */
#include "server/input.h"
#include "server/limits/deadline.h"
#include "server/listener.h"
#include "tests/unit/suites.h"

enum { IDLE_NS = 7000, REQUEST_NS = 300, LOGIN_NS = 900, OUTPUT_NS = 500, NOW_NS = 10000 };

static const struct settings settings = {
    .idle_timeout_ns = IDLE_NS,
    .request_timeout_ns = REQUEST_NS,
    .login_timeout_ns = LOGIN_NS,
    .output_timeout_ns = OUTPUT_NS,
};
static const struct settings endless = {0};
static struct listener listener;
static struct connection connection;

static void set_up(void)
{
    listener = (struct listener){.endpoint.scheme = ENDPOINT_TCP};
    connection = (struct connection){.phase = PHASE_SERVING, .listener = &listener};
}

static void tear_down(void)
{
    input_free(connection.input);
    byte_buffer_free(&connection.output);
}

static void begin_request(void)
{
    connection.input = input_create(16, (struct resp_limits){16, 16});
    ck_assert_ptr_nonnull(connection.input);
}

static void begin_output(void)
{
    byte_buffer_append_text(&connection.output, "not taken");
}

static void be_a_stranger(void)
{
    connection.must_log_in = true;
}

static void finish(void)
{
    connection.phase = PHASE_FINISHING;
}

static void linger(void)
{
    connection.phase = PHASE_LINGERING;
}

static void be_raw(void)
{
    listener.endpoint.scheme = ENDPOINT_RAW;
}

static void shake_hands(void)
{
    connection.phase = PHASE_HANDSHAKING;
}

/* The handshake comes first. */
static void stranger_that_shakes_hands(void)
{
    be_a_stranger();
    shake_hands();
}

static void do_nothing(void)
{
}

static bool settle(uint64_t now_ns)
{
    return deadline_settle(&connection, &settings, now_ns);
}

static const struct {
    void (*begin)(void);
    enum deadline_cause cause;
    uint64_t allowed_ns;
} waits[] = {
    {do_nothing, DEADLINE_IDLE, IDLE_NS},
    {begin_request, DEADLINE_REQUEST, REQUEST_NS},
    {be_raw, DEADLINE_REQUEST, REQUEST_NS},
    {begin_output, DEADLINE_OUTPUT, OUTPUT_NS},
    {stranger_that_shakes_hands, DEADLINE_REQUEST, REQUEST_NS},
    {finish, DEADLINE_OUTPUT, OUTPUT_NS},
    {linger, DEADLINE_LINGER, UINT64_C(1000000) * LINGER_MS},
};

START_TEST(each_wait_has_its_time)
{
    uint64_t over_ns = NOW_NS + waits[_i].allowed_ns;
    waits[_i].begin();
    ck_assert(!settle(NOW_NS));
    ck_assert_int_eq(connection.deadline_cause, waits[_i].cause);
    ck_assert_uint_eq(connection.deadline_ns, over_ns);
    /* Looking again, however often, moves nothing. */
    ck_assert(!settle(NOW_NS + 1));
    ck_assert(!settle(over_ns - 1));
    ck_assert_uint_eq(connection.deadline_ns, over_ns);
    ck_assert(settle(over_ns));
    ck_assert(settle(over_ns + 1));
}
END_TEST

START_TEST(what_has_come_begins_a_new_time)
{
    uint64_t over_ns = NOW_NS + waits[_i].allowed_ns;
    waits[_i].begin();
    ck_assert(!settle(NOW_NS));
    deadline_met(&connection);
    ck_assert(!settle(over_ns));
    ck_assert_uint_eq(connection.deadline_ns, over_ns + waits[_i].allowed_ns);
    ck_assert(settle(over_ns + waits[_i].allowed_ns));
}
END_TEST

START_TEST(another_wait_begins_another_time)
{
    ck_assert(!settle(NOW_NS));
    begin_request();
    ck_assert(!settle(NOW_NS + IDLE_NS));
    begin_output(); /* counts more: nothing is read until it is gone */
    ck_assert(!settle(NOW_NS + IDLE_NS + REQUEST_NS));
    ck_assert_uint_eq(connection.deadline_ns, NOW_NS + IDLE_NS + REQUEST_NS + OUTPUT_NS);
    linger();
    ck_assert(!settle(NOW_NS + IDLE_NS + REQUEST_NS + OUTPUT_NS));
    ck_assert_int_eq(connection.deadline_cause, DEADLINE_LINGER);
}
END_TEST

/* Nothing that a client does before it logs in brings it more time. */
START_TEST(a_stranger_has_one_time_for_all)
{
    be_a_stranger();
    ck_assert(!settle(NOW_NS));
    begin_request();
    deadline_met(&connection);
    ck_assert(!settle(NOW_NS + 1));
    begin_output();
    ck_assert(!settle(NOW_NS + 2));
    finish();
    ck_assert(!settle(NOW_NS + 3));
    ck_assert_int_eq(connection.deadline_cause, DEADLINE_LOGIN);
    ck_assert_uint_eq(connection.deadline_ns, NOW_NS + LOGIN_NS);
    ck_assert(settle(NOW_NS + LOGIN_NS));
}
END_TEST

START_TEST(a_login_at_the_last_look_counts)
{
    be_a_stranger();
    ck_assert(!settle(NOW_NS));
    deadline_bring_forward(&connection);
    connection.must_log_in = false;
    ck_assert(!settle(NOW_NS + 1));
    ck_assert_int_eq(connection.deadline_cause, DEADLINE_IDLE);
    ck_assert_uint_eq(connection.deadline_ns, NOW_NS + 1 + IDLE_NS);
}
END_TEST

START_TEST(a_time_that_is_brought_forward_is_over)
{
    waits[_i].begin();
    ck_assert(!settle(NOW_NS));
    deadline_bring_forward(&connection);
    ck_assert(settle(NOW_NS + 1));
}
END_TEST

/* ---- what the client is told ---- */

static void stranger_with_output(void)
{
    be_a_stranger();
    begin_output();
}

static void stranger_that_is_finishing(void)
{
    be_a_stranger();
    finish();
}

static const struct {
    void (*begin)(void);
    enum close_reason reason;
    const char *text;
} ends[] = {
    {do_nothing, CLOSE_IDLE, NULL},
    {begin_request, CLOSE_REQUEST_TIMEOUT, "ERR Protocol error: request not complete within 300ns"},
    {be_raw, CLOSE_REQUEST_TIMEOUT, NULL},
    {shake_hands, CLOSE_TLS_HANDSHAKE, NULL},
    {begin_output, CLOSE_OUTPUT_TIMEOUT, NULL},
    {be_a_stranger, CLOSE_LOGIN_TIMEOUT, "NOAUTH Authentication required within 900ns"},
    {stranger_with_output, CLOSE_LOGIN_TIMEOUT, NULL},
    {finish, CLOSE_OUTPUT_TIMEOUT, NULL},
    {stranger_that_is_finishing, CLOSE_LOGIN_TIMEOUT, NULL},
};

START_TEST(each_end_has_its_reason_and_its_word)
{
    char text[DEADLINE_TEXT_SIZE] = "";
    ends[_i].begin();
    ck_assert(!settle(NOW_NS));
    ck_assert_int_eq(deadline_close_reason(&connection), ends[_i].reason);
    bool speaks = deadline_last_word(&connection, &settings, text);
    ck_assert_int_eq(speaks, ends[_i].text != NULL);
    ck_assert_str_eq(text, speaks ? ends[_i].text : "");
}
END_TEST

START_TEST(who_makes_room_is_told_so)
{
    static void (*const begin[])(void) = {be_a_stranger, shake_hands};
    char text[DEADLINE_TEXT_SIZE] = "";
    for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++) {
        begin[i]();
        ck_assert(!settle(NOW_NS));
        deadline_bring_forward(&connection);
        ck_assert_int_eq(deadline_close_reason(&connection), CLOSE_MADE_ROOM);
    }
    ck_assert(!deadline_last_word(&connection, &settings, text));
    connection.phase = PHASE_SERVING;
    ck_assert(deadline_last_word(&connection, &settings, text));
    ck_assert_str_eq(text, "ERR max number of clients reached");
}
END_TEST

START_TEST(a_time_of_zero_is_endless)
{
    static void (*const begin[])(void) = {do_nothing, begin_request, begin_output};
    for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++) {
        begin[i]();
        ck_assert(!deadline_settle(&connection, &endless, NOW_NS));
        ck_assert_uint_eq(connection.deadline_ns, 0);
        ck_assert(!deadline_settle(&connection, &endless, UINT64_MAX));
    }
}
END_TEST

Suite *deadline_suite(void)
{
    Suite *suite = suite_create("deadline");
    TCase *tests = tcase_create("deadline");
    int count = sizeof(waits) / sizeof(waits[0]);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, each_wait_has_its_time, 0, count);
    tcase_add_loop_test(tests, what_has_come_begins_a_new_time, 0, count);
    tcase_add_test(tests, another_wait_begins_another_time);
    tcase_add_test(tests, a_stranger_has_one_time_for_all);
    tcase_add_test(tests, a_login_at_the_last_look_counts);
    tcase_add_loop_test(tests, a_time_that_is_brought_forward_is_over, 0, count);
    tcase_add_loop_test(tests, each_end_has_its_reason_and_its_word, 0,
                        sizeof(ends) / sizeof(ends[0]));
    tcase_add_test(tests, who_makes_room_is_told_so);
    tcase_add_test(tests, a_time_of_zero_is_endless);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: MIT */
/* The soak test's checker: each way in which a history can be wrong is found, and named. */
#include "tests/unit/made_history.h"
#include "tests/unit/suites.h"

#include <string.h>

START_TEST(a_lost_reply_is_found)
{
    send_tokens(2);
    receive_token(1);
    expect_breach(HISTORY_LEFT, "instead of its token");
}
END_TEST

START_TEST(a_doubled_reply_is_found)
{
    send_tokens(_i == 0 ? 1 : 2);
    receive_token(0);
    receive_token(0);
    expect_breach(HISTORY_LEFT, _i == 0 ? "no request asked for" : "instead of its token");
}
END_TEST

START_TEST(swapped_replies_are_found)
{
    send_text("+OK\r\n", false);
    send_tokens(1);
    receive_token(1);
    receive("+OK\r\n");
    expect_breach(HISTORY_LEFT, "instead of '+OK");
}
END_TEST

START_TEST(another_connections_reply_is_found)
{
    char reply[MADE_REPLY_SIZE];
    send_tokens(1);
    history_received(&made, reply, token_reply(reply, MADE_CONNECTION + 1, 0));
    expect_breach(HISTORY_LEFT, "instead of its token");
}
END_TEST

/* In its head, at either end of the payload, in the middle, and behind. */
START_TEST(a_corrupted_byte_is_found)
{
    char reply[MADE_REPLY_SIZE];
    send_tokens(1);
    size_t size = token_reply(reply, MADE_CONNECTION, 0);
    const size_t places[] = {0, 1, 5, 5 + MADE_SIZE / 2, size - 3, size - 2, size - 1};
    reply[places[_i]] ^= 4;
    history_received(&made, reply, size);
    receive("+\r\n"); /* whatever else comes */
    history_end(&made, HISTORY_CLOSED);
    ck_assert_uint_ge(made_totals.breaches, 1);
    ck_assert_uint_eq(made_totals.answered, 0);
}
END_TEST

START_TEST(a_reply_of_another_size_is_found)
{
    send_tokens(1);
    receive("$1\r\n7\r\n");
    expect_breach(HISTORY_LEFT, "instead of its token of 40 bytes");
}
END_TEST

START_TEST(an_error_that_nobody_expects_is_found)
{
    static const char *const wrong[] = {"-ERR out of memory\r\n", "-OVERLOADE\r\n",
                                        "-ERR max number of clients reached\r\n"};
    send_tokens(2);
    receive_token(0);
    receive(wrong[_i]);
    expect_breach(HISTORY_LEFT, "instead of its token");
}
END_TEST

START_TEST(an_error_is_not_any_reply)
{
    begin((struct history_request){.reply = HISTORY_ANY, .bytes = 1});
    history_sent(&made, 1);
    receive("-ERR no\r\n");
    expect_breach(HISTORY_LEFT, "any reply but an error");
}
END_TEST

START_TEST(an_answer_before_its_request_was_whole_is_found)
{
    begin_token();
    history_sent(&made, 9);
    receive_token(0);
    expect_breach(HISTORY_LEFT, "before it was sent whole");
}
END_TEST

START_TEST(bytes_after_the_last_reply_are_found)
{
    send_text("+OK\r\n", true);
    send_tokens(1);
    receive("+OK\r\n");
    receive("$");
    expect_breach(HISTORY_CLOSED, "after the last reply");
}
END_TEST

START_TEST(bytes_that_are_no_reply_are_found)
{
    send_tokens(1);
    receive("hello\r\n");
    expect_breach(HISTORY_LEFT, "is no reply");
}
END_TEST

START_TEST(an_end_without_a_reason_is_found)
{
    send_tokens(2);
    receive_token(0);
    if (_i == 1)
        receive_token(1);
    expect_breach(HISTORY_CLOSED, "without a reason");
}
END_TEST

START_TEST(a_reset_amid_a_conversation_is_found)
{
    send_tokens(2);
    receive_token(0);
    expect_breach(HISTORY_RESET, "was reset");
}
END_TEST

START_TEST(an_end_inside_a_reply_is_found)
{
    send_tokens(1);
    if (_i == 1)
        history_stop(&made, 0);
    receive("$40\r\n7.");
    expect_breach(HISTORY_CLOSED, "inside the reply");
}
END_TEST

START_TEST(an_unanswered_request_of_a_half_closed_connection_is_found)
{
    send_tokens(2);
    history_half_close(&made);
    receive_token(0);
    expect_breach(HISTORY_CLOSED, "half-closed");
}
END_TEST

START_TEST(an_unanswered_request_at_a_stop_is_found)
{
    send_tokens(3);
    history_stop(&made, 10);
    receive_token(0);
    expect_breach(_i == 0 ? HISTORY_CLOSED : HISTORY_RESET, "before the stop");
}
END_TEST

START_TEST(a_tls_client_that_was_let_in_is_not_turned_away)
{
    made.wordless = true;
    history_let_in(&made);
    expect_breach(_i == 0 ? HISTORY_CLOSED : HISTORY_RESET, _i == 0 ? "without a reason" : "reset");
    ck_assert_uint_eq(made_totals.turned_away, 0);
}
END_TEST

START_TEST(a_client_that_waits_for_too_long_is_a_breach)
{
    send_tokens(1);
    history_breach(&made, "nothing came for too long");
    ck_assert(history_settled(&made));
    expect_breach(HISTORY_LEFT, "too long");
}
END_TEST

Suite *soak_breaches_suite(void)
{
    Suite *suite = suite_create("soak_breaches");
    TCase *tests = tcase_create("soak_breaches");
    tcase_add_checked_fixture(tests, made_history_begin, NULL);
    tcase_add_test(tests, a_lost_reply_is_found);
    tcase_add_loop_test(tests, a_doubled_reply_is_found, 0, 2);
    tcase_add_test(tests, swapped_replies_are_found);
    tcase_add_test(tests, another_connections_reply_is_found);
    tcase_add_loop_test(tests, a_corrupted_byte_is_found, 0, 7);
    tcase_add_test(tests, a_reply_of_another_size_is_found);
    tcase_add_loop_test(tests, an_error_that_nobody_expects_is_found, 0, 3);
    tcase_add_test(tests, an_error_is_not_any_reply);
    tcase_add_test(tests, an_answer_before_its_request_was_whole_is_found);
    tcase_add_test(tests, bytes_after_the_last_reply_are_found);
    tcase_add_test(tests, bytes_that_are_no_reply_are_found);
    tcase_add_loop_test(tests, an_end_without_a_reason_is_found, 0, 2);
    tcase_add_test(tests, a_reset_amid_a_conversation_is_found);
    tcase_add_loop_test(tests, an_end_inside_a_reply_is_found, 0, 2);
    tcase_add_test(tests, an_unanswered_request_of_a_half_closed_connection_is_found);
    tcase_add_loop_test(tests, an_unanswered_request_at_a_stop_is_found, 0, 2);
    tcase_add_loop_test(tests, a_tls_client_that_was_let_in_is_not_turned_away, 0, 2);
    tcase_add_test(tests, a_client_that_waits_for_too_long_is_a_breach);
    suite_add_tcase(suite, tests);
    return suite;
}

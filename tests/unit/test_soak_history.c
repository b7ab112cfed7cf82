/* SPDX-License-Identifier: MIT */
/* The soak test's checker: right histories are found right, and their sums are. */
#include "tests/soak/token.h"
#include "tests/unit/made_history.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

START_TEST(answers_in_order_are_right)
{
    send_tokens(3);
    ck_assert(!history_settled(&made));
    for (uint64_t i = 0; i < 3; i++)
        receive_token(i);
    ck_assert(history_settled(&made));
    expect_right(HISTORY_LEFT);
    ck_assert_uint_eq(made_totals.sent, 3);
    ck_assert_uint_eq(made_totals.answered, 3);
    ck_assert_uint_eq(made_totals.unanswered, 0);
    expect_executed(3, 3);
}
END_TEST

START_TEST(how_bytes_are_cut_makes_no_difference)
{
    char reply[MADE_REPLY_SIZE];
    begin_token();
    for (size_t i = 0; i < 10; i++)
        history_sent(&made, 1);
    size_t size = token_reply(reply, MADE_CONNECTION, 0);
    for (size_t i = 0; i < size; i++) {
        history_received(&made, reply + i, 1);
        ck_assert(history_inside_reply(&made) == (i + 1 < size));
    }
    ck_assert(history_settled(&made));
    expect_right(HISTORY_LEFT);
}
END_TEST

START_TEST(all_kinds_of_replies_can_be_right)
{
    send_text("+OK\r\n", false);
    begin((struct history_request){.reply = HISTORY_ANY, .bytes = 1});
    begin((struct history_request){.reply = HISTORY_FAILURE, .text = "-ERR wrong", .bytes = 1});
    begin((struct history_request){.reply = HISTORY_BYTES, .text = "hello", .bytes = 1});
    history_sent(&made, 3);
    receive("+OK\r\n%1\r\n$1\r\na\r\n:1\r\n-ERR wrong number\r\nhel");
    receive("lo");
    ck_assert(history_settled(&made));
    expect_right(HISTORY_LEFT);
    expect_executed(0, 0);
}
END_TEST

START_TEST(more_requests_than_fit_at_once_are_followed)
{
    for (uint64_t i = 0; i < 3 * (uint64_t)HISTORY_DEEPEST; i++) {
        ck_assert_uint_eq(history_next(&made), i);
        send_tokens(1);
        receive_token(i);
    }
    send_tokens(HISTORY_DEEPEST);
    ck_assert(!history_has_room(&made));
    receive_token(3 * (uint64_t)HISTORY_DEEPEST);
    ck_assert(history_has_room(&made));
    history_end(&made, HISTORY_LEFT);
    ck_assert_uint_eq(made_totals.breaches, 0);
    ck_assert_uint_eq(made_totals.unanswered, HISTORY_DEEPEST - 1);
}
END_TEST

START_TEST(a_client_may_go_away_at_any_time)
{
    char reply[MADE_REPLY_SIZE];
    send_tokens(3);
    begin_token();
    history_sent(&made, 9);
    receive_token(0);
    history_received(&made, reply, token_reply(reply, MADE_CONNECTION, 1) / 2);
    expect_right(HISTORY_LEFT);
    ck_assert_uint_eq(made_totals.sent, 3);
    ck_assert_uint_eq(made_totals.unanswered, 2);
    expect_executed(1, 3);
}
END_TEST

START_TEST(a_last_reply_ends_the_connection)
{
    send_tokens(1);
    send_text("+OK\r\n", true);
    send_tokens(2);
    receive_token(0);
    receive("+OK\r\n");
    expect_right(HISTORY_CLOSED);
    expect_executed(1, 1); /* what came behind it must not run */
}
END_TEST

START_TEST(what_is_malformed_may_be_answered_before_its_end)
{
    begin((struct history_request){
        .reply = HISTORY_FAILURE, .text = "-ERR Protocol error", .bytes = 100, .ends = true});
    history_sent(&made, 50);
    receive("-ERR Protocol error: invalid bulk length\r\n");
    expect_right(HISTORY_CLOSED);
}
END_TEST

START_TEST(a_raw_listener_may_answer_a_part)
{
    begin((struct history_request){
        .reply = HISTORY_BYTES, .text = "hello", .bytes = 100, .ends = true});
    history_sent(&made, 50);
    receive("hello");
    expect_right(HISTORY_CLOSED);
}
END_TEST

START_TEST(a_half_closed_connection_ends_after_its_answers)
{
    send_tokens(1);
    history_half_close(&made);
    receive_token(0);
    expect_right(HISTORY_CLOSED);
}
END_TEST

START_TEST(one_connection_too_many_is_turned_away)
{
    send_tokens(_i == 0 ? 0 : 1);
    receive("-ERR max number of clients reached\r\n");
    expect_right(_i == 0 ? HISTORY_CLOSED : HISTORY_RESET);
    ck_assert_uint_eq(made_totals.turned_away, 1);
    expect_executed(0, 0);
}
END_TEST

/* Whatever else it was told before, as long as it was not let in. */
START_TEST(a_stranger_may_have_to_make_room)
{
    static const char *const told[] = {"-NOAUTH Authentication required.\r\n", "+RESET\r\n"};
    begin((struct history_request){.reply = HISTORY_TEXT, .text = told[_i], .bytes = 1});
    history_sent(&made, 1);
    receive(told[_i]);
    send_tokens(1);
    receive("-ERR max number of clients reached\r\n");
    expect_right(HISTORY_CLOSED);
    ck_assert_uint_eq(made_totals.turned_away, 1);
    expect_executed(0, 0);
}
END_TEST

/* The reset that turns a client away can overtake the text; the server's count has to bear it out.
 */
START_TEST(a_reset_before_any_reply_counts_as_turned_away)
{
    send_tokens(1);
    expect_right(HISTORY_RESET);
    ck_assert_uint_eq(made_totals.turned_away, 1);
    expect_executed(0, 0);
}
END_TEST

/* Also one of tls://, as long as it has not shaken hands. */
START_TEST(a_raw_listener_turns_away_without_a_word)
{
    made.wordless = true;
    begin((struct history_request){.reply = HISTORY_BYTES, .text = "hello", .bytes = 5});
    expect_right(HISTORY_CLOSED);
    ck_assert_uint_eq(made_totals.turned_away, 1);
}
END_TEST

START_TEST(a_request_that_was_refused_was_not_executed)
{
    send_tokens(2);
    receive("-OVERLOADED try again later\r\n");
    receive_token(1);
    expect_right(HISTORY_LEFT);
    ck_assert_uint_eq(made_totals.refused, 1);
    expect_executed(1, 1);
}
END_TEST

START_TEST(after_a_stop_only_what_was_whole_is_due)
{
    send_tokens(2);
    begin_token();
    history_sent(&made, 9);
    history_stop(&made, 0);
    history_sent(&made, 1);
    receive_token(0);
    receive_token(1);
    expect_right(_i == 0 ? HISTORY_CLOSED : HISTORY_RESET);
}
END_TEST

/* Of 29 bytes sent, these many are still on their way: a request is due when all of it is there. */
START_TEST(what_is_on_its_way_at_a_stop_is_not_due)
{
    static const size_t on_their_way[] = {0, 9, 10, 19, 20, 29, 1000};
    static const uint64_t due[] = {2, 2, 1, 1, 0, 0, 0};
    send_tokens(2);
    begin_token();
    history_sent(&made, 9);
    history_stop(&made, on_their_way[_i]);
    for (uint64_t i = 0; i < due[_i]; i++)
        receive_token(i);
    expect_right(HISTORY_CLOSED);
}
END_TEST

START_TEST(rubbish_gets_any_error_and_any_end)
{
    made.lenient = true;
    begin((struct history_request){.reply = HISTORY_ANY, .bytes = 30});
    history_sent(&made, 30);
    receive("-ERR unknown command\r\n-ERR unknown command\r\n-ERR Prot");
    expect_right(_i == 0 ? HISTORY_CLOSED : HISTORY_RESET);
}
END_TEST

START_TEST(a_request_that_ran_twice_shows_in_the_sum)
{
    send_tokens(3);
    receive_token(0);
    history_end(&made, HISTORY_LEFT);
    ck_assert(history_check_executed(&made_totals, "echo", 1));
    ck_assert(history_check_executed(&made_totals, "echo", 3));
    ck_assert_uint_eq(made_totals.breaches, 0);
    ck_assert(!history_check_executed(&made_totals, "echo", _i == 0 ? 0 : 4));
    ck_assert_uint_eq(made_totals.breaches, 1);
    ck_assert_ptr_nonnull(strstr(made_totals.first_breach, "account for 1 to 3"));
}
END_TEST

START_TEST(totals_add_up)
{
    struct history_totals sum = {0};
    struct history_totals each = {.connections = 1,
                                  .sent = 2,
                                  .answered = 3,
                                  .refused = 4,
                                  .turned_away = 5,
                                  .unanswered = 6,
                                  .executed_least = 7,
                                  .executed_most = 8,
                                  .breaches = 9,
                                  .first_breach = "first"};
    history_add(&sum, &each);
    snprintf(each.first_breach, sizeof(each.first_breach), "second");
    history_add(&sum, &each);
    const uint64_t values[] = {sum.connections,    sum.sent,          sum.answered,
                               sum.refused,        sum.turned_away,   sum.unanswered,
                               sum.executed_least, sum.executed_most, sum.breaches};
    for (uint64_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        ck_assert_uint_eq(values[i], 2 * (i + 1));
    ck_assert_str_eq(sum.first_breach, "first");
}
END_TEST

START_TEST(tokens_differ_and_their_beginnings_tell_whose_they_are)
{
    char one[200];
    char other[200];
    token_fill(12, 34, one, sizeof(one));
    ck_assert(memcmp(one, "12.34.", 6) == 0);
    ck_assert(token_matches(12, 34, one, sizeof(one)));
    ck_assert(token_matches(12, 34, one, 1));
    for (size_t i = 0; i < sizeof(one); i++) {
        memcpy(other, one, sizeof(one));
        other[i] ^= 1;
        ck_assert(!token_matches(12, 34, other, sizeof(other)));
    }
    token_fill(12, 35, other, sizeof(other));
    ck_assert(memcmp(one + 100, other + 100, 100) != 0);
    for (size_t i = 0; i < sizeof(one); i++)
        ck_assert_msg(one[i] > ' ' && one[i] <= 'z' && one[i] != '"', "byte %zu: %d", i, one[i]);
}
END_TEST

Suite *soak_history_suite(void)
{
    Suite *suite = suite_create("soak_history");
    TCase *tests = tcase_create("soak_history");
    tcase_add_checked_fixture(tests, made_history_begin, NULL);
    tcase_add_test(tests, answers_in_order_are_right);
    tcase_add_test(tests, how_bytes_are_cut_makes_no_difference);
    tcase_add_test(tests, all_kinds_of_replies_can_be_right);
    tcase_add_test(tests, more_requests_than_fit_at_once_are_followed);
    tcase_add_test(tests, a_client_may_go_away_at_any_time);
    tcase_add_test(tests, a_last_reply_ends_the_connection);
    tcase_add_test(tests, what_is_malformed_may_be_answered_before_its_end);
    tcase_add_test(tests, a_raw_listener_may_answer_a_part);
    tcase_add_test(tests, a_half_closed_connection_ends_after_its_answers);
    tcase_add_loop_test(tests, one_connection_too_many_is_turned_away, 0, 2);
    tcase_add_loop_test(tests, a_stranger_may_have_to_make_room, 0, 2);
    tcase_add_test(tests, a_reset_before_any_reply_counts_as_turned_away);
    tcase_add_test(tests, a_raw_listener_turns_away_without_a_word);
    tcase_add_test(tests, a_request_that_was_refused_was_not_executed);
    tcase_add_loop_test(tests, after_a_stop_only_what_was_whole_is_due, 0, 2);
    tcase_add_loop_test(tests, what_is_on_its_way_at_a_stop_is_not_due, 0, 7);
    tcase_add_loop_test(tests, rubbish_gets_any_error_and_any_end, 0, 2);
    tcase_add_loop_test(tests, a_request_that_ran_twice_shows_in_the_sum, 0, 2);
    tcase_add_test(tests, totals_add_up);
    tcase_add_test(tests, tokens_differ_and_their_beginnings_tell_whose_they_are);
    suite_add_tcase(suite, tests);
    return suite;
}

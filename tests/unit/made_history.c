/* SPDX-License-Identifier: MIT */
#include "tests/unit/made_history.h"

#include "tests/soak/token.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

struct history made;
struct history_totals made_totals;

void made_history_begin(void)
{
    memset(&made_totals, 0, sizeof(made_totals));
    history_begin(&made, &made_totals, MADE_CONNECTION);
}

void begin(struct history_request request)
{
    history_request(&made, &request);
}

void begin_token(void)
{
    begin((struct history_request){
        .reply = HISTORY_TOKEN, .size = MADE_SIZE, .bytes = 10, .counted = true});
}

void send_tokens(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        begin_token();
        history_sent(&made, 10);
    }
}

void send_text(const char *reply, bool ends)
{
    begin((struct history_request){
        .reply = HISTORY_TEXT, .text = reply, .bytes = 4, .counted = false, .ends = ends});
    history_sent(&made, 4);
}

void receive(const char *text)
{
    history_received(&made, text, strlen(text));
}

size_t token_reply(char reply[MADE_REPLY_SIZE], uint64_t connection, uint64_t sequence)
{
    char payload[MADE_SIZE];
    token_fill(connection, sequence, payload, MADE_SIZE);
    return (size_t)snprintf(reply, MADE_REPLY_SIZE, "$%d\r\n%.*s\r\n", (int)MADE_SIZE,
                            (int)MADE_SIZE, payload);
}

void receive_token(uint64_t sequence)
{
    char reply[MADE_REPLY_SIZE];
    history_received(&made, reply, token_reply(reply, MADE_CONNECTION, sequence));
}

void expect_right(enum history_end how)
{
    history_end(&made, how);
    ck_assert_msg(made_totals.breaches == 0, "%s", made_totals.first_breach);
    ck_assert_uint_eq(made_totals.connections, 1);
}

void expect_breach(enum history_end how, const char *what)
{
    history_end(&made, how);
    ck_assert_uint_eq(made_totals.breaches, 1);
    ck_assert_msg(strstr(made_totals.first_breach, what) != NULL, "'%s' instead of '%s'",
                  made_totals.first_breach, what);
}

void expect_executed(uint64_t least, uint64_t most)
{
    ck_assert_uint_eq(made_totals.executed_least, least);
    ck_assert_uint_eq(made_totals.executed_most, most);
}

/* SPDX-License-Identifier: MIT */
/*
 * Histories that tests make up, one connection's each: what it sent, what came back, and the
 * verdict that is due. One thread.
 */
#ifndef CREW_TESTS_UNIT_MADE_HISTORY_H
#define CREW_TESTS_UNIT_MADE_HISTORY_H

#include "tests/soak/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MADE_CONNECTION = 7, MADE_SIZE = 40, MADE_REPLY_SIZE = 128 };

/* What the functions below work on. */
extern struct history made;
extern struct history_totals made_totals;

/* Begins a history of no requests: a checked fixture's setup. */
void made_history_begin(void);

void begin(struct history_request request);

/* A counted request of ten bytes, of which none is sent yet; and so many sent whole. */
void begin_token(void);
void send_tokens(unsigned count);

/* A request of four bytes that has to be answered by this text. */
void send_text(const char *reply, bool ends);

void receive(const char *text);

/* The right reply to a token request of this number; made, and received. */
size_t token_reply(char reply[MADE_REPLY_SIZE], uint64_t connection, uint64_t sequence);
void receive_token(uint64_t sequence);

/* Ends the history. Fails the test unless nothing was found; or one breach, which says `what`. */
void expect_right(enum history_end how);
void expect_breach(enum history_end how, const char *what);

void expect_executed(uint64_t least, uint64_t most);

#endif

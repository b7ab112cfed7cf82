/* SPDX-License-Identifier: MIT */
/*
 * The payload of a request, as a function of who sent it: "connection.sequence." and then letters
 * that follow from both, so that a payload of any size can be made and checked without keeping it.
 * Payloads that are shorter than their numbers are cut. Printable, without spaces and quotes. Pure.
 */
#ifndef CREW_TESTS_SOAK_TOKEN_H
#define CREW_TESTS_SOAK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void token_fill(uint64_t connection, uint64_t sequence, char *bytes, size_t size);

bool token_matches(uint64_t connection, uint64_t sequence, const char *bytes, size_t size);

#endif

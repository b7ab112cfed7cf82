/* SPDX-License-Identifier: MIT */
/* What `crew-bench peers` prints and writes. One thread. */
#ifndef CREW_BENCH_PEERS_REPORT_H
#define CREW_BENCH_PEERS_REPORT_H

#include "bench/commands/peers_settings.h"
#include "bench/peers/peer_outcome.h"
#include "bench/peers/peer_programs.h"
#include "common/byte_buffer.h"

#include <stddef.h>
#include <stdio.h>

#define PEERS_SCHEMA "crew-bench/peers/1"

/* The rows of the table, with what they are. */
void peers_report_list(FILE *out);

/* To columns of `width`, of which those on the right are left out when they do not fit. */
void peers_report_headings(FILE *out, size_t width);
void peers_report_row(FILE *out, const struct peer_outcome *outcome, size_t width);

/* "12 of 18 rows reached, 1 not measured". */
void peers_report_sum(FILE *out, const struct peer_outcome *outcomes, size_t count);

/* Appends JSON with every figure of every round; out of memory shows in the buffer's `failed`. */
void peers_report_write(const struct peers_settings *settings, const struct peer_programs *programs,
                        const struct peer_outcome *outcomes, size_t count, struct byte_buffer *out);

#endif

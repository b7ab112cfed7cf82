/* SPDX-License-Identifier: MIT */
/*
 * Numbers as people write them, each kind parsed and printed in one place. Pure; any thread.
 * A parse takes the whole text or fails: no spaces, no trailing bytes, no overflow.
 */
#ifndef CREW_COMMON_QUANTITY_H
#define CREW_COMMON_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUANTITY_TEXT_SIZE = 32 };

/* Decimal integer: "12", "-3". */
bool quantity_parse_integer(const char *text, int64_t *value);

/* Bytes: a whole number, then nothing or one of b k m g kb mb gb kib mib gib, all powers of 1024.
 */
bool quantity_parse_bytes(const char *text, int64_t *bytes);

/*
 * Time in nanoseconds: a number, which may have a decimal point, then ns us ms s m h. A number
 * without a unit is in seconds; `unit_required` refuses that, 0 excepted.
 */
bool quantity_parse_duration(const char *text, bool unit_required, int64_t *ns);

/* Three significant digits and a unit, such as "1.25ms"; returns `text`. */
const char *quantity_format_duration(char text[QUANTITY_TEXT_SIZE], uint64_t ns);

/*
 * Exactly, in the largest unit up to seconds or GiB that divides it, such as "1500ms" or "64KiB";
 * returns `text`.
 */
const char *quantity_exact_duration(char text[QUANTITY_TEXT_SIZE], uint64_t ns);
const char *quantity_exact_bytes(char text[QUANTITY_TEXT_SIZE], uint64_t bytes);

#endif

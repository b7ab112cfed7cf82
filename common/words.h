/* SPDX-License-Identifier: MIT */
/*
 * Splits a line into words the way redis-cli does: words are separated by spaces; "double quotes"
 * know \n \r \t \b \a \xHH \" and \\, 'single quotes' know only \'; a closing quote must be
 * followed by a space or the end.
 *
 * Pure: words are unescaped in place, over the line itself, which never makes them longer.
 */
#ifndef CREW_COMMON_WORDS_H
#define CREW_COMMON_WORDS_H

#include "crew.h"

#include <stddef.h>

enum words_result { WORDS_FOUND, WORDS_END, WORDS_UNBALANCED };

/*
 * Takes the next word from `line` at *position, which it advances. WORDS_FOUND sets *word to a
 * slice of `line`; WORDS_END means only spaces were left; WORDS_UNBALANCED means bad quotes.
 */
enum words_result words_next(char *line, size_t size, size_t *position, crew_slice *word);

#endif

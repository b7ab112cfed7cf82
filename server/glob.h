/* SPDX-License-Identifier: MIT */
#ifndef CREW_SERVER_GLOB_H
#define CREW_SERVER_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether all of `text` matches a pattern of literal bytes, '?' for any one byte and '*' for any
 * number of them; a backslash makes the next byte literal. Letters match in any case. Pure; takes
 * at most pattern size × text size steps, whatever the pattern.
 */
bool glob_matches(const char *pattern, size_t pattern_size, const char *text, size_t text_size);

#endif

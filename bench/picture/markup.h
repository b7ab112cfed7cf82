/* SPDX-License-Identifier: MIT */
/* Text for XML and HTML, and how wide it will be. Pure, but for the buffer written to. */
#ifndef CREW_BENCH_MARKUP_H
#define CREW_BENCH_MARKUP_H

#include "common/byte_buffer.h"

#include <stddef.h>

/*
 * Appends `text` so that it stands for itself in an element or a quoted attribute. Bytes that are
 * not UTF-8 and characters that XML 1.0 does not allow (most control characters) become U+FFFD.
 */
void markup_append(struct byte_buffer *out, const char *text);

/* The same for the first `size` bytes of a text. */
void markup_append_bytes(struct byte_buffer *out, const char *text, size_t size);

/* Appends a printf-formatted text in the same way; it is cut at MARKUP_TEXT_SIZE bytes. */
enum { MARKUP_TEXT_SIZE = 4096 };
void markup_printf(struct byte_buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Width of `text` in the unit of `font_size`, never much too small: it counts with the advances of
 * DejaVu Sans, which is wider than the other fonts that stand in for "sans-serif".
 */
double markup_width(const char *text, double font_size);

/* How many bytes of `text` fit into `width`, whole characters only. */
size_t markup_fit(const char *text, double font_size, double width);

/*
 * How many bytes of `text` to put on a line of this width: all, or up to and without a space, or
 * as many characters as fit where there is no space. At least one character.
 */
size_t markup_line(const char *text, double font_size, double width);

#endif

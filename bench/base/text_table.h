/* SPDX-License-Identifier: MIT */
/*
 * Tables and paragraphs for a terminal: columns that do not fit are left out from the right, lines
 * are broken between words. Widths are columns on the screen, where a character of UTF-8 takes one.
 * Pure but for the output.
 */
#ifndef CREW_BENCH_TEXT_TABLE_H
#define CREW_BENCH_TEXT_TABLE_H

#include <stddef.h>
#include <stdio.h>

enum { TEXT_TABLE_INDENT = 2, TEXT_TABLE_GAP = 2 };

struct text_column {
    const char *heading;
    size_t width; /* of the heading and of cells, which are set to the right; longer ones stick
                   * out */
};

/* How many of the columns fit into a line of `width`; at least one. */
size_t text_table_fit(const struct text_column *columns, size_t count, size_t width);

/* Prints a line of `shown` cells; the headings if `cells` is NULL. No spaces at its end. */
void text_table_row(FILE *out, const struct text_column *columns, size_t shown,
                    const char *const *cells);

/*
 * Prints `text` with `first` before it and the following lines indented as far, broken to lines of
 * at most `width` where there are spaces, but not before a percent sign; a longer word has a line
 * of its own. A newline ends it.
 */
void text_paragraph(FILE *out, const char *first, const char *text, size_t width);

#endif

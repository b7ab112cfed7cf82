/* SPDX-License-Identifier: MIT */
#include "bench/base/text_table.h"

#include <string.h>

/* Columns that the first `size` bytes take: every byte but those that continue a character. */
static size_t columns_of(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

size_t text_table_fit(const struct text_column *columns, size_t count, size_t width)
{
    size_t used = TEXT_TABLE_INDENT + columns[0].width;
    size_t shown = 1;
    while (shown < count && used + TEXT_TABLE_GAP + columns[shown].width <= width)
        used += TEXT_TABLE_GAP + columns[shown++].width;
    return shown;
}

void text_table_row(FILE *out, const struct text_column *columns, size_t shown,
                    const char *const *cells)
{
    size_t owed = 0; /* spaces; kept back until something follows */
    for (size_t i = 0; i < shown; i++) {
        const char *cell = cells != NULL ? cells[i] : columns[i].heading;
        size_t taken = columns_of(cell, strlen(cell));
        owed += i == 0 ? TEXT_TABLE_INDENT : TEXT_TABLE_GAP;
        owed += columns[i].width > taken ? columns[i].width - taken : 0;
        if (taken == 0)
            continue;
        fprintf(out, "%*s%s", (int)owed, "", cell);
        owed = 0;
    }
    fputc('\n', out);
}

/* A percent sign stays with its number. */
static size_t word_size(const char *word)
{
    size_t size = strcspn(word, " ");
    return strncmp(word + size, " %", 2) == 0 ? size + 1 + strcspn(word + size + 1, " ") : size;
}

void text_paragraph(FILE *out, const char *first, const char *text, size_t width)
{
    size_t indent = columns_of(first, strlen(first));
    size_t at = indent;
    fputs(first, out);
    for (const char *word = text + strspn(text, " "); *word != '\0'; word += strspn(word, " ")) {
        size_t size = word_size(word);
        size_t taken = columns_of(word, size);
        if (at > indent && at + 1 + taken > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', out);
            at++;
        }
        fwrite(word, 1, size, out);
        at += taken;
        word += size;
    }
    fputc('\n', out);
}

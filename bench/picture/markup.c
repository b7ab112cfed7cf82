/* SPDX-License-Identifier: MIT */
#include "bench/picture/markup.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the character at `text`, which has `size` bytes; *code is U+FFFD where none starts. */
static size_t next_character(const char *text, size_t size, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    *code = length == 1 ? lead : lead & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if (i == size || ((unsigned char)text[i] & 0xc0) != 0x80) {
            length = 0;
            break;
        }
        *code = *code << 6 | ((unsigned char)text[i] & 0x3fU);
    }
    bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
    if (length > 0 && *code >= least[length] && *code <= 0x10ffff && !surrogate)
        return length;
    *code = 0xfffd;
    return 1;
}

static void append_character(struct byte_buffer *out, const char *text, size_t size, uint32_t code)
{
    bool allowed = code >= ' ' || code == '\t' || code == '\n';
    if (!allowed || code == 0xfffd || code == 0xfffe || code == 0xffff)
        byte_buffer_append_text(out, "\xef\xbf\xbd");
    else if (strchr("<>&\"'", (int)code) != NULL && code < 0x80)
        byte_buffer_printf(out, "&#%u;", code);
    else
        byte_buffer_append(out, text, size);
}

void markup_append_bytes(struct byte_buffer *out, const char *text, size_t size)
{
    uint32_t code = 0;
    for (size_t i = 0, length = 0; i < size; i += length) {
        length = next_character(text + i, size - i, &code);
        append_character(out, text + i, length, code);
    }
}

void markup_append(struct byte_buffer *out, const char *text)
{
    markup_append_bytes(out, text, strlen(text));
}

void markup_printf(struct byte_buffer *out, const char *format, ...)
{
    char text[MARKUP_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (size < 0)
        out->failed = true;
    else
        markup_append(out, text);
}

/* In em: DejaVu Sans 2.37, of printable ASCII exactly; other scripts may take a full em. */
static double advance(uint32_t code)
{
    static const unsigned char hundredths[] = {
        32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37,  32, 34, 64, 64, 64,
        64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64,
        58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64,  62, 74, 69, 99, 69,
        62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36,  64, 64, 28, 28, 58,
        28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60,  53, 64, 34, 64, 84,
    };
    if (code >= ' ' && code < 0x7f)
        return hundredths[code - ' '] / 100.0;
    return code >= 0x2000 ? 1 : 0.84;
}

static double fit(const char *text, double font_size, double width, size_t *fitting)
{
    double used = 0;
    size_t size = strlen(text);
    uint32_t code = 0;
    *fitting = 0;
    for (size_t length = 0; *fitting < size; *fitting += length) {
        length = next_character(text + *fitting, size - *fitting, &code);
        double wanted = used + advance(code) * font_size;
        if (wanted > width)
            return used;
        used = wanted;
    }
    return used;
}

double markup_width(const char *text, double font_size)
{
    size_t fitting = 0;
    return fit(text, font_size, 1e9, &fitting);
}

size_t markup_fit(const char *text, double font_size, double width)
{
    size_t fitting = 0;
    fit(text, font_size, width, &fitting);
    return fitting;
}

size_t markup_line(const char *text, double font_size, double width)
{
    size_t most = markup_fit(text, font_size, width);
    if (text[most] == '\0' || text[most] == ' ')
        return most;
    for (size_t size = most; size > 0; size--)
        if (text[size - 1] == ' ')
            return size - 1;
    uint32_t code = 0;
    return most > 0 ? most : next_character(text, strlen(text), &code);
}

/* SPDX-License-Identifier: MIT */
#include "common/json_string.h"

#include <string.h>

/* The lead bytes of UTF-8, and which second bytes leave the shortest form and Unicode's range. */
struct utf8_lead {
    unsigned char first;
    unsigned char last;
    unsigned char second_first;
    unsigned char second_last;
    size_t length;
};

static const struct utf8_lead utf8_leads[] = {
    {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the character that starts here; 0 when none does. */
static size_t utf8_character_size(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof(utf8_leads) / sizeof(utf8_leads[0]); i++) {
        const struct utf8_lead *lead = &utf8_leads[i];
        if (bytes[0] < lead->first || bytes[0] > lead->last)
            continue;
        if (lead->length > size)
            return 0;
        if (lead->length > 1 && (bytes[1] < lead->second_first || bytes[1] > lead->second_last))
            return 0;
        for (size_t j = 2; j < lead->length; j++) {
            if ((bytes[j] & 0xc0) != 0x80)
                return 0;
        }
        return lead->length;
    }
    return 0;
}

void json_append_string(const char *bytes, size_t size, struct byte_buffer *out)
{
    static const char escaped[] = "\\\"\n\r\t\f\b";
    static const char letters[] = "\\\"nrtfb";
    byte_buffer_append_text(out, "\"");
    size_t length = 0;
    for (size_t i = 0; i<size; i += length> 0 ? length : 1) {
        unsigned char byte = (unsigned char)bytes[i];
        length = utf8_character_size((const unsigned char *)bytes + i, size - i);
        const char *escape = memchr(escaped, byte, sizeof(escaped) - 1);
        if (escape != NULL)
            byte_buffer_printf(out, "\\%c", letters[escape - escaped]);
        else if (length == 0 || byte < ' ')
            byte_buffer_printf(out, "\\u%04x", byte);
        else
            byte_buffer_append(out, bytes + i, length);
    }
    byte_buffer_append_text(out, "\"");
}

/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/json_grammar.h"

#include <ctype.h>
#include <string.h>

/* Each function takes what it is named after off the front of `rest`; false when it is not there.
 */

static bool take_text(crew_slice *rest, const char *text)
{
    size_t size = strlen(text);
    if (rest->size < size || memcmp(rest->data, text, size) != 0)
        return false;
    *rest = (crew_slice){rest->data + size, rest->size - size};
    return true;
}

static bool take_digits(crew_slice *rest)
{
    size_t count = 0;
    while (count < rest->size && isdigit((unsigned char)rest->data[count]))
        count++;
    *rest = (crew_slice){rest->data + count, rest->size - count};
    return count > 0;
}

static bool take_number(crew_slice *rest)
{
    (void)take_text(rest, "-");
    if (!take_text(rest, "0") && !take_digits(rest))
        return false;
    if (take_text(rest, ".") && !take_digits(rest))
        return false;
    if (!take_text(rest, "e") && !take_text(rest, "E"))
        return true;
    if (!take_text(rest, "+"))
        (void)take_text(rest, "-");
    return take_digits(rest);
}

static bool take_escape(crew_slice *rest)
{
    if (!take_text(rest, "u"))
        return rest->size > 0 && memchr("\"\\/bfnrt", rest->data[0], 8) != NULL &&
               take_text(rest, (char[]){rest->data[0], '\0'});
    for (int i = 0; i < 4; i++) {
        if (rest->size == 0 || !isxdigit((unsigned char)rest->data[0]))
            return false;
        *rest = (crew_slice){rest->data + 1, rest->size - 1};
    }
    return true;
}

static bool take_string(crew_slice *rest)
{
    if (!take_text(rest, "\""))
        return false;
    while (rest->size > 0 && (unsigned char)rest->data[0] >= ' ') {
        char byte = rest->data[0];
        *rest = (crew_slice){rest->data + 1, rest->size - 1};
        if (byte == '"')
            return true;
        if (byte == '\\' && !take_escape(rest))
            return false;
    }
    return false;
}

static bool take_value(crew_slice *rest);

/* What stands between the brackets of an array, or between the braces of an object. */
static bool take_members(crew_slice *rest, bool named, const char *end)
{
    if (take_text(rest, end))
        return true;
    do {
        if (named && !(take_string(rest) && take_text(rest, ":")))
            return false;
        if (!take_value(rest))
            return false;
    } while (take_text(rest, ","));
    return take_text(rest, end);
}

static bool take_value(crew_slice *rest)
{
    if (take_text(rest, "["))
        return take_members(rest, false, "]");
    if (take_text(rest, "{"))
        return take_members(rest, true, "}");
    if (rest->size > 0 && rest->data[0] == '"')
        return take_string(rest);
    return take_text(rest, "null") || take_text(rest, "true") || take_text(rest, "false") ||
           take_number(rest);
}

bool json_is_well_formed(crew_slice text)
{
    crew_slice rest = text;
    return take_value(&rest) && rest.size == 0;
}

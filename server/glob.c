/* SPDX-License-Identifier: MIT */
#include "server/glob.h"

#include "common/ascii.h"

/*
 * Only the last '*' that was passed can ever need to take one byte more: what the earlier ones
 * took made everything up to it match already. So there is one place to go back to, no recursion.
 */
bool glob_matches(const char *pattern, size_t pattern_size, const char *text, size_t text_size)
{
    size_t at = 0;
    size_t read = 0;
    size_t star = pattern_size; /* after the last '*'; none yet */
    size_t star_read = 0;
    bool starred = false;
    while (read < text_size) {
        bool more = at < pattern_size;
        if (more && pattern[at] == '*') {
            starred = true;
            star = ++at;
            star_read = read;
            continue;
        }
        size_t literal = more && pattern[at] == '\\' && at + 1 < pattern_size ? at + 1 : at;
        bool any = more && literal == at && pattern[at] == '?';
        if (more && (any || ascii_lower(pattern[literal]) == ascii_lower(text[read]))) {
            at = literal + 1;
            read++;
        } else if (starred) {
            at = star;
            read = ++star_read;
        } else {
            return false;
        }
    }
    while (at < pattern_size && pattern[at] == '*')
        at++;
    return at == pattern_size;
}

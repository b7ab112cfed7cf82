/* SPDX-License-Identifier: MIT */
/*
 * How lines are split into words, and patterns. A word that is quoted as the client shows it must
 * be read as it was; a pattern must match what a plain table of all its prefixes says.
 *
 * The first line is split, and is the pattern as well; what follows is the text for the pattern.
 */
#include "client/command_line.h"
#include "client/format.h"
#include "common/byte_buffer.h"
#include "common/words.h"
#include "server/glob.h"
#include "tests/fuzz/fuzz_target.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_TEXT = 512 };

static void check_quoting(crew_slice word)
{
    struct byte_buffer quoted = {0};
    crew_slice again;
    size_t position = 0;
    client_format_quoted(word.data, word.size, &quoted);
    FUZZ_REQUIRE(!quoted.failed);
    FUZZ_REQUIRE(words_next(quoted.bytes, quoted.size, &position, &again) == WORDS_FOUND);
    FUZZ_REQUIRE(fuzz_same(again, word));
    FUZZ_REQUIRE(words_next(quoted.bytes, quoted.size, &position, &again) == WORDS_END);
    byte_buffer_free(&quoted);
}

static void check_split(crew_slice line)
{
    char *bytes = fuzz_copy(line);
    struct client_command_line command = {0};
    const char *end = bytes;
    (void)client_command_line_split(&command, bytes, line.size);
    for (size_t i = 0; i < command.count; i++) {
        crew_slice word = command.words[i];
        /* In their order, without overlap, within the line. */
        FUZZ_REQUIRE(word.data >= end && word.size <= line.size - (size_t)(word.data - bytes));
        end = word.data + word.size;
        check_quoting(word);
    }
    client_command_line_free(&command);
    free(bytes);
}

/* Reads one element of the pattern at *at: how many bytes it may take (1, or any number). */
static bool element_takes(crew_slice pattern, size_t *at, char byte)
{
    char literal = pattern.data[(*at)++];
    if (literal == '?')
        return true;
    if (literal == '\\' && *at < pattern.size)
        literal = pattern.data[(*at)++];
    return tolower((unsigned char)literal) == tolower((unsigned char)byte);
}

/* Keeps for every prefix of the text whether the pattern so far matches all of it. */
static bool matches_by_table(crew_slice pattern, crew_slice text)
{
    bool reached[LONGEST_TEXT + 1] = {true};
    for (size_t at = 0; at < pattern.size;) {
        size_t after = at;
        if (pattern.data[at] == '*') {
            for (size_t i = 1; i <= text.size; i++)
                reached[i] = reached[i] || reached[i - 1];
            at++;
            continue;
        }
        for (size_t i = text.size; i > 0; i--) {
            after = at;
            reached[i] = element_takes(pattern, &after, text.data[i - 1]) && reached[i - 1];
        }
        if (text.size == 0)
            (void)element_takes(pattern, &after, '\0');
        reached[0] = false;
        at = after;
    }
    return reached[text.size];
}

static void check_glob(crew_slice pattern, crew_slice text)
{
    if (text.size > LONGEST_TEXT)
        text.size = LONGEST_TEXT;
    char *pattern_copy = fuzz_copy(pattern);
    char *text_copy = fuzz_copy(text);
    bool matches = glob_matches(pattern_copy, pattern.size, text_copy, text.size);
    FUZZ_REQUIRE(matches == matches_by_table(pattern, text));
    free(pattern_copy);
    free(text_copy);
}

void fuzz_words(crew_slice input)
{
    crew_slice rest = input;
    crew_slice line = fuzz_take_line(&rest);
    check_split(line);
    check_split(rest);
    check_glob(line, rest);
}

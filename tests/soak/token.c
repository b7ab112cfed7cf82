/* SPDX-License-Identifier: MIT */
#include "tests/soak/token.h"

#include "bench/base/bench_random.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PART = 12 }; /* letters that one random number is good for, at five bits each */

/* The numbers first; the letters behind them come in parts of PART. */
struct token {
    char text[48];
    size_t taken; /* of the text */
    struct bench_random random;
};

static void begin(struct token *token, uint64_t connection, uint64_t sequence)
{
    snprintf(token->text, sizeof(token->text), "%" PRIu64 ".%" PRIu64 ".", connection, sequence);
    token->taken = 0;
    token->random.state = connection << 32 ^ sequence;
}

static size_t next_part(struct token *token, const char **part)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    if (token->taken++ > 0) {
        uint64_t bits = bench_random_next(&token->random);
        for (size_t i = 0; i < PART; i++, bits >>= 5)
            token->text[i] = letters[bits & 31];
        token->text[PART] = '\0';
    }
    *part = token->text;
    return strlen(token->text);
}

void token_fill(uint64_t connection, uint64_t sequence, char *bytes, size_t size)
{
    struct token token = {0};
    begin(&token, connection, sequence);
    for (size_t at = 0; at < size;) {
        const char *part;
        size_t length = next_part(&token, &part);
        length = length < size - at ? length : size - at;
        memcpy(bytes + at, part, length);
        at += length;
    }
}

bool token_matches(uint64_t connection, uint64_t sequence, const char *bytes, size_t size)
{
    struct token token = {0};
    begin(&token, connection, sequence);
    for (size_t at = 0; at < size;) {
        const char *part;
        size_t length = next_part(&token, &part);
        length = length < size - at ? length : size - at;
        if (memcmp(bytes + at, part, length) != 0)
            return false;
        at += length;
    }
    return true;
}

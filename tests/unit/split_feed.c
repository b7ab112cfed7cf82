/* SPDX-License-Identifier: MIT */
#include "tests/unit/split_feed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_CUTS = 15 };

void transcript_add_text(struct byte_buffer *out, crew_slice text)
{
    byte_buffer_append_text(out, "[");
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < ' ' || byte > '~')
            byte_buffer_printf(out, "\\x%02x", byte);
        else
            byte_buffer_append(out, &text.data[i], 1);
    }
    byte_buffer_append_text(out, "]");
}

/* The transcript as a string, to be freed. */
static char *transcript(transcribe *feed, crew_slice stream, const size_t *cuts, size_t cut_count)
{
    struct byte_buffer out = {0};
    feed(stream, cuts, cut_count, &out);
    byte_buffer_append(&out, "", 1);
    ck_assert(!out.failed);
    return out.bytes;
}

/* The stream as printable text for a failure's message, to be freed; long ones are cut. */
static char *printable(crew_slice stream)
{
    struct byte_buffer out = {0};
    transcript_add_text(&out, (crew_slice){stream.data, stream.size < 256 ? stream.size : 256});
    byte_buffer_append(&out, "", 1);
    return out.bytes;
}

static void check_same(crew_slice stream, const char *how, size_t where, const char *actual,
                       const char *expected)
{
    if (strcmp(actual, expected) == 0)
        return;
    char *shown = printable(stream);
    ck_abort_msg("%s\n%s %zu gave\n%.500s\nand not\n%.500s", shown, how, where, actual, expected);
}

void check_transcript(transcribe *feed, crew_slice stream, const char *expected)
{
    char *whole = transcript(feed, stream, NULL, 0);
    check_same(stream, "as a whole of bytes", stream.size, whole, expected);
    free(whole);
}

void check_prefixes(transcribe *feed, crew_slice stream)
{
    char *whole = transcript(feed, stream, NULL, 0);
    for (size_t size = 0; size < stream.size; size++) {
        char *prefix = transcript(feed, (crew_slice){stream.data, size}, NULL, 0);
        size_t length = strlen(prefix);
        size_t tail = strlen(TRANSCRIPT_INCOMPLETE);
        if (length >= tail && strcmp(prefix + length - tail, TRANSCRIPT_INCOMPLETE) == 0)
            length -= tail;
        if (strncmp(prefix, whole, length) != 0)
            check_same(stream, "the prefix of bytes", size, prefix, whole);
        free(prefix);
    }
    free(whole);
}

void check_splits(transcribe *feed, crew_slice stream)
{
    char *whole = transcript(feed, stream, NULL, 0);
    size_t *cuts = calloc(stream.size + 1, sizeof(*cuts));
    ck_assert_ptr_nonnull(cuts);
    for (size_t i = 0; i < stream.size; i++) {
        cuts[i] = i;
        char *two = transcript(feed, stream, &cuts[i], 1);
        check_same(stream, "cut in two at", i, two, whole);
        free(two);
    }
    char *single = transcript(feed, stream, cuts, stream.size);
    check_same(stream, "byte by byte, up to", stream.size, single, whole);
    free(single);
    free(cuts);
    free(whole);
}

static int compare_sizes(const void *left, const void *right)
{
    const size_t *a = left;
    const size_t *b = right;
    return (*a > *b) - (*a < *b);
}

void check_random_splits(transcribe *feed, crew_slice stream, struct prng *prng, size_t rounds)
{
    char *whole = transcript(feed, stream, NULL, 0);
    for (size_t round = 0; round < rounds; round++) {
        size_t cuts[RANDOM_CUTS];
        size_t count = 1 + (size_t)prng_below(prng, RANDOM_CUTS);
        for (size_t i = 0; i < count; i++)
            cuts[i] = (size_t)prng_below(prng, stream.size + 1);
        qsort(cuts, count, sizeof(cuts[0]), compare_sizes);
        char *split = transcript(feed, stream, cuts, count);
        check_same(stream, "in random reads, round", round, split, whole);
        free(split);
    }
    free(whole);
}

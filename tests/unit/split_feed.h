/* SPDX-License-Identifier: MIT */
/*
 * Shows that a resumable parser gives the same results however its input is cut into reads.
 *
 * A transcript is the text of all results that a stream of bytes gives, one line for each. A
 * stream that ends inside a message gives TRANSCRIPT_INCOMPLETE as its last line.
 */
#ifndef CREW_TESTS_UNIT_SPLIT_FEED_H
#define CREW_TESTS_UNIT_SPLIT_FEED_H

#include "common/byte_buffer.h"
#include "crew.h"
#include "tests/unit/prng.h"

#define TRANSCRIPT_INCOMPLETE "incomplete\n"

/* A string literal as bytes, which may hold zeros: as an initializer, and as a value. */
#define SAMPLE(literal)                                                                            \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define BYTES(literal) ((crew_slice)SAMPLE(literal))

/*
 * Feeds `stream` to a fresh parser: first the bytes up to cuts[0], then those up to cuts[1] and so
 * on, and at last all of them. Appends the transcript to `out`.
 */
typedef void transcribe(crew_slice stream, const size_t *cuts, size_t cut_count,
                        struct byte_buffer *out);

/* Appends "[text]" with bytes that do not print as \xHH. */
void transcript_add_text(struct byte_buffer *out, crew_slice text);

/* Fails the test unless the whole stream gives `expected`. */
void check_transcript(transcribe *feed, crew_slice stream, const char *expected);

/* Fails the test unless every prefix gives the first results of the whole, and nothing else. */
void check_prefixes(transcribe *feed, crew_slice stream);

/* Fails the test unless byte by byte and every cut in two give the results of the whole. */
void check_splits(transcribe *feed, crew_slice stream);

/* The same for `rounds` random ways to cut the stream into up to 16 reads. */
void check_random_splits(transcribe *feed, crew_slice stream, struct prng *prng, size_t rounds);

#endif

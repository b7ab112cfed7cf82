/* SPDX-License-Identifier: MIT */
/* Streams of request bytes, good and bad, with all the results that they give. */
#ifndef CREW_TESTS_UNIT_RESP_REQUEST_CORPUS_H
#define CREW_TESTS_UNIT_RESP_REQUEST_CORPUS_H

#include "crew.h"
#include "tests/unit/split_feed.h"

/* The limit for one argument that the corpus expects of the parser. */
enum { CORPUS_MAX_BULK = 20 };

struct request_sample {
    crew_slice stream;
    const char *transcript;
};

extern const struct request_sample request_corpus[];
extern const size_t request_corpus_size;

/* Feeds a parser whose limit is CORPUS_MAX_BULK. */
transcribe transcribe_requests;

/* The same, with a limit that fits large bulks: LARGE_MAX_BULK. */
enum { LARGE_MAX_BULK = 128 * 1024 };
transcribe transcribe_large_requests;

/* The same as transcribe_requests, but each read finds the parser moved to another place. */
transcribe transcribe_moving_requests;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What Redis and crew are both asked: requests that both must answer with the same bytes, and all
 * the kinds of requests, with an example each, to which their answers are meant to differ.
 */
#ifndef CREW_TESTS_SYSTEM_DIFFERENTIAL_ROWS_H
#define CREW_TESTS_SYSTEM_DIFFERENTIAL_ROWS_H

#include "crew.h"

#include <stdbool.h>
#include <stddef.h>

extern const crew_slice same_answers[];
extern const size_t same_answer_count;

/* A difference that is meant. It is recognized by what is in the request or in crew's answer. */
struct known_difference {
    const char *reason;
    crew_slice example;
    const char *in_request; /* a sign; NULL: there is none */
    const char *in_answer;  /* likewise */
    crew_slice bytes;       /* each of them is a sign in the request */
};

extern const struct known_difference known_differences[];
extern const size_t known_difference_count;

/* The reason why the answers to a request may differ; NULL when they may not. */
const char *known_difference_reason(crew_slice request, crew_slice answer);

#endif

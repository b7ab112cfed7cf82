/* SPDX-License-Identifier: MIT */
/* A sweep to draw pictures of, and what tests ask of them. A failure ends the test. */
#ifndef CREW_TESTS_UNIT_PICTURE_FIXTURE_H
#define CREW_TESTS_UNIT_PICTURE_FIXTURE_H

#include "bench/picture/picture.h"
#include "tests/unit/results_fixture.h"

/*
 * Four cores: X = min(N, 4) / 1 ms, which the USL cannot follow, for 1, 2, 4, 8, 16 and 32 workers;
 * six blocks with a control, 64 requests outstanding, and two rates: 2,000 and 3,600 per second.
 */
extern const struct results_fixture picture_fixture;

/* Of the present test: its sweep, and what was drawn last with the analysis of that. */
extern struct results picture_results;
extern struct analysis *picture_analysis;
extern struct byte_buffer picture_out;

/* For checked fixtures. */
void picture_fixture_begin(void);
void picture_fixture_end(void);

/* Puts another sweep in the place of the present one. */
void picture_fixture_take(const struct results_fixture *fixture);

/* Analyses the sweep anew and draws; returns the SVG, which is well-formed. */
const char *picture_draw(void (*picture)(const struct scene *scene, struct byte_buffer *out));

void assert_has(const char *text, const char *what);
void assert_lacks(const char *text, const char *what);

#endif

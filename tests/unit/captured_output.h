/* SPDX-License-Identifier: MIT */
/* Reads what the code under test writes to stdout or stderr. One stream at a time. */
#ifndef CREW_TESTS_UNIT_CAPTURED_OUTPUT_H
#define CREW_TESTS_UNIT_CAPTURED_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

enum { CAPTURED_OUTPUT_SIZE = 16 * 1024 };

struct captured_output {
    FILE *stream;
    int saved_fd;
    int file_fd;
};

/* From now on what is written to `stream` goes to a file in memory. */
struct captured_output capture_output(FILE *stream);

/* Gives the stream back and returns what was written, cut to fit, as a string in `text`. */
const char *captured_text(struct captured_output *captured, char text[CAPTURED_OUTPUT_SIZE]);

#endif

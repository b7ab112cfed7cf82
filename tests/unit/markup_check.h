/* SPDX-License-Identifier: MIT */
/* What tests ask of XML and HTML texts. A failure ends the test. */
#ifndef CREW_TESTS_UNIT_MARKUP_CHECK_H
#define CREW_TESTS_UNIT_MARKUP_CHECK_H

#include "common/byte_buffer.h"

#include <stddef.h>

/*
 * Fails unless every element is closed in its order, every attribute is quoted and given once,
 * every '&' begins a character reference, all is UTF-8 without control characters, and no number
 * is "nan" or "inf". Of HTML it knows the doctype, <meta> and <style>.
 */
void markup_check(const char *text);

/* The buffer's bytes as a string; it is terminated in place. Fails if memory ran out. */
const char *markup_text(struct byte_buffer *buffer);

/* How often `what` occurs. */
size_t markup_count(const char *text, const char *what);

#endif

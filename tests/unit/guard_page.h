/* SPDX-License-Identifier: MIT */
/*
 * Puts a parser's input right before a page that may not be touched, so that reading one byte too
 * far crashes the test in every build.
 */
#ifndef CREW_TESTS_UNIT_GUARD_PAGE_H
#define CREW_TESTS_UNIT_GUARD_PAGE_H

#include <stddef.h>

enum { GUARD_PAGE_CAPACITY = 1 << 20 };

/*
 * Copies `bytes` so that their last one lies against the guard page; returns the copy, which may
 * be written to. Each call moves to the other of two places and overwrites the one before, so that
 * a parser which kept a pointer into its input shows as well. One thread at a time.
 */
char *guard_page_place(const void *bytes, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* The tables at the end: what each kind of client did, and which promises were kept. */
#ifndef CREW_TESTS_SOAK_REPORT_H
#define CREW_TESTS_SOAK_REPORT_H

#include "tests/soak/load.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROMISES_MOST = 16, PROMISE_TEXT_SIZE = 512 };

/* What was looked at, and what was found. */
struct promises {
    struct {
        const char *name;
        bool kept;
        char found[PROMISE_TEXT_SIZE];
    } items[PROMISES_MOST];
    size_t count;
};

void promises_add(struct promises *promises, const char *name, bool kept, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

bool promises_all_kept(const struct promises *promises);

/* To standard output. */
void report_clients(const struct load *load);
void report_promises(const struct promises *promises);

#endif

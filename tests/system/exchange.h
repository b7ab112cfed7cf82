/* SPDX-License-Identifier: MIT */
/*
 * Tables of requests and the exact bytes that answer them. Each row is checked in every way that
 * its bytes can arrive, in both versions of the protocol: what a reply is must depend on neither
 * the form of the request nor how the network cuts it.
 */
#ifndef CREW_TESTS_SYSTEM_EXCHANGE_H
#define CREW_TESTS_SYSTEM_EXCHANGE_H

#include "crew.h"
#include "tests/system/fixture.h"

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

enum exchange_form {
    FORM_BYTES, /* the request is sent as it stands */
    FORM_LINES, /* the request is inline commands: they are also sent as arrays of bulks */
};

struct exchange {
    const char *name;
    crew_slice request;
    crew_slice resp2; /* the reply */
    crew_slice resp3; /* the reply after HELLO 3; no data: the same */
    bool ends;        /* the server then closes and runs nothing that comes after */
};

/* A slice of a string literal, which may hold NULs. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

void exchange_check(const struct fixture *server, const struct exchange *row,
                    enum exchange_form form);

/* Sends `request` in small pieces, so that the server most likely reads them one by one. */
void exchange_send_bytewise(int fd, crew_slice request);

/* Switches the connection to RESP3, reading HELLO's reply. */
void exchange_begin_resp3(int fd);

/*
 * Adds one test case per row, called like the row, so that a failure says which. `test` is a loop
 * test whose _i is the row's index.
 */
void exchange_add_rows(Suite *suite, const struct exchange *rows, size_t count, const TTest *test);

#endif

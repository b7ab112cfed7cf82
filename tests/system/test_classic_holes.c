/* SPDX-License-Identifier: MIT */
/*
 * Where servers of this kind have been broken before: a line that ends in a bare line feed is one
 * byte shorter than the parser thinks, and a length at the edge of an integer wraps, goes negative
 * or makes the server allocate what it is told. Each has its exact reply, however its bytes arrive.
 *
 * In the unit suite of the same name: the number of a closed descriptor, and lost wake-ups.
 */
#include "tests/system/exchange.h"
#include "tests/system/suites.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PROTOCOL_ERROR(text) BYTES("-ERR Protocol error: " text "\r\n")
#define BAD_COUNT            PROTOCOL_ERROR("invalid multibulk length")
#define BAD_LENGTH           PROTOCOL_ERROR("invalid bulk length")

/* An array that announces so many arguments, and a bulk that announces so many bytes. */
#define REFUSED(what, number)                                                                      \
    {"count " what, BYTES("*" number "\r\n"), .resp2 = BAD_COUNT, .ends = true},                   \
    {                                                                                              \
        "length " what, BYTES("*1\r\n$" number "\r\n"), .resp2 = BAD_LENGTH, .ends = true          \
    }

/* A negative count is an empty request; a negative length is none. */
#define NEGATIVE(what, number)                                                                     \
    {"count " what, BYTES("*" number "\r\n"), .resp2 = BYTES("")},                                 \
    {                                                                                              \
        "length " what, BYTES("*1\r\n$" number "\r\n"), .resp2 = BAD_LENGTH, .ends = true          \
    }

static const struct exchange holes[] = {
    REFUSED("of 2^31 - 1", "2147483647"),
    REFUSED("of 2^31", "2147483648"),
    REFUSED("of 2^32 - 1", "4294967295"),
    REFUSED("of 2^32", "4294967296"),
    REFUSED("of 2^32 + 1, which is 1 in 32 bits", "4294967297"),
    REFUSED("of 2^63 - 1", "9223372036854775807"),
    REFUSED("of 2^63", "9223372036854775808"),
    REFUSED("of 2^64 - 1", "18446744073709551615"),
    REFUSED("of 2^64", "18446744073709551616"),
    REFUSED("of 2^64 + 1, which is 1 in 64 bits", "18446744073709551617"),
    REFUSED("of a hundred digits",
            "1000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000001"),
    NEGATIVE("of -1", "-1"),
    NEGATIVE("of -10", "-10"),
    NEGATIVE("of -2^31 - 1", "-2147483649"),
    NEGATIVE("of -2^63", "-9223372036854775808"),
    REFUSED("of -2^63 - 1", "-9223372036854775809"),
    REFUSED("with a plus", "+1"),
    REFUSED("with a leading zero", "01"),
    REFUSED("with a leading space", " 1"),
    REFUSED("with a trailing space", "1 "),
    REFUSED("with a NUL", "1\0"),
    REFUSED("with two signs", "--1"),
    REFUSED("with a CR more", "1\r"),
    REFUSED("without digits", ""),
    REFUSED("of a minus alone", "-"),
    REFUSED("of -0", "-0"),
    REFUSED("of 00", "00"),
    REFUSED("in hexadecimal", "0x1"),
    REFUSED("with an exponent", "1e0"),
    REFUSED("of letters", "abc"),

    {"length one over the limit", BYTES("*2\r\n$4\r\nECHO\r\n$1048577\r\n"), .resp2 = BAD_LENGTH,
     .ends = true},

    {"bare line feed after a count", BYTES("*1\n$4\r\nPING\r\n"), .resp2 = BAD_COUNT, .ends = true},
    {"bare line feed after a length", BYTES("*1\r\n$4\nPING\r\n"), .resp2 = BAD_LENGTH,
     .ends = true},
    {"bare line feed for a count", BYTES("*\n"), .resp2 = BAD_COUNT, .ends = true},
    {"bare line feed for a length", BYTES("*1\r\n$\n"), .resp2 = BAD_LENGTH, .ends = true},
    {"bare line feed after a bulk", BYTES("*1\r\n$4\r\nPING\n\n"),
     .resp2 = PROTOCOL_ERROR("bulk not ended by CRLF"), .ends = true},
    {"bare line feed after an inline request", BYTES("PING\nECHO a\n"),
     .resp2 = BYTES("+PONG\r\n$1\r\na\r\n")},
    {"bare line feed alone", BYTES("\n\n"), .resp2 = BYTES("")},
};

START_TEST(hole)
{
    struct fixture server;
    fixture_start(&server, "--workers 2");
    exchange_check(&server, &holes[_i], FORM_BYTES);
    fixture_stop(&server);
}
END_TEST

Suite *classic_holes_suite(void)
{
    Suite *suite = suite_create("classic_holes");
    exchange_add_rows(suite, holes, COUNT(holes), hole);
    return suite;
}

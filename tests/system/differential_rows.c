/* SPDX-License-Identifier: MIT */
#include "tests/system/differential_rows.h"

#include "tests/system/exchange.h"

#include <string.h>

#define TEN       "aaaaaaaaaa"
#define HUNDRED   TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LINE(...) BYTES(__VA_ARGS__ "\r\n")

const crew_slice same_answers[] = {
    /* Requests that are answered. */
    LINE("PING"),
    LINE("ping a"),
    BYTES("PING\n\nPING\n \t\r\nPING\r\n"),
    LINE("ECHO hello"),
    LINE("echo \"\""),
    LINE("SELECT 0"),
    LINE("CLIENT GETNAME"),
    BYTES("CLIENT SETNAME a\r\nCLIENT GETNAME\r\nCLIENT SETNAME \"\"\r\nCLIENT GETNAME\r\n"),
    BYTES("CLIENT SETNAME a\r\nRESET\r\nCLIENT GETNAME\r\n"),
    LINE("AUTH default a"),
    LINE("CONFIG GET save"),
    LINE("CONFIG GET appendonly"),
    LINE("CONFIG GET nothing"),
    LINE("CONFIG RESETSTAT"),
    LINE("COMMAND INFO nothing"),
    LINE("COMMAND DOCS nothing"),
    LINE("INFO nothing"),
    LINE("CLUSTER INFO"),
    BYTES("QUIT\r\nPING\r\n"),
    LINE("quit now"),

    /* Requests that are refused. */
    LINE("foo"),
    LINE("foo bar baz"),
    LINE("\"foo bar\" \"a\\r\\nb\" '' x"),
    LINE("\"\""),
    LINE("\"f\\x00oo\" \"a\\x00b\" c"),
    LINE("foo " HUNDRED TEN TEN TEN),
    LINE("foo " HUNDRED " " HUNDRED " z"),
    LINE(HUNDRED HUNDRED " a"),
    LINE("foo a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a"),
    LINE("PING a b"),
    LINE("ECHO"),
    LINE("ECHO a b"),
    LINE("SELECT"),
    LINE("SELECT 0 1"),
    LINE("SELECT 16"),
    LINE("SELECT -1"),
    LINE("SELECT x"),
    LINE("SELECT 01"),
    LINE("SELECT +1"),
    LINE("HELLO 1"),
    LINE("HELLO 4"),
    LINE("HELLO x"),
    LINE("HELLO 99999999999999999999"),
    LINE("HELLO 3 FOO"),
    LINE("HELLO 2 FOO bar"),
    LINE("HELLO 2 AUTH"),
    LINE("HELLO 3 AUTH a"),
    LINE("HELLO 3 AUTH a b"),
    LINE("HELLO 3 SETNAME"),
    LINE("HELLO 3 SETNAME \"a b\""),
    BYTES("HELLO 3 FOO\r\nCLIENT GETNAME\r\n"),
    LINE("CLIENT"),
    LINE("CLIENT FOO"),
    LINE("client foo a"),
    LINE("CLIENT SETNAME"),
    LINE("client setname a b"),
    LINE("CLIENT SETNAME \"a b\""),
    LINE("CLIENT SETNAME \"a\\n\""),
    LINE("CLIENT GETNAME a"),
    LINE("CLIENT ID a"),
    LINE("AUTH"),
    LINE("AUTH a"),
    LINE("AUTH a b"),
    LINE("AUTH a b c"),
    LINE("RESET a"),
    LINE("CONFIG"),
    LINE("CONFIG FOO"),
    LINE("CONFIG GET"),
    LINE("CONFIG RESETSTAT a"),
    LINE("COMMAND FOO"),
    LINE("COMMAND COUNT a"),
    LINE("TIME a"),
    LINE("CLUSTER"),

    /* Quoting. */
    LINE("  PING\t"),
    LINE("PING\r"),
    LINE("PING\rPING"),
    LINE("ECHO \"a b\""),
    LINE("ECHO \"\\x41\\xZZ\\x4\\q\\n\\r\\t\\a\\b\\\\\\\"\""),
    LINE("ECHO 'a\\'b\\n'"),
    LINE("ECHO a\"b c\""),
    LINE("ECHO \"a"),
    LINE("ECHO 'a"),
    LINE("ECHO \"a\"b"),
    LINE("ECHO 'a''b'"),
    LINE("ECHO \"\\"),
    LINE("ECHO \"\\x"),
    LINE("ECHO a\\b"),
    LINE("\"*1\""),
    BYTES(" *1\r\n$4\r\nPING\r\n"),
    LINE("$4\r\nPING"),

    /* The array form. */
    BYTES("*1\r\n$4\r\nPING\r\n"),
    BYTES("*2\r\n$4\r\nECHO\r\n$8\r\n\0\r\n\xff$1*\n\r\n"),
    BYTES("*1\r\n$0\r\n\r\n"),
    BYTES("*2\r\n$0\r\n\r\n$1\r\na\r\n"),
    BYTES("*1\r\n$5\r\nf\r\noo\r\n"),
    BYTES("*1\r\n$4\r\nPING\r\n*x\r\nPING\r\n"),
    LINE("*1\r\nfoo"),
    LINE("*1\r\n"),
    LINE("*1\r\n:1"),
    LINE("*1\r\n*1"),

    /* What is cut short, and what is no Redis client. */
    BYTES("PIN"),
    BYTES("*1\r\n$4\r\nPIN"),
    BYTES("PING\r\nPING"),
    BYTES("POST / HTTP/1.1\r\nPING\r\n"),
    BYTES("Host: localhost\r\nPING\r\n"),
};

const size_t same_answer_count = sizeof(same_answers) / sizeof(same_answers[0]);

const struct known_difference known_differences[] = {
    /* Crew is another server. */
    {.reason = "crew gives its own name, and numbers its connections for itself",
     .example = LINE("HELLO"),
     .in_answer = "$4\r\ncrew\r\n"},
    {.reason = "crew has one database, Redis has sixteen",
     .example = LINE("SELECT 1"),
     .in_answer = "-ERR DB index is out of range"},
    {.reason = "what is too large for a database's number is to crew no number; Redis explains",
     .example = LINE("SELECT 4294967296"),
     .in_answer = "-ERR value is not an integer or out of range"},
    {.reason = "crew has other commands",
     .example = LINE("COMMAND COUNT"),
     .in_request = "COMMAND"},
    {.reason = "crew has other commands", .example = LINE("GREET"), .in_request = "GREET"},
    {.reason = "crew has other commands", .example = LINE("DBSIZE"), .in_request = "DBSIZE"},
    {.reason = "crew answers everything about clusters alike",
     .example = LINE("CLUSTER FOO"),
     .in_answer = "-ERR This instance has cluster support disabled"},
    {.reason = "Redis has nothing for the client when it finds an HTTP header; crew may have"
               " answered what stood before it",
     .example = BYTES("PING\r\nHost: localhost\r\n"),
     .in_request = "Host:"},

    /* Crew is stricter. */
    {.reason = "crew checks that CRLF follows a bulk; Redis skips two bytes of whatever kind",
     .example = BYTES("*1\r\n$4\r\nPINGxxPING\r\n"),
     .in_answer = "-ERR Protocol error: bulk not ended by CRLF"},
    {.reason = "crew refuses an array's header that ends in a bare line feed, or counts more"
               " arguments than a request may hold, at once; Redis waits for more",
     .example = BYTES("*1\n$4\nPING\n"),
     .in_answer = "-ERR Protocol error: invalid multibulk length"},
    {.reason = "the same for a bulk's header; crew takes 1 MiB by default and Redis 512",
     .example = BYTES("*1\r\n$1048577\r\n"),
     .in_answer = "-ERR Protocol error: invalid bulk length"},
    {.reason = "crew refuses at its first byte what is no bulk; Redis waits for the line's end",
     .example = BYTES("*1\r\nfoo"),
     .in_answer = "-ERR Protocol error: expected '$', got 'f'"},
    {.reason = "crew shows a byte that does not print as a space, or refused it at once: see above",
     .example = LINE("*1\r\n\xff"),
     .in_answer = "-ERR Protocol error: expected '$', got"},
    {.reason = "Redis's errors keep control bytes other than CR and LF",
     .example = BYTES("*2\r\n$3\r\nfoo\r\n$3\r\na\tb\r\n"),
     .bytes =
         BYTES("\1\2\3\4\5\6\a\b\t\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37\177")},

    /* Crew is more lenient. */
    {.reason = "a NUL is white space to crew; Redis finds no line end behind it",
     .example = LINE("PING\0"),
     .bytes = BYTES("\0")},
    {.reason = "vertical tab and form feed are white space to crew even within a word",
     .example = LINE("ECHO a\vb"),
     .bytes = BYTES("\v\f")},
};

const size_t known_difference_count = sizeof(known_differences) / sizeof(known_differences[0]);

static bool holds(crew_slice bytes, const char *sign)
{
    return bytes.size > 0 && sign != NULL &&
           memmem(bytes.data, bytes.size, sign, strlen(sign)) != NULL;
}

static bool holds_any(crew_slice bytes, crew_slice signs)
{
    for (size_t i = 0; i < bytes.size && signs.size > 0; i++) {
        if (memchr(signs.data, bytes.data[i], signs.size) != NULL)
            return true;
    }
    return false;
}

const char *known_difference_reason(crew_slice request, crew_slice answer)
{
    for (size_t i = 0; i < known_difference_count; i++) {
        const struct known_difference *known = &known_differences[i];
        if (holds(request, known->in_request) || holds(answer, known->in_answer) ||
            holds_any(request, known->bytes))
            return known->reason;
    }
    return NULL;
}

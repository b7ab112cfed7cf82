/* SPDX-License-Identifier: MIT */
#include "tests/unit/resp_request_corpus.h"

#define PROTOCOL_ERROR(what) "ERR Protocol error: " what "\n"
#define BAD_COUNT            PROTOCOL_ERROR("invalid multibulk length")
#define BAD_LENGTH           PROTOCOL_ERROR("invalid bulk length")
#define BAD_END              PROTOCOL_ERROR("bulk not ended by CRLF")
#define BAD_QUOTES           PROTOCOL_ERROR("unbalanced quotes in request")
#define EXPECTED_DOLLAR(got) PROTOCOL_ERROR("expected '$', got '" got "'")
#define PING                 "*1\r\n$4\r\nPING\r\n"

const struct request_sample request_corpus[] = {
    /* Arrays of bulks. */
    {SAMPLE(PING), "[PING]\n"},
    {SAMPLE("*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n"), "[ECHO][hello]\n"},
    {SAMPLE(PING PING "*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n" PING),
     "[PING]\n[PING]\n[ECHO][x]\n[PING]\n"},
    {SAMPLE("*1\r\n$0\r\n\r\n"), "[]\n"},
    {SAMPLE("*3\r\n$1\r\na\r\n$0\r\n\r\n$0\r\n\r\n"), "[a][][]\n"},
    {SAMPLE("*2\r\n$4\r\nECHO\r\n$8\r\n\0\r\n\xff$1*\n\r\n"),
     "[ECHO][\\x00\\x0d\\x0a\\xff$1*\\x0a]\n"},
    {SAMPLE("*1\r\n$2\r\n\r\n\r\n"), "[\\x0d\\x0a]\n"},
    {SAMPLE("*1\r\n$20\r\n12345678901234567890\r\n"), "[12345678901234567890]\n"},
    {SAMPLE("*10\r\n$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n$1\r\n5\r\n$1\r\n6\r\n"
            "$1\r\n7\r\n$1\r\n8\r\n$1\r\n9\r\n" PING),
     "[0][1][2][3][4][5][6][7][8][9]\n[PING]\n"},

    /* Requests without a reply. */
    {SAMPLE("\r\n" PING), "empty\n[PING]\n"},
    {SAMPLE("\n" PING), "empty\n[PING]\n"},
    {SAMPLE(" \t \r\n" PING), "empty\n[PING]\n"},
    {SAMPLE("*-10\r\n" PING), "empty\n[PING]\n"},
    {SAMPLE("*-1\r\n*0\r\n" PING), "empty\nempty\n[PING]\n"},
    {SAMPLE("*-2147483649\r\n*-9223372036854775808\r\nPING\r\n"), "empty\nempty\n[PING]\n"},

    /* Inline requests. */
    {SAMPLE("PING\r\n"), "[PING]\n"},
    {SAMPLE("PING\n"), "[PING]\n"},
    {SAMPLE("PING"), TRANSCRIPT_INCOMPLETE},
    {SAMPLE("  set  key\tvalue \r\nget key\n" PING), "[set][key][value]\n[get][key]\n[PING]\n"},
    {SAMPLE("a b c d e f g h i j k l\r\n"), "[a][b][c][d][e][f][g][h][i][j][k][l]\n"},
    {SAMPLE("$4\r\nPING\r\n"), "[$4]\n[PING]\n"},
    {SAMPLE("e \"a b\" 'c d' \"\" ''\r\n"), "[e][a b][c d][][]\n"},
    {SAMPLE("e \"it's\" '\"q\"' \"\\\"q\\\"\" 'it\\'s'\r\n"), "[e][it's][\"q\"][\"q\"][it's]\n"},
    {SAMPLE("e \"\\x41\\n\\r\\t\\a\\b\\\\\" 'a\\nb'\r\n"),
     "[e][A\\x0a\\x0d\\x09\\x07\\x08\\][a\\nb]\n"},
    {SAMPLE("e \"\\x00\\xfF\\xg1\" \"\\x4\"\r\nPING\r\n"), "[e][\\x00\\xffxg1][x4]\n[PING]\n"},
    {SAMPLE("e a\"b c\"\r\n"), "[e][ab c]\n"},
    {SAMPLE("e \"a\r\n"), BAD_QUOTES},
    {SAMPLE("e 'a\r\n"), BAD_QUOTES},
    {SAMPLE("e \"a\"b\r\n"), BAD_QUOTES},
    {SAMPLE("e 'a''b'\r\n"), BAD_QUOTES},
    {SAMPLE("e \"a\\\"\r\n"), BAD_QUOTES},
    {SAMPLE("e \"'a\"'\r\n" PING), BAD_QUOTES},

    /* Counts. */
    {SAMPLE("*\r\n"), BAD_COUNT},
    {SAMPLE("*\n"), BAD_COUNT},
    {SAMPLE("*abc\r\n"), BAD_COUNT},
    {SAMPLE("*1\n$4\r\nPING\r\n"), BAD_COUNT},
    {SAMPLE("*1 \r\n"), BAD_COUNT},
    {SAMPLE("* 1\r\n"), BAD_COUNT},
    {SAMPLE("*+1\r\n"), BAD_COUNT},
    {SAMPLE("*01\r\n"), BAD_COUNT},
    {SAMPLE("*00\r\n"), BAD_COUNT},
    {SAMPLE("*-\r\n"), BAD_COUNT},
    {SAMPLE("*-0\r\n"), BAD_COUNT},
    {SAMPLE("*1\0\r\n"), BAD_COUNT},
    {SAMPLE("*2147483647\r\n"), BAD_COUNT}, /* more than could ever fit */
    {SAMPLE("*2147483648\r\n"), BAD_COUNT},
    {SAMPLE("*3000000000\r\n"), BAD_COUNT},
    {SAMPLE("*4294967297\r\n"), BAD_COUNT},
    {SAMPLE("*9223372036854775807\r\n"), BAD_COUNT},
    {SAMPLE("*9223372036854775808\r\n"), BAD_COUNT},
    {SAMPLE("*-9223372036854775809\r\n"), BAD_COUNT},
    {SAMPLE("*18446744073709551617\r\n"), BAD_COUNT},
    {SAMPLE("*100000000000000000000000000000000001\r\n"), BAD_COUNT},

    /* Bulk headers. */
    {SAMPLE("*1\r\nfoo\r\n"), EXPECTED_DOLLAR("f")},
    {SAMPLE("*1\r\n:1\r\n"), EXPECTED_DOLLAR(":")},
    {SAMPLE("*1\r\n*1\r\n"), EXPECTED_DOLLAR("*")},
    {SAMPLE("*1\r\n\r\n"), EXPECTED_DOLLAR(" ")},
    {SAMPLE("*1\r\n\xff"), EXPECTED_DOLLAR(" ")},
    {SAMPLE("*2\r\n$4\r\nECHO\r\nx"), EXPECTED_DOLLAR("x")},
    {SAMPLE("*1\r\n$-10\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$-1\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$blabla\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$4\nPING\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$ 4\r\nPING\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$4 \r\nPING\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$+4\r\nPING\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$04\r\nPING\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$-0\r\n\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$21\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$2147483647\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$2147483648\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$4294967296\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$9223372036854775807\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$9223372036854775808\r\n"), BAD_LENGTH},
    {SAMPLE("*1\r\n$18446744073709551616\r\n"), BAD_LENGTH},
    {SAMPLE(PING "*2\r\n$4\r\nECHO\r\n$-1\r\n"), "[PING]\n" BAD_LENGTH},

    /* Bulks that do not end where they should. */
    {SAMPLE("*1\r\n$4\r\nPINGPING\r\n"), BAD_END},
    {SAMPLE("*1\r\n$4\r\nPING\n\n"), BAD_END},
    {SAMPLE("*1\r\n$4\r\nPING\r\r"), BAD_END},
    {SAMPLE("*1\r\n$5\r\nPING\r\n\r\n"), BAD_END},
    {SAMPLE("*1\r\n$0\r\n$4\r\n"), BAD_END},
};

const size_t request_corpus_size = sizeof(request_corpus) / sizeof(request_corpus[0]);

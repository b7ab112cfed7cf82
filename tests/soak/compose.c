/* SPDX-License-Identifier: MIT */
#include "tests/soak/compose.h"

#include "common/resp_encode.h"
#include "tests/soak/secrets.h"
#include "tests/soak/token.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
    INLINE_MOST = 60000, /* a line of the inline form may have 64 KiB */
    SLOWEST_US = 2000,   /* of a handler */
    LARGEST_ONE_IN = 8,  /* tokens of the full size; the others are mostly short */
    SPECIAL_ONE_IN = 6,  /* requests that are no counted one */
    GUESSES = 10,        /* that came to nothing, and the server closes */
    HELLO_BYTES = 517,   /* of a handshake's first record, as its header says */
};

/* A request whose reply is known in advance. */
struct known_request {
    const char *bytes;
    enum history_reply reply;
    const char *text;
};

/* Replies that are the same in both versions of the protocol, but for HELLO's, which is a map. An
 * empty request before another one has no reply of its own. */
static const struct known_request known_requests[] = {
    {"TIME\r\n", HISTORY_ANY, ""},
    {"*1\r\n$4\r\nTIME\r\n", HISTORY_ANY, ""},
    {"\r\n*0\r\nSELECT 0\r\n", HISTORY_TEXT, "+OK\r\n"},
    {"*1\r\n$4\r\nECHO\r\n", HISTORY_TEXT, "-ERR wrong number of arguments for 'echo' command\r\n"},
    {"NOTHING \"\\x41\"\r\n", HISTORY_TEXT,
     "-ERR unknown command 'NOTHING', with args beginning with: 'A' \r\n"},
    {"HELLO 3\r\n", HISTORY_ANY, ""},
    {"*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n", HISTORY_ANY, ""},
    {"CLIENT SETNAME soak\r\n", HISTORY_TEXT, "+OK\r\n"},
    {"GREET\r\n", HISTORY_TEXT, "$18\r\nHello from server!\r\n"},
};

static const struct known_request malformed_requests[] = {
    {"*1\r\nfoo\r\n", HISTORY_FAILURE, "-ERR Protocol error: expected '$', got 'f'\r\n"},
    {"*abc\r\n", HISTORY_FAILURE, "-ERR Protocol error: invalid multibulk length\r\n"},
    {"*3000000000\r\n", HISTORY_FAILURE, "-ERR Protocol error: invalid multibulk length\r\n"},
    {"*99999999999999999999\r\n", HISTORY_FAILURE,
     "-ERR Protocol error: invalid multibulk length\r\n"},
    {"*1\r\n$2000000000\r\n", HISTORY_FAILURE, "-ERR Protocol error: invalid bulk length\r\n"},
    {"*1\r\n$-1\r\n", HISTORY_FAILURE, "-ERR Protocol error: invalid bulk length\r\n"},
    {"*1\r\n$4\r\nPINGxx", HISTORY_FAILURE, "-ERR Protocol error: bulk not ended by CRLF\r\n"},
    {"ECHO \"a\r\n", HISTORY_FAILURE, "-ERR Protocol error: unbalanced quotes in request\r\n"},
};

static const struct known_request logins[] = {
    {"AUTH " SECRETS_PASSWORD "\r\n", HISTORY_TEXT, "+OK\r\n"},
    {"*3\r\n$4\r\nauth\r\n$7\r\ndefault\r\n$4\r\n" SECRETS_PASSWORD "\r\n", HISTORY_TEXT,
     "+OK\r\n"},
    {"HELLO 2 AUTH default " SECRETS_PASSWORD "\r\n", HISTORY_ANY, ""},
    {"HELLO 3 AUTH default " SECRETS_PASSWORD " SETNAME soak\r\n", HISTORY_ANY, ""},
};

#define WRONG_PASSWORD "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

static const struct known_request guesses[] = {
    {"AUTH soa\r\n", HISTORY_TEXT, WRONG_PASSWORD},
    {"AUTH nobody " SECRETS_PASSWORD "\r\n", HISTORY_TEXT, WRONG_PASSWORD},
    {"*2\r\n$4\r\nAUTH\r\n$0\r\n\r\n", HISTORY_TEXT, WRONG_PASSWORD},
    {"HELLO 3 AUTH default " SECRETS_PASSWORD "er\r\n", HISTORY_TEXT, WRONG_PASSWORD},
};

#define NO_PASSWORD "-NOAUTH Authentication required.\r\n"

/* What a client is told that has not logged in. */
static const struct known_request refused_requests[] = {
    {"ECHO refused\r\n", HISTORY_TEXT, NO_PASSWORD},
    {"*2\r\n$4\r\nPING\r\n$7\r\nrefused\r\n", HISTORY_TEXT, NO_PASSWORD},
    {"WORK SLEEP 1000000\r\n", HISTORY_TEXT, NO_PASSWORD},
    {"SELECT 0\r\n", HISTORY_TEXT, NO_PASSWORD},
    {"HELLO 3\r\n", HISTORY_FAILURE, "-NOAUTH HELLO must be called"},
    {"RESET\r\n", HISTORY_TEXT, "+RESET\r\n"},
};

static const struct known_request quit = {"QUIT\r\n", HISTORY_TEXT, "+OK\r\n"};

uint64_t compose_draw(struct bench_random *random, uint64_t below)
{
    return bench_random_next(random) % below;
}

static void add_known(const struct compose *compose, const struct known_request *known, bool ends)
{
    size_t size = strlen(known->bytes);
    byte_buffer_append(compose->out, known->bytes, size);
    history_request(compose->history,
                    &(struct history_request){
                        .reply = known->reply, .text = known->text, .bytes = size, .ends = ends});
}

#define ADD_ONE_OF(compose, table)                                                                 \
    add_known(compose, &(table)[compose_draw((compose)->random, COUNT(table))], false)

static size_t draw_size(const struct compose *compose)
{
    size_t most = compose->payload_most;
    if (compose_draw(compose->random, LARGEST_ONE_IN) > 0)
        most = most < 100 ? most : 20 + most / 20;
    return 1 + compose_draw(compose->random, most);
}

static void add_token(const struct compose *compose, bool in_line)
{
    const char *word = compose->orderly ? "ECHO" : "PING";
    size_t size = draw_size(compose);
    size_t before = compose->out->size;
    in_line = in_line && size <= INLINE_MOST;
    if (in_line)
        byte_buffer_printf(compose->out, "%s ", word);
    else
        byte_buffer_printf(compose->out, "*2\r\n$4\r\n%s\r\n$%zu\r\n", word, size);
    char *payload = byte_buffer_extend(compose->out, size);
    if (payload == NULL)
        return; /* the buffer's `failed` tells the client */
    token_fill(compose->history->connection, history_next(compose->history), payload, size);
    byte_buffer_append_text(compose->out, "\r\n");
    history_request(compose->history,
                    &(struct history_request){.reply = HISTORY_TOKEN,
                                              .size = size,
                                              .bytes = compose->out->size - before,
                                              .counted = true});
}

void compose_token(const struct compose *compose)
{
    add_token(compose, false);
}

static void add_reset(const struct compose *compose)
{
    static const struct known_request reset = {"RESET\r\n", HISTORY_TEXT, "+RESET\r\n"};
    add_known(compose, &reset, false);
    if (compose->must_log_in != NULL)
        *compose->must_log_in = true;
}

void compose_orderly(const struct compose *compose)
{
    if (compose->last && compose_draw(compose->random, 2) == 0)
        add_known(compose, &quit, true);
    else if (compose_draw(compose->random, SPECIAL_ONE_IN) > 0)
        add_token(compose, compose_draw(compose->random, 2) == 0);
    else if (compose_draw(compose->random, COUNT(known_requests) + 1) == 0)
        add_reset(compose);
    else
        ADD_ONE_OF(compose, known_requests);
}

void compose_slow(const struct compose *compose)
{
    if (compose->last || compose_draw(compose->random, 2) == 0) {
        compose_orderly(compose);
        return;
    }
    size_t before = compose->out->size;
    bool sleeps = compose_draw(compose->random, 2) == 0;
    byte_buffer_printf(compose->out, "WORK %s %u\r\n", sleeps ? "SLEEP" : "CPU",
                       (unsigned)compose_draw(compose->random, sleeps ? SLOWEST_US : 200));
    history_request(compose->history,
                    &(struct history_request){.reply = HISTORY_TEXT,
                                              .text = "+OK\r\n",
                                              .bytes = compose->out->size - before});
}

void compose_long_sleep(const struct compose *compose)
{
    static const struct known_request sleep = {"WORK SLEEP 200000\r\n", HISTORY_TEXT, "+OK\r\n"};
    add_known(compose, &sleep, false);
}

void compose_greeting(const struct compose *compose)
{
    static const struct known_request greeting = {"Hello from client!", HISTORY_BYTES,
                                                  "Hello from server!"};
    add_known(compose, &greeting, true);
}

void compose_malformed(const struct compose *compose)
{
    if (compose->last)
        add_known(compose,
                  &malformed_requests[compose_draw(compose->random, COUNT(malformed_requests))],
                  true);
    else
        add_token(compose, false);
}

/* Zeros among them, and what lengths and lines begin with, so that some goes far into the parser.
 */
void compose_rubbish(const struct compose *compose)
{
    static const char likely[] = "*$\r\n0123456789\"'-";
    size_t size = draw_size(compose);
    char *bytes = byte_buffer_extend(compose->out, size);
    if (bytes == NULL)
        return;
    for (size_t i = 0; i < size; i++)
        bytes[i] = compose_draw(compose->random, 2) == 0
                       ? likely[compose_draw(compose->random, sizeof(likely) - 1)]
                       : (char)compose_draw(compose->random, 256);
    history_request(compose->history,
                    &(struct history_request){.reply = HISTORY_ANY, .bytes = size});
}

void compose_login(const struct compose *compose)
{
    ADD_ONE_OF(compose, logins);
    *compose->must_log_in = false;
}

void compose_logging_out(const struct compose *compose)
{
    bool stranger = compose->must_log_in != NULL && *compose->must_log_in;
    bool special = compose_draw(compose->random, stranger ? 2 : SPECIAL_ONE_IN) == 0;
    if (stranger && special)
        ADD_ONE_OF(compose, refused_requests);
    else if (stranger)
        compose_login(compose);
    else if (special)
        add_reset(compose);
    else
        add_token(compose, compose_draw(compose->random, 2) == 0);
}

/* Too few of them are wrong passwords for the server to lose its patience. */
void compose_stranger(const struct compose *compose)
{
    if (compose->last)
        add_known(compose, &quit, true);
    else if (compose_draw(compose->random, SPECIAL_ONE_IN) == 0)
        ADD_ONE_OF(compose, guesses);
    else
        ADD_ONE_OF(compose, refused_requests);
}

void compose_guesses(const struct compose *compose)
{
    do {
        bool ends = history_next(compose->history) + 1 == GUESSES;
        add_known(compose, &guesses[compose_draw(compose->random, COUNT(guesses))], ends);
    } while (compose->last && history_next(compose->history) < GUESSES);
}

void compose_foreign(const struct compose *compose)
{
    static const char record[] = {0x16, 3, 1, 2, 0, 1, 0, 1, (char)0xfc, 3, 3};
    if (compose_draw(compose->random, 2) == 0) {
        compose_rubbish(compose);
        return;
    }
    size_t size = 1 + compose_draw(compose->random, HELLO_BYTES);
    for (size_t i = 0; i < size; i++) {
        char random = (char)compose_draw(compose->random, 256);
        byte_buffer_append(compose->out, i < sizeof(record) ? &record[i] : &random, 1);
    }
    history_request(compose->history,
                    &(struct history_request){.reply = HISTORY_ANY, .bytes = size});
}

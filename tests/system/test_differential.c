/* SPDX-License-Identifier: MIT */
/*
 * Crew beside Redis 7: to the same bytes both must give the same bytes, but for the differences
 * that are listed, with their reasons, in differential_rows.c.
 */
#include "bench/base/bench_random.h"
#include "bench/base/whole_file.h"
#include "common/dial.h"
#include "tests/system/differential_rows.h"
#include "tests/system/exchange.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CORPUS       "tests/fuzz/corpus/request"

enum { CONVERSATIONS = 6000, MOST_REQUESTS = 5, MOST_WORDS = 5, LONGEST_WORD = 160 };

/* ---- both servers ---- */

static const char *redis_path; /* NULL to skip; found once, by the parent */
static struct server_process redis;
static struct fixture crew;
static char redis_url[ENDPOINT_TEXT_SIZE];

static void find_redis(void)
{
    struct program_run run;
    const char *path = program_peer("redis-server");
    redis_path = NULL;
    if (path == NULL)
        return;
    program_expect(&run, path, (const char *const[]){"--version", NULL}, NULL, 0);
    redis_path = strstr(run.output, " v=7.") != NULL
                     ? path
                     : program_skip("redis-server is not of version 7");
    program_run_free(&run);
}

static void start_both(void)
{
    char error[BENCH_ERROR_SIZE];
    char options[PATH_MAX + 64];
    if (redis_path == NULL)
        return;
    scratch_folder_make();
    const char *socket = scratch_path("redis.sock");
    const char *words[] = {"--port", "0", "--unixsocket", socket, "--dir", scratch_path("."),
                           "--save", "",  "--appendonly", "no",   NULL};
    ck_assert_msg(server_process_start(&redis, redis_path, words, error), "%s", error);
    /* It writes the first word with a small or a capital letter. */
    ck_assert(server_process_wait_log(&redis, "eady to accept connections", PATIENCE_MS));
    snprintf(redis_url, sizeof(redis_url), "unix://%s", socket);
    snprintf(options, sizeof(options), "--workers 1 --listen unix://%s", scratch_path("crew.sock"));
    fixture_start(&crew, options);
}

static void stop_both(void)
{
    if (redis_path == NULL)
        return;
    fixture_stop(&crew);
    ck_assert(server_process_stop(&redis, PATIENCE_MS));
    scratch_folder_remove();
}

/* ---- asking both ---- */

/* All that comes back until the server closes. */
static void ask(const char *url, crew_slice request, struct byte_buffer *answer)
{
    int fd = wire_connect(url);
    wire_send(fd, request.data, request.size);
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    wire_read_to_end(fd, answer);
    close(fd);
}

struct answers {
    struct byte_buffer crew;
    struct byte_buffer redis;
};

static bool ask_both(crew_slice request, struct answers *answers)
{
    *answers = (struct answers){0};
    ask(crew.url, request, &answers->crew);
    ask(redis_url, request, &answers->redis);
    return answers->crew.size == answers->redis.size &&
           (answers->crew.size == 0 ||
            memcmp(answers->crew.bytes, answers->redis.bytes, answers->crew.size) == 0);
}

static void free_answers(struct answers *answers)
{
    byte_buffer_free(&answers->crew);
    byte_buffer_free(&answers->redis);
}

static void show(const char *what, const char *bytes, size_t size)
{
    fprintf(stderr, "%s: '", what);
    for (size_t i = 0; i < size; i++)
        fprintf(stderr, isprint((unsigned char)bytes[i]) ? "%c" : "\\x%02x",
                (unsigned char)bytes[i]);
    fprintf(stderr, "'\n");
}

static void fail_with(const char *name, crew_slice request, const struct answers *answers)
{
    show("request", request.data, request.size);
    show("crew   ", answers->crew.bytes, answers->crew.size);
    show("redis  ", answers->redis.bytes, answers->redis.size);
    ck_abort_msg("%s: see above", name);
}

/* Where `strictly`, no difference is excused. */
static void expect_same(const char *name, crew_slice request, bool strictly)
{
    struct answers answers;
    bool same = ask_both(request, &answers);
    crew_slice answer = {answers.crew.bytes, answers.crew.size};
    if (!same && (strictly || known_difference_reason(request, answer) == NULL))
        fail_with(name, request, &answers);
    free_answers(&answers);
}

/* ---- rows ---- */

START_TEST(redis_answers_the_same)
{
    if (redis_path == NULL)
        return;
    for (size_t i = 0; i < same_answer_count; i++)
        expect_same("a row of same_answers", same_answers[i], true);
}
END_TEST

/* A difference that is gone, or is not recognized, must not stay in the list. */
START_TEST(known_differences_are_there)
{
    if (redis_path == NULL)
        return;
    for (size_t i = 0; i < known_difference_count; i++) {
        const struct known_difference *known = &known_differences[i];
        struct answers answers;
        bool same = ask_both(known->example, &answers);
        crew_slice answer = {answers.crew.bytes, answers.crew.size};
        const char *reason = known_difference_reason(known->example, answer);
        if (same || reason == NULL || strcmp(reason, known->reason) != 0)
            fail_with(known->reason, known->example, &answers);
        free_answers(&answers);
    }
}
END_TEST

/* ---- lengths at every edge ---- */

static const char *const lengths[] = {
    "0",
    "1",
    "-1",
    "-10",
    "+1",
    "01",
    "00",
    " 1",
    "1 ",
    "",
    "-0",
    "-",
    "abc",
    "0x1",
    "2147483647",
    "2147483648",
    "4294967296",
    "4294967297",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
};

static const char *const around_lengths[][2] = {
    {"*", "\r\n$4\r\nPING\r\n"},
    {"*1\r\n$", "\r\nPING\r\n"},
    {"*2\r\n$4\r\nECHO\r\n$", "\r\na\r\n"},
};

START_TEST(lengths_are_refused_alike)
{
    if (redis_path == NULL)
        return;
    for (size_t i = 0; i < COUNT(lengths) * COUNT(around_lengths); i++) {
        const char *const *around = around_lengths[i % COUNT(around_lengths)];
        char request[128];
        int size = snprintf(request, sizeof(request), "%s%s%s", around[0],
                            lengths[i / COUNT(around_lengths)], around[1]);
        expect_same("a length", (crew_slice){request, (size_t)size}, false);
    }
}
END_TEST

/* ---- random requests ---- */

static struct bench_random source;

static size_t below(size_t limit)
{
    return (size_t)(bench_random_next(&source) % limit);
}

static const char *const openings[] = {
    "PING",       "ECHO",           "SELECT 0", "SELECT 16",    "CLIENT SETNAME",
    "CLIENT FOO", "CLIENT GETNAME", "AUTH",     "AUTH default", "HELLO 9",
    "HELLO x",    "HELLO 3 FOO",    "foo",      "\"foo bar\"",  "CONFIG FOO",
    "RESET",      "INFO nothing",   "unknown",
};

/* Bytes of a word: what may need quoting, and otherwise letters. */
static size_t random_word(char word[LONGEST_WORD])
{
    size_t size = below(8) == 0 ? below(LONGEST_WORD) : below(6);
    for (size_t i = 0; i < size; i++)
        word[i] = "abcxyzABC019 \"'\\\r\n$*-_:"[below(22)];
    return size;
}

static void append_quoted(const char *word, size_t size, struct byte_buffer *out)
{
    byte_buffer_append_text(out, " \"");
    for (size_t i = 0; i < size; i++)
        byte_buffer_printf(out, isalnum((unsigned char)word[i]) ? "%c" : "\\x%02x",
                           (unsigned char)word[i]);
    byte_buffer_append_text(out, "\"");
}

/* The word as it is, whatever quotes may be in it. */
static void append_bare(const char *word, size_t size, struct byte_buffer *out)
{
    byte_buffer_append_text(out, " ");
    for (size_t i = 0; i < size; i++) {
        if (word[i] != '\r' && word[i] != '\n')
            byte_buffer_append(out, &word[i], 1);
    }
}

static void append_inline(struct byte_buffer *out)
{
    char word[LONGEST_WORD];
    byte_buffer_append_text(out, openings[below(COUNT(openings))]);
    for (size_t left = below(MOST_WORDS); left > 0; left--) {
        size_t size = random_word(word);
        if (below(8) == 0)
            append_bare(word, size, out);
        else
            append_quoted(word, size, out);
    }
    byte_buffer_append_text(out, below(4) == 0 ? "\n" : "\r\n");
}

static void append_array(struct byte_buffer *out)
{
    static const char *const names[] = {"PING", "echo", "foo", "CLIENT", "Auth", "CONFIG"};
    char word[LONGEST_WORD];
    size_t words = 1 + below(MOST_WORDS);
    const char *name = names[below(COUNT(names))];
    byte_buffer_printf(out, "*%zu\r\n$%zu\r\n%s\r\n", words, strlen(name), name);
    while (--words > 0) {
        size_t size = random_word(word);
        byte_buffer_printf(out, "$%zu\r\n", size);
        byte_buffer_append(out, word, size);
        byte_buffer_append_text(out, "\r\n");
    }
}

START_TEST(random_requests_are_answered_alike)
{
    if (redis_path == NULL)
        return;
    for (uint64_t seed = 0; seed < CONVERSATIONS; seed++) {
        struct byte_buffer request = {0};
        char name[64];
        source.state = seed;
        for (size_t left = 1 + below(MOST_REQUESTS); left > 0; left--) {
            if (below(3) == 0)
                append_array(&request);
            else
                append_inline(&request);
        }
        if (below(8) == 0) /* an end of some kind within the last one */
            byte_buffer_truncate(&request, request.size - below(request.size));
        snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
        expect_same(name, (crew_slice){request.bytes, request.size}, true);
        byte_buffer_free(&request);
    }
}
END_TEST

/* ---- what fuzzing found ---- */

START_TEST(the_corpus_is_answered_alike)
{
    if (redis_path == NULL)
        return;
    DIR *folder = opendir(CORPUS);
    ck_assert_msg(folder != NULL, "the tests must be started beside %s", CORPUS);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[PATH_MAX];
        char error[BENCH_ERROR_SIZE];
        struct byte_buffer content = {0};
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", CORPUS, entry->d_name);
        ck_assert_msg(whole_file_read(path, 1024 * 1024, &content, error), "%s", error);
        /* The first line is not for servers: see tests/fuzz/fuzz_target.h. */
        const char *feed = content.size > 0 ? memchr(content.bytes, '\n', content.size) : NULL;
        if (feed != NULL) {
            size_t skipped = (size_t)(feed + 1 - content.bytes);
            expect_same(path, (crew_slice){feed + 1, content.size - skipped}, false);
        }
        byte_buffer_free(&content);
    }
    closedir(folder);
}
END_TEST

Suite *differential_suite(void)
{
    Suite *suite = suite_create("differential");
    TCase *tests = tcase_create("redis");
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, find_redis, NULL);
    tcase_add_checked_fixture(tests, start_both, stop_both);
    tcase_add_test(tests, redis_answers_the_same);
    tcase_add_test(tests, known_differences_are_there);
    tcase_add_test(tests, lengths_are_refused_alike);
    tcase_add_test(tests, random_requests_are_answered_alike);
    tcase_add_test(tests, the_corpus_is_answered_alike);
    suite_add_tcase(suite, tests);
    return suite;
}

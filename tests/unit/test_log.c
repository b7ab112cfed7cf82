/* SPDX-License-Identifier: MIT */
#include "common/log.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * stderr is one end of a socket pair that keeps messages apart, so that each receive shows what
 * one write wrote.
 */
static int receiver;

static void replace_stderr(void)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    ck_assert_int_ge(dup2(pair[1], STDERR_FILENO), 0);
    close(pair[1]);
    receiver = pair[0];
}

static const char *next_write(char text[2 * LOG_LINE_LIMIT])
{
    ssize_t size = recv(receiver, text, 2 * LOG_LINE_LIMIT - 1, MSG_DONTWAIT);
    text[size > 0 ? size : 0] = '\0';
    return text;
}

#define TIME "20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z"

/* Fails the test unless the next write is one line: the time, then `rest`. */
static void check_line(const char *rest)
{
    char text[2 * LOG_LINE_LIMIT];
    next_write(text);
    regex_t time;
    regmatch_t match = {0};
    ck_assert_int_eq(regcomp(&time, "^" TIME " ", REG_EXTENDED), 0);
    ck_assert_msg(regexec(&time, text, 1, &match, 0) == 0, "no time in '%s'", text);
    regfree(&time);
    ck_assert_str_eq(text + match.rm_eo, rest);
}

START_TEST(writes_lines)
{
    log_write(LOG_LEVEL_INFO, "started", "workers=%d listen=\"%s\"", 4, "a b");
    check_line("info started workers=4 listen=\"a b\"\n");
    log_write(LOG_LEVEL_WARN, "stopped", "%s", "");
    check_line("warn stopped\n");
    log_write(LOG_LEVEL_ERROR, "failed", "what=%s", "x\r\ny\033[1m\x7f\t");
    check_line("error failed what=x??y?[1m??\n");
    log_write(LOG_LEVEL_INFO, "text", "word=%s", "\xc3\xa9");
    check_line("info text word=\xc3\xa9\n");
}
END_TEST

START_TEST(leaves_out_lower_levels)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char text[2 * LOG_LINE_LIMIT];
    log_write(LOG_LEVEL_DEBUG, "event", "%s", "");
    ck_assert_str_eq(next_write(text), ""); /* info is the lowest level to begin with */
    log_set_level((enum log_level)_i);
    for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++) {
        log_write((enum log_level)level, "event", "n=%d", level);
        if (level < _i) {
            ck_assert_str_eq(next_write(text), "");
            continue;
        }
        char expected[64];
        snprintf(expected, sizeof(expected), "%s event n=%d\n", names[level], level);
        check_line(expected);
    }
}
END_TEST

/* Around the limit, whatever the length: one line, no longer than the limit, ended properly. */
START_TEST(cuts_long_lines)
{
    char value[2 * LOG_LINE_LIMIT];
    char text[2 * LOG_LINE_LIMIT];
    size_t longest = 0;
    for (size_t size = LOG_LINE_LIMIT - 100; size < LOG_LINE_LIMIT + 100; size++) {
        memset(value, 'x', size);
        value[size] = '\0';
        log_write(LOG_LEVEL_INFO, "long", "value=%s", value);
        size_t length = strlen(next_write(text));
        ck_assert_uint_le(length, LOG_LINE_LIMIT);
        ck_assert_ptr_eq(strchr(text, '\n'), text + length - 1);
        ck_assert_int_eq(text[length - 2], 'x');
        longest = length > longest ? length : longest;
    }
    ck_assert_uint_ge(longest, LOG_LINE_LIMIT - 2);
}
END_TEST

enum { THREADS = 4, LINES = 50 };

static void *write_lines(void *name)
{
    for (int i = 0; i < LINES; i++)
        log_write(LOG_LEVEL_INFO, "line", "%s=%s", (const char *)name, (const char *)name);
    return NULL;
}

START_TEST(lines_of_threads_never_mix)
{
    static char names[THREADS][400];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        memset(names[i], 'a' + i, sizeof(names[i]) - 1);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    }
    int counts[THREADS] = {0};
    for (int i = 0; i < THREADS * LINES; i++) {
        char text[2 * LOG_LINE_LIMIT];
        ssize_t size = recv(receiver, text, sizeof(text) - 1, 0);
        ck_assert_int_gt(size, 0);
        text[size] = '\0';
        int writer = text[size - 2] - 'a';
        ck_assert_int_ge(writer, 0);
        ck_assert_int_lt(writer, THREADS);
        char expected[900];
        snprintf(expected, sizeof(expected), " info line %s=%s\n", names[writer], names[writer]);
        ck_assert_ptr_nonnull(strstr(text, expected));
        counts[writer]++;
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_int_eq(counts[i], LINES);
    }
}
END_TEST

/* Reads what there is and returns how many lines that was; *last is the last of them. */
static int drain_pipe(int fd, char last[LOG_LINE_LIMIT])
{
    FILE *lines = fdopen(dup(fd), "r");
    ck_assert_ptr_nonnull(lines);
    int count = 0;
    while (fgets(last, LOG_LINE_LIMIT, lines) != NULL)
        count++;
    fclose(lines);
    return count;
}

START_TEST(a_full_pipe_costs_lines_and_not_the_server)
{
    enum { WRITTEN = 1000 };
    int ends[2];
    char last[LOG_LINE_LIMIT] = "";
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
    for (int i = 0; i < WRITTEN; i++)
        log_write(LOG_LEVEL_INFO, "line", "text=%0500d", i);
    int kept = drain_pipe(ends[0], last);
    ck_assert_int_gt(kept, 0);
    ck_assert_int_lt(kept, WRITTEN);

    char expected[64];
    log_write(LOG_LEVEL_INFO, "after", "n=1");
    ck_assert_int_eq(drain_pipe(ends[0], last), 1);
    snprintf(expected, sizeof(expected), " info after n=1 dropped_lines=%d\n", WRITTEN - kept);
    ck_assert_ptr_nonnull(strstr(last, expected));
    log_write(LOG_LEVEL_INFO, "after", "n=2");
    ck_assert_int_eq(drain_pipe(ends[0], last), 1);
    ck_assert_ptr_nonnull(strstr(last, " info after n=2\n"));
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(failing_stderr_is_ignored)
{
    int nowhere = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(nowhere, 0);
    ck_assert_int_ge(dup2(nowhere, STDERR_FILENO), 0);
    errno = ENOTTY;
    log_write(LOG_LEVEL_ERROR, "lost", "n=%d", 1);
    ck_assert_int_eq(errno, ENOTTY);
    close(nowhere);
}
END_TEST

Suite *log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");
    tcase_add_checked_fixture(tests, replace_stderr, NULL);
    tcase_add_test(tests, writes_lines);
    tcase_add_loop_test(tests, leaves_out_lower_levels, LOG_LEVEL_DEBUG, LOG_LEVEL_ERROR + 1);
    tcase_add_test(tests, cuts_long_lines);
    tcase_add_test(tests, lines_of_threads_never_mix);
    tcase_add_test(tests, a_full_pipe_costs_lines_and_not_the_server);
    tcase_add_test(tests, failing_stderr_is_ignored);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: MIT */
#include "client/history.h"
#include "common/byte_buffer.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
    const char *line;
    bool secret;
} lines[] = {
    {"AUTH secret", true},
    {"auth user secret", true},
    {"  Auth secret", true},
    {"AUTH", true},
    {"\"auth\" secret", true},
    {"\"\\x61uth\" secret", true},
    {"AUTH \"unbalanced", true},
    {"AUTH 'it''s", true},
    {"HELLO 3 AUTH user secret", true},
    {"hello 3 setname me auth user secret", true},
    {"HELLO 3 'AUTH' user \"sec", true},
    {"HELLO AUTH", true},
    {"CONFIG SET requirepass secret", true},
    {"config set MASTERAUTH secret", true},
    {"ACL SETUSER bob on >secret", true},
    {"MIGRATE host 1 k 0 5 AUTH secret", true},
    {"CONFIG GET maxclients", false},
    {"ACL LIST", false},
    {"HELLO 3", false},
    {"HELLO", false},
    {"HELLO 3 SETNAME authority", false},
    {"PING AUTH", false},
    {"ECHO 'AUTH secret'", false},
    {"AUTHORS", false},
    {"CLIENT SETNAME auth", false},
    {"", false},
    {"   ", false},
    {"\"", false},
};

START_TEST(secrecy)
{
    const char *line = lines[_i].line;
    ck_assert_msg(client_history_is_secret(line, strlen(line)) == lines[_i].secret, "'%s'", line);
}
END_TEST

/* ---- the file ---- */

static char directory[] = "/tmp/crew-history-XXXXXX";
static char path[64];
static struct byte_buffer loaded; /* every line and a bar */
static unsigned loaded_count;

static void set_up(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/.crew_history", directory);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(path);
    rmdir(directory);
    byte_buffer_free(&loaded);
}

static void collect(void *context, const char *line)
{
    ck_assert_ptr_eq(context, &loaded);
    loaded_count++;
    byte_buffer_printf(&loaded, "%s|", line);
}

/* All lines that a new session would see. */
static const char *load(void)
{
    int fd = client_history_open(directory);
    ck_assert_int_ge(fd, 0);
    byte_buffer_truncate(&loaded, 0);
    loaded_count = 0;
    client_history_load(fd, collect, &loaded);
    close(fd);
    byte_buffer_append(&loaded, "", 1);
    return loaded.bytes;
}

static void append(const char *line)
{
    int fd = client_history_open(directory);
    client_history_append(fd, line, strlen(line));
    close(fd);
}

static void write_file(const char *content)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(content, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(lines_come_back_in_order)
{
    ck_assert_str_eq(load(), "");
    append("PING");
    append("ECHO 'a b'");
    append("");
    append("INFO");
    ck_assert_str_eq(load(), "PING|ECHO 'a b'||INFO|");
}
END_TEST

START_TEST(only_the_owner_may_read)
{
    struct stat status;
    write_file("PING\n");
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_str_eq(load(), "PING|");
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(unlink(path), 0);
    append("INFO");
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
}
END_TEST

START_TEST(the_oldest_lines_are_dropped)
{
    struct byte_buffer content = {0};
    for (int i = 0; i < CLIENT_HISTORY_LINES + 3; i++)
        byte_buffer_printf(&content, "%d\n", i);
    byte_buffer_append(&content, "", 1);
    write_file(content.bytes);
    byte_buffer_free(&content);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(strncmp(load(), "3|4|5|", 6), 0);
        ck_assert_uint_eq(loaded_count, CLIENT_HISTORY_LINES);
    }
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_size, (off_t)loaded.size - 1);
    append("last");
    ck_assert_int_eq(strncmp(load(), "4|5|", 4), 0);
    ck_assert_str_eq(loaded.bytes + loaded.size - 6, "last|");
}
END_TEST

START_TEST(an_unfinished_line_is_passed_over)
{
    write_file("PING\nECH");
    ck_assert_str_eq(load(), "PING|");
    write_file("ECH");
    ck_assert_str_eq(load(), "");
}
END_TEST

START_TEST(no_file_is_no_trouble)
{
    ck_assert_int_eq(client_history_open(NULL), -1);
    ck_assert_int_eq(client_history_open(""), -1);
    ck_assert_int_eq(client_history_open("/nonexistent"), -1);
    client_history_load(-1, collect, &loaded);
    client_history_append(-1, "PING", 4);
    ck_assert_uint_eq(loaded_count, 0);
    ck_assert_int_eq(mkdir(path, 0700), 0); /* not a regular file */
    ck_assert_int_eq(client_history_open(directory), -1);
}
END_TEST

Suite *history_suite(void)
{
    Suite *suite = suite_create("history");
    TCase *tests = tcase_create("secrecy");
    tcase_add_loop_test(tests, secrecy, 0, COUNT(lines));
    suite_add_tcase(suite, tests);

    tests = tcase_create("file");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, lines_come_back_in_order);
    tcase_add_test(tests, only_the_owner_may_read);
    tcase_add_test(tests, the_oldest_lines_are_dropped);
    tcase_add_test(tests, an_unfinished_line_is_passed_over);
    tcase_add_test(tests, no_file_is_no_trouble);
    suite_add_tcase(suite, tests);
    return suite;
}

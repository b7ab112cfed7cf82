/* SPDX-License-Identifier: MIT */
#include "bench/base/whole_file.h"
#include "tests/unit/memory_file.h"
#include "tests/unit/suites.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGE = 200 * 1000, LIMIT = 1 << 20 };

static char *pattern(size_t size)
{
    char *bytes = malloc(size + 1);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    return bytes;
}

static void check_content(const struct byte_buffer *content, const char *bytes, size_t size)
{
    ck_assert_uint_eq(content->size, size);
    if (size > 0)
        ck_assert_mem_eq(content->bytes, bytes, size);
}

static const size_t sizes[] = {0, 1, 65535, 65536, 65537, LARGE};

START_TEST(reads_all_of_it)
{
    char *bytes = pattern(sizes[_i]);
    struct memory_file file = memory_file_create(bytes, sizes[_i]);
    struct byte_buffer content = {0};
    char error[BENCH_ERROR_SIZE] = "";
    ck_assert_msg(whole_file_read(file.path, LIMIT, &content, error), "%s", error);
    check_content(&content, bytes, sizes[_i]);
    byte_buffer_free(&content);
    memory_file_close(&file);
    free(bytes);
}
END_TEST

struct pipe_writer {
    int fd;
    const char *bytes;
};

static void *write_to_pipe(void *context)
{
    const struct pipe_writer *writer = context;
    size_t written = 0;
    while (written < LARGE) {
        ssize_t size = write(writer->fd, writer->bytes + written, LARGE - written);
        if (size <= 0)
            break;
        written += (size_t)size;
    }
    close(writer->fd);
    return NULL;
}

START_TEST(reads_a_pipe_to_its_end)
{
    char *bytes = pattern(LARGE);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct pipe_writer writer = {ends[1], bytes};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, write_to_pipe, &writer), 0);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    struct byte_buffer content = {0};
    char error[BENCH_ERROR_SIZE] = "";
    ck_assert_msg(whole_file_read(path, LIMIT, &content, error), "%s", error);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    check_content(&content, bytes, LARGE);
    byte_buffer_free(&content);
    close(ends[0]);
    free(bytes);
}
END_TEST

START_TEST(refuses_what_is_too_large)
{
    char *bytes = pattern(LARGE);
    struct memory_file file = memory_file_create(bytes, LARGE);
    struct byte_buffer content = {0};
    char error[BENCH_ERROR_SIZE] = "";
    char expected[BENCH_ERROR_SIZE];
    ck_assert(whole_file_read(file.path, LARGE, &content, error));
    byte_buffer_free(&content);
    ck_assert(!whole_file_read(file.path, LARGE - 1, &content, error));
    snprintf(expected, sizeof(expected), "%s is too large: at most %d bytes are read", file.path,
             LARGE - 1);
    ck_assert_str_eq(error, expected);
    byte_buffer_free(&content);
    memory_file_close(&file);
    free(bytes);
}
END_TEST

static const struct {
    const char *path;
    const char *error;
} unreadable[] = {
    {"/nonexistent/file", "cannot read /nonexistent/file: No such file or directory"},
    {"/", "cannot read /: Is a directory"},
    {"", "cannot read : No such file or directory"},
};

START_TEST(says_why_it_cannot_be_read)
{
    struct byte_buffer content = {0};
    char error[BENCH_ERROR_SIZE] = "";
    ck_assert(!whole_file_read(unreadable[_i].path, LIMIT, &content, error));
    ck_assert_str_eq(error, unreadable[_i].error);
    byte_buffer_free(&content);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *whole_file_suite(void)
{
    Suite *suite = suite_create("whole_file");
    TCase *tests = tcase_create("whole_file");
    tcase_add_loop_test(tests, reads_all_of_it, 0, COUNT(sizes));
    tcase_add_test(tests, reads_a_pipe_to_its_end);
    tcase_add_test(tests, refuses_what_is_too_large);
    tcase_add_loop_test(tests, says_why_it_cannot_be_read, 0, COUNT(unreadable));
    suite_add_tcase(suite, tests);
    return suite;
}

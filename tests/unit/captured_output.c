/* SPDX-License-Identifier: MIT */
#include "tests/unit/captured_output.h"

#include <check.h>
#include <sys/mman.h>
#include <unistd.h>

struct captured_output capture_output(FILE *stream)
{
    struct captured_output captured = {.stream = stream};
    fflush(stream);
    captured.saved_fd = dup(fileno(stream));
    captured.file_fd = memfd_create("captured", MFD_CLOEXEC);
    ck_assert_int_ge(captured.saved_fd, 0);
    ck_assert_int_ge(captured.file_fd, 0);
    ck_assert_int_ge(dup2(captured.file_fd, fileno(stream)), 0);
    return captured;
}

const char *captured_text(struct captured_output *captured, char text[CAPTURED_OUTPUT_SIZE])
{
    fflush(captured->stream);
    ck_assert_int_ge(dup2(captured->saved_fd, fileno(captured->stream)), 0);
    ssize_t size = pread(captured->file_fd, text, CAPTURED_OUTPUT_SIZE - 1, 0);
    ck_assert_int_ge(size, 0);
    text[size] = '\0';
    close(captured->saved_fd);
    close(captured->file_fd);
    return text;
}

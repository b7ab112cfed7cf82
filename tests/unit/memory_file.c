/* SPDX-License-Identifier: MIT */
#include "tests/unit/memory_file.h"

#include <check.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

struct memory_file memory_file_create(const char *bytes, size_t size)
{
    struct memory_file file = {.fd = memfd_create("test", MFD_CLOEXEC)};
    ck_assert_int_ge(file.fd, 0);
    ck_assert_int_eq(pwrite(file.fd, bytes, size, 0), (ssize_t)size);
    snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
    return file;
}

void memory_file_cut(const struct memory_file *file, size_t size)
{
    ck_assert_int_eq(ftruncate(file->fd, (off_t)size), 0);
}

void memory_file_close(const struct memory_file *file)
{
    close(file->fd);
}

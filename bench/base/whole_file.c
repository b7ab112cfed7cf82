/* SPDX-License-Identifier: MIT */
#include "bench/base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 64 * 1024 };

static bool fail(const char *path, int reason, char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "cannot read %.1000s: %s", path, strerror(reason));
    return false;
}

/* 0, or why it failed: EFBIG beyond `most` bytes. */
static int read_to_end(int fd, size_t most, struct byte_buffer *content)
{
    for (;;) {
        size_t before = content->size;
        char *room = byte_buffer_extend(content, CHUNK_SIZE);
        if (room == NULL)
            return ENOMEM;
        ssize_t size = read(fd, room, CHUNK_SIZE);
        int reason = size < 0 ? errno : 0;
        byte_buffer_truncate(content, before + (size > 0 ? (size_t)size : 0));
        if (reason != 0 && reason != EINTR)
            return reason;
        if (size == 0)
            return 0;
        if (content->size > most)
            return EFBIG;
    }
}

bool whole_file_read(const char *path, size_t most, struct byte_buffer *content,
                     char error[BENCH_ERROR_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(path, errno, error);
    int reason = read_to_end(fd, most, content);
    close(fd);
    if (reason == EFBIG) {
        snprintf(error, BENCH_ERROR_SIZE, "%.1000s is too large: at most %zu bytes are read", path,
                 most);
        return false;
    }
    return reason == 0 || fail(path, reason, error);
}

/* SPDX-License-Identifier: MIT */
#include "bench/base/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool fail(const char *path, int reason, char *error)
{
    snprintf(error, BENCH_ERROR_SIZE, "cannot write %.1000s: %s", path, strerror(reason));
    return false;
}

bool report_file_open(struct report_file *file, const char *path, char error[BENCH_ERROR_SIZE])
{
    *file = (struct report_file){.path = path, .fd = -1};
    if (path == NULL)
        return true;
    file->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    return file->fd >= 0 || fail(path, errno, error);
}

/* Only now are older results given up: a run that failed has left them alone. */
static int empty_file(int fd)
{
    return ftruncate(fd, 0) == 0 || errno == EINVAL ? 0 : errno; /* EINVAL: a pipe or a device */
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : EIO;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

bool report_file_write(struct report_file *file, const struct byte_buffer *content,
                       char error[BENCH_ERROR_SIZE])
{
    if (file->path == NULL)
        return true;
    int reason = content->failed ? ENOMEM : empty_file(file->fd);
    if (reason == 0)
        reason = write_all(file->fd, content->bytes, content->size);
    /* Some file systems report a full disk only here. */
    if (close(file->fd) != 0 && reason == 0 && errno != EINTR)
        reason = errno;
    file->fd = -1;
    return reason == 0 || fail(file->path, reason, error);
}

void report_file_abandon(struct report_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

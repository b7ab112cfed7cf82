/* SPDX-License-Identifier: MIT */
#include "bench/base/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

static bool is_replaceable(const char *path)
{
    struct stat status;
    return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

/* Opens the file beside `path`; -1 after filling `error`. */
static int open_beside(const char *path, char beside[PATH_MAX], char *error)
{
    int size = snprintf(beside, PATH_MAX, "%s.partial", path);
    int fd = -1;
    errno = ENAMETOOLONG;
    if (size < PATH_MAX)
        fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        fail(path, errno, error);
    return fd;
}

bool report_file_replace(const char *path, const struct byte_buffer *content,
                         char error[BENCH_ERROR_SIZE])
{
    struct report_file file = {.path = path, .fd = -1};
    if (!is_replaceable(path))
        return report_file_open(&file, path, error) && report_file_write(&file, content, error);
    char beside[PATH_MAX];
    file.fd = open_beside(path, beside, error);
    if (file.fd < 0)
        return false;
    /* On the disk before it takes the other's place, or a crash could leave neither. */
    int reason = content->failed ? ENOMEM : write_all(file.fd, content->bytes, content->size);
    if (reason == 0 && fsync(file.fd) != 0)
        reason = errno;
    if (close(file.fd) != 0 && reason == 0 && errno != EINTR)
        reason = errno;
    if (reason == 0 && rename(beside, path) != 0)
        reason = errno;
    if (reason == 0)
        return true;
    (void)unlink(beside); /* what it holds is not whole */
    return fail(path, reason, error);
}

bool report_file_check(const char *path, char error[BENCH_ERROR_SIZE])
{
    struct report_file file;
    if (!is_replaceable(path)) {
        bool good = report_file_open(&file, path, error);
        report_file_abandon(&file);
        return good;
    }
    char beside[PATH_MAX];
    int fd = open_beside(path, beside, error);
    if (fd < 0)
        return false;
    close(fd);
    (void)unlink(beside);
    return true;
}

bool report_paths_differ(const char *const *paths, size_t count, char error[BENCH_ERROR_SIZE])
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (paths[i] != NULL && paths[j] != NULL && strcmp(paths[i], paths[j]) == 0) {
                snprintf(error, BENCH_ERROR_SIZE,
                         "%.1000s is given for two outputs: each needs a file of its own",
                         paths[i]);
                return false;
            }
    return true;
}

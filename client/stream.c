/* SPDX-License-Identifier: MIT */
#include "client/stream.h"

#include "client/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024 };

static bool is_closed(int fd)
{
    return fcntl(fd, F_GETFD) < 0;
}

bool client_stream_secure(void)
{
    /* open returns the lowest free descriptor, hence this order. */
    if (is_closed(STDIN_FILENO) && open("/dev/null", O_RDONLY) != STDIN_FILENO)
        return false;
    if (is_closed(STDOUT_FILENO)) {
        client_report("cannot write output: stdout is closed");
        return false;
    }
    return !is_closed(STDERR_FILENO) || open("/dev/null", O_WRONLY) == STDERR_FILENO;
}

/* Somebody who shares the descriptor may have made it non-blocking: errno tells; waits if so. */
static bool may_try_again(int fd, short events)
{
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN)
        return false;
    struct pollfd watched = {.fd = fd, .events = events};
    return poll(&watched, 1, -1) > 0 || errno == EINTR;
}

bool client_stream_write(const struct byte_buffer *bytes)
{
    if (bytes->failed) {
        client_report("out of memory");
        return false;
    }
    size_t written = 0;
    while (written < bytes->size) {
        ssize_t count = write(STDOUT_FILENO, bytes->bytes + written, bytes->size - written);
        if (count >= 0) {
            written += (size_t)count;
        } else if (!may_try_again(STDOUT_FILENO, POLLOUT)) {
            client_report("cannot write output: %s", strerror(errno));
            return false;
        }
    }
    return true;
}

bool client_stream_read_all(struct byte_buffer *bytes)
{
    for (;;) {
        size_t before = bytes->size;
        char *space = byte_buffer_extend(bytes, READ_SIZE);
        if (space == NULL) {
            client_report("out of memory");
            return false;
        }
        ssize_t count = read(STDIN_FILENO, space, READ_SIZE);
        int error = errno;
        byte_buffer_truncate(bytes, before + (count > 0 ? (size_t)count : 0));
        if (count == 0)
            return true;
        errno = error;
        if (count < 0 && !may_try_again(STDIN_FILENO, POLLIN)) {
            client_report("cannot read standard input: %s", strerror(errno));
            return false;
        }
    }
}

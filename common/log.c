/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include "common/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 100 };

static enum log_level lowest_level = LOG_LEVEL_INFO;

/* Lines that could not be written since the last that could. Relaxed: a count for people. */
static _Atomic unsigned dropped;

/* A writable pipe takes PIPE_BUF bytes at once, and that is more than a line. */
_Static_assert(LOG_LINE_LIMIT <= PIPE_BUF, "a log line must fit a pipe's smallest room");

/* A reader that is only slow gets a moment; one that let a line be lost gets no more. */
static bool is_writable(void)
{
    struct pollfd watched = {.fd = STDERR_FILENO, .events = POLLOUT};
    bool lost = atomic_load_explicit(&dropped, memory_order_relaxed) > 0;
    int ready;
    do {
        ready = poll(&watched, 1, lost ? 0 : PATIENCE_MS);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

void log_set_level(enum log_level level)
{
    lowest_level = level;
}

static size_t write_prefix(char *line, size_t size, enum log_level level, const char *event)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    uint64_t now_ns = wall_ns();
    time_t seconds = (time_t)(now_ns / NS_PER_S);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    int length = snprintf(line, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %s ",
                          utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                          utc.tm_sec, (int)(now_ns % NS_PER_S / NS_PER_MS), names[level], event);
    return (size_t)length;
}

/* Appends how many lines are missing before this one; returns the bytes it took. */
static size_t write_dropped(char *text, size_t size)
{
    unsigned missing = atomic_exchange_explicit(&dropped, 0, memory_order_relaxed);
    if (missing == 0)
        return 0;
    int length = snprintf(text, size, " dropped_lines=%u", missing);
    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    if (level < lowest_level)
        return;
    int saved_errno = errno;
    if (!is_writable()) {
        atomic_fetch_add_explicit(&dropped, 1, memory_order_relaxed);
        errno = saved_errno;
        return;
    }
    char line[LOG_LINE_LIMIT];
    size_t used = write_prefix(line, sizeof(line) - 1, level, event);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + used, sizeof(line) - 1 - used, format, arguments);
    va_end(arguments);
    size_t room = sizeof(line) - 2 - used;
    used += length < 0 ? 0 : (size_t)length < room ? (size_t)length : room;
    used += write_dropped(line + used, sizeof(line) - 1 - used);
    for (size_t i = 0; i < used; i++) {
        unsigned char byte = (unsigned char)line[i];
        if (byte < ' ' || byte == 0x7f)
            line[i] = '?';
    }
    while (used > 0 && line[used - 1] == ' ')
        used--;
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written; /* there is nowhere left to report a failing log */
    errno = saved_errno;
}

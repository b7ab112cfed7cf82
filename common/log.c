/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include "common/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static enum log_level lowest_level = LOG_LEVEL_INFO;

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

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    if (level < lowest_level)
        return;
    int saved_errno = errno;
    char line[LOG_LINE_LIMIT];
    size_t used = write_prefix(line, sizeof(line) - 1, level, event);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + used, sizeof(line) - 1 - used, format, arguments);
    va_end(arguments);
    size_t room = sizeof(line) - 2 - used;
    used += length < 0 ? 0 : (size_t)length < room ? (size_t)length : room;
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

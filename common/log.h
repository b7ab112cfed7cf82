/* SPDX-License-Identifier: MIT */
/*
 * Log lines on stderr: time, level, event, key=value. Any thread; each line is one write, so
 * lines never mix. Lines are cut at LOG_LINE_LIMIT bytes; a failing stderr is ignored.
 *
 * Logging never blocks for longer than a moment: while stderr is a pipe that nobody reads, lines
 * are dropped, and the next one that is written says how many.
 */
#ifndef CREW_COMMON_LOG_H
#define CREW_COMMON_LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
#define LOG_LEVEL_CHOICES "debug|info|warn|error"

enum { LOG_LINE_LIMIT = 1024 };

/* Set once, before the first thread starts. */
void log_set_level(enum log_level level);

/*
 * `event` is a fixed word; `format` gives key=value pairs. Text that may hold
 * spaces stands in double quotes; control bytes are replaced by '?'.
 */
void log_write(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif

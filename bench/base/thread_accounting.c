/* SPDX-License-Identifier: MIT */
#include "bench/base/thread_accounting.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_SIZE = 512,
    READ_BYTES = 4096, /* at once; a status has one to two thousand */
};

const struct thread_accounting thread_accounting_unknown = {NAN, NAN, NAN, NAN, NAN};

/* A decimal number at *at, which moves behind it; false, without moving, when there is none or it
 * does not fit. */
static bool take_count(const char **at, uint64_t *count)
{
    const char *digit = *at;
    uint64_t value = 0;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*digit - '0'), &value))
            return false;
    }
    if (digit == *at)
        return false;
    *at = digit;
    *count = value;
    return true;
}

bool thread_accounting_parse_schedstat(const char *text, struct thread_accounting *used)
{
    static const char after[] = {' ', ' ', '\n'}; /* a text without the last was cut off */
    uint64_t counts[sizeof(after)];
    thread_accounting_forget_times(used);
    for (size_t i = 0; i < sizeof(after); i++) {
        if (!take_count(&text, &counts[i]) || *text++ != after[i])
            return false;
    }
    if (*text != '\0')
        return false;
    used->cpu_ns = (double)counts[0];
    used->run_delay_ns = (double)counts[1];
    used->timeslices = (double)counts[2];
    return true;
}

/* The number of a worker's thread from its name, which a line feed ends; else -1. */
static int worker_number(const char *name)
{
    static const char prefix[] = "worker-";
    uint64_t number = 0;
    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
        return -1;
    name += sizeof(prefix) - 1;
    bool whole = take_count(&name, &number) && *name == '\n';
    return whole && number < THREAD_ACCOUNTING_WORKERS ? (int)number : -1;
}

/* What stands behind `key` and a tab at the beginning of a line; NULL without such a line. */
static const char *find_value(const char *text, const char *key)
{
    size_t size = strlen(key);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        if (strncmp(line, key, size) == 0 && line[size] == '\t')
            return line + size + 1;
    }
    return NULL;
}

static bool find_count(const char *text, const char *key, double *count)
{
    uint64_t value = 0;
    const char *at = find_value(text, key);
    bool found = at != NULL && take_count(&at, &value) && *at == '\n';
    *count = found ? (double)value : NAN;
    return found;
}

/* The kernel escapes line feeds in names, so a name cannot pretend to be another line. */
bool thread_accounting_parse_status(const char *text, struct thread_accounting *used, int *worker)
{
    const char *name = find_value(text, "Name:");
    *worker = name != NULL ? worker_number(name) : -1;
    bool voluntary = find_count(text, "voluntary_ctxt_switches:", &used->voluntary_switches);
    bool involuntary = find_count(text, "nonvoluntary_ctxt_switches:", &used->involuntary_switches);
    return name != NULL && voluntary && involuntary;
}

/* The whole file, ended by a NUL, in `text`; NULL, with an errno value in *error. */
static const char *read_text(const char *folder, pid_t tid, const char *file,
                             struct byte_buffer *text, int *error)
{
    char path[PATH_SIZE];
    int length = snprintf(path, sizeof(path), "%s/%d/%s", folder, (int)tid, file);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        *error = ENAMETOOLONG;
        return NULL;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        *error = errno;
        return NULL;
    }
    *error = 0;
    byte_buffer_truncate(text, 0);
    ssize_t got = 1;
    while (*error == 0 && got != 0) {
        size_t size = text->size;
        char *room = byte_buffer_extend(text, READ_BYTES);
        got = room != NULL ? read(fd, room, READ_BYTES) : -1;
        if (got < 0 && (room == NULL || errno != EINTR))
            *error = room == NULL ? ENOMEM : errno;
        byte_buffer_truncate(text, size + (got > 0 ? (size_t)got : 0));
    }
    close(fd);
    byte_buffer_append(text, "", 1); /* there is room, since the last read filled none */
    return *error == 0 ? text->bytes : NULL;
}

/* The status is read last: whose status is there has no schedstat because the kernel has none. What
 * is not in a text stays NAN. */
int thread_accounting_read(const char *folder, pid_t tid, struct byte_buffer *text,
                           struct thread_accounting *used, int *worker)
{
    *used = thread_accounting_unknown;
    int error = 0;
    const char *schedstat = read_text(folder, tid, "schedstat", text, &error);
    if (schedstat != NULL)
        (void)thread_accounting_parse_schedstat(schedstat, used);
    else if (error != ENOENT && error != ESRCH)
        return error;
    const char *status = read_text(folder, tid, "status", text, &error);
    if (status != NULL)
        (void)thread_accounting_parse_status(status, used, worker);
    else
        *used = thread_accounting_unknown;
    return error;
}

bool thread_accounting_read_own(pid_t tid, struct thread_accounting *used)
{
    struct byte_buffer text = {0};
    int worker = -1;
    int error = thread_accounting_read("/proc/self/task", tid, &text, used, &worker);
    byte_buffer_free(&text);
    if (thread_accounting_has_no_times(used))
        thread_accounting_forget_times(used);
    errno = error;
    return error == 0;
}

bool thread_accounting_has_no_times(const struct thread_accounting *used)
{
    return used->cpu_ns == 0 && used->run_delay_ns == 0 && used->timeslices == 0;
}

void thread_accounting_forget_times(struct thread_accounting *used)
{
    used->cpu_ns = used->run_delay_ns = used->timeslices = NAN;
}

void thread_accounting_add(struct thread_accounting *sum, const struct thread_accounting *more)
{
    sum->cpu_ns += more->cpu_ns;
    sum->run_delay_ns += more->run_delay_ns;
    sum->timeslices += more->timeslices;
    sum->voluntary_switches += more->voluntary_switches;
    sum->involuntary_switches += more->involuntary_switches;
}

void thread_accounting_subtract(struct thread_accounting *from,
                                const struct thread_accounting *less)
{
    from->cpu_ns -= less->cpu_ns;
    from->run_delay_ns -= less->run_delay_ns;
    from->timeslices -= less->timeslices;
    from->voluntary_switches -= less->voluntary_switches;
    from->involuntary_switches -= less->involuntary_switches;
}

/* SPDX-License-Identifier: MIT */
#include "bench/trial/server_process.h"

#include "common/clock.h"
#include "common/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ARGUMENT_LIMIT = 64,
    LOG_POLL_MS = 2,       /* a memfd cannot be polled; this is how often its size is looked at */
    LOG_TAIL_BYTES = 1200, /* of the log in an error */
    KILL_TIMEOUT_MS = 10000,
    EXIT_NOT_STARTED = 127,
};

static bool fail(char *error, const char *what, const char *program)
{
    snprintf(error, BENCH_ERROR_SIZE, "%s %.1000s: %s", what, program, strerror(errno));
    return false;
}

/*
 * In the child, between fork and exec: only async-signal-safe calls. A failure is reported as an
 * errno value through `report_fd`, which closes by itself when exec succeeds.
 */
static void become_server(const char *program, char **arguments, int log_fd, int report_fd,
                          pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool ready = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && null_fd >= 0 &&
                 dup2(null_fd, STDIN_FILENO) >= 0 && dup2(log_fd, STDOUT_FILENO) >= 0 &&
                 dup2(log_fd, STDERR_FILENO) >= 0;
    if (getppid() != parent) /* it died before it could be watched */
        _exit(EXIT_NOT_STARTED);
    if (ready)
        execv(program, arguments);
    int reason = errno;
    ssize_t written = write(report_fd, &reason, sizeof(reason));
    (void)written; /* the exit status still says that it failed */
    _exit(EXIT_NOT_STARTED);
}

/* Waits for the child's exec; 0, or the errno value that it failed with. */
static int exec_result(int report_fd)
{
    int reason = 0;
    ssize_t size = 0;
    do {
        size = read(report_fd, &reason, sizeof(reason));
    } while (size < 0 && errno == EINTR);
    return size == (ssize_t)sizeof(reason) ? reason : 0;
}

static bool spawn(struct server_process *process, const char *program, char **arguments)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0)
        return false;
    pid_t parent = getpid();
    process->pid = fork();
    if (process->pid == 0)
        become_server(program, arguments, process->log_fd, report[1], parent);
    int reason = process->pid < 0 ? errno : 0;
    close(report[1]);
    if (process->pid > 0)
        reason = exec_result(report[0]);
    close(report[0]);
    if (process->pid > 0 && reason == 0) {
        process->pid_fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
        if (process->pid_fd >= 0)
            return true;
        reason = errno;
        kill(process->pid, SIGKILL);
    }
    while (process->pid > 0 && waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    errno = reason;
    return false;
}

bool server_process_start(struct server_process *process, const char *program,
                          const char *const *arguments, char error[BENCH_ERROR_SIZE])
{
    *process = (struct server_process){.log_fd = -1, .pid_fd = -1};
    char *words[ARGUMENT_LIMIT + 2] = {(char *)program};
    size_t count = 0;
    for (; arguments[count] != NULL; count++) {
        if (count == ARGUMENT_LIMIT) {
            errno = E2BIG;
            return fail(error, "cannot start", program);
        }
        words[count + 1] = (char *)arguments[count]; /* execv does not write to them */
    }
    process->log_fd = memfd_create("server-log", MFD_CLOEXEC);
    if (process->log_fd < 0)
        return fail(error, "cannot keep the log of", program);
    if (spawn(process, program, words))
        return true;
    fail(error, "cannot start", program);
    close(process->log_fd);
    *process = (struct server_process){.log_fd = -1, .pid_fd = -1};
    return false;
}

void server_process_log(const struct server_process *process, struct byte_buffer *log)
{
    char part[4096];
    off_t offset = 0;
    ssize_t size;
    /* pread, since the child's own writes move the offset that it shares with this descriptor. */
    while ((size = pread(process->log_fd, part, sizeof(part), offset)) > 0) {
        byte_buffer_append(log, part, (size_t)size);
        offset += size;
    }
}

static int add_status(const struct server_process *process, char *text, size_t size)
{
    if (process->ended && WIFEXITED(process->status))
        return snprintf(text, size, " (exit status %d)", WEXITSTATUS(process->status));
    if (process->ended && WIFSIGNALED(process->status))
        return snprintf(text, size, " (signal %d)", WTERMSIG(process->status));
    return 0;
}

static void add_log_end(const struct byte_buffer *log, char *text, size_t size)
{
    size_t end = log->size;
    while (end > 0 && log->bytes[end - 1] == '\n')
        end--;
    size_t begin = end > LOG_TAIL_BYTES ? end - LOG_TAIL_BYTES : 0;
    if (begin == end)
        snprintf(text, size, "; its log is empty");
    else
        snprintf(text, size, "; the end of its log:\n%.*s", (int)(end - begin), log->bytes + begin);
}

void server_process_explain(const struct server_process *process, const char *what,
                            char error[BENCH_ERROR_SIZE])
{
    struct byte_buffer log = {0};
    server_process_log(process, &log);
    int used = snprintf(error, BENCH_ERROR_SIZE, "the server %.200s", what);
    used += add_status(process, error + used, BENCH_ERROR_SIZE - (size_t)used);
    add_log_end(&log, error + used, BENCH_ERROR_SIZE - (size_t)used);
    byte_buffer_free(&log);
}

bool server_process_wait_exit(struct server_process *process, int timeout_ms, int *status)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    while (!process->ended) {
        struct pollfd watched = {.fd = process->pid_fd, .events = POLLIN};
        int ready = poll(&watched, 1, milliseconds_left(deadline_ns));
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return false;
        if (ready > 0 && waitpid(process->pid, &process->status, 0) == process->pid)
            process->ended = true;
    }
    *status = process->status;
    return true;
}

/* Finds a listening line's URL in the log, whose last line may still be unfinished. */
static bool find_url(const struct byte_buffer *log, size_t index, char *url)
{
    static const char mark[] = " info listening url=";
    const char *at = log->bytes;
    const char *end = at + log->size;
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        if (feed == NULL)
            return false;
        const char *found = memmem(at, (size_t)(feed - at), mark, sizeof(mark) - 1);
        if (found != NULL && index-- == 0) {
            const char *text = found + sizeof(mark) - 1;
            size_t size = 0;
            while (text + size < feed && text[size] != ' ' && size < ENDPOINT_TEXT_SIZE - 1)
                size++;
            memcpy(url, text, size);
            url[size] = '\0';
            return true;
        }
        at = feed + 1;
    }
    return false;
}

/* What to look for in the log: the index-th URL, or some text. */
struct wanted {
    const char *text; /* when `url` is NULL */
    char *url;
    size_t index;
};

static bool is_there(const struct byte_buffer *log, const struct wanted *wanted)
{
    if (wanted->url != NULL)
        return find_url(log, wanted->index, wanted->url);
    return memmem(log->bytes, log->size, wanted->text, strlen(wanted->text)) != NULL;
}

/* Reads the log again and again; `log` holds it afterwards and is to be freed by the caller. */
static bool await(struct server_process *process, const struct wanted *wanted, int timeout_ms,
                  struct byte_buffer *log)
{
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    for (;;) {
        /* In this order, so that what a child wrote just before its end is not missed. */
        int status = 0;
        bool over = server_process_wait_exit(process, LOG_POLL_MS, &status) ||
                    monotonic_ns() >= deadline_ns;
        byte_buffer_truncate(log, 0);
        server_process_log(process, log);
        if (log->size > 0 && is_there(log, wanted))
            return true;
        if (over)
            return false;
    }
}

bool server_process_url(struct server_process *process, size_t index, int timeout_ms,
                        char url[ENDPOINT_TEXT_SIZE], char error[BENCH_ERROR_SIZE])
{
    struct byte_buffer log = {0};
    url[0] = '\0';
    struct wanted wanted = {.index = index, .url = url};
    bool found = await(process, &wanted, timeout_ms, &log);
    if (!found)
        server_process_explain(
            process, process->ended ? "ended before it listened" : "does not listen in time",
            error);
    byte_buffer_free(&log);
    return found;
}

bool server_process_wait_log(struct server_process *process, const char *text, int timeout_ms)
{
    struct byte_buffer log = {0};
    struct wanted wanted = {.text = text};
    bool found = await(process, &wanted, timeout_ms, &log);
    byte_buffer_free(&log);
    return found;
}

void server_process_signal(struct server_process *process, int number)
{
    if (process->pid > 0 && !process->ended)
        kill(process->pid, number); /* not reaped yet, so the pid cannot be anybody else's */
}

bool server_process_stop(struct server_process *process, int timeout_ms)
{
    if (process->pid <= 0)
        return false;
    int status = 0;
    server_process_signal(process, SIGTERM);
    bool ended = server_process_wait_exit(process, timeout_ms, &status);
    if (!ended) {
        server_process_signal(process, SIGKILL);
        server_process_wait_exit(process, KILL_TIMEOUT_MS, &status);
    }
    close(process->pid_fd);
    close(process->log_fd);
    *process = (struct server_process){.log_fd = -1, .pid_fd = -1};
    return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool server_process_cpu_ns(const struct server_process *process, uint64_t *cpu_ns)
{
    clockid_t clock;
    struct timespec spent;
    if (process->ended || clock_getcpuclockid(process->pid, &clock) != 0 ||
        clock_gettime(clock, &spent) != 0)
        return false;
    *cpu_ns = (uint64_t)spent.tv_sec * NS_PER_S + (uint64_t)spent.tv_nsec;
    return true;
}

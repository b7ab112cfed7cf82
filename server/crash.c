/* SPDX-License-Identifier: MIT */
/*
 * Handler note. Everything in the handler is async-signal-safe: it formats numbers by itself, asks
 * the kernel for the thread's name, and calls backtrace, which takes memory only when it is first
 * called, which crash_install does. Should it hang nevertheless, an alarm ends the process; a
 * second thread that crashes meanwhile waits for the first one's end.
 */
#include "server/crash.h"

#include "common/clock.h"
#include "common/sanitized.h"
#include "server/command_table.h"

#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    STACK_SIZE = 64 * 1024, /* backtrace takes a few KiB, a frame with wide registers as many */
    LINE_SIZE = 512,
    FRAME_LIMIT = 64,
    PATIENCE_S = 5,
};

/* Of each thread; pages that no handler touches cost nothing. */
static _Thread_local char handler_stack[STACK_SIZE];
static _Thread_local const struct command_entry *const *running_command;

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGSEGV, "SEGV"}, {SIGBUS, "BUS"}, {SIGFPE, "FPE"}, {SIGILL, "ILL"}, {SIGABRT, "ABRT"},
};

struct line {
    char text[LINE_SIZE];
    size_t size;
};

static void add_text(struct line *line, const char *text)
{
    while (*text != '\0' && line->size < sizeof(line->text))
        line->text[line->size++] = *text++;
}

/* At least `digits` digits, with leading zeros. */
static void add_number(struct line *line, uint64_t number, unsigned base, unsigned digits)
{
    char text[24];
    size_t at = sizeof(text);
    text[--at] = '\0';
    for (; number > 0 || digits > 0; number /= base) {
        text[--at] = "0123456789abcdef"[number % base];
        digits -= digits > 0;
    }
    add_text(line, text + at);
}

/* Like the other log lines'. The date is found by Howard Hinnant's civil_from_days
 * ("chrono-compatible low-level date algorithms"), as gmtime takes a lock. */
static void add_time(struct line *line)
{
    uint64_t now_ns = wall_ns();
    uint64_t second = now_ns / NS_PER_S % 86400;
    uint64_t day = now_ns / NS_PER_S / 86400 + 719468; /* since 0000-03-01 */
    uint64_t era = day / 146097;                       /* of 400 years */
    uint64_t day_of_era = day % 146097;
    uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100); /* from 1 March */
    uint64_t month = (5 * day_of_year + 2) / 153;
    add_number(line, era * 400 + year_of_era + (month >= 10), 10, 4);
    add_text(line, "-");
    add_number(line, month < 10 ? month + 3 : month - 9, 10, 2);
    add_text(line, "-");
    add_number(line, day_of_year - (153 * month + 2) / 5 + 1, 10, 2);
    add_text(line, "T");
    add_number(line, second / 3600, 10, 2);
    add_text(line, ":");
    add_number(line, second / 60 % 60, 10, 2);
    add_text(line, ":");
    add_number(line, second % 60, 10, 2);
    add_text(line, ".");
    add_number(line, now_ns % NS_PER_S / NS_PER_MS, 10, 3);
    add_text(line, "Z");
}

static const char *name_of(int number)
{
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (signals[i].number == number)
            return signals[i].name;
    }
    return "?";
}

static void write_line(int number, const siginfo_t *info)
{
    struct line line = {.size = 0};
    char thread[16] = "?";
    const struct command_entry *command = running_command != NULL ? *running_command : NULL;
    (void)prctl(PR_GET_NAME, thread);
    add_time(&line);
    add_text(&line, " error crashed signal=");
    add_text(&line, name_of(number));
    if (info->si_code > 0) { /* not sent by a process, so there is an address */
        add_text(&line, " address=0x");
        add_number(&line, (uint64_t)(uintptr_t)info->si_addr, 16, 1);
    }
    add_text(&line, " thread=");
    add_text(&line, thread);
    add_text(&line, " command=");
    add_text(&line, command != NULL ? command->full_name : "none");
    add_text(&line, "\n");
    ssize_t written = write(STDERR_FILENO, line.text, line.size);
    (void)written; /* there is nowhere left to report a failing log */
}

static void report_and_end(int number, siginfo_t *info, void *context)
{
    static atomic_flag reporting = ATOMIC_FLAG_INIT;
    void *frames[FRAME_LIMIT];
    (void)context;
    /* Relaxed: it only picks who reports; that thread's crash ends the process. */
    while (atomic_flag_test_and_set_explicit(&reporting, memory_order_relaxed))
        (void)pause();
    (void)alarm(PATIENCE_S);
    write_line(number, info);
    backtrace_symbols_fd(frames, backtrace(frames, FRAME_LIMIT), STDERR_FILENO);
    /* It is blocked until the handler returns, and then finds the thread where it crashed. */
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void crash_install(void)
{
    struct sigaction action = {.sa_sigaction = report_and_end, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    void *frame;
    if (SANITIZED)
        return;
    (void)backtrace(&frame, 1); /* loads what later calls need */
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        (void)sigaction(signals[i].number, &action, NULL); /* fails only for a bad argument */
}

void crash_guard_thread(const struct command_entry *const *command)
{
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof(handler_stack)};
    running_command = command;
    if (!SANITIZED)
        (void)sigaltstack(&stack, NULL); /* without it only an overflow would go unreported */
}

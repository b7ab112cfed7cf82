/* SPDX-License-Identifier: MIT */
/*
 * What is said when the program crashes. A crash ends the process: threads share their memory, and
 * nobody knows what the one that failed has written. So the handler only writes one log line and a
 * backtrace to standard error, and lets the signal do what it would have done without it: exit
 * status and core dump are honest. Files of unix:// listeners stay; the next start replaces them.
 *
 * Under a sanitizer nothing is installed: its own report tells more.
 */
#ifndef CREW_SERVER_CRASH_H
#define CREW_SERVER_CRASH_H

struct command_entry;

/* Main, before other threads: catches SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT. */
void crash_install(void);

/*
 * Each thread at its start: gives the handler a stack of its own, since the thread's may be what
 * overflowed. `command` is where the thread notes the command it runs, read when it crashes; NULL
 * for threads that run none.
 */
void crash_guard_thread(const struct command_entry *const *command);

#endif

/* SPDX-License-Identifier: MIT */
#include "client/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

int client_interrupt_open(void)
{
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    int fd = signalfd(-1, &interrupt, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd >= 0)
        sigprocmask(SIG_BLOCK, &interrupt, NULL);
    return fd;
}

bool client_interrupt_take(int interrupt_fd)
{
    bool taken = false;
    struct signalfd_siginfo info;
    while (interrupt_fd >= 0 && read(interrupt_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        taken = true;
    return taken;
}

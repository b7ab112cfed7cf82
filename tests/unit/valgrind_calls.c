/* SPDX-License-Identifier: MIT */
/* What valgrind 3.19 does not know of, made of calls that it knows. */
#ifdef CREW_HELGRIND

#include <poll.h>
#include <sys/epoll.h>

/* The generators of crew-bench wait in this call, which needs the timeout's nanoseconds. Linked
 * into the program it goes before the C library's; see epoll_pwait2(2). */
int epoll_pwait2(int epoll_fd, struct epoll_event *events, int count,
                 const struct timespec *timeout, const sigset_t *signals)
{
    struct pollfd watched = {.fd = epoll_fd, .events = POLLIN};
    int ready = ppoll(&watched, 1, timeout, signals);
    return ready > 0 ? epoll_wait(epoll_fd, events, count, 0) : ready;
}

#endif

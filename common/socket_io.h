/* SPDX-License-Identifier: MIT */
/* recv(2) and send(2) on a connected non-blocking socket: never EINTR, and never SIGPIPE. Any
 * thread. */
#ifndef CREW_COMMON_SOCKET_IO_H
#define CREW_COMMON_SOCKET_IO_H

#include <stddef.h>
#include <sys/types.h>

ssize_t socket_receive(int fd, void *bytes, size_t size);
ssize_t socket_send(int fd, const void *bytes, size_t size);

#endif

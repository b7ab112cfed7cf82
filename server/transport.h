/* SPDX-License-Identifier: MIT */
/*
 * Bytes to and from a client, whatever its connection is carried by. Nothing here waits.
 *
 * Owner of the connection. Both transfers return like recv(2) and send(2): a count, 0 for the end
 * of what is received, or -1 with errno, which is EAGAIN when the socket must first become readable
 * or writable, and never EINTR.
 */
#ifndef CREW_SERVER_TRANSPORT_H
#define CREW_SERVER_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct connection;

ssize_t transport_receive(struct connection *connection, void *bytes, size_t size);
ssize_t transport_send(struct connection *connection, const void *bytes, size_t size);

/* Tells the peer that nothing more is sent; what it sends can still be received. False when the
 * connection is broken. */
bool transport_end_sending(struct connection *connection);

#endif

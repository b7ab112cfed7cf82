/* SPDX-License-Identifier: MIT */
/*
 * Bytes to and from a client, whatever its connection is carried by. Nothing here waits.
 *
 * Owner of the connection. Both transfers return like recv(2) and send(2): a count, 0 for the end
 * of what is received, or -1 with errno, which is EAGAIN when the socket must first become readable
 * or writable, EPROTO when TLS was broken off, and never EINTR.
 */
#ifndef CREW_SERVER_TRANSPORT_H
#define CREW_SERVER_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct connection;

ssize_t transport_receive(struct connection *connection, void *bytes, size_t size);
ssize_t transport_send(struct connection *connection, const void *bytes, size_t size);

/* After a receive that brought `got` bytes: for how many it counts towards a turn. Records of TLS
 * that bring little, or nothing, cost as much as others. */
size_t transport_burden(const struct connection *connection, size_t got);

/* After a receive that brought `got` bytes of `room`: whether nothing is left that could be
 * received now, so that news will come with an event. */
bool transport_is_drained(const struct connection *connection, size_t got, size_t room);

/* Whether nothing waits in the socket itself; asks the kernel. */
bool transport_is_empty(const struct connection *connection);

/* After EAGAIN: whether it is the socket's becoming writable that must be awaited, though it may
 * have been a receive: a peer may ask for new keys, and is answered first. */
bool transport_awaits_writing(const struct connection *connection);

/* Whether bytes that were sent wait between socket and server, such as a record that is not whole.
 */
bool transport_has_pending(const struct connection *connection);

/* About how many bytes encryption takes for this connection now. */
size_t transport_memory(const struct connection *connection);

/* Tells the peer that nothing more is sent. What it sends can still be received, to be discarded:
 * it is not decrypted any more. False with errno: EAGAIN when it must be tried again once the
 * socket is writable, or the connection is broken. */
bool transport_end_sending(struct connection *connection);

/* Gives up encryption, if there is any, but not the socket. */
void transport_drop_encryption(struct connection *connection);

/* Closes the socket. */
void transport_close(struct connection *connection);

#endif

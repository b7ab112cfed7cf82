/* SPDX-License-Identifier: MIT */
/*
 * Bytes to and from a server, as a client without a library sends them. Every function has a
 * deadline of PATIENCE_MS and fails the test when it passes or the bytes are not as expected.
 */
#ifndef CREW_TESTS_SYSTEM_WIRE_H
#define CREW_TESTS_SYSTEM_WIRE_H

#include "common/byte_buffer.h"

#include <stddef.h>

/* A connected socket, non-blocking; the caller closes it. */
int wire_connect(const char *url);

void wire_send(int fd, const void *bytes, size_t size);
void wire_send_text(int fd, const char *text);

/* Reads exactly `size` bytes. */
void wire_read(int fd, char *bytes, size_t size);

/* Reads as many bytes as `text` has and compares them. */
void wire_expect(int fd, const char *text);

/* The same for any bytes; a failure names the first that differs. */
void wire_expect_bytes(int fd, const void *bytes, size_t size);

/* One request and its whole reply. */
void wire_exchange(int fd, const char *request, const char *reply);

/* The peer closes and sends nothing before that; a reset fails the test. */
void wire_expect_end(int fd);

/* Appends all that the peer sends before it closes; a reset fails the test. */
void wire_read_to_end(int fd, struct byte_buffer *bytes);

/* Reads one bulk or verbatim reply; *text is allocated, ended by a NUL, and the caller's to free.
 */
size_t wire_read_bulk(int fd, char **text);

/* Reads one whole reply of any type, framing included, in place of what the buffer held; a NUL
 * follows its bytes. */
void wire_read_reply(int fd, struct byte_buffer *reply);

/* The value of a numeric INFO field, asked for over this connection. */
double wire_info(int fd, const char *field);

/* Asks until the field is at least `least`. */
void wire_wait_info(int fd, const char *field, double least);

/* How many microseconds until the first byte of a reply can be read. */
double wire_wait_us(int fd);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CREW_COMMON_DIAL_H
#define CREW_COMMON_DIAL_H

#include "common/endpoint.h"

#include <stdint.h>

/*
 * Connects to an endpoint, trying each of its addresses in turn. Blocks for at most `timeout_ms`
 * per address, resolving aside. Any thread.
 *
 * Returns a non-blocking, close-on-exec socket (without Nagle's delay) that the caller owns, or
 * -1 after filling `error` with the endpoint's address and why it failed.
 */
int dial(const struct endpoint *endpoint, int timeout_ms, char error[ENDPOINT_ERROR_SIZE]);

/* Waits until `fd` has one of poll's `events`, at most timeout_ms; false when the time is up. */
bool wait_for_socket(int fd, short events, int timeout_ms);

/* How long to poll(2) until a deadline of monotonic_ns(), 0 once it has passed; rounded up, so that
 * the last millisecond is not spent spinning. */
int milliseconds_left(uint64_t deadline_ns);

#endif

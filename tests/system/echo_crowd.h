/* SPDX-License-Identifier: MIT */
/*
 * Many connections that each send numbered ECHOs, cut into random pieces and some of them
 * pipelined, and check every byte that comes back. One thread, one epoll instance; the pieces
 * come from a seeded generator, so a failure can be repeated.
 */
#ifndef CREW_TESTS_SYSTEM_ECHO_CROWD_H
#define CREW_TESTS_SYSTEM_ECHO_CROWD_H

#include <stddef.h>
#include <stdint.h>

struct echo_crowd {
    struct echo_member *members; /* owned */
    size_t count;
    uint32_t requests; /* of each member */
    uint64_t random;
    int epoll_fd;

    uint64_t sent_whole; /* requests of which every byte was sent, over all members */
    uint64_t answered;   /* replies that came whole and right, over all members */
};

/* Connects `count` members to `url`. */
void echo_crowd_open(struct echo_crowd *crowd, const char *url, size_t count, uint32_t requests,
                     uint64_t seed);

/*
 * Sends and checks until `answered` reaches `goal`, at most PATIENCE_MS without any progress. Fails
 * the test for a wrong byte or a connection that ends.
 */
void echo_crowd_run(struct echo_crowd *crowd, uint64_t goal);

/* Sends nothing more; reads until the server has closed every connection. What arrives must be
 * right byte for byte, and whole. */
void echo_crowd_finish(struct echo_crowd *crowd);

/* The requests of which the server certainly has every byte but no reply was read. */
uint64_t echo_crowd_outstanding(const struct echo_crowd *crowd);

void echo_crowd_close(struct echo_crowd *crowd);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A scripted client session that touches everything a server allocates memory for. Each reply must
 * be the right one; when faults are allowed it may also be an error, or the connection may be
 * closed, but never a reply that belongs to another request, and never none at all.
 */
#ifndef CREW_TESTS_FAULTS_SESSION_H
#define CREW_TESTS_FAULTS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

struct session_result {
    unsigned right;  /* replies as they should be */
    unsigned errors; /* instead of a reply */
    unsigned closed; /* connections that the server gave up */
};

/* A server's listeners. Unix sockets hold little, so a client that reads late soon lets it wait. */
struct session_urls {
    const char *tcp;
    const char *raw;
    const char *local;
};

/*
 * Runs the script. Fails the test for a wrong reply, one that
 * does not come within PATIENCE_MS, and, unless `faults_allowed`, for an error or a close.
 */
void session_run(const struct session_urls *urls, bool faults_allowed,
                 struct session_result *result);

#endif

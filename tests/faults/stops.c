/* SPDX-License-Identifier: MIT */
/* Many stops, each amid a load: what was received whole before it is answered, every time. */
#include "tests/faults/faults.h"
#include "tests/system/echo_crowd.h"
#include "tests/system/fixture.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>

void hundred_sigterms_under_load(char observed[OBSERVED_SIZE])
{
    enum { STOPS = 100, MEMBERS = 40, REQUESTS = 10000, STEP = 17 };
    uint64_t outstanding = 0;
    uint64_t lost = 0;
    for (unsigned i = 0; i < STOPS; i++) {
        struct fixture server;
        struct echo_crowd crowd;
        char options[32];
        snprintf(options, sizeof(options), "--workers %u", 1 + i % 4);
        fixture_start(&server, options);
        echo_crowd_open(&crowd, server.url, MEMBERS, REQUESTS, i + 1);
        echo_crowd_run(&crowd, 1 + i * STEP); /* each stop comes at another moment */
        /* Over loopback, what send() took is in the server's socket: it has been received. */
        outstanding += echo_crowd_outstanding(&crowd);
        server_process_signal(&server.process, SIGTERM);
        echo_crowd_finish(&crowd);
        lost += echo_crowd_outstanding(&crowd);
        echo_crowd_close(&crowd);
        fixture_expect_exit(&server, 0);
    }
    ck_assert_uint_gt(outstanding, STOPS);
    ck_assert_msg(lost == 0, "%lu of %lu requests were lost", (unsigned long)lost,
                  (unsigned long)outstanding);
    snprintf(observed, OBSERVED_SIZE, "%d stops, %lu requests under way, %lu lost", STOPS,
             (unsigned long)outstanding, (unsigned long)lost);
}

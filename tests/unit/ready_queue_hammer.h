/* SPDX-License-Identifier: MIT */
/*
 * A whole pool around a ready queue, without sockets: producers who push as the acceptor does,
 * producers whose entries come as events do, to whoever polls, workers, and an acceptor who
 * stands in as poller. Events and interrupts are a locked list and a flag instead of epoll.
 *
 * Every entry must be taken, once, in its producer's order if it was pushed, without the help of
 * a close; and at most one worker may poll at a time.
 */
#ifndef CREW_TESTS_UNIT_READY_QUEUE_HAMMER_H
#define CREW_TESTS_UNIT_READY_QUEUE_HAMMER_H

#include <check.h>

/* Part of the suite ready_queue. */
TCase *ready_queue_hammer_tests(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Clients that have never been let in must not keep users out by taking all the places that
 * --max-connections allows. So the last eighth of them is a reserve: for a newcomer that needs one
 * of these, two strangers have to leave (connection_is_undecided), out of those that have been
 * there for a second, in which who means well has logged in. So the reserve is soon free again.
 *
 * Who has to leave is found as in the clock algorithm (Corbato, A Paging Experiment with the
 * Multics System, 1968): a hand goes round over all slots. Its deadline is brought forward, and is
 * judged after a visit like any other: who has sent the password by then is a user and stays.
 *
 * Acceptor.
 */
#ifndef CREW_SERVER_RESERVE_H
#define CREW_SERVER_RESERVE_H

struct pool;

/* Before a newcomer is given a place. */
void reserve_restore(struct pool *pool);

#endif

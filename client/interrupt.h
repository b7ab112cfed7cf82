/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C as a descriptor. Once opened, SIGINT no longer ends the process but makes the descriptor
 * readable, so that whoever waits in poll can watch it beside what it waits for, without a race.
 */
#ifndef CREW_CLIENT_INTERRUPT_H
#define CREW_CLIENT_INTERRUPT_H

#include <stdbool.h>

/* The descriptor, which the caller owns; -1 when there is none, and SIGINT then works as ever. */
int client_interrupt_open(void);

/* Takes all interrupts that are waiting; true when there was one. Does not block; -1 has none. */
bool client_interrupt_take(int interrupt_fd);

#endif

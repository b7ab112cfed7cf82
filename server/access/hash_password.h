/* SPDX-License-Identifier: MIT */
#ifndef CREW_SERVER_HASH_PASSWORD_H
#define CREW_SERVER_HASH_PASSWORD_H

/*
 * --hash-password: reads one line from standard input, from a terminal twice and without echo, and
 * prints its hash as a line for the password file. Returns the exit status. Main, alone.
 */
int hash_password(void);

#endif

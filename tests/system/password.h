/* SPDX-License-Identifier: MIT */
/* A server that asks for a password, and clients that know it. Needs a scratch folder. */
#ifndef CREW_TESTS_SYSTEM_PASSWORD_H
#define CREW_TESTS_SYSTEM_PASSWORD_H

#include "tests/system/fixture.h"

#define PASSWORD         "correct horse"
#define PASSWORD_REQUEST "AUTH \"" PASSWORD "\"\r\n"

/* Writes the lines to the file "passwords", which only its owner may read. */
void password_file_write(const char *lines);

/* Starts a server whose passwords are those of the file, with further options. */
void password_server_start(struct fixture *server, const char *options);

/* A connection that is logged in with PASSWORD. */
int password_connect(const char *url);

/* The hash of a password that crew-server --hash-password prints, with its line end; to be freed.
 * NULL when the server was built without libcrypt. */
char *password_make_hash(const char *password);

/* All of a file that /proc has about the server, ended by a NUL; to be freed. */
char *password_process_file(const struct fixture *server, const char *name);

#endif

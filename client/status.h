/* SPDX-License-Identifier: MIT */
/* How a piece of work ended; the values are the program's exit statuses. */
#ifndef CREW_CLIENT_STATUS_H
#define CREW_CLIENT_STATUS_H

enum client_status {
    CLIENT_OK = 0,
    CLIENT_ERROR_REPLY = 1, /* the server answered with an error, or a line could not be sent */
    CLIENT_FAILURE = 2,     /* no connection, no reply, no output or no memory; was reported */
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Where a server listens or a client connects, written as a URL:
 *
 *   tcp://host:port     RESP over TCP; IPv6 addresses in brackets: tcp://[::1]:12345
 *   tls://host:port     the same, encrypted
 *   unix:///path        RESP over a Unix socket; ?mode=0660 sets a listener's permissions
 *   raw://host:port     no protocol: one read, one reply, close
 *
 * Pure but for endpoint_resolve, which asks the system's resolver and may block. Any thread.
 */
#ifndef CREW_COMMON_ENDPOINT_H
#define CREW_COMMON_ENDPOINT_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

enum endpoint_scheme { ENDPOINT_TCP, ENDPOINT_TLS, ENDPOINT_UNIX, ENDPOINT_RAW };

enum { ENDPOINT_TEXT_SIZE = 320, ENDPOINT_ERROR_SIZE = 480 };

#define ENDPOINT_DEFAULT "tcp://127.0.0.1:12345"

struct endpoint {
    enum endpoint_scheme scheme;
    char host[256];                                         /* of all but unix; no brackets */
    char port[6];                                           /* decimal, "0" to "65535" */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* of unix */
    unsigned mode;                                          /* of a unix listener; 0 for none */
};

/* On failure fills `error` with what is wrong with which URL and what is allowed. */
bool endpoint_parse(const char *url, struct endpoint *endpoint, char error[ENDPOINT_ERROR_SIZE]);

/*
 * The addresses of an endpoint other than unix, to be freed with freeaddrinfo; NULL after filling
 * `error`. `passive` asks for addresses to listen on.
 */
struct addrinfo *endpoint_resolve(const struct endpoint *endpoint, bool passive,
                                  char error[ENDPOINT_ERROR_SIZE]);

/* The address of a unix endpoint. */
struct sockaddr_un endpoint_unix_address(const struct endpoint *endpoint);

/* "127.0.0.1:4711", "[::1]:4711", or the path of a Unix socket ("unix" when it has none). */
void endpoint_format_address(const struct sockaddr *address, char text[ENDPOINT_TEXT_SIZE]);

/* "tcp" and so on. */
const char *endpoint_scheme_name(enum endpoint_scheme scheme);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CREW_SERVER_PEER_ADDRESS_H
#define CREW_SERVER_PEER_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

/* Where a client is: of a Unix socket, the family alone. */
union peer_address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

#endif

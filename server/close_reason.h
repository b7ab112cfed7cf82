/* SPDX-License-Identifier: MIT */
/* Why connections were closed: one list for the code, INFO and the log. */
#ifndef CREW_SERVER_CLOSE_REASON_H
#define CREW_SERVER_CLOSE_REASON_H

#define CLOSE_REASONS(X)                                                                           \
    X(CLOSE_CLIENT, "client")                     /* the peer closed first */                      \
    X(CLOSE_QUIT, "quit")                         /* asked to by QUIT */                           \
    X(CLOSE_RAW_DONE, "raw_done")                 /* a raw exchange ended */                       \
    X(CLOSE_RESET, "reset")                       /* reading or writing failed */                  \
    X(CLOSE_IDLE, "idle")                         /* the peer sent nothing for long */             \
    X(CLOSE_REQUEST_TIMEOUT, "request_timeout")   /* a request did not arrive whole */             \
    X(CLOSE_LOGIN_TIMEOUT, "login_timeout")       /* a login did not come in time */               \
    X(CLOSE_MADE_ROOM, "made_room")               /* a stranger, whose place was needed */         \
    X(CLOSE_OUTPUT_TIMEOUT, "output_timeout")     /* the peer did not take all its replies */      \
    X(CLOSE_OUTPUT_LIMIT, "output_limit")         /* too much output waited for the peer */        \
    X(CLOSE_MEMORY_LIMIT, "memory_limit")         /* all clients held too much, it the most */     \
    X(CLOSE_PROTOCOL_ERROR, "protocol_error")     /* the bytes could not be followed */            \
    X(CLOSE_AUTH_FAILURES, "auth_failures")       /* too many wrong passwords */                   \
    X(CLOSE_FOREIGN_PROTOCOL, "foreign_protocol") /* an HTTP request, perhaps a browser's */       \
    X(CLOSE_TLS_HANDSHAKE, "tls_handshake")       /* encryption did not come about */              \
    X(CLOSE_NO_MEMORY, "no_memory")               /* memory ran out for it */                      \
    X(CLOSE_STOP, "stop")                         /* the server stops */

enum close_reason {
#define X(id, name) id,
    CLOSE_REASONS(X)
#undef X
        CLOSE_REASON_COUNT
};

extern const char *const close_reason_names[CLOSE_REASON_COUNT];

#endif

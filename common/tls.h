/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.2 and 1.3 over a connected socket. What is behind it is chosen when crew is built: OpenSSL
 * (tls_context_openssl.c: certificates and settings, tls_stream_openssl.c: handshake and bytes,
 * which together with tls_openssl.h are the only files that know it), or nothing (tls_none.c).
 *
 * A context is what many connections share; it does not change once made, any thread may use it,
 * and it lives until the last stream that was made of it is freed. A stream belongs to one thread
 * at a time. Nothing here waits, and nothing raises SIGPIPE.
 *
 * No compression, no renegotiation, no early data. A client may resume a session by a ticket that
 * only the server's memory can open.
 */
#ifndef CREW_COMMON_TLS_H
#define CREW_COMMON_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { TLS_MESSAGE_SIZE = 480 };

struct tls_context;
struct tls_stream;

/* What a peer has to show. */
enum tls_verification {
    TLS_VERIFY_NONE,
    TLS_VERIFY_OPTIONAL, /* a certificate, if it shows one, must be good; a server's choice */
    TLS_VERIFY_REQUIRED, /* a good certificate */
};
#define TLS_VERIFICATION_CHOICES "none|optional|required"

/* Files in PEM format; NULL for none. */
struct tls_files {
    const char *certificate; /* with the chain that leads to its authority */
    const char *key;         /* of the certificate; nobody but owner and group may have access */
    const char *ca;          /* whom to trust; NULL: those whom the system trusts */
};

/* Whether crew was built with TLS. */
bool tls_is_available(void);

/*
 * Reads the files; may block. NULL after filling `message` with the file and what is wrong with
 * it. Otherwise `message` is empty, or tells what is odd, such as a certificate that has expired;
 * tls_context_release is due.
 */
struct tls_context *tls_context_for_server(const struct tls_files *files,
                                           enum tls_verification clients,
                                           char message[TLS_MESSAGE_SIZE]);
struct tls_context *tls_context_for_client(const struct tls_files *files,
                                           enum tls_verification server,
                                           char message[TLS_MESSAGE_SIZE]);

/* Lets `context`, which nobody else has yet, open the tickets that `before` gave out. Both belong
 * to servers. False when there is no memory. */
bool tls_context_accept_tickets(struct tls_context *context, const struct tls_context *before);

/* One more holder of the context, who releases it in turn. */
struct tls_context *tls_context_share(struct tls_context *context);
void tls_context_release(struct tls_context *context); /* NULL is allowed */

/*
 * A stream over `fd`, a connected non-blocking socket that stays the caller's. `host` is the name
 * or address that a server has to prove; NULL makes it the server's end. NULL without memory.
 */
struct tls_stream *tls_stream_create(struct tls_context *context, int fd, const char *host);

/* Announces this end, unless that is done, the stream is broken, or the socket does not take it at
 * once, and frees the stream. NULL is allowed. */
void tls_stream_free(struct tls_stream *stream);

/*
 * These return -1 with errno: EAGAIN when the socket must first become ready (tls_stream_events),
 * EPROTO when the peer or this end broke off (tls_stream_reason), or an error of the socket. After
 * another error than EAGAIN the stream is only good for being freed.
 */
int tls_stream_handshake(struct tls_stream *stream); /* 0 when it is done */
/* 0 at the end, also when the peer did not announce it: what is whole, the caller must tell. */
ssize_t tls_stream_receive(struct tls_stream *stream, void *bytes, size_t size);
/* After EAGAIN the same bytes come first in the next call, perhaps from elsewhere in memory. */
ssize_t tls_stream_send(struct tls_stream *stream, const void *bytes, size_t size);
int tls_stream_end(struct tls_stream *stream); /* 0 when the peer was told that no more is sent */

/* What the last call that ended with EAGAIN waits for: POLLIN or POLLOUT. */
short tls_stream_events(const struct tls_stream *stream);

/* Why the last call failed with EPROTO, in words; valid as long as the program. */
const char *tls_stream_reason(const struct tls_stream *stream);

/* What may be behind that, as far as the user of a client can mend it. */
enum tls_trouble {
    TLS_TROUBLE_OTHER,
    TLS_TROUBLE_UNTRUSTED, /* nobody who is trusted vouches for the peer's certificate */
    TLS_TROUBLE_HOST,      /* which is for others than the host that was expected */
    TLS_TROUBLE_NO_TLS,    /* the peer speaks something else */
};
enum tls_trouble tls_stream_trouble(const struct tls_stream *stream);

/* After a receive that brought data: the weight of the records that it took, in bytes, and 2 KiB
 * for each since every record costs something. A peer that makes more than 128 KiB come without
 * data, or for a handshake, is broken off. */
size_t tls_stream_burden(const struct tls_stream *stream);

/* Whether the last receive looked into the socket and left bytes neither there nor in the stream. A
 * receive that was content with what the stream held does not know, and says no. */
bool tls_stream_is_drained(const struct tls_stream *stream);

/* Whether bytes that came wait in the stream: data that was not received yet, or a part of a
 * record.
 */
bool tls_stream_has_pending(const struct tls_stream *stream);

/* About how many bytes of memory the stream takes now; a figure that was measured. */
size_t tls_stream_memory(const struct tls_stream *stream);

/* After the handshake: whether an earlier session was resumed. */
bool tls_stream_is_resumed(const struct tls_stream *stream);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A client of TLS 1.3 that agrees on keys as it should, and then makes records of any kind, which
 * no library would send. Only to be used when tls_is_available(): tls_peer_openssl.c does it, and
 * tls_peer_none.c stands in for it. Every function aborts when something is not as it should.
 */
#ifndef CREW_TESTS_FUZZ_TLS_PEER_H
#define CREW_TESTS_FUZZ_TLS_PEER_H

#include "common/byte_buffer.h"
#include "crew.h"

#include <stdbool.h>
#include <stddef.h>

/* RFC 8446, 5.1 */
enum tls_content_type {
    TLS_CONTENT_ALERT = 21,
    TLS_CONTENT_HANDSHAKE = 22,
    TLS_CONTENT_DATA = 23,
};

struct tls_peer;

/* Appends a certificate that was made for this once, and its key, both in PEM format. */
void tls_peer_certify(struct byte_buffer *certificate, struct byte_buffer *key);

struct tls_peer *tls_peer_create(void);
void tls_peer_free(struct tls_peer *peer);

/* Takes in what the server sent, and appends to `bytes` what it is to be sent. True once the peer
 * has done its part. */
bool tls_peer_handshake(struct tls_peer *peer, crew_slice received, struct byte_buffer *bytes);

/* Appends a record whose content is of this type, followed by so many zeros; with the key in use.
 */
void tls_peer_seal(struct tls_peer *peer, unsigned char type, crew_slice content, size_t padding,
                   struct byte_buffer *bytes);

/* From now on the next key is in use, as the server was told by a KeyUpdate (RFC 8446, 7.2). */
void tls_peer_update_key(struct tls_peer *peer);

/* Takes in what the server sent after the handshake and appends the data that was in it. True when
 * the server said that no more would come. */
bool tls_peer_open(struct tls_peer *peer, crew_slice received, struct byte_buffer *data);

#endif

/* SPDX-License-Identifier: MIT */
/* Stands in for tls_peer_openssl.c where crew is built without OpenSSL: nobody calls it. */
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/tls_peer.h"

static const bool tls_is_there = false;

void tls_peer_certify(struct byte_buffer *certificate, struct byte_buffer *key)
{
    (void)certificate;
    (void)key;
    FUZZ_REQUIRE(tls_is_there);
}

struct tls_peer *tls_peer_create(void)
{
    FUZZ_REQUIRE(tls_is_there);
    return NULL;
}

void tls_peer_free(struct tls_peer *peer)
{
    (void)peer;
}

bool tls_peer_handshake(struct tls_peer *peer, crew_slice received, struct byte_buffer *bytes)
{
    (void)peer;
    (void)received;
    (void)bytes;
    return false;
}

void tls_peer_seal(struct tls_peer *peer, unsigned char type, crew_slice content, size_t padding,
                   struct byte_buffer *bytes)
{
    (void)peer;
    (void)type;
    (void)content;
    (void)padding;
    (void)bytes;
}

void tls_peer_update_key(struct tls_peer *peer)
{
    (void)peer;
}

bool tls_peer_open(struct tls_peer *peer, crew_slice received, struct byte_buffer *data)
{
    (void)peer;
    (void)received;
    (void)data;
    return false;
}

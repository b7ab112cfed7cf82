/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL agrees on the keys, and reads what the server sends. What the peer sends is sealed here,
 * with the secret that OpenSSL gives out for the logging of keys.
 */
#include "tests/fuzz/tls_peer.h"

#include "tests/fuzz/fuzz_target.h"

#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of TLS_AES_128_GCM_SHA256, the one suite that is offered. */
enum { SECRET_SIZE = 32, KEY_SIZE = 16, IV_SIZE = 12, TAG_SIZE = 16, HEADER_SIZE = 5 };

struct tls_peer {
    SSL *ssl;  /* owns both BIOs */
    BIO *in;   /* what the server sent */
    BIO *made; /* what OpenSSL would send */
    unsigned char secret[SECRET_SIZE];
    unsigned char key[KEY_SIZE];
    unsigned char iv[IV_SIZE];
    uint64_t records; /* sealed with this key */
};

/* ---- a certificate ---- */

static void append_bio(BIO *bio, struct byte_buffer *bytes)
{
    char *made = NULL;
    long size = BIO_get_mem_data(bio, &made);
    byte_buffer_append(bytes, made, (size_t)size);
    FUZZ_REQUIRE(!bytes->failed && BIO_reset(bio) == 1);
}

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();
    FUZZ_REQUIRE(certificate != NULL && name != NULL);
    FUZZ_REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"fuzz",
                                            -1, -1, 0) == 1);
    FUZZ_REQUIRE(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1);
    FUZZ_REQUIRE(X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600) != NULL);
    FUZZ_REQUIRE(X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 3600) != NULL);
    FUZZ_REQUIRE(X509_set_subject_name(certificate, name) == 1);
    FUZZ_REQUIRE(X509_set_issuer_name(certificate, name) == 1);
    FUZZ_REQUIRE(X509_set_pubkey(certificate, key) == 1);
    FUZZ_REQUIRE(X509_sign(certificate, key, NULL) > 0);
    X509_NAME_free(name);
    return certificate;
}

void tls_peer_certify(struct byte_buffer *certificate, struct byte_buffer *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FUZZ_REQUIRE(bio != NULL && pair != NULL);
    X509 *made = make_certificate(pair);
    FUZZ_REQUIRE(PEM_write_bio_X509(bio, made) == 1);
    append_bio(bio, certificate);
    FUZZ_REQUIRE(PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL) == 1);
    append_bio(bio, key);
    X509_free(made);
    EVP_PKEY_free(pair);
    BIO_free(bio);
}

/* ---- keys ---- */

/* RFC 8446, 7.1: what HKDF-Expand-Label makes of the secret, without a context; one block of it. */
static void expand(const unsigned char *secret, const char *label, unsigned char *out, size_t size)
{
    unsigned char block[SECRET_SIZE];
    unsigned char info[64] = {0, (unsigned char)size};
    int length = snprintf((char *)info + 3, sizeof(info) - 3, "tls13 %s", label);
    info[2] = (unsigned char)length;
    info[3 + length + 1] = 1; /* behind the length of the context, which is 0 */
    FUZZ_REQUIRE(HMAC(EVP_sha256(), secret, SECRET_SIZE, info, (size_t)length + 5, block, NULL) !=
                 NULL);
    memcpy(out, block, size);
}

static void use_secret(struct tls_peer *peer)
{
    expand(peer->secret, "key", peer->key, KEY_SIZE);
    expand(peer->secret, "iv", peer->iv, IV_SIZE);
    peer->records = 0;
}

void tls_peer_update_key(struct tls_peer *peer)
{
    unsigned char next[SECRET_SIZE];
    expand(peer->secret, "traffic upd", next, sizeof(next));
    memcpy(peer->secret, next, sizeof(next));
    use_secret(peer);
}

/* Told by OpenSSL: a secret's name, the client's random, the secret. */
static void note_secret(const SSL *ssl, const char *line)
{
    static const char name[] = "CLIENT_TRAFFIC_SECRET_0 ";
    struct tls_peer *peer = SSL_get_app_data(ssl);
    if (strncmp(line, name, sizeof(name) - 1) != 0)
        return;
    const char *digits = strrchr(line, ' ') + 1;
    size_t size = 0;
    FUZZ_REQUIRE(OPENSSL_hexstr2buf_ex(peer->secret, SECRET_SIZE, &size, digits, '\0') == 1);
    FUZZ_REQUIRE(size == SECRET_SIZE);
    use_secret(peer);
}

/* ---- life ---- */

/* For all peers. */
static SSL_CTX *shared_context(void)
{
    static SSL_CTX *context;
    if (context != NULL)
        return context;
    context = SSL_CTX_new(TLS_client_method());
    FUZZ_REQUIRE(context != NULL);
    FUZZ_REQUIRE(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
    FUZZ_REQUIRE(SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") == 1);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_keylog_callback(context, note_secret);
    return context;
}

struct tls_peer *tls_peer_create(void)
{
    struct tls_peer *peer = calloc(1, sizeof(*peer));
    FUZZ_REQUIRE(peer != NULL);
    peer->ssl = SSL_new(shared_context());
    peer->in = BIO_new(BIO_s_mem());
    peer->made = BIO_new(BIO_s_mem());
    FUZZ_REQUIRE(peer->ssl != NULL && peer->in != NULL && peer->made != NULL);
    BIO_set_mem_eof_return(peer->in, -1);
    SSL_set_bio(peer->ssl, peer->in, peer->made);
    FUZZ_REQUIRE(SSL_set_app_data(peer->ssl, peer) == 1);
    SSL_set_connect_state(peer->ssl);
    return peer;
}

void tls_peer_free(struct tls_peer *peer)
{
    SSL_free(peer->ssl);
    free(peer);
}

/* ---- records ---- */

static void take_in(struct tls_peer *peer, crew_slice received)
{
    if (received.size > 0)
        FUZZ_REQUIRE(BIO_write(peer->in, received.data, (int)received.size) == (int)received.size);
}

bool tls_peer_handshake(struct tls_peer *peer, crew_slice received, struct byte_buffer *bytes)
{
    take_in(peer, received);
    int result = SSL_do_handshake(peer->ssl);
    FUZZ_REQUIRE(result == 1 || SSL_get_error(peer->ssl, result) == SSL_ERROR_WANT_READ);
    append_bio(peer->made, bytes);
    return result == 1;
}

/* RFC 8446, 5.3: the number of the record, over the last bytes of the IV. */
static void make_nonce(const struct tls_peer *peer, unsigned char nonce[IV_SIZE])
{
    memcpy(nonce, peer->iv, IV_SIZE);
    for (unsigned i = 0; i < 8; i++)
        nonce[IV_SIZE - 1 - i] ^= (unsigned char)(peer->records >> (8 * i));
}

void tls_peer_seal(struct tls_peer *peer, unsigned char type, crew_slice content, size_t padding,
                   struct byte_buffer *bytes)
{
    size_t size = content.size + 1 + padding;
    size_t sealed = size + TAG_SIZE;
    unsigned char nonce[IV_SIZE];
    int length = 0;
    unsigned char header[HEADER_SIZE] = {TLS_CONTENT_DATA, 3, 3, (unsigned char)(sealed >> 8),
                                         (unsigned char)sealed};
    unsigned char *plain = calloc(size, 1);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    byte_buffer_append(bytes, (const char *)header, HEADER_SIZE);
    unsigned char *out = (unsigned char *)byte_buffer_extend(bytes, sealed);
    FUZZ_REQUIRE(plain != NULL && cipher != NULL && out != NULL);
    if (content.size > 0)
        memcpy(plain, content.data, content.size);
    plain[content.size] = type;
    make_nonce(peer, nonce);
    FUZZ_REQUIRE(EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, peer->key, nonce) == 1);
    FUZZ_REQUIRE(EVP_EncryptUpdate(cipher, NULL, &length, header, HEADER_SIZE) == 1);
    FUZZ_REQUIRE(EVP_EncryptUpdate(cipher, out, &length, plain, (int)size) == 1);
    FUZZ_REQUIRE(EVP_EncryptFinal_ex(cipher, out + size, &length) == 1);
    FUZZ_REQUIRE(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, out + size) == 1);
    EVP_CIPHER_CTX_free(cipher);
    free(plain);
    peer->records++;
}

bool tls_peer_open(struct tls_peer *peer, crew_slice received, struct byte_buffer *data)
{
    char part[4096];
    size_t size = 0;
    take_in(peer, received);
    while (SSL_read_ex(peer->ssl, part, sizeof(part), &size) == 1)
        byte_buffer_append(data, part, size);
    return (SSL_get_shutdown(peer->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

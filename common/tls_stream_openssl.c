/* SPDX-License-Identifier: MIT */
/*
 * One connection's handshake and bytes; see common/tls.h.
 *
 * Socket note. OpenSSL's own socket BIO raises SIGPIPE and does not tell whether a read emptied the
 * socket. Ours does neither harm: a read that brings less than it asked for has emptied it, just as
 * without TLS, so that a request costs no more system calls than there.
 *
 * Burden note. Within one call OpenSSL goes on reading for as long as records come that carry no
 * data: KeyUpdates (RFC 8446, 4.6.3), empty records, warning alerts, refused renegotiations, pieces
 * of a handshake. So each record is weighed as its header comes by, by its length and RECORD_WEIGHT
 * for what every record costs (a KeyUpdate of 27 bytes, two new keys), and beyond SILENCE_WEIGHT
 * without data the socket seems to fail. What was read ahead of that is followed no further either.
 *
 * OpenSSL reports errors in a queue of the thread's. An entry that somebody left there would be
 * taken for this stream's, so it is emptied before every call.
 */
#include "common/happens_before.h"
#include "common/socket_io.h"
#include "common/tls_openssl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    RECORD_WEIGHT = 2 * 1024,
    /* What a stream takes, by the growth of the resident memory of a server with 2,000 of them
     * (OpenSSL 3.0, 64 bits): during the handshake, after it, and amid a record. A handshake takes
     * 56 KiB as a rule, but the first bytes of a message make OpenSSL allocate what they announce.
     */
    HANDSHAKE_MEMORY = 160 * 1024,
    STREAM_MEMORY = 15 * 1024,
    RECORD_MEMORY = 16 * 1024,
    SILENCE_WEIGHT = 128 * 1024, /* also of a whole handshake: at most 64 records */
};

struct tls_stream {
    SSL *ssl; /* owned, and with it its BIO */
    struct tls_context *context;
    int fd; /* the caller's */
    int socket_error;
    short events;
    bool broken;         /* a call failed for good */
    bool socket_drained; /* this receive read from it, and got less than it asked for */
    bool socket_ended;
    const char *reason;
    enum tls_trouble trouble;
    size_t silence; /* weight of the records since the last data, or since the handshake began */
    size_t burden;  /* weight of those that the last receive took to bring data */
    /* Bytes read from the socket less those of the records that were begun: not 0 amid a record. */
    ssize_t surplus;
};

static bool is_overburdened(const struct tls_stream *stream)
{
    return stream->silence > SILENCE_WEIGHT;
}

/* Told by OpenSSL of all that passes; weighs records that come in, by their headers. */
static void weigh(int is_sent, int version, int type, const void *bytes, size_t size, SSL *ssl,
                  void *argument)
{
    (void)version;
    struct tls_stream *stream = argument;
    if (is_sent != 0 || type != SSL3_RT_HEADER || size < SSL3_RT_HEADER_LENGTH)
        return;
    const unsigned char *header = bytes;
    size_t length = (size_t)header[3] << 8 | header[4];
    stream->surplus -= (ssize_t)(SSL3_RT_HEADER_LENGTH + length);
    stream->silence += RECORD_WEIGHT + length;
    if (is_overburdened(stream)) /* what was read ahead is as good as behind the peer's end */
        SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

/* ---- the socket ---- */

static int socket_read(BIO *bio, char *bytes, int size)
{
    struct tls_stream *stream = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (is_overburdened(stream))
        return -1;
    ssize_t got = socket_receive(stream->fd, bytes, (size_t)size);
    stream->socket_error = got < 0 ? errno : 0;
    stream->socket_drained = got < size;
    stream->socket_ended = got == 0;
    stream->surplus += got > 0 ? got : 0;
    if (got < 0 && errno == EAGAIN)
        BIO_set_retry_read(bio);
    return (int)got;
}

static int socket_write(BIO *bio, const char *bytes, int size)
{
    struct tls_stream *stream = BIO_get_data(bio);
    ssize_t sent = socket_send(stream->fd, bytes, (size_t)size);
    stream->socket_error = sent < 0 ? errno : 0;
    BIO_clear_retry_flags(bio);
    if (sent < 0 && errno == EAGAIN)
        BIO_set_retry_write(bio);
    return (int)sent;
}

static long socket_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    const struct tls_stream *stream = BIO_get_data(bio);
    if (command == BIO_CTRL_EOF)
        return stream->socket_ended;
    return command == BIO_CTRL_FLUSH; /* nothing is held back */
}

static BIO_METHOD *socket_method; /* lives as long as the program; NULL without memory */

static void make_socket_method(void)
{
    socket_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "crew socket");
    if (socket_method == NULL)
        return;
    (void)BIO_meth_set_read(socket_method, socket_read); /* these cannot fail */
    (void)BIO_meth_set_write(socket_method, socket_write);
    (void)BIO_meth_set_ctrl(socket_method, socket_control);
    HAPPENS_BEFORE(&socket_method);
}

/* Lets the stream's SSL read and write its socket. */
static bool attach_socket(struct tls_stream *stream)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_socket_method);
    HAPPENS_AFTER(&socket_method);
    BIO *bio = socket_method != NULL ? BIO_new(socket_method) : NULL;
    if (bio == NULL)
        return false;
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(stream->ssl, bio, bio);
    return true;
}

/* ---- life ---- */

/* What the server has to prove: a name is also told to it, an address is not (RFC 6066, 3). */
static bool expect_host(SSL *ssl, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct tls_stream *tls_stream_create(struct tls_context *context, int fd, const char *host)
{
    struct tls_stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        return NULL;
    stream->fd = fd;
    stream->reason = "";
    stream->context = tls_context_share(context);
    stream->ssl = SSL_new(context->openssl);
    if (stream->ssl == NULL || !attach_socket(stream) ||
        (host != NULL && !expect_host(stream->ssl, host))) {
        ERR_clear_error();
        tls_stream_free(stream);
        return NULL;
    }
    SSL_set_msg_callback(stream->ssl, weigh);
    SSL_set_msg_callback_arg(stream->ssl, stream);
    if (host != NULL)
        SSL_set_connect_state(stream->ssl);
    else
        SSL_set_accept_state(stream->ssl);
    return stream;
}

void tls_stream_free(struct tls_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->ssl != NULL && SSL_is_init_finished(stream->ssl) == 1 && !stream->broken &&
        (SSL_get_shutdown(stream->ssl) & SSL_SENT_SHUTDOWN) == 0) {
        ERR_clear_error();
        (void)SSL_shutdown(stream->ssl);
        ERR_clear_error();
    }
    SSL_free(stream->ssl);
    tls_context_release(stream->context);
    free(stream);
}

/* ---- bytes ---- */

static int fail(int error)
{
    errno = error;
    return -1;
}

static enum tls_trouble judge_certificate(long verdict)
{
    switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return TLS_TROUBLE_UNTRUSTED;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return TLS_TROUBLE_HOST;
    default:
        return TLS_TROUBLE_OTHER;
    }
}

/* A certificate that does not hold has a reason of its own, which says more than OpenSSL's. */
static void explain(struct tls_stream *stream)
{
    bool no_tls = ERR_GET_REASON(ERR_peek_error()) == SSL_R_WRONG_VERSION_NUMBER;
    stream->trouble = no_tls ? TLS_TROUBLE_NO_TLS : TLS_TROUBLE_OTHER;
    stream->reason = tls_openssl_reason();
    long verdict = SSL_get_verify_result(stream->ssl);
    if (SSL_get_verify_mode(stream->ssl) == SSL_VERIFY_NONE || verdict == X509_V_OK)
        return;
    stream->trouble = judge_certificate(verdict);
    stream->reason = X509_verify_cert_error_string(verdict);
}

/* After a call that returned `result`, which is no success: 0 at an orderly end, else -1. */
static int settle(struct tls_stream *stream, int result)
{
    if (is_overburdened(stream)) {
        ERR_clear_error();
        stream->broken = true;
        stream->reason = "too much came without data";
        return fail(EPROTO);
    }
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        stream->events = POLLIN;
        return fail(EAGAIN);
    case SSL_ERROR_WANT_WRITE:
        stream->events = POLLOUT;
        return fail(EAGAIN);
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        stream->broken = true;
        return fail(stream->socket_error != 0 ? stream->socket_error : ECONNRESET);
    default:
        stream->broken = true;
        explain(stream);
        return fail(EPROTO);
    }
}

int tls_stream_handshake(struct tls_stream *stream)
{
    ERR_clear_error();
    int result = SSL_do_handshake(stream->ssl);
    if (result == 1) {
        stream->silence = 0;
        return 0;
    }
    /* An end amid the handshake is no orderly one. */
    return settle(stream, result) == 0 || (stream->socket_ended && errno != EAGAIN)
               ? fail(ECONNRESET)
               : -1;
}

ssize_t tls_stream_receive(struct tls_stream *stream, void *bytes, size_t size)
{
    size_t got = 0;
    stream->socket_drained = false; /* what an earlier read found may be over */
    ERR_clear_error();
    int result = SSL_read_ex(stream->ssl, bytes, size, &got);
    if (result != 1)
        return settle(stream, result);
    stream->burden = stream->silence;
    stream->silence = 0;
    return (ssize_t)got;
}

ssize_t tls_stream_send(struct tls_stream *stream, const void *bytes, size_t size)
{
    size_t sent = 0;
    ERR_clear_error();
    int result = SSL_write_ex(stream->ssl, bytes, size, &sent);
    if (result == 1)
        return (ssize_t)sent;
    return settle(stream, result) == 0 ? fail(EPIPE) : -1;
}

int tls_stream_end(struct tls_stream *stream)
{
    ERR_clear_error();
    int result = SSL_shutdown(stream->ssl);
    if (result >= 0)
        return 0;
    return settle(stream, result);
}

short tls_stream_events(const struct tls_stream *stream)
{
    return stream->events;
}

const char *tls_stream_reason(const struct tls_stream *stream)
{
    return stream->reason;
}

enum tls_trouble tls_stream_trouble(const struct tls_stream *stream)
{
    return stream->trouble;
}

size_t tls_stream_burden(const struct tls_stream *stream)
{
    return stream->burden;
}

bool tls_stream_is_drained(const struct tls_stream *stream)
{
    return stream->socket_drained && SSL_has_pending(stream->ssl) == 0;
}

bool tls_stream_has_pending(const struct tls_stream *stream)
{
    return stream->surplus != 0 || SSL_has_pending(stream->ssl) == 1;
}

size_t tls_stream_memory(const struct tls_stream *stream)
{
    if (SSL_is_init_finished(stream->ssl) == 0)
        return HANDSHAKE_MEMORY;
    return STREAM_MEMORY + (tls_stream_has_pending(stream) ? (size_t)RECORD_MEMORY : 0);
}

bool tls_stream_is_resumed(const struct tls_stream *stream)
{
    return SSL_session_reused(stream->ssl) == 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * Certificates for one suite, made by the openssl program in its scratch folder, a server that
 * shows them, and clients. Every function fails the test when something is not as it should.
 *
 *   ca.pem       the authority       server.pem, next.pem   for localhost and 127.0.0.1, from ca
 *   other.pem    another authority   client.pem             from ca
 *   late.pem     like server.pem, but expired               stranger.pem   from other
 *   elsewhere.pem   for example.org, from ca
 *
 * The key of x.pem is in x.key.
 */
#ifndef CREW_TESTS_SYSTEM_TLS_BED_H
#define CREW_TESTS_SYSTEM_TLS_BED_H

#include "common/channel.h"
#include "tests/system/fixture.h"
#include "tests/system/program.h"

#include <stdbool.h>

/* Unchecked fixtures. Whether TLS can be tested: crew has it and there is an openssl program. */
void tls_bed_make(void);
void tls_bed_remove(void);
bool tls_bed_is_ready(void);

/*
 * A server that shows `certificate` ("server" for server.pem) on its second listener, whose URL
 * goes to `url`; the first is a plain one. `options` are added.
 */
void tls_bed_start(struct fixture *server, const char *certificate, const char *options,
                   char url[ENDPOINT_TEXT_SIZE]);

/* A client's context that trusts ca.pem, and shows the certificate unless it is NULL. */
struct tls_context *tls_bed_context(const char *certificate);

/* Connects, verifying that the server is whom ca.pem vouches for. */
void tls_bed_connect(struct channel *channel, const char *url, struct tls_context *context);

void tls_bed_send(struct channel *channel, const void *bytes, size_t size);
void tls_bed_read(struct channel *channel, void *bytes, size_t size);
void tls_bed_exchange(struct channel *channel, const char *request, const char *reply);
void tls_bed_expect_end(struct channel *channel);

/* Runs a program to its end with the words of `line`, split at spaces; '@' begins the name of a
 * file in the scratch folder. Otherwise as program_run. */
void tls_bed_run(struct program_run *run, const char *program, const char *line, const char *input);

/* Copies `format` to the `size` bytes of `line`, with the port of `url` in place of every '#'. */
void tls_bed_put_port(char *line, size_t size, const char *format, const char *url);

/* The openssl program. */
const char *tls_bed_openssl(void);

/* The host's part of a URL with a port, as other programs take it: "127.0.0.1:4711". */
const char *tls_bed_address(const char *url);

#endif

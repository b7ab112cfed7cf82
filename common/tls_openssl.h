/* SPDX-License-Identifier: MIT */
/* What the two files that know OpenSSL tell each other. */
#ifndef CREW_COMMON_TLS_OPENSSL_H
#define CREW_COMMON_TLS_OPENSSL_H

#include "common/tls.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

struct tls_context {
    SSL_CTX *openssl; /* owned */
    /* Holders. Sharing is relaxed: who shares holds it already. Releasing releases, and whoever is
     * the last acquires, so that all that was done with it is done before it is freed. OpenSSL
     * counts too, but where no thread checker can see it. */
    _Atomic unsigned holders;
};

/* Why OpenSSL's last call on this thread failed, in words that live as long as the program; empties
 * this thread's error queue. */
const char *tls_openssl_reason(void);

#endif

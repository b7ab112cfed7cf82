/* SPDX-License-Identifier: MIT */
#include "server/access/exposure.h"

#include <stdio.h>

/* What protects a listener of this scheme that is bound beyond loopback. */
static bool is_protected(enum endpoint_scheme scheme, bool has_password)
{
    switch (scheme) {
    case ENDPOINT_TCP:
        return has_password;
    case ENDPOINT_TLS:
    case ENDPOINT_UNIX: /* by the permissions of its file */
        return true;
    case ENDPOINT_RAW:
        break;
    }
    return false;
}

bool exposure_is_allowed(const struct listener_set *listeners, bool has_password, bool insecure,
                         char error[ENDPOINT_ERROR_SIZE])
{
    for (size_t i = 0; i < listeners->count && !insecure; i++) {
        const struct listener *listener = &listeners->items[i];
        enum endpoint_scheme scheme = listener->endpoint.scheme;
        if (!listener->beyond_loopback || is_protected(scheme, has_password))
            continue;
        snprintf(error, ENDPOINT_ERROR_SIZE,
                 "--listen: other machines can reach %.300s: it takes %s", listener->url,
                 scheme == ENDPOINT_RAW ? "--insecure, because raw:// cannot ask for a password"
                                        : "--password-file, a tls:// listener, or --insecure");
        return false;
    }
    return true;
}

/* SPDX-License-Identifier: MIT */
#include "server/start_warnings.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static void warn_of_unused_certificate(const struct settings *settings,
                                       const struct listener_set *listeners)
{
    bool used = settings->tls_certificate == NULL;
    for (size_t i = 0; i < listeners->count; i++)
        used |= listeners->items[i].endpoint.scheme == ENDPOINT_TLS;
    if (!used)
        log_write(LOG_LEVEL_WARN, "tls_certificate",
                  "problem=\"no tls:// listener shows the certificate %s\"",
                  settings->tls_certificate);
}

static void warn_of_clear_passwords(const struct settings *settings,
                                    const struct listener_set *listeners)
{
    for (size_t i = 0; i < listeners->count && settings->password_file != NULL; i++) {
        const struct listener *listener = &listeners->items[i];
        if (listener->endpoint.scheme == ENDPOINT_TCP && listener->beyond_loopback)
            log_write(LOG_LEVEL_WARN, "clear_passwords",
                      "url=%s problem=\"clients send passwords unencrypted: listen on tls://\"",
                      listener->url);
    }
}

static void warn_of_unreadable_files(const struct settings *settings)
{
    const char *const files[] = {settings->password_file, settings->tls_certificate,
                                 settings->tls_key, settings->tls_ca};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (files[i] != NULL && faccessat(AT_FDCWD, files[i], R_OK, AT_EACCESS) != 0)
            log_write(LOG_LEVEL_WARN, "reload_will_fail", "file=\"%s\" error=\"%s\"", files[i],
                      strerror(errno));
}

void start_warnings_log(const struct settings *settings, const struct listener_set *listeners)
{
    warn_of_unused_certificate(settings, listeners);
    warn_of_clear_passwords(settings, listeners);
    warn_of_unreadable_files(settings);
}

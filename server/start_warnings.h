/* SPDX-License-Identifier: MIT */
/* What works, and is probably not what was meant. */
#ifndef CREW_SERVER_START_WARNINGS_H
#define CREW_SERVER_START_WARNINGS_H

#include "server/listener.h"
#include "server/settings.h"

/*
 * Logs a warning for each: a certificate that no tls:// listener shows, a listener by which
 * passwords travel in the clear between machines, a file that SIGHUP will not be able to read
 * again. Main, once the listeners are bound and the process is who it stays (--user).
 */
void start_warnings_log(const struct settings *settings, const struct listener_set *listeners);

#endif

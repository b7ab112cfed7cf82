/* SPDX-License-Identifier: MIT */
/* Refuses to let strangers in by accident: what other machines can reach must be protected. */
#ifndef CREW_SERVER_EXPOSURE_H
#define CREW_SERVER_EXPOSURE_H

#include "server/listener.h"

#include <stdbool.h>

/*
 * False after filling `error` with the first listener that other machines can reach and that has no
 * protection, and with the ways out. Judges by the addresses that are bound. A password protects
 * RESP; a raw listener cannot ask for one, and only `insecure` lets it be reached.
 */
bool exposure_is_allowed(const struct listener_set *listeners, bool has_password, bool insecure,
                         char error[ENDPOINT_ERROR_SIZE]);

#endif

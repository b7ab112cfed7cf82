/* SPDX-License-Identifier: MIT */
/* How a client logs in, whichever command it does it with. Each runs in a handler, on its own
 * connection. */
#ifndef CREW_SERVER_LOGIN_H
#define CREW_SERVER_LOGIN_H

#include "crew.h"

#include <stdbool.h>
#include <stddef.h>

/* The one user that there is. */
bool login_is_user(const crew_call *call, size_t argument);

/*
 * Checks the password in one of the call's arguments and logs the connection in. False after
 * replying with an error. After too many passwords that were wrong the connection is to end. Slow.
 */
bool login_with_password(crew_call *call, size_t argument);

/* Replies that the user or the password is wrong, and counts it. */
void login_refuse(crew_call *call);

/* Back to how the connection began. */
void login_forget(crew_call *call);

#endif

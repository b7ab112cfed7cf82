/* SPDX-License-Identifier: MIT */
/* What clients call themselves. Each runs in a handler, on its own connection. */
#ifndef CREW_SERVER_CLIENT_NAME_H
#define CREW_SERVER_CLIENT_NAME_H

#include "crew.h"

#include <stdbool.h>

/* Names this call's connection by one of the call's arguments, an empty one taking the name away.
 * False after replying with an error, and then nothing has changed. */
bool client_name_set(crew_call *call, size_t argument);

/* The same for what CLIENT SETINFO sets. */
bool client_library_name_set(crew_call *call, size_t argument);
bool client_library_version_set(crew_call *call, size_t argument);

void client_name_clear(crew_call *call);

#endif

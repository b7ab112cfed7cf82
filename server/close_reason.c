/* SPDX-License-Identifier: MIT */
#include "server/close_reason.h"

const char *const close_reason_names[CLOSE_REASON_COUNT] = {
#define X(id, name) [id] = name,
    CLOSE_REASONS(X)
#undef X
};

/* SPDX-License-Identifier: MIT */
#ifndef CREW_COMMON_JSON_STRING_H
#define CREW_COMMON_JSON_STRING_H

#include "common/byte_buffer.h"

#include <stddef.h>

/*
 * Appends a JSON string with its quotes: valid UTF-8 as it is, each other byte as the character of
 * that code (\u00XX), so that any bytes give valid JSON. Pure; any thread.
 */
void json_append_string(const char *bytes, size_t size, struct byte_buffer *out);

#endif

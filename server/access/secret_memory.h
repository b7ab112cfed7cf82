/* SPDX-License-Identifier: MIT */
/*
 * Memory for secrets: kept out of core files, out of swap as far as the system allows it, and
 * wiped before it is given back. Any thread; a call costs a few system calls.
 */
#ifndef CREW_SERVER_SECRET_MEMORY_H
#define CREW_SERVER_SECRET_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* `size` zero bytes in pages of their own; NULL when memory ran out. */
void *secret_allocate(size_t size);

/* Takes the size that was asked for; takes NULL too. */
void secret_free(void *memory, size_t size);

/* Whether two runs of bytes are equal, in a time that depends on `size` alone. */
bool secret_equal(const void *left, const void *right, size_t size);

#endif

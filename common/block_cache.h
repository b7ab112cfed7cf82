/* SPDX-License-Identifier: MIT */
/*
 * Memory for buffers that grow. Small blocks come from malloc as always. A large one that is freed
 * is kept for a moment, for the next that needs one: the system takes and gives large blocks page
 * by page, which costs more than what a server does with a megabyte otherwise (doc/performance.md).
 *
 * One cache for the whole process, under a lock of its own. Any thread.
 */
#ifndef CREW_COMMON_BLOCK_CACHE_H
#define CREW_COMMON_BLOCK_CACHE_H

#include <stddef.h>
#include <stdint.h>

enum {
    BLOCK_CACHE_COUNT = 8,                   /* blocks kept at most, */
    BLOCK_CACHE_SMALLEST = 128 * 1024,       /* of at least this size */
    BLOCK_CACHE_LARGEST = 2 * 1024 * 1024,   /* and at most this */
    BLOCK_CACHE_KEEP_NS = 500 * 1000 * 1000, /* for at least so long */
};

/*
 * Returns a block of at least `wanted` bytes that begins with the first `used` bytes of `block`,
 * which is gone then; NULL when memory ran out, with everything as before. *capacity is what the
 * block has and becomes what the result has. `block` may be NULL with a capacity of 0.
 */
char *block_grow(char *block, size_t *capacity, size_t used, size_t wanted);

/* `capacity` as block_grow told. Takes NULL too. */
void block_free(char *block, size_t capacity);

/* Gives back to the system what was not used for BLOCK_CACHE_KEEP_NS. The server's acceptor calls
 * it once a second; a program that never does keeps BLOCK_CACHE_COUNT blocks at most. */
void block_cache_expire(uint64_t now_ns);

#endif

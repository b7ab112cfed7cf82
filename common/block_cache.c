/* SPDX-License-Identifier: MIT */
#include "common/block_cache.h"

#include "common/clock.h"
#include "common/lock.h"

#include <stdlib.h>
#include <string.h>

struct spare {
    char *block; /* owned; NULL: this place is free */
    size_t capacity;
    uint64_t freed_ns;
};

static struct lock cache_lock = LOCK_INITIALIZER(LOCK_RANK_BLOCK_CACHE);
static struct spare spares[BLOCK_CACHE_COUNT]; /* under cache_lock */

/* The largest spare that is large enough, so that what grows on need not move again. Whoever holds
 * it for few bytes could as well hold a request of that size, unfinished. */
static char *take_spare(size_t wanted, size_t *capacity)
{
    struct spare *best = NULL;
    lock_acquire(&cache_lock);
    for (size_t i = 0; i < BLOCK_CACHE_COUNT; i++) {
        if (spares[i].block != NULL && spares[i].capacity >= wanted &&
            (best == NULL || spares[i].capacity > best->capacity))
            best = &spares[i];
    }
    char *block = NULL;
    if (best != NULL) {
        block = best->block;
        *capacity = best->capacity;
        best->block = NULL;
    }
    lock_release(&cache_lock);
    return block;
}

/* Keeps the block, if need be in the place of the smallest one; returns what is to be freed. */
static char *keep_spare(char *block, size_t capacity)
{
    uint64_t now_ns = monotonic_ns();
    lock_acquire(&cache_lock);
    struct spare *place = &spares[0];
    for (size_t i = 1; i < BLOCK_CACHE_COUNT && place->block != NULL; i++) {
        if (spares[i].block == NULL || spares[i].capacity < place->capacity)
            place = &spares[i];
    }
    char *left_over = block;
    if (place->block == NULL || place->capacity < capacity) {
        left_over = place->block;
        *place = (struct spare){block, capacity, now_ns};
    }
    lock_release(&cache_lock);
    return left_over;
}

char *block_grow(char *block, size_t *capacity, size_t used, size_t wanted)
{
    if (wanted >= BLOCK_CACHE_SMALLEST && wanted <= BLOCK_CACHE_LARGEST) {
        size_t spare_capacity = 0;
        char *spare = take_spare(wanted, &spare_capacity);
        if (spare != NULL) {
            if (used > 0)
                memcpy(spare, block, used);
            block_free(block, *capacity);
            *capacity = spare_capacity;
            return spare;
        }
    }
    char *grown = realloc(block, wanted);
    if (grown != NULL)
        *capacity = wanted;
    return grown;
}

void block_free(char *block, size_t capacity)
{
    if (capacity >= BLOCK_CACHE_SMALLEST && capacity <= BLOCK_CACHE_LARGEST)
        block = keep_spare(block, capacity);
    free(block);
}

void block_cache_expire(uint64_t now_ns)
{
    char *expired[BLOCK_CACHE_COUNT];
    size_t count = 0;
    lock_acquire(&cache_lock);
    for (size_t i = 0; i < BLOCK_CACHE_COUNT; i++) {
        if (spares[i].block != NULL && now_ns >= spares[i].freed_ns + BLOCK_CACHE_KEEP_NS) {
            expired[count++] = spares[i].block;
            spares[i].block = NULL;
        }
    }
    lock_release(&cache_lock);
    for (size_t i = 0; i < count; i++)
        free(expired[i]);
}

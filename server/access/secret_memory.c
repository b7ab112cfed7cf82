/* SPDX-License-Identifier: MIT */
#include "server/access/secret_memory.h"

#include <string.h>
#include <sys/mman.h>

void *secret_allocate(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    /* A system that refuses either still has the secret in memory alone, and for a short time. */
    (void)mlock(memory, size);
    (void)madvise(memory, size, MADV_DONTDUMP);
    return memory;
}

void secret_free(void *memory, size_t size)
{
    if (memory == NULL)
        return;
    explicit_bzero(memory, size);
    (void)munmap(memory, size); /* fails only for what is no mapping */
}

bool secret_equal(const void *left, const void *right, size_t size)
{
    const volatile unsigned char *a = left; /* volatile: no compiler may leave the loop early */
    const volatile unsigned char *b = right;
    unsigned difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

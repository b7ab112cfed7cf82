/* SPDX-License-Identifier: MIT */
#include "tests/unit/guard_page.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct place {
    char *end; /* where the guard page begins; NULL before first use */
    size_t used;
};

static void map_place(struct place *place)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *start = mmap(NULL, GUARD_PAGE_CAPACITY + page, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_msg(start != MAP_FAILED, "cannot map %d bytes", (int)GUARD_PAGE_CAPACITY);
    place->end = start + GUARD_PAGE_CAPACITY;
    ck_assert_int_eq(mprotect(place->end, page, PROT_NONE), 0);
}

char *guard_page_place(const void *bytes, size_t size)
{
    static struct place places[2];
    static size_t current;

    struct place *last = &places[current];
    if (last->used > 0)
        memset(last->end - last->used, '#', last->used);
    current = 1 - current;
    struct place *next = &places[current];
    if (next->end == NULL)
        map_place(next);
    ck_assert_uint_le(size, GUARD_PAGE_CAPACITY);
    next->used = size;
    char *copy = next->end - size;
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

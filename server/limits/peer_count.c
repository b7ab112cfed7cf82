/* SPDX-License-Identifier: MIT */
#include "server/limits/peer_count.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

enum { KEY_SIZE = sizeof(uint64_t) };

int peer_count_init(struct peer_count *peers, size_t capacity, uint32_t limit)
{
    *peers = (struct peer_count){.limit = limit};
    if (limit == 0)
        return 0;
    size_t places = 2;
    while (places < 2 * capacity)
        places *= 2;
    if (getrandom(&peers->seed, sizeof(peers->seed), 0) != (ssize_t)sizeof(peers->seed))
        return errno;
    void *entries = mmap(NULL, places * sizeof(*peers->entries), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (entries == MAP_FAILED)
        return errno;
    peers->entries = entries;
    peers->mask = places - 1;
    return 0;
}

void peer_count_destroy(struct peer_count *peers)
{
    if (peers->entries != NULL)
        munmap(peers->entries, (peers->mask + 1) * sizeof(*peers->entries));
}

/* False when the peer is of a kind that is not counted. */
static bool key_of(const union peer_address *peer, uint64_t *key)
{
    /* No client has a multicast address (ff00::/8), so what begins like one is free for IPv4. */
    unsigned char network[KEY_SIZE] = {0xff};
    unsigned char *ipv4 = network + KEY_SIZE - sizeof(peer->in.sin_addr);
    if (peer->any.sa_family == AF_INET) {
        memcpy(ipv4, &peer->in.sin_addr, sizeof(peer->in.sin_addr));
    } else if (peer->any.sa_family == AF_INET6) {
        const struct in6_addr *ipv6 = &peer->in6.sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(ipv6))
            memcpy(ipv4, ipv6->s6_addr + 12, sizeof(peer->in.sin_addr));
        else
            memcpy(network, ipv6->s6_addr, sizeof(network));
    } else {
        return false;
    }
    memcpy(key, network, sizeof(network));
    return true;
}

/* The finalizer of SplitMix64 (Steele, Lea and Flood 2014: "Fast splittable pseudorandom number
 * generators") of key and seed. */
static size_t home_of(const struct peer_count *peers, uint64_t key)
{
    uint64_t bits = key ^ peers->seed;
    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return (size_t)(bits ^ bits >> 31) & peers->mask;
}

/* The key's place, or the free one where it would go: half of all places are always free. */
static size_t find(const struct peer_count *peers, uint64_t key)
{
    size_t place = home_of(peers, key);
    while (peers->entries[place].connections > 0 && peers->entries[place].key != key)
        place = (place + 1) & peers->mask;
    return place;
}

bool peer_count_is_full(const struct peer_count *peers, const union peer_address *peer)
{
    uint64_t key;
    return peers->entries != NULL && key_of(peer, &key) &&
           peers->entries[find(peers, key)].connections >= peers->limit;
}

void peer_count_add(struct peer_count *peers, const union peer_address *peer)
{
    uint64_t key;
    if (peers->entries == NULL || !key_of(peer, &key))
        return;
    struct peer_entry *entry = &peers->entries[find(peers, key)];
    entry->key = key;
    entry->connections++;
}

/* Moves entries up whose way from home leads over the gap, until there is none. */
static void close_gap(struct peer_count *peers, size_t gap)
{
    struct peer_entry *entries = peers->entries;
    for (size_t place = (gap + 1) & peers->mask; entries[place].connections > 0;
         place = (place + 1) & peers->mask) {
        size_t way = (place - home_of(peers, entries[place].key)) & peers->mask;
        if (way < ((place - gap) & peers->mask))
            continue;
        entries[gap] = entries[place];
        entries[place].connections = 0;
        gap = place;
    }
}

void peer_count_remove(struct peer_count *peers, const union peer_address *peer)
{
    uint64_t key;
    if (peers->entries == NULL || !key_of(peer, &key))
        return;
    size_t place = find(peers, key);
    assert(peers->entries[place].connections > 0);
    if (--peers->entries[place].connections == 0)
        close_gap(peers, place);
}

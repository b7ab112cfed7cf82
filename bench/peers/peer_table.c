/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_table.h"

#include "common/clock.h"

#include <string.h>

/* ---- servers ---- */

#define CREW(threads)      .program = PEER_CREW, .workers = (threads)
#define MEMCACHED(threads) .program = PEER_MEMCACHED, .workers = (threads)
#define REDIS              .program = PEER_REDIS
#define FLOOR              .program = PEER_FLOOR
#define NOBODY             .program = PEER_NONE

/* ---- loads ---- */

#define PING(clients)      .command = "PING", .connections = (clients), .depth = 1
#define DEEP_PING(clients) .command = "PING", .connections = (clients), .depth = 16
#define ECHO(size, clients)                                                                        \
    .command = "ECHO", .payload = (size), .connections = (clients), .depth = 1
#define SLEEP(us, clients)    .command = "WORK SLEEP " #us, .connections = (clients), .depth = 1
#define BURN(us, clients)     .command = "WORK CPU " #us, .connections = (clients), .depth = 1
#define EVERY(pause, clients) PING(clients), .interval_ns = (pause)

/* ---- aims ---- */

#define CPU_AT_MOST(most)   PEER_CPU_US, PEER_AT_MOST, (most)
#define RATE_OF(least)      PEER_RATE_RPS, PEER_AT_LEAST, (least)
#define P99_AT_MOST(most)   PEER_P99_US, PEER_AT_MOST, (most)
#define P50_AT_MOST(most)   PEER_P50_US, PEER_AT_MOST, (most)
#define MEMORY_OF(most)     PEER_MEMORY_BYTES, PEER_AT_MOST, (most)
#define BYTES_AT_MOST(most) PEER_MEMORY_BYTES, PEER_SUBJECT_AT_MOST, (most)
#define TOLD(figure)        (figure), PEER_NO_AIM, 0

/* ---- the table ---- */

#define ROW(row, about, by, ...)                                                                   \
    {                                                                                              \
        .name = row, .what = about, .method = PEER_BY_##by, __VA_ARGS__                            \
    }

enum { KIB = 1024, MIB = 1024 * 1024 };

const struct peer_row peer_rows[] = {
    ROW("ping-1", "PING, 50 connections, 1 worker beside redis-server", BENCHMARK,
        .sides = {{CREW(1), PING(50)}, {REDIS, PING(50)}},
        .aims = {{CPU_AT_MOST(0.80)}, {RATE_OF(1.0)}}),
    /* A second opinion, with a load that keeps both servers busy all the time. */
    ROW("ping-1-own", "the same, loaded by crew-bench itself", LOAD,
        .sides = {{CREW(1), PING(50)}, {REDIS, PING(50)}},
        .aims = {{TOLD(PEER_CPU_US)}, {RATE_OF(1.0)}}),
    ROW("ping-4", "PING, 50 connections, 4 workers beside memcached -t 4 (GET that misses)", LOAD,
        .sides = {{CREW(4), PING(50)}, {MEMCACHED(4), PING(50)}},
        .aims = {{CPU_AT_MOST(0.80)}, {RATE_OF(1.0)}}),
    ROW("ping-4-1", "PING, 50 connections, 4 workers beside 1", BENCHMARK,
        .sides = {{CREW(4), PING(50)}, {CREW(1), PING(50)}},
        .aims = {{CPU_AT_MOST(1.10)}, {TOLD(PEER_RATE_RPS)}}),
    ROW("ping-64-1", "PING, 50 connections, 64 workers beside 1", BENCHMARK,
        .sides = {{CREW(64), PING(50)}, {CREW(1), PING(50)}},
        .aims = {{CPU_AT_MOST(1.15)}, {TOLD(PEER_RATE_RPS)}}),
    ROW("ping-deep", "PING, 50 connections, 16 deep, 1 worker beside redis-server", BENCHMARK,
        .sides = {{CREW(1), DEEP_PING(50)}, {REDIS, DEEP_PING(50)}},
        .aims = {{CPU_AT_MOST(0.45)}, {RATE_OF(1.0)}}),
    ROW("ping-deep-floor", "the same beside the floor (bench/floor.c)", BENCHMARK,
        .sides = {{CREW(1), DEEP_PING(50)}, {FLOOR, DEEP_PING(50)}},
        .aims = {{TOLD(PEER_CPU_US)}, {TOLD(PEER_RATE_RPS)}}),
    ROW("ping-floor", "PING, 50 connections, 1 worker beside the floor (bench/floor.c)", BENCHMARK,
        .sides = {{CREW(1), PING(50)}, {FLOOR, PING(50)}},
        .aims = {{CPU_AT_MOST(1.05)}, {RATE_OF(1.0)}}),
    ROW("echo-1k", "ECHO of 1 KiB, 50 connections, 1 worker beside redis-server", LOAD,
        .sides = {{CREW(1), ECHO(KIB, 50)}, {REDIS, ECHO(KIB, 50)}}, .aims = {{CPU_AT_MOST(1.0)}}),
    ROW("echo-64k", "ECHO of 64 KiB, 50 connections, 1 worker beside redis-server", LOAD,
        .sides = {{CREW(1), ECHO(64 * KIB, 50)}, {REDIS, ECHO(64 * KIB, 50)}},
        .aims = {{CPU_AT_MOST(1.0)}}),
    ROW("echo-1m", "ECHO of 1 MiB, 8 connections, 1 worker beside redis-server", LOAD,
        .sides = {{CREW(1), ECHO(MIB, 8)}, {REDIS, ECHO(MIB, 8)}}, .aims = {{CPU_AT_MOST(1.0)}}),
    ROW("connections", "PING from 100 connections, 4 workers: with 9,900 idle ones beside none",
        LOAD, .sides = {{CREW(4), PING(100), .idle = 9900}, {CREW(4), PING(100)}},
        .aims = {{CPU_AT_MOST(1.25)}}),
    ROW("sleep", "WORK SLEEP 1000, 128 connections: rate beside 64 workers / service time", LOAD,
        .sides = {{CREW(64), SLEEP(1000, 128)}, {NOBODY}}, .aims = {{RATE_OF(0.95)}},
        .ideal = true),
    ROW("cpu", "WORK CPU 200, 16 connections: rate beside CPUs / service time of one alone", LOAD,
        .sides = {{CREW(PEER_ALL_CPUS), BURN(200, 16)}, {CREW(PEER_ALL_CPUS), BURN(200, 1)}},
        .aims = {{RATE_OF(0.95)}, {TOLD(PEER_SPARE_RPS)}}, .one_server = true, .ideal = true),
    ROW("tail", "PING, 4,000/s on schedule: 32 of 64 workers in WORK SLEEP 10000 beside none", LOAD,
        .sides = {{CREW(64), EVERY(2 * NS_PER_MS, 8), .sleepers = 32},
                  {CREW(64), EVERY(2 * NS_PER_MS, 8)}},
        .aims = {{P99_AT_MOST(1.5)}}, .one_server = true),
    ROW("latency", "PING, one connection, 1 worker beside redis-server", LOAD,
        .sides = {{CREW(1), PING(1)}, {REDIS, PING(1)}}, .aims = {{P50_AT_MOST(1.0)}}),
    ROW("memory", "10,000 idle connections that each asked once, 4 workers beside redis-server",
        MEMORY, .sides = {{CREW(4), PING(10000)}, {REDIS, PING(10000)}},
        .aims = {{MEMORY_OF(0.1)}, {BYTES_AT_MOST(256)}}),
    ROW("queue", "the ready queue beside a plain ring with one lock, at 1 to 16 threads", QUEUE,
        .sides = {{.program = PEER_QUEUE}, {NOBODY}}),
};

const size_t peer_row_count = sizeof(peer_rows) / sizeof(peer_rows[0]);

const struct peer_row *peer_row_find(const char *name, size_t size)
{
    for (size_t i = 0; i < peer_row_count; i++)
        if (strlen(peer_rows[i].name) == size && memcmp(peer_rows[i].name, name, size) == 0)
            return &peer_rows[i];
    return NULL;
}

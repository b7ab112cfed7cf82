/* SPDX-License-Identifier: MIT */
#include "bench/results/server_json.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { WORKER_LIMIT = 65536 };

/* One table for writing and reading. */
struct figure {
    const char *name;
    size_t offset; /* of its double */
};

#define SERVER(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct server_figures, name)                                               \
    }
#define WORKER(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct worker_figures, name)                                               \
    }

static const struct figure server_table[] = {
    SERVER(utilization),        SERVER(requests),
    SERVER(queue_wait_mean_us), SERVER(queue_wait_p50_us),
    SERVER(queue_wait_p99_us),  SERVER(service_mean_us),
    SERVER(service_p50_us),     SERVER(service_p99_us),
    SERVER(service_scv),        SERVER(cpu_us),
    SERVER(worker_cpu_us),      SERVER(run_queue_us),
    SERVER(lock_wait_us),       SERVER(blocked_us),
    SERVER(switches),
};

static const struct figure worker_table[] = {
    WORKER(cpu_share),
    WORKER(run_queue_share),
    WORKER(voluntary_switches_per_s),
    WORKER(involuntary_switches_per_s),
};

enum {
    SERVER_FIGURES = sizeof(server_table) / sizeof(server_table[0]),
    WORKER_FIGURES = sizeof(worker_table) / sizeof(worker_table[0]),
};

static void write_table(struct bench_json *json, const struct figure *table, size_t count,
                        const void *figures)
{
    for (size_t i = 0; i < count; i++) {
        double figure = 0;
        memcpy(&figure, (const char *)figures + table[i].offset, sizeof(figure));
        bench_json_number(json, table[i].name, figure);
    }
}

static void read_table(const struct json_place *place, const struct figure *table, size_t count,
                       void *figures)
{
    for (size_t i = 0; i < count; i++) {
        double figure = json_read_figure(place, table[i].name);
        memcpy((char *)figures + table[i].offset, &figure, sizeof(figure));
    }
}

void server_figures_write(struct bench_json *json, const struct server_figures *server)
{
    write_table(json, server_table, SERVER_FIGURES, server);
    bench_json_open(json, "workers", '[');
    for (size_t i = 0; i < server->worker_count; i++) {
        bench_json_open(json, NULL, '{');
        write_table(json, worker_table, WORKER_FIGURES, &server->workers[i]);
        bench_json_close(json, '}');
    }
    bench_json_close(json, ']');
}

static void read_workers(const struct json_place *place, struct server_figures *server)
{
    size_t count = 0;
    struct json_place at = json_read_array(place, "workers", WORKER_LIMIT, &count);
    if (count == 0)
        return;
    server->workers = calloc(count, sizeof(*server->workers));
    if (server->workers == NULL) {
        json_reader_refuse(place, "workers", "out of memory");
        return;
    }
    server->worker_count = count;
    for (size_t i = 0; i < count; i++) {
        struct json_place element = json_read_element(&at, i);
        struct json_place worker = json_read_object(&element, NULL);
        read_table(&worker, worker_table, WORKER_FIGURES, &server->workers[i]);
    }
}

void server_figures_read(const struct json_place *place, struct server_figures *server)
{
    *server = (struct server_figures){0};
    read_table(place, server_table, SERVER_FIGURES, server);
    read_workers(place, server);
}

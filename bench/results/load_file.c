/* SPDX-License-Identifier: MIT */
#include "bench/results/load_file.h"

#include "bench/results/measurement_json.h"

#include <string.h>

void json_read_schema(const struct json_place *place, const char *schema)
{
    char found[64];
    json_read_description(place, "schema", found, sizeof(found));
    if (strcmp(found, schema) != 0)
        json_reader_refuse(place, "schema", "it is '%s', and this version reads '%s'", found,
                           schema);
}

void bench_host_read(const struct json_place *place, struct bench_host *host)
{
    static const double most_cpus = 1e6;
    struct json_place at = json_read_object(place, "host");
    host->cpus = json_read_number(&at, "nproc", 0, most_cpus);
    json_read_description(&at, "cpu_model", host->cpu_model, sizeof(host->cpu_model));
    json_read_description(&at, "kernel", host->kernel, sizeof(host->kernel));
    json_read_description(&at, "machine", host->machine, sizeof(host->machine));
}

bool load_run_read(struct json_reader *reader, struct load_run *run, char error[BENCH_ERROR_SIZE])
{
    *run = (struct load_run){0};
    struct json_place place = json_read_document(reader);
    json_read_schema(&place, LOAD_SCHEMA);
    json_read_name(&place, "crew_version", run->crew_version, sizeof(run->crew_version));
    bench_host_read(&place, &run->host);
    json_read_description(&place, "target", run->target, sizeof(run->target));
    struct json_place settings = json_read_object(&place, "settings");
    json_read_description(&settings, "workload", run->workload, sizeof(run->workload));
    run->interrupted = json_read_bool(&place, "interrupted");
    measurement_read(&place, &run->measurement);
    bool good = json_reader_good(reader, error);
    if (!good)
        measurement_free(&run->measurement);
    return good;
}

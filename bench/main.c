/* SPDX-License-Identifier: MIT */
/* crew-bench: measures servers that speak RESP. Each subcommand is a row of the table. */
#include "bench/commands/compare.h"
#include "bench/commands/load.h"
#include "bench/commands/peers.h"
#include "bench/commands/report.h"
#include "bench/commands/selftest.h"
#include "bench/commands/slo.h"
#include "bench/commands/sweep.h"
#include "common/version.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} subcommands[] = {
    {"load", load_command, "Load a running server and report throughput and response times."},
    {"sweep", sweep_command, "Compare worker counts and say how many crew-server should have."},
    {"slo", slo_command, "Find the highest rate at which an objective such as p99<10ms holds."},
    {"report", report_command, "Draw a sweep's results as one HTML file with pictures."},
    {"compare", compare_command, "Compare two results files: what differs, and what is chance."},
    {"peers", peers_command, "Measure crew-server beside redis-server and memcached."},
    {"selftest", selftest_command, "Show on this machine that what is measured is true."},
};

enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(subcommands[0]), EXIT_USAGE = 2 };

static void print_help(FILE *out)
{
    fprintf(out, "Usage: crew-bench <subcommand> [options]\n\n"
                 "Measures servers that speak RESP, the Redis protocol.\n\n"
                 "Subcommands:\n");
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        fprintf(out, "  %-10s %s\n", subcommands[i].name, subcommands[i].summary);
    fprintf(out, "\n'crew-bench <subcommand> --help' explains each, with examples.\n"
                 "\nExamples:\n"
                 "  crew-bench load --workload ping --connections 50 --duration 5s\n"
                 "  crew-bench sweep --workers 1,2,4,8 --workload sleep:2ms\n");
}

/* Output that went to a full disk must not look like success. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    fprintf(stderr, "crew-bench: cannot write to standard output\n");
    return status != 0 ? status : 1;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return finish(0);
    }
    if (strcmp(word, "--version") == 0) {
        printf("crew %s\n", CREW_VERSION);
        return finish(0);
    }
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        if (strcmp(word, subcommands[i].name) == 0)
            return finish(subcommands[i].run(argc - 1, argv + 1));
    fprintf(stderr, "crew-bench: unknown subcommand '%.100s'; --help lists all\n", word);
    return EXIT_USAGE;
}

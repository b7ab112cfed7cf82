/* SPDX-License-Identifier: MIT */
#include "bench/commands/peers.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_interrupt.h"
#include "bench/base/bench_terminal.h"
#include "bench/base/progress.h"
#include "bench/base/report_file.h"
#include "bench/commands/peers_report.h"
#include "bench/commands/peers_settings.h"
#include "bench/peers/peer_rounds.h"
#include "common/clock.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, WIDEST = 10000 };

/* Where the row that is measured stands among all. */
struct watch {
    struct progress progress;
    const char *name;
    size_t done; /* rows */
    size_t count;
};

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench peers: %s\n", error);
    return status;
}

static void show(void *context, double done)
{
    struct watch *watch = context;
    watch->progress.drawn_ns = 0; /* a round is long: each is drawn */
    progress_show(&watch->progress, ((double)watch->done + done) / (double)watch->count, 0,
                  watch->name);
}

/* The servers inherit the limit too. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); /* rows that need more say so */
    }
}

/* Servers may have left files, but no folders. */
static void remove_folder(const char *folder)
{
    DIR *listing = opendir(folder);
    for (struct dirent *entry = NULL; listing != NULL && (entry = readdir(listing)) != NULL;)
        (void)unlinkat(dirfd(listing), entry->d_name, 0); /* fails for "." and ".." */
    if (listing != NULL)
        closedir(listing);
    (void)rmdir(folder);
}

static size_t run_rows(const struct peers_settings *settings, const struct peer_bed *bed,
                       struct peer_outcome *outcomes)
{
    size_t width = bench_terminal_is_live(STDOUT_FILENO) ? bench_terminal_width(STDOUT_FILENO)
                                                         : (size_t)WIDEST;
    struct watch watch = {.count = settings->row_count};
    progress_begin(&watch.progress);
    peers_report_headings(stdout, width);
    for (; watch.done < watch.count && !bench_interrupted(); watch.done++) {
        struct peer_outcome *outcome = &outcomes[watch.done];
        outcome->row = settings->rows[watch.done];
        watch.name = outcome->row->name;
        peer_rounds_run(bed, (size_t)settings->rounds, outcome, show, &watch);
        progress_end(&watch.progress);
        peers_report_row(stdout, outcome, width);
    }
    peers_report_sum(stdout, outcomes, watch.done);
    return watch.done;
}

static int run(const struct peers_settings *settings, const struct peer_bed *bed,
               struct report_file *json, struct peer_outcome *outcomes)
{
    char error[BENCH_ERROR_SIZE];
    struct byte_buffer text = {0};
    size_t count = run_rows(settings, bed, outcomes);
    bool reached = count == settings->row_count;
    for (size_t i = 0; i < count; i++)
        reached = reached && peer_outcome_reached(&outcomes[i]);
    if (json->path != NULL)
        peers_report_write(settings, bed->programs, outcomes, count, &text);
    bool written = report_file_write(json, &text, error);
    byte_buffer_free(&text);
    if (!written)
        return complain(error, EXIT_FAILED);
    return reached ? 0 : EXIT_FAILED;
}

static int run_in_folder(const struct peers_settings *settings, struct report_file *json,
                         struct peer_programs *programs, struct peer_outcome *outcomes)
{
    char folder[PATH_MAX];
    const char *parent = getenv("TMPDIR");
    struct bench_host host;
    bench_host_take(&host);
    struct peer_bed bed = {
        .programs = programs,
        .folder = folder,
        .seconds = (double)settings->seconds_ns / NS_PER_S,
        .cpus = host.cpus > 1 ? (size_t)host.cpus : 1,
    };
    snprintf(folder, sizeof(folder), "%s/crew-bench-peers-XXXXXX",
             parent != NULL && parent[0] != '\0' ? parent : "/tmp");
    if (mkdtemp(folder) == NULL) {
        char error[BENCH_ERROR_SIZE];
        snprintf(error, sizeof(error), "cannot make the folder %.1000s: %s", folder,
                 strerror(errno));
        report_file_abandon(json);
        return complain(error, EXIT_FAILED);
    }
    peer_programs_find(programs, settings->server);
    int status = run(settings, &bed, json, outcomes);
    remove_folder(folder);
    return status;
}

int peers_command(int argc, char **argv)
{
    struct peers_settings settings;
    struct report_file json = {.fd = -1};
    char error[BENCH_ERROR_SIZE];
    int status = peers_settings_read(&settings, argc, argv);
    if (status >= 0)
        return status;
    if (settings.list) {
        peers_report_list(stdout);
        return 0;
    }
    if (!report_file_open(&json, settings.json, error))
        return complain(error, EXIT_USAGE);
    struct peer_programs *programs = calloc(1, sizeof(*programs));
    struct peer_outcome *outcomes = calloc(settings.row_count, sizeof(*outcomes));
    if (programs != NULL && outcomes != NULL) {
        bench_interrupt_install();
        raise_descriptor_limit();
        status = run_in_folder(&settings, &json, programs, outcomes);
    } else {
        report_file_abandon(&json);
        status = complain("out of memory", EXIT_FAILED);
    }
    free(programs);
    free(outcomes);
    return status;
}

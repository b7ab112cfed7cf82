/* SPDX-License-Identifier: MIT */
#include "bench/commands/peers_report.h"

#include "bench/base/bench_host.h"
#include "bench/base/bench_json.h"
#include "common/clock.h"
#include "common/version.h"

#include <math.h>

static const char *const judgements[] = {
    [PEER_REACHED] = "reached",
    [PEER_MISSED] = "missed",
    [PEER_TOLD] = "information",
};

static const char *const wishes[] = {
    [PEER_NO_MORE] = "none",
    [PEER_NO_AIM] = "none",
    [PEER_AT_MOST] = "ratio_at_most",
    [PEER_AT_LEAST] = "ratio_at_least",
    [PEER_SUBJECT_AT_MOST] = "crew_at_most",
};

static void write_verdict(struct bench_json *json, const struct peer_outcome *outcome,
                          const struct peer_verdict *verdict)
{
    char name[PEER_VERDICT_NAME_SIZE];
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "figure", peer_outcome_figure_name(outcome, verdict->aim.figure, name));
    bench_json_number(json, "crew", verdict->subject);
    bench_json_number(json, "peer", verdict->peer);
    bench_json_number(json, "ratio", verdict->ratio);
    bench_json_number(json, "ratio_low", verdict->low);
    bench_json_number(json, "ratio_high", verdict->high);
    bench_json_text(json, "wanted", wishes[verdict->aim.wish]);
    bench_json_number(json, "bound", verdict->judgement == PEER_TOLD ? NAN : verdict->aim.bound);
    bench_json_text(json, "result", judgements[verdict->judgement]);
    bench_json_close(json, '}');
}

static void write_side(struct bench_json *json, const char *name,
                       const struct peer_outcome *outcome, size_t side, size_t round)
{
    char figure[PEER_VERDICT_NAME_SIZE];
    bench_json_open(json, name, '{');
    for (size_t i = 0; i < PEER_FIGURES; i++) {
        double value = outcome->figures[side][i][round];
        if (!isnan(value))
            bench_json_number(json, peer_outcome_figure_name(outcome, i, figure), value);
    }
    bench_json_close(json, '}');
}

static void write_row(struct bench_json *json, const struct peer_outcome *outcome)
{
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "name", outcome->row->name);
    bench_json_text(json, "what", outcome->row->what);
    bench_json_bool(json, "reached", peer_outcome_reached(outcome));
    if (outcome->problem[0] != '\0')
        bench_json_text(json, "not_measured", outcome->problem);
    else
        bench_json_null(json, "not_measured");
    bench_json_open(json, "results", '[');
    for (size_t i = 0; i < outcome->verdict_count; i++)
        write_verdict(json, outcome, &outcome->verdicts[i]);
    bench_json_close(json, ']');
    bench_json_open(json, "rounds", '[');
    for (size_t i = 0; i < outcome->rounds; i++) {
        bench_json_open(json, NULL, '{');
        write_side(json, "crew", outcome, 0, i);
        write_side(json, "peer", outcome, 1, i);
        bench_json_close(json, '}');
    }
    bench_json_close(json, ']');
    bench_json_close(json, '}');
}

static void write_version(struct bench_json *json, const char *name, const char *version)
{
    if (version[0] != '\0')
        bench_json_text(json, name, version);
    else
        bench_json_null(json, name);
}

void peers_report_write(const struct peers_settings *settings, const struct peer_programs *programs,
                        const struct peer_outcome *outcomes, size_t count, struct byte_buffer *out)
{
    struct bench_host host;
    struct bench_json json = {.out = out};
    bench_host_take(&host);
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", PEERS_SCHEMA);
    bench_json_text(&json, "crew_version", CREW_VERSION);
    bench_host_write(&json, &host);
    bench_json_open(&json, "peers", '{');
    write_version(&json, "redis_server", programs->versions[PEER_REDIS]);
    write_version(&json, "redis_benchmark", programs->versions[PEER_BENCHMARK]);
    write_version(&json, "memcached", programs->versions[PEER_MEMCACHED]);
    bench_json_close(&json, '}');
    bench_json_count(&json, "rounds", (uint64_t)settings->rounds);
    bench_json_number(&json, "seconds", (double)settings->seconds_ns / NS_PER_S);
    bench_json_open(&json, "rows", '[');
    for (size_t i = 0; i < count; i++)
        write_row(&json, &outcomes[i]);
    bench_json_close(&json, ']');
    bench_json_close(&json, '}');
}

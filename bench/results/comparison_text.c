/* SPDX-License-Identifier: MIT */
#include "bench/results/comparison_text.h"

#include "bench/base/bench_json.h"

#include <math.h>

const char comparison_method[] =
    "Differences are those of geometric means over the blocks, with Welch intervals on logarithms "
    "that hold together with 95 % for the worker counts of a workload. Blocks are not paired: the "
    "runs did not alternate, so a block of A shares no disturbance with the block of B that has "
    "the same number. What differs between the runs as wholes, such as the load of the machine on "
    "that day, counts as a difference: compare two runs of the same to see how much that is.";

/* Digits after the point of a share that is written in percent. */
static int decimals(double share)
{
    return fabs(share) < 0.0995 ? 1 : 0;
}

void comparison_append_ratio(const struct interval *ratio, struct byte_buffer *out)
{
    if (isnan(ratio->low)) {
        byte_buffer_append_text(out, "n/a");
        return;
    }
    int digits = decimals(fmax(fabs(ratio->low - 1), fabs(ratio->high - 1)));
    byte_buffer_printf(out, "%+.*f %% [%+.*f, %+.*f]", digits, 100 * (ratio->middle - 1), digits,
                       100 * (ratio->low - 1), digits, 100 * (ratio->high - 1));
}

static int direction(const struct comparison_line *line)
{
    if (!interval_differs(&line->ratio))
        return 0;
    return line->ratio.low > 1 ? 1 : -1;
}

static bool belongs(const struct comparison_line *line, int wanted)
{
    return line->compared && direction(line) == wanted;
}

/* "1, 2 and 8 workers": the lines of that direction, with the difference behind each. */
static void append_counts(const struct comparison_workload *workload, int wanted,
                          struct byte_buffer *out)
{
    size_t members = 0;
    size_t done = 0;
    for (size_t i = 0; i < workload->count; i++)
        members += belongs(&workload->lines[i], wanted);
    for (size_t i = 0; i < workload->count; i++) {
        const struct comparison_line *line = &workload->lines[i];
        if (!belongs(line, wanted))
            continue;
        done++;
        byte_buffer_printf(out, "%s%u",
                           done == 1         ? ""
                           : done == members ? " and "
                                             : ", ",
                           line->workers);
        if (done == members)
            byte_buffer_append_text(out,
                                    members == 1 && line->workers == 1 ? " worker" : " workers");
        if (wanted == 0)
            continue;
        byte_buffer_append_text(out, " (");
        comparison_append_ratio(&line->ratio, out);
        byte_buffer_append_text(out, ")");
    }
}

static bool has_direction(const struct comparison_workload *workload, int wanted)
{
    for (size_t i = 0; i < workload->count; i++)
        if (belongs(&workload->lines[i], wanted))
            return true;
    return false;
}

void comparison_append_sentence(const struct comparison_workload *workload, struct byte_buffer *out)
{
    static const struct {
        int direction;
        const char *words;
    } parts[] = {
        {1, "B is faster with "},
        {-1, "B is slower with "},
        {0, "no difference detected with "},
    };
    byte_buffer_printf(out, "%s: ", workload->name);
    if (workload->compared == 0) {
        byte_buffer_append_text(out, "nothing can be said: too few usable trials.");
        return;
    }
    bool any = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!has_direction(workload, parts[i].direction))
            continue;
        byte_buffer_printf(out, "%s%s", any ? "; " : "", parts[i].words);
        append_counts(workload, parts[i].direction, out);
        any = true;
    }
    byte_buffer_printf(out, "; smallest detectable effect %.*f %%.", decimals(workload->detectable),
                       100 * workload->detectable);
}

static void write_file(struct bench_json *json, const char *name, const struct results *results,
                       const char *path)
{
    bench_json_open(json, name, '{');
    bench_json_text(json, "path", path);
    bench_json_text(json, "crew_version", results->crew_version);
    bench_json_text(json, "started_utc", results->started_utc);
    bench_host_write(json, &results->host);
    bench_json_close(json, '}');
}

static void write_side(struct bench_json *json, const char *name,
                       const struct comparison_side *side)
{
    bench_json_open(json, name, '{');
    bench_json_count(json, "planned_trials", side->planned);
    bench_json_count(json, "usable_trials", side->usable);
    bench_json_number(json, "rate_rps", side->rate_rps);
    bench_response_write(json, "response_us", &side->response);
    bench_json_close(json, '}');
}

static void write_line(struct bench_json *json, const struct comparison_line *line)
{
    static const char *const verdicts[] = {"slower", "no_difference", "faster"};
    bench_json_open(json, NULL, '{');
    bench_json_count(json, "workers", line->workers);
    write_side(json, "a", &line->sides[COMPARISON_A]);
    write_side(json, "b", &line->sides[COMPARISON_B]);
    bench_json_open(json, "ratio", '{');
    bench_json_number(json, "middle", line->ratio.middle);
    bench_json_number(json, "low", line->ratio.low);
    bench_json_number(json, "high", line->ratio.high);
    bench_json_number(json, "detectable", line->ratio.detectable);
    bench_json_close(json, '}');
    bench_json_text(json, "verdict", line->compared ? verdicts[direction(line) + 1] : "unknown");
    bench_json_close(json, '}');
}

static void write_workload(struct bench_json *json, const struct comparison_workload *workload)
{
    struct byte_buffer sentence = {0};
    comparison_append_sentence(workload, &sentence);
    byte_buffer_append(&sentence, "", 1);
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "workload", workload->name);
    bench_json_text(json, "sentence", sentence.failed ? "" : sentence.bytes);
    bench_json_number(json, "detectable", workload->detectable);
    bench_json_open(json, "counts", '[');
    for (size_t i = 0; i < workload->count; i++)
        write_line(json, &workload->lines[i]);
    bench_json_close(json, ']');
    bench_json_close(json, '}');
    json->out->failed = json->out->failed || sentence.failed;
    byte_buffer_free(&sentence);
}

static void write_texts(struct bench_json *json, const char *name,
                        const char (*texts)[COMPARISON_NOTE_SIZE], size_t count)
{
    bench_json_open(json, name, '[');
    for (size_t i = 0; i < count; i++)
        bench_json_text(json, NULL, texts[i]);
    bench_json_close(json, ']');
}

void comparison_append_json(const struct comparison *comparison,
                            const char *const paths[COMPARISON_SIDES], struct byte_buffer *out)
{
    struct bench_json json = {.out = out};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", COMPARISON_SCHEMA);
    bench_json_text(&json, "of", "sweep");
    write_file(&json, "a", comparison->results[COMPARISON_A], paths[COMPARISON_A]);
    write_file(&json, "b", comparison->results[COMPARISON_B], paths[COMPARISON_B]);
    bench_json_bool(&json, "same_run", comparison->same_run);
    bench_json_text(&json, "method", comparison_method);
    write_texts(&json, "notes", comparison->notes, comparison->note_count);
    write_texts(&json, "missing", comparison->missing, comparison->missing_count);
    bench_json_open(&json, "workloads", '[');
    for (size_t i = 0; i < comparison->count; i++)
        write_workload(&json, &comparison->workloads[i]);
    bench_json_close(&json, ']');
    bench_json_close(&json, '}');
}

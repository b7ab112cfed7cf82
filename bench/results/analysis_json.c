/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis_json.h"

#include "bench/results/server_json.h"

static void write_interval(struct bench_json *json, const char *name,
                           const struct interval *interval)
{
    bench_json_open(json, name, '{');
    bench_json_number(json, "middle", interval->middle);
    bench_json_number(json, "low", interval->low);
    bench_json_number(json, "high", interval->high);
    bench_json_number(json, "detectable", interval->detectable);
    bench_json_count(json, "values", interval->count);
    bench_json_close(json, '}');
}

static void write_optional_text(struct bench_json *json, const char *name, const char *text)
{
    if (text != NULL)
        bench_json_text(json, name, text);
    else
        bench_json_null(json, name);
}

/* What is known of one count beside the others, unless nothing can be said about them. */
static void write_comparison(struct bench_json *json, const struct choice_line *comparison)
{
    write_interval(json, "to_best", &comparison->to_best);
    write_interval(json, "to_reference", &comparison->to_reference);
    bench_json_bool(json, "indistinguishable_from_best", comparison->in_set);
    bench_json_number(json, "chosen_share", comparison->chosen_share);
}

static void write_capacity_line(struct bench_json *json, const struct capacity_line *line,
                                bool compared)
{
    bench_json_open(json, NULL, '{');
    bench_json_count(json, "workers", line->workers);
    bench_json_count(json, "planned_trials", line->planned);
    bench_json_count(json, "usable_trials", line->usable);
    write_optional_text(json, "first_reason", line->first_reason);
    bench_json_number(json, "rate_rps", line->rate_rps);
    bench_json_number(json, "rate_low_rps", line->rate_low_rps);
    bench_json_number(json, "rate_high_rps", line->rate_high_rps);
    if (compared)
        write_comparison(json, &line->comparison);
    bench_response_write(json, "response_us", &line->response);
    bench_json_open(json, "server", '{');
    server_figures_write(json, &line->server);
    bench_json_close(json, '}');
    bench_json_number(json, "generator_busy", line->generator_busy);
    bench_json_number(json, "ideal_rps", line->ideal_rps);
    bench_json_number(json, "usl_rps", line->usl_rps);
    bench_json_number(json, "knee_rps", line->knee_rps);
    bench_json_number(json, "little_busy", line->little_busy);
    bench_json_number(json, "little_queue", line->little_queue);
    bench_json_close(json, '}');
}

static void write_left_out_line(struct bench_json *json, const struct left_out_line *line)
{
    bench_json_open(json, NULL, '{');
    bench_json_count(json, "workers", line->workers);
    bench_json_count(json, "planned_trials", line->planned);
    bench_json_count(json, "refused_trials", line->refused);
    write_optional_text(json, "first_reason", line->first_reason);
    bench_json_number(json, "apparent_rps", line->apparent_rps);
    bench_json_number(json, "generator_busy", line->generator_busy);
    bench_json_close(json, '}');
}

static void write_latency_line(struct bench_json *json, const struct latency_line *line)
{
    bench_json_open(json, NULL, '{');
    bench_json_count(json, "workers", line->workers);
    bench_json_number(json, "offered_rps", line->offered_rps);
    bench_json_number(json, "share", line->share);
    bench_json_count(json, "planned_trials", line->planned);
    bench_json_count(json, "usable_trials", line->usable);
    bench_json_count(json, "unstable_trials", line->unstable);
    write_optional_text(json, "first_reason", line->first_reason);
    bench_json_number(json, "throughput_rps", line->throughput_rps);
    bench_response_write(json, "response_us", &line->response);
    bench_response_write(json, "wire_us", &line->wire);
    bench_json_number(json, "queue_wait_us", line->queue_wait_us);
    bench_json_number(json, "model_queue_wait_us", line->model_queue_wait_us);
    bench_json_number(json, "model_queue_wait_p99_us", line->model_queue_wait_p99_us);
    if (line->slo_known)
        bench_json_bool(json, "slo_met", line->slo_met);
    else
        bench_json_null(json, "slo_met");
    bench_json_close(json, '}');
}

static void write_lines(struct bench_json *json, const struct analysis *analysis)
{
    bool compared = analysis->choice.verdict != CHOICE_UNDETERMINED;
    bench_json_open(json, "capacity", '[');
    for (size_t i = 0; i < analysis->capacity_count; i++)
        write_capacity_line(json, &analysis->capacity[i], compared);
    bench_json_close(json, ']');
    bench_json_open(json, "left_out", '[');
    for (size_t i = 0; i < analysis->left_out_count; i++)
        write_left_out_line(json, &analysis->left_out[i]);
    bench_json_close(json, ']');
    bench_json_open(json, "latency", '[');
    for (size_t i = 0; i < analysis->latency_count; i++)
        write_latency_line(json, &analysis->latency[i]);
    bench_json_close(json, ']');
}

static void write_lack_of_fit(struct bench_json *json, const struct lack_of_fit *lack)
{
    bench_json_open(json, "lack_of_fit", '{');
    bench_json_bool(json, "tested", lack->tested);
    if (lack->tested) {
        bench_json_number(json, "f", lack->f);
        bench_json_number(json, "p_value", lack->p_value);
        bench_json_bool(json, "rejected", lack->rejected);
    }
    bench_json_close(json, '}');
}

static void write_usl(struct bench_json *json, const struct scalability_usl *usl)
{
    bench_json_open(json, "usl", '{');
    write_optional_text(json, "not_fitted", usl->not_fitted);
    if (usl->not_fitted == NULL) {
        bench_json_number(json, "lambda_rps", usl->lambda_rps);
        bench_json_number(json, "sigma", usl->sigma);
        bench_json_number(json, "kappa", usl->kappa);
        bench_json_number(json, "peak_workers", usl->peak_workers);
        bench_json_bool(json, "peak_beyond", usl->peak_beyond);
        write_lack_of_fit(json, &usl->lack);
    }
    bench_json_close(json, '}');
}

static void write_knee(struct bench_json *json, const struct scalability_knee *knee)
{
    bench_json_open(json, "knee", '{');
    write_optional_text(json, "not_fitted", knee->not_fitted);
    if (knee->not_fitted == NULL) {
        bench_json_number(json, "lambda_rps", knee->lambda_rps);
        bench_json_number(json, "limit_rps", knee->limit_rps);
        bench_json_number(json, "knee_workers", knee->knee_workers);
        bench_json_bool(json, "knee_beyond", knee->knee_beyond);
        write_lack_of_fit(json, &knee->lack);
    }
    bench_json_close(json, '}');
}

static void write_models(struct bench_json *json, const struct analysis *analysis)
{
    bench_json_open(json, "models", '{');
    write_usl(json, &analysis->usl);
    write_knee(json, &analysis->knee);
    bench_json_number(json, "goetz_workers", analysis->goetz_workers);
    bench_json_close(json, '}');
    bench_json_open(json, "model_sentences", '[');
    for (size_t i = 0; i < analysis->model_sentences; i++)
        bench_json_text(json, NULL, analysis->sentences[i]);
    bench_json_close(json, ']');
    bench_json_open(json, "doubts", '[');
    for (size_t i = analysis->model_sentences; i < analysis->sentence_count; i++)
        bench_json_text(json, NULL, analysis->sentences[i]);
    bench_json_close(json, ']');
}

static void write_chosen(struct bench_json *json, const struct analysis *analysis)
{
    const struct choice *choice = &analysis->choice;
    const struct capacity_line *lines = analysis->capacity;
    bench_json_count(json, "workers", lines[choice->chosen].workers);
    bench_json_count(json, "best_workers", lines[choice->best].workers);
    bench_json_open(json, "indistinguishable", '[');
    for (size_t i = 0; i < analysis->capacity_count; i++)
        if (lines[i].comparison.in_set)
            bench_json_count(json, NULL, lines[i].workers);
    bench_json_close(json, ']');
    bench_json_number(json, "resample_share", lines[choice->chosen].comparison.chosen_share);
    write_interval(json, "to_next_smaller", &choice->step);
    write_interval(json, "control_to_reference", &choice->noise);
    bench_json_number(json, "detectable", choice->detectable);
    bench_json_count(json, "blocks", choice->blocks);
    bench_json_bool(json, "provisional", choice->provisional);
    bench_json_bool(json, "best_is_largest", choice->best_is_largest);
    bench_json_bool(json, "chosen_is_largest", choice->chosen_is_largest);
    bench_json_bool(json, "chosen_is_smallest", choice->chosen_is_smallest);
    if (choice->worse_from < analysis->capacity_count)
        bench_json_count(json, "p99_worse_from_workers", lines[choice->worse_from].workers);
    else
        bench_json_null(json, "p99_worse_from_workers");
}

static void write_recommendation(struct bench_json *json, const struct analysis *analysis)
{
    static const char *const verdicts[] = {
        [CHOICE_USE] = "use",
        [CHOICE_NO_DIFFERENCE] = "no_difference",
        [CHOICE_UNDETERMINED] = "undetermined",
    };
    const struct choice *choice = &analysis->choice;
    bench_json_open(json, "recommendation", '{');
    bench_json_text(json, "verdict", verdicts[choice->verdict]);
    bench_json_text(json, "sentence", analysis->recommendation);
    if (choice->verdict == CHOICE_UNDETERMINED)
        write_optional_text(json, "reason", choice->reason);
    else
        write_chosen(json, analysis);
    bench_json_close(json, '}');
}

void analysis_write(struct bench_json *json, const struct analysis *analysis)
{
    bench_json_open(json, NULL, '{');
    bench_json_text(json, "workload", analysis->workload);
    write_recommendation(json, analysis);
    write_lines(json, analysis);
    write_models(json, analysis);
    bench_json_count(json, "unusable_trials", analysis->unusable);
    bench_json_close(json, '}');
}

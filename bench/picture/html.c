/* SPDX-License-Identifier: MIT */
#include "bench/picture/html.h"

#include "bench/base/bench_number.h"
#include "bench/picture/html_parts.h"
#include "bench/picture/markup.h"
#include "bench/picture/picture.h"

#include <math.h>
#include <stdio.h>

static void put_paragraph(struct byte_buffer *out, const char *style, const char *text)
{
    byte_buffer_printf(out, "<p class=\"%s\">", style);
    markup_append(out, text);
    byte_buffer_append_text(out, "</p>\n");
}

/* "8 workers", or that it is not known. */
static const char *answer(const struct scene *scene, char text[TICK_LABEL_SIZE])
{
    const struct capacity_line *chosen = scene_chosen(scene);
    return chosen != NULL ? scene_workers_text(chosen->workers, text) : "not determined";
}

static void put_card(const struct scene *scene, struct byte_buffer *out)
{
    const struct capacity_line *chosen = scene_chosen(scene);
    char text[TICK_LABEL_SIZE];
    char rate[BENCH_NUMBER_SIZE];
    byte_buffer_printf(out, "<li><a href=\"#w%zu\"><code>", scene->workload + 1);
    markup_append(out, scene->analysis->workload);
    byte_buffer_printf(out, "</code><strong>%s</strong><span>", answer(scene, text));
    if (chosen == NULL)
        byte_buffer_append_text(out, "see why");
    else
        markup_printf(out, "%s requests/s%s", bench_number_rate(rate, chosen->rate_rps),
                      scene->analysis->choice.verdict == CHOICE_NO_DIFFERENCE
                          ? "; no difference detected"
                          : "");
    byte_buffer_append_text(out, "</span></a></li>\n");
}

static void put_sentences(const struct analysis *analysis, size_t first, size_t end,
                          const char *heading, struct byte_buffer *out)
{
    if (first >= end)
        return;
    byte_buffer_printf(out, "<h3>%s</h3>\n<ul>\n", heading);
    for (size_t i = first; i < end; i++) {
        byte_buffer_append_text(out, "<li>");
        markup_append(out, analysis->sentences[i]);
        byte_buffer_append_text(out, "</li>\n");
    }
    byte_buffer_append_text(out, "</ul>\n");
}

static void put_pictures(const struct scene *scene, struct byte_buffer *out)
{
    byte_buffer_append_text(out, "<div class=\"pictures\">\n");
    for (size_t i = 0; i < PICTURES; i++) {
        byte_buffer_append_text(out, "<figure>\n");
        pictures[i].draw(scene, out);
        byte_buffer_append_text(out, "</figure>\n");
    }
    byte_buffer_append_text(out, "</div>\n");
}

static void put_workload(const struct scene *scene, struct byte_buffer *out)
{
    const struct analysis *analysis = scene->analysis;
    char text[TICK_LABEL_SIZE];
    size_t number = scene->workload + 1;
    byte_buffer_printf(out,
                       "<section id=\"w%zu\"%s aria-labelledby=\"w%zu-name\">\n"
                       "<h2 id=\"w%zu-name\">",
                       number, number == 1 ? " class=\"first\"" : "", number, number);
    markup_append(out, analysis->workload);
    byte_buffer_append_text(out, "</h2>\n");
    put_paragraph(out, "answer", answer(scene, text));
    put_paragraph(out, "say", analysis->recommendation);
    put_sentences(analysis, analysis->model_sentences, analysis->sentence_count,
                  "What is uncertain", out);
    html_refused_table(scene, out);
    put_pictures(scene, out);
    html_capacity_table(scene, out);
    html_latency_table(scene, out);
    html_model_table(scene, out);
    put_sentences(analysis, 0, analysis->model_sentences, "What the models say", out);
    byte_buffer_append_text(out, "</section>\n");
}

static void put_header(const struct results *results, struct byte_buffer *out)
{
    size_t done = 0;
    for (size_t i = 0; i < results->trial_count; i++)
        done += results->trials[i].complete;
    byte_buffer_append_text(out, "<header>\n<h1>How many workers?</h1>\n<p class=\"meta\">");
    markup_printf(out, "crew-bench %s, %s, %.3g CPU%s (%s), seed %llu. ", results->crew_version,
                  results->started_utc, results->host.cpus, results->host.cpus == 1 ? "" : "s",
                  results->host.cpu_model, (unsigned long long)results->settings.seed);
    byte_buffer_append_text(out, "<a href=\"#about\">How this was measured</a></p>\n");
    if (!results->complete) {
        byte_buffer_append_text(out, "<p class=\"notice\">");
        markup_printf(out, "This sweep is incomplete: %zu of %zu trials ran to their end.", done,
                      results->trial_count);
        byte_buffer_append_text(out, "</p>\n");
    }
    byte_buffer_append_text(out, "</header>\n");
}

static void put_head(const struct results *results, struct byte_buffer *out)
{
    byte_buffer_append_text(
        out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<title>How many workers? ");
    for (size_t i = 0; i < results->settings.workload_count; i++)
        markup_printf(out, "%s%s", i > 0 ? ", " : "", results->settings.workloads[i]);
    byte_buffer_append_text(out, "</title>\n<style>\n");
    byte_buffer_append_text(out, html_style);
    byte_buffer_append_text(out, "</style>\n</head>\n<body>\n");
}

void html_write(const struct results *results, struct analysis *const *analyses,
                struct byte_buffer *out)
{
    size_t count = results->settings.workload_count;
    put_head(results, out);
    put_header(results, out);
    byte_buffer_append_text(out, "<main>\n");
    if (count > 1) {
        byte_buffer_append_text(out, "<ul class=\"cards\">\n");
        for (size_t i = 0; i < count; i++)
            put_card(&(struct scene){results, analyses[i], i}, out);
        byte_buffer_append_text(out, "</ul>\n");
    }
    for (size_t i = 0; i < count; i++)
        put_workload(&(struct scene){results, analyses[i], i}, out);
    html_about(results, out);
    byte_buffer_append_text(out, "</main>\n</body>\n</html>\n");
}

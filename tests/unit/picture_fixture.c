/* SPDX-License-Identifier: MIT */
#include "tests/unit/picture_fixture.h"

#include "tests/unit/markup_check.h"

#include <check.h>
#include <string.h>

static const unsigned workers[] = {1, 2, 4, 8, 16, 32};
static const double shares[] = {0.5, 0.9};

const struct results_fixture picture_fixture = {
    .law = FIXTURE_CPU,
    .workers = workers,
    .count = 6,
    .reference = 4,
    .blocks = 6,
    .outstanding = 64,
    .cores = 4,
    .service_us = 1000,
    .noise = 0.004,
    .control = true,
    .shares = shares,
    .share_count = 2,
    .requests = 600,
    .seed = 7,
};

struct results picture_results;
struct analysis *picture_analysis;
struct byte_buffer picture_out;

void picture_fixture_begin(void)
{
    results_fixture_make(&picture_fixture, &picture_results);
    picture_analysis = NULL;
    picture_out = (struct byte_buffer){0};
}

void picture_fixture_end(void)
{
    analysis_free(picture_analysis);
    results_free(&picture_results);
    byte_buffer_free(&picture_out);
}

void picture_fixture_take(const struct results_fixture *fixture)
{
    results_free(&picture_results);
    results_fixture_make(fixture, &picture_results);
}

const char *picture_draw(void (*picture)(const struct scene *scene, struct byte_buffer *out))
{
    analysis_free(picture_analysis);
    picture_analysis = analysis_take(&picture_results, 0);
    ck_assert_ptr_nonnull(picture_analysis);
    struct scene scene = {&picture_results, picture_analysis, 0};
    byte_buffer_truncate(&picture_out, 0);
    picture(&scene, &picture_out);
    markup_check(markup_text(&picture_out));
    ck_assert_uint_eq(markup_count(picture_out.bytes, "nan"), 0);
    return picture_out.bytes;
}

void assert_has(const char *text, const char *what)
{
    ck_assert_msg(strstr(text, what) != NULL, "there is no %s", what);
}

void assert_lacks(const char *text, const char *what)
{
    ck_assert_msg(strstr(text, what) == NULL, "there is %s", what);
}

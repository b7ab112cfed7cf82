/* SPDX-License-Identifier: MIT */
/* The parts of the page that html_write puts together; each appends to `out`. Pure. */
#ifndef CREW_BENCH_HTML_PARTS_H
#define CREW_BENCH_HTML_PARTS_H

#include "bench/picture/scene.h"
#include "common/byte_buffer.h"

/* The style sheet. */
extern const char html_style[];

/* Tables; nothing where there is no line to show. */
void html_capacity_table(const struct scene *scene, struct byte_buffer *out);
void html_latency_table(const struct scene *scene, struct byte_buffer *out);
void html_model_table(const struct scene *scene, struct byte_buffer *out);

/* The trials of the workload that do not count, with the reasons. */
void html_refused_table(const struct scene *scene, struct byte_buffer *out);

/* Host, settings, method, and the command that measures the same again. */
void html_about(const struct results *results, struct byte_buffer *out);

#endif

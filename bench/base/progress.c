/* SPDX-License-Identifier: MIT */
#include "bench/base/progress.h"

#include "bench/base/bench_number.h"
#include "bench/base/bench_terminal.h"
#include "bench/base/chart.h"
#include "common/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    REDRAW_NS = 100 * NS_PER_MS,
    RATE_NS = 300 * NS_PER_MS, /* a shorter span would make the figure flicker */
    BAR_WIDTH = 24,
    BORDER_BYTES = 6, /* of the two columns around the bar */
};

void progress_begin(struct progress *progress)
{
    *progress = (struct progress){.live = bench_terminal_is_live(STDERR_FILENO)};
    progress->begin_ns = monotonic_ns();
    progress->rate_ns = progress->begin_ns;
}

static void take_rate(struct progress *progress, uint64_t now_ns, uint64_t replies)
{
    if (replies < progress->rate_replies) { /* the count started again: so does the span */
        progress->rate_replies = replies;
        progress->rate_ns = now_ns;
        return;
    }
    uint64_t span_ns = now_ns - progress->rate_ns;
    if (span_ns < RATE_NS)
        return;
    progress->rate = (double)(replies - progress->rate_replies) * NS_PER_S / (double)span_ns;
    progress->rate_replies = replies;
    progress->rate_ns = now_ns;
}

void progress_show(struct progress *progress, double done, uint64_t replies, const char *label)
{
    if (!progress->live)
        return;
    uint64_t now_ns = monotonic_ns();
    take_rate(progress, now_ns, replies);
    if (progress->drawn_ns > 0 && now_ns - progress->drawn_ns < REDRAW_NS)
        return;
    progress->drawn_ns = now_ns;
    double share = done < 0 ? 0 : done > 1 ? 1 : done;
    char bar[CHART_BAR_SIZE];
    chart_bar(bar, share, BAR_WIDTH);
    double spent_s = (double)(now_ns - progress->begin_ns) / NS_PER_S;
    char left[32] = "";
    /* Too early, the estimate would only be noise. Rounded up: nothing is left only at the end. */
    if (share > 0.01)
        snprintf(left, sizeof(left), "%.0f s left", spent_s * (1 - share) / share + 0.5);
    char rate[BENCH_NUMBER_SIZE + 16] = "";
    if (progress->rate > 0) {
        char number[BENCH_NUMBER_SIZE];
        snprintf(rate, sizeof(rate), "  %s requests/s", bench_number_rate(number, progress->rate));
    }
    char line[1024];
    int size = snprintf(line, sizeof(line), "▕%s▏%3.0f%%  %s%s  %.300s", bar, share * 100, left,
                        rate, label);
    /* Cut to the width, for a line that wraps cannot be redrawn. The bar has more bytes than
     * columns. */
    size_t limit = bench_terminal_width(STDERR_FILENO) + strlen(bar) - BAR_WIDTH + BORDER_BYTES - 2;
    if (size > (int)limit && limit > strlen(bar) + BORDER_BYTES)
        line[limit] = '\0';
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->live && progress->drawn_ns > 0)
        fprintf(stderr, "\r\033[K");
    progress->drawn_ns = 0;
}

/* SPDX-License-Identifier: MIT */
#include "tests/soak/report.h"

#include "bench/base/bench_number.h"
#include "bench/base/text_table.h"

#include <stdarg.h>
#include <stdio.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void promises_add(struct promises *promises, const char *name, bool kept, const char *format, ...)
{
    if (promises->count == PROMISES_MOST)
        return;
    promises->items[promises->count].name = name;
    promises->items[promises->count].kept = kept;
    va_list values;
    va_start(values, format);
    vsnprintf(promises->items[promises->count].found, PROMISE_TEXT_SIZE, format, values);
    va_end(values);
    promises->count++;
}

bool promises_all_kept(const struct promises *promises)
{
    bool kept = promises->count > 0;
    for (size_t i = 0; i < promises->count; i++)
        kept = kept && promises->items[i].kept;
    return kept;
}

static const struct text_column columns[] = {
    {"clients", 21},    {"connections", 11}, {"requests sent", 13}, {"answered", 11},
    {"unanswered", 10}, {"turned away", 11}, {"breaches", 8},
};

static void print_row(const char *name, const struct history_totals *totals)
{
    const uint64_t values[] = {totals->connections, totals->sent,        totals->answered,
                               totals->unanswered,  totals->turned_away, totals->breaches};
    char texts[COUNT(values)][BENCH_NUMBER_SIZE];
    const char *cells[COUNT(columns)] = {name};
    for (size_t i = 0; i < COUNT(values); i++)
        cells[i + 1] = bench_number_count(texts[i], values[i]);
    text_table_row(stdout, columns, COUNT(columns), cells);
}

void report_clients(const struct load *load)
{
    struct history_totals sum;
    text_table_row(stdout, columns, COUNT(columns), NULL);
    for (size_t i = 0; i < load->kinds; i++)
        print_row(load->behaviours[i].name, &load->totals[i]);
    load_sum(load, &sum);
    print_row("all", &sum);
    for (size_t i = 0; i < load->kinds; i++)
        if (load->totals[i].breaches > 0)
            printf("  first breach of '%s': %s\n", load->behaviours[i].name,
                   load->totals[i].first_breach);
    fputc('\n', stdout);
}

void report_promises(const struct promises *promises)
{
    for (size_t i = 0; i < promises->count; i++)
        printf("  %-6s  %-18s  %s\n", promises->items[i].kept ? "kept" : "BROKEN",
               promises->items[i].name, promises->items[i].found);
    fflush(stdout);
}

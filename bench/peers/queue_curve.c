/* SPDX-License-Identifier: MIT */
#include "bench/peers/queue_curve.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Reads "NAME NUMBER" and goes on behind it; false when something else stands there. */
static bool read_number(const char **at, const char *name, double *number)
{
    size_t size = strlen(name);
    char *end = NULL;
    if (strncmp(*at, name, size) != 0 || (*at)[size] < '0' || (*at)[size] > '9')
        return false;
    *number = strtod(*at + size, &end);
    *at = end;
    return true;
}

static bool read_point(const char *line, struct queue_point *point)
{
    double threads = 0;
    bool good = read_number(&line, "threads ", &threads) &&
                read_number(&line, " ready_queue ", &point->ready_queue) &&
                read_number(&line, " plain ", &point->plain) && threads <= UINT_MAX;
    point->threads = good ? (unsigned)threads : 0;
    return good;
}

size_t queue_curve_parse(const char *output, struct queue_point *points, size_t limit)
{
    static const char begin[] = "threads ";
    size_t count = 0;
    for (const char *line = output; *line != '\0';) {
        if (strncmp(line, begin, sizeof(begin) - 1) == 0) {
            if (count == limit || !read_point(line, &points[count]))
                return 0;
            count++;
        }
        line += strcspn(line, "\n");
        line += *line == '\n' ? 1 : 0;
    }
    return count;
}

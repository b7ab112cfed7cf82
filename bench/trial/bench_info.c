/* SPDX-License-Identifier: MIT */
#include "bench/trial/bench_info.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double bench_info_number(const char *info, const char *field)
{
    size_t size = strlen(field);
    for (const char *line = info; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, field, size) == 0 && line[size] == ':') {
            const char *value = line + size + 1;
            char *end = NULL;
            double number = strtod(value, &end);
            return end > value ? number : NAN;
        }
        line += length;
        line += *line == '\n' ? 1 : 0;
    }
    return NAN;
}

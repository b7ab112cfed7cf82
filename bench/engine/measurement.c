/* SPDX-License-Identifier: MIT */
#include "bench/engine/measurement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void measurement_free(struct measurement *measurement)
{
    free(measurement->response_histogram);
    free(measurement->wire_histogram);
    free(measurement->series);
    *measurement = (struct measurement){0};
}

void measurement_refuse(struct measurement *measurement, const char *format, ...)
{
    if (measurement->reason_count == MEASUREMENT_REASONS)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(measurement->reasons[measurement->reason_count++], MEASUREMENT_REASON_SIZE, format,
              arguments);
    va_end(arguments);
}

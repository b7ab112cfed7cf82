/* SPDX-License-Identifier: MIT */
#include "bench/picture/picture.h"

const struct picture pictures[PICTURES] = {
    {"throughput", picture_throughput},
    {"difference", picture_difference},
    {"latency", picture_latency},
    {"percentiles", picture_percentiles},
    {"time", picture_time},
    {"series", picture_series},
};

/* SPDX-License-Identifier: MIT */
#include "bench/selftest/selftest_state.h"

#include "bench/base/bench_interrupt.h"

#include <stdarg.h>
#include <stdio.h>

void selftest_part(struct selftest *selftest, size_t index, size_t count)
{
    selftest->part_begin = (double)index / (double)count;
    selftest->part_size = 1 / (double)count;
}

void selftest_progress(const struct selftest *selftest, double done, uint64_t replies)
{
    if (selftest->progress != NULL)
        selftest->progress(selftest->context, selftest->part_begin + selftest->part_size * done,
                           replies);
}

void selftest_conclude(struct selftest *selftest, enum selftest_result result, const char *format,
                       ...)
{
    va_list arguments;
    selftest->result = result;
    va_start(arguments, format);
    vsnprintf(selftest->found, sizeof(selftest->found), format, arguments);
    va_end(arguments);
}

bool selftest_goes_on(struct selftest *selftest, double done)
{
    selftest_progress(selftest, done, 0);
    if (!bench_interrupted())
        return true;
    selftest_conclude(selftest, SELFTEST_INTERRUPTED, "interrupted");
    return false;
}

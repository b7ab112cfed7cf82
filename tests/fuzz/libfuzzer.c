/* SPDX-License-Identifier: MIT */
/* What libFuzzer calls with each input. FUZZ_TARGET in the environment names the target. */
#include "tests/fuzz/fuzz_target.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static fuzz_target_run *chosen(void)
{
    const char *name = getenv("FUZZ_TARGET");
    for (size_t i = 0; i < fuzz_target_count; i++) {
        if (name != NULL && strcmp(fuzz_targets[i].name, name) == 0)
            return fuzz_targets[i].run;
    }
    fputs("fuzz: FUZZ_TARGET must name a target\n", stderr);
    exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static fuzz_target_run *run;
    if (run == NULL)
        run = chosen();
    run((crew_slice){(const char *)bytes, size});
    return 0;
}

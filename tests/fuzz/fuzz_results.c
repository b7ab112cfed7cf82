/* SPDX-License-Identifier: MIT */
/*
 * What crew-bench reads back. Results that are accepted must, once written, be read as the same
 * and written as the same; a histogram's text that is accepted is the only one for it.
 *
 * Input that begins with a brace is a results file, any other a histogram's text.
 */
#include "bench/results/histogram_text.h"
#include "bench/results/results_file.h"
#include "tests/fuzz/fuzz_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void check_histogram(crew_slice input)
{
    char error[HISTOGRAM_TEXT_ERROR_SIZE] = "";
    struct histogram *histogram = malloc(sizeof(*histogram));
    char *text = fuzz_text(input);
    FUZZ_REQUIRE(histogram != NULL);
    if (histogram_text_parse(text, histogram, error)) {
        struct byte_buffer written = {0};
        histogram_text_append(histogram, &written);
        FUZZ_REQUIRE(
            fuzz_same((crew_slice){written.bytes, written.size}, (crew_slice){text, strlen(text)}));
        byte_buffer_free(&written);
    } else {
        FUZZ_REQUIRE(error[0] != '\0');
    }
    free(text);
    free(histogram);
}

/* Reads a file that holds the bytes. */
static bool read_results(crew_slice bytes, struct results *results)
{
    char error[BENCH_ERROR_SIZE] = "";
    char path[64];
    int fd = memfd_create("results", MFD_CLOEXEC);
    FUZZ_REQUIRE(fd >= 0);
    FUZZ_REQUIRE(write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    bool good = results_read(path, results, error);
    FUZZ_REQUIRE(good || error[0] != '\0');
    close(fd);
    return good;
}

static void write_results(const struct results *results, struct byte_buffer *out)
{
    struct analysis *none[RESULTS_WORKLOAD_LIMIT] = {NULL};
    results_write_json(results, none, out);
    FUZZ_REQUIRE(!out->failed);
}

static void check_results(crew_slice input)
{
    struct results results;
    struct results again;
    struct byte_buffer first = {0};
    struct byte_buffer second = {0};
    if (!read_results(input, &results))
        return;
    write_results(&results, &first);
    FUZZ_REQUIRE(read_results((crew_slice){first.bytes, first.size}, &again));
    write_results(&again, &second);
    FUZZ_REQUIRE(
        fuzz_same((crew_slice){first.bytes, first.size}, (crew_slice){second.bytes, second.size}));
    results_free(&results);
    results_free(&again);
    byte_buffer_free(&first);
    byte_buffer_free(&second);
}

void fuzz_results(crew_slice input)
{
    if (input.size > 0 && input.data[0] == '{')
        check_results(input);
    else
        check_histogram(input);
}

/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const struct fuzz_target fuzz_targets[] = {
#define TARGET_ROW(name) {#name, fuzz_##name},
    FUZZ_TARGETS(TARGET_ROW)
#undef TARGET_ROW
};

const size_t fuzz_target_count = sizeof(fuzz_targets) / sizeof(fuzz_targets[0]);

void fuzz_fail(const char *promise, const char *file, int line)
{
    fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, promise);
    abort();
}

bool fuzz_same(crew_slice a, crew_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool fuzz_begins_with(crew_slice all, crew_slice start)
{
    return start.size <= all.size && fuzz_same((crew_slice){all.data, start.size}, start);
}

char *fuzz_copy(crew_slice bytes)
{
    char *copy = malloc(bytes.size);
    FUZZ_REQUIRE(copy != NULL || bytes.size == 0);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return copy;
}

char *fuzz_text(crew_slice bytes)
{
    char *copy = malloc(bytes.size + 1);
    FUZZ_REQUIRE(copy != NULL);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size] = '\0';
    return copy;
}

int fuzz_file(crew_slice content, char path[FUZZ_PATH_SIZE])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_REQUIRE(fd >= 0 && fchmod(fd, 0600) == 0);
    FUZZ_REQUIRE(write(fd, content.data, content.size) == (ssize_t)content.size);
    snprintf(path, FUZZ_PATH_SIZE, "/proc/self/fd/%d", fd);
    return fd;
}

int fuzz_lowest_free_fd(void)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_REQUIRE(fd >= 0 && close(fd) == 0);
    return fd;
}

crew_slice fuzz_take_line(crew_slice *rest)
{
    const char *feed = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    size_t size = feed != NULL ? (size_t)(feed - rest->data) : rest->size;
    size_t taken = feed != NULL ? size + 1 : size;
    crew_slice line = {rest->data, size};
    *rest = (crew_slice){rest->data + taken, rest->size - taken};
    return line;
}

struct fuzz_stream fuzz_stream_of(crew_slice input)
{
    struct fuzz_stream stream = {.bytes = input};
    crew_slice options = fuzz_take_line(&stream.bytes);
    if (options.size > 0) {
        stream.mode = (unsigned char)options.data[0] % 16;
        stream.cuts = (crew_slice){options.data + 1, options.size - 1};
    }
    return stream;
}

size_t fuzz_stream_cut(const struct fuzz_stream *stream, size_t number, size_t start)
{
    size_t left = stream->bytes.size - start;
    size_t size = left;
    if (stream->cuts.size > 0) {
        unsigned char cut = (unsigned char)stream->cuts.data[number % stream->cuts.size];
        bool digit = cut >= '0' && cut <= '9';
        size = cut % 16U * (digit ? 1U : 16U);
    }
    return start + (size == 0 || size > left ? left : size);
}

void fuzz_require_same_reading(void (*read)(const struct fuzz_stream *stream,
                                            struct byte_buffer *out),
                               const struct fuzz_stream *whole, const struct fuzz_stream *cut)
{
    struct byte_buffer from_whole = {0};
    struct byte_buffer from_cut = {0};
    read(whole, &from_whole);
    read(cut, &from_cut);
    FUZZ_REQUIRE(fuzz_same((crew_slice){from_whole.bytes, from_whole.size},
                           (crew_slice){from_cut.bytes, from_cut.size}));
    byte_buffer_free(&from_whole);
    byte_buffer_free(&from_cut);
}

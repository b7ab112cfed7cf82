/* SPDX-License-Identifier: MIT */
/*
 * What every fuzz target shares. A target takes any bytes, feeds them to the code it is named
 * after, and aborts when what came of them is wrong. It leaves nothing behind: the next call
 * behaves as the first. One thread.
 *
 * The bytes of a target that reads a stream begin with a line of options, so that a seed can be
 * written with an editor:
 *
 *     135\n*1\r\n$4\r\nPING\r\n
 *
 * Its first character, modulo 16, is the target's mode. The others say how the stream after it is
 * cut into reads, one after the other and then again from the first: a digit stands for so many
 * bytes, 0 for all that are left, and any other character for its code modulo 16, times 16.
 */
#ifndef CREW_TESTS_FUZZ_FUZZ_TARGET_H
#define CREW_TESTS_FUZZ_FUZZ_TARGET_H

#include "common/byte_buffer.h"
#include "crew.h"

#include <stdbool.h>
#include <stddef.h>

typedef void fuzz_target_run(crew_slice input);

#define FUZZ_TARGETS(X)                                                                            \
    X(request)                                                                                     \
    X(connection)                                                                                  \
    X(pair)                                                                                        \
    X(raw)                                                                                         \
    X(tls_hello)                                                                                   \
    X(tls_records)                                                                                 \
    X(reply)                                                                                       \
    X(words)                                                                                       \
    X(configuration)                                                                               \
    X(passwords)                                                                                   \
    X(results)

#define DECLARE_TARGET(name) fuzz_target_run fuzz_##name;
FUZZ_TARGETS(DECLARE_TARGET)
#undef DECLARE_TARGET

struct fuzz_target {
    const char *name;
    fuzz_target_run *run;
};

extern const struct fuzz_target fuzz_targets[];
extern const size_t fuzz_target_count;

/* Ends the process, naming the promise that was broken, unless it holds. */
#define FUZZ_REQUIRE(promise) ((promise) ? (void)0 : fuzz_fail(#promise, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *promise, const char *file, int line);

bool fuzz_same(crew_slice a, crew_slice b);
bool fuzz_begins_with(crew_slice all, crew_slice start);

/* A copy on the heap that is not a byte longer, so that a sanitizer sees each read past its end;
 * to be freed. */
char *fuzz_copy(crew_slice bytes);

/* The same, ended by a NUL. */
char *fuzz_text(crew_slice bytes);

/* A file in memory, open to its owner alone, whose path goes to `path`; its descriptor. */
enum { FUZZ_PATH_SIZE = 64 };
int fuzz_file(crew_slice content, char path[FUZZ_PATH_SIZE]);

/* The lowest number that is free for a descriptor: whoever leaks one raises it, sooner or later. */
int fuzz_lowest_free_fd(void);

/* Takes the next line, without its end, off the front of `rest`. */
crew_slice fuzz_take_line(crew_slice *rest);

struct fuzz_stream {
    unsigned mode;
    crew_slice cuts;
    crew_slice bytes;
};

struct fuzz_stream fuzz_stream_of(crew_slice input);

/* Where the read ends that begins at `start`, which is the stream's `number`th from 0. */
size_t fuzz_stream_cut(const struct fuzz_stream *stream, size_t number, size_t start);

/* Both streams must be read as the same; `read` appends what it found. */
void fuzz_require_same_reading(void (*read)(const struct fuzz_stream *stream,
                                            struct byte_buffer *out),
                               const struct fuzz_stream *whole, const struct fuzz_stream *cut);

#endif

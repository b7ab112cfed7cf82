/* SPDX-License-Identifier: MIT */
/*
 * Standard input, output and error are files in memory, so that neither side ever waits for the
 * other. The child stays in the test's process group, which Check kills when time is up.
 */
#include "tests/system/program.h"

#include "common/dial.h"
#include "tests/system/fixture.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORD_LIMIT = 48, PATH_SIZE = 4096 };

static int memory_file(const char *content)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    size_t size = content != NULL ? strlen(content) : 0;
    ck_assert_int_eq(pwrite(fd, content, size, 0), (ssize_t)size);
    return fd;
}

/* All of the file, ended by a NUL; closes it. */
static char *take_content(int fd, size_t *size)
{
    struct stat status;
    ck_assert_int_eq(fstat(fd, &status), 0);
    *size = (size_t)status.st_size;
    char *content = malloc(*size + 1);
    ck_assert_ptr_nonnull(content);
    ck_assert_int_eq(pread(fd, content, *size, 0), status.st_size);
    content[*size] = '\0';
    close(fd);
    return content;
}

static pid_t spawn(const char *path, const char *const *words, const int streams[3])
{
    char *arguments[WORD_LIMIT + 2] = {(char *)path};
    for (size_t i = 0; words[i] != NULL; i++) {
        ck_assert(i < WORD_LIMIT);
        arguments[i + 1] = (char *)words[i]; /* posix_spawn does not write to them */
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, streams[i], i);
    pid_t pid = 0;
    int error = posix_spawn(&pid, path, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    ck_assert_msg(error == 0, "cannot start %s: %s", path, strerror(error));
    return pid;
}

static int wait_for_end(pid_t pid, const char *path)
{
    int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    ck_assert_int_ge(pid_fd, 0);
    bool in_time = wait_for_socket(pid_fd, POLLIN, PROGRAM_MS); /* waits on any descriptor */
    close(pid_fd);
    if (!in_time)
        kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        ck_assert_int_eq(errno, EINTR);
    ck_assert_msg(in_time, "%s did not end in time", path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void program_run(struct program_run *run, const char *path, const char *const *words,
                 const char *input)
{
    int streams[3] = {memory_file(input), memory_file(NULL), memory_file(NULL)};
    run->status = wait_for_end(spawn(path, words, streams), path);
    size_t errors_size = 0;
    close(streams[0]);
    run->output = take_content(streams[1], &run->output_size);
    run->errors = take_content(streams[2], &errors_size);
}

void program_run_free(struct program_run *run)
{
    free(run->output);
    free(run->errors);
}

void program_expect(struct program_run *run, const char *path, const char *const *words,
                    const char *input, int status)
{
    program_run(run, path, words, input);
    ck_assert_msg(run->status == status,
                  "%s %s ... ended with %d instead of %d; it wrote '%.1000s' and '%.1000s'", path,
                  words[0] != NULL ? words[0] : "", run->status, status, run->output, run->errors);
}

void program_expect_part(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in '%s'", part, text);
}

const char *program_skip(const char *reason)
{
    const char *required = getenv("CREW_REQUIRE_PEERS");
    ck_assert_msg(required == NULL || strcmp(required, "1") != 0, "%s", reason);
    fprintf(stderr, "skipped: %s\n", reason);
    return NULL;
}

const char *program_peer(const char *name)
{
    static char path[PATH_SIZE];
    const char *folders = getenv("PATH");
    while (folders != NULL && *folders != '\0') {
        size_t size = strcspn(folders, ":");
        snprintf(path, sizeof(path), "%.*s/%s", (int)size, folders, name);
        if (access(path, X_OK) == 0)
            return path;
        folders += size + (folders[size] == ':');
    }
    snprintf(path, sizeof(path), "no %s in PATH", name);
    return program_skip(path);
}

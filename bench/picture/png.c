/* SPDX-License-Identifier: MIT */
#include "bench/picture/png.h"

#include "bench/base/report_file.h"
#include "bench/picture/picture.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAME_SHOWN = 60, PATH_SIZE = 4096 };

static bool fail(char *error, const char *what, int reason)
{
    snprintf(error, BENCH_ERROR_SIZE, "%s: %s", what, strerror(reason));
    return false;
}

/* ---- rsvg-convert, between two files in memory: neither a pipe can fill up, nor a disk ----------
 */

static bool write_all(int fd, const struct byte_buffer *content)
{
    for (size_t done = 0; done < content->size;) {
        ssize_t written = write(fd, content->bytes + done, content->size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        done += (size_t)written;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

static bool read_all(int fd, struct byte_buffer *content)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    size_t size = (size_t)status.st_size;
    char *bytes = byte_buffer_extend(content, size);
    for (size_t done = 0; bytes != NULL && done < size;) {
        ssize_t got = pread(fd, bytes + done, size - done, (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    if (bytes == NULL)
        errno = ENOMEM;
    return bytes != NULL;
}

/* 0, or the errno value that it failed with. */
static int spawn(int in_fd, int out_fd, pid_t *child)
{
    static char program[] = "rsvg-convert";
    static char format[] = "--format=png";
    static char zoom[] = "--zoom=2";
    char *arguments[] = {program, format, zoom, NULL};
    posix_spawn_file_actions_t actions;
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0)
        return reason;
    reason = posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
    if (reason == 0)
        reason = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    if (reason == 0)
        reason = posix_spawnp(child, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

static bool check_status(int status, char *error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        snprintf(error, BENCH_ERROR_SIZE, "rsvg-convert could not draw a picture: exit status %d",
                 WEXITSTATUS(status));
    else
        snprintf(error, BENCH_ERROR_SIZE, "rsvg-convert was killed by signal %d", WTERMSIG(status));
    return false;
}

static bool run(int in_fd, int out_fd, char *error)
{
    pid_t child = 0;
    int reason = spawn(in_fd, out_fd, &child);
    if (reason == ENOENT) {
        snprintf(error, BENCH_ERROR_SIZE,
                 "PNG files need the program rsvg-convert, which is not on PATH; Debian has it in "
                 "the package librsvg2-bin");
        return false;
    }
    if (reason != 0)
        return fail(error, "cannot run rsvg-convert", reason);
    int status = 0;
    pid_t ended = 0;
    do
        ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == child ? check_status(status, error)
                          : fail(error, "cannot wait for rsvg-convert", errno);
}

bool png_draw(const struct byte_buffer *svg, struct byte_buffer *png, char error[BENCH_ERROR_SIZE])
{
    if (svg->failed)
        return fail(error, "cannot draw a picture", ENOMEM);
    int in_fd = memfd_create("picture.svg", MFD_CLOEXEC);
    int out_fd = memfd_create("picture.png", MFD_CLOEXEC);
    bool done = false;
    if (in_fd < 0 || out_fd < 0 || !write_all(in_fd, svg))
        fail(error, "cannot keep a picture in memory", errno);
    else if (run(in_fd, out_fd, error))
        done = read_all(out_fd, png) || fail(error, "cannot read a picture", errno);
    if (in_fd >= 0)
        close(in_fd);
    if (out_fd >= 0)
        close(out_fd);
    return done;
}

/* ---- files -------------------------------------------------------------------------------------
 */

static void clean_name(const char *workload, char name[PNG_NAME_SIZE])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    size_t used = 0;
    for (const char *at = workload; *at != '\0' && used < NAME_SHOWN; at++) {
        bool kept = strchr(plain, *at) != NULL && (used > 0 || *at != '.');
        if (kept)
            name[used++] = *at;
        else if (used > 0 && name[used - 1] != '-')
            name[used++] = '-';
    }
    while (used > 0 && name[used - 1] == '-')
        used--;
    name[used] = '\0';
}

const char *png_workload_name(const struct results_settings *settings, size_t workload,
                              char name[PNG_NAME_SIZE])
{
    char other[PNG_NAME_SIZE];
    bool same = false;
    clean_name(settings->workloads[workload], name);
    for (size_t i = 0; i < settings->workload_count && !same; i++) {
        clean_name(settings->workloads[i], other);
        same = i != workload && strcmp(other, name) == 0;
    }
    if (same || name[0] == '\0')
        snprintf(name + strlen(name), PNG_NAME_SIZE - NAME_SHOWN, "%s%zu",
                 name[0] == '\0' ? "workload" : "_", workload + 1);
    return name;
}

static bool write_picture(const struct scene *scene, const struct picture *picture,
                          const char *folder, char *error)
{
    char name[PNG_NAME_SIZE];
    char path[PATH_SIZE];
    struct byte_buffer svg = {0};
    struct byte_buffer png = {0};
    int size = snprintf(path, sizeof(path), "%s/%s-%s.png", folder,
                        png_workload_name(&scene->results->settings, scene->workload, name),
                        picture->name);
    if (size < 0 || size >= PATH_SIZE)
        return fail(error, "--png", ENAMETOOLONG);
    picture->draw(scene, &svg);
    bool done = png_draw(&svg, &png, error) && report_file_replace(path, &png, error);
    byte_buffer_free(&svg);
    byte_buffer_free(&png);
    return done;
}

bool png_write_all(const struct results *results, struct analysis *const *analyses,
                   const char *folder, char error[BENCH_ERROR_SIZE])
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        snprintf(error, BENCH_ERROR_SIZE, "cannot make the folder %.1000s: %s", folder,
                 strerror(errno));
        return false;
    }
    for (size_t i = 0; i < results->settings.workload_count; i++) {
        struct scene scene = {results, analyses[i], i};
        for (size_t j = 0; j < PICTURES; j++)
            if (!write_picture(&scene, &pictures[j], folder, error))
                return false;
    }
    return true;
}

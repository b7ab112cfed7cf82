/* SPDX-License-Identifier: MIT */
/*
 * fuzz-replay FOLDER: gives every target the files of FOLDER/<target>, so that what fuzzing found
 * stays found, with any compiler. Each target runs in a process of its own, so that the file that
 * broke it can be named. Returns 1 when one breaks, has no files or takes over a minute for one.
 */
#include "bench/base/whole_file.h"
#include "tests/fuzz/fuzz_target.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGEST_FILE = 1024 * 1024, LONGEST_S = 60 };

/* Where the target's process says which file it is at. */
static char *current;

static bool replay_file(const char *path, fuzz_target_run *run)
{
    char error[BENCH_ERROR_SIZE];
    struct byte_buffer content = {0};
    snprintf(current, PATH_MAX, "%s", path);
    bool good = whole_file_read(path, LARGEST_FILE, &content, error);
    (void)alarm(LONGEST_S);
    if (good)
        run((crew_slice){content.bytes, content.size});
    else
        fprintf(stderr, "%s\n", error);
    byte_buffer_free(&content);
    return good;
}

static bool replay_folder(const char *folder, const struct fuzz_target *target)
{
    char path[PATH_MAX];
    unsigned files = 0;
    bool good = true;
    snprintf(path, sizeof(path), "%s/%s", folder, target->name);
    DIR *entries = opendir(path);
    while (good && entries != NULL) {
        const struct dirent *entry = readdir(entries);
        if (entry == NULL)
            break;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s/%s", folder, target->name, entry->d_name);
        good = replay_file(path, target->run);
        files++;
    }
    if (entries != NULL)
        closedir(entries);
    printf("%s: %u files\n", target->name, files);
    return good && files > 0;
}

static bool replay_target(const char *folder, const struct fuzz_target *target)
{
    int status = 0;
    current[0] = '\0';
    pid_t child = fork();
    if (child == 0)
        exit(replay_folder(folder, target) ? EXIT_SUCCESS : EXIT_FAILURE);
    if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
        return true;
    fprintf(stderr, "fuzz-replay: %s failed at '%s'\n", target->name, current);
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    current = mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (current == MAP_FAILED) {
        perror("fuzz-replay: mmap");
        return EXIT_FAILURE;
    }
    bool good = true;
    for (size_t i = 0; i < fuzz_target_count; i++)
        good = replay_target(argv[1], &fuzz_targets[i]) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

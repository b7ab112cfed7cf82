/* SPDX-License-Identifier: MIT */
#include "tests/system/scratch_folder.h"

#include <check.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATHS = 8 };

static char folder[64];

void scratch_folder_make(void)
{
    snprintf(folder, sizeof(folder), "/tmp/crew-scratch-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* Calls `visit` for each file. */
static size_t each_file(void (*visit)(const char *name))
{
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    size_t count = 0;
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (visit != NULL)
            visit(entry->d_name);
    }
    closedir(entries);
    return count;
}

static void remove_file(const char *name)
{
    ck_assert_int_eq(unlink(scratch_path(name)), 0);
}

void scratch_folder_remove(void)
{
    each_file(remove_file);
    ck_assert_int_eq(rmdir(folder), 0);
}

size_t scratch_count(void)
{
    return each_file(NULL);
}

const char *scratch_path(const char *name)
{
    static char paths[PATHS][sizeof(folder) + NAME_MAX + 1];
    static size_t next;
    char *path = paths[next++ % PATHS];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

char *scratch_read(const char *name)
{
    struct stat status;
    FILE *file = fopen(scratch_path(name), "re");
    ck_assert_msg(file != NULL, "there is no file %s", name);
    ck_assert_int_eq(fstat(fileno(file), &status), 0);
    char *content = malloc((size_t)status.st_size + 1);
    ck_assert_ptr_nonnull(content);
    content[fread(content, 1, (size_t)status.st_size, file)] = '\0';
    fclose(file);
    return content;
}

void scratch_write(const char *name, const char *content)
{
    FILE *file = fopen(scratch_path(name), "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(content, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

void scratch_write_program(const char *name, const char *script)
{
    scratch_write(name, script);
    ck_assert_int_eq(chmod(scratch_path(name), 0700), 0);
}

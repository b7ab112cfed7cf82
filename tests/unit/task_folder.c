/* SPDX-License-Identifier: MIT */
#include "tests/unit/task_folder.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char task_folder[] = "/tmp/crew-task-XXXXXX";

void task_folder_make(void)
{
    memset(task_folder + sizeof(task_folder) - 7, 'X', 6); /* as mkdtemp wants it */
    ck_assert_ptr_nonnull(mkdtemp(task_folder));
}

static void write_sample(int tid, const char *file, const char *text)
{
    char path[100];
    snprintf(path, sizeof(path), "%s/%d/%s", task_folder, tid, file);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(text, out), 0);
    ck_assert_int_eq(fclose(out), 0);
}

void task_folder_add(const struct task_sample *thread)
{
    char text[300];
    snprintf(text, sizeof(text), "%s/%d", task_folder, thread->tid);
    ck_assert_int_eq(mkdir(text, 0700), 0);
    if (thread->schedstat != NULL)
        write_sample(thread->tid, "schedstat", thread->schedstat);
    snprintf(text, sizeof(text),
             "Name:\t%s\nThreads:\t3\nvoluntary_ctxt_switches:\t%d\n"
             "nonvoluntary_ctxt_switches:\t%d\n",
             thread->name != NULL ? thread->name : "", thread->voluntary, 2 * thread->voluntary);
    if (thread->name != NULL)
        write_sample(thread->tid, "status", text);
}

void task_folder_drop(int tid)
{
    static const char *const parts[] = {"/schedstat", "/status", ""};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char path[100];
        snprintf(path, sizeof(path), "%s/%d%s", task_folder, tid, parts[i]);
        (void)remove(path); /* not every thread has both files */
    }
}

void task_folder_remove(void)
{
    struct dirent *entry = NULL;
    DIR *listing = opendir(task_folder);
    ck_assert_ptr_nonnull(listing);
    while ((entry = readdir(listing)) != NULL)
        task_folder_drop((int)strtol(entry->d_name, NULL, 10));
    closedir(listing);
    ck_assert_int_eq(rmdir(task_folder), 0);
}

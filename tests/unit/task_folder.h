/* SPDX-License-Identifier: MIT */
/* A folder like /proc/PID/task, with the threads that a test wants. One at a time. */
#ifndef CREW_TESTS_UNIT_TASK_FOLDER_H
#define CREW_TESTS_UNIT_TASK_FOLDER_H

struct task_sample {
    int tid;
    const char *name;      /* NULL: no status, as of a thread that has just ended */
    const char *schedstat; /* NULL: no such file */
    int voluntary;         /* the involuntary switches are twice as many */
};

/* Its path, from task_folder_make on. */
extern char task_folder[];

/* For fixtures: an empty one; and its end, with all that is in it. */
void task_folder_make(void);
void task_folder_remove(void);

void task_folder_add(const struct task_sample *thread);
void task_folder_drop(int tid);

#endif

/* SPDX-License-Identifier: MIT */
#include "bench/base/sibling_program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void sibling_program(const char *name, char path[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - 1);
    path[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    snprintf(path + folder, PATH_MAX - folder, "%s", name);
}

/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_terminal.h"

#include "common/quantity.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 80, WIDEST = 1000 };

size_t bench_terminal_width(int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    int64_t width = 0;
    if (columns != NULL && quantity_parse_integer(columns, &width) && width > 0 && width <= WIDEST)
        return (size_t)width;
    return DEFAULT_WIDTH;
}

bool bench_terminal_is_live(int fd)
{
    const char *terminal = getenv("TERM");
    return isatty(fd) == 1 && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

bool bench_terminal_has_colour(int fd)
{
    const char *forbidden = getenv("NO_COLOR");
    return bench_terminal_is_live(fd) && (forbidden == NULL || forbidden[0] == '\0');
}

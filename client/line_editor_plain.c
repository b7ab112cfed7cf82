/* SPDX-License-Identifier: MIT */
#include "client/interrupt.h"
#include "client/line_editor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct client_line_editor {
    FILE *terminal;
    int interrupt_fd;
    char *line; /* getline's */
    size_t capacity;
};

struct client_line_editor *client_line_editor_create(FILE *terminal, int interrupt_fd,
                                                     const struct client_command_names *names)
{
    (void)names;
    struct client_line_editor *editor = calloc(1, sizeof(*editor));
    if (editor == NULL)
        return NULL;
    editor->terminal = terminal;
    editor->interrupt_fd = interrupt_fd;
    return editor;
}

void client_line_editor_destroy(struct client_line_editor *editor)
{
    free(editor->line);
    free(editor);
}

void client_line_editor_remember(struct client_line_editor *editor, const char *line)
{
    (void)editor;
    (void)line;
}

/*
 * Waits until the terminal has a whole line, which getline then takes without blocking; false
 * after ctrl-C. A terminal hands out one line per read, so none is left over in stdin's buffer.
 */
static bool wait_for_line(const struct client_line_editor *editor)
{
    for (;;) {
        struct pollfd watched[] = {
            {.fd = STDIN_FILENO, .events = POLLIN},
            {.fd = editor->interrupt_fd, .events = POLLIN},
        };
        int ready = poll(watched, 2, -1);
        if (ready < 0 && errno == EINTR)
            continue;
        return !client_interrupt_take(editor->interrupt_fd);
    }
}

enum client_line client_line_editor_read(struct client_line_editor *editor, const char *prompt,
                                         struct byte_buffer *line)
{
    fputs(prompt, editor->terminal);
    fflush(editor->terminal);
    if (!wait_for_line(editor)) {
        fputc('\n', editor->terminal);
        return CLIENT_LINE_CANCELLED;
    }
    ssize_t size = getline(&editor->line, &editor->capacity, stdin);
    if (size < 0)
        return CLIENT_LINE_END;
    if (size > 0 && editor->line[size - 1] == '\n')
        size--;
    byte_buffer_append(line, editor->line, (size_t)size);
    return CLIENT_LINE_READ;
}

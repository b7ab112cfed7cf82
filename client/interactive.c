/* SPDX-License-Identifier: MIT */
#include "client/interactive.h"

#include "client/command_names.h"
#include "client/exchange.h"
#include "client/help.h"
#include "client/history.h"
#include "client/interrupt.h"
#include "client/line_editor.h"
#include "client/login.h"
#include "client/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct shell {
    struct client_session *session;
    const struct client_settings *settings;
    struct client_command_names names;
    bool has_names; /* of the server's commands */
    bool was_connected;
    bool leaving;
};

/* ---- connection ---- */

static const char *const own_commands[] = {"exit", "help", "quit", NULL};

/* Completion is a comfort: a server without COMMAND, or one that wants AUTH first, will do. */
static void fetch_names(struct shell *shell)
{
    static const char *const request[] = {"COMMAND", NULL};
    crew_slice reply = {"", 0};
    enum client_status status = client_request_words(shell->session, request, &reply);
    if (status == CLIENT_FAILURE) {
        client_report("%s", shell->session->error);
        return;
    }
    shell->has_names = status == CLIENT_OK;
    client_command_names_set(&shell->names, reply, own_commands);
}

/* Reports it if the connection was there and is gone. */
static bool is_connected(struct shell *shell)
{
    if (!client_session_is_open(shell->session))
        return false;
    if (client_session_is_alive(shell->session))
        return true;
    client_report("%s", shell->session->error);
    return false;
}

static bool connect_if_needed(struct shell *shell)
{
    if (is_connected(shell))
        return true;
    if (client_login(shell->session, shell->settings) == CLIENT_FAILURE)
        return false;
    if (shell->was_connected)
        client_report("connected to %s again", shell->session->name);
    shell->was_connected = true;
    if (!shell->has_names)
        fetch_names(shell);
    return client_session_is_open(shell->session);
}

/* ---- commands ---- */

static enum client_status leave(struct shell *shell, const struct client_command_line *command)
{
    (void)command;
    shell->leaving = true;
    return CLIENT_OK;
}

static enum client_status help(struct shell *shell, const struct client_command_line *command)
{
    return connect_if_needed(shell) ? client_help(shell->session, command) : CLIENT_FAILURE;
}

static enum client_status forward(struct shell *shell, const struct client_command_line *command)
{
    if (!connect_if_needed(shell))
        return CLIENT_FAILURE;
    enum client_status status = client_exchange(shell->session, command, shell->settings->format);
    bool logged_in = status == CLIENT_OK && (client_command_line_is(command, 0, "AUTH") ||
                                             client_command_line_is(command, 0, "HELLO"));
    if (logged_in && !shell->has_names)
        fetch_names(shell);
    return status;
}

static const struct {
    const char *name;
    enum client_status (*run)(struct shell *shell, const struct client_command_line *command);
} local_commands[] = {{"quit", leave}, {"exit", leave}, {"help", help}};

static enum client_status run_command(struct shell *shell,
                                      const struct client_command_line *command)
{
    for (size_t i = 0; i < sizeof(local_commands) / sizeof(local_commands[0]); i++) {
        if (client_command_line_is(command, 0, local_commands[i].name))
            return local_commands[i].run(shell, command);
    }
    return command->count > 0 ? forward(shell, command) : CLIENT_OK;
}

/* False when the output failed: there is no point in going on. */
static bool run_line(struct shell *shell, char *line, size_t size)
{
    struct client_command_line command = {0};
    enum client_status status = CLIENT_OK;
    enum client_split split = client_command_line_split(&command, line, size);
    if (split == CLIENT_SPLIT_UNBALANCED)
        fputs("Invalid argument(s)\n", stderr);
    else if (split == CLIENT_SPLIT_OK)
        status = run_command(shell, &command);
    client_command_line_free(&command);
    /* A failed connection is closed. */
    return status != CLIENT_FAILURE || !client_session_is_open(shell->session);
}

/* ---- lines ---- */

static void remember(void *editor, const char *line)
{
    client_line_editor_remember(editor, line);
}

static void keep(struct client_line_editor *editor, int history_fd, const struct byte_buffer *line)
{
    size_t size = line->size - 1; /* without its terminator */
    if (size == 0 || client_history_is_secret(line->bytes, size))
        return;
    client_line_editor_remember(editor, line->bytes);
    client_history_append(history_fd, line->bytes, size);
}

static enum client_status run_lines(struct shell *shell, struct client_line_editor *editor,
                                    FILE *terminal, int history_fd)
{
    enum client_status status = CLIENT_OK;
    struct byte_buffer line = {0};
    while (!shell->leaving && status == CLIENT_OK) {
        char prompt[ENDPOINT_TEXT_SIZE + 2];
        snprintf(prompt, sizeof(prompt), "%s> ",
                 is_connected(shell) ? shell->session->name : "not connected");
        byte_buffer_truncate(&line, 0);
        enum client_line result = client_line_editor_read(editor, prompt, &line);
        if (result == CLIENT_LINE_CANCELLED)
            continue;
        if (result == CLIENT_LINE_END) {
            fputc('\n', terminal);
            break;
        }
        byte_buffer_append(&line, "", 1);
        if (line.failed) {
            client_report("out of memory");
            continue;
        }
        keep(editor, history_fd, &line);
        if (!run_line(shell, line.bytes, line.size - 1))
            status = CLIENT_FAILURE;
    }
    byte_buffer_free(&line);
    return status;
}

enum client_status client_interactive(struct client_session *session,
                                      const struct client_settings *settings)
{
    struct shell shell = {.session = session, .settings = settings};
    /* Prompt and echo must not end up in a file that takes the replies. */
    FILE *terminal = isatty(STDOUT_FILENO) ? stdout : stderr;
    int interrupt_fd = client_interrupt_open();
    struct client_line_editor *editor =
        client_line_editor_create(terminal, interrupt_fd, &shell.names);
    enum client_status status = CLIENT_FAILURE;
    if (editor == NULL) {
        client_report("cannot set up the terminal");
    } else {
        session->interrupt_fd = interrupt_fd;
        int history_fd = client_history_open(getenv("HOME"));
        client_history_load(history_fd, remember, editor);
        connect_if_needed(&shell);
        status = run_lines(&shell, editor, terminal, history_fd);
        if (history_fd >= 0)
            close(history_fd);
        client_line_editor_destroy(editor);
    }
    session->interrupt_fd = -1;
    if (interrupt_fd >= 0)
        close(interrupt_fd);
    client_command_names_free(&shell.names);
    return status;
}

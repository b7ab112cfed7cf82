/* SPDX-License-Identifier: MIT */
/* crew-client: chooses the mode and puts its parts together. */
#include "client/batch.h"
#include "client/command_line.h"
#include "client/interactive.h"
#include "client/one_shot.h"
#include "client/raw_exchange.h"
#include "client/report.h"
#include "client/session.h"
#include "client/settings.h"
#include "client/stream.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The words of argv; with --stdin-last also standard input, whose bytes `input` keeps. */
static bool gather_command(const struct client_settings *settings, char **words,
                           struct client_command_line *command, struct byte_buffer *input)
{
    for (; *words != NULL; words++) {
        if (!client_command_line_append(command, (crew_slice){*words, strlen(*words)}))
            return false;
    }
    if (!settings->stdin_last)
        return true;
    return client_stream_read_all(input) &&
           client_command_line_append(command, (crew_slice){input->bytes, input->size});
}

static enum client_status run_mode(struct client_session *session,
                                   const struct client_settings *settings,
                                   const struct client_command_line *command)
{
    if (settings->server.scheme == ENDPOINT_RAW)
        return client_raw_exchange(session, command);
    if (command->count > 0)
        return client_one_shot(session, settings, command);
    if (isatty(STDIN_FILENO))
        return client_interactive(session, settings);
    return client_batch(session, settings);
}

static enum client_status run(const struct client_settings *settings, char **words)
{
    struct client_command_line command = {0};
    struct byte_buffer input = {0};
    enum client_status status = CLIENT_FAILURE;
    if (gather_command(settings, words, &command, &input)) {
        struct client_session session;
        client_session_init(&session, &settings->server, settings->tls,
                            settings->connect_timeout_ms, settings->timeout_ms);
        status = run_mode(&session, settings, &command);
        client_session_close(&session);
    }
    byte_buffer_free(&input);
    client_command_line_free(&command);
    return status;
}

int main(int argc, char **argv)
{
    if (!client_stream_secure())
        return CLIENT_FAILURE;
    (void)setlocale(LC_CTYPE, "");  /* the line editor edits characters, not bytes */
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is reported like any failing output */

    struct client_settings settings;
    int next = argc;
    int status = client_settings_parse(&settings, argc, argv, &next);
    if (status < 0) {
        status = (int)run(&settings, argv + next);
        client_settings_free(&settings);
    }
    if (fflush(stdout) != 0) {
        client_report("cannot write output: %s", strerror(errno));
        return CLIENT_FAILURE;
    }
    return status;
}

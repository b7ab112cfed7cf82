/* SPDX-License-Identifier: MIT */
#include "client/batch.h"

#include "client/exchange.h"
#include "client/login.h"
#include "client/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum client_status run_line(struct client_session *session, enum client_format format,
                                   struct client_command_line *command, char *line, size_t size)
{
    switch (client_command_line_split(command, line, size)) {
    case CLIENT_SPLIT_NO_MEMORY:
        return CLIENT_FAILURE;
    case CLIENT_SPLIT_UNBALANCED:
        fputs("Invalid argument(s)\n", stderr);
        return CLIENT_ERROR_REPLY;
    case CLIENT_SPLIT_OK:
        break;
    }
    return command->count > 0 ? client_exchange(session, command, format) : CLIENT_OK;
}

enum client_status client_batch(struct client_session *session,
                                const struct client_settings *settings)
{
    enum client_status worst = client_login(session, settings);
    if (worst != CLIENT_OK)
        return worst;
    struct client_command_line command = {0};
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size = 0;
    while (worst != CLIENT_FAILURE && (size = getline(&line, &capacity, stdin)) >= 0) {
        enum client_status status =
            run_line(session, settings->format, &command, line, (size_t)size);
        if (status > worst)
            worst = status;
    }
    if (worst != CLIENT_FAILURE && !feof(stdin)) {
        client_report("cannot read standard input: %s", strerror(errno));
        worst = CLIENT_FAILURE;
    }
    free(line);
    client_command_line_free(&command);
    return worst;
}

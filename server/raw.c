/* SPDX-License-Identifier: MIT */
#include "server/raw.h"

#include "common/words.h"
#include "server/dispatch.h"
#include "server/server.h"
#include "server/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct raw_command *command, const char *text, const char *reason, char *error)
{
    raw_command_destroy(command);
    snprintf(error, OPTION_ERROR_SIZE, "--raw-command: '%.80s' is not allowed: %s", text, reason);
    return false;
}

bool raw_command_init(struct raw_command *command, const char *text,
                      const struct command_table *table, char error[OPTION_ERROR_SIZE])
{
    *command = (struct raw_command){.text = strdup(text)};
    if (command->text == NULL)
        return fail(command, text, "out of memory", error);
    size_t size = strlen(text);
    size_t position = 0;
    crew_slice word;
    enum words_result result;
    while ((result = words_next(command->text, size, &position, &word)) == WORDS_FOUND) {
        if (command->count == RAW_WORD_LIMIT)
            return fail(command, text, "it takes at most 16 words", error);
        command->words[command->count++] = word;
    }
    if (result == WORDS_UNBALANCED)
        return fail(command, text, "its quotes are not balanced", error);
    const struct command_entry *entry =
        command->count > 0 ? command_table_find(table, command->words[0]) : NULL;
    if (entry == NULL)
        return fail(command, text, "it takes a command's name and words, such as GREET or ECHO",
                    error);
    /* Raw clients cannot log in, and with AUTH could guess passwords where users are served. */
    if ((entry->command->flags & CREW_BEFORE_AUTH) != 0)
        return fail(command, text, "a raw:// client has no login, nor a conversation to end",
                    error);
    return true;
}

void raw_command_destroy(struct raw_command *command)
{
    free(command->text);
    *command = (struct raw_command){0};
}

/* Lays the words and the payload out like a request: bytes and where each argument lies. */
static bool build_request(const struct raw_command *command, const char *payload, size_t size,
                          struct byte_buffer *request, struct resp_span *arguments)
{
    for (size_t i = 0; i < command->count; i++) {
        arguments[i] = (struct resp_span){request->size, command->words[i].size};
        byte_buffer_append(request, command->words[i].data, command->words[i].size);
    }
    arguments[command->count] = (struct resp_span){request->size, size};
    byte_buffer_append(request, payload, size);
    return !request->failed;
}

static enum raw_result run(struct worker *worker, struct connection *connection,
                           const char *payload, size_t size)
{
    const struct raw_command *command = &worker->server->raw_command;
    struct resp_span arguments[RAW_WORD_LIMIT + 1];
    struct byte_buffer request = {0};
    bool built = build_request(command, payload, size, &request, arguments);
    connection->close_reason = built ? CLOSE_RAW_DONE : CLOSE_NO_MEMORY;
    if (built)
        (void)dispatch(
            worker, connection,
            &(struct request){request.bytes, request.size, arguments, command->count + 1},
            REPLY_RAW);
    byte_buffer_free(&request);
    return built ? RAW_REPLIED : RAW_ENDED;
}

static enum raw_result end(struct connection *connection, enum close_reason reason)
{
    connection->close_reason = (uint8_t)reason;
    return RAW_ENDED;
}

enum raw_result raw_exchange(struct worker *worker, struct connection *connection)
{
    bool draining = pool_is_draining(&worker->server->pool);
    bool hung_up = connection_hung_up(connection);
    ssize_t got = transport_receive(connection, worker->input->bytes, worker->input->capacity);
    bool nothing = got < 0 && errno == EAGAIN;
    if (nothing && !hung_up && !draining)
        return RAW_WAIT;
    connection->phase = PHASE_FINISHING;
    if (nothing && draining)
        return end(connection, CLOSE_STOP);
    if (got <= 0)
        return end(connection, got == 0 || nothing ? CLOSE_CLIENT : CLOSE_RESET);
    statistics_add(&worker->statistics.bytes_in_total, (uint64_t)got);
    return run(worker, connection, worker->input->bytes, (size_t)got);
}

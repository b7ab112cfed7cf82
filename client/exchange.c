/* SPDX-License-Identifier: MIT */
#include "client/exchange.h"

#include "client/reply.h"
#include "client/report.h"
#include "client/stream.h"
#include "common/resp_encode.h"

#include <string.h>

static bool send_request(struct client_session *session, const struct client_command_line *command)
{
    struct byte_buffer request = {0};
    resp_encode_request(&request, command->words, command->count);
    bool sent = client_session_send(session, &request);
    byte_buffer_free(&request);
    return sent;
}

static enum client_status status_of(enum resp_type type)
{
    return client_reply_type_is_failure(type) ? CLIENT_ERROR_REPLY : CLIENT_OK;
}

enum client_status client_request(struct client_session *session,
                                  const struct client_command_line *command, crew_slice *reply)
{
    if (!send_request(session, command))
        return CLIENT_FAILURE;
    enum resp_type type = RESP_PUSH;
    while (type == RESP_PUSH) {
        if (!client_session_receive(session, reply))
            return CLIENT_FAILURE;
        type = client_reply_type(*reply);
    }
    return status_of(type);
}

enum client_status client_request_words(struct client_session *session, const char *const *words,
                                        crew_slice *reply)
{
    struct client_command_line command = {0};
    bool appended = true;
    for (size_t i = 0; words[i] != NULL && appended; i++)
        appended = client_command_line_append(&command, (crew_slice){words[i], strlen(words[i])});
    enum client_status status =
        appended ? client_request(session, &command, reply) : CLIENT_FAILURE;
    client_command_line_free(&command);
    return status;
}

/* Commands whose reply is text with lines, which quotes and escapes would spoil. */
static const char *const text_commands[][2] = {
    {"INFO", NULL},        {"CLIENT", "LIST"},   {"CLIENT", "INFO"},
    {"CLUSTER", "INFO"},   {"CLUSTER", "NODES"}, {"MEMORY", "DOCTOR"},
    {"LATENCY", "DOCTOR"}, {"LATENCY", "GRAPH"}, {"MEMORY", "MALLOC-STATS"},
    {"LOLWUT", NULL},
};

static bool replies_with_text(const struct client_command_line *command)
{
    for (size_t i = 0; i < sizeof(text_commands) / sizeof(text_commands[0]); i++) {
        const char *subcommand = text_commands[i][1];
        if (client_command_line_is(command, 0, text_commands[i][0]) &&
            (subcommand == NULL || client_command_line_is(command, 1, subcommand)))
            return true;
    }
    return false;
}

static bool print_reply(enum client_format format, crew_slice reply)
{
    struct byte_buffer text = {0};
    client_format_reply(format, reply, &text);
    bool written = client_stream_write(&text);
    byte_buffer_free(&text);
    return written;
}

enum client_status client_exchange(struct client_session *session,
                                   const struct client_command_line *command,
                                   enum client_format format)
{
    bool connected = send_request(session, command);
    enum resp_type type = RESP_PUSH;
    while (connected && type == RESP_PUSH) {
        crew_slice reply;
        connected = client_session_receive(session, &reply);
        if (!connected)
            break;
        type = client_reply_type(reply);
        bool as_text =
            format == CLIENT_FORMAT_TERMINAL && type == RESP_BULK && replies_with_text(command);
        if (!print_reply(as_text ? CLIENT_FORMAT_RAW : format, reply))
            return CLIENT_FAILURE;
    }
    if (connected)
        return status_of(type);
    client_report("%s", session->error);
    return CLIENT_FAILURE;
}

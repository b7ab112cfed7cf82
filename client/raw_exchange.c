/* SPDX-License-Identifier: MIT */
#include "client/raw_exchange.h"

#include "client/report.h"
#include "client/stream.h"

enum { REPLY_LIMIT = 64 << 20 };

static bool compose(const struct client_command_line *command, struct byte_buffer *message)
{
    if (command->count == 0)
        return client_stream_read_all(message);
    for (size_t i = 0; i < command->count; i++) {
        byte_buffer_append_text(message, i > 0 ? " " : "");
        byte_buffer_append(message, command->words[i].data, command->words[i].size);
    }
    return true;
}

static enum client_status print(crew_slice reply)
{
    struct byte_buffer text = {0};
    byte_buffer_append(&text, reply.data, reply.size);
    if (reply.data[reply.size - 1] != '\n')
        byte_buffer_append_text(&text, "\n");
    bool written = client_stream_write(&text);
    byte_buffer_free(&text);
    if (!written)
        return CLIENT_FAILURE;
    if (reply.size < REPLY_LIMIT)
        return CLIENT_OK;
    client_report("the reply was cut at %d bytes", REPLY_LIMIT);
    return CLIENT_FAILURE;
}

enum client_status client_raw_exchange(struct client_session *session,
                                       const struct client_command_line *command)
{
    struct byte_buffer message = {0};
    if (!compose(command, &message)) {
        byte_buffer_free(&message);
        return CLIENT_FAILURE;
    }
    crew_slice reply;
    bool received = client_session_open(session) && client_session_send(session, &message) &&
                    client_session_receive_to_end(session, REPLY_LIMIT, &reply);
    byte_buffer_free(&message);
    if (received)
        return print(reply);
    client_report("%s", session->error);
    return CLIENT_FAILURE;
}

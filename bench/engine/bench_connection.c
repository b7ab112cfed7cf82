/* SPDX-License-Identifier: MIT */
#include "bench/engine/bench_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool bench_connection_init(struct bench_connection *connection, struct channel channel,
                           const struct workload *workload, size_t pipeline)
{
    *connection =
        (struct bench_connection){.channel = channel, .workload = workload, .pipeline = pipeline};
    connection->requests = calloc(pipeline, sizeof(*connection->requests));
    if (connection->requests != NULL)
        return true;
    bench_connection_free(connection);
    return false;
}

void bench_connection_close(struct bench_connection *connection)
{
    channel_close(&connection->channel);
}

void bench_connection_free(struct bench_connection *connection)
{
    bench_connection_close(connection);
    free(connection->requests);
    byte_buffer_free(&connection->output);
    byte_buffer_free(&connection->input);
    *connection = (struct bench_connection){.channel.fd = -1};
}

bool bench_connection_dial_raw(struct bench_connection *connection,
                               const struct sockaddr_storage *address, socklen_t size)
{
    byte_buffer_truncate(&connection->input, 0);
    byte_buffer_truncate(&connection->output, 0);
    connection->output_sent = 0;
    connection->queued_bytes = 0;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    connection->channel.fd = fd;
    if (fd < 0)
        return false;
    /* While it is in progress, sending is refused with EAGAIN, which waits for it. */
    return connect(fd, (const struct sockaddr *)address, size) == 0 || errno == EINPROGRESS ||
           errno == EINTR;
}

bool bench_connection_queue(struct bench_connection *connection, uint64_t number,
                            uint64_t scheduled_ns, uint64_t sent_ns, struct bench_random *random)
{
    const struct workload *workload = connection->workload;
    size_t kind = workload_draw(workload, random);
    size_t before = connection->output.size;
    request_kind_encode(&workload->kinds[kind], number, random, &connection->output);
    if (connection->output.failed)
        return false;
    connection->queued_bytes += connection->output.size - before;
    size_t place = connection->head + connection->outstanding;
    place = place < connection->pipeline ? place : place - connection->pipeline;
    connection->requests[place] = (struct bench_request){.scheduled_ns = scheduled_ns,
                                                         .sent_ns = sent_ns,
                                                         .number = number,
                                                         .end_byte = connection->queued_bytes,
                                                         .kind = kind};
    connection->outstanding++;
    return true;
}

enum bench_io bench_connection_send(struct bench_connection *connection)
{
    struct byte_buffer *output = &connection->output;
    while (connection->output_sent < output->size) {
        ssize_t sent = channel_send(&connection->channel, output->bytes + connection->output_sent,
                                    output->size - connection->output_sent);
        if (sent >= 0) {
            connection->output_sent += (size_t)sent;
            continue;
        }
        return errno == EAGAIN ? BENCH_IO_BLOCKED : BENCH_IO_LOST;
    }
    byte_buffer_truncate(output, 0);
    connection->output_sent = 0;
    return BENCH_IO_DONE;
}

enum bench_io bench_connection_receive(struct bench_connection *connection, char *scratch)
{
    /* A reply that began earlier goes on in the connection's own buffer, so that the parts of a
     * long reply are not copied again with each read. */
    struct byte_buffer *input = &connection->input;
    size_t kept = input->size;
    char *space = kept > 0 ? byte_buffer_extend(input, BENCH_RECEIVE_SIZE) : scratch;
    if (space == NULL) {
        errno = ENOMEM;
        return BENCH_IO_LOST;
    }
    ssize_t received = channel_receive(&connection->channel, space, BENCH_RECEIVE_SIZE);
    size_t size = received > 0 ? (size_t)received : 0;
    byte_buffer_truncate(input, kept > 0 ? kept + size : 0);
    if (received == 0)
        errno = 0;
    else if (received < 0 && errno == EAGAIN)
        return BENCH_IO_BLOCKED;
    if (received <= 0)
        return BENCH_IO_LOST;
    connection->unread = kept > 0 ? input->bytes : scratch;
    connection->unread_size = kept + size;
    return BENCH_IO_DONE;
}

/* Frees the place of the oldest request. */
static void complete_oldest(struct bench_connection *connection, size_t reply_size,
                            struct bench_reply *reply)
{
    const struct bench_request *request = &connection->requests[connection->head];
    *reply = (struct bench_reply){request->scheduled_ns, request->sent_ns, connection->unread,
                                  reply_size};
    connection->unread += reply_size;
    connection->unread_size -= reply_size;
    connection->head = connection->head + 1 < connection->pipeline ? connection->head + 1 : 0;
    connection->outstanding--;
}

enum reply_verdict bench_connection_take_reply(struct bench_connection *connection,
                                               struct bench_reply *reply)
{
    if (connection->unread_size == 0)
        return REPLY_PARTIAL;
    *reply = (struct bench_reply){0, 0, connection->unread, connection->unread_size};
    const struct bench_request *request = &connection->requests[connection->head];
    uint64_t sent_bytes =
        connection->queued_bytes - (connection->output.size - connection->output_sent);
    if (connection->outstanding == 0 || request->end_byte > sent_bytes)
        return REPLY_MALFORMED;
    size_t size = 0;
    enum reply_verdict verdict = request_kind_check(
        &connection->workload->kinds[request->kind], request->number, &connection->scanner,
        connection->unread, connection->unread_size, &size);
    if (verdict != REPLY_PARTIAL && verdict != REPLY_MALFORMED)
        complete_oldest(connection, size, reply);
    return verdict;
}

enum reply_verdict bench_connection_take_raw(struct bench_connection *connection,
                                             struct bench_reply *reply)
{
    connection->unread = connection->input.bytes;
    connection->unread_size = connection->input.size;
    bool whole = connection->unread_size > 0 && !bench_connection_has_unsent(connection);
    complete_oldest(connection, connection->unread_size, reply);
    return whole ? REPLY_RIGHT : REPLY_WRONG;
}

bool bench_connection_keep_rest(struct bench_connection *connection)
{
    struct byte_buffer *input = &connection->input;
    if (input->size > 0) { /* the rest lies in the buffer itself */
        if (connection->unread != input->bytes)
            memmove(input->bytes, connection->unread, connection->unread_size);
        byte_buffer_truncate(input, connection->unread_size);
    } else {
        byte_buffer_append(input, connection->unread, connection->unread_size);
    }
    connection->unread_size = 0;
    return !input->failed;
}

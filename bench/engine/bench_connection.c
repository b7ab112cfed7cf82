/* SPDX-License-Identifier: MIT */
#include "bench/engine/bench_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

bool bench_connection_init(struct bench_connection *connection, int fd,
                           const struct workload *workload, size_t pipeline, size_t index,
                           size_t total)
{
    *connection = (struct bench_connection){.fd = fd, .workload = workload, .pipeline = pipeline};
    connection->number = index;
    connection->number_step = total;
    size_t size = workload->request.size;
    connection->requests = malloc(pipeline * size);
    connection->sent_ns = calloc(pipeline, sizeof(*connection->sent_ns));
    if (connection->requests == NULL || connection->sent_ns == NULL) {
        bench_connection_free(connection);
        return false;
    }
    for (size_t i = 0; i < pipeline; i++)
        memcpy(connection->requests + i * size, workload->request.bytes, size);
    return true;
}

void bench_connection_close(struct bench_connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
}

void bench_connection_free(struct bench_connection *connection)
{
    bench_connection_close(connection);
    free(connection->requests);
    free(connection->sent_ns);
    byte_buffer_free(&connection->input);
    *connection = (struct bench_connection){.fd = -1};
}

static size_t slot_after_last(const struct bench_connection *connection)
{
    size_t slot = connection->head + connection->outstanding;
    return slot < connection->pipeline ? slot : slot - connection->pipeline;
}

void bench_connection_queue(struct bench_connection *connection, size_t count, uint64_t now_ns)
{
    const struct workload *workload = connection->workload;
    for (size_t i = 0; i < count; i++) {
        size_t slot = slot_after_last(connection);
        connection->sent_ns[slot] = now_ns;
        if (workload->number_digits > 0) {
            workload_set_number(workload, connection->requests + slot * workload->request.size,
                                connection->number);
            connection->number += connection->number_step;
        }
        connection->outstanding++;
    }
    connection->unsent += count * workload->request.size;
}

/* The unsent bytes end where the next request will go; they may wrap around the ring's end. */
static ssize_t send_once(const struct bench_connection *connection)
{
    size_t size = connection->workload->request.size;
    size_t ring = connection->pipeline * size;
    size_t end = slot_after_last(connection) * size;
    if (end >= connection->unsent)
        return send(connection->fd, connection->requests + end - connection->unsent,
                    connection->unsent, MSG_NOSIGNAL);
    size_t wrapped = connection->unsent - end;
    struct iovec parts[] = {{connection->requests + ring - wrapped, wrapped},
                            {connection->requests, end}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = end > 0 ? 2 : 1};
    return sendmsg(connection->fd, &message, MSG_NOSIGNAL);
}

enum bench_io bench_connection_send(struct bench_connection *connection)
{
    while (connection->unsent > 0) {
        ssize_t sent = send_once(connection);
        if (sent >= 0) {
            connection->unsent -= (size_t)sent;
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return BENCH_IO_BLOCKED;
        if (errno != EINTR)
            return BENCH_IO_LOST;
    }
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
    ssize_t received = recv(connection->fd, space, BENCH_RECEIVE_SIZE, 0);
    size_t size = received > 0 ? (size_t)received : 0;
    byte_buffer_truncate(input, kept > 0 ? kept + size : 0);
    if (received == 0)
        errno = 0;
    else if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return BENCH_IO_BLOCKED;
    if (received <= 0)
        return BENCH_IO_LOST;
    connection->unread = kept > 0 ? input->bytes : scratch;
    connection->unread_size = kept + size;
    return BENCH_IO_DONE;
}

enum workload_verdict bench_connection_take_reply(struct bench_connection *connection,
                                                  struct bench_reply *reply)
{
    if (connection->unread_size == 0)
        return WORKLOAD_PARTIAL;
    *reply = (struct bench_reply){0, connection->unread, connection->unread_size};
    /* A slot must not be used again while its request is still being sent. */
    size_t later_requests = connection->outstanding > 0 ? connection->outstanding - 1 : 0;
    if (connection->outstanding == 0 ||
        connection->unsent > later_requests * connection->workload->request.size)
        return WORKLOAD_MALFORMED;
    size_t slot = connection->head;
    size_t size = 0;
    enum workload_verdict verdict = workload_check(
        connection->workload, connection->requests + slot * connection->workload->request.size,
        &connection->scanner, connection->unread, connection->unread_size, &size);
    if (verdict == WORKLOAD_PARTIAL || verdict == WORKLOAD_MALFORMED)
        return verdict;
    *reply = (struct bench_reply){connection->sent_ns[slot], connection->unread, size};
    connection->unread += size;
    connection->unread_size -= size;
    connection->head = slot + 1 < connection->pipeline ? slot + 1 : 0;
    connection->outstanding--;
    return verdict;
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

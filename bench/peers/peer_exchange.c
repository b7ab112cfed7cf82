/* SPDX-License-Identifier: MIT */
#include "bench/peers/peer_exchange.h"

#include "common/resp_encode.h"

#include <string.h>

enum { WORD_LIMIT = 8, PAYLOAD_STEP = 31, PAYLOAD_PERIOD = 251 };

/* Bytes of all kinds, whose period (a prime) is no divisor of any buffer's size: a part that is
 * lost, repeated or moved does not compare equal. */
static void append_payload(struct byte_buffer *buffer, size_t size)
{
    char *bytes = byte_buffer_extend(buffer, size);
    for (size_t i = 0; bytes != NULL && i < size; i++)
        bytes[i] = (char)(i * PAYLOAD_STEP % PAYLOAD_PERIOD);
}

static void append_request(struct byte_buffer *request, const char *command,
                           const struct byte_buffer *payload)
{
    crew_slice words[WORD_LIMIT];
    size_t count = 0;
    for (const char *at = command; count < WORD_LIMIT - 1 && *at != '\0'; count++) {
        words[count] = (crew_slice){at, strcspn(at, " ")};
        at += words[count].size;
        at += *at == ' ' ? 1 : 0;
    }
    if (payload->size > 0)
        words[count++] = (crew_slice){payload->bytes, payload->size};
    resp_encode_request(request, words, count);
}

bool peer_exchange_make(struct peer_exchange *exchange, enum peer_program program,
                        const char *command, size_t payload, size_t depth)
{
    struct byte_buffer bytes = {0};
    *exchange = (struct peer_exchange){0};
    append_payload(&bytes, payload);
    for (size_t i = 0; i < depth && !bytes.failed; i++) {
        if (program == PEER_MEMCACHED) {
            byte_buffer_append_text(&exchange->request, "get k\r\n");
            byte_buffer_append_text(&exchange->reply, "END\r\n");
            continue;
        }
        append_request(&exchange->request, command, &bytes);
        if (payload > 0)
            resp_encode_bulk(&exchange->reply, bytes.bytes, bytes.size);
        else
            byte_buffer_append_text(&exchange->reply,
                                    strcmp(command, "PING") == 0 ? "+PONG\r\n" : "+OK\r\n");
    }
    exchange->load = (struct load_exchange){
        .request = exchange->request.bytes,
        .request_size = exchange->request.size,
        .reply = exchange->reply.bytes,
        .reply_size = exchange->reply.size,
        .requests = depth,
    };
    bool good = !bytes.failed && !exchange->request.failed && !exchange->reply.failed;
    byte_buffer_free(&bytes);
    return good;
}

void peer_exchange_free(struct peer_exchange *exchange)
{
    byte_buffer_free(&exchange->request);
    byte_buffer_free(&exchange->reply);
}

/* SPDX-License-Identifier: MIT */
#include "common/resp_reply.h"

#include "common/resp_request.h"

#include <string.h>

/* No honest server announces more values than this in one aggregate, nor longer texts. */
enum { LARGEST_LENGTH = 1 << 30 };

static enum resp_reply_result read_bulk(const char *bytes, size_t size, int64_t length,
                                        struct resp_token *token)
{
    size_t header = token->size;
    size_t end = header + (size_t)length + 2;
    if (size < end)
        return RESP_REPLY_INCOMPLETE;
    if (bytes[end - 2] != '\r' || bytes[end - 1] != '\n')
        return RESP_REPLY_MALFORMED;
    token->text = bytes + header;
    token->text_size = (size_t)length;
    token->size = end;
    if (token->type == RESP_VERBATIM) { /* "txt:" or the like stands before the text */
        if (length < 4 || token->text[3] != ':')
            return RESP_REPLY_MALFORMED;
        token->text += 4;
        token->text_size -= 4;
    }
    return RESP_REPLY_WHOLE;
}

/* For a type whose header line carries a length: the line's text is already in the token. */
static enum resp_reply_result read_sized(const char *bytes, size_t size, struct resp_token *token)
{
    int64_t length = 0;
    if (!resp_parse_integer(token->text, token->text_size, &length) || length < -1 ||
        length > LARGEST_LENGTH)
        return RESP_REPLY_MALFORMED;
    switch (token->type) {
    case RESP_BULK:
    case RESP_ARRAY:
        if (length == -1) {
            token->type = RESP_NULL;
            token->text_size = 0;
            return RESP_REPLY_WHOLE;
        }
        break;
    default:
        break;
    }
    if (length < 0)
        return RESP_REPLY_MALFORMED;
    bool pairs = token->type == RESP_MAP || token->type == RESP_ATTRIBUTE;
    if (pairs || token->type == RESP_ARRAY || token->type == RESP_SET || token->type == RESP_PUSH) {
        token->values = (size_t)length * (pairs ? 2 : 1);
        token->text_size = 0;
        return RESP_REPLY_WHOLE;
    }
    return read_bulk(bytes, size, length, token);
}

enum resp_reply_result resp_read_token(const char *bytes, size_t size, struct resp_token *token)
{
    if (size == 0)
        return RESP_REPLY_INCOMPLETE;
    *token = (struct resp_token){.type = (enum resp_type)bytes[0]};
    if (memchr("+-:$*_#,(!=%~>|", bytes[0], 15) == NULL)
        return RESP_REPLY_MALFORMED;
    /* Looked for no further than a line may reach, so that every split gives the same result. */
    const char *feed = memchr(bytes, '\n', size <= RESP_LINE_LIMIT ? size : RESP_LINE_LIMIT + 1);
    if (feed == NULL)
        return size > RESP_LINE_LIMIT ? RESP_REPLY_MALFORMED : RESP_REPLY_INCOMPLETE;
    if (feed < bytes + 2 || feed[-1] != '\r')
        return RESP_REPLY_MALFORMED;
    token->text = bytes + 1;
    token->text_size = (size_t)(feed - bytes) - 2;
    token->size = (size_t)(feed - bytes) + 1;
    switch (token->type) {
    case RESP_INTEGER:
        return resp_parse_integer(token->text, token->text_size, &token->number)
                   ? RESP_REPLY_WHOLE
                   : RESP_REPLY_MALFORMED;
    case RESP_BOOLEAN:
        if (token->text_size != 1 || (token->text[0] != 't' && token->text[0] != 'f'))
            return RESP_REPLY_MALFORMED;
        token->number = token->text[0] == 't';
        return RESP_REPLY_WHOLE;
    case RESP_NULL:
        return token->text_size == 0 ? RESP_REPLY_WHOLE : RESP_REPLY_MALFORMED;
    case RESP_STATUS:
    case RESP_FAILURE:
    case RESP_DOUBLE:
    case RESP_BIG_NUMBER:
        return RESP_REPLY_WHOLE;
    default:
        return read_sized(bytes, size, token);
    }
}

enum resp_reply_result resp_scan_reply(struct resp_scanner *scanner, const char *bytes, size_t size)
{
    if (scanner->position == 0)
        scanner->outstanding = 1;
    while (scanner->outstanding > 0) {
        struct resp_token token;
        enum resp_reply_result result =
            resp_read_token(bytes + scanner->position, size - scanner->position, &token);
        if (result != RESP_REPLY_WHOLE)
            return result;
        scanner->position += token.size;
        /* An attribute comes before the value that it describes and is not one itself. */
        if (token.type != RESP_ATTRIBUTE)
            scanner->outstanding--;
        if (token.values > SIZE_MAX / 2 - scanner->outstanding)
            return RESP_REPLY_MALFORMED;
        scanner->outstanding += token.values;
    }
    return RESP_REPLY_WHOLE;
}

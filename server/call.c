/* SPDX-License-Identifier: MIT */
#include "server/call.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

size_t crew_argument_count(const crew_call *call)
{
    return call->argument_count;
}

crew_slice crew_argument(const crew_call *call, size_t index)
{
    assert(index < call->argument_count);
    const struct resp_span *span = &call->arguments[index];
    return (crew_slice){call->request + span->offset, span->size};
}

bool crew_argument_is(const crew_call *call, size_t index, const char *word)
{
    crew_slice argument = crew_argument(call, index);
    return argument.size == strlen(word) && strncasecmp(argument.data, word, argument.size) == 0;
}

bool crew_argument_integer(const crew_call *call, size_t index, int64_t minimum, int64_t maximum,
                           int64_t *value)
{
    crew_slice argument = crew_argument(call, index);
    int64_t parsed;
    if (!resp_parse_integer(argument.data, argument.size, &parsed) || parsed < minimum ||
        parsed > maximum)
        return false;
    *value = parsed;
    return true;
}

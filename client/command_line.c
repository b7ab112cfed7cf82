/* SPDX-License-Identifier: MIT */
#include "client/command_line.h"

#include "client/report.h"
#include "common/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { INITIAL_CAPACITY = 16 };

bool client_command_line_append(struct client_command_line *command, crew_slice word)
{
    if (command->count == command->capacity) {
        size_t capacity = command->capacity > 0 ? command->capacity * 2 : INITIAL_CAPACITY;
        crew_slice *words = reallocarray(command->words, capacity, sizeof(*words));
        if (words == NULL) {
            client_report("out of memory");
            return false;
        }
        command->words = words;
        command->capacity = capacity;
    }
    command->words[command->count++] = word;
    return true;
}

enum client_split client_command_line_split(struct client_command_line *command, char *line,
                                            size_t size)
{
    command->count = 0;
    size_t position = 0;
    for (;;) {
        crew_slice word;
        switch (words_next(line, size, &position, &word)) {
        case WORDS_END:
            return CLIENT_SPLIT_OK;
        case WORDS_UNBALANCED:
            return CLIENT_SPLIT_UNBALANCED;
        case WORDS_FOUND:
            if (!client_command_line_append(command, word))
                return CLIENT_SPLIT_NO_MEMORY;
        }
    }
}

bool client_command_line_is(const struct client_command_line *command, size_t index,
                            const char *text)
{
    if (index >= command->count || command->words[index].size != strlen(text))
        return false;
    return strncasecmp(command->words[index].data, text, strlen(text)) == 0;
}

void client_command_line_free(struct client_command_line *command)
{
    free(command->words);
    *command = (struct client_command_line){0};
}

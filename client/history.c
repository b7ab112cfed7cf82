/* SPDX-License-Identifier: MIT */
#include "client/history.h"

#include "client/command_line.h"
#include "common/byte_buffer.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 4 << 20 }; /* what is beyond was not written by this program */

/* Commands, of this server or another, that may hold a password; of some only with a certain word.
 */
static const struct {
    const char *command;
    const char *word; /* anywhere in the line; NULL for any */
} secret_words[] = {
    {"AUTH", NULL},           {"HELLO", "AUTH"},        {"MIGRATE", "AUTH"},
    {"MIGRATE", "AUTH2"},     {"ACL", "SETUSER"},       {"CONFIG", "requirepass"},
    {"CONFIG", "masterauth"}, {"CONFIG", "masteruser"},
};

static bool has_secret(const struct client_command_line *command, const char *name,
                       const char *word)
{
    if (!client_command_line_is(command, 0, name))
        return false;
    for (size_t i = 1; word != NULL && i < command->count; i++) {
        if (client_command_line_is(command, i, word))
            return true;
    }
    return word == NULL;
}

bool client_history_is_secret(const char *line, size_t size)
{
    struct byte_buffer copy = {0};
    byte_buffer_append(&copy, line, size);
    struct client_command_line command = {0};
    /* Bad quotes in the password do not make it less of one: the words before them count. */
    bool secret = copy.failed || client_command_line_split(&command, copy.bytes, copy.size) ==
                                     CLIENT_SPLIT_NO_MEMORY;
    for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++)
        secret = secret || has_secret(&command, secret_words[i].command, secret_words[i].word);
    client_command_line_free(&command);
    byte_buffer_free(&copy);
    return secret;
}

int client_history_open(const char *directory)
{
    char path[PATH_MAX];
    if (directory == NULL || directory[0] == '\0' ||
        snprintf(path, sizeof(path), "%s/.crew_history", directory) >= (int)sizeof(path))
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return -1;
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || fchmod(fd, 0600) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, bytes, size);
        if (count <= 0)
            return;
        bytes += count;
        size -= (size_t)count;
    }
}

/* Reads the file and drops what comes after its last newline. */
static void read_lines(int fd, struct byte_buffer *content)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size <= 0 || status.st_size > FILE_LIMIT)
        return;
    size_t size = (size_t)status.st_size;
    char *space = byte_buffer_extend(content, size);
    ssize_t count = space == NULL ? 0 : pread(fd, space, size, 0);
    const char *last = count > 0 ? memrchr(space, '\n', (size_t)count) : NULL;
    byte_buffer_truncate(content, last == NULL ? 0 : (size_t)(last - space) + 1);
}

/* Where the last CLIENT_HISTORY_LINES lines begin. */
static size_t find_kept(const struct byte_buffer *content)
{
    size_t lines = 0;
    size_t at = content->size;
    while (at > 0) {
        if (content->bytes[at - 1] == '\n' && lines++ == CLIENT_HISTORY_LINES)
            break;
        at--;
    }
    return at;
}

void client_history_load(int fd, void (*each)(void *context, const char *line), void *context)
{
    if (fd < 0)
        return;
    struct byte_buffer content = {0};
    read_lines(fd, &content);
    size_t kept = find_kept(&content);
    if (kept > 0 && ftruncate(fd, 0) == 0) /* the file appends: what is written now comes first */
        write_all(fd, content.bytes + kept, content.size - kept);
    for (size_t at = kept; at < content.size;) {
        char *line = content.bytes + at;
        char *end = memchr(line, '\n', content.size - at);
        *end = '\0'; /* there is one: the content ends with it */
        each(context, line);
        at += (size_t)(end - line) + 1;
    }
    byte_buffer_free(&content);
}

void client_history_append(int fd, const char *line, size_t size)
{
    if (fd < 0)
        return;
    struct byte_buffer entry = {0};
    byte_buffer_append(&entry, line, size);
    byte_buffer_append_text(&entry, "\n");
    if (!entry.failed) /* in one piece, so that lines of several processes do not mix */
        write_all(fd, entry.bytes, entry.size);
    byte_buffer_free(&entry);
}

/* SPDX-License-Identifier: MIT */
#include "server/access/password_file.h"

#include "server/access/secret_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char plain_mark[] = "plain:";

enum { PLAIN_MARK_SIZE = sizeof(plain_mark) - 1, OTHERS_ACCESS = 007 };

static bool fail(const char *path, const char *problem, char *error)
{
    snprintf(error, PASSWORD_ERROR_SIZE, "%.200s: %s", path, problem);
    return false;
}

static bool fail_line(const char *path, size_t number, const char *problem, char *error)
{
    snprintf(
        error, PASSWORD_ERROR_SIZE,
        "%.200s: line %zu %s; a line takes a hash as crypt(5) describes it, plain:PASSWORD or a"
        " comment behind #",
        path, number, problem);
    return false;
}

/* What is wrong with the file itself; NULL when it can be read. */
static const char *file_problem(int fd, size_t *size)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return strerror(errno);
    if (!S_ISREG(status.st_mode))
        return "it is no regular file";
    if ((status.st_mode & OTHERS_ACCESS) != 0)
        return "others than its owner and group may access it: chmod o= takes that away";
    if (status.st_size > PASSWORD_FILE_LIMIT)
        return "it has more than 64 KiB";
    *size = (size_t)status.st_size;
    return NULL;
}

/* Reads up to `size` bytes; returns how many, or -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(fd, bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* What is wrong with a line that is to be a password; NULL after adding it. */
static const char *add_line(struct password_set *set, const char *line, size_t size)
{
    bool is_hash = line[0] == '$';
    bool is_plain = size > PLAIN_MARK_SIZE && memcmp(line, plain_mark, PLAIN_MARK_SIZE) == 0;
    if (!is_hash && !is_plain)
        return "is no password";
    if (memchr(line, '\0', size) != NULL)
        return "holds a NUL";
    if (line[size - 1] == '\r')
        return "ends in a carriage return";
    if (is_plain) {
        line += PLAIN_MARK_SIZE;
        size -= PLAIN_MARK_SIZE;
    }
    if (size > PASSWORD_LIMIT)
        return "has a password of more than 511 bytes";
    if (set->count == PASSWORD_COUNT_LIMIT)
        return "is one password too many: 64 are allowed";
    struct password *password = &set->items[set->count];
    password->is_hash = is_hash;
    password->size = size;
    memcpy(password->text, line, size);
    const char *problem = is_hash ? password_hash_problem(password->text) : NULL;
    if (problem != NULL)
        return problem;
    set->count++;
    set->hashes += is_hash ? 1 : 0;
    return NULL;
}

static bool parse(struct password_set *set, const char *path, const char *bytes, size_t size,
                  char *error)
{
    size_t number = 1;
    for (size_t start = 0; start < size; number++) {
        const char *line = bytes + start;
        const char *end = memchr(line, '\n', size - start);
        size_t length = end != NULL ? (size_t)(end - line) : size - start;
        start += length + 1;
        if (length == 0 || line[0] == '#')
            continue;
        const char *problem = add_line(set, line, length);
        if (problem != NULL)
            return fail_line(path, number, problem, error);
    }
    return set->count > 0 || fail(path, "it holds no password", error);
}

static bool read_into(struct password_set *set, const char *path, int fd, char *error)
{
    size_t size = 0;
    const char *problem = file_problem(fd, &size);
    if (problem != NULL)
        return fail(path, problem, error);
    char *bytes = secret_allocate(size + 1); /* never none */
    if (bytes == NULL)
        return fail(path, strerror(errno), error);
    ssize_t got = read_all(fd, bytes, size);
    bool good =
        got < 0 ? fail(path, strerror(errno), error) : parse(set, path, bytes, (size_t)got, error);
    secret_free(bytes, size + 1);
    return good;
}

struct password_set *password_file_read(const char *path, char error[PASSWORD_ERROR_SIZE])
{
    /* Non-blocking, so that opening a FIFO does not wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct password_set *set = fd >= 0 ? secret_allocate(sizeof(*set)) : NULL;
    if (set == NULL)
        (void)fail(path, strerror(errno), error);
    bool good = set != NULL && read_into(set, path, fd, error);
    if (fd >= 0)
        close(fd);
    if (good)
        return set;
    password_set_free(set);
    return NULL;
}

void password_set_free(struct password_set *set)
{
    secret_free(set, sizeof(*set));
}

/* SPDX-License-Identifier: MIT */
/*
 * The password file. What is refused must be explained, without a word of the hash; what is
 * accepted must, written anew, be accepted as the same, and let in whom it names.
 */
#include "common/byte_buffer.h"
#include "common/log.h"
#include "server/access/access.h"
#include "tests/fuzz/fuzz_target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of hashes with a cost: those that take milliseconds. */
enum { MOST_HASHES = 4, MOST_ROUNDS = 20 * 1000, REFUSED_ROUNDS = 5 * 1000 * 1000 };

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Hashes are made to take long, and what is mutated would ask for days. */
static bool is_affordable(const char *hash)
{
    static const char *const cheap[] = {"$y$j75$", "$gy$j75$", "$7$6/", "$2b$04$",
                                        /* refused unhashed: */
                                        "$y$j75.", "$y$.", "$gy$jG", "$7$H", "$2b$31$",
                                        "$sha1$4294967295$"};
    static const char *const costly[] = {"$y", "$2", "$7", "$gy", "$sm3y", "$sha1", "$md5"};
    const char *rounds = strstr(hash, "rounds=");
    unsigned long count = rounds != NULL ? strtoul(rounds + strlen("rounds="), NULL, 10) : 0;
    if (count > MOST_ROUNDS && count <= REFUSED_ROUNDS)
        return false;
    for (size_t i = 0; i < sizeof(cheap) / sizeof(cheap[0]); i++) {
        if (begins_with(hash, cheap[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof(costly) / sizeof(costly[0]); i++) {
        if (begins_with(hash, costly[i]))
            return false;
    }
    return true;
}

static bool all_are_affordable(crew_slice input)
{
    size_t hashes = 0;
    bool good = true;
    while (good && input.size > 0) {
        char *line = fuzz_text(fuzz_take_line(&input));
        hashes += line[0] == '$';
        good = hashes <= MOST_HASHES && (line[0] != '$' || is_affordable(line));
        free(line);
    }
    return good;
}

static struct password_set *read_file(crew_slice content, char error[PASSWORD_ERROR_SIZE])
{
    char path[FUZZ_PATH_SIZE];
    int fd = fuzz_file(content, path);
    int lowest_free_fd = fuzz_lowest_free_fd();
    struct password_set *set = password_file_read(path, error);
    FUZZ_REQUIRE(fuzz_lowest_free_fd() == lowest_free_fd);
    close(fd);
    return set;
}

/* Whatever is hashed by it is as long. */
static bool can_be_matched(const char *hash)
{
    char computed[PASSWORD_HASH_SIZE];
    return password_hash_compute("", hash, computed) && strlen(computed) == strlen(hash);
}

static void check_set(const struct password_set *set)
{
    size_t hashes = 0;
    FUZZ_REQUIRE(set->count > 0 && set->count <= PASSWORD_COUNT_LIMIT);
    for (size_t i = 0; i < set->count; i++) {
        const struct password *password = &set->items[i];
        FUZZ_REQUIRE(password->size > 0 && password->size == strlen(password->text));
        FUZZ_REQUIRE(password->verifier[0] == '\0');
        FUZZ_REQUIRE(password->text[password->size - 1] != '\r');
        FUZZ_REQUIRE(!password->is_hash || can_be_matched(password->text));
        hashes += password->is_hash;
    }
    FUZZ_REQUIRE(set->hashes == hashes);
}

static void check_same(const struct password_set *a, const struct password_set *b)
{
    FUZZ_REQUIRE(a->count == b->count && a->hashes == b->hashes);
    for (size_t i = 0; i < a->count; i++) {
        FUZZ_REQUIRE(a->items[i].is_hash == b->items[i].is_hash);
        FUZZ_REQUIRE(strcmp(a->items[i].text, b->items[i].text) == 0);
    }
}

static void check_written_anew(const struct password_set *set)
{
    char error[PASSWORD_ERROR_SIZE];
    struct byte_buffer text = {0};
    for (size_t i = 0; i < set->count; i++)
        byte_buffer_printf(&text, "%s%s\n",
                           set->items[i].is_hash ? "" : "plain:", set->items[i].text);
    struct password_set *again = read_file((crew_slice){text.bytes, text.size}, error);
    FUZZ_REQUIRE(again != NULL);
    check_same(again, set);
    password_set_free(again);
    byte_buffer_free(&text);
}

/* Each plain password lets in, and none that is empty, or longer than any. */
static void check_access(const struct password_set *set, crew_slice input)
{
    char error[PASSWORD_ERROR_SIZE];
    char path[FUZZ_PATH_SIZE];
    char longest[PASSWORD_LIMIT + 1];
    struct access access;
    int fd = fuzz_file(input, path);
    FUZZ_REQUIRE(access_open(&access, path, error));
    for (size_t i = 0; i < set->count; i++) {
        const struct password *password = &set->items[i];
        FUZZ_REQUIRE(password->is_hash ||
                     access_check(&access, password->text, password->size) == ACCESS_GRANTED);
    }
    memset(longest, 'x', sizeof(longest));
    FUZZ_REQUIRE(access_check(&access, longest, sizeof(longest)) == ACCESS_DENIED);
    FUZZ_REQUIRE(set->hashes > 0 || access_check(&access, "", 0) == ACCESS_DENIED);
    access_close(&access);
    close(fd);
}

void fuzz_passwords(crew_slice input)
{
    char error[PASSWORD_ERROR_SIZE] = "";
    if (!all_are_affordable(input))
        return;
    log_set_level(LOG_LEVEL_ERROR); /* plain passwords bring a warning */
    struct password_set *set = read_file(input, error);
    if (set == NULL) {
        FUZZ_REQUIRE(error[0] != '\0' && memchr(error, '\0', sizeof(error)) != NULL);
        FUZZ_REQUIRE(strchr(error, '$') == NULL);
        return;
    }
    check_set(set);
    check_written_anew(set);
    check_access(set, input);
    password_set_free(set);
}

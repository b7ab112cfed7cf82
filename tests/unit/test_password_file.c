/* SPDX-License-Identifier: MIT */
#include "server/access/password_file.h"
#include "server/access/secret_memory.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(table)  ((int)(sizeof(table) / sizeof((table)[0])))
#define TEXT(literal) (literal), sizeof(literal) - 1

static char path[] = "/tmp/crew-passwords-XXXXXX";
static char error[PASSWORD_ERROR_SIZE];

static void set_up(void)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void tear_down(void)
{
    (void)unlink(path);
}

static struct password_set *read_bytes(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    return password_file_read(path, error);
}

static bool can_hash(void)
{
    char setting[PASSWORD_HASH_SIZE];
    return password_hash_setting(PASSWORD_HASH_QUICK, setting);
}

START_TEST(plain_passwords)
{
    struct password_set *set = read_bytes(
        TEXT("#plain:no\n\n# plain:no\nplain:a\nplain:\xff \t\rb\nplain:#\nplain:plain:"));
    ck_assert_msg(set != NULL, "%s", error);
    static const char *const expected[] = {"a", "\xff \t\rb", "#", "plain:"};
    ck_assert_uint_eq(set->count, 4);
    ck_assert_uint_eq(set->hashes, 0);
    for (size_t i = 0; i < set->count; i++) {
        ck_assert(!set->items[i].is_hash);
        ck_assert_str_eq(set->items[i].text, expected[i]);
        ck_assert_uint_eq(set->items[i].size, strlen(expected[i]));
    }
    password_set_free(set);
}
END_TEST

#define TAKES "; a line takes a hash as crypt(5) describes it, plain:PASSWORD or a comment behind #"

static const struct {
    const char *bytes;
    size_t size;
    const char *problem; /* behind the path */
} bad[] = {
    {TEXT(""), ": it holds no password"},
    {TEXT("\n"), ": it holds no password"},
    {TEXT("# plain:a"), ": it holds no password"},
    {TEXT("secret"), ": line 1 is no password" TAKES},
    {TEXT("plain:a\n plain:secret\n"), ": line 2 is no password" TAKES},
    {TEXT("plain:a\n\n#\nPLAIN:secret\nplain:b"), ": line 4 is no password" TAKES},
    {TEXT("plain:"), ": line 1 is no password" TAKES},
    {TEXT("plain:\nplain:a\n"), ": line 1 is no password" TAKES},
    {TEXT("plain"), ": line 1 is no password" TAKES},
    {TEXT(" \n"), ": line 1 is no password" TAKES},
    {TEXT("\r\n"), ": line 1 is no password" TAKES},
    {TEXT("plain:secret\r\n"), ": line 1 ends in a carriage return" TAKES},
    {TEXT("plain:\r\n"), ": line 1 ends in a carriage return" TAKES},
    {TEXT("plain:secr\0et\n"), ": line 1 holds a NUL" TAKES},
    {TEXT("$5$secr\0et\n"), ": line 1 holds a NUL" TAKES},
    {TEXT("\0"), ": line 1 is no password" TAKES},
};

START_TEST(a_bad_line_is_named_and_not_shown)
{
    char expected[PASSWORD_ERROR_SIZE];
    snprintf(expected, sizeof(expected), "%s%s", path, bad[_i].problem);
    ck_assert_ptr_null(read_bytes(bad[_i].bytes, bad[_i].size));
    ck_assert_str_eq(error, expected);
    ck_assert_ptr_null(strstr(error, "secr"));
}
END_TEST

#define OTHER_PARAMETERS "has a hash of other parameters than N up to 2^18 and r up to 32"

static const struct {
    const char *line;
    const char *problem; /* NULL: it is a hash */
} hashes[] = {
    /* openwall.com/crypt, the tests of crypt_blowfish */
    {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", NULL},
    {"$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D", NULL},
    {"$y$j75$Mn.76AqyFfhVf5XIOSCb40$iK3Zn9Wsv/RGxhR79wp3v78aJwGGSrAyTp0wAZc3l2C", NULL},
    {"$", "is no hash that crypt(5) describes"},
    {"$x$secret", "is no hash that crypt(5) describes"},
    {"$y$j9T$", "is an incomplete hash"},
    {"$6$rounds=5000001$abcdefgh$", "has a hash of more than 5000000 rounds"},
    {"$sm3$rounds=5000001$abcdefgh$", "has a hash of more than 5000000 rounds"},
    {"$sha1$5000001$abcdefgh$", "has a hash of more than 5000000 rounds"},
    {"$md5,rounds=100001$abcdefgh$", "has a hash of more than 100000 rounds"},
    {"$md5$rounds=4294963199$abcdefgh$", "has a hash of more than 100000 rounds"},
    {"$2a$16$CCCCCCCCCCCCCCCCCCCCC.", "has a hash of a cost beyond 15"},
    {"$2b$31$CCCCCCCCCCCCCCCCCCCCC.", "has a hash of a cost beyond 15"}, /* would take days */
    {"$2x$31$CCCCCCCCCCCCCCCCCCCCC.", "has a hash of a cost beyond 15"},
    {"$2y$31$CCCCCCCCCCCCCCCCCCCCC.", "has a hash of a cost beyond 15"},
    {"$y$jF.$", "is an incomplete hash"}, /* N = 2^18, r = 1 */
    {"$y$jG.$", OTHER_PARAMETERS},
    {"$y$jk..$", OTHER_PARAMETERS},       /* N of two digits */
    {"$y$j/T$", "is an incomplete hash"}, /* N = 4, r = 32 */
    {"$y$j/U$", OTHER_PARAMETERS},
    {"$y$j/k.$", OTHER_PARAMETERS}, /* r of two digits */
    /* from the tests of yescrypt: p = 11 */
    {"$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$HboGM6qPrsK.StKYGt6KErmUYtioHreJd98oIugoNB6",
     OTHER_PARAMETERS},
    {"$y$j750zzzzz$", OTHER_PARAMETERS}, /* would take days: t */
    {"$y$.75$", OTHER_PARAMETERS},       /* the flavour that is scrypt */
    {"$y$j75", OTHER_PARAMETERS},
    {"$y$", OTHER_PARAMETERS},
    {"$gy$jF.$", "is an incomplete hash"},
    {"$gy$jG.$", OTHER_PARAMETERS},
    {"$gy$j/T$", "is an incomplete hash"},
    {"$gy$j/U$", OTHER_PARAMETERS},
    {"$gy$j75.7$", OTHER_PARAMETERS},
    {"$sm3y$jG.$", OTHER_PARAMETERS},
    {"$sm3y$j/U$", OTHER_PARAMETERS},
    {"$sm3y$j75.7$", OTHER_PARAMETERS},
    {"$sm3y$x", OTHER_PARAMETERS},
    {"$7$G/..../....", "is an incomplete hash"}, /* N = 2^18, r = 1 */
    {"$7$H/..../....", OTHER_PARAMETERS},
    {"$7$0U..../....", "is an incomplete hash"}, /* N = 4, r = 32 */
    {"$7$0V..../....", OTHER_PARAMETERS},
    {"$7$0//.../....", OTHER_PARAMETERS}, /* r = 65 */
    {"$7$0/....0....", OTHER_PARAMETERS}, /* p = 2 */
    {"$7$0/..../.../", OTHER_PARAMETERS}, /* p = 2^24 + 1 */
    {"$7$", OTHER_PARAMETERS},
    {"$5$saltstring$", "is an incomplete hash"},
    {"$5$saltstring$5B8vYYiY", "is an incomplete hash"},
    {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe", "is an incomplete hash"},
};

START_TEST(hash_lines)
{
    char expected[PASSWORD_ERROR_SIZE];
    struct password_set *set = read_bytes(hashes[_i].line, strlen(hashes[_i].line));
    if (!can_hash()) {
        ck_assert_ptr_null(set);
        ck_assert_ptr_nonnull(strstr(error, "takes a server that was built with libcrypt"));
    } else if (hashes[_i].problem == NULL) {
        ck_assert_msg(set != NULL, "%s", error);
        ck_assert(set->items[0].is_hash && set->count == 1 && set->hashes == 1);
        ck_assert_str_eq(set->items[0].text, hashes[_i].line);
    } else {
        snprintf(expected, sizeof(expected), "%s: line 1 %s" TAKES, path, hashes[_i].problem);
        ck_assert_ptr_null(set);
        ck_assert_str_eq(error, expected);
    }
    password_set_free(set);
}
END_TEST

START_TEST(limits)
{
    char text[PASSWORD_LIMIT + 8];
    snprintf(text, sizeof(text), "plain:%0*d", (int)PASSWORD_LIMIT, 0);
    struct password_set *set = read_bytes(text, strlen(text));
    ck_assert_msg(set != NULL, "%s", error);
    ck_assert_uint_eq(set->items[0].size, PASSWORD_LIMIT);
    password_set_free(set);
    snprintf(text, sizeof(text), "plain:%0*d", (int)PASSWORD_LIMIT + 1, 0);
    ck_assert_ptr_null(read_bytes(text, strlen(text)));
    ck_assert_ptr_nonnull(strstr(error, ": line 1 has a password of more than 511 bytes;"));

    static char many[PASSWORD_FILE_LIMIT + 1];
    for (size_t i = 0; i <= PASSWORD_COUNT_LIMIT; i++)
        memcpy(many + i * 8, "plain:x\n", 8);
    set = read_bytes(many, (size_t)PASSWORD_COUNT_LIMIT * 8);
    ck_assert_msg(set != NULL && set->count == PASSWORD_COUNT_LIMIT, "%s", error);
    password_set_free(set);
    ck_assert_ptr_null(read_bytes(many, ((size_t)PASSWORD_COUNT_LIMIT + 1) * 8));
    ck_assert_ptr_nonnull(strstr(error, ": line 65 is one password too many: 64 are allowed;"));

    memset(many, '\n', sizeof(many));
    memcpy(many, "plain:x\n", 8);
    set = read_bytes(many, PASSWORD_FILE_LIMIT);
    ck_assert_msg(set != NULL, "%s", error);
    password_set_free(set);
    ck_assert_ptr_null(read_bytes(many, sizeof(many)));
    ck_assert_ptr_nonnull(strstr(error, ": it has more than 64 KiB"));
}
END_TEST

START_TEST(others_must_not_have_access)
{
    password_set_free(read_bytes(TEXT("plain:a")));
    for (mode_t bit = 1; bit <= 4; bit *= 2) {
        ck_assert_int_eq(chmod(path, 0600 | bit), 0);
        ck_assert_ptr_null(password_file_read(path, error));
        ck_assert_ptr_nonnull(strstr(error, ": others than its owner and group may access it"));
    }
    ck_assert_int_eq(chmod(path, 0660), 0);
    struct password_set *set = password_file_read(path, error);
    ck_assert_msg(set != NULL, "%s", error);
    password_set_free(set);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    ck_assert_ptr_null(password_file_read("/nonexistent", error));
    ck_assert_str_eq(error, "/nonexistent: No such file or directory");
    ck_assert_ptr_null(password_file_read("/tmp", error));
    ck_assert_str_eq(error, "/tmp: it is no regular file");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_ptr_null(password_file_read(path, error)); /* and does not wait for a writer */
    ck_assert_ptr_nonnull(strstr(error, ": it is no regular file"));
}
END_TEST

/* ---- hashes and what they are of ---- */

/* From crypt_blowfish, libsodium's tests of scrypt (RFC 7914 has the same input), and yescrypt. */
static const struct {
    const char *password;
    const char *hash;
} vectors[] = {
    {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"pleaseletmein", "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"},
    {"pleaseletmein",
     "$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$HboGM6qPrsK.StKYGt6KErmUYtioHreJd98oIugoNB6"},
};

START_TEST(published_hashes)
{
    char computed[PASSWORD_HASH_SIZE];
    if (!can_hash())
        return;
    ck_assert(password_hash_compute(vectors[_i].password, vectors[_i].hash, computed));
    ck_assert_str_eq(computed, vectors[_i].hash);
    ck_assert(password_hash_compute("pleaseletmeout", vectors[_i].hash, computed));
    ck_assert_str_ne(computed, vectors[_i].hash);
}
END_TEST

START_TEST(settings_differ_each_time)
{
    static const char *const beginnings[] = {"$y$", "$5$rounds=1000$"};
    for (int kind = PASSWORD_HASH_STRONG; can_hash() && kind <= PASSWORD_HASH_QUICK; kind++) {
        char first[PASSWORD_HASH_SIZE];
        char second[PASSWORD_HASH_SIZE];
        ck_assert(password_hash_setting((enum password_hash_kind)kind, first));
        ck_assert(password_hash_setting((enum password_hash_kind)kind, second));
        ck_assert_int_eq(strncmp(first, beginnings[kind], strlen(beginnings[kind])), 0);
        ck_assert_str_ne(first, second);
    }
    char hash[PASSWORD_HASH_SIZE];
    ck_assert(!password_hash_compute("a", "", hash));
    ck_assert_str_eq(hash, "");
}
END_TEST

START_TEST(comparing_sees_every_byte)
{
    static const char left[64];
    for (size_t i = 0; i < sizeof(left); i++) {
        char right[sizeof(left)] = {0};
        ck_assert(secret_equal(left, right, sizeof(left)));
        right[i] = (char)0x80;
        ck_assert(!secret_equal(left, right, sizeof(left)));
        ck_assert(secret_equal(left, right, i));
    }
}
END_TEST

Suite *password_file_suite(void)
{
    Suite *suite = suite_create("password_file");
    TCase *tests = tcase_create("file");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, plain_passwords);
    tcase_add_loop_test(tests, a_bad_line_is_named_and_not_shown, 0, COUNT(bad));
    tcase_add_loop_test(tests, hash_lines, 0, COUNT(hashes));
    tcase_add_test(tests, limits);
    tcase_add_test(tests, others_must_not_have_access);
    tcase_add_test(tests, what_is_no_file_is_refused);
    suite_add_tcase(suite, tests);

    tests = tcase_create("hash");
    tcase_add_loop_test(tests, published_hashes, 0, COUNT(vectors));
    tcase_add_test(tests, settings_differ_each_time);
    tcase_add_test(tests, comparing_sees_every_byte);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: MIT */
#include "common/endpoint.h"
#include "tests/unit/suites.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define TEN_BYTES    "0123456789"
#define HUNDRED_BYTES                                                                              \
    TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES      \
        TEN_BYTES
#define LONGEST_PATH "/" HUNDRED_BYTES "123456"
#define LONGEST_HOST                                                                               \
    HUNDRED_BYTES HUNDRED_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES "12345"

static const struct {
    const char *url;
    struct endpoint endpoint;
} accepted[] = {
    {ENDPOINT_DEFAULT, {.scheme = ENDPOINT_TCP, .host = "127.0.0.1", .port = "12345"}},
    {"tcp://localhost:0", {.scheme = ENDPOINT_TCP, .host = "localhost", .port = "0"}},
    {"tcp://[::1]:65535", {.scheme = ENDPOINT_TCP, .host = "::1", .port = "65535"}},
    {"tcp://[fe80::1%lo]:1", {.scheme = ENDPOINT_TCP, .host = "fe80::1%lo", .port = "1"}},
    {"tcp://" LONGEST_HOST ":1", {.scheme = ENDPOINT_TCP, .host = LONGEST_HOST, .port = "1"}},
    {"tls://[::1]:7", {.scheme = ENDPOINT_TLS, .host = "::1", .port = "7"}},
    {"raw://0.0.0.0:7", {.scheme = ENDPOINT_RAW, .host = "0.0.0.0", .port = "7"}},
    {"unix:///run/crew.sock", {.scheme = ENDPOINT_UNIX, .path = "/run/crew.sock"}},
    {"unix:///a:b@c", {.scheme = ENDPOINT_UNIX, .path = "/a:b@c"}},
    {"unix:///s?mode=0660", {.scheme = ENDPOINT_UNIX, .path = "/s", .mode = 0660}},
    {"unix:///s?mode=777", {.scheme = ENDPOINT_UNIX, .path = "/s", .mode = 0777}},
    {"unix://" LONGEST_PATH, {.scheme = ENDPOINT_UNIX, .path = LONGEST_PATH}},
};

START_TEST(accepts)
{
    struct endpoint endpoint;
    const struct endpoint *expected = &accepted[_i].endpoint;
    memset(&endpoint, '#', sizeof(endpoint));
    char error[ENDPOINT_ERROR_SIZE] = "";
    ck_assert_msg(endpoint_parse(accepted[_i].url, &endpoint, error), "%s", error);
    ck_assert_int_eq(endpoint.scheme, expected->scheme);
    ck_assert_str_eq(endpoint.host, expected->host);
    ck_assert_str_eq(endpoint.port, expected->port);
    ck_assert_str_eq(endpoint.path, expected->path);
    ck_assert_uint_eq(endpoint.mode, expected->mode);
}
END_TEST

#define NO_SCHEME "has no known scheme"
#define NO_HOST   "has no usable host (IPv6 stands in brackets)"
#define BAD_PORT  "has a port that is not 0 to 65535"
#define BAD_MODE  "has an option other than ?mode=0600 to 0777"

static const struct {
    const char *url;
    const char *reason;
} refused[] = {
    {"", NO_SCHEME},
    {"localhost:12345", NO_SCHEME},
    {"http://localhost:1", NO_SCHEME},
    {"TCP://localhost:1", NO_SCHEME},
    {"tcp:/localhost:1", NO_SCHEME},
    {"tcp://", "has no port"},
    {"tcp://localhost", "has no port"},
    {"tcp://:1", NO_HOST},
    {"tcp://[]:1", NO_HOST},
    {"tcp://::1:1", NO_HOST},
    {"raw://" LONGEST_HOST "6:1", NO_HOST},
    {"tcp://localhost:", BAD_PORT},
    {"tcp://localhost:x", BAD_PORT},
    {"tcp://localhost:-1", BAD_PORT},
    {"tcp://localhost:+1", BAD_PORT},
    {"tcp://localhost: 1", BAD_PORT},
    {"tcp://localhost:1/", BAD_PORT},
    {"tcp://localhost:65536", BAD_PORT},
    {"tcp://localhost:100000", BAD_PORT},
    {"unix://", "needs an absolute path"},
    {"unix://run/s", "needs an absolute path"},
    {"unix://" LONGEST_PATH "7", "has a path over 107 bytes"},
    {"unix:///s?", BAD_MODE},
    {"unix:///s?mode=", BAD_MODE},
    {"unix:///s?mode=0", BAD_MODE},
    {"unix:///s?mode=888", BAD_MODE},
    {"unix:///s?mode=1777", BAD_MODE},
    {"unix:///s?mode=00660", BAD_MODE},
    {"unix:///s?owner=0", BAD_MODE},
};

START_TEST(refuses)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_SIZE] = "";
    ck_assert(!endpoint_parse(refused[_i].url, &endpoint, error));
    char expected[ENDPOINT_ERROR_SIZE];
    snprintf(expected, sizeof(expected),
             "'%.200s' %s: it takes tcp://host:port, tls://host:port, unix:///path or "
             "raw://host:port",
             refused[_i].url, refused[_i].reason);
    ck_assert_str_eq(error, expected);
}
END_TEST

START_TEST(resolves_numbers)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_SIZE] = "";
    ck_assert(endpoint_parse("tcp://127.0.0.1:4711", &endpoint, error));
    struct addrinfo *found = endpoint_resolve(&endpoint, true, error);
    ck_assert_ptr_nonnull(found);
    char text[ENDPOINT_TEXT_SIZE];
    endpoint_format_address(found->ai_addr, text);
    ck_assert_str_eq(text, "127.0.0.1:4711");
    ck_assert_ptr_null(found->ai_next);
    freeaddrinfo(found);
}
END_TEST

/* A label of a name may have 63 bytes, so this fails without asking any server. */
START_TEST(explains_what_does_not_resolve)
{
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_SIZE] = "";
    ck_assert(endpoint_parse("tcp://" HUNDRED_BYTES ".invalid:1", &endpoint, error));
    ck_assert_ptr_null(endpoint_resolve(&endpoint, false, error));
    static const char start[] = "cannot resolve '" HUNDRED_BYTES ".invalid': ";
    ck_assert_msg(strncmp(error, start, sizeof(start) - 1) == 0, "%s", error);
}
END_TEST

static void check_address(const void *address, const char *expected)
{
    char text[ENDPOINT_TEXT_SIZE];
    endpoint_format_address(address, text);
    ck_assert_str_eq(text, expected);
}

START_TEST(formats_addresses)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(4711)};
    in.sin_addr.s_addr = htonl(0x7f000001);
    check_address(&in, "127.0.0.1:4711");
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(65535)};
    in6.sin6_addr = in6addr_loopback;
    check_address(&in6, "[::1]:65535");
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    check_address(&un, "unix");
    struct endpoint endpoint;
    char error[ENDPOINT_ERROR_SIZE] = "";
    ck_assert(endpoint_parse("unix:///run/crew.sock", &endpoint, error));
    un = endpoint_unix_address(&endpoint);
    check_address(&un, "/run/crew.sock");
    struct sockaddr unknown = {.sa_family = AF_UNSPEC};
    check_address(&unknown, "unix");
}
END_TEST

/* The kernel hands out paths of 108 bytes, which leave no room for a terminator. */
START_TEST(formats_a_path_without_terminator)
{
    union {
        struct sockaddr_un address;
        char memory[sizeof(struct sockaddr_un) + 8];
    } un;
    memset(un.memory, '#', sizeof(un.memory));
    un.address.sun_family = AF_UNIX;
    memcpy(un.address.sun_path, LONGEST_PATH "7", sizeof(un.address.sun_path));
    check_address(&un, LONGEST_PATH "7");
}
END_TEST

START_TEST(names_schemes)
{
    ck_assert_str_eq(endpoint_scheme_name(ENDPOINT_TCP), "tcp");
    ck_assert_str_eq(endpoint_scheme_name(ENDPOINT_TLS), "tls");
    ck_assert_str_eq(endpoint_scheme_name(ENDPOINT_UNIX), "unix");
    ck_assert_str_eq(endpoint_scheme_name(ENDPOINT_RAW), "raw");
}
END_TEST

Suite *endpoint_suite(void)
{
    Suite *suite = suite_create("endpoint");
    TCase *tests = tcase_create("endpoint");
    tcase_add_loop_test(tests, accepts, 0, COUNT(accepted));
    tcase_add_loop_test(tests, refuses, 0, COUNT(refused));
    tcase_add_test(tests, resolves_numbers);
    tcase_add_test(tests, explains_what_does_not_resolve);
    tcase_add_test(tests, formats_addresses);
    tcase_add_test(tests, formats_a_path_without_terminator);
    tcase_add_test(tests, names_schemes);
    suite_add_tcase(suite, tests);
    return suite;
}

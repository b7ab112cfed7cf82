/* SPDX-License-Identifier: MIT */
/* Where passwords can be seen: in no reply, no log, and no core file. */
#include "tests/system/exchange.h"
#include "tests/system/password.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/suites.h"
#include "tests/system/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Shorter once it is read, so that its end is behind what is read. */
#define ESCAPED "\\x61\\x61\\x61\\x61\\x61\\x61" PASSWORD

#define WRONG "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

static void expect_without(const char *what, const char *text, size_t size)
{
    ck_assert_msg(memmem(text, size, PASSWORD, strlen(PASSWORD)) == NULL, "%s shows the password",
                  what);
}

START_TEST(no_reply_and_no_list_shows_the_password)
{
    static const char *const requests[] = {"INFO all\r\n", "CONFIG GET *\r\n", "CLIENT LIST\r\n",
                                           "COMMAND DOCS\r\n"};
    struct fixture server;
    struct byte_buffer text = {0};
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--log-level debug");
    int fd = password_connect(server.url);
    for (size_t i = 0; i < COUNT(requests); i++) {
        wire_send_text(fd, requests[i]);
        wire_read_reply(fd, &text);
        expect_without(requests[i], text.bytes, text.size);
    }
    close(fd);
    byte_buffer_truncate(&text, 0);
    server_process_log(&server.process, &text);
    expect_without("the log", text.bytes, text.size);
    byte_buffer_free(&text);
    fixture_stop(&server);
}
END_TEST

enum { PIECE_SIZE = 1 << 20 };

/* What is larger is a sanitizer's own. */
#define LARGEST_MAPPING (1UL << 30)

/* Looks for the password in a mapping, piece by piece; true when it is there. */
static bool is_in_memory(int fd, unsigned long start, unsigned long end)
{
    static char piece[PIECE_SIZE];
    bool found = false;
    if (end - start > LARGEST_MAPPING)
        return false;
    /* Pieces overlap, so that none cuts the password in two. */
    for (unsigned long at = start; at < end; at += PIECE_SIZE - sizeof(PASSWORD)) {
        size_t size = end - at < PIECE_SIZE ? end - at : PIECE_SIZE;
        ssize_t got = pread(fd, piece, size, (off_t)at); /* not all can be read, such as [vvar] */
        found |= got > 0 && memmem(piece, (size_t)got, PASSWORD, strlen(PASSWORD)) != NULL;
    }
    return found;
}

/* How many mappings hold the password that a core file would contain; *hidden: and that not. */
static int count_places(const struct fixture *server, int *hidden)
{
    char path[64];
    char *maps = password_process_file(server, "smaps");
    snprintf(path, sizeof(path), "/proc/%ld/mem", (long)server->process.pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    int shown = 0;
    bool found = false;
    *hidden = 0;
    char *rest = NULL;
    for (char *line = strtok_r(maps, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *at = line;
        unsigned long start = strtoul(line, &at, 16);
        if (at > line && *at == '-') {
            unsigned long end = strtoul(at + 1, &at, 16);
            found = at[1] == 'r' && is_in_memory(fd, start, end);
        }
        if (strncmp(line, "VmFlags:", 8) != 0 || !found)
            continue;
        *hidden += strstr(line, " dd") != NULL;
        shown += strstr(line, " dd") == NULL;
    }
    close(fd);
    free(maps);
    return shown;
}

/* So much stands behind the password that buffers have to grow while it comes, in turns. */
static void give_long_words(const char *url, int watcher)
{
    enum { WORD = 12000, PIECE = 300, CLIENTS = 6 };
    struct byte_buffer request = {0};
    byte_buffer_append_text(&request, "*3\r\n$4\r\nAUTH\r\n$13\r\n" PASSWORD "\r\n");
    byte_buffer_printf(&request, "$%d\r\n%0*d\r\n", (int)WORD, (int)WORD, 0);
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = wire_connect(url);
    double read = wire_info(watcher, "bytes_in_total");
    for (size_t sent = 0; sent < request.size; sent += PIECE) {
        size_t size = request.size - sent < PIECE ? request.size - sent : PIECE;
        for (int i = 0; i < CLIENTS; i++)
            wire_send(fds[i], request.bytes + sent, size);
        read += (double)(CLIENTS * size);
        wire_wait_info(watcher, "bytes_in_total", read); /* it has read this piece, or nearly */
    }
    for (int i = 0; i < CLIENTS; i++) {
        wire_expect(fds[i], WRONG);
        close(fds[i]);
    }
    byte_buffer_free(&request);
}

/* Where a client's request has been, however it came, nothing is left of it. */
START_TEST(memory_holds_the_password_where_no_core_file_looks)
{
    struct fixture server;
    if (geteuid() != 0) {
        (void)program_skip("looking into a process that hides its memory takes root");
        return;
    }
    static const crew_slice request = BYTES(PASSWORD_REQUEST);
    password_file_write("plain:" PASSWORD "\n");
    password_server_start(&server, "--workers 1");
    int whole = password_connect(server.url);
    int slow = wire_connect(server.url);
    exchange_send_bytewise(slow, request);
    wire_expect(slow, "+OK\r\n");
    int wrong = wire_connect(server.url);
    wire_exchange(wrong, "AUHT \"" PASSWORD "\"\r\n", "-NOAUTH Authentication required.\r\n");
    wire_exchange(wrong, "*3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$13\r\n" PASSWORD "\r\n", "+OK\r\n");
    give_long_words(server.url, whole);
    wire_exchange(wrong, "RESET\r\n", "+RESET\r\n");
    wire_exchange(wrong, "AUTH \"" ESCAPED "\"\r\n", WRONG);
    int left = wire_connect(server.url);
    wire_send_text(left, "AUTH \"" PASSWORD);
    wire_wait_info(whole, "connected_clients", 4);
    close(left);
    wire_wait_info(whole, "closed_client", 7);
    char *status = password_process_file(&server, "limits");
    program_expect_part(status, "Max core file size        0                    0 ");
    free(status);
    int hidden = 0;
    ck_assert_int_eq(count_places(&server, &hidden), 0);
    ck_assert_int_eq(hidden, 1);
    close(whole);
    close(slow);
    close(wrong);
    fixture_stop(&server);
}
END_TEST

Suite *secrets_suite(void)
{
    Suite *suite = suite_create("secrets");
    TCase *tests = tcase_create("secrets");
    tcase_add_unchecked_fixture(tests, scratch_folder_make, scratch_folder_remove);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, no_reply_and_no_list_shows_the_password);
    tcase_add_test(tests, memory_holds_the_password_where_no_core_file_looks);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: MIT */
#include "tests/system/password.h"

#include "common/byte_buffer.h"
#include "tests/system/program.h"
#include "tests/system/scratch_folder.h"
#include "tests/system/wire.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void password_file_write(const char *lines)
{
    scratch_write("passwords", lines);
    ck_assert_int_eq(chmod(scratch_path("passwords"), 0600), 0);
}

void password_server_start(struct fixture *server, const char *options)
{
    char words[400];
    snprintf(words, sizeof(words), "--password-file %s %s", scratch_path("passwords"), options);
    fixture_start(server, words);
}

int password_connect(const char *url)
{
    int fd = wire_connect(url);
    wire_exchange(fd, PASSWORD_REQUEST, "+OK\r\n");
    return fd;
}

char *password_make_hash(const char *password)
{
    static const char *const words[] = {"--hash-password", NULL};
    struct program_run run;
    program_run(&run, program_path("crew-server"), words, password);
    if (run.status != 0) {
        program_expect_part(run.errors, "built with libcrypt");
        (void)program_skip("the server was built without libcrypt");
        free(run.output);
        run.output = NULL;
    }
    free(run.errors);
    return run.output;
}

char *password_process_file(const struct fixture *server, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/%s", (long)server->process.pid, name);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    struct byte_buffer text = {0};
    char piece[4096];
    size_t got;
    while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
        byte_buffer_append(&text, piece, got);
    fclose(file);
    byte_buffer_append(&text, "", 1);
    ck_assert(!text.failed);
    return text.bytes;
}

/* SPDX-License-Identifier: MIT */
#include "server/access/hash_password.h"

#include "server/access/password_hash.h"
#include "server/access/secret_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_SIZE = PASSWORD_LIMIT + 2 }; /* with its line end */

struct secrets {
    char first[LINE_SIZE];
    char second[LINE_SIZE];
};

static int fail(const char *problem)
{
    fprintf(stderr, "crew-server: --hash-password: %s\n", problem);
    return EXIT_FAILURE;
}

/* Reads a line without its end; NULL, or what is wrong. One byte a call: what follows the line is
 * not this program's. */
static const char *read_line(char line[LINE_SIZE])
{
    size_t size = 0;
    while (size < LINE_SIZE && read(STDIN_FILENO, line + size, 1) == 1 && line[size] != '\n')
        size++;
    if (size > PASSWORD_LIMIT)
        return "the password has more than 511 bytes";
    if (size == 0)
        return "there is no password";
    if (memchr(line, '\0', size) != NULL)
        return "the password holds a NUL";
    line[size] = '\0';
    return NULL;
}

/* Asks twice, so that a slip does not lock everybody out. */
static const char *ask(struct secrets *secrets)
{
    fputs("Password: ", stderr);
    const char *problem = read_line(secrets->first);
    if (problem == NULL) {
        fputs("\nOnce more: ", stderr);
        problem = read_line(secrets->second);
    }
    fputc('\n', stderr);
    if (problem == NULL && strcmp(secrets->first, secrets->second) != 0)
        return "the two passwords differ";
    return problem;
}

/* Keys that signal are bytes meanwhile, lest they leave a terminal that shows nothing. */
static const char *ask_without_echo(struct secrets *secrets)
{
    struct termios shown;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return read_line(secrets->first); /* no terminal */
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
        return "the terminal cannot stop showing what is typed";
    const char *problem = ask(secrets);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    return problem;
}

int hash_password(void)
{
    char setting[PASSWORD_HASH_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    if (!password_hash_setting(PASSWORD_HASH_STRONG, setting))
        return fail("it takes a server that was built with libcrypt");
    struct secrets *secrets = secret_allocate(sizeof(*secrets));
    if (secrets == NULL)
        return fail("out of memory");
    const char *problem = ask_without_echo(secrets);
    if (problem == NULL && !password_hash_compute(secrets->first, setting, hash))
        problem = "libcrypt made no hash";
    secret_free(secrets, sizeof(*secrets));
    if (problem != NULL)
        return fail(problem);
    puts(hash);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : fail("standard output cannot be written");
}

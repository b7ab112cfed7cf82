/* SPDX-License-Identifier: MIT */
/* What the command line and the environment ask for. One thread, at start. */
#ifndef CREW_CLIENT_SETTINGS_H
#define CREW_CLIENT_SETTINGS_H

#include "client/format.h"
#include "common/endpoint.h"
#include "common/tls.h"

#include <stdbool.h>
#include <stdint.h>

enum client_resp3 {
    CLIENT_RESP3_NO,
    CLIENT_RESP3_PREFERRED, /* a server without it will do */
    CLIENT_RESP3_REQUIRED,
};

struct client_settings {
    struct endpoint server;
    struct tls_context *tls; /* owned; NULL unless it is a tls:// server */
    int connect_timeout_ms;
    int timeout_ms;   /* -1 for none */
    char *password;   /* owned; NULL for none */
    const char *user; /* points into argv; NULL for the server's default user */
    enum client_resp3 resp3;
    enum client_format format;
    int64_t repeat;      /* how often to run the command; negative: until interrupted */
    int64_t interval_ns; /* between two runs */
    bool stdin_last;     /* standard input is the command's last word */
};

/*
 * Parses argv; the command starts at argv[*next]. A password is copied, and wiped from argv, where
 * every user of the machine could read it. Returns -1 to go on, or the exit status after printing
 * help, the version, or what is wrong.
 */
int client_settings_parse(struct client_settings *settings, int argc, char **argv, int *next);

void client_settings_free(struct client_settings *settings);

#endif

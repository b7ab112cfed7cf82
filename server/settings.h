/* SPDX-License-Identifier: MIT */
/* The server's options as one table, and the structure they fill. Constant once threads start. */
#ifndef CREW_SERVER_SETTINGS_H
#define CREW_SERVER_SETTINGS_H

#include "common/option.h"

#include <stdbool.h>
#include <stdint.h>

struct settings {
    struct option_list listen;
    int64_t workers;
    int64_t max_connections;
    int64_t max_connections_per_peer; /* 0: no limit */
    int64_t max_request_bytes;
    int64_t max_output_bytes;  /* of one connection */
    int64_t max_client_memory; /* of all connections; 0: no limit */
    int64_t max_arguments;
    int64_t backlog;
    const char *password_file; /* NULL: no password is asked for */
    const char *user;          /* NULL: the process stays who it is */
    bool insecure;
    bool hash_password;
    const char *raw_command;
    const char *tls_certificate; /* NULL for none, like the next two */
    const char *tls_key;
    const char *tls_ca;
    int64_t tls_client_certificates; /* enum tls_verification */
    int64_t cpu_iterations;          /* of WORK CPU per microsecond; 0: calibrate when first used */
    int64_t idle_timeout_ns;         /* 0: never; likewise the next one */
    int64_t request_timeout_ns;      /* for a request to arrive whole */
    int64_t login_timeout_ns;        /* for the password, where there is one */
    int64_t output_timeout_ns;       /* for output to be taken whole */
    int64_t drain_timeout_ns;
    int64_t stuck_after_ns; /* 0: never */
    int64_t poll_nap_ns;
    int64_t shed; /* SHED_OFF or SHED_QUEUE_WAIT */
    int64_t shed_interval_ns;
    int64_t shed_target_ns;
    int64_t log_level;
};

extern const struct option_table settings_table;

/*
 * Fills `settings` from the command line. Returns -1 to go on, or the exit status after printing
 * help, the version or an error that names the option, the value and what is allowed.
 */
int settings_parse(struct settings *settings, int argc, char **argv);

#endif

/* SPDX-License-Identifier: MIT */
#include "server/settings.h"

#include "common/endpoint.h"
#include "common/log.h"
#include "common/tls.h"
#include "server/cpus.h"
#include "server/limits/overload.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define FIELD(name) offsetof(struct settings, name)

enum { MAX_WORKERS = 1024, MAX_CONNECTIONS = 1000000 };

static const struct option options[] = {
    {.name = "listen",
     .letter = 'l',
     .type = OPTION_LIST,
     .offset = FIELD(listen),
     .fallback = ENDPOINT_DEFAULT,
     .unit = "url",
     .help = "Where to listen; may be given many times. tcp://host:port (port 0 picks a free one),"
             " tls://host:port, unix:///path (?mode=0660 sets its permissions), or raw://host:port"
             " for clients that speak no protocol."},
    {.name = "workers",
     .letter = 'w',
     .type = OPTION_INTEGER,
     .offset = FIELD(workers),
     .minimum = 0,
     .maximum = MAX_WORKERS,
     .fallback = "0",
     .unit = "threads",
     .help = "Worker threads; 0 takes the number of usable CPUs."},
    {.name = "max-connections",
     .type = OPTION_INTEGER,
     .offset = FIELD(max_connections),
     .minimum = 1,
     .maximum = MAX_CONNECTIONS,
     .fallback = "16384",
     .unit = "connections",
     .help = "Connections served at once; more are refused with an error."},
    {.name = "max-connections-per-peer",
     .type = OPTION_INTEGER,
     .offset = FIELD(max_connections_per_peer),
     .minimum = 0,
     .maximum = MAX_CONNECTIONS,
     .fallback = "0",
     .unit = "connections",
     .help = "Connections of one IPv4 address, or of one IPv6 /64 network, at once; more are"
             " refused with an error. 0: no limit. Unix sockets are not counted."},
    {.name = "max-request-bytes",
     .type = OPTION_BYTES,
     .offset = FIELD(max_request_bytes),
     .minimum = 1024,
     .maximum = 512LL << 20,
     .fallback = "1m",
     .unit = "bytes",
     .help = "The largest argument; a whole request may take 64 KiB more."},
    {.name = "max-output-bytes",
     .type = OPTION_BYTES,
     .offset = FIELD(max_output_bytes),
     .minimum = 64 * 1024,
     .maximum = 4096LL << 20,
     .fallback = "64m",
     .unit = "bytes",
     .help =
         "The largest reply; an error takes the place of a larger one. A client that leaves more"
         " than this waiting for it is closed."},
    {.name = "max-client-memory",
     .type = OPTION_BYTES,
     .offset = FIELD(max_client_memory),
     .minimum = 0,
     .maximum = 1024LL << 30,
     .fallback = "256m",
     .unit = "bytes",
     .help = "Memory that all clients together may hold with unfinished requests and with replies"
             " that they do not take; beyond it, who holds most is closed. 0: no limit."},
    {.name = "max-arguments",
     .type = OPTION_INTEGER,
     .offset = FIELD(max_arguments),
     .minimum = 16,
     .maximum = 1 << 24,
     .fallback = "1048576",
     .unit = "count",
     .help = "Arguments of one request; each takes 16 bytes while the request is read."},
    {.name = "password-file",
     .type = OPTION_TEXT,
     .offset = FIELD(password_file),
     .unit = "path",
     .help = "Clients have to log in with a password of this file, which has one a line: as"
             " --hash-password prints it, or in the clear behind plain:. SIGHUP reads it again."},
    {.name = "hash-password",
     .type = OPTION_FLAG,
     .offset = FIELD(hash_password),
     .help = "Read a password from the terminal or standard input, print a line for the password"
             " file, and exit."},
    {.name = "insecure",
     .type = OPTION_FLAG,
     .offset = FIELD(insecure),
     .help = "Listen where other machines can connect, even without a password or TLS. There,"
             " raw:// listeners always take it."},
    {.name = "user",
     .type = OPTION_TEXT,
     .offset = FIELD(user),
     .unit = "name",
     .help =
         "Become this user, or NAME:GROUP, once it listens and has read its secrets; takes root."
         " To read them again at SIGHUP, that user needs access to the files."},
    {.name = "backlog",
     .type = OPTION_INTEGER,
     .offset = FIELD(backlog),
     .minimum = 1,
     .maximum = 65535,
     .fallback = "1024",
     .unit = "connections",
     .help = "Connections that may wait to be accepted; the kernel may lower it."},
    {.name = "raw-command",
     .type = OPTION_TEXT,
     .offset = FIELD(raw_command),
     .fallback = "GREET",
     .unit = "command",
     .help = "What a raw:// listener runs, with the bytes of the first read as last argument."},
    {.name = "tls-certificate",
     .type = OPTION_TEXT,
     .offset = FIELD(tls_certificate),
     .unit = "file",
     .help = "For tls:// listeners: the certificate and the chain that leads to its authority, in"
             " PEM format. SIGHUP reads this and the next two files again."},
    {.name = "tls-key",
     .type = OPTION_TEXT,
     .offset = FIELD(tls_key),
     .unit = "file",
     .help = "The certificate's private key, which only owner and group may be able to read."},
    {.name = "tls-ca",
     .type = OPTION_TEXT,
     .offset = FIELD(tls_ca),
     .unit = "file",
     .help = "Certificates of the authorities that clients' certificates have to come from."},
    {.name = "tls-client-certificates",
     .type = OPTION_CHOICE,
     .offset = FIELD(tls_client_certificates),
     .choices = TLS_VERIFICATION_CHOICES,
     .fallback = "none",
     .unit = "choice",
     .help = "Whether clients have to show a certificate; an optional one must be good, too."},
    {.name = "idle-timeout",
     .type = OPTION_DURATION,
     .offset = FIELD(idle_timeout_ns),
     .minimum = 0,
     .maximum = 24LL * 3600 * 1000000000,
     .fallback = "0",
     .unit = "time",
     .help = "Closes a client that sends nothing for this long and is owed nothing. 0: never. This"
             " and the next three are looked at about once a second."},
    {.name = "request-timeout",
     .type = OPTION_DURATION,
     .offset = FIELD(request_timeout_ns),
     .minimum = 0,
     .maximum = 3600LL * 1000000000,
     .fallback = "30s",
     .unit = "time",
     .help = "How long a request may take to arrive whole, from its first byte on; of a raw://"
             " client, and for the handshake of a tls:// client, from its connection on. 0: for"
             " ever."},
    {.name = "login-timeout",
     .type = OPTION_DURATION,
     .offset = FIELD(login_timeout_ns),
     .minimum = 1000000000,
     .maximum = 3600LL * 1000000000,
     .fallback = "30s",
     .unit = "time",
     .help = "How long a client may take to log in, from its connection, TLS handshake or RESET on,"
             " whatever else it sends; until then it is the only time that counts. Without"
             " --password-file there is nothing to wait for."},
    {.name = "output-timeout",
     .type = OPTION_DURATION,
     .offset = FIELD(output_timeout_ns),
     .minimum = 1000000000,
     .maximum = 3600LL * 1000000000,
     .fallback = "60s",
     .unit = "time",
     .help = "How long a client may leave replies waiting for it until it has taken all of them."},
    {.name = "drain-timeout",
     .type = OPTION_DURATION,
     .offset = FIELD(drain_timeout_ns),
     .minimum = 0,
     .maximum = 3600LL * 1000000000,
     .fallback = "10s",
     .unit = "time",
     .help =
         "How long a stop waits for requests under way and for clients to take replies; a handler"
         " that has not returned 200 ms later is abandoned, and the exit status is 1."},
    {.name = "stuck-after",
     .type = OPTION_DURATION,
     .offset = FIELD(stuck_after_ns),
     .minimum = 0,
     .maximum = 3600LL * 1000000000,
     .fallback = "10s",
     .unit = "time",
     .help =
         "How long a command may run before the log warns of it, which looks about once a second."
         " 0: for ever."},
    {.name = "cpu-iterations",
     .type = OPTION_INTEGER,
     .offset = FIELD(cpu_iterations),
     .minimum = 0,
     .maximum = 10000000,
     .fallback = "0",
     .unit = "count",
     .help = "Iterations per microsecond of WORK CPU; 0 calibrates at first use. Give the figure"
             " that INFO shows to make several servers do the same work."},
    {.name = "poll-nap",
     .type = OPTION_DURATION,
     .offset = FIELD(poll_nap_ns),
     .minimum = 0,
     .maximum = 10LL * 1000000,
     .fallback = "150us",
     .unit = "time",
     .help = "The longest moment to look away while requests come in crowds, to be woken once for"
             " many; at most a third of the mean time between a client's requests. 0: never."},
    {.name = "shed",
     .type = OPTION_CHOICE,
     .offset = FIELD(shed),
     .choices = SHED_CHOICES,
     .fallback = "queue-wait",
     .unit = "when",
     .help =
         "When to answer requests with -OVERLOADED instead of running them: under overload, those"
         " that waited too long for a worker; or never, as measurements need it."},
    {.name = "shed-interval",
     .type = OPTION_DURATION,
     .offset = FIELD(shed_interval_ns),
     .minimum = 1000000,
     .maximum = 60LL * 1000000000,
     .fallback = "100ms",
     .unit = "time",
     .help =
         "It is overload when for this long the queue was never empty, and nothing left it within"
         " --shed-target."},
    {.name = "shed-target",
     .type = OPTION_DURATION,
     .offset = FIELD(shed_target_ns),
     .minimum = 0,
     .maximum = 60LL * 1000000000,
     .fallback = "5ms",
     .unit = "time",
     .help = "How long a request may wait for a worker under overload; twice the mean service time"
             " if that is longer."},
    {.name = "log-level",
     .type = OPTION_CHOICE,
     .offset = FIELD(log_level),
     .choices = LOG_LEVEL_CHOICES,
     .fallback = "info",
     .unit = "level",
     .help = "The least important log lines to write."},
    {.name = "help", .type = OPTION_HELP, .help = "Print this help."},
    {.name = "version", .type = OPTION_VERSION, .help = "Print the version."},
};

const struct option_table settings_table = {
    .program = "crew-server",
    .synopsis = "[options]",
    .description =
        "Serves requests in RESP (so every Redis client is a client) with a fixed pool of\n"
        "worker threads. SIGTERM or SIGINT answers what was received, then ends it. SIGHUP reads\n"
        "passwords and certificates again.",
    .options = options,
    .count = sizeof(options) / sizeof(options[0]),
    .examples = "  crew-server                                       on tcp://127.0.0.1:12345\n"
                "  crew-server --workers 8 --listen tcp://[::1]:0 --listen unix:///tmp/crew.sock\n"
                "  crew-server --listen raw://127.0.0.1:12345        any bytes in, a greeting out\n"
                "  crew-server --hash-password > passwords && chmod 600 passwords\n"
                "  crew-server --listen tls://0.0.0.0:12345 --password-file passwords \\\n"
                "              --tls-certificate server.pem --tls-key server.key\n",
};

int settings_parse(struct settings *settings, int argc, char **argv)
{
    *settings = (struct settings){0};
    options_set_defaults(&settings_table, settings);
    int status = options_handle(&settings_table, settings, argc, argv);
    if (status < 0 && settings->workers == 0)
        settings->workers = usable_cpus();
    return status;
}

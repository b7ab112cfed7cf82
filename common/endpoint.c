/* SPDX-License-Identifier: MIT */
#include "common/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const scheme_names[] = {"tcp", "tls", "unix", "raw"};

const char *endpoint_scheme_name(enum endpoint_scheme scheme)
{
    return scheme_names[scheme];
}

static bool fail(const char *url, const char *reason, char *error)
{
    snprintf(error, ENDPOINT_ERROR_SIZE,
             "'%.200s' %s: it takes tcp://host:port, tls://host:port, unix:///path or "
             "raw://host:port",
             url, reason);
    return false;
}

static bool parse_mode(const char *query, unsigned *mode)
{
    static const char key[] = "mode=";
    if (strncmp(query, key, sizeof(key) - 1) != 0)
        return false;
    const char *digits = query + sizeof(key) - 1;
    size_t size = strlen(digits);
    if (size == 0 || size > 4 || strspn(digits, "01234567") != size)
        return false;
    *mode = (unsigned)strtoul(digits, NULL, 8);
    return *mode > 0 && *mode <= 0777;
}

static bool parse_path(const char *url, const char *path, struct endpoint *endpoint, char *error)
{
    size_t size = strcspn(path, "?");
    if (path[0] != '/')
        return fail(url, "needs an absolute path", error);
    if (size >= sizeof(endpoint->path))
        return fail(url, "has a path over 107 bytes", error);
    memcpy(endpoint->path, path, size);
    if (path[size] == '?' && !parse_mode(path + size + 1, &endpoint->mode))
        return fail(url, "has an option other than ?mode=0600 to 0777", error);
    return true;
}

static bool parse_host_port(const char *url, const char *text, struct endpoint *endpoint,
                            char *error)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL)
        return fail(url, "has no port", error);
    const char *host = text;
    size_t host_size = (size_t)(colon - text);
    bool brackets = host_size >= 2 && host[0] == '[' && host[host_size - 1] == ']';
    if (brackets) {
        host++;
        host_size -= 2;
    }
    if (host_size == 0 || host_size >= sizeof(endpoint->host) ||
        (!brackets && memchr(host, ':', host_size) != NULL))
        return fail(url, "has no usable host (IPv6 stands in brackets)", error);
    memcpy(endpoint->host, host, host_size);
    const char *port = colon + 1;
    size_t port_size = strlen(port);
    if (port_size == 0 || port_size >= sizeof(endpoint->port) ||
        strspn(port, "0123456789") != port_size || strtoul(port, NULL, 10) > 65535)
        return fail(url, "has a port that is not 0 to 65535", error);
    memcpy(endpoint->port, port, port_size);
    return true;
}

bool endpoint_parse(const char *url, struct endpoint *endpoint, char error[ENDPOINT_ERROR_SIZE])
{
    *endpoint = (struct endpoint){0};
    for (size_t i = 0; i < sizeof(scheme_names) / sizeof(scheme_names[0]); i++) {
        size_t size = strlen(scheme_names[i]);
        if (strncmp(url, scheme_names[i], size) != 0 || strncmp(url + size, "://", 3) != 0)
            continue;
        endpoint->scheme = (enum endpoint_scheme)i;
        const char *rest = url + size + 3;
        return endpoint->scheme == ENDPOINT_UNIX ? parse_path(url, rest, endpoint, error)
                                                 : parse_host_port(url, rest, endpoint, error);
    }
    return fail(url, "has no known scheme", error);
}

struct addrinfo *endpoint_resolve(const struct endpoint *endpoint, bool passive,
                                  char error[ENDPOINT_ERROR_SIZE])
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
    struct addrinfo *found = NULL;
    int result = getaddrinfo(endpoint->host, endpoint->port, &hints, &found);
    /* RFC 6761, 6.3: this name means the loopback address, even where no file or server says so. */
    if (result != 0 && strcasecmp(endpoint->host, "localhost") == 0)
        result = getaddrinfo("127.0.0.1", endpoint->port, &hints, &found);
    if (result != 0) {
        snprintf(error, ENDPOINT_ERROR_SIZE, "cannot resolve '%s': %s", endpoint->host,
                 gai_strerror(result));
        return NULL;
    }
    return found;
}

struct sockaddr_un endpoint_unix_address(const struct endpoint *endpoint)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, endpoint->path, sizeof(address.sun_path));
    return address;
}

void endpoint_format_address(const struct sockaddr *address, char text[ENDPOINT_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
        snprintf(text, ENDPOINT_TEXT_SIZE, "%s:%u", host, ntohs(in->sin_port));
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)address;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        snprintf(text, ENDPOINT_TEXT_SIZE, "[%s]:%u", host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_un *un = (const void *)address;
        bool named = address->sa_family == AF_UNIX && un->sun_path[0] != '\0';
        /* A path that fills the field has no terminator. */
        snprintf(text, ENDPOINT_TEXT_SIZE, "%.*s", (int)sizeof(un->sun_path),
                 named ? un->sun_path : "unix");
    }
}

/* SPDX-License-Identifier: MIT */
#include "server/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const char *url, const char *action, char *error)
{
    int reason = errno;
    snprintf(error, ENDPOINT_ERROR_SIZE, "cannot listen on %.200s: %s: %s", url, action,
             strerror(reason));
    errno = reason; /* for callers that tell one failure from another */
    return false;
}

/* Takes a slot for a bound socket; false when there are too many. */
static bool add_listener(struct listener_set *set, int fd, const struct endpoint *endpoint,
                         const char *url, char *error)
{
    if (set->count == LISTENER_LIMIT) {
        snprintf(error, ENDPOINT_ERROR_SIZE, "more than %d addresses to listen on",
                 (int)LISTENER_LIMIT);
        return false;
    }
    struct listener *listener = &set->items[set->count++];
    *listener = (struct listener){.fd = fd, .endpoint = *endpoint};
    snprintf(listener->url, sizeof(listener->url), "%s", url);
    return true;
}

static bool bind_address(int fd, const struct addrinfo *address, int backlog, const char *url,
                         char *error)
{
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
        return fail(url, "SO_REUSEADDR", error);
    /* Otherwise [::] would also take the IPv4 port and collide with 0.0.0.0. */
    if (address->ai_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
        return fail(url, "IPV6_V6ONLY", error);
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0)
        return fail(url, "bind", error);
    if (listen(fd, backlog) != 0)
        return fail(url, "listen", error);
    return true;
}

static bool is_beyond_loopback(const struct sockaddr_storage *address)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    memcpy(&in, address, sizeof(in));
    memcpy(&in6, address, sizeof(in6));
    if (address->ss_family == AF_INET6)
        return !IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
    return ntohl(in.sin_addr.s_addr) >> IN_CLASSA_NSHIFT != IN_LOOPBACKNET;
}

static bool open_address(struct listener_set *set, const struct endpoint *endpoint,
                         const struct addrinfo *address, int backlog, const char *url, char *error)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(url, "socket", error);
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof(bound);
    char text[ENDPOINT_TEXT_SIZE];
    char bound_url[ENDPOINT_TEXT_SIZE];
    if (!bind_address(fd, address, backlog, url, error)) {
        int reason = errno;
        close(fd);
        errno = reason;
        return false;
    }
    if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0) {
        (void)fail(url, "getsockname", error);
    } else {
        endpoint_format_address((struct sockaddr *)&bound, text);
        snprintf(bound_url, sizeof(bound_url), "%s://%.300s",
                 endpoint_scheme_name(endpoint->scheme), text);
        if (add_listener(set, fd, endpoint, bound_url, error)) {
            set->items[set->count - 1].beyond_loopback = is_beyond_loopback(&bound);
            return true;
        }
    }
    close(fd);
    errno = 0;
    return false;
}

static bool open_tcp(struct listener_set *set, const struct endpoint *endpoint, const char *url,
                     int backlog, char *error)
{
    struct addrinfo *found = endpoint_resolve(endpoint, true, error);
    if (found == NULL)
        return false;
    size_t before = set->count;
    bool usable = true;
    for (const struct addrinfo *at = found; at != NULL && usable; at = at->ai_next) {
        /* A name such as localhost may resolve to an IPv6 address that this machine lacks. */
        usable = open_address(set, endpoint, at, backlog, url, error) || errno == EAFNOSUPPORT ||
                 errno == EADDRNOTAVAIL;
    }
    freeaddrinfo(found);
    return usable && set->count > before; /* `error` tells of the last that failed */
}

/* Removes a socket file that nobody listens on; false when somebody does or it is no socket. */
static bool replace_stale(const struct sockaddr_un *address, const char *url, char *error)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0)
        return errno == ENOENT || fail(url, "stat", error);
    if (!S_ISSOCK(status.st_mode)) {
        errno = EEXIST;
        return fail(url, "a file that is no socket is in the way", error);
    }
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return fail(url, "socket", error);
    bool refused =
        connect(probe, (const void *)address, sizeof(*address)) != 0 && errno == ECONNREFUSED;
    close(probe);
    if (!refused) {
        errno = EADDRINUSE;
        return fail(url, "another server is listening there", error);
    }
    return unlink(address->sun_path) == 0 || fail(url, "unlink", error);
}

static bool open_unix(struct listener_set *set, const struct endpoint *endpoint, const char *url,
                      int backlog, char *error)
{
    struct sockaddr_un address = endpoint_unix_address(endpoint);
    if (!replace_stale(&address, url, error))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(url, "socket", error);
    char bound_url[ENDPOINT_TEXT_SIZE];
    snprintf(bound_url, sizeof(bound_url), "unix://%s", endpoint->path);
    /* The mode is set before listen, so that nobody connects before it holds. */
    bool bound = bind(fd, (const void *)&address, sizeof(address)) == 0;
    if (!bound)
        (void)fail(url, "bind", error);
    else if (endpoint->mode != 0 && chmod(endpoint->path, (mode_t)endpoint->mode) != 0)
        (void)fail(url, "chmod", error);
    else if (listen(fd, backlog) != 0)
        (void)fail(url, "listen", error);
    else if (add_listener(set, fd, endpoint, bound_url, error))
        return true;
    if (bound)
        (void)unlink(address.sun_path);
    close(fd);
    return false;
}

bool listener_set_open(struct listener_set *set, const struct option_list *urls, int backlog,
                       char error[ENDPOINT_ERROR_SIZE])
{
    *set = (struct listener_set){0};
    for (size_t i = 0; i < urls->count; i++) {
        const char *url = urls->items[i];
        struct endpoint endpoint;
        if (endpoint_parse(url, &endpoint, error) &&
            (endpoint.scheme == ENDPOINT_UNIX ? open_unix(set, &endpoint, url, backlog, error)
                                              : open_tcp(set, &endpoint, url, backlog, error)))
            continue;
        listener_set_close(set);
        return false;
    }
    return true;
}

bool listener_set_give(const struct listener_set *set, uid_t user, gid_t group,
                       char error[ENDPOINT_ERROR_SIZE])
{
    for (size_t i = 0; i < set->count; i++) {
        const struct listener *listener = &set->items[i];
        if (listener->endpoint.scheme == ENDPOINT_UNIX &&
            lchown(listener->endpoint.path, user, group) != 0)
            return fail(listener->url, "chown", error);
    }
    return true;
}

void listener_set_close(struct listener_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct listener *listener = &set->items[i];
        if (listener->fd < 0)
            continue;
        /* The file first: once the socket is closed a successor may put its own there. */
        if (listener->endpoint.scheme == ENDPOINT_UNIX)
            (void)unlink(listener->endpoint.path); /* a stale file is replaced at the next start */
        close(listener->fd);
        listener->fd = -1;
    }
}

/* SPDX-License-Identifier: MIT */
#include "server/acceptor.h"

#include "common/block_cache.h"
#include "common/clock.h"
#include "common/log.h"
#include "server/crash.h"
#include "server/limits/reserve.h"
#include "server/server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPT_BATCH = 64, /* from one listener before the others have their turn */
    TICK_MS = 1000,    /* in which all connections are swept once for deadlines */
    DRAIN_TICK_MS = 20,
    /* From the drain's deadline on: for what is open to be closed, and for handlers that return
     * just then. Long enough that a busy machine runs every worker. */
    DRAIN_GRACE_MS = 200,
    BACKOFF_FIRST_MS = 10,
    BACKOFF_LAST_MS = 250,   /* so that it goes on well within a second of the shortage */
    SHORTAGE_LOG_MS = 10000, /* between two lines that say accepting is paused */
};

/* Tells a client, unless it could make no sense of it, that there is no room for it. */
static void refuse(struct acceptor *acceptor, int fd, const struct listener *listener,
                   const char *text)
{
    /* Encryption would have to be agreed on first. */
    bool understands =
        listener->endpoint.scheme != ENDPOINT_RAW && listener->endpoint.scheme != ENDPOINT_TLS;
    refusals_add(&acceptor->refusals, fd, understands ? text : NULL, monotonic_ns());
}

static void admit(struct acceptor *acceptor, int fd, const struct listener *listener,
                  const union peer_address *peer)
{
    struct pool *pool = &acceptor->server->pool;
    int on = 1;
    if (connection_table_peer_is_full(&pool->connections, peer)) {
        statistics_add(&acceptor->statistics.rejected_connections_per_peer, 1);
        refuse(acceptor, fd, listener, "-ERR max number of clients from your address reached\r\n");
        return;
    }
    reserve_restore(pool);
    if (listener->endpoint.scheme != ENDPOINT_UNIX) {
        /* Failing, the first costs latency, the second lets a peer that lost power stay for ever.
         */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    }
    struct connection *connection = connection_table_open(&pool->connections, fd, listener, peer);
    if (connection == NULL) {
        statistics_add(&acceptor->statistics.rejected_connections, 1);
        refuse(acceptor, fd, listener, "-" REFUSAL_NO_PLACE "\r\n");
        return;
    }
    connection->must_log_in = access_needs_password(&acceptor->server->access) &&
                              listener->endpoint.scheme != ENDPOINT_RAW;
    statistics_add(&acceptor->statistics.connections_total, 1);
    if (listener->endpoint.scheme == ENDPOINT_TLS)
        connection->phase = PHASE_HANDSHAKING; /* until it is admitted it is the acceptor's */
    int error = pool_admit(pool, connection);
    if (error != 0) {
        log_write(LOG_LEVEL_WARN, "connection_not_watched", "error=\"%s\"", strerror(error));
        statistics_add(&acceptor->statistics.accept_errors_other, 1);
        connection_table_close(&pool->connections, connection);
    }
}

/* Counts a failed accept; true when it is a shortage, after which accepting should pause. */
static bool count_accept_error(struct acceptor_statistics *statistics, int error)
{
    switch (error) {
    case EMFILE:
        statistics_add(&statistics->accept_errors_process_fds, 1);
        return true;
    case ENFILE:
        statistics_add(&statistics->accept_errors_system_fds, 1);
        return true;
    case ENOMEM:
    case ENOBUFS:
        statistics_add(&statistics->accept_errors_memory, 1);
        return true;
    case ECONNABORTED: /* accept(2): pending network errors belong to that one connection */
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
        statistics_add(&statistics->accept_errors_aborted, 1);
        return false;
    default:
        statistics_add(&statistics->accept_errors_other, 1);
        return true;
    }
}

/* Without descriptors or memory the listener stays readable: pause instead of spinning. */
static void back_off(struct acceptor *acceptor, int error)
{
    uint64_t last_ns = (uint64_t)BACKOFF_LAST_MS * NS_PER_MS;
    uint64_t now_ns = monotonic_ns();
    if (acceptor->backoff_ns == 0) {
        acceptor->backoff_ns = (uint64_t)BACKOFF_FIRST_MS * NS_PER_MS;
        /* At the limit it may stop and go on many times a second: the counters tell how often. */
        if (acceptor->shortage_logged_ns == 0 ||
            now_ns - acceptor->shortage_logged_ns >= (uint64_t)SHORTAGE_LOG_MS * NS_PER_MS) {
            log_write(LOG_LEVEL_WARN, "accept_paused", "error=\"%s\"", strerror(error));
            acceptor->shortage_logged_ns = now_ns;
        }
    } else if (acceptor->backoff_ns < last_ns) {
        acceptor->backoff_ns =
            acceptor->backoff_ns * 2 < last_ns ? acceptor->backoff_ns * 2 : last_ns;
    }
    acceptor->backoff_until_ns = now_ns + acceptor->backoff_ns;
}

/* Accepts up to *limit connections and lowers it by as many. False when it ended for a shortage, so
 * that accepting must pause. */
static bool accept_some(struct acceptor *acceptor, const struct listener *listener, unsigned *limit)
{
    while (*limit > 0) {
        union peer_address peer = {0};
        socklen_t size = sizeof(peer);
        int fd = accept4(listener->fd, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            acceptor->backoff_ns = 0;
            --*limit;
            if (peer.any.sa_family == AF_UNIX) /* a path would not fit, and tells little */
                peer = (union peer_address){.any.sa_family = AF_UNIX};
            admit(acceptor, fd, listener, &peer);
            continue;
        }
        int error = errno;
        if (error == EAGAIN)
            return true;
        if (error != EINTR && count_accept_error(&acceptor->statistics, error)) {
            back_off(acceptor, error);
            return false;
        }
    }
    return true;
}

static void clear_wake(int wake_fd)
{
    uint64_t count;
    ssize_t got = read(wake_fd, &count, sizeof(count));
    (void)got; /* nothing to clear is fine */
}

/* Between two sweeps, each of which is for a part of the connections. */
static uint32_t tick_ms(const struct acceptor *acceptor)
{
    return TICK_MS / pool_sweep_parts(&acceptor->server->pool);
}

/* How long to wait: until the next sweep, or the end of a pause if that is sooner. */
static int wait_ms(const struct acceptor *acceptor, bool paused, uint64_t now_ns)
{
    uint32_t longest_ms = tick_ms(acceptor);
    if (!paused)
        return (int)longest_ms;
    uint64_t left_ms = (acceptor->backoff_until_ns - now_ns) / NS_PER_MS + 1;
    return (int)(left_ms < longest_ms ? left_ms : longest_ms);
}

static void sweep_when_due(struct acceptor *acceptor, uint64_t now_ns)
{
    if (now_ns - acceptor->swept_ns < (uint64_t)tick_ms(acceptor) * NS_PER_MS)
        return;
    acceptor->swept_ns = now_ns;
    block_cache_expire(now_ns);
    pool_sweep(&acceptor->server->pool, now_ns);
    stuck_report(acceptor->server, now_ns);
    overload_tell(&acceptor->server->pool.overload, now_ns);
}

/* One turn: waits for listeners, a wake-up and, when standing in as poller, for events. */
static void run_once(struct acceptor *acceptor)
{
    struct server *server = acceptor->server;
    struct pool *pool = &server->pool;
    struct pollfd watched[LISTENER_LIMIT + 2 + REFUSAL_LIMIT];
    nfds_t count = 0;
    bool polls = ready_queue_acceptor_polls(&pool->queue);
    uint64_t now_ns = monotonic_ns();
    bool paused = now_ns < acceptor->backoff_until_ns;

    watched[count++] = (struct pollfd){.fd = pool->acceptor_wake_fd, .events = POLLIN};
    /* poll skips negative descriptors. An epoll instance is readable when it has events. */
    watched[count++] = (struct pollfd){.fd = polls ? pool->waiter.epoll_fd : -1, .events = POLLIN};
    for (size_t i = 0; i < server->listeners.count; i++)
        watched[count++] =
            (struct pollfd){.fd = paused ? -1 : server->listeners.items[i].fd, .events = POLLIN};
    count += refusals_watch(&acceptor->refusals, watched + count);

    int ready = poll(watched, count, wait_ms(acceptor, paused, now_ns));
    acceptor_statistics_follow(&acceptor->statistics, &server->epoch);
    if (acceptor->refusals.count > 0)
        refusals_serve(&acceptor->refusals, monotonic_ns());
    if (ready > 0) {
        if (watched[0].revents != 0)
            clear_wake(pool->acceptor_wake_fd);
        if (watched[1].revents != 0)
            pool_poll_once(pool);
        for (size_t i = 0; i < server->listeners.count; i++) {
            unsigned limit = ACCEPT_BATCH;
            if (watched[2 + i].revents != 0)
                (void)accept_some(acceptor, &server->listeners.items[i], &limit);
        }
    }
    sweep_when_due(acceptor, monotonic_ns());
}

/* Connections that the kernel completed before the stop are served like all others. False while
 * there is a shortage: as connections end, there will be descriptors for those that still wait. */
static bool accept_the_rest(struct acceptor *acceptor, unsigned *limit)
{
    struct listener_set *listeners = &acceptor->server->listeners;
    bool done = true;
    for (size_t i = 0; i < listeners->count; i++)
        done &= accept_some(acceptor, &listeners->items[i], limit);
    if (done)
        listener_set_close(listeners);
    return done;
}

static void drain(struct acceptor *acceptor)
{
    struct server *server = acceptor->server;
    struct pool *pool = &server->pool;
    uint64_t deadline_ns = monotonic_ns() + (uint64_t)server->settings.drain_timeout_ns;
    /* As many as can wait; clients that keep coming must not hold up the stop. */
    unsigned limit = ((unsigned)server->settings.backlog + 1) * (unsigned)server->listeners.count;
    bool accepted = accept_the_rest(acceptor, &limit);
    bool cut_off = false;
    pool_begin_drain(pool, deadline_ns);
    while (!accepted || connection_table_open_count(&pool->connections) > 0) {
        struct pollfd watched[] = {
            {.fd = pool->acceptor_wake_fd, .events = POLLIN},
            {.fd = ready_queue_acceptor_polls(&pool->queue) ? pool->waiter.epoll_fd : -1,
             .events = POLLIN},
        };
        if (poll(watched, 2, DRAIN_TICK_MS) > 0) {
            clear_wake(pool->acceptor_wake_fd);
            if (watched[1].revents != 0)
                pool_poll_once(pool);
        }
        uint64_t now_ns = monotonic_ns();
        pool_sweep(pool, now_ns);
        refusals_serve(&acceptor->refusals, now_ns);
        if (!accepted)
            accepted = accept_the_rest(acceptor, &limit);
        if (now_ns < deadline_ns)
            continue;
        if (!cut_off)
            log_write(LOG_LEVEL_WARN, "drain_cut_off", "connections=%u",
                      connection_table_open_count(&pool->connections));
        cut_off = true;
        listener_set_close(&server->listeners); /* who still waits for a descriptor is cut off */
        accepted = true;
        if (now_ns - deadline_ns > (uint64_t)DRAIN_GRACE_MS * NS_PER_MS)
            return; /* handlers that do not end: main says so and leaves without them */
        pool_submit_all(pool);
    }
}

static void *run(void *argument)
{
    struct acceptor *acceptor = argument;
    (void)pthread_setname_np(pthread_self(), "acceptor");
    crash_guard_thread(NULL);
    /* Acquire: pairs with the release in acceptor_stop. */
    while (!atomic_load_explicit(&acceptor->stopping, memory_order_acquire))
        run_once(acceptor);
    drain(acceptor);
    refusals_close(&acceptor->refusals);
    pool_close(&acceptor->server->pool);
    return NULL;
}

int acceptor_start(struct acceptor *acceptor, struct server *server)
{
    acceptor->server = server;
    acceptor->swept_ns = monotonic_ns();
    return pthread_create(&acceptor->thread, NULL, run, acceptor);
}

void acceptor_stop(struct acceptor *acceptor)
{
    atomic_store_explicit(&acceptor->stopping, true, memory_order_release);
    pool_wake_acceptor(&acceptor->server->pool);
}

void acceptor_join(struct acceptor *acceptor)
{
    (void)pthread_join(acceptor->thread, NULL); /* fails only for a thread that is not ours */
}

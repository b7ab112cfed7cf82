/* SPDX-License-Identifier: MIT */
#include "server/stuck.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/server.h"

/* How long the visit that began at `started_ns` has been too long for; 0 when it is not. */
static uint64_t stuck_for_ns(const struct server *server, uint64_t started_ns, uint64_t now_ns)
{
    uint64_t patience_ns = (uint64_t)server->settings.stuck_after_ns;
    bool stuck = patience_ns > 0 && started_ns != 0 && now_ns > started_ns &&
                 now_ns - started_ns >= patience_ns;
    return stuck ? now_ns - started_ns : 0;
}

struct stuck_figures stuck_read(const struct server *server, uint64_t now_ns)
{
    struct stuck_figures figures = {0};
    for (unsigned i = 0; i < server->worker_count; i++) {
        uint64_t started_ns = statistics_load(&server->workers[i].statistics.visit_started_ns);
        uint64_t stuck_ns = stuck_for_ns(server, started_ns, now_ns);
        figures.workers += stuck_ns > 0;
        if (stuck_ns > figures.longest_ns)
            figures.longest_ns = stuck_ns;
    }
    return figures;
}

static void log_worker(const struct worker *worker, const char *event, uint64_t now_ns)
{
    const struct stuck_episode *episode = &worker->stuck;
    log_write(LOG_LEVEL_WARN, event, "worker=%u command=%s for_ms=%llu", worker->index,
              episode->command != NULL ? episode->command->full_name : "?",
              (unsigned long long)((now_ns - episode->started_ns) / NS_PER_MS));
}

/* Follows one worker; true when it is stuck. */
static bool follow(const struct server *server, struct worker *worker, uint64_t now_ns)
{
    uint64_t started_ns = statistics_load(&worker->statistics.visit_started_ns);
    struct stuck_episode *episode = &worker->stuck;
    if (episode->started_ns != 0 && episode->started_ns != started_ns) {
        log_worker(worker, "worker_back", now_ns);
        episode->started_ns = 0;
    }
    if (stuck_for_ns(server, started_ns, now_ns) == 0)
        return false;
    if (episode->started_ns == 0) {
        /* Relaxed: a name for people. It was written long ago, unless the handler has just
         * returned after all. */
        const struct command_entry *command =
            atomic_load_explicit(&worker->slow_command, memory_order_relaxed);
        *episode = (struct stuck_episode){started_ns, command};
        log_worker(worker, "worker_stuck", now_ns);
    }
    return true;
}

void stuck_report(struct server *server, uint64_t now_ns)
{
    unsigned stuck = 0;
    for (unsigned i = 0; i < server->worker_count; i++)
        stuck += follow(server, &server->workers[i], now_ns);
    bool all = stuck == server->worker_count;
    if (all && !server->acceptor.all_stuck)
        log_write(LOG_LEVEL_ERROR, "all_workers_stuck", "workers=%u", stuck);
    server->acceptor.all_stuck = all;
}

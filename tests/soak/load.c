/* SPDX-License-Identifier: MIT */
#include "tests/soak/load.h"

#include "common/clock.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 256, LATE_S = 20 };

bool load_init(struct load *load, const struct behaviour *behaviours, size_t kinds, uint64_t seed)
{
    *load = (struct load){.behaviours = behaviours, .kinds = kinds};
    load->world.random.state = seed;
    load->world.late_ns = (uint64_t)LATE_S * NS_PER_S;
    load->world.connections_most = UINT64_MAX;
    load->world.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < kinds; i++)
        load->count += behaviours[i].clients;
    load->totals = calloc(kinds, sizeof(*load->totals));
    load->clients = calloc(load->count, sizeof(*load->clients));
    if (load->world.epoll_fd < 0 || load->totals == NULL || load->clients == NULL) {
        load_free(load);
        return false;
    }
    struct client *next = load->clients;
    for (size_t i = 0; i < kinds; i++)
        for (unsigned n = 0; n < behaviours[i].clients; n++)
            client_init(next++, &behaviours[i], &load->totals[i]);
    return true;
}

void load_free(struct load *load)
{
    if (load->clients != NULL)
        load_abandon(load);
    free(load->clients);
    free(load->totals);
    if (load->world.epoll_fd >= 0)
        close(load->world.epoll_fd);
    *load = (struct load){.world.epoll_fd = -1};
}

void load_turn(struct load *load)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(load->world.epoll_fd, events, EVENTS, load->world.busy ? 0 : 1);
    uint64_t now_ns = monotonic_ns();
    load->world.busy = false;
    for (int i = 0; i < count; i++)
        client_event(events[i].data.ptr, now_ns);
    for (size_t i = 0; i < load->count; i++)
        client_step(&load->clients[i], &load->world, now_ns);
}

size_t load_present(const struct load *load)
{
    size_t present = 0;
    for (size_t i = 0; i < load->count; i++)
        present += load->clients[i].phase != CLIENT_AWAY;
    return present;
}

void load_leave(struct load *load)
{
    load->world.leaving = true;
}

bool load_prepare_stop(struct load *load)
{
    size_t waiting = 0;
    size_t wanted = 0;
    load->world.before_stop = true;
    for (size_t i = 0; i < load->count; i++) {
        const struct client *client = &load->clients[i];
        wanted += client->behaviour->at_the_stop;
        waiting += client->behaviour->at_the_stop && client->left == 0 &&
                   client->phase == CLIENT_TALKING &&
                   client->history.whole > client->history.answered;
    }
    return waiting == wanted;
}

void load_note_stop(struct load *load)
{
    load_leave(load);
    for (size_t i = 0; i < load->count; i++)
        client_note_stop(&load->clients[i]);
}

void load_abandon(struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        client_abandon(&load->clients[i]);
}

void load_sum(const struct load *load, struct history_totals *sum)
{
    *sum = (struct history_totals){0};
    for (size_t i = 0; i < load->kinds; i++)
        history_add(sum, &load->totals[i]);
}

void load_sum_counted(const struct load *load, bool orderly, struct history_totals *sum)
{
    *sum = (struct history_totals){0};
    for (size_t i = 0; i < load->kinds; i++)
        if (load->behaviours[i].orderly == orderly)
            history_add(sum, &load->totals[i]);
}

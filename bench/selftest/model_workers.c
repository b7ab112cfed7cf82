/* SPDX-License-Identifier: MIT */
#include "bench/selftest/model_parts.h"
#include "common/clock.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

/* A request that a worker has taken. */
struct task {
    int fd;
    size_t number; /* in the order of taking, which is that of arrival */
    uint64_t begin_ns;
    uint64_t service_ns;
};

bool model_queue_put(struct model_queue *queue, int fd)
{
    uint64_t now_ns = monotonic_ns();
    lock_acquire(&queue->lock);
    bool room = queue->count < MODEL_QUEUE;
    if (room) {
        queue->requests[(queue->head + queue->count) % MODEL_QUEUE] =
            (struct model_request){fd, now_ns};
        queue->count++;
        condition_signal(&queue->changed);
    }
    lock_release(&queue->lock);
    return room;
}

/* Takes the place that has been free for longest; returns since when. */
static uint64_t take_place(struct model_queue *queue)
{
    size_t first = 0;
    for (size_t i = 1; i < queue->places_free; i++)
        if (queue->free_ns[i] < queue->free_ns[first])
            first = i;
    uint64_t free_ns = queue->free_ns[first];
    queue->free_ns[first] = queue->free_ns[--queue->places_free];
    return free_ns;
}

static struct task take_request(struct model_server *server)
{
    struct model_queue *queue = &server->queue;
    struct model_request request = queue->requests[queue->head];
    uint64_t free_ns = take_place(queue);
    queue->head = (queue->head + 1) % MODEL_QUEUE;
    queue->count--;
    return (struct task){
        .fd = request.fd,
        .number = queue->taken++,
        .begin_ns = free_ns > request.came_ns ? free_ns : request.came_ns,
        .service_ns = model_draw_ns(&server->settings, &queue->random),
    };
}

/*
 * Waits for a request; false when the server ends. A worker that finds all places taken goes back
 * to sleep: whoever leaves a place comes here next and looks himself, so no wake-up is lost.
 */
static bool take(struct model_server *server, struct task *task)
{
    struct model_queue *queue = &server->queue;
    lock_acquire(&queue->lock);
    while (!queue->stopping && (queue->count == 0 || queue->places_free == 0))
        condition_wait(&queue->changed, &queue->lock);
    bool taken = !queue->stopping;
    if (taken)
        *task = take_request(server);
    lock_release(&queue->lock);
    return taken;
}

static void leave(struct model_queue *queue, uint64_t now_ns)
{
    lock_acquire(&queue->lock);
    queue->free_ns[queue->places_free++] = now_ns;
    lock_release(&queue->lock);
}

static void sleep_until(uint64_t at_ns)
{
    struct timespec at = {.tv_sec = (time_t)(at_ns / NS_PER_S),
                          .tv_nsec = (long)(at_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

/* The time that it takes is noted as it was, with what the timer and the reply added. */
static void serve(struct model_server *server, const struct task *task)
{
    static const char reply[] = "+PONG\r\n";
    uint64_t hidden_ns = server->settings.hidden_ns;
    sleep_until(task->begin_ns + task->service_ns + hidden_ns);
    model_send(task->fd, reply, strlen(reply));
    uint64_t end_ns = monotonic_ns();
    if (task->number < server->settings.journal_limit)
        server->service_ns[task->number] = end_ns - task->begin_ns - hidden_ns;
    leave(&server->queue, end_ns);
}

void *model_worker_run(void *argument)
{
    struct model_server *server = argument;
    struct task task;
    model_be_punctual();
    while (take(server, &task))
        serve(server, &task);
    return NULL;
}

/* Where it is not allowed, the journal shows longer times. */
void model_be_punctual(void)
{
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    struct sched_param first = {.sched_priority = 1};
    (void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
}

void model_send(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0) {
            (void)shutdown(fd, SHUT_RDWR);
            return;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* SPDX-License-Identifier: MIT */
#include "tests/soak/victims.h"

#include "common/clock.h"
#include "tests/soak/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EVERY_NS = 40 * NS_PER_MS, DEPTH = 200 };

/* In the child: nothing of the other clients may stay open in it. It never ends by itself, unless
 * the server does. */
static void suffer(const struct soak_address *address)
{
    static const char log_in[] =
        "AUTH " SECRETS_PASSWORD "\r\n"; /* an error where none is needed */
    static const char greet[] = "GREET\r\n";
    char requests[DEPTH * (sizeof(greet) - 1)];
    char replies[1000];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    for (size_t i = 0; i < DEPTH; i++)
        memcpy(requests + i * (sizeof(greet) - 1), greet, sizeof(greet) - 1);
    int fd = socket(address->socket.any.sa_family, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, &address->socket.any, address->size) != 0 ||
        send(fd, log_in, sizeof(log_in) - 1, MSG_NOSIGNAL) < 0)
        _exit(1);
    while (send(fd, requests, sizeof(requests), MSG_NOSIGNAL) > 0 &&
           recv(fd, replies, sizeof(replies), 0) > 0) {
    }
    _exit(0);
}

static void end_one(pid_t *pid)
{
    if (*pid <= 0)
        return;
    kill(*pid, SIGKILL);
    while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR) {
    }
    *pid = 0;
}

void victims_step(struct victims *victims, const struct soak_address *address, uint64_t now_ns)
{
    if (now_ns < victims->next_ns)
        return;
    victims->next_ns = now_ns + EVERY_NS;
    pid_t *pid = &victims->pids[victims->turn++ % VICTIMS];
    victims->killed += *pid > 0;
    end_one(pid);
    *pid = fork();
    if (*pid == 0)
        suffer(address);
}

void victims_end(struct victims *victims)
{
    for (size_t i = 0; i < VICTIMS; i++)
        end_one(&victims->pids[i]);
}

/* SPDX-License-Identifier: MIT */
#include "client/one_shot.h"

#include "client/exchange.h"
#include "client/login.h"
#include "common/clock.h"

#include <errno.h>
#include <time.h>

static void sleep_for(int64_t ns)
{
    struct timespec left = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}

enum client_status client_one_shot(struct client_session *session,
                                   const struct client_settings *settings,
                                   const struct client_command_line *command)
{
    enum client_status worst = client_login(session, settings);
    if (worst != CLIENT_OK)
        return worst;
    for (int64_t run = 0; settings->repeat < 0 || run < settings->repeat; run++) {
        if (run > 0)
            sleep_for(settings->interval_ns);
        enum client_status status = client_exchange(session, command, settings->format);
        if (status > worst)
            worst = status;
        if (status == CLIENT_FAILURE)
            break;
    }
    return worst;
}

/* SPDX-License-Identifier: MIT */
#include "client/login.h"

#include "client/exchange.h"
#include "client/reply.h"
#include "client/report.h"

static enum client_status request(struct client_session *session, const char *const *words,
                                  bool refusal_matters)
{
    crew_slice reply;
    enum client_status status = client_request_words(session, words, &reply);
    if (status == CLIENT_FAILURE)
        client_report("%s", session->error);
    if (status != CLIENT_ERROR_REPLY)
        return status;
    if (!refusal_matters)
        return CLIENT_OK;
    struct client_reply_cursor cursor = client_reply_begin(reply);
    struct resp_token token = client_reply_next(&cursor);
    client_report("%s failed: %.*s", words[0], (int)token.text_size, token.text);
    return status;
}

enum client_status client_login(struct client_session *session,
                                const struct client_settings *settings)
{
    if (!client_session_open(session)) {
        client_report("%s", session->error);
        return CLIENT_FAILURE;
    }
    enum client_status status = CLIENT_OK;
    if (settings->password != NULL) {
        const char *const password_alone[] = {"AUTH", settings->password, NULL};
        const char *const user_and_password[] = {"AUTH", settings->user, settings->password, NULL};
        status =
            request(session, settings->user == NULL ? password_alone : user_and_password, true);
    }
    if (status == CLIENT_OK && settings->resp3 != CLIENT_RESP3_NO) {
        static const char *const hello[] = {"HELLO", "3", NULL};
        status = request(session, hello, settings->resp3 == CLIENT_RESP3_REQUIRED);
    }
    return status;
}

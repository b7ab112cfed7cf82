/* SPDX-License-Identifier: MIT */
#include "server/access/access.h"

#include "common/clock.h"
#include "common/log.h"
#include "server/access/secret_memory.h"

#include <string.h>

enum { FAILURE_LOG_MS = 1000 }; /* between two lines about refused passwords */

/* What one client gave, and what is made of it; in secret memory. */
struct attempt {
    char text[PASSWORD_LIMIT + 1]; /* followed by zeros */
    size_t size;
    char quick[PASSWORD_HASH_SIZE];
    char computed[PASSWORD_HASH_SIZE];
};

static void warn_of_plain(const struct access *access)
{
    size_t plain = access->set->count - access->set->hashes;
    if (plain > 0)
        log_write(LOG_LEVEL_WARN, "plain_passwords",
                  "file=\"%s\" count=%zu advice=\"crew-server --hash-password makes hashes\"",
                  access->file, plain);
}

bool access_open(struct access *access, const char *file, char error[PASSWORD_ERROR_SIZE])
{
    *access = (struct access){.file = file};
    lock_init(&access->lock, LOCK_RANK_ACCESS);
    condition_init(&access->checked);
    if (file == NULL)
        return true;
    access->set = password_file_read(file, error);
    if (access->set == NULL)
        return false;
    /* Without a setting no quick hash is made, and each check is a slow one. */
    (void)password_hash_setting(PASSWORD_HASH_QUICK, access->quick_setting);
    warn_of_plain(access);
    return true;
}

void access_close(struct access *access)
{
    password_set_free(access->set);
    condition_destroy(&access->checked);
    lock_destroy(&access->lock);
}

/* Who was known stays known. */
static void take_verifiers(struct password_set *to, const struct password_set *from)
{
    for (size_t i = 0; i < to->count; i++) {
        for (size_t j = 0; j < from->count; j++) {
            if (to->items[i].is_hash && strcmp(to->items[i].text, from->items[j].text) == 0)
                memcpy(to->items[i].verifier, from->items[j].verifier, PASSWORD_HASH_SIZE);
        }
    }
}

bool access_reload(struct access *access, char error[PASSWORD_ERROR_SIZE])
{
    if (access->file == NULL)
        return true;
    struct password_set *fresh = password_file_read(access->file, error);
    if (fresh == NULL)
        return false;
    lock_acquire(&access->lock);
    struct password_set *old = access->set;
    take_verifiers(fresh, old);
    access->set = fresh;
    bool in_use = old == access->in_check;
    lock_release(&access->lock);
    if (!in_use)
        password_set_free(old);
    warn_of_plain(access);
    return true;
}

/* Looks at every password, so that the time does not tell which one it was. */
static bool matches_plain(const struct password_set *set, const struct attempt *attempt)
{
    bool found = false;
    for (size_t i = 0; i < set->count; i++) {
        const struct password *password = &set->items[i];
        bool same = secret_equal(password->text, attempt->text, sizeof(attempt->text));
        found |= same && !password->is_hash && password->size == attempt->size;
    }
    return found;
}

/* Whether its password has been found right before. */
static bool is_known(const struct password_set *set, const struct attempt *attempt)
{
    bool found = false;
    for (size_t i = 0; i < set->count && attempt->quick[0] != '\0'; i++)
        found |= secret_equal(set->items[i].verifier, attempt->quick, sizeof(attempt->quick));
    return found;
}

/* The password whose hash it matches, or NULL. Slow. */
static struct password *find_hashed(struct password_set *set, struct attempt *attempt)
{
    for (size_t i = 0; i < set->count; i++) {
        struct password *password = &set->items[i];
        if (password->is_hash &&
            password_hash_compute(attempt->text, password->text, attempt->computed) &&
            secret_equal(attempt->computed, password->text, sizeof(attempt->computed)))
            return password;
    }
    return NULL;
}

/* Checks against every hash. Needs the lock, and gives it back while it takes its time. */
static enum access_answer check_slowly(struct access *access, struct attempt *attempt)
{
    struct password_set *set = access->set;
    access->in_check = set;
    lock_release(&access->lock);
    struct password *found = find_hashed(set, attempt);
    lock_acquire(&access->lock);
    access->in_check = NULL;
    if (found != NULL)
        memcpy(found->verifier, attempt->quick, sizeof(attempt->quick));
    if (set != access->set)
        password_set_free(set); /* a reload left it to this check */
    condition_broadcast(&access->checked);
    return found != NULL ? ACCESS_GRANTED : ACCESS_DENIED;
}

static enum access_answer check_hashes(struct access *access, struct attempt *attempt)
{
    while (!is_known(access->set, attempt) && access->in_check != NULL &&
           !access->somebody_logged_in)
        condition_wait(&access->checked, &access->lock);
    if (is_known(access->set, attempt))
        return ACCESS_GRANTED;
    return access->in_check != NULL ? ACCESS_BUSY : check_slowly(access, attempt);
}

static enum access_answer check(struct access *access, struct attempt *attempt)
{
    /* crypt takes text: what a NUL ends would match with anything behind it. */
    bool is_text = strlen(attempt->text) == attempt->size;
    lock_acquire(&access->lock);
    enum access_answer answer =
        matches_plain(access->set, attempt) ? ACCESS_GRANTED : ACCESS_DENIED;
    if (answer == ACCESS_DENIED && is_text && access->set->hashes > 0) {
        lock_release(&access->lock);
        (void)password_hash_compute(attempt->text, access->quick_setting, attempt->quick);
        lock_acquire(&access->lock);
        answer = check_hashes(access, attempt);
    }
    access->somebody_logged_in |= answer == ACCESS_GRANTED;
    lock_release(&access->lock);
    return answer;
}

enum access_answer access_check(struct access *access, const char *password, size_t size)
{
    struct attempt *attempt = secret_allocate(sizeof(*attempt));
    if (attempt == NULL)
        return ACCESS_BUSY;
    /* One that is too long is no one's, but is refused like any other. */
    attempt->size = size;
    memcpy(attempt->text, password, size <= PASSWORD_LIMIT ? size : 0);
    enum access_answer answer = check(access, attempt);
    secret_free(attempt, sizeof(*attempt));
    return answer;
}

uint64_t access_count_failure(struct access *access)
{
    uint64_t now_ns = monotonic_ns();
    uint64_t failures = 0;
    lock_acquire(&access->lock);
    access->failures_unlogged++;
    if (access->failure_logged_ns == 0 ||
        now_ns - access->failure_logged_ns >= (uint64_t)FAILURE_LOG_MS * NS_PER_MS) {
        failures = access->failures_unlogged;
        access->failures_unlogged = 0;
        access->failure_logged_ns = now_ns;
    }
    lock_release(&access->lock);
    return failures;
}

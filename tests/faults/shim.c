/* SPDX-License-Identifier: MIT */
/*
 * Loaded before libc into a program under test; see shim.h. Calls that no rule hits go on to libc.
 *
 * A short read leaves bytes in a socket that the program, by epoll(7), takes for empty then. The
 * next byte comes as if it were a segment of its own: modifying the registration makes a new edge.
 *
 * With sanitizers allocations are theirs, and are left alone.
 */
#include "tests/faults/shim.h"

#include "common/sanitized.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct shim_control nothing; /* until a file is mapped */
static struct shim_control *control = &nothing;

static void do_nothing(int number)
{
    (void)number;
}

/* SIGUSR1 is what interrupts calls in the tests of EINTR: it must end them and do nothing else. */
__attribute__((constructor)) static void map_control(void)
{
    struct sigaction action = {.sa_handler = do_nothing};
    (void)sigaction(SIGUSR1, &action, NULL);
    const char *path = getenv(SHIM_FILE);
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        control = mapped;
    close(fd);
}

/* Counts the call; true when the rule hits it. */
static bool hits(enum shim_call call)
{
    struct shim_rule *rule = &control->rules[call];
    if (rule->until == 0)
        return false;
    uint64_t number = ++rule->calls;
    bool hit = number >= rule->from && number < rule->until && number % rule->every == 0;
    rule->hits += hit;
    return hit;
}

/* For calls that return -1 and set errno. */
static bool fails(enum shim_call call)
{
    if (!hits(call))
        return false;
    errno = control->rules[call].error;
    return true;
}

/* How many of `size` bytes a transfer may move, or -1 with errno. */
static ssize_t allowed(enum shim_call call, size_t size)
{
    const struct shim_rule *rule = &control->rules[call];
    if (!hits(call))
        return (ssize_t)size;
    errno = rule->error;
    if (rule->error != 0)
        return -1;
    size_t most = 1 + rule->hits % (uint64_t)rule->amount;
    return (ssize_t)(size < most ? size : most);
}

/* The function behind ours. Taken by its name each time: dlsym is quick enough for tests. */
#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

/* libc's parameters have reserved names. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    return fails(SHIM_ACCEPT) ? -1 : NEXT(accept4)(fd, address, size, flags);
}

/* What threads that are held back are to do. */
enum { HELD_LIMIT = 64 };
static struct held {
    void *(*run)(void *);
    void *argument;
} held[HELD_LIMIT];

static void *run_later(void *argument)
{
    const struct held *thread = argument;
    const struct timespec moment = {.tv_nsec = 1000000};
    while (control->rules[SHIM_THREAD_RUN].until != 0)
        (void)nanosleep(&moment, NULL);
    return thread->run(thread->argument);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    if (hits(SHIM_THREAD_CREATE))
        return control->rules[SHIM_THREAD_CREATE].error;
    const struct shim_rule *rule = &control->rules[SHIM_THREAD_RUN];
    if (hits(SHIM_THREAD_RUN) && rule->hits <= HELD_LIMIT) {
        struct held *later = &held[rule->hits - 1];
        *later = (struct held){run, argument};
        return NEXT(pthread_create)(thread, attributes, run_later, later);
    }
    return NEXT(pthread_create)(thread, attributes, run, argument);
}

int epoll_wait(int fd, struct epoll_event *events, int room, int timeout_ms)
{
    return fails(SHIM_EPOLL_WAIT) ? -1 : NEXT(epoll_wait)(fd, events, room, timeout_ms);
}

int poll(struct pollfd *watched, nfds_t count, int timeout_ms)
{
    return fails(SHIM_POLL) ? -1 : NEXT(poll)(watched, count, timeout_ms);
}

/* How each descriptor was registered; epoll_fd is 0 for those that were not. */
enum { REGISTERED_LIMIT = 4096 };
static struct {
    int epoll_fd;
    struct epoll_event event;
} registered[REGISTERED_LIMIT];

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    if (operation == EPOLL_CTL_ADD && fails(SHIM_REGISTER))
        return -1;
    if (operation == EPOLL_CTL_ADD && fd < REGISTERED_LIMIT) {
        registered[fd].event = *event;
        registered[fd].epoll_fd = epoll_fd;
    }
    return NEXT(epoll_ctl)(epoll_fd, operation, fd, event);
}

static void make_edge(int fd)
{
    if (fd < REGISTERED_LIMIT && registered[fd].epoll_fd != 0)
        (void)NEXT(epoll_ctl)(registered[fd].epoll_fd, EPOLL_CTL_MOD, fd, &registered[fd].event);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
    ssize_t most = allowed(SHIM_RECEIVE, size);
    ssize_t got = most < 0 ? -1 : NEXT(recv)(fd, bytes, (size_t)most, flags);
    if (got > 0 && got == most && (size_t)most < size)
        make_edge(fd);
    return got;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    ssize_t most = allowed(SHIM_SEND, size);
    return most < 0 ? -1 : NEXT(send)(fd, bytes, (size_t)most, flags);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = NEXT(clock_gettime)(clock, now);
    if (clock == CLOCK_REALTIME && hits(SHIM_REALTIME))
        now->tv_sec += control->rules[SHIM_REALTIME].amount;
    return result;
}

/* Takes stack until there is none: the address that is written to is then beyond the guard. */
static void overflow_stack(void)
{
    for (;;)
        *(volatile char *)__builtin_alloca(4096) = 0;
}

/* Where `number` says, which nobody but the test's rule knows. */
static volatile char *address_of(int64_t number)
{
    volatile char *address = NULL;
    memcpy(&address, &number, sizeof(address));
    return address;
}

static void crash(int64_t where)
{
    if (where == 0)
        overflow_stack();
    *address_of(where) = 0;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    if ((flags & TIMER_ABSTIME) != 0 && hits(SHIM_SLEEP))
        crash(control->rules[SHIM_SLEEP].amount);
    return NEXT(clock_nanosleep)(clock, flags, time, left);
}

#if !SANITIZED

/* By glibc's other names for them, as dlsym itself allocates. */
void *libc_malloc(size_t size) __asm__("__libc_malloc");
void *libc_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *libc_realloc(void *block, size_t size) __asm__("__libc_realloc");
void *libc_memalign(size_t alignment, size_t size) __asm__("__libc_memalign");

void libc_free(void *block) __asm__("__libc_free");

static void *count_block(void *block)
{
    control->blocks += block != NULL;
    return block;
}

void *malloc(size_t size)
{
    return fails(SHIM_ALLOCATE) ? NULL : count_block(libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails(SHIM_ALLOCATE) ? NULL : count_block(libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (fails(SHIM_ALLOCATE))
        return NULL;
    return block == NULL ? count_block(libc_malloc(size)) : libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(SHIM_ALLOCATE) ? NULL : count_block(libc_memalign(alignment, size));
}

void free(void *block)
{
    control->blocks -= block != NULL;
    libc_free(block);
}

#endif

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

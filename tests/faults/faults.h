/* SPDX-License-Identifier: MIT */
/*
 * Every fault that crew-server has to survive, from simple to hard. Each is a function of its name
 * in one of the files beside this, run in a process of its own; it fails by Check's assertions, and
 * writes into `observed` what is worth reading in a table. Add a fault to this list.
 */
#ifndef CREW_TESTS_FAULTS_FAULTS_H
#define CREW_TESTS_FAULTS_FAULTS_H

enum { OBSERVED_SIZE = 120 };

#define FAULTS(X)                                                                                  \
    X(emfile)                                                                                      \
    X(enfile)                                                                                      \
    X(accept_enomem)                                                                               \
    X(accept_enobufs)                                                                              \
    X(accept_aborted)                                                                              \
    X(accept_protocol_error)                                                                       \
    X(registration_fails)                                                                          \
    X(accepting_stops_after_one_bad_accept)                                                        \
    X(sigterm_while_starved)                                                                       \
    X(thread_creation_fails)                                                                       \
    X(threads_do_not_run_yet)                                                                      \
    X(reset_amid_request)                                                                          \
    X(reset_amid_reply)                                                                            \
    X(client_killed_amid_request)                                                                  \
    X(client_killed_amid_reply)                                                                    \
    X(half_close)                                                                                  \
    X(never_read)                                                                                  \
    X(drip)                                                                                        \
    X(sigterm_while_never_read)                                                                    \
    X(sigterm_while_drip)                                                                          \
    X(interrupted_calls)                                                                           \
    X(sigterm_amid_interrupted_calls)                                                              \
    X(short_reads)                                                                                 \
    X(short_writes)                                                                                \
    X(sigterm_amid_short_transfers)                                                                \
    X(clock_jumps)                                                                                 \
    X(sigterm_amid_clock_jumps)                                                                    \
    X(handler_never_returns)                                                                       \
    X(all_handlers_never_return)                                                                   \
    X(sigterm_while_stuck)                                                                         \
    X(handler_crashes)                                                                             \
    X(handler_overflows_its_stack)                                                                 \
    X(any_fatal_signal)                                                                            \
    X(every_allocation_fails_in_turn)                                                              \
    X(every_allocation_fails_from_then_on)                                                         \
    X(sigterm_without_memory)                                                                      \
    X(every_allocation_fails_at_start)                                                             \
    X(hundred_sigterms_under_load)

#define DECLARE_FAULT(name) void name(char observed[OBSERVED_SIZE]);
FAULTS(DECLARE_FAULT)
#undef DECLARE_FAULT

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Tells valgrind's helgrind what it cannot see: that an atomic, or pthread_once, hands data from
 * one thread to another. Whoever passes HAPPENS_AFTER of an address sees what was done by all who
 * had passed HAPPENS_BEFORE of it. Only `make test-helgrind` defines CREW_HELGRIND; elsewhere they
 * are nothing, and what really orders the data stands beside them.
 */
#ifndef CREW_COMMON_HAPPENS_BEFORE_H
#define CREW_COMMON_HAPPENS_BEFORE_H

#ifdef CREW_HELGRIND
#include <valgrind/helgrind.h>
#define HAPPENS_BEFORE(address) ANNOTATE_HAPPENS_BEFORE(address)
#define HAPPENS_AFTER(address)  ANNOTATE_HAPPENS_AFTER(address)
#else
#define HAPPENS_BEFORE(address) ((void)(address))
#define HAPPENS_AFTER(address)  ((void)(address))
#endif

#endif

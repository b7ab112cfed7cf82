/* SPDX-License-Identifier: MIT */
/*
 * SANITIZED: 1 in a build with AddressSanitizer or ThreadSanitizer, where allocations and signals
 * are theirs and each step costs several times as much; else 0. gcc and clang tell it differently;
 * what is only loaded into such a program cannot tell, and is told by -DSANITIZED=1.
 */
#ifndef CREW_COMMON_SANITIZED_H
#define CREW_COMMON_SANITIZED_H

#ifndef SANITIZED
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif
#endif

#endif

/* SPDX-License-Identifier: MIT */
/* Letters, whatever the locale. */
#ifndef CREW_COMMON_ASCII_H
#define CREW_COMMON_ASCII_H

static inline char ascii_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

#endif

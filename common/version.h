/* SPDX-License-Identifier: MIT */
#ifndef CREW_COMMON_VERSION_H
#define CREW_COMMON_VERSION_H

#define CREW_VERSION "0.1.0"

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CREW_COMMON_PASSWORD_VARIABLE_H
#define CREW_COMMON_PASSWORD_VARIABLE_H

/* The environment variable that has the password which client and bench log in with. */
#define PASSWORD_VARIABLE "CREW_PASSWORD"

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CREW_TESTS_FUZZ_JSON_GRAMMAR_H
#define CREW_TESTS_FUZZ_JSON_GRAMMAR_H

#include "crew.h"

#include <stdbool.h>

/* Whether all of the text is one JSON value (RFC 8259) without white space. Does not look at how
 * bytes above ASCII are encoded. Recursive. */
bool json_is_well_formed(crew_slice text);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CREW_CLIENT_REPORT_H
#define CREW_CLIENT_REPORT_H

/* Writes "crew-client: ", the text and a newline to stderr. Any thread; a failing stderr is
 * ignored.
 */
void client_report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

/* SPDX-License-Identifier: MIT */
#include "client/report.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

void client_report(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    for (char *at = text; *at != '\0'; at++) {
        if (iscntrl((unsigned char)*at)) /* some of it may come from the server */
            *at = '?';
    }
    fprintf(stderr, "crew-client: %s\n", text);
}

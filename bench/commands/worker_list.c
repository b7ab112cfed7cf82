/* SPDX-License-Identifier: MIT */
#include "bench/commands/worker_list.h"

#include "common/quantity.h"

#include <stdint.h>
#include <string.h>

static bool insert_count(unsigned *workers, size_t *count, unsigned added)
{
    size_t at = 0;
    while (at < *count && workers[at] < added)
        at++;
    if (*count == RESULTS_COUNT_LIMIT || (at < *count && workers[at] == added))
        return false;
    memmove(&workers[at + 1], &workers[at], (*count - at) * sizeof(workers[0]));
    workers[at] = added;
    (*count)++;
    return true;
}

bool worker_list_word(const char **at, char word[WORKER_LIST_WORD_SIZE])
{
    size_t size = strcspn(*at, ",");
    if (**at == '\0' || size == 0 || size >= WORKER_LIST_WORD_SIZE)
        return false;
    memcpy(word, *at, size);
    word[size] = '\0';
    *at += size;
    /* A comma at the end promises one more. */
    if (**at == ',' && (*at)[1] != '\0')
        (*at)++;
    return true;
}

bool worker_list_parse(const char *text, unsigned workers[RESULTS_COUNT_LIMIT], size_t *count)
{
    char word[WORKER_LIST_WORD_SIZE];
    int64_t number = 0;
    *count = 0;
    while (worker_list_word(&text, word) && quantity_parse_integer(word, &number) && number >= 1 &&
           number <= WORKER_LIST_LARGEST && insert_count(workers, count, (unsigned)number)) {
        if (*text == '\0')
            return true;
    }
    return false;
}

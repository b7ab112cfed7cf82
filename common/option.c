/* SPDX-License-Identifier: MIT */
#include "common/option.h"

#include "common/quantity.h"
#include "common/version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 30, HELP_WIDTH = 92 };

static bool takes_value(const struct option *option)
{
    return option->type != OPTION_FLAG && option->type != OPTION_HELP &&
           option->type != OPTION_VERSION;
}

/* The index of `word` among words separated by '|'; -1 when it is none of them. */
static int64_t choice_index(const char *choices, const char *word)
{
    size_t size = strlen(word);
    int64_t index = 0;
    for (const char *at = choices;; index++) {
        size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, word, size) == 0)
            return index;
        if (at[length] == '\0')
            return -1;
        at += length + 1;
    }
}

/* Describes what a value may be, as in "an integer from 1 to 1024". */
static void describe_allowed(const struct option *option, char *text, size_t size)
{
    char low[QUANTITY_TEXT_SIZE];
    char high[QUANTITY_TEXT_SIZE];
    switch (option->type) {
    case OPTION_INTEGER:
        snprintf(text, size, "an integer from %" PRId64 " to %" PRId64, option->minimum,
                 option->maximum);
        break;
    case OPTION_BYTES:
        snprintf(text, size, "a size from %s to %s, such as 4096, 64k or 1m",
                 quantity_exact_bytes(low, (uint64_t)option->minimum),
                 quantity_exact_bytes(high, (uint64_t)option->maximum));
        break;
    case OPTION_DURATION:
        snprintf(text, size, "a time from %s to %s, such as 250ms or 1.5s",
                 quantity_exact_duration(low, (uint64_t)option->minimum),
                 quantity_exact_duration(high, (uint64_t)option->maximum));
        break;
    case OPTION_CHOICE:
        snprintf(text, size, "one of %s", option->choices);
        break;
    default:
        snprintf(text, size, "at most %d values", (int)OPTION_LIST_LIMIT);
    }
}

static bool parse_number(const struct option *option, const char *text, int64_t *value)
{
    switch (option->type) {
    case OPTION_BYTES:
        return quantity_parse_bytes(text, value);
    case OPTION_DURATION:
        return quantity_parse_duration(text, false, value);
    case OPTION_CHOICE:
        *value = choice_index(option->choices, text);
        return *value >= 0;
    default:
        return quantity_parse_integer(text, value);
    }
}

/* Stores `text` in the option's field; false when it is not allowed. */
static bool set_value(const struct option *option, void *settings, const char *text)
{
    void *field = (char *)settings + option->offset;
    struct option_list *list = field;
    int64_t number = 0;
    switch (option->type) {
    case OPTION_TEXT:
        *(const char **)field = text;
        return true;
    case OPTION_LIST:
        if (list->is_default)
            *list = (struct option_list){0};
        if (list->count == OPTION_LIST_LIMIT)
            return false;
        list->items[list->count++] = text;
        return true;
    default:
        if (!parse_number(option, text, &number))
            return false;
        if (option->type != OPTION_CHOICE && (number < option->minimum || number > option->maximum))
            return false;
        *(int64_t *)field = number;
        return true;
    }
}

void options_set_defaults(const struct option_table *table, void *settings)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        if (option->fallback == NULL || !takes_value(option))
            continue;
        if (!set_value(option, settings, option->fallback)) {
            fprintf(stderr, "%s: default of --%s is not allowed\n", table->program, option->name);
            abort();
        }
        if (option->type == OPTION_LIST)
            ((struct option_list *)((char *)settings + option->offset))->is_default = true;
    }
}

/*
 * Counts the letters in which the first `size` of `a` differ from `b`, to suggest a name for a
 * mistyped one; large when unlike.
 */
static size_t mismatch(const char *a, size_t size, const char *b)
{
    size_t same = 0;
    while (same < size && a[same] == b[same])
        same++;
    size_t rest_a = size - same;
    size_t rest_b = strlen(b) - same;
    while (rest_a > 0 && rest_b > 0 && a[same + rest_a - 1] == b[same + rest_b - 1]) {
        rest_a--;
        rest_b--;
    }
    return rest_a > rest_b ? rest_a : rest_b;
}

static void explain_unknown(const struct option_table *table, const char *word, char *error)
{
    const char *nearest = NULL;
    size_t least = 3;
    const char *name = word + strspn(word, "-");
    for (size_t i = 0; i < table->count && word[1] == '-'; i++) {
        size_t difference = mismatch(name, strcspn(name, "="), table->options[i].name);
        if (difference < least) {
            least = difference;
            nearest = table->options[i].name;
        }
    }
    if (nearest != NULL)
        snprintf(error, OPTION_ERROR_SIZE, "unknown option %.100s; did you mean --%s?", word,
                 nearest);
    else
        snprintf(error, OPTION_ERROR_SIZE, "unknown option %.100s; --help lists all options", word);
}

/* Finds the option that `word` names; *value is what follows '=' in it, or NULL. */
static const struct option *find_option(const struct option_table *table, const char *word,
                                        const char **value)
{
    *value = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        if (word[1] != '-') {
            if (option->letter != 0 && word[1] == option->letter && word[2] == '\0')
                return option;
            continue;
        }
        size_t size = strcspn(word + 2, "=");
        if (strlen(option->name) == size && memcmp(option->name, word + 2, size) == 0) {
            if (word[2 + size] == '=')
                *value = word + 2 + size + 1;
            return option;
        }
    }
    return NULL;
}

/* Does what an option without a value says. */
static enum options_result apply(const struct option *option, void *settings)
{
    if (option->type == OPTION_HELP)
        return OPTIONS_HELP;
    if (option->type == OPTION_VERSION)
        return OPTIONS_VERSION;
    *(bool *)((char *)settings + option->offset) = true;
    return OPTIONS_OK;
}

static enum options_result apply_value(const struct option *option, void *settings,
                                       const char *value, char *error)
{
    if (set_value(option, settings, value))
        return OPTIONS_OK;
    char allowed[160];
    describe_allowed(option, allowed, sizeof(allowed));
    snprintf(error, OPTION_ERROR_SIZE, "--%s: '%.80s' is not allowed: it takes %s", option->name,
             value, allowed);
    return OPTIONS_BAD;
}

/* options_parse from argv[*next] on; *ended is set behind "--". */
static enum options_result parse_from(const struct option_table *table, void *settings, int argc,
                                      char **argv, int *next, bool *ended, char *error)
{
    int index = *next;
    while (index < argc && argv[index][0] == '-' && argv[index][1] != '\0') {
        const char *word = argv[index++];
        *ended = strcmp(word, "--") == 0;
        if (*ended)
            break;
        const char *value = NULL;
        const struct option *option = find_option(table, word, &value);
        if (option == NULL) {
            explain_unknown(table, word, error);
            return OPTIONS_BAD;
        }
        enum options_result result = OPTIONS_BAD;
        if (takes_value(option)) {
            if (value == NULL && index < argc)
                value = argv[index++];
            if (value != NULL)
                result = apply_value(option, settings, value, error);
            else
                snprintf(error, OPTION_ERROR_SIZE, "--%s needs a value: <%s>", option->name,
                         option->unit);
        } else if (value == NULL) {
            result = apply(option, settings);
        } else {
            snprintf(error, OPTION_ERROR_SIZE, "--%s takes no value", option->name);
        }
        if (result != OPTIONS_OK)
            return result;
    }
    *next = index;
    return OPTIONS_OK;
}

enum options_result options_parse(const struct option_table *table, void *settings, int argc,
                                  char **argv, int *next, char error[OPTION_ERROR_SIZE])
{
    bool ended = false;
    *next = 1;
    return parse_from(table, settings, argc, argv, next, &ended, error);
}

int options_exit_status(const struct option_table *table, enum options_result result,
                        const char *error)
{
    switch (result) {
    case OPTIONS_HELP:
        options_print_help(table, stdout);
        return 0;
    case OPTIONS_VERSION:
        printf("crew %s\n", CREW_VERSION);
        return 0;
    case OPTIONS_BAD:
        fprintf(stderr, "%s: %s\n", table->program, error);
        return 2;
    default:
        return -1;
    }
}

/* Options and words in any order. */
static enum options_result parse_words(const struct option_table *table, void *settings, int argc,
                                       char **argv, const char **words, size_t wanted, char *error)
{
    size_t found = 0;
    bool ended = false;
    for (int next = 1; next < argc; next++) {
        enum options_result result =
            ended ? OPTIONS_OK : parse_from(table, settings, argc, argv, &next, &ended, error);
        if (result != OPTIONS_OK)
            return result;
        if (next == argc)
            break;
        if (found == wanted) {
            snprintf(error, OPTION_ERROR_SIZE, "unexpected word '%.100s'; --help lists all options",
                     argv[next]);
            return OPTIONS_BAD;
        }
        words[found++] = argv[next];
    }
    if (found == wanted)
        return OPTIONS_OK;
    snprintf(error, OPTION_ERROR_SIZE, "%zu of %zu words given: %.200s", found, wanted,
             table->synopsis);
    return OPTIONS_BAD;
}

int options_handle_words(const struct option_table *table, void *settings, int argc, char **argv,
                         const char **words, size_t wanted)
{
    char error[OPTION_ERROR_SIZE];
    enum options_result result = parse_words(table, settings, argc, argv, words, wanted, error);
    return options_exit_status(table, result, error);
}

int options_handle(const struct option_table *table, void *settings, int argc, char **argv)
{
    return options_handle_words(table, settings, argc, argv, NULL, 0);
}

/* Prints words from column HELP_COLUMN on, wrapped at HELP_WIDTH; begins where the cursor is. */
static void print_wrapped(FILE *out, const char *text)
{
    int column = HELP_COLUMN;
    for (const char *at = text + strspn(text, " "); *at != '\0'; at += strspn(at, " ")) {
        int size = (int)strcspn(at, " ");
        if (column > HELP_COLUMN && column + 1 + size > HELP_WIDTH) {
            fprintf(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        column += fprintf(out, "%s%.*s", column > HELP_COLUMN ? " " : "", size, at);
        at += size;
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const struct option *option)
{
    char letter[8] = "";
    char head[96];
    char text[512];
    if (option->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    bool value = takes_value(option);
    snprintf(head, sizeof(head), "  %s--%s%s%s%s", letter, option->name, value ? " <" : "",
             value ? option->unit : "", value ? ">" : "");
    bool has_default = option->fallback != NULL && option->fallback[0] != '\0';
    bool has_choices = option->type == OPTION_CHOICE;
    snprintf(text, sizeof(text), "%s%s%s%s%s%s%s", option->help, has_choices ? " One of " : "",
             has_choices ? option->choices : "", has_choices ? "." : "",
             has_default ? " Default: " : "", has_default ? option->fallback : "",
             has_default ? "." : "");
    if (strlen(head) + 1 < HELP_COLUMN)
        fprintf(out, "%-*s", HELP_COLUMN, head);
    else
        fprintf(out, "%s\n%*s", head, HELP_COLUMN, "");
    print_wrapped(out, text);
}

void options_print_help(const struct option_table *table, FILE *out)
{
    fprintf(out, "Usage: %s %s\n\n%s\n\nOptions:\n", table->program, table->synopsis,
            table->description);
    for (size_t i = 0; i < table->count; i++)
        print_option(out, &table->options[i]);
    if (table->examples != NULL)
        fprintf(out, "\nExamples:\n%s", table->examples);
}

static void format_list(const struct option_list *list, struct byte_buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        byte_buffer_append_text(out, i > 0 ? " " : "");
        byte_buffer_append_text(out, list->items[i]);
    }
}

static void format_choice(const char *choices, int64_t index, struct byte_buffer *out)
{
    for (; index > 0; index--)
        choices += strcspn(choices, "|") + 1;
    byte_buffer_append(out, choices, strcspn(choices, "|"));
}

void option_format(const struct option *option, const void *settings, struct byte_buffer *out)
{
    const void *field = (const char *)settings + option->offset;
    char text[QUANTITY_TEXT_SIZE];
    switch (option->type) {
    case OPTION_FLAG:
        byte_buffer_append_text(out, *(const bool *)field ? "yes" : "no");
        break;
    case OPTION_INTEGER:
    case OPTION_BYTES:
        byte_buffer_printf(out, "%" PRId64, *(const int64_t *)field);
        break;
    case OPTION_DURATION:
        byte_buffer_append_text(out,
                                quantity_exact_duration(text, (uint64_t) * (const int64_t *)field));
        break;
    case OPTION_TEXT:
        if (*(const char *const *)field != NULL)
            byte_buffer_append_text(out, *(const char *const *)field);
        break;
    case OPTION_CHOICE:
        format_choice(option->choices, *(const int64_t *)field, out);
        break;
    case OPTION_LIST:
        format_list(field, out);
        break;
    default:
        break;
    }
}

/* SPDX-License-Identifier: MIT */
#include "client/history.h"
#include "client/line_editor.h"

#include <histedit.h>
#include <stdlib.h>
#include <string.h>

enum { PROMPT_SIZE = 512 };

struct client_line_editor {
    EditLine *editline;
    History *history;
    FILE *terminal;
    const struct client_command_names *names;
    char prompt[PROMPT_SIZE];
    bool cancelled; /* by ctrl-C, the line that is being read */
};

static struct client_line_editor *editor_of(EditLine *editline)
{
    struct client_line_editor *editor = NULL;
    el_get(editline, EL_CLIENTDATA, &editor);
    return editor;
}

static char *prompt_of(EditLine *editline)
{
    return editor_of(editline)->prompt;
}

static unsigned char cancel_line(EditLine *editline, int key)
{
    (void)key;
    struct client_line_editor *editor = editor_of(editline);
    editor->cancelled = true;
    fputs("^C\n", editor->terminal);
    fflush(editor->terminal);
    return CC_NEWLINE;
}

static void list_names(const struct client_line_editor *editor,
                       const struct client_completion *completion)
{
    fputc('\n', editor->terminal);
    for (size_t i = 0; i < completion->count; i++)
        fprintf(editor->terminal, "%s%s", i > 0 ? "  " : "",
                editor->names->items[completion->first + i].text);
    fputc('\n', editor->terminal);
}

static unsigned char complete_name(EditLine *editline, int key)
{
    (void)key;
    const struct client_line_editor *editor = editor_of(editline);
    const LineInfo *line = el_line(editline);
    struct client_completion completion = client_command_names_complete(
        editor->names, line->buffer, (size_t)(line->cursor - line->buffer));
    if (completion.count == 0)
        return CC_ERROR;
    if (completion.rest[0] != '\0')
        return el_insertstr(editline, completion.rest) == 0 ? CC_REFRESH : CC_ERROR;
    list_names(editor, &completion);
    return CC_REDISPLAY;
}

static void bind_keys(EditLine *editline)
{
    static const char *const bindings[][2] = {
        {"^I", "crew-complete"},           {"^C", "crew-cancel"},
        {"^R", "em-inc-search-prev"},      {"^W", "ed-delete-prev-word"},
        {"\\e[3~", "ed-delete-next-char"}, {"\\e[1~", "ed-move-to-beg"},
        {"\\e[4~", "ed-move-to-end"},
    };
    el_set(editline, EL_EDITOR, "emacs");
    /* The wide form, because el_set would copy these strings and never free them. */
    el_wset(editline, EL_ADDFN, L"crew-complete", L"complete a command's name", complete_name);
    el_wset(editline, EL_ADDFN, L"crew-cancel", L"cancel the line", cancel_line);
    /* While a line is edited, ctrl-C is a key like any other instead of a signal. */
    el_set(editline, EL_SETTY, "-d", "-intr", NULL);
    for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
        el_set(editline, EL_BIND, bindings[i][0], bindings[i][1], NULL);
    el_source(editline, NULL); /* the user's own bindings */
}

struct client_line_editor *client_line_editor_create(FILE *terminal, int interrupt_fd,
                                                     const struct client_command_names *names)
{
    (void)interrupt_fd; /* see bind_keys */
    struct client_line_editor *editor = calloc(1, sizeof(*editor));
    if (editor == NULL)
        return NULL;
    editor->terminal = terminal;
    editor->names = names;
    editor->history = history_init();
    editor->editline = el_init("crew-client", stdin, terminal, stderr);
    if (editor->history == NULL || editor->editline == NULL) {
        client_line_editor_destroy(editor);
        return NULL;
    }
    HistEvent event;
    history(editor->history, &event, H_SETSIZE, (int)CLIENT_HISTORY_LINES);
    history(editor->history, &event, H_SETUNIQUE, 1);
    el_set(editor->editline, EL_CLIENTDATA, editor);
    el_set(editor->editline, EL_PROMPT, prompt_of);
    el_set(editor->editline, EL_HIST, history, editor->history);
    el_set(editor->editline, EL_SIGNAL, 1); /* restores the terminal before a signal stops us */
    bind_keys(editor->editline);
    return editor;
}

void client_line_editor_destroy(struct client_line_editor *editor)
{
    if (editor->editline != NULL)
        el_end(editor->editline);
    if (editor->history != NULL)
        history_end(editor->history);
    free(editor);
}

void client_line_editor_remember(struct client_line_editor *editor, const char *line)
{
    HistEvent event;
    history(editor->history, &event, H_ENTER, line);
}

enum client_line client_line_editor_read(struct client_line_editor *editor, const char *prompt,
                                         struct byte_buffer *line)
{
    snprintf(editor->prompt, sizeof(editor->prompt), "%s", prompt);
    editor->cancelled = false;
    int size = 0;
    const char *text = el_gets(editor->editline, &size);
    if (editor->cancelled)
        return CLIENT_LINE_CANCELLED;
    if (text == NULL || size <= 0)
        return CLIENT_LINE_END;
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '\n')
        length--;
    byte_buffer_append(line, text, length);
    return CLIENT_LINE_READ;
}

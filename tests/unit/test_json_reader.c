/* SPDX-License-Identifier: MIT */
#include "bench/results/json_reader.h"
#include "bench/results/json_value.h"
#include "tests/unit/memory_file.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const char document[] =
    "{\"count\": 7, \"real\": 2.5, \"big\": 9223372036854775807, \"negative\": -1,\n"
    " \"text\": \"h\\u00e9llo\", \"yes\": true, \"no\": false, \"nothing\": null,\n"
    " \"escape\": \"\\u001b[31mred\",\n"
    " \"list\": [{\"inner\": [1, \"x\", [3]]}, {\"deep\": {\"down\": 5}}]}\n";

struct opened {
    struct memory_file file;
    struct json_reader *reader;
    struct json_place root;
};

static struct opened open_document(void)
{
    char error[BENCH_ERROR_SIZE] = "";
    struct opened opened = {.file = memory_file_create(document, strlen(document))};
    opened.reader = json_reader_open(opened.file.path, error);
    ck_assert_msg(opened.reader != NULL, "%s", error);
    opened.root = json_read_document(opened.reader);
    return opened;
}

static void close_document(struct opened *opened)
{
    json_reader_close(opened->reader);
    memory_file_close(&opened->file);
}

static void expect_good(const struct opened *opened)
{
    char error[BENCH_ERROR_SIZE] = "";
    ck_assert_msg(json_reader_good(opened->reader, error), "%s", error);
}

/* `reason` is what follows the path of the file. */
static void expect_refused(const struct opened *opened, const char *reason)
{
    char error[BENCH_ERROR_SIZE] = "";
    char expected[BENCH_ERROR_SIZE];
    ck_assert(!json_reader_good(opened->reader, error));
    snprintf(expected, sizeof(expected), "cannot use %s: %s", opened->file.path, reason);
    ck_assert_str_eq(error, expected);
}

START_TEST(reads_each_type)
{
    struct opened opened = open_document();
    const struct json_place *root = &opened.root;
    char text[16];
    ck_assert_uint_eq(json_read_count(root, "count", 7, 7), 7);
    ck_assert_uint_eq(json_read_count(root, "big", 0, UINT64_MAX), INT64_MAX);
    ck_assert_double_eq(json_read_number(root, "real", 2.5, 2.5), 2.5);
    ck_assert_double_eq(json_read_number(root, "count", 0, 10), 7.0);
    ck_assert_double_eq(json_read_figure(root, "negative"), -1.0);
    ck_assert(isnan(json_read_figure(root, "nothing")));
    ck_assert(json_read_bool(root, "yes"));
    ck_assert(!json_read_bool(root, "no"));
    ck_assert_str_eq(json_read_text(root, "text"), "h\xc3\xa9llo");
    ck_assert_ptr_null(json_read_text(root, "nothing"));
    json_read_name(root, "text", text, 7);
    ck_assert_str_eq(text, "h\xc3\xa9llo");
    ck_assert_uint_eq(json_read_choice(root, "text", "h\xc3\xa9llo|other"), 0);
    ck_assert_uint_eq(json_read_choice(root, "text", "other|h|h\xc3\xa9llo"), 2);
    expect_good(&opened);
    close_document(&opened);
}
END_TEST

START_TEST(reads_nested_values)
{
    struct opened opened = open_document();
    size_t size = 0;
    struct json_place list = json_read_array(&opened.root, "list", 2, &size);
    ck_assert_uint_eq(size, 2);
    struct json_place first = json_read_element(&list, 0);
    struct json_place object = json_read_object(&first, NULL);
    struct json_place inner = json_read_array(&object, "inner", 3, &size);
    ck_assert_uint_eq(size, 3);
    struct json_place element = json_read_element(&inner, 0);
    ck_assert_uint_eq(json_read_count(&element, NULL, 0, 9), 1);
    element = json_read_element(&inner, 1);
    ck_assert_str_eq(json_read_text(&element, NULL), "x");
    expect_good(&opened);
    close_document(&opened);
}
END_TEST

/* A description loses its end, but never half a character. */
START_TEST(cuts_descriptions)
{
    static const char *const cuts[] = {"", "h", "h", "h\xc3\xa9", "h\xc3\xa9l"};
    struct opened opened = open_document();
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        char text[16];
        json_read_description(&opened.root, "text", text, i + 1);
        ck_assert_str_eq(text, cuts[i]);
    }
    expect_good(&opened);
    close_document(&opened);
}
END_TEST

typedef void read_badly(const struct json_place *root);

static void miss_member(const struct json_place *root)
{
    ck_assert(isnan(json_read_figure(root, "missing")));
}

static void take_text_for_count(const struct json_place *root)
{
    ck_assert_uint_eq(json_read_count(root, "text", 0, 9), 0);
}

static void take_real_for_count(const struct json_place *root)
{
    ck_assert_uint_eq(json_read_count(root, "real", 0, 9), 0);
}

static void take_null_for_number(const struct json_place *root)
{
    ck_assert(isnan(json_read_number(root, "nothing", 0, 9)));
}

static void take_text_for_figure(const struct json_place *root)
{
    ck_assert(isnan(json_read_figure(root, "text")));
}

static void take_count_for_bool(const struct json_place *root)
{
    ck_assert(!json_read_bool(root, "count"));
}

static void take_bool_for_text(const struct json_place *root)
{
    ck_assert_ptr_null(json_read_text(root, "yes"));
}

static void take_null_for_name(const struct json_place *root)
{
    char text[8] = "old";
    json_read_name(root, "nothing", text, sizeof(text));
    ck_assert_str_eq(text, "");
}

static void exceed_name(const struct json_place *root)
{
    char text[6] = "old";
    json_read_name(root, "text", text, sizeof(text));
    ck_assert_str_eq(text, "");
}

static void fall_below(const struct json_place *root)
{
    ck_assert_uint_eq(json_read_count(root, "count", 8, 9), 0);
}

static void rise_above(const struct json_place *root)
{
    ck_assert_uint_eq(json_read_count(root, "count", 0, 6), 0);
}

static void take_negative_count(const struct json_place *root)
{
    ck_assert_uint_eq(json_read_count(root, "negative", 0, UINT64_MAX), 0);
}

static void exceed_number(const struct json_place *root)
{
    ck_assert(isnan(json_read_number(root, "real", 0, 2)));
}

static void undercut_number(const struct json_place *root)
{
    ck_assert(isnan(json_read_number(root, "real", 3, 4)));
}

static void take_other_choice(const struct json_place *root)
{
    ck_assert_uint_eq(json_read_choice(root, "text", "h|hello|h\xc3\xa9llos"), 0);
}

static void exceed_array(const struct json_place *root)
{
    size_t size = 9;
    struct json_place list = json_read_array(root, "list", 1, &size);
    ck_assert_uint_eq(size, 0);
    struct json_place element = json_read_element(&list, 0);
    ck_assert_ptr_null(element.value);
}

static void take_object_for_array(const struct json_place *root)
{
    size_t size = 9;
    json_read_array(root, NULL, 1, &size);
    ck_assert_uint_eq(size, 0);
}

static void take_number_deep_down(const struct json_place *root)
{
    size_t size = 0;
    struct json_place list = json_read_array(root, "list", 2, &size);
    struct json_place second = json_read_element(&list, 1);
    struct json_place object = json_read_object(&second, NULL);
    struct json_place deep = json_read_object(&object, "deep");
    ck_assert_ptr_null(json_read_text(&deep, "down"));
}

static void take_object_in_array(const struct json_place *root)
{
    size_t size = 0;
    struct json_place list = json_read_array(root, "list", 2, &size);
    struct json_place first = json_read_element(&list, 0);
    struct json_place inner = json_read_array(&first, "inner", 3, &size);
    struct json_place third = json_read_element(&inner, 2);
    json_read_object(&third, NULL);
}

static void make_two_mistakes(const struct json_place *root)
{
    json_read_bool(root, "count");
    json_read_bool(root, "text");
    ck_assert_uint_eq(json_read_count(root, "count", 0, 9), 0); /* nothing is read any more */
    struct json_place deep = json_read_object(root, "list");
    ck_assert(isnan(json_read_figure(&deep, "any")));
    ck_assert(!json_read_bool(root, "yes"));
}

static void quote_controls(const struct json_place *root)
{
    json_reader_refuse(root, "escape", "it is '%s'", json_read_text(root, "escape"));
}

static const struct {
    read_badly *read;
    const char *reason;
} mistakes[] = {
    {miss_member, "missing: it is missing"},
    {take_text_for_count, "text: an integer is expected here, not a text"},
    {take_real_for_count, "real: an integer is expected here, not a number"},
    {take_null_for_number, "nothing: a number is expected here, not null"},
    {take_text_for_figure, "text: a number is expected here, not a text"},
    {take_count_for_bool, "count: true or false is expected here, not an integer"},
    {take_bool_for_text, "yes: a text is expected here, not true or false"},
    {take_null_for_name, "nothing: a text is expected here, not null"},
    {exceed_name, "text: it is 6 bytes long; at most 5 are allowed"},
    {fall_below, "count: 7 is not allowed: it is an integer from 8 to 9"},
    {rise_above, "count: 7 is not allowed: it is an integer from 0 to 6"},
    {take_negative_count,
     "negative: -1 is not allowed: it is an integer from 0 to 18446744073709551615"},
    {exceed_number, "real: 2.5 is not allowed: it is a number from 0 to 2"},
    {undercut_number, "real: 2.5 is not allowed: it is a number from 3 to 4"},
    {take_other_choice, "text: it is none of h|hello|h\xc3\xa9llos"},
    {exceed_array, "list: it holds 2 values; at most 1 are allowed"},
    {take_object_for_array, "an array is expected here, not an object"},
    {take_number_deep_down, "list[1].deep.down: a text is expected here, not an integer"},
    {take_object_in_array, "list[0].inner[2]: an object is expected here, not an array"},
    {make_two_mistakes, "count: true or false is expected here, not an integer"},
    {quote_controls, "escape: it is '?[31mred'"},
};

START_TEST(notes_the_first_mistake)
{
    struct opened opened = open_document();
    mistakes[_i].read(&opened.root);
    expect_refused(&opened, mistakes[_i].reason);
    close_document(&opened);
}
END_TEST

static const struct {
    const char *content;
    const char *reason; /* the beginning of what follows the path */
} unreadable[] = {
    {"", "it is cut short at line 1, column 0: "},
    {"{\"a\": [1,\n 2", "it is cut short at line 2, column 2: "},
    {"{\"a\": \"b", "it is cut short at line 1, column 8: "},
    {"{\"a\" 1}", "it is not JSON at line 1, column 6: "},
    {"{} {}", "it is not JSON at line 1, column 4: "},
    {"hello", "it is cut short or not JSON at line 1, column 5: "},
    {"{\"a\": 1, \"a\": 2}", "it is not JSON at line 1, column 12: duplicate object key"},
    {"{\"a\": \"\xff\"}", "it is not JSON at line 1, column 7: "},
    {"{\"a\": 1e999}", "it is not JSON at line 1, column 11: "},
    {"{\"a\": 99999999999999999999}", "it is not JSON at line 1, column 26: "},
    {"{\"a\": \"\\u0000\"}", "it is not JSON at line 1, column 14: "},
    {"{\"a\": tru\x1b}", "it is not JSON at line 1, column 9: "},
};

START_TEST(says_where_it_is_not_json)
{
    size_t size = strlen(unreadable[_i].content);
    struct memory_file file = memory_file_create(unreadable[_i].content, size);
    char error[BENCH_ERROR_SIZE] = "";
    char expected[BENCH_ERROR_SIZE];
    ck_assert_ptr_null(json_reader_open(file.path, error));
    snprintf(expected, sizeof(expected), "cannot read %s: %s", file.path, unreadable[_i].reason);
    ck_assert_msg(strncmp(error, expected, strlen(expected)) == 0, "%s", error);
    ck_assert_ptr_null(strchr(error, 0x1b));
    memory_file_close(&file);
}
END_TEST

START_TEST(wants_an_object)
{
    struct memory_file file = memory_file_create("[1]", 3);
    char error[BENCH_ERROR_SIZE] = "";
    struct json_reader *reader = json_reader_open(file.path, error);
    ck_assert_ptr_nonnull(reader);
    struct json_place root = json_read_document(reader);
    ck_assert_ptr_null(root.value);
    ck_assert(!json_read_bool(&root, "any"));
    ck_assert(!json_reader_good(reader, error));
    ck_assert_ptr_nonnull(strstr(error, ": an object is expected here, not an array"));
    json_reader_close(reader);
    memory_file_close(&file);
}
END_TEST

/* Nesting without end would exhaust the stack of a recursive parser. */
START_TEST(survives_deep_nesting)
{
    enum { DEPTH = 1000000 };
    static char brackets[DEPTH];
    memset(brackets, '[', sizeof(brackets));
    struct memory_file file = memory_file_create(brackets, sizeof(brackets));
    char error[BENCH_ERROR_SIZE] = "";
    ck_assert_ptr_null(json_reader_open(file.path, error));
    ck_assert_ptr_nonnull(strstr(error, "it is not JSON at line 1, column "));
    memory_file_close(&file);
}
END_TEST

START_TEST(says_that_nothing_can_be_read)
{
    char error[BENCH_ERROR_SIZE] = "";
    ck_assert_ptr_null(json_reader_open("/", error));
    ck_assert_str_eq(error, json_value_available()
                                ? "cannot read /: Is a directory"
                                : "crew-bench was built without jansson: it cannot read results "
                                  "files");
}
END_TEST

Suite *json_reader_suite(void)
{
    Suite *suite = suite_create("json_reader");
    TCase *tests = tcase_create("json_reader");
    tcase_add_test(tests, says_that_nothing_can_be_read);
    if (json_value_available()) {
        tcase_add_test(tests, reads_each_type);
        tcase_add_test(tests, reads_nested_values);
        tcase_add_test(tests, cuts_descriptions);
        tcase_add_loop_test(tests, notes_the_first_mistake, 0, COUNT(mistakes));
        tcase_add_loop_test(tests, says_where_it_is_not_json, 0, COUNT(unreadable));
        tcase_add_test(tests, wants_an_object);
        tcase_add_test(tests, survives_deep_nesting);
    }
    suite_add_tcase(suite, tests);
    return suite;
}

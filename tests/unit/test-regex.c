/* Unit tests of core/regex. */
#include "tests/unit/test.h"

#include "core/regex.h"

static void a_search_gives_the_byte_range_of_the_match(void **state)
{
	static const struct {
		const char *pattern, *text;
		size_t from;
		int found;
		size_t start, end;
	} rows[] = {
		{ "b+", "abbbc", 0, 1, 1, 4 },
		{ "b+", "abbbc", 2, 1, 2, 4 },
		{ "b+", "abbbc", 4, 0, 0, 0 },
		{ "b+", "abbbc", 9, 0, 0, 0 },
		{ "^[a-z]+$", "abc", 0, 1, 0, 3 },
		{ "^[a-z]+$", "abc\n", 0, 0, 0, 0 },
		{ "x*", "abc", 3, 1, 3, 3 },
		{ "^.$", "\xc3\xa4", 0, 1, 0, 2 },
		{ "\xc3\xa4", "a\xff\xc3\xa4", 0, 1, 2, 4 },
		{ "(?i)KEY", "my key", 0, 1, 3, 6 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(regex_release) struct regex *regex = NULL;
		size_t start = 0, end = 0;
		int found = -1;

		ok(regex_compile(&regex, rows[i].pattern));
		ok(regex_search(&found, &start, &end, regex, rows[i].text,
				strlen(rows[i].text), rows[i].from));
		assert_int_equal(found, rows[i].found);
		assert_int_equal(start, rows[i].start);
		assert_int_equal(end, rows[i].end);
	}
}

static void a_bad_pattern_is_told_with_its_offset(void **state)
{
	struct regex *regex = NULL;

	(void)state;
	fails(ERROR_INVALID, "'a(b', offset 3", regex_compile(&regex, "a(b"));
	fails(ERROR_INVALID, "offset", regex_compile(&regex, "\xff"));
	assert_null(regex);
}

static void a_hostile_pattern_ends_in_an_error(void **state)
{
	static const char *const patterns[] = {
		"^(a+)+$",       "^(a|aa)+$",  "^(a|a)*b$",
		"^(.*)*(.*)*x$", "^((a*)*)*b",
	};
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '!';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		CLEANUP(regex_release) struct regex *regex = NULL;
		int found = 0;

		ok(regex_compile(&regex, patterns[i]));
		struct error *err = regex_search(&found, NULL, NULL, regex,
						 text, sizeof text, 0);
		assert_int_equal(found, 0);
		/* PCRE2 sees by itself that some of them cannot match. */
		if (err)
			assert_non_null(strstr(err->message, "too many steps"));
		else
			assert_int_not_equal(i, 0);
		error_free(err);
	}
}

struct glob_row {
	const char *glob, *path;
	int matches;
};

static const struct glob_row glob_rows[] = {
	{ "src/app.py", "src/app.py", 1 },
	{ "./src/app.py", "src/app.py", 1 },
	{ "src/app.py", "src/appxpy", 0 },
	{ "src/app.py", "src/app.py/x", 0 },
	{ "src", "src/app.py", 0 },
	{ "*.c", "a.c", 1 },
	{ "*.c", "a.cc", 0 },
	{ "*.c", "src/a.c", 0 },
	{ "*", ".hidden", 1 },
	{ "src/*", "src/a/b", 0 },
	{ "src/*", "src/", 1 },
	{ "**", "a", 1 },
	{ "**", "a/b/c", 1 },
	{ "**/*.c", "a.c", 1 },
	{ "**/*.c", "x/y/a.c", 1 },
	{ "**/**/**/*.c", "x/a.c", 1 },
	{ "src/**", "src/a", 1 },
	{ "src/**", "src/a/b", 1 },
	{ "src/**", "src", 0 },
	{ "src/**", "srcs/a", 0 },
	{ "src/", "src/a/b", 1 },
	{ "src/", "src", 0 },
	{ "a/**/b", "a/b", 1 },
	{ "a/**/b", "a/x/y/b", 1 },
	{ "a/**/b", "a/xb", 0 },
	{ "a**b", "axxb", 1 },
	{ "a**b", "ax/xb", 0 },
	{ "a?c", "abc", 1 },
	{ "a?c", "a/c", 0 },
	{ "a?c",
	  "a\xc3\xa4"
	  "c",
	  1 },
	{ "a??c",
	  "a\xc3\xa4"
	  "c",
	  0 },
	{ "[a-c]x", "bx", 1 },
	{ "[a-c]x", "dx", 0 },
	{ "[!a-c]x", "dx", 1 },
	{ "[^a-c]x", "bx", 0 },
	{ "a[!b]c", "a/c", 0 },
	{ "a[+-9]c", "a/c", 0 },
	{ "[]]x", "]x", 1 },
	{ "[\\]x", "\\x", 1 },
	{ "[[]x", "[x", 1 },
	{ "{a,b}.c", "a.c", 1 },
	{ "{a,b}.c", "c.c", 0 },
	{ "{a,b{1,2}}.c", "b2.c", 1 },
	{ "{a,b{1,2}}.c", "b.c", 0 },
	{ "x{,.bak}", "x", 1 },
	{ "{**/t,u}/*.c", "a/b/t/x.c", 1 },
	{ "{src,lib/**}/a", "lib/x/a", 1 },
	{ "a,b", "a,b", 1 },
	{ "a}b", "a}b", 1 },
	{ "a.(b)+|^$#", "a.(b)+|^$#", 1 },
	{ "*.(b)+|^$#", "a.(b)+|^$#", 1 },
	{ "\\*.c", "*.c", 1 },
	{ "\\*.c", "a.c", 0 },
	{ "*", "a\n", 1 },
	{ "*.c", "a.c\n", 0 },
	{ "*.txt", "\xff\xfe.txt", 1 },
};

static struct error *match(int *out, const char *glob, const char *path)
{
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;
	CLEANUP(globs_release) struct globs *globs = NULL;

	strings_add(&list, glob);
	TRY(globs_compile(&globs, &list));
	*out = globs_match(globs, path);
	return NULL;
}

static void globs_match_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof glob_rows / sizeof *glob_rows; i++) {
		const struct glob_row *row = &glob_rows[i];
		int matches = -1;

		ok(match(&matches, row->glob, row->path));
		if (matches != row->matches)
			fail_msg("glob '%s', path '%s': %d", row->glob,
				 row->path, matches);
	}
}

static void a_bad_glob_is_refused_by_name(void **state)
{
	int matches;

	(void)state;
	fails(ERROR_INVALID, "empty glob", match(&matches, "", "a"));
	fails(ERROR_INVALID, "empty glob", match(&matches, "./", "a"));
	fails(ERROR_INVALID, "'/etc' is absolute", match(&matches, "/etc", ""));
	fails(ERROR_INVALID, "'a{b' has an unclosed",
	      match(&matches, "a{b", ""));
	fails(ERROR_INVALID, "'a[b' has an unclosed",
	      match(&matches, "a[b", ""));
	fails(ERROR_INVALID, "unclosed", match(&matches, "[]", ""));
	fails(ERROR_INVALID, "'[z-a]'", match(&matches, "[z-a]", ""));
	fails(ERROR_INVALID, "beyond ASCII", match(&matches, "[\xc3\xa4]", ""));
	fails(ERROR_INVALID, "ends in a '\\'", match(&matches, "a\\", ""));
}

static void a_list_matches_when_one_of_it_does(void **state)
{
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;
	CLEANUP(globs_release) struct globs *globs = NULL;

	(void)state;
	ok(globs_compile(&globs, &list));
	assert_false(globs_match(globs, "a"));
	globs_release(&globs);
	for (int i = 0; i < 3000; i++)
		strings_addf(&list, "src/some/long/name/file-%d.c", i);
	strings_add(&list, "*.h");
	ok(globs_compile(&globs, &list));
	assert_true(globs_match(globs, "src/some/long/name/file-2999.c"));
	assert_true(globs_match(globs, "a.h"));
	assert_false(globs_match(globs, "src/a.h"));
}

static void a_hostile_glob_matches_nothing_and_ends(void **state)
{
	char path[4096];
	int matches = -1;

	(void)state;
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = 0;
	ok(match(&matches, "*a*a*a*a*a*a*a*a*a*a*b", path));
	assert_int_equal(matches, 0);
	for (size_t i = 1; i < sizeof path - 1; i += 2)
		path[i] = '/';
	ok(match(&matches, "**/a/**/a/**/a/**/a/**/a/**/b", path));
	assert_int_equal(matches, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_gives_the_byte_range_of_the_match),
		cmocka_unit_test(a_bad_pattern_is_told_with_its_offset),
		cmocka_unit_test(a_hostile_pattern_ends_in_an_error),
		cmocka_unit_test(globs_match_as_the_table_says),
		cmocka_unit_test(a_bad_glob_is_refused_by_name),
		cmocka_unit_test(a_list_matches_when_one_of_it_does),
		cmocka_unit_test(a_hostile_glob_matches_nothing_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

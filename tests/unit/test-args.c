/* Options parse as git's do, and what is wrong is named. */
#include "tests/unit/test.h"

#include "core/args.h"

static const struct opt own[] = {
	{ 'n', "dry-run", NULL, "write nothing" },
	{ 'j', "jobs", "n", "how many" },
	{ 0, "plan", "plan", "which plan" },
	{ 0 },
};
static const struct opt global[] = {
	{ 'q', "quiet", NULL, "say less" },
	{ 0, "no-input", NULL, "ask nothing" },
	{ 0 },
};
static const struct opt *const tables[] = { own, global, NULL };

/* Splits line at blanks and parses it. */
static struct error *parse(struct args *args, char *line, int stop_at_first)
{
	static char *argv[32];
	int argc = 0;

	argv[argc++] = line;
	for (char *p = line; *p; p++)
		if (*p == ' ') {
			*p = '\0';
			argv[argc++] = p + 1;
		}
	return args_parse(args, tables, argc, argv, stop_at_first);
}

static void long_options_take_their_value_either_way(void **state)
{
	char line[] = "x --plan=a=b --jobs 3 --plan c";
	struct args args = ARGS_INIT;

	(void)state;
	ok(parse(&args, line, 0));
	assert_int_equal(args.values.len, 3);
	same(args.values.items[0].text, "a=b");
	same(args_text(&args, "plan"), "c");
	same(args_text(&args, "jobs"), "3");
	assert_null(args_text(&args, "dry-run"));
	args_release(&args);
}

static void short_options_combine(void **state)
{
	char line[] = "x -qnj4 -j 5";
	struct args args = ARGS_INIT;

	(void)state;
	ok(parse(&args, line, 0));
	assert_true(args_flag(&args, "quiet"));
	assert_true(args_flag(&args, "dry-run"));
	same(args.values.items[2].text, "4");
	same(args_text(&args, "jobs"), "5");
	args_release(&args);
}

static void the_last_of_a_flag_and_its_negation_counts(void **state)
{
	char off[] = "x --quiet --no-quiet", on[] = "x --no-quiet -q";
	char itself[] = "x --no-input";
	struct args args = ARGS_INIT;

	(void)state;
	ok(parse(&args, off, 0));
	assert_false(args_flag(&args, "quiet"));
	assert_true(args_given(&args, "quiet"));
	ok(parse(&args, on, 0));
	assert_true(args_flag(&args, "quiet"));
	assert_false(args_given(&args, "dry-run"));
	ok(parse(&args, itself, 0));
	assert_true(args_flag(&args, "no-input"));
	args_release(&args);
}

static void operands_mix_with_options_until_two_dashes(void **state)
{
	char line[] = "x a -q - b -- -n --plan";
	struct args args = ARGS_INIT;

	(void)state;
	ok(parse(&args, line, 0));
	assert_int_equal(args.rest.len, 5);
	same(args.rest.items[0], "a");
	same(args.rest.items[1], "-");
	same(args.rest.items[2], "b");
	same(args.rest.items[3], "-n");
	same(args.rest.items[4], "--plan");
	assert_false(args_flag(&args, "dry-run"));
	args_release(&args);
}

static void the_first_operand_can_end_the_options(void **state)
{
	char line[] = "x -q run -n --what";
	struct args args = ARGS_INIT;

	(void)state;
	ok(parse(&args, line, 1));
	assert_true(args_flag(&args, "quiet"));
	assert_false(args_flag(&args, "dry-run"));
	assert_int_equal(args.rest.len, 3);
	same(args.rest.items[2], "--what");
	args_release(&args);
}

static void what_is_wrong_is_named(void **state)
{
	static const char *const rows[][2] = {
		{ "x --what", "unknown option '--what'" },
		{ "x --plans=3", "unknown option '--plans'" },
		{ "x -z", "unknown option '-z'" },
		{ "x -qz", "unknown option '-z'" },
		{ "x --plan", "option '--plan' needs a value: plan" },
		{ "x -qj", "option '--jobs' needs a value: n" },
		{ "x --quiet=1", "option '--quiet' takes no value" },
		{ "x --no-quiet=1", "option '--no-quiet' takes no value" },
		{ "x --no-plan", "unknown option '--no-plan'" },
		{ "x --=", "unknown option '--'" },
	};
	struct args args = ARGS_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char line[64];

		snprintf(line, sizeof line, "%s", rows[i][0]);
		fails(ERROR_USAGE, rows[i][1], parse(&args, line, 0));
		assert_int_equal(args.values.len, 0);
	}
}

static void a_near_miss_gets_a_hint(void **state)
{
	char near[] = "x --dryrun", far[] = "x --something";
	struct args args = ARGS_INIT;
	struct error *err = parse(&args, near, 0);

	(void)state;
	assert_non_null(err);
	same(err->hint, "did you mean '--dry-run'?");
	error_free(err);
	err = parse(&args, far, 0);
	assert_non_null(err);
	assert_null(err->hint);
	error_free(err);
}

static void numbers_are_whole_and_within_their_range(void **state)
{
	static const char *const bad[] = {
		"0",
		"9",
		"x",
		"",
		"3x",
		"2.5",
		"-",
		"+3",
		" 3",
		"--5",
		"99999999999999999999",
	};
	struct args args = ARGS_INIT;
	int64_t n = 42;

	(void)state;
	*PUSH(&args.values) = (struct arg_value){ &own[1], "8", 0 };
	ok(args_int(&n, &args, "jobs", 1, 1, 8));
	assert_int_equal(n, 8);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		args.values.items[0].text = bad[i];
		fails(ERROR_USAGE, "'--jobs' needs a whole number from 1 to 8",
		      args_int(&n, &args, "jobs", 1, 1, 8));
	}
	assert_int_equal(n, 8);
	args.values.items[0].text = "-3";
	ok(args_int(&n, &args, "jobs", 1, -5, 8));
	assert_int_equal(n, -3);
	args_release(&args);
	ok(args_int(&n, &args, "jobs", 7, 1, 8));
	assert_int_equal(n, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_options_take_their_value_either_way),
		cmocka_unit_test(short_options_combine),
		cmocka_unit_test(the_last_of_a_flag_and_its_negation_counts),
		cmocka_unit_test(operands_mix_with_options_until_two_dashes),
		cmocka_unit_test(the_first_operand_can_end_the_options),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_near_miss_gets_a_hint),
		cmocka_unit_test(numbers_are_whole_and_within_their_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

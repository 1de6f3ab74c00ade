/* "did you mean" finds slips of the finger and stays silent otherwise. */
#include "tests/unit/test.h"

#include "core/nearest.h"

static const char *const names[] = { "status", "validate", "depends_on",
				     "run",    "due",      "a" };

static const char *near(const char *word)
{
	return nearest(word, names, sizeof names / sizeof *names);
}

static void a_slip_of_the_finger_finds_its_name(void **state)
{
	static const char *const rows[][2] = {
		{ "stauts", "status" },        { "statu", "status" },
		{ "statuss", "status" },       { "stetus", "status" },
		{ "dependson", "depends_on" }, { "depend_no", "depends_on" },
		{ "vlidate", "validate" },     { "rum", "run" },
		{ "status", "status" },        { "ud", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *found = near(rows[i][0]);

		if (!rows[i][1])
			assert_null(found);
		else if (!found || strcmp(found, rows[i][1]))
			fail_msg("%s: %s", rows[i][0], found ? found : "none");
	}
}

static void a_far_word_finds_nothing(void **state)
{
	char longer[80];

	(void)state;
	assert_null(near("priority"));
	assert_null(near(""));
	assert_null(nearest("status", names, 0));
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_null(near(longer));
}

static void the_first_of_equally_near_names_wins(void **state)
{
	static const char *const pair[] = { "cat", "bat" };

	(void)state;
	same(nearest("hat", pair, 2), "cat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_of_the_finger_finds_its_name),
		cmocka_unit_test(a_far_word_finds_nothing),
		cmocka_unit_test(the_first_of_equally_near_names_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

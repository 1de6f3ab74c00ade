/* The markers of a conflict: which lines are some, and what they are named. */
#include "tests/unit/test.h"

#include "gitops/merge.h"

#define ID "0123456789abcdef0123456789abcdef01234567"

static void expect_counts(const char *text, size_t ours, size_t before,
			  size_t middle, size_t theirs)
{
	size_t got[MERGE_MARKERS];

	merge_count_markers(got, text, strlen(text));
	assert_int_equal(got[0], ours);
	assert_int_equal(got[1], before);
	assert_int_equal(got[2], middle);
	assert_int_equal(got[3], theirs);
}

static void markers_are_counted_by_kind(void **state)
{
	(void)state;
	expect_counts("a\n<<<<<<< x\n1\n||||||| y\n2\n=======\n3\n>>>>>>> z\n",
		      1, 1, 1, 1);
	expect_counts("<<<<<<<\n|||||||\n=======\n>>>>>>>", 1, 1, 1, 1);
	expect_counts("<<<<<<< x\r\n=======\r\n>>>>>>> z\r\n", 1, 0, 1, 1);
	/* Of a merge within the merge. */
	expect_counts("<<<<<<<<< x\n>>>>>>>>> z\n", 1, 0, 0, 1);
	expect_counts("", 0, 0, 0, 0);
}

static void what_only_looks_like_a_marker_is_none(void **state)
{
	(void)state;
	expect_counts(" <<<<<<< x\n<<<<<<\n<<<<<<<x\nx <<<<<<< y\n", 0, 0, 0,
		      0);
	expect_counts("Heading\n========\n====== \n======= x\n", 0, 0, 0, 0);
	expect_counts("cin >>>>>>> x\n>>>>>>>>x\n|||||||table\n", 0, 0, 0, 0);
}

static void expect_named(const char *text, const char *expected)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	merge_name_sides(&out, text, strlen(text), "ours", "before", "theirs");
	same(out.data ? out.data : "", expected);
}

static void ids_behind_markers_become_names(void **state)
{
	(void)state;
	expect_named("a\n<<<<<<< " ID "\n1\n||||||| 0123abc\n2\n=======\n3\n"
		     ">>>>>>> " ID "\nb",
		     "a\n<<<<<<< ours\n1\n||||||| before\n2\n=======\n3\n"
		     ">>>>>>> theirs\nb");
	/* With the path, where a side has renamed the file. */
	expect_named("<<<<<<< " ID ":old.c\n", "<<<<<<< ours\n");
	expect_named("<<<<<<< " ID "\r\n", "<<<<<<< ours\n");
}

static void other_text_stays_as_it_is(void **state)
{
	(void)state;
	expect_named("", "");
	expect_named("<<<<<<< HEAD\n>>>>>>> topic\n",
		     "<<<<<<< HEAD\n>>>>>>> topic\n");
	expect_named("x <<<<<<< " ID "\n=======\n\n\n",
		     "x <<<<<<< " ID "\n=======\n\n\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markers_are_counted_by_kind),
		cmocka_unit_test(what_only_looks_like_a_marker_is_none),
		cmocka_unit_test(ids_behind_markers_become_names),
		cmocka_unit_test(other_text_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

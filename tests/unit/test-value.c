#include "tests/unit/test.h"

#include "core/value.h"

static void members_are_found_by_key_and_by_path(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *inner = value_object(&tree, root, "result");

	(void)state;
	value_add_int(&tree, inner, "attempts", 2);
	value_add_string(&tree, root, "res", "x");
	assert_ptr_equal(value_get(root, "result"), inner);
	assert_ptr_equal(tree.root, root);
	assert_int_equal(value_int(value_path(root, "result.attempts"), 0), 2);
	same(value_text(value_path(root, "res"), ""), "x");
	assert_null(value_path(root, "result.none"));
	assert_null(value_path(root, "res.attempts"));
	assert_null(value_get(NULL, "x"));
	assert_int_equal(root->count, 2);
}

static void only_plain_yaml_text_reads_as_integer_or_truth(void **state)
{
	static const struct {
		const char *text;
		enum value_style style;
		int64_t n;
		int truth;
	} rows[] = {
		{ "12", STYLE_PLAIN, 12, -1 },
		{ "-12", STYLE_PLAIN, -12, -1 },
		{ "+3", STYLE_PLAIN, 3, -1 },
		{ "0", STYLE_PLAIN, 0, -1 },
		{ "010", STYLE_PLAIN, -7, -1 },
		{ "1.0", STYLE_PLAIN, -7, -1 },
		{ "12", STYLE_DOUBLE, -7, -1 },
		{ "9223372036854775807", STYLE_PLAIN, INT64_MAX, -1 },
		{ "9223372036854775808", STYLE_PLAIN, -7, -1 },
		{ "", STYLE_PLAIN, -7, -1 },
		{ "-", STYLE_PLAIN, -7, -1 },
		{ "true", STYLE_PLAIN, -7, 1 },
		{ "False", STYLE_PLAIN, -7, 0 },
		{ "TRUE", STYLE_PLAIN, -7, 1 },
		{ "yes", STYLE_PLAIN, -7, -1 },
		{ "true", STYLE_SINGLE, -7, -1 },
		{ "true", STYLE_NONE, -7, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct value value = { .kind = VALUE_STRING,
				       .style = rows[i].style,
				       .text = rows[i].text };

		assert_int_equal(value_int(&value, -7), rows[i].n);
		assert_int_equal(value_bool(&value, -1), rows[i].truth);
	}
	assert_int_equal(value_int(NULL, 5), 5);
	assert_int_equal(value_bool(NULL, 1), 1);
}

static void numbers_read_as_json_spells_them(void **state)
{
	static const struct {
		const char *text;
		double number;
	} rows[] = {
		{ "1", 1 },      { "0.3", 0.3 }, { "-2.5e3", -2500 },
		{ "0x10", -1 },  { "", -1 },     { "nan", -1 },
		{ "1.2.3", -1 }, { "inf", -1 },  { "a", -1 },
	};
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *list = value_list(&tree, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct value *value =
			value_add_string(&tree, list, NULL, rows[i].text);

		assert_float_equal(value_number(value, -1), -1, 0);
		value->style = STYLE_PLAIN;
		assert_float_equal(value_number(value, -1), rows[i].number, 0);
	}
	assert_float_equal(
		value_number(value_add_number(&tree, list, NULL, 0.5), -1), 0.5,
		0);
	assert_float_equal(value_number(NULL, 7), 7, 0);
}

static void null_has_no_text_and_lists_have_strings(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(strings_release) struct strings strings = STRINGS_INIT;
	struct value *list = value_list(&tree, NULL, NULL);

	(void)state;
	same(value_text(value_add_maybe(&tree, list, NULL, NULL), "no"), "no");
	value_add_maybe(&tree, list, NULL, "a");
	value_add_stringf(&tree, list, NULL, "%d", 7);
	same(value_text(list, "none"), "none");
	value_strings(&strings, list);
	assert_int_equal(strings.len, 3);
	same(strings.items[2], "7");
}

static void equality_ignores_the_order_of_keys_only(void **state)
{
	CLEANUP(tree_release) struct tree a = TREE_INIT;
	CLEANUP(tree_release) struct tree b = TREE_INIT;
	struct value *x = value_object(&a, NULL, NULL);
	struct value *y = value_object(&b, NULL, NULL);

	(void)state;
	value_add_int(&a, x, "n", 1);
	value_add_bool(&a, x, "t", 7);
	value_add_bool(&b, y, "t", 1);
	assert_false(value_equal(x, y));
	value_add_number(&b, y, "n", 1.0);
	assert_true(value_equal(x, y));
	value_add_null(&a, x, "z");
	value_add_string(&b, y, "z", "null");
	assert_false(value_equal(x, y));
	assert_true(value_equal(NULL, NULL));
	assert_false(value_equal(x, NULL));
}

static void lists_are_equal_in_order(void **state)
{
	CLEANUP(tree_release) struct tree a = TREE_INIT;
	CLEANUP(tree_release) struct tree b = TREE_INIT;
	struct value *x = value_list(&a, NULL, NULL);
	struct value *y = value_list(&b, NULL, NULL);

	(void)state;
	value_add_string(&a, x, NULL, "1");
	value_add_string(&a, x, NULL, "2");
	value_add_string(&b, y, NULL, "2");
	value_add_string(&b, y, NULL, "1");
	assert_false(value_equal(x, y));
	value_add_copy(&b, NULL, NULL, x);
	assert_true(value_equal(x, b.root));
}

/* Each step over n members would be 10^10 steps; this ends at once. */
static void large_objects_are_compared_and_searched_by_hash(void **state)
{
	CLEANUP(tree_release) struct tree a = TREE_INIT;
	CLEANUP(tree_release) struct tree b = TREE_INIT;
	struct value *x = value_object(&a, NULL, NULL);
	struct value *y = value_object(&b, NULL, NULL);
	char key[16];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		value_add_int(&a, x, key, i);
		snprintf(key, sizeof key, "k%d", 99999 - i);
		value_add_int(&b, y, key, 99999 - i);
	}
	assert_true(value_equal(x, y));
	assert_null(value_duplicate(x));
	struct value *twice = value_add_int(&a, x, "k500", 0);
	assert_ptr_equal(value_duplicate(x), twice);
}

static void a_duplicate_is_the_later_of_two_members(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	(void)state;
	value_add_int(&tree, root, "a", 1);
	value_add_int(&tree, root, "b", 1);
	assert_null(value_duplicate(root));
	struct value *twice = value_add_int(&tree, root, "a", 2);
	value_add_int(&tree, root, "c", 2);
	assert_ptr_equal(value_duplicate(root), twice);
}

static void numbers_have_the_shortest_exact_text(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *list = value_list(&tree, NULL, NULL);

	(void)state;
	same(value_add_number(&tree, list, NULL, 0.1)->text, "0.1");
	same(value_add_number(&tree, list, NULL, 12.4)->text, "12.4");
	same(value_add_number(&tree, list, NULL, 1.0 / 3)->text,
	     "0.3333333333333333");
	same(value_add_number(&tree, list, NULL, 0.1 + 0.2)->text,
	     "0.30000000000000004");
	same(value_add_int(&tree, list, NULL, INT64_MIN)->text,
	     "-9223372036854775808");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_by_key_and_by_path),
		cmocka_unit_test(
			only_plain_yaml_text_reads_as_integer_or_truth),
		cmocka_unit_test(numbers_read_as_json_spells_them),
		cmocka_unit_test(null_has_no_text_and_lists_have_strings),
		cmocka_unit_test(equality_ignores_the_order_of_keys_only),
		cmocka_unit_test(lists_are_equal_in_order),
		cmocka_unit_test(
			large_objects_are_compared_and_searched_by_hash),
		cmocka_unit_test(a_duplicate_is_the_later_of_two_members),
		cmocka_unit_test(numbers_have_the_shortest_exact_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

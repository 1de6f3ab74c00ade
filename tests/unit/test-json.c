#include "tests/unit/refused.h"

#include "core/json.h"
#include "core/utf8.h"

static struct error *parse(struct tree *tree, const char *text)
{
	return json_parse(tree, text, strlen(text));
}

static void what_is_parsed_is_printed_as_it_was(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"null",
		"\"\"",
		"-0",
		"[1,-2.5,1e5,true,false,null,\"a\"]",
		"{\"b\":{\"c\":[]},\"a\":[{}]}",
		"\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001/\"",
		"\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80\x7f\"",
		"[9007199254740993,9223372036854775807]",
		"[18446744073709551616,0.1000]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		ok(parse(&tree, texts[i]));
		json_print(&out, tree.root);
		same(out.data, texts[i]);
	}
}

static void scalars_are_typed_and_integers_exact(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)state;
	ok(parse(&tree, " { \"i\" : 9007199254740993 , \"f\":1.5, \"t\":true,"
			"\"l\":18446744073709551616, \"s\":\"1\"}\n"));
	assert_int_equal(value_int(value_get(tree.root, "i"), 0),
			 9007199254740993);
	assert_int_equal(value_get(tree.root, "f")->kind, VALUE_NUMBER);
	assert_true(value_get(tree.root, "f")->number > 1.4);
	assert_int_equal(value_bool(value_get(tree.root, "t"), 0), 1);
	assert_int_equal(value_get(tree.root, "l")->kind, VALUE_NUMBER);
	assert_int_equal(value_get(tree.root, "s")->kind, VALUE_STRING);
	assert_int_equal(value_int(value_get(tree.root, "s"), 7), 7);
}

static void values_know_where_they_stand(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const char *text = "{\n \"\xc3\xa9\": [1, 22]}";

	(void)state;
	ok(parse(&tree, text));
	struct value *list = tree.root->child;
	assert_int_equal(list->key_span.line, 2);
	assert_int_equal(list->key_span.column, 2);
	assert_int_equal(list->span.column, 7);
	assert_int_equal(list->child->next->span.column, 11);
	assert_int_equal(list->child->next->span.start, 13);
	assert_int_equal(list->span.end, strlen(text) - 1);
	assert_int_equal(tree.root->span.end, strlen(text));
}

static void what_is_not_json_is_refused_with_its_place(void **state)
{
	static const struct refused rows[] = {
		{ "", "line 1, column 1" },
		{ "{", "line 1, column 2: the text ends too early" },
		{ "[1,\n 2 3]", "line 2, column 4: not the JSON expected" },
		{ "[1,]", "line 1, column 4" },
		{ "{\"a\" 1}", "line 1, column 6" },
		{ "{1:2}", "line 1, column 3: not the JSON expected" },
		{ "{} {}", "line 1, column 4" },
		{ "[1]]", "line 1, column 4: a closing bracket" },
		{ "[01]", "line 1, column 2: not a number" },
		{ "[1.]", "line 1, column 2: not a number" },
		{ "[-]", "line 1, column 2: not a number" },
		{ "[1e]", "line 1, column 2: not a number" },
		{ "[+1]", "line 1, column 2: not a value" },
		{ "[NaN]", "line 1, column 2: not a value" },
		{ "[1e999]", "line 1, column 2: a number beyond" },
		{ "[\f1]", "line 1, column 2: not a value" },
		{ "['a']", "line 1, column 2: not a value" },
		{ "\xef\xbb\xbf{}", "line 1, column 1: not a value" },
		{ "\"\\u0000\"", "line 1, column 2: a NUL character" },
		{ "{\"a\":\"\\users x\"}",
		  "line 1, column 7: \\u without four hex digits" },
		{ "\"\\u12g4\"",
		  "line 1, column 2: \\u without four hex digits" },
		{ "\"\\x41\"",
		  "line 1, column 2: an escape that JSON does not have" },
		{ "\"a", "line 1, column 3: a string does not end" },
		{ "\"a\\", "line 1, column 4: a string does not end" },
		{ "\"a\nb\"", "line 1, column 3: a control character" },
		{ "[\xff]", "line 1, column 2: invalid UTF-8" },
		{ "\"\xc0\x80\"", "line 1, column 2: invalid UTF-8" },
		{ "\"\xed\xa0\x80\"", "line 1, column 2: invalid UTF-8" },
		{ "\"\\ud800\"", "line 1, column 2: not the JSON" },
		{ "{\"a\":1,\n\"b\":2,\n \"a\":3}",
		  "line 3, column 2: duplicate key 'a'" },
		{ "{\"a\":1,\"\\u0061\":3}", "duplicate key 'a'" },
	};

	(void)state;
	each_is_refused(parse, rows, sizeof rows / sizeof *rows);
}

static void an_escaped_backslash_before_u0000_is_no_nul(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)state;
	ok(parse(&tree, "\"\\\\u0000\""));
	same(tree.root->text, "\\u0000");
	tree_release(&tree);
	fails(ERROR_INVALID, "line 1, column 3: a NUL character",
	      json_parse(&tree, "[1\0]", 4));
}

static void sixty_four_levels_are_the_limit(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)state;
	for (int i = 0; i < 64; i++)
		buf_ch(&text, '[');
	for (int i = 0; i < 64; i++)
		buf_ch(&text, ']');
	ok(parse(&tree, text.data));
	buf_clear(&text);
	for (int i = 0; i < 500000; i++)
		buf_ch(&text, '[');
	fails(ERROR_INVALID, "column 65: more than 64 levels",
	      parse(&tree, text.data));
}

static void pretty_and_canonical_forms_hold_the_same(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	ok(parse(&tree, "{\"b\": [1, {}], \"a\": {\"d\": null, \"c\": 2}, "
			"\"B\": []}"));
	json_print_canonical(&out, tree.root);
	same(out.data, "{\"B\":[],\"a\":{\"c\":2,\"d\":null},\"b\":[1,{}]}");
	buf_clear(&out);
	json_print_pretty(&out, tree.root);
	same(out.data,
	     "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": {\n"
	     "    \"d\": null,\n    \"c\": 2\n  },\n  \"B\": []\n}\n");
}

static void bytes_that_are_not_utf8_are_printed_as_replacement(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	value_add_string(&tree, NULL, NULL, "a\xff\xc3");
	json_print(&out, tree.root);
	same(out.data, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
	buf_clear(&out);
	json_print(&out, NULL);
	same(out.data, "null");
}

static void every_code_point_survives_decoding_and_encoding(void **state)
{
	(void)state;
	for (uint32_t point = 1; point < 0x110000; point++) {
		char bytes[4];
		uint32_t back;

		if (point >= 0xd800 && point <= 0xdfff)
			continue;
		size_t n = utf8_put(bytes, point);
		assert_int_equal(utf8_next(&back, bytes, n), n);
		assert_int_equal(back, point);
		assert_int_equal(utf8_next(&back, bytes, n - 1), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parsed_is_printed_as_it_was),
		cmocka_unit_test(scalars_are_typed_and_integers_exact),
		cmocka_unit_test(values_know_where_they_stand),
		cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
		cmocka_unit_test(an_escaped_backslash_before_u0000_is_no_nul),
		cmocka_unit_test(sixty_four_levels_are_the_limit),
		cmocka_unit_test(pretty_and_canonical_forms_hold_the_same),
		cmocka_unit_test(
			bytes_that_are_not_utf8_are_printed_as_replacement),
		cmocka_unit_test(
			every_code_point_survives_decoding_and_encoding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

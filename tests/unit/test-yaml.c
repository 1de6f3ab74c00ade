#include "tests/unit/refused.h"

#include "core/json.h"
#include "core/yaml.h"

static struct error *parse(struct tree *tree, const char *text)
{
	return yaml_parse(tree, text, strlen(text), NULL);
}

/* The document as canonical JSON, which every case below is held against. */
static void reads_as(const char *text, const char *json)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	ok(parse(&tree, text));
	json_print(&out, tree.root);
	same(out.data, json);
}

static void documents_are_read_into_trees(void **state)
{
	(void)state;
	reads_as("", "null");
	reads_as("# only a comment\n", "null");
	reads_as("---\n", "null");
	reads_as("a: no\nb: 1\n", "{\"a\":\"no\",\"b\":\"1\"}");
	reads_as("a:\n- x\n- y: 1\n  z: 2\n",
		 "{\"a\":[\"x\",{\"y\":\"1\",\"z\":\"2\"}]}");
	reads_as("{a: [b, c: d], e, f: }",
		 "{\"a\":[\"b\",{\"c\":\"d\"}],\"e\":\"\",\"f\":\"\"}");
	reads_as("\xef\xbb\xbf--- # c\r\na: 'x'\r\n...\r\n# end\r\n",
		 "{\"a\":\"x\"}");
	reads_as("a: |\n  x\n\n   y\nb: >-\n  p\n  q\n",
		 "{\"a\":\"x\\n\\n y\\n\",\"b\":\"p q\"}");
	reads_as("\"k\\ty\": \"\\x07\\u2028\"",
		 "{\"k\\ty\":\"\\u0007\xe2\x80\xa8\"}");
}

static void nel_ls_and_ps_are_characters_like_others(void **state)
{
	(void)state;
	reads_as("a: x\xc2\x85y\nb: p\xe2\x80\xa8q # \xe2\x80\xa9 c: d\n"
		 "\"\xe2\x80\xa9\": |\n  l\xc2\x85m\n",
		 "{\"a\":\"x\xc2\x85y\",\"b\":\"p\xe2\x80\xa8q\","
		 "\"\xe2\x80\xa9\":\"l\xc2\x85m\\n\"}");
	/* What could stand in for NEL and LS is in the text itself. */
	reads_as("a: \xc4\x80\xc2\x85\xee\x80\x80\xe2\x80\xa8\n"
		 "b: \"\\u0101\\u0102\"\n",
		 "{\"a\":\"\xc4\x80\xc2\x85\xee\x80\x80\xe2\x80\xa8\","
		 "\"b\":\"\xc4\x81\xc4\x82\"}");
}

static void what_is_refused_is_named_with_its_place(void **state)
{
	static const struct refused rows[] = {
		{ "a: &x 1\n", "line 1, column 4: an anchor" },
		{ "a: 1\nb: *x\n", "line 2, column 4: an alias" },
		{ "a: !!str 1\n", "line 1, column 4: a tag" },
		{ "a: !x [1]\n", "line 1, column 4: a tag" },
		{ "a: ! {b: 1}\n", "line 1, column 4: a tag" },
		{ "&x a: 1\n", "line 1, column 1: an anchor" },
		{ "a: 1\nb: 2\n'a': 3\n",
		  "line 3, column 1: duplicate key 'a'" },
		{ "x: {a: 1, a: 2}\n", "line 1, column 11: duplicate key 'a'" },
		{ "%YAML 1.1\n---\na: 1\n", "line 1, column 1: a directive" },
		{ "# c\n\n%TAG ! x\n---\n", "line 3, column 1: a directive" },
		{ "a: 1\n---\nb: 2\n", "line 2, column 1: a second document" },
		{ "a: 1\n...\n---\n", "line 3, column 1: a second document" },
		{ "[a] b\n", "line 1, column 5: text behind the document" },
		{ "a: 1\n...\n%TAG ! x\n", "line 3, column 1: text behind" },
		{ "a: \"\\0\"\n", "line 1, column 4: a NUL" },
		{ "\xc3\xa9: \x01", "line 1, column 4: a control character" },
		{ "a: \x7f", "line 1, column 4: a control character" },
		{ "a: \xc2\x9f", "line 1, column 4: a control character" },
		{ "a: \xef\xbf\xbe", "line 1, column 4: a control character" },
		{ "a: \xef\xbb\xbf", "line 1, column 4: a byte order mark" },
		{ "a: 1\r\nb: \xff", "line 2, column 4: invalid UTF-8" },
		{ "a: 1\rb: \xed\xa0\x80", "line 2, column 4: invalid UTF-8" },
		{ "\xff\xfe"
		  "a",
		  "line 1, column 1: the text is UTF-16" },
		{ "? a\n: b\n", "line 1, column 1: a key written with '?'" },
		{ "a: 1\n? b\n", "line 2, column 1: a key written with '?'" },
		{ "{a: 1, # ?\n ? b}", "line 2, column 2: a key written" },
		{ "[a]: b\n", "line 1, column 1: a key that is no text" },
		{ "? {a: b}\n: c\n", "line 1, column 3: a key that is no" },
		{ ": b\n", "line 1, column 1: did not find expected key" },
		{ "{: b}\n", "line 1, column 2: did not find" },
		{ "a: b: c\n", "line 1, column 5: mapping values" },
		{ "a:\n\t- b\n", "line 2, column 1: found character" },
		{ "a: [b\n", "line 2, column 1: did not find expected" },
		{ "a: 'b\n", "line 2, column 1: found unexpected end" },
		{ "a: @b\n", "line 1, column 4: found character" },
	};

	(void)state;
	each_is_refused(parse, rows, sizeof rows / sizeof *rows);
}

static void a_fault_has_its_place_apart(void **state)
{
	CLEANUP(yaml_fault_release) struct yaml_fault fault = YAML_FAULT_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)state;
	fails(ERROR_INVALID, "line 2, column 4: an alias",
	      yaml_parse(&tree, "a: 1\nb: *x\n", 11, &fault));
	assert_int_equal(fault.line, 2);
	assert_int_equal(fault.column, 4);
	same(fault.message, "an alias");
	assert_non_null(fault.hint);
	fails(ERROR_INVALID, "line 1, column 2: a NUL character",
	      yaml_parse(&tree, "a\0", 2, &fault));
	same(fault.message, "a NUL character");
}

static void repeat(struct buf *out, const char *s, size_t n)
{
	buf_clear(out);
	for (size_t i = 0; i < n; i++)
		buf_str(out, s);
}

/* Each of these keeps libyaml's loader, or a list of keys, busy for minutes. */
static void hostile_texts_are_answered_at_once(void **state)
{
	static const struct {
		const char *piece;
		size_t n;
		const char *message;
	} rows[] = {
		{ "[", 500000, "column 65: more than 64 levels" },
		{ "{", 500000, "a key that is no text" },
		{ "[{a: ", 200000, "more than 64 levels" },
		{ "- ", 500000, "more than 64 levels" },
		{ "? ", 500000, "a key that is no text" },
		{ "{a: ", 250000, "more than 64 levels" },
		{ "a: ", 300000, "mapping values" },
		{ "!a ", 300000, "" },
		{ "&a ", 300000, "" },
		{ "%TAG !a x\n", 100000, "a directive" },
		{ "[\n", 500000, "more than 64 levels" },
		{ "[\xc2\x85", 300000, "" },
		{ "x", YAML_MAX_BYTES + 1, "over 1 MiB" },
	};
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;

		repeat(&text, rows[i].piece, rows[i].n);
		fails(ERROR_INVALID, rows[i].message, parse(&tree, text.data));
	}
}

static void large_texts_within_the_limit_are_read(void **state)
{
	static const char *const pieces[] = { "x",  "x ",       "x\n ", "# c\n",
					      "\n", "\xc3\xa9", "- a\n" };
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		size_t len = strlen(pieces[i]);

		repeat(&text, pieces[i], (YAML_MAX_BYTES - 8) / len);
		ok(parse(&tree, text.data));
	}
	buf_clear(&text);
	for (int i = 0; i < 100000; i++)
		buf_addf(&text, "k%d: \n", i);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	ok(parse(&tree, text.data));
	assert_int_equal(tree.root->count, 100000);
	buf_str(&text, "k7: x\n");
	tree_release(&tree);
	fails(ERROR_INVALID, "line 100001, column 1: duplicate key 'k7'",
	      parse(&tree, text.data));
}

static void sixty_four_levels_are_read(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	repeat(&text, "- ", 64);
	buf_str(&text, "a\n");
	ok(parse(&tree, text.data));
	tree_release(&tree);
	buf_splice(&text, 0, 0, "- ", 2);
	fails(ERROR_INVALID, "column 129: more than 64 levels",
	      parse(&tree, text.data));
}

/* The value at path is this piece of the text, at this line and column. */
static void stands(const char *text, const char *path, const char *piece,
		   unsigned line, unsigned column)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	ok(parse(&tree, text));
	struct value *value = value_path(tree.root, path);
	assert_non_null(value);
	char *got = xstrndup(text + value->span.start,
			     value->span.end - value->span.start);
	same(got, piece);
	free(got);
	assert_int_equal(value->span.line, line);
	assert_int_equal(value->span.column, column);
}

static void spans_end_with_the_last_byte_of_the_node(void **state)
{
	(void)state;
	stands("a: x  # c\n", "a", "x", 1, 4);
	stands("a: x\n   y  # c\nb: 1\n", "a", "x\n   y", 1, 4);
	stands("\xef\xbb\xbf\xc3\xa9: \xc3\xa9\r\nb: 'x''y' \r\n", "b",
	       "'x''y'", 2, 4);
	stands("a: \"x\n\n y\" # c", "a", "\"x\n\n y\"", 1, 4);
	stands("a:   # c\nb: 1\n", "a", "", 1, 0 + 3);
	stands("a: {b: , c}\n", "a.b", "", 1, 8);
	stands("a: [b, c] # d\n", "a", "[b, c]", 1, 4);
	stands("a:\n  b: 1 # c\n\n# d\ne: 2\n", "a", "b: 1", 2, 3);
	stands("a:\n- b\n- c # d\n\n\ne: 2\n", "a", "- b\n- c", 2, 1);
	stands("a: |\n  x\n\n\nb: 1\n", "a", "|\n  x", 1, 4);
	stands("a: | # c\n  x \n  \n\nb: 1\n", "a", "| # c\n  x ", 1, 4);
	stands("a: |\n  x\n    \nb: 1\n", "a", "|\n  x\n    ", 1, 4);
	stands("a: |-\n  x\n\n", "a", "|-\n  x", 1, 4);
	stands("a: |+\n  x\n\n\nb: 1\n", "a", "|+\n  x\n\n", 1, 4);
	stands("a: |+ # c\nb: 1\n", "a", "|+", 1, 4);
	stands("a: >2-\r\n   x\r\n  y\r\n\r\nb: 1\r\n", "a",
	       ">2-\r\n   x\r\n  y", 1, 4);
	stands("a: |\n  x", "a", "|\n  x", 1, 4);
	stands("a: |\n\n\nb: 1\n", "a", "|", 1, 4);
	stands("a:\n  - |1\n    x\n   \n    \nb: 1\n", "a",
	       "- |1\n    x\n   \n    ", 2, 3);
	stands("a:\n  b: |+\n\n   x\n\n  c: 1\n", "a.b", "|+\n\n   x\n", 2, 6);
	stands("a: x\xe2\x80\xa8y\nb: [z]\n", "b", "[z]", 2, 4);
	stands("a: |\n  x\xc2\x85\n\nb: [z]\n", "b", "[z]", 4, 4);
}

static void keys_and_pairs_have_spans_too(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const char *text = "\xef\xbb\xbf'a b' : [c: d, e]\n";

	(void)state;
	ok(parse(&tree, text));
	struct value *list = tree.root->child;
	assert_int_equal(list->key_span.start, 3);
	assert_int_equal(list->key_span.end, 8);
	assert_int_equal(list->child->span.start, 12);
	assert_int_equal(list->child->span.end, 16);
	assert_int_equal(list->span.end, strlen(text) - 1);
	assert_int_equal(tree.root->span.end, strlen(text) - 1);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	return *seed ^= *seed << 5;
}

static const char *const nasty[] = {
	"no",
	"1",
	"",
	" leading",
	"trailing ",
	"a: b",
	"a:",
	":",
	"a #b",
	"#",
	"two\nlines",
	"two\nlines\n",
	"two\n\n",
	"\n",
	"\n\nx",
	" x\ny",
	"\tx\ny",
	"x\n  ",
	"x\n \ny",
	"a\tb",
	"\x01",
	"\x7f",
	"\xe2\x80\xa8",
	"\xc2\x85",
	"\xef\xbb\xbf",
	"\xef\xbf\xbe",
	"\xf0\x9f\x98\x80",
	"- a",
	"-",
	"--",
	"---",
	"...",
	"? a",
	"?",
	"[",
	"]",
	"{",
	"}",
	",",
	"a, b",
	"&a",
	"*a",
	"!a",
	"|",
	">",
	"'",
	"\"",
	"it's",
	"\"q\"",
	"a\\b",
	"%",
	"@",
	"`",
	"~",
	"null",
	"Yes",
	"0x1F",
	"1e5",
	".5",
	".inf",
	"-.INF",
	"1:30",
	"1_000",
	"2026-12-01",
	"<<",
	"=",
	"x\r\ny",
	"x\n---\ny",
	"x\n# y\nz",
	"a\n\n\nb",
	"src/**/*.py",
	"sha256:ab",
	"http://x/y",
	"x\n\t\ny\n",
	"x\xc2\x85\ny",
	"\xc2\xa0",
	"x:y",
	"x,y",
	"\n x\n",
	"key",
	"x\n\xff",
	"a\n\n b\n",
};
#define NASTY (sizeof nasty / sizeof *nasty)

static void add_random(struct tree *tree, struct value *parent, const char *key,
		       uint32_t *seed, int depth)
{
	uint32_t dice = next_random(seed) % 12;
	const char *text = nasty[next_random(seed) % (NASTY - 2)];

	if (dice < 3 && depth < 5) {
		struct value *list = value_list(tree, parent, key);

		for (uint32_t n = next_random(seed) % 4; n; n--)
			add_random(tree, list, NULL, seed, depth + 1);
	} else if (dice < 6 && depth < 5) {
		struct value *object = value_object(tree, parent, key);

		for (uint32_t n = next_random(seed) % 4; n; n--) {
			const char *name =
				nasty[next_random(seed) % (NASTY - 2)];

			if (!value_get(object, name))
				add_random(tree, object, name, seed, depth + 1);
		}
	} else if (dice == 6) {
		value_add_int(tree, parent, key, (int)next_random(seed));
	} else if (dice == 7) {
		value_add_bool(tree, parent, key, depth & 1);
	} else if (dice == 8) {
		value_add_null(tree, parent, key);
	} else {
		value_add_string(tree, parent, key, text);
	}
}

/* Equal, but that the parser leaves typing to the schema. */
static void same_tree(const struct value *want, const struct value *got)
{
	assert_non_null(got);
	if (want->key)
		same(got->key, want->key);
	if (want->kind == VALUE_LIST || want->kind == VALUE_OBJECT) {
		assert_int_equal(got->kind, want->kind);
		assert_int_equal(got->count, want->count);
		const struct value *other = got->child;
		VALUE_EACH(it, want)
		{
			same_tree(it, other);
			other = other->next;
		}
		return;
	}
	assert_int_equal(got->kind, VALUE_STRING);
	same(got->text, want->text);
	if (want->kind != VALUE_STRING)
		assert_int_equal(got->style, STYLE_PLAIN);
}

static void prints_back(const struct value *value, int indent, int flow)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (flow)
		yaml_print_flow(&text, value);
	else
		yaml_print(&text, value, indent);
	struct error *err = yaml_parse(&tree, text.data, text.len, NULL);
	if (err)
		fail_msg("%s\n%s", err->message, text.data);
	same_tree(value, tree.root);
}

static void every_nasty_string_survives_printing(void **state)
{
	(void)state;
	for (size_t i = 0; i < NASTY; i++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		struct value *root = value_object(&tree, NULL, NULL);
		struct value *list = value_list(&tree, root, "list");
		int utf8 = !strchr(nasty[i], '\xff');

		value_add_string(&tree, root, utf8 ? nasty[i] : "k",
				 utf8 ? nasty[i] : "v");
		value_add_string(&tree, list, NULL, utf8 ? nasty[i] : "v");
		prints_back(root, 0, 0);
		prints_back(root, 3, 0);
		prints_back(root, 0, 1);
		prints_back(list->child, 0, 0);
		prints_back(list->child, 4, 0);
	}
}

static void random_trees_survive_printing(void **state)
{
	const char *loops = getenv("ORCH_LOOPS");
	int total = loops ? atoi(loops) : 3000;
	uint32_t seed = 20261120;
	int n = 0;

	(void)state;
	for (; n < total; n++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		struct value *root = value_list(&tree, NULL, NULL);

		add_random(&tree, root, NULL, &seed, 0);
		add_random(&tree, root, NULL, &seed, 0);
		prints_back(root, 0, 0);
		prints_back(root, n % 5, 0);
		prints_back(root, 0, 1);
		prints_back(root->child, 0, 0);
	}
	print_message("random trees printed and parsed: %d/%d\n", n, total);
}

static void printed_yaml_looks_as_people_write_it(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *list = value_list(&tree, root, "checks");
	struct value *row = value_object(&tree, list, NULL);

	(void)state;
	value_add_string(&tree, row, "name", "test");
	value_add_int(&tree, row, "exit", 0);
	value_add_number(&tree, row, "seconds", 12.4);
	value_add_string(&tree, row, "output", "sha256:00ff");
	value_add_string(&tree, row, "tail", "one\n  two\n");
	value_add_string(&tree, list, NULL, "say \"hi\", then go");
	value_add_string(&tree, root, "cost_usd", "0.421000");
	value_add_string(&tree, root, "started", "2026-11-20T10:30:00Z");
	value_add_string(&tree, root, "note", "no");
	value_add_string(&tree, root, "globs", "*.c");
	value_add_string(&tree, root, "quoted", "\\d+: \"x\"");
	value_list(&tree, root, "decisions");
	value_add_null(&tree, root, "pr");
	yaml_print(&out, root, 0);
	same(out.data, "checks:\n"
		       "  - name: test\n"
		       "    exit: 0\n"
		       "    seconds: 12.4\n"
		       "    output: sha256:00ff\n"
		       "    tail: |\n"
		       "      one\n"
		       "        two\n"
		       "  - say \"hi\", then go\n"
		       "cost_usd: \"0.421000\"\n"
		       "started: 2026-11-20T10:30:00Z\n"
		       "note: \"no\"\n"
		       "globs: \"*.c\"\n"
		       "quoted: '\\d+: \"x\"'\n"
		       "decisions: []\n"
		       "pr: null\n");
}

static void plain_text_of_a_document_stays_plain(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	const char *text = "a: 1\nb: \"1\"\nc: no\nd:\ne:\n  -\n  - ~\n";

	(void)state;
	ok(parse(&tree, text));
	yaml_print(&out, tree.root, 0);
	same(out.data, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_read_into_trees),
		cmocka_unit_test(nel_ls_and_ps_are_characters_like_others),
		cmocka_unit_test(what_is_refused_is_named_with_its_place),
		cmocka_unit_test(a_fault_has_its_place_apart),
		cmocka_unit_test(hostile_texts_are_answered_at_once),
		cmocka_unit_test(large_texts_within_the_limit_are_read),
		cmocka_unit_test(sixty_four_levels_are_read),
		cmocka_unit_test(spans_end_with_the_last_byte_of_the_node),
		cmocka_unit_test(keys_and_pairs_have_spans_too),
		cmocka_unit_test(every_nasty_string_survives_printing),
		cmocka_unit_test(random_trees_survive_printing),
		cmocka_unit_test(printed_yaml_looks_as_people_write_it),
		cmocka_unit_test(plain_text_of_a_document_stays_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

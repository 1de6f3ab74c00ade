/* Unit tests of core/expand. */
#include "tests/unit/test.h"

#include "core/expand.h"
#include "core/yaml.h"

static struct error *run(struct buf *out, const char *text)
{
	struct map vars = MAP_INIT;
	static char name[] = "todo", dir[] = "src/{{name}}";

	map_set(&vars, "name", name);
	map_set(&vars, "dir", dir);
	struct error *err = expand(out, text, strlen(text), &vars);
	map_release(&vars);
	return err;
}

static void variables_become_their_text(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "{{name}}", "todo" },
		{ "a {{name}}/{{name}}.c\n", "a todo/todo.c\n" },
		{ "{{dir}}", "src/{{name}}" },
		{ "{{{{name}}", "{{name}}" },
		{ "${{{{ github.ref }}", "${{ github.ref }}" },
		{ "{{{{{{name}}", "{{todo" },
		{ "{ {name}} } }}", "{ {name}} } }}" },
		{ "a {", "a {" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		ok(run(&out, rows[i].text));
		same(out.data, rows[i].expected);
	}
}

static void
an_unknown_name_is_told_with_its_line_and_the_names_there_are(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	struct error *err = run(&out, "{{name}}\n\n{{nmae}}");

	(void)state;
	assert_non_null(err);
	same(err->message, "line 3: unknown variable 'nmae'");
	same(err->hint, "did you mean 'name'? there are: dir, name");
	error_free(err);
	assert_int_equal(out.len, 0);
	fails(ERROR_INVALID, "unknown variable ' name '",
	      run(&out, "{{ name }}"));
	fails(ERROR_INVALID, "unknown variable ''", run(&out, "{{}}"));
}

static void an_unclosed_variable_is_an_error(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	fails(ERROR_INVALID, "line 2: unclosed", run(&out, "a\n{{name"));
	fails(ERROR_INVALID, "line 1: unclosed", run(&out, "{{na\nme}}"));
	fails(ERROR_INVALID, "line 1: unclosed", run(&out, "{{"));
	fails(ERROR_INVALID, "line 1: unclosed", run(&out, "{{name}"));
}

/* Expands {{v}} in a document. */
static struct error *run_yaml(struct buf *out, const char *text, char *value)
{
	CLEANUP(map_release) struct map vars = MAP_INIT;
	static char name[] = "todo";

	map_set(&vars, "v", value);
	map_set(&vars, "name", name);
	return expand_yaml(out, text, strlen(text), &vars);
}

/* Each way to write a scalar, in block and in flow style. */
static const char *const document =
	"# for {{v}} {{name}}\n"
	"plain: {{v}}\n"
	"within: a {{v}} b # kept\n"
	"single: '{{v}}'\n"
	"double: \"{{v}}\" # kept, too\n"
	"literal: |\n"
	"  one\n"
	"  {{v}}\n"
	"folded: >-\n"
	"  one\n"
	"  {{v}}\n"
	"flow: [{{v}}, '{{v}}', {k: {{v}}, {{v}}: k}]\n"
	"list:\n"
	"  - {{v}}\n"
	"  - k: {{v}}{{v}}\n"
	"    deep:\n"
	"      x {{v}}: y\n"
	"last: z\n";

static void holds(const struct tree *tree, const char *path, const char *before,
		  const char *value, const char *after)
{
	char *wanted = xasprintf("%s%s%s", before, value, after);

	same(value_text(value_path(tree->root, path), "(none)"), wanted);
	free(wanted);
}

static const char *const hostile[] = {
	"a: b # c",
	"a: b",
	"a # b",
	"- a",
	"-",
	"? a",
	"{a: b}",
	"[a, b]",
	"'",
	"\"",
	"it's \"so\"",
	"\\n \\",
	"one\ntwo",
	"\n",
	"one\n\n  two\n---\nid: stolen\n",
	"\r\n",
	"  around  ",
	"\ttab",
	"&a *a !t %d @x `y`",
	"| >",
	"true",
	"~",
	"12",
	"{{name}}",
	"{{",
	"---",
	"...",
	"# c",
	"a,b",
	"a:",
	":a",
	"\u00fcber \u2028 \U0001f600",
	"\001\033[1m\177",
	"\ue000"
	"0"
	"\ue000",
	"",
};

static void any_value_arrives_in_a_document_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT;
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		CLEANUP(free_str) char *v = xstrdup(hostile[i]);
		CLEANUP(free_str) char *twice = xasprintf("%s%s", v, v);

		ok(run_yaml(&out, document, v));
		ok(yaml_parse(&tree, out.data, out.len, NULL));
		assert_int_equal(tree.root->count, 9);
		holds(&tree, "plain", "", v, "");
		holds(&tree, "within", "a ", v, " b");
		holds(&tree, "single", "", v, "");
		holds(&tree, "double", "", v, "");
		holds(&tree, "literal", "one\n", v, "\n");
		holds(&tree, "folded", "one ", v, "");
		const struct value *flow = value_get(tree.root, "flow")->child;
		same(flow->text, v);
		same(flow->next->text, v);
		same(flow->next->next->child->text, v);
		same(flow->next->next->last->key, v);
		const struct value *list = value_get(tree.root, "list")->child;
		same(list->text, v);
		same(list->next->child->text, twice);
		assert_non_null(strstr(out.data, " # kept\n"));
		assert_non_null(strstr(out.data, " # kept, too\n"));
	}
}

static void a_harmless_value_leaves_the_document_as_it_is_written(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;
	char v[] = "7";

	(void)state;
	map_set(&vars, "v", v);
	map_set(&vars, "name", v);
	ok(expand(&text, document, strlen(document), &vars));
	ok(expand_yaml(&out, document, strlen(document), &vars));
	same(out.data, text.data);
}

static void an_empty_value_is_text_and_not_null(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	char v[] = "";

	(void)state;
	ok(run_yaml(&out, "a: {{v}}\n", v));
	same(out.data, "a: \"\"\n");
}

static void a_comment_stays_on_its_line(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	char v[] = "x\nid: stolen";

	(void)state;
	ok(run_yaml(&out, "# {{v}}\nid: y\n", v));
	same(out.data, "# x id: stolen\nid: y\n");
}

static void what_cannot_be_a_document_is_refused(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	char bytes[] = "\xff\xfe";
	char v[] = "x";

	(void)state;
	fails(ERROR_INVALID, "cannot be written in YAML",
	      run_yaml(&out, "a: {{v}}\n", bytes));
	fails(ERROR_INVALID, "line 2", run_yaml(&out, "a: [{{v}}\n", v));
	fails(ERROR_INVALID, "unknown variable 'w'",
	      run_yaml(&out, "a: {{w}}\n", v));
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_become_their_text),
		cmocka_unit_test(
			an_unknown_name_is_told_with_its_line_and_the_names_there_are),
		cmocka_unit_test(an_unclosed_variable_is_an_error),
		cmocka_unit_test(any_value_arrives_in_a_document_as_it_is),
		cmocka_unit_test(
			a_harmless_value_leaves_the_document_as_it_is_written),
		cmocka_unit_test(an_empty_value_is_text_and_not_null),
		cmocka_unit_test(a_comment_stays_on_its_line),
		cmocka_unit_test(what_cannot_be_a_document_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

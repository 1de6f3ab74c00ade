/* Unit tests of core/expand. */
#include "tests/unit/test.h"

#include "core/expand.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_become_their_text),
		cmocka_unit_test(
			an_unknown_name_is_told_with_its_line_and_the_names_there_are),
		cmocka_unit_test(an_unclosed_variable_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

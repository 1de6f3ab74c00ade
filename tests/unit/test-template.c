/* Project templates: found, their variables checked, rendered. */
#include "tests/unit/test.h"

#include "plans/template.h"

static void the_builtin_ones_are_there(void **state)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	(void)state;
	ok(template_names(&names, NULL));
	assert_true(strings_has(&names, "cli-tool"));
	assert_true(strings_has(&names, "api-service"));
}

static void an_unknown_one_is_named_with_its_neighbour(void **state)
{
	CLEANUP(template_release) struct template template = { 0 };
	CLEANUP(error_release)
	struct error *err = template_open(&template, NULL, "cli-tol");

	(void)state;
	assert_non_null(err);
	assert_int_equal(err->code, ERROR_NOT_FOUND);
	same(err->hint, "did you mean 'cli-tool'?");
}

/* Expands the variables of cli-tool with one given. */
static struct error *vars(const char *given)
{
	CLEANUP(template_release) struct template template = { 0 };
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;
	struct map map = MAP_INIT;
	struct arena arena = ARENA_INIT;

	ok(template_open(&template, NULL, "cli-tool"));
	strings_add(&list, given);
	struct error *err = template_vars(&map, &arena, &template, &list);
	map_release(&map);
	arena_release(&arena);
	return err;
}

static void variables_have_to_match_their_pattern(void **state)
{
	(void)state;
	ok(vars("name=counter"));
	fails(ERROR_USAGE, "does not match", vars("name=Not A Name"));
	fails(ERROR_USAGE, "does not match", vars("name=../../etc"));
}

static void a_variable_it_does_not_have_is_refused(void **state)
{
	(void)state;
	fails(ERROR_USAGE, "has no variable 'colour=red'", vars("colour=red"));
	fails(ERROR_USAGE, "is not name=value", vars("name"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_builtin_ones_are_there),
		cmocka_unit_test(an_unknown_one_is_named_with_its_neighbour),
		cmocka_unit_test(variables_have_to_match_their_pattern),
		cmocka_unit_test(a_variable_it_does_not_have_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

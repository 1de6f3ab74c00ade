/* Project templates: found, their variables checked, rendered. */
#include "tests/unit/small.h"

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
	fails(ERROR_USAGE, "has no variable 'colour'", vars("colour=red"));
	fails(ERROR_USAGE, "is not name=value", vars("name"));
}

/* Templates of the repository. */

#define OWN ".orch/templates/own/"

static struct scratch box;
static struct project project;
static struct template own;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	template_release(&own);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static void put_own(void)
{
	put(&box, OWN "template.yaml",
	    "title: Our own\nsummary: What we do\nvars:\n"
	    "  - {name: name, default: tool, pattern: '^[a-z]+$'}\n"
	    "  - {name: who, help: whose it is}\n");
	put(&box, OWN "plan.yaml",
	    "version: 1\nid: x\ntitle: The {{name}}\ngoal: G # why\n");
	put(&box, OWN "phases/one.yaml",
	    "version: 1\nid: one\ntitle: First of {{name}}\n");
	put(&box, OWN "files/one/src/{{name}}/{{name}}.c",
	    "/* {{name}} by {{who}}; {{{{not}} */\n");
	put(&box, OWN "files/one/run.sh", "#!/bin/sh\necho {{name}}\n");
	put(&box, OWN "files/one/data", "{\"a\": {\"b\": 1}}\n");
	sh(&box, "chmod +x repo/" OWN "files/one/run.sh");
}

static struct error *open_own(const char *name)
{
	commit_all(&box);
	project_release(&project);
	ok(open_at(&project, &box, NULL));
	template_release(&own);
	return template_open(&own, &project, name);
}

/* What plan and phase 'one' of the template come to, as a tree. */
static struct error *render(struct workspace *work, struct map *map,
			    struct arena *arena, const char *given)
{
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;

	strings_add(&list, given);
	TRY(template_vars(map, arena, &own, &list));
	TRY(template_plan(work, &own, "mine", "our goal", map));
	return template_render(work, &own, "one", map);
}

static struct error *render_to(struct oid *tree, const char *given)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(map_release) struct map map = MAP_INIT;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT;

	TRY(workspace_open(&work, project.repo, &oid_zero));
	TRY(render(work, &map, &arena, given));
	return workspace_write_tree(tree, work);
}

static void the_repositorys_own_are_listed_with_the_builtin(void **state)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	(void)state;
	put_own();
	put(&box, ".orch/templates/README.md", "no template\n");
	ok(open_own("own"));
	assert_false(own.builtin);
	same(own.title, "Our own");
	assert_int_equal(own.vars.len, 2);
	ok(template_names(&names, &project));
	assert_true(strings_has(&names, "own"));
	assert_true(strings_has(&names, "cli-tool"));
	assert_false(strings_has(&names, "README.md"));
}

static void an_own_one_wins_over_the_builtin(void **state)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	size_t n = 0;

	(void)state;
	put_own();
	sh(&box, "mv repo/.orch/templates/own repo/.orch/templates/cli-tool");
	ok(open_own("cli-tool"));
	assert_false(own.builtin);
	same(own.title, "Our own");
	ok(template_names(&names, &project));
	FOR_EACH (char *, name, &names)
		n += !strcmp(*name, "cli-tool");
	assert_int_equal(n, 1);
	ok(open_own("api-service"));
	assert_true(own.builtin);
}

static void it_is_read_from_the_base_not_the_files(void **state)
{
	(void)state;
	put_own();
	ok(open_own("own"));
	put(&box, OWN "template.yaml", "title: Edited\n");
	template_release(&own);
	ok(template_open(&own, &project, "own"));
	same(own.title, "Our own");
}

static void a_plan_is_rendered_with_id_goal_and_variables(void **state)
{
	struct oid tree = { { 0 } };
	char hex[OID_HEX];

	(void)state;
	put_own();
	ok(open_own("own"));
	ok(render_to(&tree, "who=us: \"all\""));
	oid_hex(hex, &tree);
	prints("version: 1\nid: mine\ntitle: The tool\n"
	       "goal: our goal # why\ntemplate: own\nvars:\n"
	       "  - name: name\n    value: tool\n"
	       "  - name: who\n    value: 'us: \"all\"'",
	       &box, "git -C repo show %s:.orch/plans/mine/plan.yaml", hex);
	prints("version: 1\nid: one\ntitle: First of tool", &box,
	       "git -C repo show %s:.orch/plans/mine/phases/one.yaml", hex);
}

static void a_value_with_yaml_in_it_stays_a_value(void **state)
{
	struct oid tree = { { 0 } };
	char hex[OID_HEX];

	(void)state;
	put_own();
	put(&box, OWN "phases/two.yaml",
	    "version: 1\nid: two # {{who}}\ntitle: Of {{who}} # whose\n");
	put(&box, OWN "plan.yaml", "version: 1\nid: x\ntitle: {{who}}\n");
	ok(open_own("own"));
	ok(render_to(&tree, "who=a: b # c"));
	oid_hex(hex, &tree);
	prints("version: 1\nid: two # a: b # c\ntitle: \"Of a: b # c\" # whose",
	       &box, "git -C repo show %s:.orch/plans/mine/phases/two.yaml",
	       hex);
	prints("title: \"a: b # c\"", &box,
	       "git -C repo show %s:.orch/plans/mine/plan.yaml | grep ^title",
	       hex);
	put(&box, OWN "phases/two.yaml", "id: [{{who}}\n");
	ok(open_own("own"));
	fails(ERROR_INVALID, "template 'own': phases/two.yaml: line 2",
	      render_to(&tree, "who=us"));
}

static void files_are_rendered_with_their_paths_and_modes(void **state)
{
	struct oid tree = { { 0 } };
	char hex[OID_HEX];

	(void)state;
	put_own();
	ok(open_own("own"));
	ok(render_to(&tree, "who=us"));
	oid_hex(hex, &tree);
	prints("100644 data\n100755 run.sh\n100644 src/tool/tool.c", &box,
	       "git -C repo ls-tree -r %s | grep -v orch/ | "
	       "sed 's/ .*\\t/ /'",
	       hex);
	prints("/* tool by us; {{not}} */", &box,
	       "git -C repo show %s:src/tool/tool.c", hex);
	prints("{\"a\": {\"b\": 1}}", &box, "git -C repo show %s:data", hex);
}

static void a_variable_without_a_default_has_to_be_given(void **state)
{
	struct oid tree;

	(void)state;
	put_own();
	ok(open_own("own"));
	fails(ERROR_USAGE, "template 'own' needs 'who'",
	      render_to(&tree, "name=x"));
}

/* One file of the template is replaced; opening or rendering it fails. */
static void broken(const char *path, const char *text, const char *message)
{
	char *full = xasprintf(OWN "%s", path);
	struct oid tree;

	sh(&box, "rm -rf repo/.orch");
	put_own();
	if (text)
		put(&box, full, text);
	else
		sh(&box, "rm -r 'repo/%s'", full);
	struct error *err = open_own("own");
	if (!err)
		err = render_to(&tree, "who=us");
	if (!err || err->code != ERROR_INVALID ||
	    !strstr(err->message, message))
		fail_msg("%s: %s", path, err ? err->message : "no error");
	error_free(err);
	free(full);
}

static void a_broken_template_is_named_with_what_is_wrong(void **state)
{
	(void)state;
	broken("template.yaml", NULL, "template 'own' has no template.yaml");
	broken("template.yaml", "title: [", "template 'own': template.yaml");
	broken("template.yaml", "vars:\n  - default: x\n",
	       "line 2: a variable without a name");
	broken("plan.yaml", NULL, "template 'own' has no plan.yaml");
	broken("plan.yaml", "title: {{nme}}\n", "'nme'");
	broken("plan.yaml", "title: {{name\n", "template 'own': plan.yaml");
	broken("phases", NULL, "template 'own' has no phases");
	broken("phases/two.yaml", "id: {{tow}}\n", "phases/two.yaml");
	broken("files/one/data", "\n\n{{nothing}}\n", "files/one/data");
	broken("files/one/{{nothing}}", "x\n", "'nothing'");
}

static void a_path_that_leads_out_is_refused(void **state)
{
	struct oid tree;

	(void)state;
	put_own();
	put(&box, OWN "files/one/{{who}}", "x\n");
	ok(open_own("own"));
	fails(ERROR_REFUSED, "..", render_to(&tree, "who=../out"));
	fails(ERROR_REFUSED, ".git", render_to(&tree, "who=.git/config"));
	fails(ERROR_REFUSED, "absolute", render_to(&tree, "who=/etc/passwd"));
	fails(ERROR_REFUSED, "", render_to(&tree, "who="));
}

static void a_link_in_a_template_is_refused(void **state)
{
	(void)state;
	put_own();
	sh(&box, "ln -s /etc/passwd repo/" OWN "files/one/link");
	fails(ERROR_INVALID, "files/one/link is a symbolic link",
	      open_own("own"));
}

static void a_phase_without_files_is_an_answer_not_an_error(void **state)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(map_release) struct map none = MAP_INIT;

	(void)state;
	put_own();
	ok(open_own("own"));
	ok(workspace_open(&work, project.repo, &oid_zero));
	fails(ERROR_NO, "template 'own' has no files for phase 'two'",
	      template_render(work, &own, "two", &none));
	/* Nor for one whose name begins another's. */
	fails(ERROR_NO, "phase 'on'", template_render(work, &own, "on", &none));
}

static void a_name_that_is_no_id_is_just_unknown(void **state)
{
	(void)state;
	put_own();
	fails(ERROR_NOT_FOUND, "there is no template '../own'",
	      open_own("../own"));
	fails(ERROR_NOT_FOUND, "there is no template ''", open_own(""));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_builtin_ones_are_there),
		cmocka_unit_test(an_unknown_one_is_named_with_its_neighbour),
		cmocka_unit_test(variables_have_to_match_their_pattern),
		cmocka_unit_test(a_variable_it_does_not_have_is_refused),
		TEST(the_repositorys_own_are_listed_with_the_builtin),
		TEST(an_own_one_wins_over_the_builtin),
		TEST(it_is_read_from_the_base_not_the_files),
		TEST(a_plan_is_rendered_with_id_goal_and_variables),
		TEST(a_value_with_yaml_in_it_stays_a_value),
		TEST(files_are_rendered_with_their_paths_and_modes),
		TEST(a_variable_without_a_default_has_to_be_given),
		TEST(a_broken_template_is_named_with_what_is_wrong),
		TEST(a_path_that_leads_out_is_refused),
		TEST(a_link_in_a_template_is_refused),
		TEST(a_phase_without_files_is_an_answer_not_an_error),
		TEST(a_name_that_is_no_id_is_just_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

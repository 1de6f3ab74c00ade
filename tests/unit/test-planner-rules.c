/* Which globs meet, which phases get in each other's way, what a goal is. */
#include "tests/unit/opened.h"

#include "plans/overlap.h"
#include "plans/planner-step.h"

static void globs_meet_when_one_path_matches_both(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		int meet;
	} rows[] = {
		{ "a", "a", 1 },
		{ "a", "b", 0 },
		{ "./a", "a", 1 },
		{ "src/a.c", "src/*.c", 1 },
		{ "src/a.h", "src/*.c", 0 },
		{ "src/x/a.c", "src/*.c", 0 },
		{ "src/x/a.c", "src/**/*.c", 1 },
		{ "src/a.c", "src/**/*.c", 1 },
		{ "src/**", "src/x/y", 1 },
		{ "src/", "src/x/y", 1 },
		{ "lib/", "src/x/y", 0 },
		{ "**", "anything/at/all", 1 },
		{ "**/x", "y/**", 1 },
		{ "a*c", "*b*", 1 },
		{ "a*c", "b*", 0 },
		{ "a?c", "abc", 1 },
		{ "a?c", "ac", 0 },
		{ "*.c", "*.h", 0 },
		{ "a*", "*a", 1 },
		{ "*", "a/b", 0 },
		{ "x/[ab]", "x/a", 1 },
		{ "x/{a,b}", "y/a", 0 },
		{ "a/b", "a", 0 },
		{ "A.txt", "a.txt", 1 },
		{ "Src/*.c", "src/x.C", 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (globs_overlap(rows[i].a, rows[i].b) != rows[i].meet ||
		    globs_overlap(rows[i].b, rows[i].a) != rows[i].meet)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

/* A plan of documents that are a phase's id, files and dependencies. */
static void read_phases(struct plan *plan, const char *const (*rows)[3],
			size_t n)
{
	put(&box, ".orch/plans/p/plan.yaml",
	    "version: 1\nid: p\ntitle: P\ngoal: x\n");
	for (size_t i = 0; i < n; i++) {
		char *path =
			xasprintf(".orch/plans/p/phases/%s.yaml", rows[i][0]);
		char *text = xasprintf("version: 1\nid: %s\ntitle: T\n"
				       "files: {modify: [%s]}\n%s",
				       rows[i][0], rows[i][1], rows[i][2]);

		put(&box, path, text);
		free(path);
		free(text);
	}
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	ok(plan_read(plan, project.repo, &project.base.tree, "p", NULL));
}

static void only_phases_side_by_side_are_in_each_others_way(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		{ "a", "x", "" },
		{ "b", "x", "depends_on: [a]\n" },
		{ "c", "x", "depends_on: [b]\n" },
		{ "d", "y", "" },
		{ "e", "'*'", "depends_on: [c]\n" },
		{ "f", "x", "status: skipped\nreason: not needed\n" },
		{ "g", "x", "status: done\n" },
	};
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;

	read_phases(&plan, rows, 7);
	overlap_check(&plan, &found);
	assert_int_equal(found.len, 1);
	same(found.items[0].message,
	     "phases 'd' and 'e' both touch 'y', and neither waits for the "
	     "other");
	same(found.items[0].rule, "overlap");
}

static void
a_file_where_another_phase_needs_a_folder_is_in_its_way(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		{ "a", "x", "" },          { "b", "X/y", "" },
		{ "c", "./z", "" },        { "d", "z/**", "" },
		{ "e", "src/a.c", "" },    { "f", "src/**/n.c", "" },
		{ "g", "src/a.c.in", "" },
	};
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;

	read_phases(&plan, rows, 7);
	overlap_check(&plan, &found);
	assert_int_equal(found.len, 2);
	same(found.items[0].message,
	     "phases 'a' and 'b' both touch 'x', and neither waits for the "
	     "other");
	assert_non_null(strstr(found.items[1].message, "'c' and 'd'"));
}

static void goal_is(const char *goal, const char *source, const char *want)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct plan_request request = { .goal = goal };

	if (source) {
		buf_str(&text, source);
		request.source = &text;
	}
	CLEANUP(free_str) char *got = planner_goal_text(&request);
	same(got, want);
}

static void a_goal_is_what_was_said_or_how_the_text_begins(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	goal_is(" a goal\n", NULL, "a goal");
	goal_is("a goal", "a text", "a goal");
	goal_is(NULL, "# A text\n\nof lines\n", "# A text\n\nof lines");
	goal_is("", "a text", "a text");
	goal_is(NULL, NULL, "");
	buf_str(&text, "\n\n## The heading \r\n");
	while (text.len < 3000)
		buf_str(&text, "more\n");
	goal_is(NULL, text.data, "The heading");
}

static void workflows_have_names(void **state)
{
	(void)state;
	static const char *const names[] = { "micro", "single", "hybrid" };
	enum plan_workflow workflow = WORKFLOW_SINGLE;

	for (size_t i = 0; i < 3; i++) {
		ok(workflow_parse(&workflow, names[i]));
		assert_int_equal(workflow, i);
	}
	fails(ERROR_USAGE, "no workflow 'macro'",
	      workflow_parse(&workflow, "macro"));
	assert_int_equal(workflow, WORKFLOW_HYBRID);
}

static void a_plan_is_found_by_its_goal_unless_it_was_given_up(void **state)
{
	(void)state;
	char *id;

	put(&box, ".orch/plans/one/plan.yaml",
	    "version: 1\nid: one\ntitle: One\ngoal: the first\n");
	put(&box, ".orch/plans/two/plan.yaml",
	    "version: 1\nid: two\ntitle: Two\ngoal: the second\n"
	    "abandoned: no use\n");
	commit_all(&box);
	sh(&box, "cd repo && git checkout -q -b orch/three/plan && "
		 "mkdir .orch/plans/three && printf 'version: 1\\nid: three\\n"
		 "title: T\\ngoal: the third\\n' >.orch/plans/three/plan.yaml "
		 "&& git add -A && git commit -qm x && git checkout -q main");
	ok(open_at(&project, &box, NULL));
	ok(planner_find(&id, &project, "the first"));
	same(id, "one");
	free(id);
	ok(planner_find(&id, &project, "the third"));
	same(id, "three");
	free(id);
	ok(planner_find(&id, &project, "the second"));
	assert_null(id);
	ok(planner_find(&id, &project, "the"));
	assert_null(id);
}

static void only_agents_with_a_provider_can_be_asked(void **state)
{
	(void)state;
	put(&box, ".orch/config.yaml",
	    "version: 1\nproviders: [{name: x, driver: command, command: y}]\n"
	    "agents: [{name: v, role: validator, provider: x}]\n");
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	assert_false(planner_can_ask(&project.config));
	put(&box, ".orch/config.yaml",
	    "version: 1\nproviders: [{name: x, driver: command, command: y}]\n"
	    "agents: [{name: d, role: developer, provider: x}]\n");
	commit_all(&box);
	ok(project_reload(&project));
	assert_true(planner_can_ask(&project.config));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(globs_meet_when_one_path_matches_both),
		TEST(only_phases_side_by_side_are_in_each_others_way),
		TEST(a_file_where_another_phase_needs_a_folder_is_in_its_way),
		TEST(a_goal_is_what_was_said_or_how_the_text_begins),
		TEST(workflows_have_names),
		TEST(a_plan_is_found_by_its_goal_unless_it_was_given_up),
		TEST(only_agents_with_a_provider_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Plans and phases, read from trees of real repositories. */
#include "tests/unit/project.h"

#include "plans/plan.h"

#include <time.h>

#define PHASES ".orch/plans/todo/phases/"

static struct scratch box;
static struct project project;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	put(&box, ".orch/plans/todo/plan.yaml",
	    "version: 1\nid: todo\ntitle: Todo\ngoal: A list\n"
	    "template: api\nvars: [{name: port, value: \"80\"}]\n"
	    "checks: [{name: test, run: make test, timeout: 9}]\n"
	    "setup: [{name: deps, run: npm ci, key: [a.json], keep: [n]}]\n");
	put(&box, PHASES "models.yaml",
	    "version: 1\nid: models\ntitle: Models\n");
	put(&box, PHASES "auth.yaml",
	    "version: 1\nid: auth\ntitle: Log in\nsummary: who\n"
	    "depends_on: [models]\npriority: 2\ndue: 2026-12-01\n"
	    "agent: scaffold\nfiles:\n  create: [src/a.c, \"src/*.h\"]\n"
	    "  modify: [b]\n  delete: [c]\nacceptance: [works]\n"
	    "checks: [test]\ncommit: {type: fix, scope: auth}\n"
	    "estimate: {complexity: 3}\nstatus: blocked\nreason: no key\n");
	put(&box, PHASES "README.md", "not a phase\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/* The plan on the base, with what is wrong in it. */
static struct error *read_plan(struct plan *out, struct findings *findings)
{
	commit_all(&box);
	project_release(&project);
	ok(open_at(&project, &box, NULL));
	return plan_read(out, project.repo, &project.base.tree, "todo",
			 findings);
}

/* Exactly one finding, of this rule, in this file and line. */
static void finds(const char *rule, const char *path, unsigned line)
{
	struct findings findings = FINDINGS_INIT;
	struct plan plan = { 0 };

	ok(read_plan(&plan, &findings));
	if (findings.len != 1)
		fail_msg("%zu findings instead of %s", findings.len, rule);
	same(findings.items[0].rule, rule);
	same(findings.items[0].path, path);
	assert_int_equal(findings.items[0].line, line);
	plan_release(&plan);
	findings_release(&findings);
	fails(ERROR_INVALID, path, read_plan(&plan, NULL));
}

static void a_plan_holds_what_its_documents_say(void **state)
{
	struct plan plan = { 0 };
	struct phase *auth, *models;

	(void)state;
	ok(read_plan(&plan, NULL));
	same(plan.id, "todo");
	same(plan.goal, "A list");
	same(plan.path, ".orch/plans/todo/plan.yaml");
	same(plan.template, "api");
	assert_null(plan.abandoned);
	same(map_get(&plan.vars, "port"), "80");
	same(plan.checks.items[0].run, "make test");
	assert_int_equal(plan.checks.items[0].timeout, 9);
	same(plan.checks.items[0].origin, "plan");
	same(plan.setup.items[0].keep.items[0], "n");
	assert_int_equal(plan.phases.len, 2);
	auth = plan_phase(&plan, "auth");
	models = plan_phase(&plan, "models");
	assert_int_equal(auth->index, 0);
	assert_int_equal(models->index, 1);
	same(auth->depends_on.items[0], "models");
	assert_int_equal(auth->depends_at.items[0].line, 5);
	assert_int_equal(auth->depends_at.items[0].column, 14);
	assert_int_equal(auth->priority, 2);
	same(auth->due, "2026-12-01");
	same(auth->agent, "scaffold");
	same(auth->create.items[1], "src/*.h");
	same(auth->modify.items[0], "b");
	same(auth->del.items[0], "c");
	same(auth->commit_type, "fix");
	same(auth->commit_scope, "auth");
	assert_int_equal(auth->complexity, 3);
	assert_int_equal(auth->status, PHASE_BLOCKED);
	same(auth->reason, "no key");
	assert_true(auth->checks_given);
	assert_null(plan_phase(&plan, "plan"));
	/* What is left out has its default. */
	assert_int_equal(models->priority, 3);
	assert_int_equal(models->status, PHASE_PLANNED);
	same(models->commit_type, "feat");
	assert_null(models->agent);
	assert_false(models->checks_given);
	plan_release(&plan);
}

static void a_phase_is_known_by_its_blob(void **state)
{
	struct phase phase;
	char hex[OID_HEX];
	char *blob;

	(void)state;
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	ok(phase_read(&phase, project.repo, &project.base.tree, "todo",
		      "auth"));
	blob = sh_out(&box, "git -C repo rev-parse HEAD:%sauth.yaml", PHASES);
	same(oid_hex(hex, &phase.blob), blob);
	same(phase.path, PHASES "auth.yaml");
	free(blob);
	phase_release(&phase);
	fails(ERROR_NOT_FOUND, "plan 'todo' has no phase 'x'",
	      phase_read(&phase, project.repo, &project.base.tree, "todo",
			 "x"));
	fails(ERROR_NOT_FOUND, "no phase '../plan'",
	      phase_read(&phase, project.repo, &project.base.tree, "todo",
			 "../plan"));
}

static void only_folders_are_plans(void **state)
{
	struct strings ids = STRINGS_INIT;

	(void)state;
	put(&box, ".orch/plans/README.md", "x");
	put(&box, ".orch/plans/a-b/plan.yaml", "x");
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	ok(plan_ids(&ids, project.repo, &project.base.tree));
	assert_int_equal(ids.len, 2);
	same(ids.items[0], "a-b");
	same(ids.items[1], "todo");
	strings_release(&ids);
}

static void a_plan_that_is_not_there_is_not_found(void **state)
{
	static const char *const ids[] = { "x", "..", "plan", "", "README.md" };
	struct plan plan;

	(void)state;
	put(&box, ".orch/plans/README.md", "x");
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		fails(ERROR_NOT_FOUND, "no plan '",
		      plan_read(&plan, project.repo, &project.base.tree, ids[i],
				NULL));
}

static void an_id_is_the_name_of_its_file(void **state)
{
	(void)state;
	put(&box, PHASES "c.yaml", "version: 1\nid: d\ntitle: C\n");
	finds("id-mismatch", PHASES "c.yaml", 2);
}

static void plan_is_no_id_of_a_phase(void **state)
{
	(void)state;
	put(&box, PHASES "plan.yaml", "version: 1\nid: plan\ntitle: C\n");
	finds("reserved-id", PHASES "plan.yaml", 2);
}

static void a_name_that_is_no_id_is_found_once(void **state)
{
	(void)state;
	put(&box, PHASES "A_b.yaml", "version: 1\nid: A_b\ntitle: C\n");
	finds("pattern", PHASES "A_b.yaml", 2);
}

static void a_folder_without_a_plan_is_found(void **state)
{
	(void)state;
	sh(&box, "rm repo/.orch/plans/todo/plan.yaml");
	finds("missing-plan", ".orch/plans/todo/plan.yaml", 0);
}

static void a_status_that_stops_needs_a_reason(void **state)
{
	static const char *const statuses[] = { "failed", "blocked",
						"skipped" };
	char *text;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		text = xasprintf("version: 1\nid: c\ntitle: C\nstatus: %s\n",
				 statuses[i]);
		put(&box, PHASES "c.yaml", text);
		free(text);
		finds("missing-reason", PHASES "c.yaml", 4);
	}
	put(&box, PHASES "c.yaml",
	    "version: 1\nid: c\ntitle: C\nstatus: done\n");
	struct plan plan = { 0 };
	ok(read_plan(&plan, NULL));
	plan_release(&plan);
}

static void globs_that_cannot_match_are_found(void **state)
{
	(void)state;
	put(&box, PHASES "c.yaml",
	    "version: 1\nid: c\ntitle: C\nfiles:\n  create:\n"
	    "    - ok/*.c\n    - src/[a\n");
	finds("bad-glob", PHASES "c.yaml", 7);
	put(&box, PHASES "c.yaml",
	    "version: 1\nid: c\ntitle: C\nfiles: {modify: [a/../b]}\n");
	finds("bad-path", PHASES "c.yaml", 4);
}

static void paths_nobody_may_touch_are_found_at_once(void **state)
{
	static const char *const paths[] = {
		".git/x",   ".GIT/x",   "git~1/x",
		"sub/.git", ".git/**",  "**/.git/hooks/*",
		"../x",     "a/..",     "./.git/x",
		"a//b",     ".git. /x", ".g\xe2\x80\x8cit/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char *text = xasprintf(
			"version: 1\nid: c\ntitle: C\n"
			"files:\n  delete:\n    - ok.c\n    - \"%s\"\n",
			paths[i]);

		put(&box, PHASES "c.yaml", text);
		free(text);
		finds("bad-path", PHASES "c.yaml", 7);
	}
}

static void paths_somebody_may_touch_are_not(void **state)
{
	static const char *const paths[] = {
		".gitignore", "src/",
		"**",         "*.git",
		".git*",      "git~12",
		"a/[.]x/b",   ".github/workflows/ci.yml",
		"{a,b}/x",    "./src/x.c",
	};

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct findings findings = FINDINGS_INIT;
		struct plan plan = { 0 };
		char *text = xasprintf("version: 1\nid: c\ntitle: C\n"
				       "files: {create: [\"%s\"]}\n",
				       paths[i]);

		put(&box, PHASES "c.yaml", text);
		free(text);
		ok(read_plan(&plan, &findings));
		if (findings.len)
			fail_msg("'%s': %s", paths[i],
				 findings.items[0].message);
		findings_release(&findings);
		plan_release(&plan);
	}
}

static void a_path_of_ours_is_worth_a_note(void **state)
{
	static const char *const paths[] = { ".orch/plans/todo/plan.yaml",
					     ".ORCH/x", "./.orch", ".orch/**" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct findings findings = FINDINGS_INIT;
		struct plan plan = { 0 };
		char *text = xasprintf("version: 1\nid: c\ntitle: C\n"
				       "files: {modify: [\"%s\"]}\n",
				       paths[i]);

		put(&box, PHASES "c.yaml", text);
		free(text);
		ok(read_plan(&plan, &findings));
		assert_int_equal(findings.len, 1);
		same(findings.items[0].rule, "protected-path");
		assert_int_equal(findings.items[0].line, 4);
		assert_true(findings.items[0].note);
		findings_release(&findings);
		plan_release(&plan);
	}
}

static void a_due_date_is_a_day_of_the_calendar(void **state)
{
	static const struct {
		const char *due;
		int bad;
	} rows[] = {
		{ "2026-02-30", 1 }, { "2026-02-29", 1 }, { "2028-02-29", 0 },
		{ "2026-04-31", 1 }, { "2026-12-31", 0 }, { "1900-02-29", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct plan plan = { 0 };
		char *text = xasprintf("version: 1\nid: c\ntitle: C\ndue: %s\n",
				       rows[i].due);

		put(&box, PHASES "c.yaml", text);
		free(text);
		if (rows[i].bad) {
			finds("bad-date", PHASES "c.yaml", 4);
			continue;
		}
		ok(read_plan(&plan, NULL));
		plan_release(&plan);
	}
}

static void a_file_that_looks_like_a_phase_is_told(void **state)
{
	(void)state;
	put(&box, PHASES "c.yml", "version: 1\nid: c\ntitle: C\n");
	finds("stray-file", PHASES "c.yml", 0);
	sh(&box, "rm repo/%sc.yml", PHASES);
	put(&box, PHASES "sub/c.yaml", "version: 1\nid: c\ntitle: C\n");
	finds("stray-file", PHASES "sub/c.yaml", 0);
}

static void links_and_giants_are_no_documents(void **state)
{
	(void)state;
	sh(&box, "ln -s auth.yaml repo/%sc.yaml", PHASES);
	finds("not-a-file", PHASES "c.yaml", 0);
	sh(&box,
	   "rm repo/%sc.yaml && yes '# comment' | head -c 1100000 "
	   ">repo/%sc.yaml",
	   PHASES, PHASES);
	finds("too-large", PHASES "c.yaml", 0);
}

static void a_phase_that_does_not_parse_is_there_by_name(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct plan plan = { 0 };

	(void)state;
	put(&box, PHASES "models.yaml", "version: [\n");
	ok(read_plan(&plan, &findings));
	assert_true(findings.len > 0);
	same(plan_phase(&plan, "models")->id, "models");
	plan_release(&plan);
	findings_release(&findings);
}

static void all_that_is_wrong_is_told_at_once(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct plan plan = { 0 };

	(void)state;
	put(&box, PHASES "c.yaml", "version: 2\nid: d\ntitel: C\n");
	ok(read_plan(&plan, &findings));
	findings_sort(&findings);
	assert_int_equal(findings.len, 4);
	same(findings.items[0].rule, "missing-key");
	same(findings.items[1].rule, "const");
	same(findings.items[2].rule, "id-mismatch");
	same(findings.items[3].rule, "unknown-key");
	same(findings.items[3].hint, "did you mean 'title'?");
	plan_release(&plan);
	findings_release(&findings);
}

/* A plan of n phases, through fast-import; returns the seconds to read it. */
static double read_seconds(int n)
{
	struct timespec from, to;
	struct plan plan = { 0 };

	sh(&box,
	   "mkdir -p many && { test -d many/.git || git -C many init -q -b main; } && awk 'BEGIN {"
	   "print \"commit refs/heads/main\\ncommitter A <a@b> 0 +0000\\n"
	   "data 0\\nM 100644 inline .orch/plans/big/plan.yaml\";"
	   "d = \"version: 1\\nid: big\\ntitle: B\\ngoal: B\\n\";"
	   "printf \"data %%d\\n%%s\\n\", length(d), d;"
	   "for (i = 0; i < %d; i++) {"
	   "print \"M 100644 inline .orch/plans/big/phases/p\" i \".yaml\";"
	   "d = \"version: 1\\nid: p\" i \"\\ntitle: Phase \" i \"\\n\";"
	   "if (i) d = d \"depends_on: [p\" (i - 1) \"]\\n\";"
	   "d = d \"files: {create: [src/\" i \".c]}\\nacceptance:\\n"
	   "  - It works\\nstatus: planned\\n\";"
	   "printf \"data %%d\\n%%s\\n\", length(d), d } }' |"
	   "git -C many fast-import --quiet --force",
	   n);
	char *dir = xasprintf("%s/many", box.dir);
	project_release(&project);
	ok(project_open(&project, dir, NULL));
	free(dir);
	clock_gettime(CLOCK_MONOTONIC, &from);
	ok(plan_read(&plan, project.repo, &project.base.tree, "big", NULL));
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_int_equal(plan.phases.len, n);
	plan_release(&plan);
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Quadratic reading would be a hundred times as long. */
static void ten_times_the_phases_take_ten_times_as_long(void **state)
{
	double thousand = read_seconds(1000);
	double ten_thousand = read_seconds(10000);

	(void)state;
	print_message("1,000 phases: %.3f s, 10,000 phases: %.3f s\n", thousand,
		      ten_thousand);
	assert_true(ten_thousand < 40 * thousand + 0.2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_plan_holds_what_its_documents_say),
		TEST(a_phase_is_known_by_its_blob),
		TEST(only_folders_are_plans),
		TEST(a_plan_that_is_not_there_is_not_found),
		TEST(an_id_is_the_name_of_its_file),
		TEST(plan_is_no_id_of_a_phase),
		TEST(a_name_that_is_no_id_is_found_once),
		TEST(a_folder_without_a_plan_is_found),
		TEST(a_status_that_stops_needs_a_reason),
		TEST(globs_that_cannot_match_are_found),
		TEST(paths_nobody_may_touch_are_found_at_once),
		TEST(paths_somebody_may_touch_are_not),
		TEST(a_path_of_ours_is_worth_a_note),
		TEST(a_due_date_is_a_day_of_the_calendar),
		TEST(a_file_that_looks_like_a_phase_is_told),
		TEST(links_and_giants_are_no_documents),
		TEST(a_phase_that_does_not_parse_is_there_by_name),
		TEST(all_that_is_wrong_is_told_at_once),
		TEST(ten_times_the_phases_take_ten_times_as_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

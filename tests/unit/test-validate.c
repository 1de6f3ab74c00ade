/* Validation of trees and files, and how findings are printed. */
#include "tests/unit/project.h"

#include "core/embed.h"
#include "core/json.h"
#include "plans/document.h"
#include "plans/validate.h"

#define CONFIG ".orch/config.yaml"
#define PLAN   ".orch/plans/todo/plan.yaml"
#define PHASES ".orch/plans/todo/phases/"

static struct scratch box;
static struct project project;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	put(&box, CONFIG,
	    "version: 1\nchecks: [{name: test, run: make test}]\n");
	put(&box, PLAN, "version: 1\nid: todo\ntitle: T\ngoal: G\n");
	put(&box, PHASES "a.yaml",
	    "version: 1\nid: a\ntitle: A\nchecks: [test]\n");
	put(&box, PHASES "b.yaml",
	    "version: 1\nid: b\ntitle: B\ndepends_on: [a]\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static struct error *validate(struct findings *out, size_t *checked,
			      const char *plan)
{
	struct project_options options = { .any_config = 1 };

	commit_all(&box);
	project_release(&project);
	ok(open_at(&project, &box, &options));
	return validate_tree(checked, out, &project, &project.base.tree, plan);
}

/* "rule path:line" of every finding, a line each. */
static char *list(const struct findings *findings)
{
	struct buf out = BUF_INIT;

	FOR_EACH (const struct finding, it, findings) {
		const char *path = strstr(it->path, "/.orch/");

		buf_addf(&out, "%s %s:%u\n", it->rule,
			 path ? path + 1 : it->path, it->line);
	}
	return buf_steal(&out);
}

static void lists(const struct findings *findings, const char *expected)
{
	char *text = list(findings);

	same(text, expected);
	free(text);
}

static void tree_lists(const char *expected)
{
	struct findings findings = FINDINGS_INIT;
	size_t checked;

	ok(validate(&findings, &checked, NULL));
	lists(&findings, expected);
	findings_release(&findings);
}

static void sound_documents_have_no_findings(void **state)
{
	struct findings findings = FINDINGS_INIT;
	size_t checked;

	(void)state;
	ok(validate(&findings, &checked, NULL));
	assert_int_equal(findings.len, 0);
	assert_int_equal(checked, 4);
}

static void everything_wrong_is_told_in_order(void **state)
{
	(void)state;
	put(&box, CONFIG,
	    "version: 1\nchecks:\n  - {name: test, run: x}\n"
	    "  - {name: test, run: y}\npolicy: {file: strict}\n"
	    "agents: [{name: d, role: developer, provider: p}]\n");
	put(&box, ".orch/config.ci.yaml", "version: one\n");
	put(&box, PLAN, "version: 1\nid: todu\ntitle: T\n");
	put(&box, PHASES "a.yaml",
	    "version: 1\nid: a\ntitle: A\nagent: nobody\n"
	    "depends_on: [b, c]\nchecks: [tset]\n");
	put(&box, PHASES "b.yaml",
	    "version: 1\nid: b\ntitle: B\n"
	    "depends_on: [a]\nstatus: failed\n");
	tree_lists("type .orch/config.ci.yaml:1\n"
		   "duplicate-name .orch/config.yaml:4\n"
		   "unknown-key .orch/config.yaml:5\n"
		   "unknown-provider .orch/config.yaml:6\n"
		   "unknown-agent .orch/plans/todo/phases/a.yaml:4\n"
		   "cycle .orch/plans/todo/phases/a.yaml:5\n"
		   "unknown-dependency .orch/plans/todo/phases/a.yaml:5\n"
		   "unknown-check .orch/plans/todo/phases/a.yaml:6\n"
		   "missing-reason .orch/plans/todo/phases/b.yaml:5\n"
		   "missing-key .orch/plans/todo/plan.yaml:1\n"
		   "id-mismatch .orch/plans/todo/plan.yaml:2\n");
}

static void a_document_that_does_not_parse_hides_no_other(void **state)
{
	(void)state;
	put(&box, CONFIG, "version: [\n");
	put(&box, PLAN, "a: *b\n");
	put(&box, PHASES "b.yaml", "x\n");
	put(&box, PHASES "c.yaml", "version: 1\nid: c\n");
	struct findings findings = FINDINGS_INIT;
	size_t checked;
	ok(validate(&findings, &checked, NULL));
	assert_int_equal(checked, 5);
	assert_true(findings.len >= 4);
	findings_release(&findings);
}

static void one_plan_can_be_asked_for(void **state)
{
	struct findings findings = FINDINGS_INIT;
	size_t checked;

	(void)state;
	put(&box, ".orch/plans/other/plan.yaml", "x: 1\n");
	ok(validate(&findings, &checked, "todo"));
	assert_int_equal(findings.len, 0);
	ok(validate(&findings, &checked, "other"));
	assert_true(findings.len > 0);
	fails(ERROR_NOT_FOUND, "no plan 'none'",
	      validate(&findings, &checked, "none"));
	findings_release(&findings);
}

static void an_old_schema_is_only_a_note(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct embed file;
	size_t checked;

	(void)state;
	assert_true(embed_find(&file, "schema/phase.json"));
	put(&box, ".orch/schema/phase.json", file.data);
	put(&box, ".orch/schema/plan.json", "{}\n");
	put(&box, ".orch/schema/mine.json", "{}\n");
	ok(validate(&findings, &checked, NULL));
	lists(&findings, "schema-old .orch/schema/plan.json:0\n");
	assert_int_equal(findings_failing(&findings), 0);
	assert_int_equal(checked, 4);
	findings_release(&findings);
}

static void a_missing_overlay_hides_nothing(void **state)
{
	struct project_options options = { .any_config = 1 };
	struct findings findings = FINDINGS_INIT;
	size_t checked;

	(void)state;
	put(&box, PHASES "b.yaml", "version: 1\nid: b\ntitle: B\nx: 1\n");
	commit_all(&box);
	ok(open_at(&project, &box, &options));
	project.options.environment = "prod";
	ok(validate_tree(&checked, &findings, &project, &project.base.tree,
			 NULL));
	lists(&findings, "missing-overlay .orch/config.yaml:0\n"
			 "unknown-key .orch/plans/todo/phases/b.yaml:4\n");
	findings_release(&findings);
}

static void what_is_wrong_in_ones_own_configuration_is_told(void **state)
{
	struct findings findings = FINDINGS_INIT;
	size_t checked;

	(void)state;
	sh(&box, "mkdir -p .config/git-orch && "
		 "echo 'version: 2' >.config/git-orch/config.yaml");
	setenv("ORCH_DELIVERY_LEASE", "x", 1);
	ok(validate(&findings, &checked, NULL));
	unsetenv("ORCH_DELIVERY_LEASE");
	assert_int_equal(findings.len, 2);
	assert_non_null(strstr(findings.items[0].path, "git-orch/config.yaml"));
	same(findings.items[1].path, "ORCH_DELIVERY_LEASE");
	findings_release(&findings);
}

/* The findings of files given by their paths in the repository, to NULL. */
static void files_list(const char *expected, size_t documents, ...)
{
	struct findings findings = FINDINGS_INIT;
	struct strings paths = STRINGS_INIT;
	size_t checked;
	va_list args;
	const char *path;

	commit_all(&box);
	project_release(&project);
	ok(open_at(&project, &box,
		   &(struct project_options){ .any_config = 1 }));
	va_start(args, documents);
	while ((path = va_arg(args, const char *)))
		strings_addf(&paths, "%s/repo/%s", box.dir, path);
	va_end(args);
	ok(validate_files(&checked, &findings, &project, &paths));
	assert_int_equal(checked, documents);
	lists(&findings, expected);
	findings_release(&findings);
	strings_release(&paths);
}

static void files_are_judged_with_their_neighbours(void **state)
{
	(void)state;
	put(&box, PHASES "b.yaml",
	    "version: 1\nid: b\ntitle: B\ndepends_on: [aa]\nchecks: [tst]\n");
	files_list("unknown-dependency " PHASES "b.yaml:4\n"
		   "unknown-check " PHASES "b.yaml:5\n",
		   1, PHASES "b.yaml", NULL);
	/* Two files of a plan tell the same thing once. */
	files_list("unknown-dependency " PHASES "b.yaml:4\n"
		   "unknown-check " PHASES "b.yaml:5\n",
		   2, PHASES "b.yaml", PLAN, NULL);
}

static void what_is_wrong_inside_a_neighbour_is_its_own(void **state)
{
	(void)state;
	put(&box, PHASES "a.yaml", "version: 1\nid: a\nnonsense: 1\n");
	files_list("", 1, PHASES "b.yaml", NULL);
	files_list("missing-key " PHASES "a.yaml:1\n"
		   "unknown-key " PHASES "a.yaml:3\n",
		   1, PHASES "a.yaml", NULL);
}

static void the_configuration_beside_a_file_counts(void **state)
{
	(void)state;
	commit_all(&box);
	put(&box, CONFIG,
	    "version: 1\nchecks: [{name: lint, run: make lint}]\n");
	put(&box, PHASES "b.yaml",
	    "version: 1\nid: b\ntitle: B\nchecks: [lint]\n");
	sh(&box, "rm repo/" PHASES "a.yaml");
	files_list("", 2, PHASES "b.yaml", CONFIG, NULL);
}

static void a_file_anywhere_is_judged_by_what_it_holds(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct strings paths = STRINGS_INIT;
	size_t checked;

	(void)state;
	put(&box, "draft.yaml",
	    "version: 1\nid: x\ntitle: X\n"
	    "acceptance: [y]\nstatus: blocked\n");
	put(&box, "notes.yaml", "a: b\n");
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	strings_addf(&paths, "%s/repo/draft.yaml", box.dir);
	strings_addf(&paths, "%s/repo/notes.yaml", box.dir);
	ok(validate_files(&checked, &findings, &project, &paths));
	assert_int_equal(findings.len, 2);
	same(findings.items[0].rule, "missing-reason");
	assert_int_equal(findings.items[0].line, 5);
	same(findings.items[1].rule, "unknown-kind");
	strings_addf(&paths, "%s/repo/none.yaml", box.dir);
	fails(ERROR_NOT_FOUND, "none.yaml",
	      validate_files(&checked, &findings, &project, &paths));
	strings_release(&paths);
	findings_release(&findings);
}

static void findings_are_printed_as_json(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct tree tree = TREE_INIT;
	struct buf text = BUF_INIT;

	(void)state;
	finding_hint(finding_put(&findings, "type", "a.yaml",
				 (struct place){ 2, 3 }, "bad"),
		     "mend it");
	finding_put(&findings, "old", "b", (struct place){ 0, 0 }, "old")
		->note = 1;
	findings_json(&tree, 7, &findings);
	json_print(&text, tree.root);
	same(text.data,
	     "{\"version\":1,\"checked\":7,\"findings\":["
	     "{\"rule\":\"type\",\"path\":\"a.yaml\",\"line\":2,\"column\":3,"
	     "\"message\":\"bad\",\"hint\":\"mend it\",\"note\":false},"
	     "{\"rule\":\"old\",\"path\":\"b\",\"line\":0,\"column\":0,"
	     "\"message\":\"old\",\"hint\":null,\"note\":true}]}");
	buf_release(&text);
	tree_release(&tree);
	findings_release(&findings);
}

static const char *at(const struct tree *tree, size_t result, const char *path)
{
	const struct value *runs = value_get(tree->root, "runs");
	const struct value *it = value_get(runs->child, "results")->child;

	while (result--)
		it = it->next;
	return value_text(value_path(it, path), NULL);
}

static void findings_are_printed_as_sarif(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct tree tree = TREE_INIT;
	const struct value *place, *run;

	(void)state;
	finding_put(&findings, "type", "a b/ä.yaml", (struct place){ 2, 3 },
		    "bad");
	finding_put(&findings, "type", "a b/ä.yaml", (struct place){ 9, 1 },
		    "bad");
	finding_put(&findings, "old", "b", (struct place){ 0, 0 }, "old")
		->note = 1;
	findings_sarif(&tree, &findings);
	same(value_text(value_get(tree.root, "version"), ""), "2.1.0");
	run = value_get(tree.root, "runs")->child;
	same(value_text(value_path(run, "tool.driver.name"), ""), "git-orch");
	assert_int_equal(value_path(run, "tool.driver.rules")->count, 2);
	same(at(&tree, 0, "ruleId"), "type");
	same(at(&tree, 0, "level"), "error");
	same(at(&tree, 0, "message.text"), "bad");
	same(at(&tree, 2, "level"), "note");
	place = value_get(value_get(run, "results")->child, "locations")->child;
	same(value_text(value_path(place, "physicalLocation.artifactLocation."
					  "uri"),
			""),
	     "a%20b/%C3%A4.yaml");
	assert_int_equal(value_int(value_path(place, "physicalLocation.region."
						     "startLine"),
				   0),
			 2);
	findings_release(&findings);
	tree_release(&tree);
}

/* Code scanning knows a finding again when lines above it move. */
static void a_fingerprint_does_not_depend_on_the_line(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct tree one = TREE_INIT, two = TREE_INIT;
	const char *const path = "partialFingerprints.gitOrch/v1";

	(void)state;
	finding_put(&findings, "r", "a", (struct place){ 1, 1 }, "x");
	finding_put(&findings, "r", "a", (struct place){ 2, 1 }, "x");
	finding_put(&findings, "r", "a", (struct place){ 3, 1 }, "y");
	findings_sarif(&one, &findings);
	findings.items[0].line = 5;
	findings_sarif(&two, &findings);
	same(at(&one, 0, path), at(&two, 0, path));
	assert_string_not_equal(at(&one, 0, path), at(&one, 1, path));
	assert_string_not_equal(at(&one, 0, path), at(&one, 2, path));
	findings_release(&findings);
	tree_release(&one);
	tree_release(&two);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sound_documents_have_no_findings),
		TEST(everything_wrong_is_told_in_order),
		TEST(a_document_that_does_not_parse_hides_no_other),
		TEST(one_plan_can_be_asked_for),
		TEST(an_old_schema_is_only_a_note),
		TEST(a_missing_overlay_hides_nothing),
		TEST(what_is_wrong_in_ones_own_configuration_is_told),
		TEST(files_are_judged_with_their_neighbours),
		TEST(what_is_wrong_inside_a_neighbour_is_its_own),
		TEST(the_configuration_beside_a_file_counts),
		TEST(a_file_anywhere_is_judged_by_what_it_holds),
		cmocka_unit_test(findings_are_printed_as_json),
		cmocka_unit_test(findings_are_printed_as_sarif),
		cmocka_unit_test(a_fingerprint_does_not_depend_on_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

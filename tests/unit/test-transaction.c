/* A phase from claim to proposal, and what people do to it meanwhile. */
#include "tests/unit/transaction.h"

#define DOCUMENT(id) ".orch/plans/small/phases/" id ".yaml"

static void a_phase_is_done_on_its_own_branch(void **state)
{
	struct oid base;

	(void)state;
	begin_with("grep -q \"this is\" ?.txt");
	base = project.base.commit;
	ok(run(NULL));
	same(out.plan, "small");
	same(out.phase, "a");
	same(out.title, "Phase a");
	same(out.branch, "orch/small/a");
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(out.attempts, 1);
	assert_false(out.resumed);
	assert_int_equal(out.findings.len, 0);
	assert_int_equal(out.checks.len, 1);
	assert_int_equal(out.files.len, 1);
	struct oid tip = resolve(&project, "orch/small/a"), parent;
	assert_true(oid_equal(&tip, &out.commit));
	ok(commit_parent(&parent, project.repo, &tip, 0));
	assert_true(oid_equal(&parent, &base));
	parent = resolve(&project, "refs/orch/base/small/a");
	assert_true(oid_equal(&parent, &base));
	prints("A\t.orch/plans/small/docs/phases/a.md\n"
	       "M\t" DOCUMENT("a") "\nA\ta.txt",
	       &box, "git -C repo diff --name-status main orch/small/a");
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	expect_tidy();
}

static void its_commit_says_what_and_who(void **state)
{
	char *expected;

	(void)state;
	put_small(&box, OFF);
	put_phase(&box, "small", "a",
		  "summary: What it is about.\nfiles: {create: [a.txt]}\n"
		  "commit: {type: fix, scope: core}\n");
	small_open(&project, &box);
	ok(run("a"));
	expected = xasprintf("fix(core): Phase a\n\nWhat it is about.\n\n"
			     "Orch-Plan: small\nOrch-Phase: a\nOrch-Run: %s\n"
			     "Assisted-by: scaffold:scaffold\n",
			     out.run);
	prints(expected, &box, "git -C repo log -1 --format=%%B orch/small/a");
	prints("Ada Author Carl Committer", &box,
	       "git -C repo log -1 --format='%%an %%cn' orch/small/a");
	free(expected);
}

/* The document of a phase on its branch, parsed and without a finding. */
static void read_result(struct document *document, const char *phase)
{
	struct findings findings = FINDINGS_INIT;
	char *path = xasprintf(".orch/plans/small/phases/%s.yaml", phase);
	char *text = sh_out(&box, "git -C repo show orch/small/%s:%s; echo",
			    phase, path);

	ok(document_parse(document, DOCUMENT_PHASE, path, text, strlen(text),
			  &findings));
	if (findings.len)
		fail_msg("%s\n%s", findings.items[0].message, text);
	findings_release(&findings);
	free(path);
	free(text);
}

static const char *field(const struct document *document, const char *path)
{
	return value_text(value_path(document->tree.root, path), "");
}

static void its_document_has_the_evidence(void **state)
{
	struct document document = DOCUMENT_INIT;
	char hex[OID_HEX];
	struct oid tree, source;

	(void)state;
	begin_with("echo fine");
	ok(run("a"));
	read_result(&document, "a");
	same(field(&document, "status"), "done");
	same(field(&document, "reason"), "");
	same(field(&document, "result.start"),
	     oid_hex(hex, &project.base.commit));
	tree = tree_of(&project, "orch/small/a");
	ok(tree_without(&source, project.repo, &tree, ".orch"));
	same(field(&document, "result.source"), oid_hex(hex, &source));
	char *blob = sh_out(&box, "git -C repo rev-parse main:" DOCUMENT("a"));
	same(field(&document, "result.spec"), blob);
	free(blob);
	same(field(&document, "result.attempts"), "1");
	const struct value *check =
		value_path(document.tree.root, "result.checks")->child;
	same(value_text(value_get(check, "name"), ""), "t");
	same(value_text(value_get(check, "exit"), ""), "0");
	same(value_text(value_get(check, "sandbox"), ""), "off");
	assert_memory_equal(value_text(value_get(check, "output"), ""),
			    "sha256:", 7);
	assert_null(value_get(check, "tail"));
	const struct value *file =
		value_path(document.tree.root, "result.files")->child;
	same(value_text(value_get(file, "path"), ""), "a.txt");
	same(value_text(value_get(file, "change"), ""), "create");
	same(value_text(value_get(file, "declared"), ""), "true");
	const struct value *agent =
		value_path(document.tree.root, "result.agents")->child;
	same(value_text(value_get(agent, "role"), ""), "developer");
	document_release(&document);
}

static void all_else_a_person_wrote_stays_byte_for_byte(void **state)
{
	static const char text[] =
		"# yaml-language-server: $schema=../../../schema/phase.json\n"
		"version: 1   # one\n\n\n"
		"id: a\n"
		"title:   \"Phase a\"\n"
		"agent: scaffold\n"
		"status: planned # the tool's\n"
		"files: {create:   [a.txt]}\n"
		"objectives:\n"
		"  - |\n"
		"    as it  is\n\n"
		"# the end\n";

	(void)state;
	put_small(&box, OFF);
	put(&box, DOCUMENT("a"), text);
	small_open(&project, &box);
	ok(run("a"));
	sh(&box, "git -C repo show main:" DOCUMENT(
			 "a") " >before && "
			      "git -C repo show orch/small/a:" DOCUMENT(
				      "a") " >after");
	/* Lines are added, one is changed in its value, none is lost. */
	prints("status: planned # the tool's", &box,
	       "diff before after | sed -n 's/^< //p'");
	prints("status: done # the tool's", &box,
	       "diff before after | sed -n 's/^> //p' | head -1");
	prints("0", &box,
	       "diff before after | sed -n 's/^> //p' | sed 1d | "
	       "grep -vc '^result:\\|^  '; true");
}

static void a_granted_path_is_recorded_as_not_declared(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	put_small(&box, OFF);
	put(&box, ".orch/templates/small/files/a/more.txt", "more\n");
	small_open(&project, &box);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	read_result(&document, "a");
	const struct value *file =
		value_path(document.tree.root, "result.files")->child->next;
	same(value_text(value_get(file, "path"), ""), "more.txt");
	same(value_text(value_get(file, "declared"), ""), "false");
	document_release(&document);
}

static void a_page_is_written_without_times(void **state)
{
	(void)state;
	put_small(&box, OFF "checks: [{name: t, run: 'true'}]\n");
	put_phase(&box, "small", "a",
		  "summary: In short.\nfiles: {create: [a.txt]}\n"
		  "acceptance: [It is there]\n");
	small_open(&project, &box);
	ok(run("a"));
	prints("# Phase a\n\nIn short.\n\nPhase `a` of plan `small`.\n\n"
	       "## Acceptance criteria\n\n- It is there\n\n"
	       "## Files\n\n- create `a.txt`\n\n"
	       "## Checks\n\n- `t`: exit 0, sandbox off",
	       &box,
	       "git -C repo show "
	       "orch/small/a:.orch/plans/small/docs/phases/a.md");
}

static void a_failed_phase_changes_only_its_document(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_with("echo because; exit 2");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(out.findings.len, 1);
	prints("M\t" DOCUMENT("a"), &box,
	       "git -C repo diff --name-status main orch/small/a");
	read_result(&document, "a");
	same(field(&document, "status"), "failed");
	same(field(&document, "reason"), "check 't' failed: exit 2");
	const struct value *check =
		value_path(document.tree.root, "result.checks")->child;
	same(value_text(value_get(check, "exit"), ""), "2");
	same(value_text(value_get(check, "tail"), ""), "because\n");
	document_release(&document);
	/* What was refused is there to be looked at, and is not pushed. */
	prints("this is a", &box,
	       "git -C repo show refs/orch/attempt/small/a/1:a.txt");
	assert_int_equal(status_of("a"), STATUS_FAILED);
	expect_tidy();
}

static void whatever_a_check_prints_the_document_holds(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	put_small(&box, OFF "checks: [{name: t, run: sh talk}]\n");
	put(&box, "talk",
	    "printf '  - a: b # c\\n\\ttab \"q\" %s\\n\\n---\\n...\\n' x\n"
	    "printf 'bom \\357\\273\\277 ls \\342\\200\\250 nel \\302\\205\\n'\n"
	    "printf 'non \\357\\277\\276 \\357\\277\\277 \\360\\237\\230\\200\\n'\n"
	    "printf 'bad \\377\\300 \\355\\240\\200\\nend  \\n\\n'\n"
	    "exit 1\n");
	small_open(&project, &box);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	read_result(&document, "a");
	const struct value *check =
		value_path(document.tree.root, "result.checks")->child;
	same(value_text(value_get(check, "tail"), ""),
	     out.checks.items[0].tail);
	assert_non_null(strstr(out.checks.items[0].tail, "\ttab \"q\" x\n"));
	assert_non_null(strstr(out.checks.items[0].tail, "bad ?? ???\nend"));
	assert_non_null(strstr(out.checks.items[0].tail, "\xf0\x9f\x98\x80"));
	document_release(&document);
}

static void what_a_gate_refuses_is_a_failed_phase(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	put_small(&box, OFF);
	put(&box, ".orch/templates/small/files/a/.gitattributes", "* eol=lf\n");
	put(&box, ".orch/templates/small/files/a/.gitmodules", "x\n");
	small_open(&project, &box);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(out.findings.len, 2);
	read_result(&document, "a");
	assert_int_equal(value_path(document.tree.root, "result.notes")->count,
			 2);
	document_release(&document);
}

static void a_worker_that_cannot_is_a_failed_phase(void **state)
{
	struct document document = DOCUMENT_INIT;
	char hex[OID_HEX];
	struct oid tree, source;

	(void)state;
	put_small(&box, OFF);
	put_phase(&box, "small", "d", "files: {create: [d.txt]}\n");
	small_open(&project, &box);
	ok(run("d"));
	assert_int_equal(out.status, PHASE_FAILED);
	read_result(&document, "d");
	same(field(&document, "reason"),
	     "template 'small' has no files for phase 'd'");
	tree = tree_of(&project, "main");
	ok(tree_without(&source, project.repo, &tree, ".orch"));
	same(field(&document, "result.source"), oid_hex(hex, &source));
	document_release(&document);
}

static void a_phase_may_only_delete(void **state)
{
	(void)state;
	put_small(&box, OFF);
	put(&box, "old/one.c", "1\n");
	put(&box, "old/two.c", "2\n");
	put(&box, "old/keep.h", "3\n");
	put_phase(&box, "small", "d", "files: {delete: [\"old/*.c\"]}\n");
	small_open(&project, &box);
	ok(run("d"));
	assert_int_equal(out.status, PHASE_DONE);
	prints("D\told/one.c\nD\told/two.c", &box,
	       "git -C repo diff --name-status main orch/small/d -- old");
}

static void a_failed_phase_is_started_again_only_by_name(void **state)
{
	struct oid failed, parent;

	(void)state;
	begin_with("test -e %s/pass", box.dir);
	ok(run("a"));
	failed = out.commit;
	ok(run(NULL));
	same(out.phase, "b");
	fails(ERROR_NOTHING, "no phase is ready", run(NULL));
	sh(&box, "touch pass");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	ok(commit_parent(&parent, project.repo, &out.commit, 0));
	assert_true(oid_equal(&parent, &project.base.commit));
	assert_false(oid_equal(&failed, &out.commit));
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	expect_tidy();
}

static void what_each_failed_run_made_is_kept(void **state)
{
	(void)state;
	begin_with("exit 1");
	ok(run("a"));
	ok(run("a"));
	prints("1\n2", &box,
	       "git -C repo for-each-ref --format='%%(refname:lstrip=5)' "
	       "refs/orch/attempt/small/a");
	prints("this is a\nthis is a", &box,
	       "git -C repo show refs/orch/attempt/small/a/1:a.txt "
	       "refs/orch/attempt/small/a/2:a.txt");
}

static void what_is_named_must_be_startable(void **state)
{
	(void)state;
	put_small(&box, OFF);
	put_phase(&box, "small", "d",
		  "files: {create: [d]}\nreason: no hands\n");
	sh(&box, "sed -i s/planned/blocked/ repo/" DOCUMENT("d"));
	put_phase(&box, "small", "e", "files: {create: [e]}\nreason: no\n");
	sh(&box, "sed -i s/planned/skipped/ repo/" DOCUMENT("e"));
	small_open(&project, &box);
	fails(ERROR_NOT_FOUND, "plan 'small' has no phase 'x'", run("x"));
	fails(ERROR_NOTHING, "phase 'c' waits for a, b", run("c"));
	fails(ERROR_NOTHING, "'d' is blocked: no hands", run("d"));
	fails(ERROR_NOTHING, "'e' is done", run("e"));
	ok(run("a"));
	fails(ERROR_NOTHING, "'a' is in review", run("a"));
	expect_tidy();
}

static void the_order_is_priority_first(void **state)
{
	(void)state;
	put_small(&box, OFF);
	put_phase(&box, "small", "b",
		  "priority: 1\nfiles: {create: [b.txt]}\n");
	small_open(&project, &box);
	ok(run(NULL));
	same(out.phase, "b");
	ok(run(NULL));
	same(out.phase, "a");
	fails(ERROR_NOTHING, "no phase is ready", run(NULL));
}

static void a_branch_made_by_hand_is_worked_on_by_name(void **state)
{
	struct oid hand, parent;

	(void)state;
	begin(OFF);
	sh(&box, "cd repo && git switch -q -c orch/small/a && "
		 "echo hand >a.txt && git add a.txt && git commit -q -m hand "
		 "&& git switch -q main");
	hand = resolve(&project, "orch/small/a");
	assert_int_equal(status_of("a"), STATUS_STARTED);
	ok(run(NULL));
	same(out.phase, "b");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	ok(commit_parent(&parent, project.repo, &out.commit, 0));
	assert_true(oid_equal(&parent, &hand));
	parent = resolve(&project, "refs/orch/base/small/a");
	struct oid main = resolve(&project, "main");
	assert_true(oid_equal(&parent, &main));
	expect_tidy();
}

static void what_a_person_put_on_the_branch_is_judged_too(void **state)
{
	(void)state;
	begin("policy: {sandbox: \"off\", files: strict}\n");
	sh(&box, "cd repo && git switch -q -c orch/small/a && "
		 "echo hand >other && git add other && git commit -q -m hand "
		 "&& git switch -q main");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	same(out.findings.items[0].path, "other");
}

static void a_branch_older_than_its_document_gets_the_bases(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	put(&box, "README", "hello\n");
	commit_all(&box);
	sh(&box, "git -C repo branch orch/small/a");
	begin(OFF);
	/* One that is on the base already has nothing of its own. */
	sh(&box, "cd repo && git switch -q orch/small/a && echo x >a.txt && "
		 "git add a.txt && git commit -q -m hand && git switch -q "
		 "main");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	read_result(&document, "a");
	same(field(&document, "status"), "done");
	document_release(&document);
}

static void a_branch_without_common_history_is_a_conflict(void **state)
{
	(void)state;
	begin(OFF);
	sh(&box, "cd repo && c=$(git commit-tree -m other main^{tree}) && "
		 "git branch orch/small/a $c");
	fails(ERROR_CONFLICT, "shares no history", run("a"));
	expect_tidy();
}

static void a_rejected_phase_is_started_again_by_name(void **state)
{
	(void)state;
	begin(OFF);
	ok(run("a"));
	sh(&box, "cd repo && git merge -q --ff-only orch/small/a && "
		 "git revert --no-edit HEAD");
	assert_int_equal(status_of("a"), STATUS_REJECTED);
	ok(run(NULL));
	same(out.phase, "b");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
}

static void a_branch_that_moved_meanwhile_is_not_overwritten(void **state)
{
	(void)state;
	begin_with("cd %s/repo && git branch orch/small/a main", box.dir);
	fails(ERROR_CONFLICT, "orch/small/a", run("a"));
	prints("0", &box, "git -C repo rev-list --count main..orch/small/a");
	expect_tidy();
}

static void an_edit_of_the_plan_makes_it_outdated(void **state)
{
	struct board board = BOARD_INIT;

	(void)state;
	begin(OFF);
	ok(run("a"));
	put_phase(&box, "small", "a",
		  "summary: Other words.\nfiles: {create: [a.txt]}\n");
	commit_all(&box);
	ok(project_reload(&project));
	ok(board_load(&board, &project, "small"));
	const struct card *card = board_card(&board, "small", "a");
	assert_int_equal(card->status, STATUS_IN_REVIEW);
	assert_int_equal(card->flags, CARD_OUTDATED);
	board_release(&board);
}

static void without_trust_nothing_is_claimed(void **state)
{
	(void)state;
	begin(OFF);
	put_config(&box, OFF "checks: [{name: t, run: 'true'}]\n");
	commit_all(&box);
	fails(ERROR_REFUSED, "not trusted", run("a"));
	prints("", &box, "git -C repo for-each-ref refs/orch refs/heads/orch");
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_phase_is_done_on_its_own_branch),
		TEST(its_commit_says_what_and_who),
		TEST(its_document_has_the_evidence),
		TEST(all_else_a_person_wrote_stays_byte_for_byte),
		TEST(a_granted_path_is_recorded_as_not_declared),
		TEST(a_page_is_written_without_times),
		TEST(a_failed_phase_changes_only_its_document),
		TEST(whatever_a_check_prints_the_document_holds),
		TEST(what_a_gate_refuses_is_a_failed_phase),
		TEST(a_worker_that_cannot_is_a_failed_phase),
		TEST(a_phase_may_only_delete),
		TEST(a_failed_phase_is_started_again_only_by_name),
		TEST(what_each_failed_run_made_is_kept),
		TEST(what_is_named_must_be_startable),
		TEST(the_order_is_priority_first),
		TEST(a_branch_made_by_hand_is_worked_on_by_name),
		TEST(what_a_person_put_on_the_branch_is_judged_too),
		TEST(a_branch_older_than_its_document_gets_the_bases),
		TEST(a_branch_without_common_history_is_a_conflict),
		TEST(a_rejected_phase_is_started_again_by_name),
		TEST(a_branch_that_moved_meanwhile_is_not_overwritten),
		TEST(an_edit_of_the_plan_makes_it_outdated),
		TEST(without_trust_nothing_is_claimed),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

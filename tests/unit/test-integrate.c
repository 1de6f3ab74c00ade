/* Landing phases: methods, red ones, conflicts, and what kills leave. */
#include "tests/unit/small.h"

#include "plans/integrate.h"
#include "plans/transaction.h"

#include <signal.h>

static struct scratch box;
static struct project project;
static struct landings landings;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	landings_release(&landings);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static void begin(const char *config)
{
	put_small(&box, config);
	small_open(&project, &box);
}

static void begin_method(const char *method)
{
	char *config = xasprintf(OFF "delivery: {method: %s}\n", method);

	begin(config);
	free(config);
}

static void do_phase(const char *phase)
{
	struct outcome out = { 0 };
	struct transaction_options options = { .plan = "small",
					       .phase = phase };

	ok(project_reload(&project));
	ok(transaction_run(&out, &project, &options));
	if (out.status != PHASE_DONE)
		fail_msg("%s: %s", phase, out.findings.items[0].message);
	outcome_release(&out);
}

static struct error *land(const char *phase)
{
	landings_release(&landings);
	return integrate(&landings, &project, "small", phase);
}

static void expect_landing(size_t i, const char *phase, enum landing_end end)
{
	assert_true(i < landings.len);
	same(landings.items[i].phase, phase);
	assert_int_equal(landings.items[i].end, end);
}

static enum status status_of(const char *phase)
{
	return small_status(&project, phase);
}

/* No ref of a phase is left, and the working tree is the base. */
static void expect_landed_all(void)
{
	prints("", &box, "git -C repo for-each-ref refs/orch refs/heads/orch");
	prints("", &box, "git -C repo status --porcelain");
	sh(&box, "git -C repo fsck --strict 2>&1");
}

static void squash_makes_one_commit_on_the_base(void **state)
{
	(void)state;
	begin_method("squash");
	do_phase("a");
	do_phase("b");
	ok(land(NULL));
	assert_int_equal(landings.len, 2);
	expect_landing(0, "a", LANDING_LANDED);
	expect_landing(1, "b", LANDING_LANDED);
	prints("feat: Phase b\nfeat: Phase a\nx", &box,
	       "git -C repo log --format=%%s main");
	prints("this is a\nthis is b", &box, "cat repo/a.txt repo/b.txt");
	struct oid main = resolve(&project, "main");
	assert_true(oid_equal(&main, &landings.items[1].commit));
	assert_int_equal(status_of("a"), STATUS_DONE);
	assert_int_equal(status_of("c"), STATUS_READY);
	expect_landed_all();
}

static void a_squash_says_what_the_phase_was(void **state)
{
	(void)state;
	begin_method("squash");
	do_phase("a");
	sh(&box, "cd repo && git switch -q orch/small/a && "
		 "echo more >>a.txt && git commit -qam 'by hand' && "
		 "git switch -q main");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("feat: Phase a\nx", &box, "git -C repo log --format=%%s main");
	prints("a", &box,
	       "git -C repo log -1 "
	       "--format='%%(trailers:key=Orch-Phase,valueonly)' | sed 1q");
	prints("this is a\nmore", &box, "cat repo/a.txt");
	expect_landed_all();
}

static void merge_keeps_the_branch_as_second_parent(void **state)
{
	char *tip;

	(void)state;
	begin_method("merge");
	do_phase("a");
	tip = sh_out(&box, "git -C repo rev-parse orch/small/a");
	ok(land(NULL));
	prints(tip, &box, "git -C repo rev-parse main^2");
	prints("Merge phase a of small: Phase a", &box,
	       "git -C repo log -1 --format=%%s main");
	expect_landed_all();
	free(tip);
}

static void rebase_is_a_fast_forward_while_the_base_stands(void **state)
{
	char *tip;

	(void)state;
	begin_method("rebase");
	do_phase("a");
	tip = sh_out(&box, "git -C repo rev-parse orch/small/a");
	ok(land(NULL));
	prints(tip, &box, "git -C repo rev-parse main");
	expect_landed_all();
	free(tip);
}

static void rebase_replays_each_commit_on_a_base_that_moved(void **state)
{
	(void)state;
	begin_method("rebase");
	do_phase("a");
	sh(&box, "cd repo && git switch -q orch/small/a && "
		 "echo more >>a.txt && GIT_AUTHOR_NAME=Eve "
		 "git commit -qam 'by hand' && git switch -q main");
	put(&box, "README", "moved\n");
	commit_all(&box);
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("Eve: by hand\nAda Author: feat: Phase a\nAda Author: x\n"
	       "Ada Author: x",
	       &box, "git -C repo log --format='%%an: %%s' main");
	prints("this is a\nmore", &box, "cat repo/a.txt");
	prints("moved", &box, "cat repo/README");
	expect_landed_all();
}

static void a_branch_with_merges_is_squashed_instead_of_replayed(void **state)
{
	(void)state;
	begin_method("rebase");
	do_phase("a");
	put(&box, "README", "moved\n");
	commit_all(&box);
	sh(&box, "cd repo && git switch -q orch/small/a && "
		 "git merge -q --no-edit main && git switch -q main");
	put(&box, "README", "moved again\n");
	commit_all(&box);
	/* The ref that says where it began is gone, too. */
	sh(&box, "git -C repo update-ref -d refs/orch/base/small/a");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("feat: Phase a\nx\nx\nx", &box,
	       "git -C repo log --format=%%s main");
	prints("moved again", &box, "cat repo/README");
	expect_landed_all();
}

static void without_its_base_ref_only_its_own_commits_are_replayed(void **state)
{
	(void)state;
	begin_method("rebase");
	do_phase("a");
	put(&box, "README", "moved\n");
	commit_all(&box);
	sh(&box, "git -C repo update-ref -d refs/orch/base/small/a");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("feat: Phase a\nx\nx", &box,
	       "git -C repo log --format=%%s main");
	expect_landed_all();
}

static void what_depends_comes_after_what_it_depends_on(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("b");
	do_phase("a");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	do_phase("c");
	ok(land(NULL));
	assert_int_equal(landings.len, 1);
	expect_landing(0, "c", LANDING_LANDED);
	ok(land(NULL));
	assert_int_equal(landings.len, 0);
	expect_landed_all();
}

static void one_phase_may_be_named(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	do_phase("b");
	ok(land("b"));
	assert_int_equal(landings.len, 1);
	expect_landing(0, "b", LANDING_LANDED);
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
}

/* Each is green alone; both together are not. */
static void red_together_stays_and_its_neighbours_land(void **state)
{
	char *before;

	(void)state;
	put_small(&box, OFF "checks: [{name: t, "
			    "run: 'test ! -e a.txt || test ! -e b.txt'}]\n");
	put(&box, ".orch/templates/small/files/d/d.txt", "d\n");
	put_phase(&box, "small", "d", "files: {create: [d.txt]}\n");
	small_open(&project, &box);
	do_phase("a");
	do_phase("b");
	do_phase("d");
	before = sh_out(&box, "git -C repo rev-parse orch/small/b");
	ok(land(NULL));
	assert_int_equal(landings.len, 3);
	expect_landing(0, "a", LANDING_LANDED);
	expect_landing(1, "b", LANDING_RED);
	expect_landing(2, "d", LANDING_LANDED);
	assert_int_equal(landings.items[1].findings.len, 1);
	assert_int_equal(landings.items[1].checks.items[0].exit, 1);
	assert_int_equal(status_of("b"), STATUS_IN_REVIEW);
	prints(before, &box, "git -C repo rev-parse orch/small/b");
	prints("", &box, "ls repo | grep b.txt; true");
	prints("", &box, "git -C repo for-each-ref refs/orch/claim");
	prints("", &box, "git -C repo status --porcelain");
	free(before);
}

/* Each has enough of its lines run alone; both together have not. */
static void too_little_coverage_together_is_red(void **state)
{
	(void)state;
	put_small(&box, "policy: {sandbox: \"off\", coverage: {file: lcov, "
			"minimum: 70}}\n"
			"checks: [{name: t, run: 'n=0; for f in a.txt b.txt; "
			"do test ! -e $f || n=$((n + 1)); done; "
			"printf \"SF:x\\nLF:10\\nLH:%s\\nend_of_record\\n\" "
			"$((10 - 2 * n)) >lcov'}]\n");
	small_open(&project, &box);
	do_phase("a");
	do_phase("b");
	ok(land(NULL));
	assert_int_equal(landings.len, 2);
	expect_landing(0, "a", LANDING_LANDED);
	assert_int_equal(landings.items[0].checks.items[0].coverage, 8000);
	expect_landing(1, "b", LANDING_RED);
	assert_int_equal(landings.items[1].findings.len, 1);
	same(landings.items[1].findings.items[0].rule, "coverage");
	assert_int_equal(status_of("b"), STATUS_IN_REVIEW);
	prints("", &box, "ls repo | grep b.txt; true");
}

static void a_source_that_was_checked_is_not_checked_again(void **state)
{
	char *config;

	(void)state;
	config = xasprintf(OFF "checks: [{name: t, "
			       "run: 'echo x >>%s/mark'}]\n",
			   box.dir);
	begin(config);
	do_phase("a");
	do_phase("b");
	ok(land("a"));
	assert_true(landings.items[0].checks.items[0].cached);
	prints("2", &box, "wc -l <mark");
	/* With a below it, b is another source. */
	ok(land("b"));
	assert_false(landings.items[0].checks.items[0].cached);
	prints("3", &box, "wc -l <mark");
	free(config);
}

static void checks_of_what_has_landed_guard_what_follows(void **state)
{
	(void)state;
	put_small(&box, OFF "checks:\n"
			    "  - {name: has-a, run: 'test -e a.txt'}\n"
			    "  - {name: no-b, run: 'test ! -e b.txt'}\n");
	put_phase(&box, "small", "a",
		  "files: {create: [a.txt]}\nchecks: [has-a, no-b]\n");
	put_phase(&box, "small", "b", "files: {create: [b.txt]}\nchecks: []\n");
	small_open(&project, &box);
	do_phase("a");
	do_phase("b");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	expect_landing(1, "b", LANDING_RED);
}

static void a_check_that_was_taken_away_stops_nothing(void **state)
{
	(void)state;
	put_small(&box, OFF "checks: [{name: t, run: 'true'}]\n");
	put_phase(&box, "small", "a",
		  "files: {create: [a.txt]}\nchecks: [t]\n");
	small_open(&project, &box);
	do_phase("a");
	ok(land(NULL));
	put_config(&box, OFF);
	small_open(&project, &box);
	do_phase("b");
	ok(land(NULL));
	expect_landing(0, "b", LANDING_LANDED);
}

/* Branch and base both change a.txt after the phase is done. */
static void make_conflict(void)
{
	do_phase("a");
	do_phase("b");
	put(&box, "a.txt", "another\n");
	commit_all(&box);
}

static void a_conflict_is_left_to_a_person_with_both_sides(void **state)
{
	char *tip;

	(void)state;
	begin(OFF);
	make_conflict();
	tip = sh_out(&box, "git -C repo rev-parse orch/small/a");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_CONFLICT);
	assert_int_equal(landings.items[0].conflicts.len, 1);
	same(landings.items[0].conflicts.items[0], "a.txt");
	expect_landing(1, "b", LANDING_LANDED);
	prints(tip, &box, "git -C repo rev-parse orch/small/a");
	prints("another", &box, "cat repo/a.txt");
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	prints("", &box, "git -C repo for-each-ref refs/orch/claim");
	prints("", &box, "git -C repo status --porcelain");
	free(tip);
}

static void a_replay_that_conflicts_is_one_too(void **state)
{
	(void)state;
	begin_method("rebase");
	make_conflict();
	ok(land(NULL));
	expect_landing(0, "a", LANDING_CONFLICT);
	expect_landing(1, "b", LANDING_LANDED);
}

/* A phase is done, then its document on the base gets another title. */
static void retitle(void)
{
	do_phase("a");
	sh(&box, "sed -i 's/^title: .*/title: Better/; s/^id: a/id: a # !/' "
		 "repo/.orch/plans/small/phases/a.yaml");
	commit_all(&box);
}

static void a_document_is_merged_by_field(void **state)
{
	static const char *const methods[] = { "squash", "merge", "rebase" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin_method(methods[i]);
		retitle();
		ok(land(NULL));
		expect_landing(0, "a", LANDING_LANDED);
		prints("title: Better\nid: a # !\nstatus: done", &box,
		       "cd repo/.orch/plans/small/phases && "
		       "for f in title id status; do grep ^$f: a.yaml; done");
		prints("1", &box,
		       "grep -c ^result: repo/.orch/plans/small/phases/a.yaml");
		expect_landed_all();
		project_release(&project);
		sandbox_close(&box);
		project_sandbox(&box);
	}
}

static void uncommitted_edits_in_other_files_stay(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	put(&box, "README", "mine\n");
	put(&box, "new", "mine\n");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints(" M README\n?? new", &box, "git -C repo status --porcelain");
	prints("mine\nmine\nthis is a", &box,
	       "cat repo/README repo/new repo/a.txt");
	/* And what is committed next takes nothing back. */
	sh(&box, "git -C repo commit -qam mine");
	prints("README", &box, "git -C repo diff --name-only HEAD~1 HEAD");
}

static void work_that_would_be_overwritten_stops_its_phase_alone(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	do_phase("b");
	put(&box, "a.txt", "mine\n");
	ok(land(NULL));
	assert_int_equal(landings.len, 2);
	expect_landing(0, "a", LANDING_CONFLICT);
	assert_int_equal(landings.items[0].conflicts.len, 0);
	assert_int_equal(landings.items[0].findings.len, 1);
	const struct finding *why = &landings.items[0].findings.items[0];
	same(why->rule, "in-the-way");
	assert_non_null(strstr(why->message, "a.txt"));
	assert_non_null(strstr(why->hint, "commit those files"));
	expect_landing(1, "b", LANDING_LANDED);
	prints("mine\nthis is b", &box, "cat repo/a.txt repo/b.txt");
	prints("?? a.txt", &box, "git -C repo status --porcelain");
	prints("feat: Phase b\nx", &box, "git -C repo log --format=%%s main");
	prints("", &box, "git -C repo for-each-ref refs/orch/claim");
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	sh(&box, "rm repo/a.txt");
	ok(land(NULL));
	expect_landed_all();
}

static void a_base_that_is_not_checked_out_moves_alone(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	sh(&box, "git -C repo config orch.base main && "
		 "git -C repo switch -q -c elsewhere");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("", &box, "ls repo | grep a.txt; true");
	prints("this is a", &box, "git -C repo show main:a.txt");
	expect_landed_all();
}

static void without_trust_nothing_lands(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	put_config(&box, OFF "checks: [{name: t, run: 'true'}]\n");
	commit_all(&box);
	fails(ERROR_REFUSED, "not trusted", land(NULL));
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
}

/* Claims a phase in a process that dies with the claim. */
static void die_claiming(const char *phase)
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct claim claim = { .lock = FILE_LOCK_INIT };

		error_free(claim_take(&claim, project.repo, "small", phase,
				      "20260102T030405Z-00000009"));
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
}

static void killed_before_it_landed_it_lands_now(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	die_claiming("a");
	assert_int_equal(status_of("a"), STATUS_RUNNING);
	ok(land(NULL));
	assert_int_equal(landings.len, 1);
	expect_landing(0, "a", LANDING_LANDED);
	expect_landed_all();
}

static void killed_after_it_landed_the_rest_is_withdrawn(void **state)
{
	static const char *const methods[] = { "squash", "merge", "rebase" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin_method(methods[i]);
		do_phase("a");
		sh(&box, "cd repo && git branch keep orch/small/a && "
			 "git rev-parse refs/orch/base/small/a >../base");
		ok(land(NULL));
		sh(&box, "cd repo && git branch orch/small/a keep && "
			 "git update-ref refs/orch/base/small/a $(cat ../base) "
			 "&& git branch -D -q keep");
		die_claiming("a");
		ok(land(NULL));
		assert_int_equal(landings.len, 0);
		expect_landed_all();
		project_release(&project);
		sandbox_close(&box);
		project_sandbox(&box);
	}
}

static void a_dead_runners_work_is_not_taken_from_it(void **state)
{
	(void)state;
	begin(OFF);
	die_claiming("a");
	ok(land(NULL));
	assert_int_equal(landings.len, 0);
	assert_int_equal(status_of("a"), STATUS_RUNNING);
}

static void work_that_never_landed_is_kept_whatever_the_base_says(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	sh(&box, "sed -i 's/planned/skipped/; $ a reason: not needed' "
		 "repo/.orch/plans/small/phases/a.yaml");
	commit_all(&box);
	ok(land(NULL));
	assert_int_equal(landings.len, 0);
	prints("this is a", &box, "git -C repo show orch/small/a:a.txt");
}

static void a_branch_somebody_stands_on_is_left(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	sh(&box, "git -C repo worktree add -q ../tree orch/small/a");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("", &box, "git -C tree status --porcelain");
	prints("orch/small/a", &box, "git -C tree branch --show-current");
}

static void what_a_runner_holds_is_passed_over(void **state)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };

	(void)state;
	begin(OFF);
	do_phase("a");
	do_phase("b");
	ok(claim_take(&claim, project.repo, "small", "a",
		      "20260102T030405Z-00000009"));
	ok(land(NULL));
	assert_int_equal(landings.len, 1);
	expect_landing(0, "b", LANDING_LANDED);
	ok(claim_drop(&claim, project.repo));
	claim_release(&claim);
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
}

static void a_refused_tree_is_forgotten_when_the_phase_lands(void **state)
{
	struct outcome out = { 0 };
	struct transaction_options options = { .plan = "small", .phase = "a" };
	char *config = xasprintf(OFF "checks: [{name: t, "
				     "run: 'test -e %s/pass'}]\n",
				 box.dir);

	(void)state;
	begin(config);
	free(config);
	ok(transaction_run(&out, &project, &options));
	assert_int_equal(out.status, PHASE_FAILED);
	outcome_release(&out);
	sh(&box, "touch pass");
	do_phase("a");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	expect_landed_all();
}

static void a_hand_made_branch_older_than_the_plan_lands(void **state)
{
	(void)state;
	put(&box, "README", "hello\n");
	commit_all(&box);
	sh(&box, "cd repo && git switch -q -c orch/small/a && echo x >a.txt "
		 "&& git add a.txt && git commit -q -m hand && "
		 "git switch -q main");
	begin(OFF);
	do_phase("a");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("status: done", &box,
	       "grep ^status repo/.orch/plans/small/phases/a.yaml");
	expect_landed_all();
}

/* Changes phase a's branch by hand, in one more commit. */
static void by_hand(const char *command)
{
	sh(&box,
	   "cd repo && git switch -q orch/small/a && %s && git add -A && "
	   "git commit -qm hand && git switch -q main",
	   command);
}

/* Phase a stays in review for this path and reason, phase b lands. */
static void expect_refused(const char *rule, const char *path)
{
	ok(land(NULL));
	assert_int_equal(landings.len, 2);
	expect_landing(0, "a", LANDING_REFUSED);
	expect_landing(1, "b", LANDING_LANDED);
	assert_int_equal(landings.items[0].findings.len, 1);
	same(landings.items[0].findings.items[0].rule, rule);
	same(landings.items[0].findings.items[0].path, path);
	assert_non_null(landings.items[0].findings.items[0].hint);
	assert_int_equal(landings.items[0].checks.len, 0);
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	prints("", &box, "ls repo | grep a.txt; true");
	prints("", &box, "git -C repo for-each-ref refs/orch/claim");
	prints("", &box, "git -C repo status --porcelain");
}

static void what_no_worker_was_granted_does_not_land(void **state)
{
	static const struct {
		const char *command, *rule, *path;
	} rows[] = {
		{ "echo x >other", "undeclared", "other" },
		{ "git rm -q README", "undeclared", "README" },
		{ "echo x >.gitattributes", "path-protected",
		  ".gitattributes" },
		{ "echo >>.orch/config.yaml", "path-protected",
		  ".orch/config.yaml" },
		{ "echo >>.orch/plans/small/phases/b.yaml", "path-protected",
		  ".orch/plans/small/phases/b.yaml" },
		{ "ln -sf /etc/passwd a.txt", "path-link", "a.txt" },
		{ "head -c 501 /dev/zero >a.txt", "file-size", "a.txt" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin("policy: {sandbox: \"off\", max_file_bytes: 500, "
		      "paths: [\"**/.*\", \".orch/**\"]}\n"
		      "checks: [{name: t, run: 'true'}]\n");
		do_phase("a");
		do_phase("b");
		by_hand(rows[i].command);
		expect_refused(rows[i].rule, rows[i].path);
		project_release(&project);
		sandbox_close(&box);
		project_sandbox(&box);
	}
}

static void what_policy_grants_lands_from_a_hand_too(void **state)
{
	(void)state;
	begin("policy: {sandbox: \"off\", always: [\"*.lock\"], "
	      "paths: [docs/**]}\n");
	do_phase("a");
	by_hand("mkdir docs && echo x >docs/a.md && echo x >all.lock && "
		"echo more >>a.txt && echo >>.orch/plans/small/docs/phases/a.md");
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	prints("x\nx", &box, "cat repo/docs/a.md repo/all.lock");
	expect_landed_all();
}

static void a_branch_cannot_grant_itself_paths(void **state)
{
	(void)state;
	begin("policy: {sandbox: \"off\", files: strict}\n");
	do_phase("a");
	do_phase("b");
	by_hand("echo x >other && sed -i 's/create: .*/create: [other, a.txt]}/' "
		".orch/plans/small/phases/a.yaml");
	expect_refused("undeclared", "other");
}

static void what_the_base_had_meanwhile_is_not_the_branchs(void **state)
{
	(void)state;
	begin(OFF);
	do_phase("a");
	put(&box, "other", "the base's\n");
	commit_all(&box);
	sh(&box, "cd repo && git switch -q orch/small/a && "
		 "git merge -q --no-edit main && git switch -q main");
	put(&box, "README", "and more\n");
	commit_all(&box);
	ok(land(NULL));
	expect_landing(0, "a", LANDING_LANDED);
	expect_landed_all();
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(squash_makes_one_commit_on_the_base),
		TEST(a_squash_says_what_the_phase_was),
		TEST(merge_keeps_the_branch_as_second_parent),
		TEST(rebase_is_a_fast_forward_while_the_base_stands),
		TEST(rebase_replays_each_commit_on_a_base_that_moved),
		TEST(a_branch_with_merges_is_squashed_instead_of_replayed),
		TEST(without_its_base_ref_only_its_own_commits_are_replayed),
		TEST(what_depends_comes_after_what_it_depends_on),
		TEST(one_phase_may_be_named),
		TEST(red_together_stays_and_its_neighbours_land),
		TEST(too_little_coverage_together_is_red),
		TEST(a_source_that_was_checked_is_not_checked_again),
		TEST(checks_of_what_has_landed_guard_what_follows),
		TEST(a_check_that_was_taken_away_stops_nothing),
		TEST(a_conflict_is_left_to_a_person_with_both_sides),
		TEST(a_replay_that_conflicts_is_one_too),
		TEST(a_document_is_merged_by_field),
		TEST(uncommitted_edits_in_other_files_stay),
		TEST(work_that_would_be_overwritten_stops_its_phase_alone),
		TEST(a_base_that_is_not_checked_out_moves_alone),
		TEST(without_trust_nothing_lands),
		TEST(killed_before_it_landed_it_lands_now),
		TEST(killed_after_it_landed_the_rest_is_withdrawn),
		TEST(a_dead_runners_work_is_not_taken_from_it),
		TEST(work_that_never_landed_is_kept_whatever_the_base_says),
		TEST(a_branch_somebody_stands_on_is_left),
		TEST(what_a_runner_holds_is_passed_over),
		TEST(a_refused_tree_is_forgotten_when_the_phase_lands),
		TEST(a_hand_made_branch_older_than_the_plan_lands),
		TEST(what_no_worker_was_granted_does_not_land),
		TEST(what_policy_grants_lands_from_a_hand_too),
		TEST(a_branch_cannot_grant_itself_paths),
		TEST(what_the_base_had_meanwhile_is_not_the_branchs),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

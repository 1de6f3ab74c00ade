/* Putting branches onto what has become of the one below. */
#include "tests/unit/stacked.h"

#include "plans/restack.h"

static const char *const pair[] = { "a", "[]", "b", "[a]", NULL };
static const char *const chain[] = { "a", "[]", "b", "[a]", "c", "[b]", NULL };
static struct restacks rows;

static int stop(void **state)
{
	restacks_release(&rows);
	return teardown(state);
}

static void move(const char *phase)
{
	restacks_release(&rows);
	ok(project_reload(&project));
	ok(restack(&rows, &project, "small", phase));
}

static void expect(size_t i, const char *phase, enum restack_end end)
{
	if (i >= rows.len)
		fail_msg("no row for %s", phase);
	same(rows.items[i].phase, phase);
	if (rows.items[i].end != end)
		fail_msg("%s: %s: %s", phase,
			 restack_end_name(rows.items[i].end),
			 rows.items[i].findings.len
				 ? rows.items[i].findings.items[0].message
				 : "");
}

/* As somebody lands it by hand or a forge does. */
static void land_by(const char *method, const char *phase)
{
	if (!strcmp(method, "merge"))
		sh(&box,
		   "cd repo && git merge -q --no-ff --no-edit orch/small/%s",
		   phase);
	else if (!strcmp(method, "squash"))
		sh(&box,
		   "cd repo && git merge -q --squash orch/small/%s >/dev/null "
		   "&& git commit -qm 'squash %s'",
		   phase, phase);
	else
		sh(&box,
		   "cd repo && git cherry-pick "
		   "$(git merge-base main orch/small/%s)..orch/small/%s "
		   ">/dev/null",
		   phase, phase);
}

static void move_base_by_hand(const char *text)
{
	putf(&box, "OTHER", "%s\n", text);
	commit_all(&box);
}

static void on_branch(const char *branch, const char *commands)
{
	sh(&box, "cd repo && git switch -q %s && %s && git switch -q main",
	   branch, commands);
}

/* Where refs of repo stand. */
static void same_ref(const char *a, const char *b)
{
	struct oid x = resolve(&project, a), y = resolve(&project, b);

	if (!oid_equal(&x, &y))
		fail_msg("%s is not %s", a, b);
}

static void expect_tidy(void)
{
	small_tidy(&box);
}

static void the_result_stands_where_the_source_is_the_same(void **state)
{
	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	land_by("squash", "a");
	move(NULL);
	assert_int_equal(rows.len, 1);
	expect(0, "b", RESTACK_DONE);
	assert_false(rows.items[0].evidence);
	assert_int_equal(rows.items[0].commits, 1);
	same(rows.items[0].onto, "main");
	prints("feat: Phase b", &box,
	       "git -C repo log --format=%%s main..orch/small/b");
	same_ref("refs/orch/base/small/b", "main");
	prints("", &box, "git -C repo branch --list orch/small/a");
	stands("b", STATUS_IN_REVIEW, "");
	expect_tidy();
}

static void another_source_is_checked_and_a_commit_says_so(void **state)
{
	char *source;

	(void)state;
	begin(STACKING "checks: [{name: t, run: 'test -f b.txt || "
		       "test -f a.txt'}]\n",
	      pair);
	do_phase("a");
	do_phase("b");
	land_by("squash", "a");
	move_base_by_hand("moved");
	move(NULL);
	expect(0, "b", RESTACK_DONE);
	assert_true(rows.items[0].evidence);
	assert_int_equal(rows.items[0].checks.len, 1);
	prints("chore: check b on main\nfeat: Phase b", &box,
	       "git -C repo log --format=%%s main..orch/small/b");
	prints(".orch/plans/small/phases/b.yaml", &box,
	       "git -C repo diff --name-only orch/small/b~1 orch/small/b");
	source = sh_out(&box, "git -C repo log -1 --format='%%(trailers:"
			      "key=Orch-Evidence,valueonly)' orch/small/b "
			      "| sed 1q");
	sh(&box,
	   "git -C repo show orch/small/b:.orch/plans/small/phases/b.yaml"
	   " | grep -q 'source: %s'",
	   source);
	sh(&box, "git -C repo show orch/small/b:.orch/plans/small/phases/b.yaml"
		 " | grep -q \"start: $(git -C repo rev-parse main)\"");
	free(source);
	expect_tidy();
	lands("b");
	prints("feat: Phase b", &box, "git -C repo log -1 --format=%%s main");
}

static void evidence_of_an_older_source_is_replaced(void **state)
{
	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	land_by("squash", "a");
	move_base_by_hand("once");
	move("b");
	move_base_by_hand("twice");
	move("b");
	expect(0, "b", RESTACK_DONE);
	assert_true(rows.items[0].evidence);
	prints("chore: check b on main\nfeat: Phase b", &box,
	       "git -C repo log --format=%%s main..orch/small/b");
	move("b");
	expect(0, "b", RESTACK_CURRENT);
	expect_tidy();
}

static void what_the_gates_refuse_does_not_move(void **state)
{
	struct oid before, base;

	(void)state;
	begin(STACKING "checks: [{name: t, run: 'test ! -f OTHER'}]\n", pair);
	do_phase("a");
	do_phase("b");
	before = resolve(&project, "orch/small/b");
	base = resolve(&project, "refs/orch/base/small/b");
	land_by("squash", "a");
	move_base_by_hand("moved");
	move(NULL);
	expect(0, "b", RESTACK_RED);
	assert_int_equal(rows.items[0].findings.len, 1);
	struct oid after = resolve(&project, "orch/small/b");
	assert_true(oid_equal(&before, &after));
	after = resolve(&project, "refs/orch/base/small/b");
	assert_true(oid_equal(&base, &after));
	expect_tidy();
}

static void a_conflict_keeps_both_sides_and_names_the_files(void **state)
{
	struct oid before;

	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	before = resolve(&project, "orch/small/b");
	land_by("squash", "a");
	put(&box, "b.txt", "another b\n");
	commit_all(&box);
	move(NULL);
	expect(0, "b", RESTACK_CONFLICT);
	assert_int_equal(rows.items[0].conflicts.len, 1);
	same(rows.items[0].conflicts.items[0], "b.txt");
	assert_non_null(strstr(rows.items[0].findings.items[0].message,
			       "'feat: Phase b'"));
	struct oid after = resolve(&project, "orch/small/b");
	assert_true(oid_equal(&before, &after));
	expect_tidy();
}

static void commits_added_by_hand_are_kept(void **state)
{
	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	on_branch("orch/small/b", "echo more >>b.txt && GIT_AUTHOR_NAME=Eve "
				  "git commit -qam 'by hand'");
	land_by("squash", "a");
	move(NULL);
	expect(0, "b", RESTACK_DONE);
	assert_int_equal(rows.items[0].commits, 2);
	prints("Carl Committer", &box,
	       "git -C repo log -1 --format=%%cn orch/small/b");
	prints("Eve: by hand\nAda Author: feat: Phase b", &box,
	       "git -C repo log --format='%%an: %%s' main..orch/small/b^");
	prints("this is b\nmore", &box, "git -C repo show orch/small/b:b.txt");
	expect_tidy();
}

static void a_merge_by_hand_becomes_one_commit_with_what_it_resolved(void **s)
{
	(void)s;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	on_branch("orch/small/a", "echo more >>a.txt && git commit -qam more");
	on_branch("orch/small/b", "git merge -q --no-edit orch/small/a && "
				  "echo resolved >>a.txt && "
				  "git add a.txt && git commit -q --amend "
				  "--no-edit");
	/* Path gates: b may not touch a.txt, so policy has to let it. */
	put_config(&box, "policy: {sandbox: \"off\", always: [a.txt]}\n"
			 "delivery: {stacking: true}\n");
	commit_all(&box);
	ok(project_reload(&project));
	trust_base(&project);
	land_by("squash", "a");
	move(NULL);
	expect(0, "b", RESTACK_DONE);
	assert_int_equal(rows.items[0].commits, 1);
	prints("this is a\nmore\nresolved", &box,
	       "git -C repo show orch/small/b:a.txt");
	prints("1", &box,
	       "git -C repo rev-list --count --grep='Phase b' "
	       "main..orch/small/b");
	expect_tidy();
}

static void a_phase_follows_the_one_below_it(void **state)
{
	(void)state;
	begin(STACKING, chain);
	do_phase("a");
	do_phase("b");
	do_phase("c");
	on_branch("orch/small/a", "echo more >>a.txt && git commit -qam more");
	move(NULL);
	assert_int_equal(rows.len, 2);
	expect(0, "b", RESTACK_DONE);
	expect(1, "c", RESTACK_DONE);
	same(rows.items[0].onto, "orch/small/a");
	same(rows.items[1].onto, "orch/small/b");
	same_ref("refs/orch/base/small/b", "orch/small/a");
	same_ref("refs/orch/base/small/c", "orch/small/b");
	prints("this is a\nmore", &box, "git -C repo show orch/small/c:a.txt");
	move(NULL);
	assert_int_equal(rows.len, 0);
	expect_tidy();
}

static void a_lower_one_rewritten_by_hand_takes_its_old_self_away(void **state)
{
	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	on_branch("orch/small/a", "echo another >a.txt && "
				  "git commit -qa --amend -m 'rewritten'");
	move(NULL);
	expect(0, "b", RESTACK_DONE);
	prints("another", &box, "git -C repo show orch/small/b:a.txt");
	prints("rewritten\nfeat: Phase b", &box,
	       "git -C repo log --format=%%s --reverse main..orch/small/b^");
	expect_tidy();
}

/* Both were put onto the base by a person; only our ref is behind. */
static void what_was_put_there_by_hand_is_only_noted(void **state)
{
	struct oid by_hand;

	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	land_by("squash", "a");
	sh(&box, "cd repo && git rebase -q --onto main orch/small/a "
		 "orch/small/b && git switch -q main");
	by_hand = resolve(&project, "orch/small/b");
	move(NULL);
	expect(0, "b", RESTACK_DONE);
	assert_int_equal(rows.items[0].commits, 0);
	struct oid now = resolve(&project, "orch/small/b");
	assert_true(oid_equal(&by_hand, &now));
	same_ref("refs/orch/base/small/b", "main");
	expect_tidy();
}

static void a_stack_rewritten_as_a_whole_is_taken_from_where_it_is(void **s)
{
	(void)s;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	sh(&box, "cd repo && old=$(git rev-parse orch/small/a) && "
		 "git switch -q orch/small/a && echo x >>a.txt && "
		 "git commit -qa --amend --no-edit && "
		 "git rebase -q --onto orch/small/a $old orch/small/b && "
		 "git switch -q main");
	land_by("squash", "a");
	move_base_by_hand("moved");
	move(NULL);
	expect(0, "b", RESTACK_DONE);
	assert_int_equal(rows.items[0].commits, 1);
	expect_tidy();
}

static void a_branch_without_shared_history_is_a_conflict(void **state)
{
	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	sh(&box, "cd repo && git update-ref refs/heads/orch/small/b "
		 "$(git commit-tree -m alone orch/small/b^{tree})");
	land_by("squash", "a");
	move(NULL);
	expect(0, "b", RESTACK_CONFLICT);
	assert_non_null(strstr(rows.items[0].findings.items[0].message,
			       "shares no history"));
	expect_tidy();
}

static void a_kill_behind_the_branch_is_finished_by_the_next_call(void **state)
{
	char *old;

	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	old = sh_out(&box, "git -C repo rev-parse refs/orch/base/small/b");
	land_by("squash", "a");
	move_base_by_hand("moved");
	move(NULL);
	struct oid tip = resolve(&project, "orch/small/b");
	sh(&box, "git -C repo update-ref refs/orch/base/small/b %s", old);
	move(NULL);
	expect(0, "b", RESTACK_DONE);
	struct oid now = resolve(&project, "orch/small/b");
	assert_true(oid_equal(&tip, &now));
	same_ref("refs/orch/base/small/b", "main");
	expect_tidy();
	free(old);
}

static void what_is_not_in_review_is_not_restacked(void **state)
{
	(void)state;
	begin(STACKING, pair);
	fails(ERROR_NOTHING, "'a' is ready, not in review",
	      restack(&rows, &project, "small", "a"));
	fails(ERROR_NOT_FOUND, "no phase 'x'",
	      restack(&rows, &project, "small", "x"));
	do_phase("a");
	do_phase("b");
	sh(&box, "git -C repo branch -q -D orch/small/a");
	ok(project_reload(&project));
	fails(ERROR_NOTHING, "stands on what is not in review: a",
	      restack(&rows, &project, "small", "b"));
	move(NULL);
	assert_int_equal(rows.len, 0);
}

static void what_a_runner_holds_is_told_and_left(void **state)
{
	CLEANUP(claim_release) struct claim claim = { .lock = FILE_LOCK_INIT };

	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	land_by("squash", "a");
	ok(claim_take(&claim, project.repo, "small", "b", "run-1"));
	move(NULL);
	assert_int_equal(rows.len, 1);
	expect(0, "b", RESTACK_CLAIMED);
	ok(claim_drop(&claim, project.repo));
}

static void a_branch_somebody_stands_on_is_left(void **state)
{
	(void)state;
	begin(STACKING, pair);
	do_phase("a");
	do_phase("b");
	land_by("squash", "a");
	sh(&box, "git -C repo worktree add -q ../side orch/small/b");
	move(NULL);
	expect(0, "b", RESTACK_CONFLICT);
	assert_non_null(strstr(rows.items[0].findings.items[0].message,
			       "is checked out"));
	sh(&box, "git -C repo worktree remove ../side");
}

static void integrate_lands_a_whole_stack(void **state)
{
	(void)state;
	begin(STACKING, chain);
	do_phase("a");
	do_phase("b");
	do_phase("c");
	land(NULL);
	assert_int_equal(landings.len, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(landings.items[i].end, LANDING_LANDED);
	prints("feat: Phase c\nfeat: Phase b\nfeat: Phase a\nx", &box,
	       "git -C repo log --format=%%s main");
	prints("", &box, "git -C repo for-each-ref refs/orch refs/heads/orch");
	expect_tidy();
}

static void what_stands_on_a_red_one_does_not_land(void **state)
{
	(void)state;
	begin(STACKING "checks: [{name: t, run: 'test ! -f OTHER || "
		       "test ! -f a.txt'}]\n",
	      pair);
	do_phase("a");
	do_phase("b");
	move_base_by_hand("moved");
	land(NULL);
	assert_int_equal(landings.len, 1);
	same(landings.items[0].phase, "a");
	assert_int_equal(landings.items[0].end, LANDING_RED);
	stands("b", STATUS_IN_REVIEW, "a");
	expect_tidy();
}

/* Depth n: n phases, each with one more line in the same file. */

static void put_deep(size_t n)
{
	struct buf text = BUF_INIT;

	put(&box, "README", "hello\n");
	put(&box, "log.txt", "none\n");
	put_config(&box, STACKING);
	put(&box, ".orch/templates/small/template.yaml",
	    "title: Small\nsummary: A file each\n");
	put_plan(&box, "small", "");
	for (size_t i = 1; i <= n; i++) {
		char *id = xasprintf("p%zu", i);
		char *on = xasprintf("depends_on: [p%zu]\n", i - 1);
		char *lines = xasprintf("%sfiles: {modify: [log.txt]}\n",
					i > 1 ? on : "");
		char *path =
			xasprintf(".orch/templates/small/files/%s/log.txt", id);

		buf_addf(&text, "line of %s\n", id);
		put(&box, path, text.data);
		put_phase(&box, "small", id, lines);
		free(id);
		free(on);
		free(lines);
		free(path);
	}
	buf_release(&text);
	small_open(&project, &box);
}

static size_t conflicts_in(const struct restacks *list)
{
	size_t n = 0;

	FOR_EACH (struct restacked, row, list)
		n += row->end != RESTACK_DONE && row->end != RESTACK_CURRENT;
	return n;
}

/* From the bottom up, each landed, and what is left brought along. */
static size_t land_deep(size_t depth, const char *method)
{
	size_t conflicts = 0;

	for (size_t i = 1; i <= depth; i++) {
		char *id = xasprintf("p%zu", i);
		char *next = xasprintf("p%zu", i + 1);

		land_by(method, id);
		move_base_by_hand(id);
		if (i < depth) {
			move(next);
			conflicts += conflicts_in(&rows);
		}
		move(NULL);
		conflicts += conflicts_in(&rows);
		free(id);
		free(next);
	}
	return conflicts;
}

static int is_clean(size_t depth, const char *method)
{
	char *expected, *said;
	size_t conflicts;
	int clean;

	put_deep(depth);
	for (size_t i = 1; i <= depth; i++) {
		char *id = xasprintf("p%zu", i);

		do_phase(id);
		free(id);
	}
	conflicts = land_deep(depth, method);
	expected = sh_out(&box,
			  "cat repo/.orch/templates/small/files/p%zu/log.txt",
			  depth);
	said = sh_out(&box, "cat repo/log.txt");
	clean = !conflicts && !strcmp(said, expected);
	prints("", &box,
	       "grep -L 'status: done' repo/.orch/plans/small/phases/*");
	prints("", &box, "git -C repo for-each-ref refs/orch refs/heads/orch");
	free(expected);
	free(said);
	return clean;
}

static void no_depth_and_no_method_makes_a_conflict(void **state)
{
	static const char *const methods[] = { "merge", "squash", "rebase" };
	const char *loops = getenv("ORCH_LOOPS");
	size_t deepest = loops ? 10 : 4, clean = 0, n = 0;

	for (size_t depth = 1; depth <= deepest; depth++)
		for (size_t i = 0; i < 3; i++) {
			if (n++) {
				stop(state);
				setup(state);
			}
			clean += (size_t)is_clean(depth, methods[i]);
		}
	printf("%zu/%zu without a spurious conflict\n", clean, n);
	assert_int_equal(clean, n);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop)
	const struct CMUnitTest tests[] = {
		TEST(the_result_stands_where_the_source_is_the_same),
		TEST(another_source_is_checked_and_a_commit_says_so),
		TEST(evidence_of_an_older_source_is_replaced),
		TEST(what_the_gates_refuse_does_not_move),
		TEST(a_conflict_keeps_both_sides_and_names_the_files),
		TEST(commits_added_by_hand_are_kept),
		TEST(a_merge_by_hand_becomes_one_commit_with_what_it_resolved),
		TEST(a_phase_follows_the_one_below_it),
		TEST(a_lower_one_rewritten_by_hand_takes_its_old_self_away),
		TEST(what_was_put_there_by_hand_is_only_noted),
		TEST(a_stack_rewritten_as_a_whole_is_taken_from_where_it_is),
		TEST(a_branch_without_shared_history_is_a_conflict),
		TEST(a_kill_behind_the_branch_is_finished_by_the_next_call),
		TEST(what_is_not_in_review_is_not_restacked),
		TEST(what_a_runner_holds_is_told_and_left),
		TEST(a_branch_somebody_stands_on_is_left),
		TEST(integrate_lands_a_whole_stack),
		TEST(what_stands_on_a_red_one_does_not_land),
		TEST(no_depth_and_no_method_makes_a_conflict),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What dead, living and interrupted runs leave, and who goes on with it. */
#include "tests/unit/transaction.h"

#include "core/loop.h"

#include <signal.h>

/* Runs in a child process that may be killed; its end. */
static int in_child(struct error *(*fn)(void))
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct error *err = fn();

		_exit(err ? (int)err->code + 1 : 0);
	}
	waitpid(child, &status, 0);
	return status;
}

static struct error *run_marked(void)
{
	putf(&box, "../pid", "%d", (int)getpid());
	loop_catch_signals();
	return run("a");
}

static void an_interrupt_drops_the_claim(void **state)
{
	int status;

	(void)state;
	begin_with("echo x >>%s/mark; kill -INT $(cat %s/pid); sleep 20",
		   box.dir, box.dir);
	status = in_child(run_marked);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ERROR_INTERRUPT + 1);
	expect_tidy();
	prints("", &box, "git -C repo for-each-ref refs/heads/orch");
	assert_int_equal(status_of("a"), STATUS_READY);
}

/* A check that kills its runner the first time and is green afterwards. */
static void begin_killing(void)
{
	begin_with("echo x >>%s/mark; test -e %s/killed || "
		   "{ touch %s/killed; kill -9 $(cat %s/pid); sleep 20; }",
		   box.dir, box.dir, box.dir, box.dir);
	assert_true(WIFSIGNALED(in_child(run_marked)));
	assert_int_equal(status_of("a"), STATUS_RUNNING);
}

static void a_killed_run_is_gone_on_with(void **state)
{
	char *before;

	(void)state;
	begin_killing();
	before = sh_out(&box, "ls repo/.git/orch/journal");
	ok(run(NULL));
	same(out.phase, "a");
	assert_true(out.resumed);
	assert_int_equal(out.status, PHASE_DONE);
	prints(before, &box, "ls repo/.git/orch/journal");
	assert_memory_equal(before, out.run, strlen(out.run));
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	expect_tidy();
	free(before);
}

static void naming_another_phase_leaves_the_killed_run(void **state)
{
	(void)state;
	begin_killing();
	ok(run("b"));
	same(out.phase, "b");
	assert_false(out.resumed);
	assert_int_equal(status_of("a"), STATUS_RUNNING);
	ok(run("a"));
	assert_true(out.resumed);
	expect_tidy();
}

static void a_killed_run_goes_on_from_its_own_start(void **state)
{
	struct oid start, parent;

	(void)state;
	begin_killing();
	start = project.base.commit;
	put(&box, "README", "moved on\n");
	commit_all(&box);
	ok(run("a"));
	ok(commit_parent(&parent, project.repo, &out.commit, 0));
	assert_true(oid_equal(&parent, &start));
}

/* Claims phase a for this run and dies with it. */
static struct error *claim_and_die(void)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };
	struct error *err =
		claim_take(&claim, project.repo, "small", "a",
			   out.run ? out.run : "20260102T030405Z-00000009");

	if (err)
		return err;
	kill(getpid(), SIGKILL);
	return NULL;
}

static void a_dead_claim_without_a_journal_is_dropped(void **state)
{
	(void)state;
	begin(OFF);
	assert_true(WIFSIGNALED(in_child(claim_and_die)));
	assert_int_equal(status_of("a"), STATUS_RUNNING);
	ok(run(NULL));
	same(out.phase, "a");
	assert_false(out.resumed);
	expect_tidy();
}

/* As killed between the journal's commit line and publication. */
static void unpublish(void)
{
	sh(&box, "git -C repo update-ref -d refs/heads/orch/small/a && "
		 "git -C repo update-ref -d refs/orch/base/small/a");
	assert_true(WIFSIGNALED(in_child(claim_and_die)));
}

static void a_commit_that_was_journalled_is_the_one_published(void **state)
{
	struct oid commit;

	(void)state;
	begin_with("echo x >>%s/mark", box.dir);
	ok(run("a"));
	commit = out.commit;
	unpublish();
	ok(run(NULL));
	same(out.phase, "a");
	assert_true(out.resumed);
	assert_true(oid_equal(&commit, &out.commit));
	prints("x", &box, "cat mark");
	expect_tidy();
	/* And when the object itself did not reach the disk. */
	unpublish();
	char hex[OID_HEX];
	oid_hex(hex, &commit);
	sh(&box, "rm -f repo/.git/objects/%.2s/%s", hex, hex + 2);
	project_release(&project);
	ok(open_at(&project, &box, NULL));
	sleep(1);
	ok(run(NULL));
	assert_true(oid_equal(&commit, &out.commit));
	prints("x", &box, "cat mark");
	expect_tidy();
}

/* As killed between the attempt's ref and the journal's commit line. */
static void a_resumed_run_keeps_a_refused_tree_once(void **state)
{
	(void)state;
	begin_with("exit 1");
	ok(run("a"));
	unpublish();
	sh(&box, "cd repo/.git/orch/journal && grep -q '\"commit\"' * && "
		 "sed -i '/\"commit\"/,$d' *");
	sleep(1);
	ok(run("a"));
	assert_true(out.resumed);
	assert_int_equal(out.status, PHASE_FAILED);
	prints("refs/orch/attempt/small/a/1", &box,
	       "git -C repo for-each-ref --format='%%(refname)' "
	       "refs/orch/attempt");
	expect_tidy();
}

static void a_run_killed_after_its_branch_moved_is_finished(void **state)
{
	struct oid commit;

	(void)state;
	begin(OFF);
	ok(run("a"));
	commit = out.commit;
	assert_true(WIFSIGNALED(in_child(claim_and_die)));
	ok(run(NULL));
	assert_true(out.resumed);
	assert_true(oid_equal(&commit, &out.commit));
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	expect_tidy();
}

static void what_a_living_process_holds_is_left_to_it(void **state)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };
	int ready[2];
	pid_t child;
	char c;

	(void)state;
	begin(OFF);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (!child) {
		close(ready[0]);
		struct error *err = claim_take(&claim, project.repo, "small",
					       "a", "20260102T030405Z-9");
		if (err || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	fails(ERROR_CLAIMED, "'a' is claimed by", run("a"));
	ok(run(NULL));
	same(out.phase, "b");
	fails(ERROR_NOTHING, "no phase is ready", run(NULL));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	expect_tidy();
}

static void a_dead_claim_of_a_phase_that_cannot_start_is_dropped(void **state)
{
	(void)state;
	begin(OFF);
	ok(run("a"));
	ok(run("b"));
	/* Its journal is of another clone, say. */
	outcome_release(&out);
	assert_true(WIFSIGNALED(in_child(claim_and_die)));
	fails(ERROR_NOTHING, "no phase is ready", run(NULL));
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	expect_tidy();
}

static void several_dead_claims_are_dealt_with_in_turn(void **state)
{
	(void)state;
	begin_killing();
	ok(run("b"));
	sh(&box, "rm -r repo/.git/orch/journal");
	sh(&box, "git -C repo update-ref refs/orch/claim/small/b "
		 "refs/orch/claim/small/a");
	fails(ERROR_NOTHING, "", run("c"));
	ok(run(NULL));
	same(out.phase, "a");
	assert_false(out.resumed);
	expect_tidy();
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_interrupt_drops_the_claim),
		TEST(a_killed_run_is_gone_on_with),
		TEST(naming_another_phase_leaves_the_killed_run),
		TEST(a_killed_run_goes_on_from_its_own_start),
		TEST(a_dead_claim_without_a_journal_is_dropped),
		TEST(a_commit_that_was_journalled_is_the_one_published),
		TEST(a_resumed_run_keeps_a_refused_tree_once),
		TEST(a_run_killed_after_its_branch_moved_is_finished),
		TEST(what_a_living_process_holds_is_left_to_it),
		TEST(a_dead_claim_of_a_phase_that_cannot_start_is_dropped),
		TEST(several_dead_claims_are_dealt_with_in_turn),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Checks: run on a source in the sandbox, remembered when green. */
#include "tests/unit/checked.h"

/* A project whose configuration has these lines. */
static void PRINTF(1, 2) begin(const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&text, fmt, args);
	va_end(args);
	put_small(&box, text.data);
	small_open(&project, &box);
	buf_release(&text);
}

/* One check "t" that runs a command without the sandbox. */
static void begin_with(const char *run)
{
	begin(OFF "checks: [{name: t, run: '%s', timeout: 1}]\n", run);
}

static struct error *round_of(const char *names, struct journal *journal)
{
	struct strings list = STRINGS_INIT;
	struct oid source = { { 0 } };
	char *copy = xstrdup(names), *rest = copy, *word;

	forget();
	while ((word = strsep(&rest, " ")))
		strings_add(&list, word);
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	ok(tree_without(&source, project.repo, &project.base.tree, ".orch"));
	struct error *err = gate_checks(&outcomes, &project, &plan, &list,
					&source, journal, 1, &findings);
	strings_release(&list);
	free(copy);
	return err;
}

static const struct check_outcome *run_t(void)
{
	ok(round_of("t", NULL));
	assert_int_equal(outcomes.len, 1);
	return &outcomes.items[0];
}

/* How often a check has left its mark. */
static int marks(void)
{
	char *n = sh_out(&box, "cat mark 2>/dev/null | wc -l");
	int count = atoi(n);

	free(n);
	return count;
}

static void begin_marking(const char *end)
{
	char *run = xasprintf("echo x >>%s/mark; %s", box.dir, end);

	begin_with(run);
	free(run);
}

static void a_green_check_has_no_findings(void **state)
{
	const struct check_outcome *outcome;

	(void)state;
	begin_with("test -f README && echo fine");
	outcome = run_t();
	same(outcome->name, "t");
	assert_int_equal(outcome->exit, 0);
	assert_null(outcome->tail);
	assert_false(outcome->cached);
	assert_int_equal(outcome->sandbox, SANDBOX_OFF);
	assert_int_equal(findings.len, 0);
	/* printf 'fine\n' | sha256sum */
	same(outcome->output, "sha256:8ecc5f94c57b05d6c5e0ee316bee4875"
			      "427e1845bbeef3ead59df29c72aab36e");
}

static void a_red_check_is_a_finding_with_its_last_lines(void **state)
{
	const struct check_outcome *outcome;

	(void)state;
	begin_with("seq 1 100; exit 3");
	outcome = run_t();
	assert_int_equal(outcome->exit, 3);
	same(outcome->ended, "exit 3");
	same(outcome->tail, "81\n82\n83\n84\n85\n86\n87\n88\n89\n90\n91\n92\n"
			    "93\n94\n95\n96\n97\n98\n99\n100\n");
	assert_int_equal(findings.len, 1);
	same(findings.items[0].rule, "check");
	same(findings.items[0].message, "check 't' failed: exit 3");
	same(findings.items[0].hint, outcome->tail);
}

static void what_both_outputs_say_is_kept_in_order(void **state)
{
	(void)state;
	begin_with("echo one; echo two >&2; echo three; exit 1");
	same(run_t()->tail, "one\ntwo\nthree\n");
}

static void the_digest_is_over_the_text_without_its_colours(void **state)
{
	struct buf a = BUF_INIT;
	static const char text[] =
		"\033[1;31mred\033[0m\r\n\033]0;title\aplain\033(Bx\n";

	(void)state;
	check_normalise(&a, text, sizeof text - 1);
	same(a.data, "red\nplainBx\n");
	buf_clear(&a);
	/* Cut off in the middle of a sequence. */
	check_normalise(&a, "a\033[31", 5);
	check_normalise(&a, "b\033", 2);
	check_normalise(&a, "c\033]0;x", 6);
	same(a.data, "abc");
	buf_release(&a);
}

static void colours_make_no_other_digest(void **state)
{
	char digest[SHA256_HEX + 8];

	(void)state;
	begin(OFF "checks:\n"
		  "  - {name: t, run: 'printf \"\\033[1mx\\033[m\\r\\n\"'}\n"
		  "  - {name: u, run: 'echo x'}\n");
	memcpy(digest, run_t()->output, sizeof digest);
	ok(round_of("u", NULL));
	same(outcomes.items[0].output, digest);
}

static void the_place_of_the_worktree_is_not_shown(void **state)
{
	(void)state;
	begin_with("pwd; echo in $PWD/README; exit 1");
	same(run_t()->tail, "/tmp/work\nin /tmp/work/README\n");
}

static void a_check_that_hangs_is_ended_and_red(void **state)
{
	const struct check_outcome *outcome;

	(void)state;
	begin_with("echo begun; sleep 60");
	outcome = run_t();
	assert_int_equal(outcome->exit, 124);
	same(outcome->ended, "still running after 1 s");
	same(outcome->tail, "begun\n");
	assert_true(outcome->millis >= 1000 && outcome->millis < 20000);
}

static void a_check_that_floods_is_cut_and_judged_by_its_end(void **state)
{
	const struct check_outcome *outcome;

	(void)state;
	begin(OFF "checks: [{name: t, run: 'yes | head -c 9000000; "
		  "echo last; exit 1'}]\n");
	outcome = run_t();
	assert_int_equal(outcome->exit, 1);
	assert_non_null(strstr(outcome->tail, "y\nlast\n"));
	assert_int_equal(strlen(outcome->tail), 19 * 2 + 5);
}

static void one_endless_line_does_not_fill_the_document(void **state)
{
	const struct check_outcome *outcome;

	(void)state;
	begin(OFF "checks: [{name: t, run: 'yes | tr -d \"\\n\" | "
		  "head -c 3000000; exit 1'}]\n");
	outcome = run_t();
	assert_int_equal(strlen(outcome->tail), 16384);
	assert_int_equal(strspn(outcome->tail, "y"), 16384);
}

static void what_is_no_text_is_made_text(void **state)
{
	(void)state;
	begin_with("printf \"a\\001\\377b\\303\\251\\tc\\n\"; exit 1");
	same(run_t()->tail, "a??b\xc3\xa9\tc\n");
}

static void a_check_that_is_killed_is_red(void **state)
{
	const struct check_outcome *outcome;

	(void)state;
	begin_with("kill -9 $$");
	outcome = run_t();
	assert_int_equal(outcome->exit, 128 + 9);
	same(outcome->ended, "killed by SIGKILL");
	same(outcome->tail, "");
}

static void a_green_source_is_not_checked_twice(void **state)
{
	char digest[SHA256_HEX + 8];

	(void)state;
	begin_marking("echo out");
	memcpy(digest, run_t()->output, sizeof digest);
	assert_int_equal(marks(), 1);
	assert_true(run_t()->cached);
	assert_int_equal(run_t()->exit, 0);
	same(run_t()->output, digest);
	assert_int_equal(marks(), 1);
	/* Documents are no part of a source. */
	put_plan(&box, "small", "overview: other words\n");
	small_open(&project, &box);
	assert_true(run_t()->cached);
	put(&box, "README", "changed\n");
	small_open(&project, &box);
	assert_false(run_t()->cached);
	assert_int_equal(marks(), 2);
}

static void another_definition_is_another_check(void **state)
{
	(void)state;
	begin_marking("true");
	run_t();
	begin_marking("true ");
	run_t();
	assert_int_equal(marks(), 2);
	begin(OFF "checks: [{name: t, run: 'echo x >>%s/mark; true', "
		  "network: true}]\n",
	      box.dir);
	run_t();
	assert_int_equal(marks(), 3);
	begin_marking("true");
	run_t();
	assert_int_equal(marks(), 3);
}

static void another_sandbox_level_is_another_check(void **state)
{
	(void)state;
	begin_with("true");
	run_t();
	begin("checks: [{name: t, run: 'true', timeout: 1}]\n");
	assert_false(run_t()->cached);
	assert_true(run_t()->cached);
}

static void a_red_source_is_checked_again(void **state)
{
	(void)state;
	begin_marking("false");
	run_t();
	assert_false(run_t()->cached);
	assert_int_equal(marks(), 2);
}

static void a_damaged_memory_is_no_memory(void **state)
{
	(void)state;
	begin_marking("true");
	run_t();
	sh(&box, "for f in $(find repo/.git/orch/checks -type f); do "
		 "echo '{' >$f; done");
	assert_false(run_t()->cached);
	assert_int_equal(marks(), 2);
}

/* Opens the journal of one run. */
static struct journal *journal(void)
{
	char *dir = xasprintf("%s/journal", box.dir);
	struct journal *out = NULL;

	ok(journal_open(&out, dir, "20260102T030405Z-00000001"));
	free(dir);
	return out;
}

static void a_resumed_run_reads_its_outcomes_back(void **state)
{
	struct journal *run;
	char digest[SHA256_HEX + 8];
	int64_t millis;

	(void)state;
	begin_marking("seq 1 3; exit 7");
	run = journal();
	ok(round_of("t", run));
	memcpy(digest, outcomes.items[0].output, sizeof digest);
	millis = outcomes.items[0].millis;
	journal_close(&run);
	run = journal();
	ok(round_of("t", run));
	assert_int_equal(marks(), 1);
	assert_int_equal(outcomes.items[0].exit, 7);
	assert_int_equal(outcomes.items[0].millis, millis);
	same(outcomes.items[0].output, digest);
	same(outcomes.items[0].tail, "1\n2\n3\n");
	same(outcomes.items[0].ended, "exit 7");
	assert_int_equal(findings.len, 1);
	same(findings.items[0].message, "check 't' failed: exit 7");
	journal_close(&run);
}

static void a_remembered_outcome_goes_into_the_journal_too(void **state)
{
	struct journal *run;

	(void)state;
	begin_marking("true");
	run_t();
	run = journal();
	ok(round_of("t", run));
	assert_int_equal(journal_len(run), 1);
	assert_non_null(journal_last(run, "check", "name=t", "exit=0", NULL));
	journal_close(&run);
}

static void the_first_red_check_ends_the_round(void **state)
{
	(void)state;
	begin(OFF "checks:\n  - {name: a, run: 'true'}\n"
		  "  - {name: b, run: 'false'}\n"
		  "  - {name: c, run: 'touch %s/mark'}\n",
	      box.dir);
	ok(round_of("a b c", NULL));
	assert_int_equal(outcomes.len, 2);
	assert_int_equal(outcomes.items[1].exit, 1);
	assert_int_not_equal(sh_status(&box, "test -e mark"), 0);
}

static void without_trust_nothing_runs(void **state)
{
	(void)state;
	begin_marking("true");
	put_config(&box, OFF "checks: [{name: t, run: 'touch ../mark'}]\n");
	commit_all(&box);
	ok(project_reload(&project));
	fails(ERROR_REFUSED, "not trusted", round_of("t", NULL));
	assert_int_equal(marks(), 0);
	assert_int_equal(outcomes.len, 0);
	assert_int_not_equal(sh_status(&box, "test -e .cache"), 0);
}

static void a_check_that_is_not_there_is_an_error(void **state)
{
	(void)state;
	begin_with("true");
	fails(ERROR_INVALID, "there is no check 'u'", round_of("u", NULL));
}

static void the_plans_checks_are_found_behind_the_configurations(void **state)
{
	struct strings names = STRINGS_INIT;
	const struct phase *phase;

	(void)state;
	put_small(&box, OFF "checks: [{name: t, run: 'exit 0'}]\n");
	put_plan(&box, "small",
		 "checks: [{name: t, run: 'exit 1'}, "
		 "{name: u, run: 'exit 2'}]\n");
	put_phase(&box, "small", "a", "checks: [u]\n");
	put_phase(&box, "small", "b", "checks: []\n");
	small_open(&project, &box);
	ok(round_of("t", NULL));
	assert_int_equal(outcomes.items[0].exit, 0);
	ok(round_of("u", NULL));
	assert_int_equal(outcomes.items[0].exit, 2);
	/* A phase's own list, an empty one, none: all. */
	phase = plan_phase(&plan, "a");
	phase_checks(&names, &project, &plan, phase);
	assert_int_equal(names.len, 1);
	same(names.items[0], "u");
	strings_release(&names);
	phase_checks(&names, &project, &plan, plan_phase(&plan, "b"));
	assert_int_equal(names.len, 0);
	phase_checks(&names, &project, &plan, plan_phase(&plan, "c"));
	assert_int_equal(names.len, 2);
	same(names.items[0], "t");
	same(names.items[1], "u");
	strings_release(&names);
}

static void a_check_sees_the_source_and_no_documents(void **state)
{
	(void)state;
	begin("checks: [{name: t, run: 'pwd; ls -A; cat README; exit 1'}]\n");
	run_t();
	if (outcomes.items[0].sandbox == SANDBOX_BWRAP)
		same(outcomes.items[0].tail,
		     "/tmp/work\n.git\nREADME\nhello\n");
	assert_null(strstr(outcomes.items[0].tail, ".orch"));
	assert_int_not_equal(outcomes.items[0].sandbox, SANDBOX_OFF);
}

static void what_a_check_leaves_is_gone_before_the_next(void **state)
{
	(void)state;
	begin(OFF "checks:\n"
		  "  - {name: a, run: 'touch left && echo x >README && "
		  "mkdir d && echo /d >.git-info'}\n"
		  "  - {name: b, run: 'test ! -e left && grep -q hello README "
		  "&& test ! -e d'}\n");
	ok(round_of("a b", NULL));
	assert_int_equal(findings.len, 0);
	prints("", &box, "git -C repo status --porcelain");
}

static void a_sandbox_that_is_required_and_not_there_runs_nothing(void **state)
{
	char *path = xstrdup(getenv("PATH"));
	pid_t child;
	int status;

	(void)state;
	begin("policy: {sandbox: required}\n"
	      "checks: [{name: t, run: 'true'}]\n");
	/* The probe is made once per process, so in one of its own. */
	child = fork();
	if (!child) {
		enum sandbox_level level = SANDBOX_OFF;

		setenv("PATH", box.dir, 1);
		struct error *err = check_level(&level, &project);
		_exit(error_is(err, ERROR_REFUSED) && err->hint ? 42 : 1);
	}
	waitpid(child, &status, 0);
	assert_int_equal(WEXITSTATUS(status), 42);
	free(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* Before anything else has made the probe. */
		CHECK_TEST(
			a_sandbox_that_is_required_and_not_there_runs_nothing),
		CHECK_TEST(a_green_check_has_no_findings),
		CHECK_TEST(a_red_check_is_a_finding_with_its_last_lines),
		CHECK_TEST(what_both_outputs_say_is_kept_in_order),
		CHECK_TEST(the_digest_is_over_the_text_without_its_colours),
		CHECK_TEST(colours_make_no_other_digest),
		CHECK_TEST(the_place_of_the_worktree_is_not_shown),
		CHECK_TEST(a_check_that_hangs_is_ended_and_red),
		CHECK_TEST(a_check_that_floods_is_cut_and_judged_by_its_end),
		CHECK_TEST(one_endless_line_does_not_fill_the_document),
		CHECK_TEST(what_is_no_text_is_made_text),
		CHECK_TEST(a_check_that_is_killed_is_red),
		CHECK_TEST(a_green_source_is_not_checked_twice),
		CHECK_TEST(another_definition_is_another_check),
		CHECK_TEST(another_sandbox_level_is_another_check),
		CHECK_TEST(a_red_source_is_checked_again),
		CHECK_TEST(a_damaged_memory_is_no_memory),
		CHECK_TEST(a_resumed_run_reads_its_outcomes_back),
		CHECK_TEST(a_remembered_outcome_goes_into_the_journal_too),
		CHECK_TEST(the_first_red_check_ends_the_round),
		CHECK_TEST(without_trust_nothing_runs),
		CHECK_TEST(a_check_that_is_not_there_is_an_error),
		CHECK_TEST(
			the_plans_checks_are_found_behind_the_configurations),
		CHECK_TEST(a_check_sees_the_source_and_no_documents),
		CHECK_TEST(what_a_check_leaves_is_gone_before_the_next),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

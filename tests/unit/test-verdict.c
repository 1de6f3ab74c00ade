/* The validator's verdict on what the scaffold worker made. */
#include "tests/unit/judged.h"

#include "core/loop.h"
#include "core/replies.h"

#include <signal.h>

#define PAGE "orch/small/a:.orch/plans/small/docs/phases/a.md"

static void begin_with_validator(const char *check)
{
	begin_judged(check, "agents:\n" VALIDATOR);
}

static void an_accepted_phase_has_its_verdict_in_the_document(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	read_result(&document, "a");
	same(field(&document, "result.verdict.success"), "true");
	same(field(&document, "result.verdict.score"), "0.93");
	same(cell(&document, "result.verdict.criteria", 1, "criterion"), "2");
	same(cell(&document, "result.verdict.criteria", 1, "met"), "true");
	same(cell(&document, "result.verdict.criteria", 1, "evidence"),
	     "one line");
	same(cell(&document, "result.agents", 0, "role"), "developer");
	same(cell(&document, "result.agents", 0, "calls"), "0");
	same(cell(&document, "result.agents", 1, "role"), "validator");
	same(cell(&document, "result.agents", 1, "model"), "eye");
	same(cell(&document, "result.agents", 1, "calls"), "1");
	same(cell(&document, "result.agents", 1, "cost_usd"), "unpriced");
	document_release(&document);
	struct agent_use total;
	report_total(&total, &out.report);
	assert_int_equal(total.calls, 1);
	expect_tidy();
}

static void only_who_did_the_work_is_a_trailer(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	prints("Assisted-by: scaffold:scaffold", &box,
	       "git -C repo log -1 --format=%%B orch/small/a | "
	       "grep Assisted-by");
}

static void the_page_has_the_evidence(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	prints("# Phase a\n\nIn short.\n\nPhase `a` of plan `small`.\n\n"
	       "## Acceptance criteria\n\n- It is there\n"
	       "  - met: a.txt says so\n- It has one line\n"
	       "  - met: one line\n\n## Files\n\n- create `a.txt`\n\n"
	       "## Checks\n\n- `t`: exit 0, sandbox off",
	       &box, "git -C repo show " PAGE);
}

static void the_validator_sees_the_work_and_what_is_asked_of_it(void **state)
{
	static const char *const shown[] = {
		"You are the validator", "Stage: verdict",
		"phase \"Phase a\"",     "1. It is there\n2. It has one line\n",
		"- t: exit 0\n",         "create a.txt\n",
		"diff of a.txt",         "+this is a\n",
		"goal: a goal",
	};

	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		if (!was_told("validator", 1, shown[i]))
			fail_msg("'%s' was not shown", shown[i]);
	assert_false(was_told("validator", 1, out.run));
	assert_false(was_told("validator", 1, box.dir));
}

static void an_unmet_criterion_refuses_whatever_success_says(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", VERDICT("false", "true"));
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(times_asked("validator"), 1);
	assert_int_equal(out.findings.len, 1);
	same(out.findings.items[0].message,
	     "criterion 2 is not met: It has one line");
	same(out.findings.items[0].hint, "it has two lines");
	read_result(&document, "a");
	same(field(&document, "status"), "failed");
	same(field(&document, "reason"),
	     "criterion 2 is not met: It has one line");
	same(field(&document, "result.verdict.success"), "false");
	same(cell(&document, "result.verdict.criteria", 1, "met"), "false");
	same(cell(&document, "result.agents", 1, "role"), "validator");
	document_release(&document);
	prints("this is a", &box,
	       "git -C repo show refs/orch/attempt/small/a/1:a.txt");
}

static void something_critical_refuses_whatever_the_criteria_say(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer",
		   "{\"criteria\":[{\"criterion\":2,\"evidence\":\"x\","
		   "\"met\":true},{\"criterion\":1,\"evidence\":\"x\","
		   "\"met\":true}],\"critical\":[\"the key\\nis logged\"],"
		   "\"warnings\":[],\"suggestions\":[],\"coverage\":null,"
		   "\"score\":1,\"success\":true}");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	same(out.findings.items[0].message, "critical: the key is logged");
	same(out.findings.items[0].hint, "the key\nis logged");
}

/* Answers that are no verdict, and what the second question says of them. */
static const struct {
	const char *answer, *told;
} unusable[] = {
	{ "{\"criteria\":[{\"criterion\":1,\"evidence\":\"x\",\"met\":true}]"
	  "," NOTHING ",\"coverage\":null,\"score\":1,\"success\":true}",
	  "criterion 2 is not judged" },
	{ "{\"criteria\":[{\"criterion\":1,\"evidence\":\"x\",\"met\":true},"
	  "{\"criterion\":2,\"evidence\":\"x\",\"met\":true},{\"criterion\":2,"
	  "\"evidence\":\"x\",\"met\":false}]," NOTHING
	  ",\"coverage\":null,\"score\":1,\"success\":true}",
	  "criterion 2 is judged twice" },
	{ "{\"criteria\":[{\"criterion\":1,\"evidence\":\"x\",\"met\":true},"
	  "{\"criterion\":2,\"evidence\":\"x\",\"met\":true},{\"criterion\":3,"
	  "\"evidence\":\"x\",\"met\":true}]," NOTHING
	  ",\"coverage\":null,\"score\":1,\"success\":true}",
	  "there is no criterion 3" },
	{ VERDICT("true", "false"), "say what is wrong" },
	{ "{\"success\":true}", "criteria" },
	{ "All is well.", "cannot be used" },
};

static void what_is_no_verdict_is_asked_for_again(void **state)
{
	size_t n = sizeof unusable / sizeof *unusable;

	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	project.options.no_cache = 1;
	for (size_t i = 0; i < n; i++) {
		char *name = xasprintf("validator-answer-%zu", 2 * i + 1);

		put_answer(name, unusable[i].answer);
		free(name);
		ok(run("a"));
		assert_int_equal(out.status, PHASE_DONE);
		assert_int_equal(times_asked("validator"), 2 * i + 2);
		if (!was_told("validator", (int)(2 * i + 2), unusable[i].told))
			fail_msg("%s: not told '%s'", unusable[i].answer,
				 unusable[i].told);
		sh(&box, "git -C repo branch -D orch/small/a");
	}
}

static void who_never_gives_a_verdict_lets_nothing_in(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", "LGTM!");
	fails(ERROR_INVALID, "agent 'val' gave no usable answer", run("a"));
	assert_int_equal(status_of("a"), STATUS_READY);
	expect_tidy();
}

/* The validator's reply of the run before becomes a refusal. */
static void make_it_a_refusal(void)
{
	struct reply_entries entries = { .len = 0 };
	struct strings damaged = STRINGS_INIT;
	struct reply reply;
	char *dir = xasprintf("%s/repo/.git/orch/replies", box.dir);

	ok(replies_list(&entries, &damaged, dir));
	assert_int_equal(entries.len, 1);
	reply_init(&reply);
	reply.stop = STOP_REFUSAL;
	ok(replies_put(dir, &entries.items[0], &reply));
	reply_release(&reply);
	reply_entries_release(&entries);
	strings_release(&damaged);
	free(dir);
}

static void a_validator_that_refuses_is_no_fault_of_the_work(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	sh(&box, "git -C repo branch -D orch/small/a");
	make_it_a_refusal();
	fails(ERROR_NO, "phase 'a' was not judged: agent 'val' refused",
	      run("a"));
	assert_int_equal(times_asked("validator"), 1);
	assert_int_equal(status_of("a"), STATUS_READY);
	expect_tidy();
	/* The next run does not find the refusal again. */
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(times_asked("validator"), 2);
}

static void a_validator_that_refuses_is_followed_by_its_fallback(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_judged("true", "agents:\n"
			     "- {name: val, role: validator, provider: v, "
			     "model: eye, fallback: [man]}\n" MANAGER);
	put_answer("validator-answer", ACCEPTED);
	put_answer("manager-answer", ACCEPTED);
	ok(run("a"));
	sh(&box, "git -C repo branch -D orch/small/a");
	make_it_a_refusal();
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(times_asked("validator"), 1);
	assert_int_equal(times_asked("manager"), 1);
	/* Each is charged with its own. */
	read_result(&document, "a");
	same(cell(&document, "result.agents", 1, "role"), "validator");
	same(cell(&document, "result.agents", 1, "model"), "eye");
	same(cell(&document, "result.agents", 1, "calls"), "1");
	same(cell(&document, "result.agents", 2, "role"), "validator");
	same(cell(&document, "result.agents", 2, "model"), "chair");
	same(cell(&document, "result.agents", 2, "calls"), "1");
	document_release(&document);
	expect_tidy();
}

static void what_a_gate_refused_is_not_asked_about(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_with_validator("false");
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(times_asked("validator"), 0);
	read_result(&document, "a");
	same(field(&document, "result.verdict.success"), "");
	document_release(&document);
}

/* Every reply of the store as if it had been pulled from another clone. */
static void mark_as_pulled(void)
{
	struct reply_entries entries = ARRAY_INIT;
	char *dir = xasprintf("%s/repo/.git/orch/replies", box.dir);

	ok(replies_list(&entries, NULL, dir));
	assert_int_equal(entries.len, 1);
	FOR_EACH (struct reply_entry, entry, &entries) {
		struct reply_entry kept = { 0 };
		struct reply reply;

		reply_init(&reply);
		ok(replies_get(&reply, &kept, dir, entry->key, NULL, 0));
		kept.shared = 1;
		ok(replies_put(dir, &kept, &reply));
		reply_entry_release(&kept);
		reply_release(&reply);
	}
	reply_entries_release(&entries);
	free(dir);
}

static void a_verdict_that_was_pulled_does_not_count(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	sh(&box, "git -C repo branch -D orch/small/a");
	ok(run("a"));
	assert_int_equal(times_asked("validator"), 1);
	sh(&box, "git -C repo branch -D orch/small/a");
	mark_as_pulled();
	ok(run("a"));
	assert_int_equal(times_asked("validator"), 2);
}

static void a_phase_started_again_gets_another_verdict(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	put_answer("validator-answer-1", VERDICT("false", "false"));
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(times_asked("validator"), 2);
}

static void a_resumed_run_asks_nothing_and_makes_the_same_commit(void **state)
{
	struct oid commit;

	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", ACCEPTED);
	put_answer("validator-answer-1", "Well.");
	ok(run("a"));
	commit = out.commit;
	assert_int_equal(times_asked("validator"), 2);
	kill_again("a");
	sleep(1);
	ok(run(NULL));
	assert_true(out.resumed);
	assert_int_equal(times_asked("validator"), 2);
	assert_true(oid_equal(&commit, &out.commit));
	expect_tidy();
}

static void words_of_a_model_cannot_break_the_document(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer",
		   "{\"criteria\":[{\"criterion\":1,\"evidence\":\"- a: b # c"
		   "\\n---\\n\\u0007\\u001b[31m\\u2028 {{x}} \\ud83d\\ude00\","
		   "\"met\":true},{\"criterion\":2,\"evidence\":\"\\u0085 "
		   "## Heading\\n## Two\",\"met\":true}],\"critical\":[],"
		   "\"warnings\":[\": [\"],\"suggestions\":[\"\\t- x\"],"
		   "\"coverage\":81.5,\"score\":1,\"success\":true}");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	read_result(&document, "a");
	same(cell(&document, "result.verdict.criteria", 0, "evidence"),
	     "- a: b # c\n---\n??[31m\xe2\x80\xa8 {{x}} \xf0\x9f\x98\x80");
	same(field(&document, "result.verdict.coverage"), "81.5");
	same(nth(&document, "result.verdict.warnings", 0)->text, ": [");
	document_release(&document);
	prints("0", &box, "git -C repo show " PAGE " | grep -c '^## Two'; :");
}

static void a_secret_in_the_evidence_is_not_stored(void **state)
{
	char *answer = xasprintf(
		"{\"criteria\":[{\"criterion\":1,\"evidence\":"
		"\"it has %s%s\",\"met\":true},"
		"{\"criterion\":2,\"evidence\":\"x\","
		"\"met\":true}]," NOTHING ",\"coverage\":null,\"score\":1,"
		"\"success\":true}",
		"ghp_", "k3J9sQ0vX7bTzR2mYw8LpN5dHc1FgA4uE6iO");
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer", answer);
	ok(run("a"));
	prints("1", &box,
	       "git -C repo show orch/small/a:" DOCUMENT(
		       "a") " | grep -c 'it has .redacted:'");
	prints("0", &box, "git -C repo grep -c k3J9sQ0v orch/small/a | wc -l");
	free(answer);
}

static void without_criteria_only_what_is_critical_is_asked(void **state)
{
	(void)state;
	begin_with_validator("true");
	put_answer("validator-answer",
		   "{\"criteria\":[]," NOTHING
		   ",\"coverage\":null,\"score\":1,\"success\":true}");
	ok(run("b"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_true(was_told("validator", 1, "The phase has none."));
}

/* The second question ends the run by the budget; the first one was paid. */
static void begin_short_of_calls(void)
{
	begin_with_validator("true");
	sh(&box, "git -C repo config orch.budget.phase.calls 1");
	ok(project_reload(&project));
	put_answer("validator-answer", ACCEPTED);
	put_answer("validator-answer-1", "Well.");
	fails(ERROR_REFUSED, "", run("a"));
	assert_int_equal(times_asked("validator"), 1);
}

static void a_used_up_budget_stops_a_run_that_is_gone_on_with(void **state)
{
	(void)state;
	begin_short_of_calls();
	assert_int_equal(status_of("a"), STATUS_RUNNING);
	fails(ERROR_REFUSED, "", run("a"));
	assert_int_equal(times_asked("validator"), 1);
	sh(&box, "git -C repo config orch.budget.phase.calls 5");
	ok(run(NULL));
	same(out.phase, "a");
	assert_true(out.resumed);
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(times_asked("validator"), 2);
	expect_tidy();
}

static void a_stopped_run_whose_document_was_changed_begins_again(void **state)
{
	(void)state;
	begin_short_of_calls();
	sh(&box, "git -C repo config orch.budget.phase.calls 5");
	put_phase(&box, "small", "a",
		  "summary: In other words.\nfiles: {create: [a.txt]}\n"
		  "acceptance: [It is there, It has two lines]\n");
	commit_all(&box);
	ok(run(NULL));
	same(out.phase, "a");
	assert_false(out.resumed);
	assert_true(was_told("validator", 2, "2. It has two lines"));
	expect_tidy();
}

static void what_paid_for_nothing_gives_its_phase_free(void **state)
{
	(void)state;
	begin_with_validator("true");
	sh(&box, "git -C repo config orch.budget.phase.calls 0");
	fails(ERROR_REFUSED, "", run("a"));
	assert_int_equal(times_asked("validator"), 0);
	assert_int_equal(status_of("a"), STATUS_READY);
	expect_tidy();
}

static void an_interrupt_loses_nothing_that_was_paid(void **state)
{
	int status;
	pid_t child;

	(void)state;
	begin_with_validator("true");
	put_judge("validator", "[ $n != 2 ] || [ -e stopped ] || "
			       "{ touch stopped; kill -INT $(cat pid); "
			       "sleep 20; }");
	put_answer("validator-answer", ACCEPTED);
	put_answer("validator-answer-1", "Well.");
	child = fork();
	if (!child) {
		putf(&box, "../pid", "%d", (int)getpid());
		loop_catch_signals();
		struct error *err = run("a");
		_exit(err ? (int)err->code + 1 : 0);
	}
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ERROR_INTERRUPT + 1);
	assert_int_equal(times_asked("validator"), 2);
	ok(run("a"));
	assert_true(out.resumed);
	assert_int_equal(out.status, PHASE_DONE);
	/* The second, which had no answer, and none before it. */
	assert_int_equal(times_asked("validator"), 3);
	assert_true(was_told("validator", 3, "Well."));
	expect_tidy();
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_accepted_phase_has_its_verdict_in_the_document),
		TEST(only_who_did_the_work_is_a_trailer),
		TEST(the_page_has_the_evidence),
		TEST(the_validator_sees_the_work_and_what_is_asked_of_it),
		TEST(an_unmet_criterion_refuses_whatever_success_says),
		TEST(something_critical_refuses_whatever_the_criteria_say),
		TEST(what_is_no_verdict_is_asked_for_again),
		TEST(who_never_gives_a_verdict_lets_nothing_in),
		TEST(a_validator_that_refuses_is_no_fault_of_the_work),
		TEST(a_validator_that_refuses_is_followed_by_its_fallback),
		TEST(what_a_gate_refused_is_not_asked_about),
		TEST(a_verdict_that_was_pulled_does_not_count),
		TEST(a_phase_started_again_gets_another_verdict),
		TEST(a_resumed_run_asks_nothing_and_makes_the_same_commit),
		TEST(words_of_a_model_cannot_break_the_document),
		TEST(a_secret_in_the_evidence_is_not_stored),
		TEST(without_criteria_only_what_is_critical_is_asked),
		TEST(a_used_up_budget_stops_a_run_that_is_gone_on_with),
		TEST(a_stopped_run_whose_document_was_changed_begins_again),
		TEST(what_paid_for_nothing_gives_its_phase_free),
		TEST(an_interrupt_loses_nothing_that_was_paid),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

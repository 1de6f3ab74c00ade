/*
 * A phase done by models: a developer that a peer on loopback plays, a
 * validator and a manager that are scripts.
 */
#include "tests/unit/judged.h"
#include "tests/unit/peer.h"

#include "core/journal.h"

#define CALL(name, input)                                                      \
	"{\"type\":\"tool_use\",\"id\":\"x\",\"name\":\"" name                 \
	"\",\"input\":" input "}"
#define WRITE(path, content)                                                   \
	CALL("write_file",                                                     \
	     "{\"path\":\"" path "\",\"content\":\"" content "\"}")
#define FINISH(summary)                                                        \
	CALL("finish", "{\"summary\":\"" summary                               \
		       "\",\"decisions\":[\"Short, because it is.\"],"         \
		       "\"notes\":[\"Read it.\"]}")
#define DECISION(choice, guidance, proposal)                                   \
	"{\"reason\":\"It is near.\",\"choice\":\"" choice                     \
	"\",\"guidance\":" guidance ",\"proposal\":" proposal "}"

/*
 * What the developer says: two turns of the first attempt, then two of every
 * later one, in which its work is refused.
 */
static const char *first = WRITE("a.txt", "one\\ntwo\\n");
static const char *const turns[] = {
	NULL,
	FINISH("Two lines."),
	WRITE("a.txt", "one\\n"),
	FINISH("One line."),
};

static struct peer peer;

static void reply_with(int fd, const char *content)
{
	struct buf body = BUF_INIT, head = BUF_INIT;

	buf_addf(&body,
		 "{\"type\":\"message\",\"role\":\"assistant\",\"id\":\"m\","
		 "\"model\":\"claude-opus-5\",\"content\":[%s],"
		 "\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":"
		 "100,\"output_tokens\":10}}",
		 content);
	buf_addf(&head,
		 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\n\r\n",
		 body.len);
	say(fd, head.data);
	say(fd, body.data);
	buf_release(&body);
	buf_release(&head);
}

static void keep(const struct buf *request, int n)
{
	char *path = xasprintf("%s/dev-asked-%d", box.dir, n);

	error_free(file_write(path, request->data, request->len, FILE_PLAIN));
	free(path);
}

/* By what is asked, whoever asks again. */
static void talk(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	while (hear(fd, &request, tally)) {
		const char *at = request.data;
		int turn = strstr(at, "This was tried before") ? 2 : 0;

		keep(&request, tally->requests);
		while ((at = strstr(at, "\"role\":\"assistant\""))) {
			at++;
			turn++;
		}
		reply_with(fd, turn && turn < 4 ? turns[turn] : first);
	}
	buf_release(&request);
}

static int close_all(void **state)
{
	if (peer.pid)
		peer_stop(&peer);
	peer.pid = 0;
	first = WRITE("a.txt", "one\\ntwo\\n");
	return teardown(state);
}

/* Agents besides the developer, and how many attempts there are. */
static void begin_agents(const char *agents, int attempts)
{
	peer_start(&peer, talk);
	char *more = xasprintf(
		"- {name: p, driver: anthropic, base_url: '%s', "
		"api_version: '2023-06-01'}\nagents:\n"
		"- {name: dev, role: developer, worker: tools, provider: p, "
		"model: claude-opus-5}\n%s",
		peer.url, agents);
	char *config = judges("true", more);

	put_small(&box, config);
	put(&box, DOCUMENT("a"),
	    "version: 1\nid: a\ntitle: Phase a\nagent: dev\n" CRITERIA
	    "status: planned\n");
	put_judge("validator", "");
	put_judge("manager", "");
	put_answer("validator-answer", VERDICT("false", "false"));
	small_open(&project, &box);
	sh(&box, "git -C repo config orch.policy.attempts %d", attempts);
	ok(project_reload(&project));
	free(config);
	free(more);
}

static int dev_was_told(int n, const char *words)
{
	return was_told("dev", n, words);
}

static void a_phase_passes_on_its_second_attempt(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_agents(VALIDATOR MANAGER, 3);
	put_answer("validator-answer-2", ACCEPTED);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(out.attempts, 2);
	assert_false(out.unjudged);
	assert_int_equal(peer.tally->requests, 4);
	assert_int_equal(times_asked("validator"), 2);
	assert_int_equal(times_asked("manager"), 0);
	assert_true(dev_was_told(3, "criterion 2 is not met: It has one "
				    "line"));
	assert_true(dev_was_told(3, "it has two lines"));
	prints("one", &box, "git -C repo show orch/small/a:a.txt");
	read_result(&document, "a");
	same(field(&document, "result.attempts"), "2");
	same(cell(&document, "result.agents", 0, "role"), "developer");
	same(cell(&document, "result.agents", 0, "model"), "claude-opus-5");
	same(cell(&document, "result.agents", 0, "calls"), "4");
	same(cell(&document, "result.agents", 0, "input_tokens"), "400");
	same(cell(&document, "result.agents", 0, "output_tokens"), "40");
	same(cell(&document, "result.agents", 1, "role"), "validator");
	same(nth(&document, "result.decisions", 0)->text,
	     "Short, because it is.");
	assert_int_equal(value_path(document.tree.root, "result.notes")->count,
			 1);
	document_release(&document);
	struct agent_use total;
	report_total(&total, &out.report);
	assert_int_equal(total.calls, 6);
	assert_true(total.micros > 0);
	expect_tidy();
}

static void work_that_changes_nothing_is_not_done(void **state)
{
	(void)state;
	first = FINISH("All done.");
	begin_agents("", 2);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(out.attempts, 2);
	assert_true(out.unjudged);
	assert_true(dev_was_told(2, "nothing was changed"));
	assert_true(dev_was_told(2, "'a.txt' was to be created and is not "
				    "there"));
}

static void its_commit_and_its_page_say_who_and_what(void **state)
{
	(void)state;
	begin_agents(VALIDATOR, 3);
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	prints("Assisted-by: dev:claude-opus-5", &box,
	       "git -C repo log -1 --format=%%B orch/small/a | "
	       "grep Assisted-by");
	prints("# Phase a\n\nIn short.\n\nPhase `a` of plan `small`.\n\n"
	       "## What was built\n\nTwo lines.\n\n"
	       "## Acceptance criteria\n\n- It is there\n"
	       "  - met: a.txt says so\n- It has one line\n"
	       "  - met: one line\n\n## Decisions\n\n"
	       "- Short, because it is.\n\n## Notes\n\n- Read it.\n\n"
	       "## Files\n\n- create `a.txt`\n\n"
	       "## Checks\n\n- `t`: exit 0, sandbox off",
	       &box,
	       "git -C repo show "
	       "orch/small/a:.orch/plans/small/docs/phases/a.md");
}

static void the_manager_may_give_one_more_attempt(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_agents(VALIDATOR MANAGER, 1);
	put_answer("manager-answer",
		   DECISION("retry", "\"Leave the second line out.\"", "null"));
	put_answer("validator-answer-2", ACCEPTED);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_int_equal(out.attempts, 2);
	assert_true(dev_was_told(3, "Leave the second line out."));
	assert_true(was_told("manager", 1, "You are the manager"));
	assert_true(was_told("manager", 1, "attempted 1 times"));
	assert_true(was_told("manager", 1, "criterion 2 is not met"));
	assert_true(was_told("manager", 1, "+two\n"));
	read_result(&document, "a");
	same(nth(&document, "result.notes", 1)->text,
	     "the manager's guidance: Leave the second line out.");
	document_release(&document);
}

static void it_gives_no_more_than_one(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_agents(VALIDATOR MANAGER, 1);
	put_answer("manager-answer",
		   DECISION("retry", "\"Try harder.\"", "null"));
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(out.attempts, 2);
	assert_int_equal(times_asked("manager"), 1);
	read_result(&document, "a");
	same(field(&document, "reason"),
	     "criterion 2 is not met: It has one line");
	document_release(&document);
}

static void the_manager_may_give_it_up(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_agents(VALIDATOR MANAGER, 1);
	put_answer("manager-answer", DECISION("give-up", "null",
					      "\"Split it: one phase a "
					      "line.\""));
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(out.attempts, 1);
	read_result(&document, "a");
	same(field(&document, "reason"),
	     "criterion 2 is not met: It has one line; given up: It is near.");
	same(nth(&document, "result.notes", 0)->text,
	     "the manager gave it up: It is near.");
	same(nth(&document, "result.notes", 1)->text,
	     "the manager proposes: Split it: one phase a line.");
	same(cell(&document, "result.agents", 2, "role"), "manager");
	document_release(&document);
	same(out.reason, "criterion 2 is not met: It has one line; given up: "
			 "It is near.");
}

static void a_retry_without_guidance_is_asked_about_again(void **state)
{
	(void)state;
	begin_agents(VALIDATOR MANAGER, 1);
	put_answer("manager-answer-1", DECISION("retry", "null", "null"));
	put_answer("manager-answer", DECISION("give-up", "null", "null"));
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(times_asked("manager"), 2);
	assert_true(was_told("manager", 2, "a retry needs guidance"));
}

static void a_manager_without_an_answer_has_given_up(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	begin_agents(VALIDATOR MANAGER, 1);
	put_answer("manager-answer", "Hm.");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(out.attempts, 1);
	read_result(&document, "a");
	assert_non_null(strstr(nth(&document, "result.notes", 0)->text,
			       "there was no decision: agent 'man' gave no "
			       "usable answer"));
	same(cell(&document, "result.agents", 2, "role"), "manager");
	same(cell(&document, "result.agents", 2, "calls"), "3");
	document_release(&document);
}

static void without_a_manager_nobody_is_asked(void **state)
{
	(void)state;
	begin_agents(VALIDATOR, 2);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(out.attempts, 2);
	assert_int_equal(times_asked("manager"), 0);
	/* What was refused last is kept for a person. */
	prints("one", &box,
	       "git -C repo show refs/orch/attempt/small/a/1:a.txt");
}

static void a_path_that_was_asked_for_has_its_reason(void **state)
{
	struct document document = DOCUMENT_INIT;

	(void)state;
	first = CALL("request_path",
		     "{\"path\":\"b.txt\",\"reason\":\"It is "
		     "needed.\"}") "," WRITE("a.txt",
					     "one\\n") "," WRITE("b.txt",
								 "b\\n");
	begin_agents(VALIDATOR, 1);
	put_answer("validator-answer", ACCEPTED);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	read_result(&document, "a");
	same(nth(&document, "result.notes", 1)->text,
	     "b.txt was asked for: It is needed.");
	same(cell(&document, "result.files", 1, "declared"), "false");
	document_release(&document);
	prints("- create `b.txt` (undeclared: It is needed.)", &box,
	       "git -C repo show "
	       "orch/small/a:.orch/plans/small/docs/phases/a.md | "
	       "grep b.txt");
	assert_true(was_told("validator", 1,
			     "create b.txt (not declared by the phase)"));
}

/* The document without what may differ between two runs. */
static char *masked(void)
{
	return sh_out(&box, "git -C repo show orch/small/a:" DOCUMENT(
				    "a") " | grep -vE '^ *(- )?(started|"
					 "seconds|calls|cost_usd|[a-z]*_tokens)"
					 ":'; git -C repo ls-tree orch/small/a "
					 "a.txt .orch/plans/small/docs/");
}

static size_t asked_in_all(void)
{
	return (size_t)peer.tally->requests + times_asked("validator") +
	       times_asked("manager");
}

static void begin_all_of_them(void)
{
	begin_agents(VALIDATOR MANAGER, 1);
	put_judge("validator", "grep -q '^+two' validator-asked-$n && n=bad");
	put_answer("validator-answer-bad", VERDICT("false", "false"));
	put_answer("validator-answer", ACCEPTED);
	put_answer("manager-answer",
		   DECISION("retry", "\"Leave it out.\"", "null"));
}

static void a_resumed_run_asks_nobody_and_makes_the_same_commit(void **state)
{
	struct oid commit;
	size_t asked;

	(void)state;
	begin_all_of_them();
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	commit = out.commit;
	asked = asked_in_all();
	assert_int_equal(asked, 7);
	kill_again("a");
	sleep(1);
	ok(run(NULL));
	assert_true(out.resumed);
	assert_int_equal(asked_in_all(), asked);
	assert_true(oid_equal(&commit, &out.commit));
	expect_tidy();
}

/* The journal of the run as it was after so many lines. */
static size_t cut_journal(size_t lines)
{
	char *count = sh_out(&box,
			     "j=repo/.git/orch/journal/%s.jsonl; cp -n $j j; "
			     "head -n %zu j >$j; "
			     "grep '\"type\":\"closed\"' $j | wc -l",
			     out.run, lines);
	size_t closed = strtoul(count, NULL, 10);

	free(count);
	return closed;
}

static void killed_after_each_line_it_pays_for_nothing_twice(void **state)
{
	char *lines, *expected, *run_id;
	size_t asked, n;

	(void)state;
	begin_all_of_them();
	ok(run("a"));
	expected = masked();
	asked = asked_in_all();
	run_id = xstrdup(out.run);
	lines = sh_out(&box, "wc -l <repo/.git/orch/journal/%s.jsonl", run_id);
	n = strtoul(lines, NULL, 10);
	for (size_t k = 1; k < n; k++) {
		size_t before = asked_in_all();
		size_t closed = cut_journal(k);

		kill_again("a");
		/* What another run was answered is not looked at. */
		project.options.no_cache = 1;
		ok(run(NULL));
		assert_true(out.resumed);
		same(out.run, run_id);
		assert_int_equal(asked_in_all() - before, asked - closed);
		char *got = masked();
		same(got, expected);
		free(got);
		sh(&box, "rm j");
	}
	printf("%zu/%zu lines\n", n - 1, n - 1);
	assert_true(n > 14);
	free(expected);
	free(run_id);
	free(lines);
	expect_tidy();
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_all)
	const struct CMUnitTest tests[] = {
		TEST(a_phase_passes_on_its_second_attempt),
		TEST(work_that_changes_nothing_is_not_done),
		TEST(its_commit_and_its_page_say_who_and_what),
		TEST(the_manager_may_give_one_more_attempt),
		TEST(it_gives_no_more_than_one),
		TEST(the_manager_may_give_it_up),
		TEST(a_retry_without_guidance_is_asked_about_again),
		TEST(a_manager_without_an_answer_has_given_up),
		TEST(without_a_manager_nobody_is_asked),
		TEST(a_path_that_was_asked_for_has_its_reason),
		TEST(a_resumed_run_asks_nobody_and_makes_the_same_commit),
		TEST(killed_after_each_line_it_pays_for_nothing_twice),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The worker `tools`, against a peer that answers from a script: the n-th
 * answer to a conversation of n turns.  The peer keeps every request it gets.
 */
#include "tests/unit/peer.h"
#include "tests/unit/tooled.h"

#include "core/file.h"
#include "plans/models.h"

#define RUN "20260101T000000Z-00000001"

/* One answer: content blocks ('@' is a long text), and why it stopped. */
struct line {
	const char *content;
	const char *stop;
};
static const struct line *script;
static size_t script_len;
static int by_request; /* the n-th request gets the n-th answer */
static char log_path[128];

/* What all connections of a peer share: which request is not answered. */
static struct shared {
	int hang; /* from 1; 0: none */
	int fail;
} * shared;

static struct peer peer;
static struct caller caller;
static struct journal *journal;
static struct workspace *work;
static struct error *outcome;

#define CALL(name, input)                                                      \
	"{\"type\":\"tool_use\",\"id\":\"x\",\"name\":\"" name                 \
	"\",\"input\":" input "}"
#define TEXT(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define WRITE(path, content)                                                   \
	CALL("write_file",                                                     \
	     "{\"path\":\"" path "\",\"content\":\"" content "\"}")
#define READ(path) CALL("read_file", "{\"path\":\"" path "\"}")
#define FINISH     CALL("finish", "{\"summary\":\"Done.\"}")

static size_t turns_of(const struct buf *request)
{
	const char *at = request->data;
	size_t n = 0;

	while ((at = strstr(at, "\"role\":\"assistant\""))) {
		at++;
		n++;
	}
	return n;
}

static void keep(const struct buf *request)
{
	const char *body = strstr(request->data, "\r\n\r\n") + 4;
	FILE *file = fopen(log_path, "a");

	fprintf(file, "%s\n", body);
	fclose(file);
}

#define LOREM "lorem ipsum dolor sit amet consectetur adipiscing elit sed do "

static void add_content(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text != '@')
			buf_ch(out, *text);
		for (int i = 0; *text == '@' && i < 200; i++)
			buf_str(out, LOREM);
	}
}

static void answer_with(int fd, const struct line *line)
{
	struct buf body = BUF_INIT, head = BUF_INIT;

	buf_addf(&body,
		 "{\"type\":\"message\",\"role\":\"assistant\",\"id\":\"m\","
		 "\"model\":\"claude-opus-5\",\"content\":[");
	add_content(&body, line->content);
	buf_addf(&body,
		 "],\"stop_reason\":\"%s\",\"usage\":{\"input_tokens\":100,"
		 "\"output_tokens\":10}}",
		 line->stop);
	buf_addf(&head,
		 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\n\r\n",
		 body.len);
	say(fd, head.data);
	say(fd, body.data);
	buf_release(&body);
	buf_release(&head);
}

static void refuse_with(int fd, const char *status, const char *body)
{
	struct buf text = BUF_INIT;

	buf_addf(&text,
		 "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\n\r\n%s",
		 status, strlen(body), body);
	say(fd, text.data);
	buf_release(&text);
}

#define FORBIDDEN                                                              \
	"{\"type\":\"error\",\"error\":{\"type\":\"permission_error\","        \
	"\"message\":\"no\"}}"
#define TOO_LONG                                                               \
	"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","   \
	"\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}"

static void talk(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	while (hear(fd, &request, tally)) {
		size_t turn = by_request ? (size_t)tally->requests - 1
					 : turns_of(&request);

		keep(&request);
		if (tally->requests == shared->hang)
			nap(60000);
		if (tally->requests == shared->fail)
			refuse_with(fd, "403 Forbidden", FORBIDDEN);
		else if (turn >= script_len)
			refuse_with(fd, "404 Not Found", "{}");
		else if (!strcmp(script[turn].stop, "too_long"))
			refuse_with(fd, "400 Bad Request", TOO_LONG);
		else
			answer_with(fd, &script[turn]);
	}
	buf_release(&request);
}

static void start_peer(const struct line *lines, size_t len)
{
	script = lines;
	script_len = len;
	snprintf(log_path, sizeof log_path, "%s/requests", box.dir);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	peer_start(&peer, talk);
}
#define SCRIPT(lines) start_peer(lines, sizeof(lines) / sizeof *(lines))

#define AGENT                                                                  \
	"agents: [{name: dev, role: developer, worker: tools, "                \
	"provider: p, model: %s%s}]\n"

static void configure(const char *model, const char *more, const char *lines)
{
	char *agent = xasprintf(AGENT, model, more);
	char *config = xasprintf(OFF "providers: [{name: p, driver: anthropic, "
				     "base_url: '%s', key_env: ORCH_TEST_KEY, "
				     "api_version: '2023-06-01'}]\n%s%s",
				 peer.url, agent, lines);

	begin(config, FILES);
	free(agent);
	free(config);
}

/* Everything a process has of its own. */
static void open_run(void)
{
	char *dir = xasprintf("%s/journal", box.dir);

	ok(journal_open(&journal, dir, RUN));
	caller = (struct caller)CALLER_INIT;
	ok(caller_open(&caller, &project, journal, "small", "a"));
	caller.retry = (struct retry_policy){ .base_ms = 1, .cap_ms = 2 };
	ok(workspace_open(&work, project.repo, &project.base.tree));
	report_release(&report);
	task.agent = config_agent(&project.config, "dev");
	task.journal = journal;
	task.caller = &caller;
	free(dir);
}

static void close_run(void)
{
	if (!work)
		return;
	caller_close(&caller);
	journal_close(&journal);
	workspace_free(work);
	work = NULL;
}

static struct error *run_it(struct oid *tree)
{
	struct error *err;

	open_run();
	err = worker_tools.run(work, &task);
	if (!err)
		err = workspace_write_tree(tree, work);
	close_run();
	return err;
}

static int close_all(void **state)
{
	close_run();
	error_free(outcome);
	outcome = NULL;
	if (peer.pid)
		peer_stop(&peer);
	peer.pid = 0;
	by_request = 0;
	if (shared)
		munmap(shared, sizeof *shared);
	shared = NULL;
	end();
	return teardown(state);
}

/* The body of the n-th request, from 1. */
static char *body(int n)
{
	return sh_out(&box, "sed -n %dp requests", n);
}

static void expect_in(int n, const char *text)
{
	char *got = body(n);

	if (!strstr(got, text))
		fail_msg("'%s' is not in request %d: %s", text, n, got);
	free(got);
}

static void expect_not_in(int n, const char *text)
{
	char *got = body(n);

	if (strstr(got, text))
		fail_msg("'%s' is in request %d", text, n);
	free(got);
}

static void expect_changes(const struct oid *tree, const char *expected)
{
	char hex[OID_HEX];

	prints(expected, &box, "git -C repo diff --name-status main %s",
	       oid_hex(hex, tree));
}

static const struct line small[] = {
	{ TEXT("I look.") "," READ("src/main.c") "," READ("README"),
	  "tool_use" },
	{ WRITE("a.txt", "one\\n") "," CALL("run_check", "{\"name\":\"t\"}"),
	  "tool_use" },
	{ CALL("edit_file", "{\"path\":\"a.txt\",\"old\":\"one\","
			    "\"new\":\"two\"}"),
	  "tool_use" },
	{ CALL("run_check", "{\"name\":\"t\"}"), "tool_use" },
	{ FINISH, "tool_use" },
};
#define SMALL_CALLS 5

static void configure_small(void)
{
	char *check = xasprintf("checks: [{name: t, run: 'echo x >>%s/mark; "
				"grep two a.txt'}]\n",
				box.dir);

	configure("claude-opus-5", "", check);
	free(check);
}

static void a_model_works_on_the_files_until_it_is_done(void **state)
{
	struct oid tree = { { 0 } };

	(void)state;
	SCRIPT(small);
	configure_small();
	ok(run_it(&tree));
	expect_changes(&tree, "A\ta.txt");
	same(report.summary, "Done.");
	assert_int_equal(report.uses.len, 1);
	same(report.uses.items[0].role, "developer");
	assert_int_equal(report.uses.items[0].calls, SMALL_CALLS);
	assert_int_equal(report.uses.items[0].usage.output, 10 * SMALL_CALLS);
	assert_int_equal(report.keys.len, SMALL_CALLS);
	assert_int_equal(peer.tally->requests, SMALL_CALLS);
	/* Who it is, what it is shown, what it is asked. */
	expect_in(1, "You are a software developer");
	expect_in(1, "Do this phase: Phase a");
	expect_in(1, "- create src/*.h");
	expect_in(1, "src/deep/other.c");
	expect_in(1, "\"name\":\"request_path\"");
	expect_in(2, "puts(\\\"two\\\");");
	expect_in(2, "     1\\thello");
	expect_in(3, "check 't' failed: exit 1");
	expect_in(5, "check 't' passed");
	prints("2", &box, "wc -l <mark");
}

static void the_same_again_asks_nobody(void **state)
{
	struct oid tree = { { 0 } }, again = { { 0 } };

	(void)state;
	SCRIPT(small);
	configure_small();
	ok(run_it(&tree));
	/* Of this run, and of another. */
	ok(run_it(&again));
	assert_true(oid_equal(&tree, &again));
	sh(&box, "rm -r journal");
	ok(run_it(&again));
	assert_true(oid_equal(&tree, &again));
	/* The red check had to be run again, with the same words. */
	assert_int_equal(peer.tally->requests, SMALL_CALLS);
	assert_int_equal(report.uses.items[0].micros, 0);
}

static const struct line telling[] = {
	{ WRITE("a.txt", "it is the-key-in-use\\n"), "tool_use" },
	{ TEXT("I wrote the-key-in-use") "," WRITE("a.txt", "none\\n"),
	  "tool_use" },
	{ CALL("finish", "{\"summary\":\"Not the-key-in-use.\"}"), "tool_use" },
};

static void a_key_it_says_gets_into_no_file_and_no_request(void **state)
{
	struct oid tree = { { 0 } }, again = { { 0 } };
	char hex[OID_HEX];

	(void)state;
	setenv("ORCH_TEST_KEY", "the-key-in-use", 1);
	SCRIPT(telling);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
	expect_in(2, "it is [redacted:known]");
	expect_in(2, "the content holds '[redacted:'");
	expect_in(3, "I wrote [redacted:known]");
	prints("none", &box, "git -C repo show %s:a.txt", oid_hex(hex, &tree));
	same(report.summary, "Not [redacted:known].");
	/* Whoever resumes sees what was seen. */
	ok(run_it(&again));
	assert_true(oid_equal(&tree, &again));
	assert_int_equal(peer.tally->requests, 3);
	prints("", &box,
	       "grep -rlF the-key-in-use requests journal repo/.git/orch || :");
	unsetenv("ORCH_TEST_KEY");
}

static void a_recorded_run_is_replayed_without_the_service(void **state)
{
	struct oid tree = { { 0 } }, again = { { 0 } };
	char *dir = xasprintf("%s/recorded", box.dir);

	(void)state;
	SCRIPT(small);
	configure_small();
	project.options.record = dir;
	ok(run_it(&tree));
	sh(&box, "rm -rf journal repo/.git/orch");
	project.options.record = NULL;
	project.options.replay = dir;
	ok(run_it(&again));
	assert_true(oid_equal(&tree, &again));
	assert_int_equal(peer.tally->requests, SMALL_CALLS);
	/* The first request that differs ends it. */
	sh(&box, "rm -rf journal repo/.git/orch");
	task.guidance = "Do it otherwise.";
	fails(ERROR_NOT_FOUND, "this request was not recorded", run_it(&again));
	assert_int_equal(peer.tally->requests, SMALL_CALLS);
	free(dir);
}

/* Ended after k calls and begun again: the rest of the calls, the same tree. */
static void what_was_stopped_goes_on_where_it_was(void **state)
{
	struct oid whole = { { 0 } };

	(void)state;
	SCRIPT(small);
	configure_small();
	ok(run_it(&whole));
	sh(&box, "mv requests all; rm mark");
	for (int k = 1; k < SMALL_CALLS; k++) {
		struct oid tree = { { 0 } };

		sh(&box, "rm -rf journal repo/.git/orch requests mark");
		peer.tally->requests = 0;
		shared->fail = k + 1;
		fails(ERROR_FAILURE, "403", run_it(&tree));
		assert_int_equal(peer.tally->requests, k + 1);
		shared->fail = 0;
		ok(run_it(&tree));
		assert_true(oid_equal(&tree, &whole));
		assert_int_equal(peer.tally->requests, SMALL_CALLS + 1);
		assert_int_equal(report.uses.items[0].calls, SMALL_CALLS);
		sh(&box, "uniq requests >once && cmp once all");
		prints("2", &box, "wc -l <mark");
	}
}

/* Waits until the peer has so many requests, then kills the child. */
static void kill_at(int pid, int requests)
{
	while (__atomic_load_n(&peer.tally->requests, __ATOMIC_SEQ_CST) <
	       requests)
		nap(2);
	nap(20); /* the request is written down before the peer hangs */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int fork_run(void)
{
	struct oid tree;
	int pid = fork();

	if (pid)
		return pid;
	project_release(&project);
	ok(open_at(&project, &box, NULL));
	error_free(run_it(&tree));
	_exit(0);
}

static void what_was_killed_goes_on_where_it_was(void **state)
{
	struct oid whole = { { 0 } };

	(void)state;
	SCRIPT(small);
	configure_small();
	ok(run_it(&whole));
	sh(&box, "mv requests all");
	for (int k = 1; k < SMALL_CALLS; k++) {
		struct oid tree = { { 0 } };

		sh(&box, "rm -rf journal repo/.git/orch requests");
		peer.tally->requests = 0;
		shared->hang = k + 1;
		kill_at(fork_run(), k + 1);
		shared->hang = 0;
		ok(run_it(&tree));
		assert_true(oid_equal(&tree, &whole));
		/* The one that was open is asked again, no other. */
		assert_int_equal(peer.tally->requests, SMALL_CALLS + 1);
		sh(&box, "uniq requests >once && cmp once all");
	}
}

static void findings_and_guidance_reach_the_next_attempt(void **state)
{
	static const struct line lines[] = { { FINISH, "tool_use" } };
	struct findings findings = FINDINGS_INIT;
	struct oid tree;

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	finding_hint(finding_add(&findings, "check", NULL,
				 "check 't' failed: exit 2"),
		     "a.c:3: no\n```\nFAILED in 0.31s at 0x7f00deadbeef\n");
	task.findings = &findings;
	task.guidance = "Mind the ```fence```.";
	task.attempt = 2;
	ok(run_it(&tree));
	expect_in(1, "This was tried before, and refused");
	expect_in(1, "- check 't' failed: exit 2\\na.c:3: no\\n```\\n"
		     "FAILED in #s at 0x#\\n````");
	expect_in(1, "```` guidance\\nMind the ```fence```.\\n````");
	findings_release(&findings);
}

static void who_does_not_call_is_asked_once(void **state)
{
	static const struct line lines[] = {
		{ WRITE("a.txt", "x"), "tool_use" },
		{ TEXT("All done."), "end_turn" },
		{ TEXT("It is built."), "end_turn" },
	};
	struct oid tree = { { 0 } };

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
	expect_in(3, "If the work is done, call finish.");
	same(report.summary, "It is built.");
	expect_changes(&tree, "A\ta.txt");
}

static void who_does_nothing_has_failed(void **state)
{
	static const struct line lines[] = {
		{ TEXT("Hello."), "end_turn" },
		{ TEXT("Hello."), "end_turn" },
	};
	struct oid tree;

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "stopped without having changed anything",
	      run_it(&tree));
}

static void a_refusal_ends_the_attempt(void **state)
{
	static const struct line lines[] = {
		{ TEXT("I will not."), "refusal" },
	};
	struct oid tree;

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "refused to do this phase", run_it(&tree));
	assert_int_equal(report.uses.items[0].calls, 1);
}

static void an_answer_that_was_cut_goes_on(void **state)
{
	static const struct line lines[] = {
		{ TEXT("I begin"), "max_tokens" },
		{ TEXT("and pause"), "pause_turn" },
		{ WRITE("a.txt", "x") "," FINISH, "tool_use" },
	};
	struct oid tree = { { 0 } };

	(void)state;
	by_request = 1;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
	expect_in(2, "cut off by its length");
	expect_in(3, "and pause");
	expect_changes(&tree, "A\ta.txt");
}

static void answers_that_are_always_cut_end_it(void **state)
{
	static const struct line lines[] = {
		{ TEXT("a"), "max_tokens" }, { TEXT("b"), "max_tokens" },
		{ TEXT("c"), "max_tokens" }, { TEXT("d"), "max_tokens" },
		{ TEXT("e"), "max_tokens" }, { TEXT("f"), "max_tokens" },
	};
	struct oid tree;

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "longer than its max_tokens", run_it(&tree));
	assert_int_equal(peer.tally->requests, 5);
}

static void an_error_of_a_tool_goes_back_to_the_model(void **state)
{
	static const struct line lines[] = {
		{ WRITE("README", "x"), "tool_use" },
		{ CALL("no_tool", "{}"), "tool_use" },
		{ WRITE("a.txt", "x") "," FINISH, "tool_use" },
	};
	struct oid tree = { { 0 } };

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
	expect_in(2, "ask for it with request_path");
	expect_in(2, "\"is_error\":true");
	expect_in(3, "there is no tool 'no_tool'");
	expect_changes(&tree, "A\ta.txt");
}

static void the_same_call_three_times_ends_it(void **state)
{
	static const struct line lines[] = {
		{ READ("README"), "tool_use" },
		{ READ("README"), "tool_use" },
		{ READ("README"), "tool_use" },
		{ FINISH, "tool_use" },
	};
	struct oid tree;

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "the same call again and again", run_it(&tree));
	expect_in(3, "nothing has changed since");
	assert_int_equal(peer.tally->requests, 3);
}

#define BROKEN(n) CALL("write_file", "[" n "]")

static void calls_that_are_broken_in_their_own_way_differ(void **state)
{
	static const struct line lines[] = {
		{ BROKEN("1") "," BROKEN("2") "," BROKEN("3"), "tool_use" },
		{ WRITE("a.txt", "x") "," FINISH, "tool_use" },
	};
	struct oid tree = { { 0 } };

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
	expect_in(2, "\"is_error\":true");
	expect_not_in(2, "nothing has changed since");
	expect_changes(&tree, "A\ta.txt");
}

static void the_same_broken_call_three_times_ends_it(void **state)
{
	static const struct line lines[] = {
		{ BROKEN("1") "," BROKEN("1") "," BROKEN("1"), "tool_use" },
		{ FINISH, "tool_use" },
	};
	struct oid tree;

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "the same call again and again", run_it(&tree));
}

static void the_same_call_after_a_change_is_another(void **state)
{
	static const struct line lines[] = {
		{ READ("README"), "tool_use" },
		{ READ("README"), "tool_use" },
		{ WRITE("a.txt", "x"), "tool_use" },
		{ READ("README"), "tool_use" },
		{ FINISH, "tool_use" },
	};
	struct oid tree;

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
}

/* Answers that read, each another line, without end. */
static void talk_reading(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;
	char content[200];

	while (hear(fd, &request, tally)) {
		const struct line line = { content, "tool_use" };

		keep(&request);
		snprintf(content, sizeof content,
			 CALL("search", "{\"pattern\":\"x%d\"}"),
			 tally->requests);
		answer_with(fd, &line);
	}
	buf_release(&request);
}

static void who_only_reads_is_told_and_then_stopped(void **state)
{
	struct oid tree;

	(void)state;
	snprintf(log_path, sizeof log_path, "%s/requests", box.dir);
	peer_start(&peer, talk_reading);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "changed nothing", run_it(&tree));
	assert_int_equal(peer.tally->requests, 16);
	expect_not_in(8, "changed nothing for a while");
	expect_in(9, "changed nothing for a while");
}

/* Answers that write, each another text, without end. */
static void talk_writing(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;
	char content[200];

	while (hear(fd, &request, tally)) {
		const struct line line = { content, "tool_use" };

		snprintf(content, sizeof content, WRITE("a.txt", "%d"),
			 tally->requests);
		answer_with(fd, &line);
	}
	buf_release(&request);
}

static void the_number_of_calls_is_limited(void **state)
{
	struct oid tree;

	(void)state;
	peer_start(&peer, talk_writing);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "not done after 60 calls", run_it(&tree));
	assert_int_equal(peer.tally->requests, 60);
}

static void a_used_up_budget_refuses_and_is_gone_on_from(void **state)
{
	struct oid tree = { { 0 } };

	(void)state;
	SCRIPT(small);
	configure("claude-opus-5", "",
		  "budget: {phase: {calls: 2}}\n"
		  "checks: [{name: t, run: 'grep two a.txt'}]\n");
	fails(ERROR_REFUSED, "", run_it(&tree));
	assert_int_equal(peer.tally->requests, 2);
	/* Raised, by a setting beyond the base. */
	setenv("ORCH_BUDGET_PHASE_CALLS", "100", 1);
	ok(project_reload(&project));
	unsetenv("ORCH_BUDGET_PHASE_CALLS");
	ok(run_it(&tree));
	assert_int_equal(peer.tally->requests, SMALL_CALLS);
	expect_changes(&tree, "A\ta.txt");
}

static void without_a_caller_nothing_can_be_asked(void **state)
{
	static const struct line lines[] = { { FINISH, "tool_use" } };

	(void)state;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	open_run();
	task.caller = NULL;
	fails(ERROR_INVALID, "agent 'dev' cannot be asked",
	      worker_tools.run(work, &task));
}

/*
 * A model with little room: each file that is read takes a good part of it.
 * The peer answers by the number of the request, for a conversation that was
 * made shorter has fewer turns than it had.
 */
static void put_books(void)
{
	struct buf text = BUF_INIT;

	for (int book = 1; book <= 6; book++) {
		char *path = xasprintf("books/%d.txt", book);

		buf_clear(&text);
		for (int i = 0; i < 300; i++)
			buf_addf(&text, "book %d has line %d\n", book, i);
		put(&box, path, text.data);
		free(path);
	}
	buf_release(&text);
}

/* What is not known has 128,000 tokens: this leaves about 13,000. */
#define NARROW ", max_tokens: 112952"

static const struct line library[] = {
	{ READ("books/1.txt"), "tool_use" },
	{ WRITE("a.txt", "1") "," READ("books/2.txt"), "tool_use" },
	{ READ("books/3.txt"), "tool_use" },
	{ READ("books/4.txt"), "tool_use" },
	{ READ("books/5.txt"), "tool_use" },
	{ READ("books/6.txt"), "tool_use" },
	{ WRITE("a.txt", "1 to 6") "," FINISH, "tool_use" },
};

static void what_old_calls_gave_is_left_out_first(void **state)
{
	struct oid tree = { { 0 } };

	(void)state;
	by_request = 1;
	put_books();
	SCRIPT(library);
	configure("unknown", NARROW, "");
	ok(run_it(&tree));
	assert_int_equal(peer.tally->requests, 7);
	expect_in(3, "book 1 has line 299");
	expect_in(7, "[elided: read_file books/1.txt, 300 lines");
	expect_not_in(7, "book 1 has line 299");
	expect_in(7, "book 6 has line 299");
	expect_changes(&tree, "A\ta.txt");
}

/* Texts are not elided: many of them have to be summarised. */
static const struct line talker[] = {
	{ TEXT("first @") "," WRITE("a.txt", "1"), "tool_use" },
	{ TEXT("second @") "," WRITE("a.txt", "2"), "tool_use" },
	{ TEXT("third @") "," WRITE("a.txt", "3"), "tool_use" },
	{ TEXT("fourth @") "," WRITE("a.txt", "4"), "tool_use" },
	{ TEXT("a.txt went from 1 to 2; 4 is left."), "end_turn" },
	{ WRITE("a.txt", "5") "," FINISH, "tool_use" },
};
#define TALKER_CALLS 6

static void a_long_conversation_is_summarised(void **state)
{
	struct oid tree = { { 0 } };

	(void)state;
	by_request = 1;
	SCRIPT(talker);
	configure("unknown", NARROW, "");
	ok(run_it(&tree));
	assert_int_equal(peer.tally->requests, TALKER_CALLS);
	expect_in(5, "Stage: summarise");
	expect_in(5, "You said: first lorem");
	expect_in(5, "You called write_file a.txt");
	expect_not_in(5, "\"tools\"");
	expect_in(6, "Do this phase: Phase a");
	expect_in(6, "a.txt went from 1 to 2; 4 is left.");
	expect_not_in(6, "first lorem");
	expect_in(6, "fourth lorem");
	/* It is a call like any other. */
	assert_int_equal(report.uses.items[0].calls, TALKER_CALLS);
	prints("1", &box,
	       "grep '\"stage\":\"summarise\"' journal/* | "
	       "grep -c '\"type\":\"closed\"'");
	expect_changes(&tree, "A\ta.txt");
}

static void a_summarised_conversation_is_resumed(void **state)
{
	struct oid whole = { { 0 } };

	(void)state;
	by_request = 1;
	SCRIPT(talker);
	configure("unknown", NARROW, "");
	ok(run_it(&whole));
	sh(&box, "mv requests all");
	for (int k = 1; k < TALKER_CALLS; k++) {
		struct oid tree = { { 0 } };

		sh(&box, "rm -rf journal repo/.git/orch requests");
		peer.tally->requests = 0;
		shared->fail = k + 1;
		fails(ERROR_FAILURE, "403", run_it(&tree));
		shared->fail = 0;
		peer.tally->requests = k;
		ok(run_it(&tree));
		assert_true(oid_equal(&tree, &whole));
		assert_int_equal(peer.tally->requests, TALKER_CALLS);
		sh(&box, "uniq requests >once && cmp once all");
	}
}

static void what_the_service_finds_too_long_is_made_shorter(void **state)
{
	static const struct line lines[] = {
		{ READ("books/1.txt"), "tool_use" },
		{ READ("books/2.txt"), "tool_use" },
		{ READ("books/3.txt"), "tool_use" },
		{ "", "too_long" },
		{ TEXT("1 was read."), "end_turn" },
		{ WRITE("a.txt", "1"), "model_context_window_exceeded" },
		{ WRITE("a.txt", "2") "," FINISH, "tool_use" },
	};
	struct oid tree = { { 0 } };

	(void)state;
	by_request = 1;
	put_books();
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
	expect_in(4, "book 1 has line 299");
	expect_not_in(7, "book 1 has line 299");
	expect_changes(&tree, "A\ta.txt");
	char hex[OID_HEX];
	prints("2", &box, "git -C repo show %s:a.txt", oid_hex(hex, &tree));
}

static void what_never_fits_ends_it(void **state)
{
	static const struct line lines[] = {
		{ "", "too_long" }, { "", "too_long" }, { "", "too_long" },
		{ "", "too_long" }, { "", "too_long" },
	};
	struct oid tree;

	(void)state;
	by_request = 1;
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	fails(ERROR_NO, "no room left", run_it(&tree));
}

static void thinking_goes_back_until_it_is_summarised(void **state)
{
	static const struct line lines[] = {
		{ "{\"type\":\"thinking\",\"thinking\":\"hm\","
		  "\"signature\":\"SIG1\"}," WRITE("a.txt", "1"),
		  "tool_use" },
		{ "{\"type\":\"thinking\",\"thinking\":\"hm\","
		  "\"signature\":\"SIG2\"}," TEXT("@") "," WRITE("a.txt", "2"),
		  "tool_use" },
		{ TEXT("@@") "," WRITE("a.txt", "3"), "tool_use" },
		{ TEXT("@") "," WRITE("a.txt", "4"), "tool_use" },
		{ TEXT("The file has 2."), "end_turn" },
		{ FINISH, "tool_use" },
	};
	struct oid tree;

	(void)state;
	by_request = 1;
	SCRIPT(lines);
	configure("unknown", NARROW, "");
	ok(run_it(&tree));
	expect_in(3, "SIG1");
	expect_in(3, "SIG2");
	expect_in(6, "The file has 2.");
	expect_not_in(6, "SIG1");
	expect_not_in(6, "SIG2");
}

static void secrets_of_the_repository_are_not_sent(void **state)
{
	static const struct line lines[] = {
		{ READ("key.txt"), "tool_use" },
		{ FINISH, "tool_use" },
	};
	struct oid tree;

	(void)state;
	put(&box, "key.txt",
	    "ghp"
	    "_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R\n");
	SCRIPT(lines);
	configure("claude-opus-5", "", "");
	ok(run_it(&tree));
	expect_in(2, "[redacted:");
	expect_not_in(2, "ghp_");
}

int main(int argc, char **argv)
{
	SANDBOX_MAIN(argc, argv);
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_all)
	const struct CMUnitTest tests[] = {
		TEST(a_model_works_on_the_files_until_it_is_done),
		TEST(the_same_again_asks_nobody),
		TEST(a_key_it_says_gets_into_no_file_and_no_request),
		TEST(a_recorded_run_is_replayed_without_the_service),
		TEST(what_was_stopped_goes_on_where_it_was),
		TEST(what_was_killed_goes_on_where_it_was),
		TEST(findings_and_guidance_reach_the_next_attempt),
		TEST(who_does_not_call_is_asked_once),
		TEST(who_does_nothing_has_failed),
		TEST(a_refusal_ends_the_attempt),
		TEST(an_answer_that_was_cut_goes_on),
		TEST(answers_that_are_always_cut_end_it),
		TEST(an_error_of_a_tool_goes_back_to_the_model),
		TEST(the_same_call_three_times_ends_it),
		TEST(calls_that_are_broken_in_their_own_way_differ),
		TEST(the_same_broken_call_three_times_ends_it),
		TEST(the_same_call_after_a_change_is_another),
		TEST(who_only_reads_is_told_and_then_stopped),
		TEST(the_number_of_calls_is_limited),
		TEST(a_used_up_budget_refuses_and_is_gone_on_from),
		TEST(without_a_caller_nothing_can_be_asked),
		TEST(what_old_calls_gave_is_left_out_first),
		TEST(a_long_conversation_is_summarised),
		TEST(a_summarised_conversation_is_resumed),
		TEST(what_the_service_finds_too_long_is_made_shorter),
		TEST(what_never_fits_ends_it),
		TEST(thinking_goes_back_until_it_is_summarised),
		TEST(secrets_of_the_repository_are_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * A conflict that a model resolves by calling tools: phase a is in review, and
 * the base has another a.txt.  The peer gives the n-th answer to a conversation
 * of n turns.
 */
#include "tests/unit/peer.h"

#include "tests/unit/small.h"

#include "plans/integrate.h"
#include "plans/transaction.h"

#include <stdlib.h>

static struct scratch box;
static struct project project;
static struct landings landings;
static struct peer peer;
static const char *const *script;
static char log_path[128];
static int *hang; /* the request that is not answered, from 1; 0: none */

#define CALL(name, input)                                                      \
	"{\"type\":\"tool_use\",\"id\":\"x\",\"name\":\"" name                 \
	"\",\"input\":" input "}"
#define WRITE(path, content)                                                   \
	CALL("write_file",                                                     \
	     "{\"path\":\"" path "\",\"content\":\"" content "\"}")
#define FINISH CALL("finish", "{\"summary\":\"Both are kept.\"}")

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
	FILE *file = fopen(log_path, "a");

	fprintf(file, "%s\n", strstr(request->data, "\r\n\r\n") + 4);
	fclose(file);
}

static void talk(int fd, struct tally *tally)
{
	struct buf request = BUF_INIT;

	while (hear(fd, &request, tally)) {
		struct buf body = BUF_INIT, head = BUF_INIT;

		keep(&request);
		if (tally->requests == *hang)
			nap(60000);
		buf_addf(&body,
			 "{\"type\":\"message\",\"role\":\"assistant\","
			 "\"id\":\"m\",\"model\":\"claude-opus-5\","
			 "\"content\":[%s],\"stop_reason\":\"tool_use\","
			 "\"usage\":{\"input_tokens\":9,\"output_tokens\":9}}",
			 script[turns_of(&request)]);
		buf_addf(&head,
			 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
			 "Content-Length: %zu\r\n\r\n",
			 body.len);
		say(fd, head.data);
		say(fd, body.data);
		buf_release(&body);
		buf_release(&head);
	}
	buf_release(&request);
}

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	setenv("ORCH_TEST_KEY", "none", 1);
	hang = mmap(NULL, sizeof *hang, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (peer.pid)
		peer_stop(&peer);
	peer.pid = 0;
	munmap(hang, sizeof *hang);
	landings_release(&landings);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static void do_phase(const char *phase)
{
	struct outcome out = { 0 };
	struct transaction_options options = { .plan = "small",
					       .phase = phase };

	ok(project_reload(&project));
	ok(transaction_run(&out, &project, &options));
	assert_int_equal(out.status, PHASE_DONE);
	outcome_release(&out);
}

static void begin(const char *const *answers)
{
	script = answers;
	snprintf(log_path, sizeof log_path, "%s/requests", box.dir);
	loop_catch_signals();
	peer_start(&peer, talk);
	char *config = xasprintf(
		OFF "providers: [{name: p, driver: anthropic, base_url: '%s', "
		    "key_env: ORCH_TEST_KEY, api_version: '2023-06-01'}]\n"
		    "agents: [{name: peace, role: git, worker: tools, "
		    "provider: p, model: claude-opus-5}]\n",
		peer.url);
	put_small(&box, config);
	free(config);
	small_open(&project, &box);
	do_phase("a");
	do_phase("b");
	put(&box, "a.txt", "other\n");
	commit_all(&box);
}

static void land(void)
{
	landings_release(&landings);
	ok(integrate(&landings, &project, "small", NULL));
}

static const struct landing *landing_of(const char *phase)
{
	FOR_EACH (struct landing, landing, &landings)
		if (!strcmp(landing->phase, phase))
			return landing;
	fail_msg("nothing is told of %s", phase);
	return NULL;
}

static int was_told(int n, const char *text)
{
	char *body = sh_out(&box, "sed -n %dp requests", n);
	int found = strstr(body, text) != NULL;

	free(body);
	return found;
}

static const char *const keeps_both[] = {
	CALL("read_file", "{\"path\":\"a.txt\"}"),
	WRITE("a.txt", "other\\nthis is a\\n"),
	FINISH,
};

static void a_model_resolves_a_conflict_by_tools(void **state)
{
	(void)state;
	begin(keeps_both);
	land();
	assert_int_equal(landing_of("a")->end, LANDING_LANDED);
	assert_int_equal(landing_of("b")->end, LANDING_LANDED);
	prints("other\nthis is a", &box, "git -C repo show main:a.txt");
	prints("1", &box,
	       "git -C repo log --format=%%B main | "
	       "grep -c '^Assisted-by: peace:claude-opus-5$'");
	assert_int_equal(peer.tally->requests, 3);
	/* Who it is, what both sides meant, what it may touch. */
	assert_true(was_told(1, "You are responsible for a project's history"));
	assert_true(was_told(1, "Stage: resolve"));
	assert_true(was_told(1, "<<<<<<< base"));
	assert_true(was_told(1, ">>>>>>> a"));
	assert_true(was_told(1, ".orch/plans/small/docs/phases/a.md"));
	assert_true(was_told(1, "commits of the base"));
	assert_true(was_told(1, "- modify a.txt"));
}

static const char *const goes_beyond[] = {
	WRITE("README", "mine\\n") "," CALL(
		"request_path", "{\"path\":\"README\",\"reason\":\"why not\"}"),
	WRITE("README", "mine\\n") "," WRITE("a.txt", "both\\n"),
	FINISH,
};

static void a_model_cannot_touch_another_file(void **state)
{
	(void)state;
	begin(goes_beyond);
	land();
	assert_int_equal(landing_of("a")->end, LANDING_LANDED);
	prints("hello", &box, "git -C repo show main:README");
	assert_true(was_told(2, "is not among the files this phase may"));
	assert_true(was_told(2, "grants no paths beyond the declared ones"));
}

static const char *const leaves_markers[] = {
	WRITE("a.txt", "<<<<<<< base\\nboth\\n"),
	FINISH,
};

static void markers_that_are_left_are_a_conflict(void **state)
{
	(void)state;
	begin(leaves_markers);
	land();
	const struct landing *landing = landing_of("a");
	assert_int_equal(landing->end, LANDING_CONFLICT);
	assert_int_equal(landing->findings.len, 1);
	same(landing->findings.items[0].rule, "conflict-marker");
	assert_int_equal(landing_of("b")->end, LANDING_LANDED);
	assert_int_equal(small_status(&project, "a"), STATUS_IN_REVIEW);
	/* Asked once more, with that. */
	assert_int_equal(peer.tally->requests, 4);
	assert_true(was_told(3, "'a.txt' still has conflict markers"));
	/* With what has landed it is another conflict. */
	land();
	assert_int_equal(peer.tally->requests, 8);
	/* The same one has the same answers, for nothing. */
	land();
	assert_int_equal(landing_of("a")->end, LANDING_CONFLICT);
	assert_int_equal(peer.tally->requests, 8);
}

static void kill_while_it_waits(int request)
{
	*hang = request;
	pid_t child = fork();

	if (!child) {
		land();
		_exit(0);
	}
	for (int i = 0; i < 500 && peer.tally->requests < request; i++)
		nap(20);
	assert_int_equal(peer.tally->requests, request);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	*hang = 0;
	project_release(&project);
	ok(open_at(&project, &box, NULL));
}

static void what_a_killed_run_has_paid_for_is_not_asked_again(void **state)
{
	(void)state;
	begin(keeps_both);
	kill_while_it_waits(2);
	land();
	assert_int_equal(landing_of("a")->end, LANDING_LANDED);
	prints("other\nthis is a", &box, "git -C repo show main:a.txt");
	/* Two before, the one that hung again, and the last. */
	assert_int_equal(peer.tally->requests, 4);
	prints("1", &box,
	       "cut -d' ' -f1 requests | sed -n '2p;3p' | uniq | "
	       "wc -l");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_model_resolves_a_conflict_by_tools),
		TEST(a_model_cannot_touch_another_file),
		TEST(markers_that_are_left_are_a_conflict),
		TEST(what_a_killed_run_has_paid_for_is_not_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

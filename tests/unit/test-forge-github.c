/* The forge github against a script: what is asked, byte for byte, and when. */
#include "tests/unit/scripted.h"

#include "core/file.h"
#include "gitops/forge.h"

#define OID        "0123456789012345678901234567890123456789"
#define OTHER      "abcdefabcdefabcdefabcdefabcdefabcdefabcd"
#define TOKEN      "ghp_0123456789abcdef"
#define R          "/repos/o/n"
#define FIND       "GET " R "/pulls?head=o%3Aorch%2Fp%2Fa&state=all&per_page=100"
#define LOOK       "GET " R "/pulls?head=o%3Aorch%2Fp%2Fa&state=open&per_page=100"
#define LIST       "GET " R "/pulls?state=open&sort=created&per_page=100"
#define REVIEWS(n) "GET " R "/pulls/" #n "/reviews?per_page=100"

#define PULL_OF(n, repo, head, more)                                           \
	"{'number':" #n ",'html_url':'https://github.com/o/n/pull/" #n         \
	"','title':'T','body':'B','node_id':'PR_" #n "','head':{'ref':'" head  \
	"','sha':'" OID "','repo':{'full_name':'" repo                         \
	"'}},'base':{'ref':'main','repo':{'full_name':'o/n'}}," more "}"
#define OPEN    "'state':'open'"
#define CLOSED  "'state':'closed','merged_at':null,'merge_commit_sha':null"
#define PULL(n) PULL_OF(n, "o/n", "orch/p/a", OPEN)
#define MERGED                                                                 \
	"'state':'closed','merged_at':'2026-01-02T03:04:05Z',"                 \
	"'merge_commit_sha':'" OTHER "'"
#define LIMIT         "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: @SOON@\r\n"
#define NEVER         "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 4000000000\r\n"
#define FAILED(words) "{'message':'" words "'}"
#define SECONDARY                                                              \
	FAILED("You have exceeded a secondary rate limit. Please wait.")
#define INVALID(words)                                                         \
	"{'message':'Validation Failed','errors':[{'resource':'PullRequest',"  \
	"'code':'custom','message':'" words "'}]}"

static const char usual[] = "User-Agent: git-orch/" GIT_ORCH_VERSION "\r\n"
			    "Accept: application/vnd.github+json\r\n"
			    "X-GitHub-Api-Version: 2022-11-28\r\n"
			    "Authorization: Bearer " TOKEN "\r\n";

static struct peer peer;
static struct loop *loop;
static struct forge_site site;
static struct forge_client *client;
static const struct forge *github = &forge_github;
static struct log *logged;

static void play(const struct turn *turns)
{
	scripted_start(&peer, turns, usual);
	site = (struct forge_site){ .api = xstrdup(peer.url),
				    .owner = xstrdup("o"),
				    .name = xstrdup("n"),
				    .token = xstrdup(TOKEN),
				    .token_origin = xstrdup("GH_TOKEN"),
				    .retry = { .base_ms = 1 } };
	site.api[strlen(site.api) - 1] = '\0';
	loop = loop_new();
	ok(github->open(&client, loop, &site, logged));
}
#define PLAY(...) play((const struct turn[]){ __VA_ARGS__, { 0 } })

static void done(void)
{
	github->close(&client);
	assert_null(client);
	loop_free(loop);
	forge_site_release(&site);
	scripted_end(&peer);
}

static int64_t gap_before(int turn)
{
	return stage->at[turn] - stage->at[turn - 1];
}

static void find_one(struct pull *pull)
{
	ok(github->find(pull, client, "orch/p/a"));
}

static void finds_number(int64_t number)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	find_one(&pull);
	assert_int_equal(pull.number, number);
}

static struct error *marks(void)
{
	return github->mark(client, OID, "orch/test", MARK_SUCCESS, "fine",
			    NULL);
}
#define MARK                                                                   \
	"POST " R "/statuses/" OID,                                            \
		"{'state':'success','context':'orch/test',"                    \
		"'description':'fine'}"

static void a_branch_without_a_proposal_has_number_0(void **state)
{
	(void)state;
	PLAY({ FIND, NULL, 200, NULL, "[]" });
	finds_number(0);
	done();
}

static void the_open_one_counts_else_the_newest_and_none_of_a_fork(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	PLAY({ FIND, NULL, 200, NULL,
	       "[" PULL_OF(9, "mallory/n", "orch/p/a", OPEN) "," PULL_OF(
		       8, "o/n", "orch/p/ab",
		       OPEN) "," PULL_OF(7, "o/n", "orch/p/a",
					 CLOSED) "," PULL(5) "," PULL_OF(4,
									 "o/n",
									 "orch/p/a",
									 MERGED) "]" },
	     { REVIEWS(5), NULL, 200, NULL, "[]" },
	     { FIND, NULL, 200, NULL,
	       "[" PULL_OF(4, "o/n", "orch/p/a", CLOSED) "," PULL_OF(
		       6, "O/N", "orch/p/a", MERGED) "]" },
	     { REVIEWS(6), NULL, 200, NULL, "[]" });
	finds_number(5);
	find_one(&pull);
	assert_int_equal(pull.number, 6);
	assert_int_equal(pull.state, PULL_MERGED);
	same(pull.merge_oid, OTHER);
	same(pull.url, "https://github.com/o/n/pull/6");
	same(pull.title, "T");
	same(pull.body, "B");
	same(pull.head, "orch/p/a");
	same(pull.head_oid, OID);
	same(pull.base, "main");
	done();
}

#define REVIEW(who, what, as)                                                  \
	"{'user':{'login':'" who "'},'state':'" what                           \
	"','author_association':'" as "'}"

#define MAY(who, what)                                                         \
	"GET " R "/collaborators/" who "/permission", NULL, 200, NULL,         \
		"{'permission':'" what "'}"

static void the_last_word_of_each_who_may_write_counts(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	PLAY({ FIND, NULL, 200, NULL, "[" PULL(5) "]" },
	     { REVIEWS(5), NULL, 200, NULL,
	       "[" REVIEW("ann", "CHANGES_REQUESTED", "MEMBER") "," REVIEW("Ann", "APPROVED", "MEMBER") "," REVIEW(
		       "ann", "COMMENTED",
		       "MEMBER") "," REVIEW("bob", "APPROVED",
					    "OWNER") "," REVIEW("bob",
								"DISMISSED",
								"OWNER") "," REVIEW("cid",
										    "APPROVED",
										    "NONE") "," REVIEW("cid",
												       "CHANGES_REQUESTED",
												       "NONE") "," REVIEW("a/l",
															  "APPROVED",
															  "MEMBER") ",{'user':null}]" },
	     { MAY("ann", "admin") }, { MAY("cid", "write") },
	     { MAY("a%2Fl", "read") });
	find_one(&pull);
	assert_int_equal(pull.approvals, 1);
	assert_int_equal(pull.changes_wanted, 1);
	done();
}

static void a_token_that_may_not_ask_who_may_write_guesses(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	PLAY({ FIND, NULL, 200, NULL, "[" PULL(5) "]" },
	     { REVIEWS(5), NULL, 200, NULL,
	       "[" REVIEW("ann", "APPROVED", "COLLABORATOR") "," REVIEW(
		       "bob", "APPROVED", "CONTRIBUTOR") "]" },
	     { "GET " R "/collaborators/ann/permission", NULL, 403 },
	     { "GET " R "/collaborators/bob/permission", NULL, 404 });
	find_one(&pull);
	assert_int_equal(pull.approvals, 1);
	assert_int_equal(pull.changes_wanted, 0);
	done();
}

static void pages_are_followed_and_no_pull_is_listed_twice(void **state)
{
	struct pulls pulls = { 0 };

	(void)state;
	PLAY({ LIST, NULL, 200,
	       "Link: <@API@/repositories/1/pulls?page=1>; rel=\"prev\", "
	       "<@API@/repositories/1/pulls?page=2>; rel=\"next\"\r\n",
	       "[" PULL(5) "," PULL_OF(4, "o/n", "user/x", OPEN) "," PULL_OF(
		       3, "o/n", "orch/p/b", OPEN) "]" },
	     { "GET /repositories/1/pulls?page=2", NULL, 200,
	       "Link: <@API@/repositories/1/pulls?page=1>; rel=\"first\"\r\n",
	       "[" PULL(5) "," PULL_OF(2, "x/n", "orch/p/c", OPEN) "," PULL_OF(
		       1, "o/n", "orch/q/d", OPEN) "]" });
	ok(github->list(&pulls, client, "orch/"));
	assert_int_equal(pulls.len, 3);
	assert_int_equal(pulls.items[0].number, 1);
	assert_int_equal(pulls.items[1].number, 3);
	assert_int_equal(pulls.items[2].number, 5);
	assert_int_equal(pulls.items[2].approvals, -1);
	pulls_release(&pulls);
	done();
}

static void a_next_page_elsewhere_does_not_get_the_token(void **state)
{
	struct pulls pulls = { 0 };

	(void)state;
	PLAY({ LIST, NULL, 200, "Link: <@API@.evil.example/x>; rel=next\r\n",
	       "[]" },
	     { LIST, NULL, 200, "Link: <http://127.0.0.1:1/x>; rel=next\r\n",
	       "[]" });
	fails(ERROR_FAILURE, "another server",
	      github->list(&pulls, client, "orch/"));
	fails(ERROR_FAILURE, "another server",
	      github->list(&pulls, client, "orch/"));
	done();
}

static void what_has_not_changed_is_not_sent_again(void **state)
{
	(void)state;
	PLAY({ FIND, NULL, 200, "ETag: W/\"one\"\r\n", "[" PULL(5) "]" },
	     { REVIEWS(5), NULL, 200, NULL, "[]" },
	     { FIND, NULL, 304, NULL, NULL, "If-None-Match: W/\"one\"\r\n" },
	     { REVIEWS(5), NULL, 200, NULL, "[]" },
	     { FIND, NULL, 200, "ETag: \"two\"\r\n", "[]",
	       "If-None-Match: W/\"one\"\r\n" },
	     { FIND, NULL, 304, NULL, NULL, "If-None-Match: \"two\"\r\n" });
	finds_number(5);
	finds_number(5);
	finds_number(0);
	finds_number(0);
	done();
}

static void a_kept_page_knows_the_next(void **state)
{
	struct pulls pulls = { 0 };

	(void)state;
	PLAY({ LIST, NULL, 200,
	       "ETag: \"1\"\r\nLink: <@API@/page2>; rel=\"next\"\r\n", "[]" },
	     { "GET /page2", NULL, 200, NULL, "[]" },
	     { LIST, NULL, 304, NULL, NULL, "If-None-Match: \"1\"\r\n" },
	     { "GET /page2", NULL, 200, NULL, "[" PULL(5) "]" });
	ok(github->list(&pulls, client, "orch/"));
	ok(github->list(&pulls, client, "orch/"));
	assert_int_equal(pulls.len, 1);
	pulls_release(&pulls);
	done();
}

static void a_used_up_limit_is_waited_for(void **state)
{
	(void)state;
	PLAY({ FIND, NULL, 403, LIMIT, FAILED("API rate limit exceeded") },
	     { FIND, NULL, 200, LIMIT, "[]" },
	     /* Known from the answer before: no refusal is provoked. */
	     { FIND, NULL, 200, NULL, "[]" });
	finds_number(0);
	finds_number(0);
	assert_in_range(gap_before(1), 990, 3500);
	assert_in_range(gap_before(2), 990, 3500);
	done();
}

static void a_limit_that_lasts_too_long_is_told(void **state)
{
	struct pull pull;
	struct error *err;

	(void)state;
	PLAY({ FIND, NULL, 403, NEVER, FAILED("API rate limit exceeded") });
	err = github->find(&pull, client, "orch/p/a");
	assert_true(error_is(err, ERROR_AGAIN));
	assert_non_null(strstr(err->message, "API rate limit exceeded"));
	same(err->hint, "try again later");
	error_free(err);
	/* And nothing is asked until then. */
	fails(ERROR_AGAIN, "takes no more requests", marks());
	done();
}

static void a_secondary_limit_is_waited_for_as_it_says(void **state)
{
	(void)state;
	PLAY({ FIND, NULL, 403, "Retry-After: 1\r\n", SECONDARY },
	     { FIND, NULL, 429, "Retry-After: 1\r\n", SECONDARY },
	     { FIND, NULL, 200, NULL, "[]" });
	finds_number(0);
	assert_in_range(gap_before(1), 1000, 2000);
	assert_in_range(gap_before(2), 1000, 2000);
	done();
}

static void one_that_says_no_time_is_waited_for_longer_each_time(void **state)
{
	(void)state;
	PLAY({ MARK, 403, NULL, SECONDARY }, { MARK, 429, NULL, NULL },
	     { MARK, 201, NULL, "{}" });
	site.pause_ms = 200;
	ok(marks());
	assert_in_range(gap_before(1), 200, 390);
	assert_in_range(gap_before(2), 400, 1000);
	done();
}

static void without_a_time_it_is_a_minute(void **state)
{
	struct error *err;

	(void)state;
	PLAY({ MARK, 403, NULL, SECONDARY });
	site.retry.longest_ms = 59999;
	err = marks();
	assert_true(error_is(err, ERROR_AGAIN));
	error_free(err);
	done();
}

static void a_refusal_that_is_no_limit_is_not_tried_again(void **state)
{
	struct error *err;

	(void)state;
	PLAY({ MARK, 403, NULL, FAILED("Resource not accessible") },
	     { MARK, 401, NULL, FAILED("Bad credentials") },
	     { MARK, 404, NULL, FAILED("Not Found") },
	     { MARK, 301, "Location: @API@/repositories/1\r\n", "{}" });
	err = marks();
	assert_true(error_is(err, ERROR_FAILURE));
	assert_non_null(strstr(err->message, "cannot mark 012345678901: '"));
	assert_non_null(
		strstr(err->message, "answered 403: Resource not accessible"));
	same(err->hint, "the token in GH_TOKEN may not be allowed to");
	error_free(err);
	err = marks();
	assert_true(error_is(err, ERROR_FAILURE));
	same(err->hint, "check the token in GH_TOKEN");
	error_free(err);
	fails(ERROR_NOT_FOUND, "answered 404", marks());
	err = marks();
	assert_non_null(strstr(err->hint, "git remote set-url"));
	error_free(err);
	done();
}

static void what_breaks_is_tried_again_and_then_told(void **state)
{
	(void)state;
	PLAY({ MARK, 502, NULL, "<html>" }, { MARK, 0 },
	     { MARK, 201, NULL, "{}" }, { MARK, 500, NULL, NULL },
	     { MARK, 503, NULL, FAILED("maintenance") });
	site.retry.tries = 3;
	ok(marks());
	site.retry.tries = 2;
	fails(ERROR_AGAIN, "answered 503: maintenance", marks());
	done();
}

static void changes_keep_a_gap_and_questions_do_not(void **state)
{
	(void)state;
	PLAY({ MARK, 201, NULL, "{}" }, { FIND, NULL, 200, NULL, "[]" },
	     { MARK, 201, NULL, "{}" });
	site.gap_ms = 300;
	ok(marks());
	finds_number(0);
	ok(marks());
	assert_in_range(gap_before(1), 0, 250);
	assert_in_range(stage->at[2] - stage->at[0], 300, 900);
	done();
}

static struct error *tick(struct loop *on, void *data)
{
	++*(int *)data;
	loop_timer(on, 20, tick, data);
	return NULL;
}

static void timers_go_on_in_a_wait(void **state)
{
	int ticks = 0;

	(void)state;
	PLAY({ MARK, 201, NULL, "{}" }, { MARK, 201, NULL, "{}" });
	site.gap_ms = 300;
	loop_timer(loop, 20, tick, &ticks);
	ok(marks());
	ok(marks());
	assert_in_range(ticks, 5, 40);
	done();
}

static struct error *stop(struct loop *on, void *data)
{
	(void)on;
	(void)data;
	return error_new(ERROR_INTERRUPT, "stopped");
}

static void an_error_of_the_loop_ends_a_wait(void **state)
{
	(void)state;
	PLAY({ MARK, 403, "Retry-After: 100\r\n", SECONDARY });
	loop_timer(loop, 200, stop, NULL);
	fails(ERROR_INTERRUPT, "stopped", marks());
	done();
}

static const struct pull_spec wanted = {
	.head = "orch/p/a", .base = "main", .title = "T", .body = "B"
};

static int64_t proposes(const struct pull_spec *spec)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	ok(github->propose(&pull, client, spec));
	same(pull.head, "orch/p/a");
	return pull.number;
}

#define CREATE(more)                                                           \
	"POST " R "/pulls", "{'title':'T','head':'orch/p/a','base':'main',"    \
			    "'body':'B'" more "}"

static void a_proposal_is_made_once_and_then_left_as_it_is(void **state)
{
	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[]" },
	     { CREATE(""), 201, NULL, PULL(5) },
	     { LOOK, NULL, 200, NULL, "[" PULL(5) "]" });
	assert_int_equal(proposes(&wanted), 5);
	assert_int_equal(proposes(&wanted), 5);
	done();
}

static void one_that_exists_already_is_found_again(void **state)
{
	struct pull pull;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[]" },
	     { CREATE(""), 422, NULL,
	       INVALID("A pull request already exists for o:orch/p/a.") },
	     { LOOK, NULL, 200, NULL, "[" PULL(5) "]" },
	     /* An answer that was lost: the second try hears of the first. */
	     { LOOK, NULL, 200, NULL, "[]" }, { CREATE(""), 0 },
	     { CREATE(""), 422, NULL, INVALID("... already exists ...") },
	     { LOOK, NULL, 200, NULL, "[" PULL(6) "]" },
	     { LOOK, NULL, 200, NULL, "[]" },
	     { CREATE(""), 422, NULL, INVALID("already exists") },
	     { LOOK, NULL, 200, NULL, "[]" });
	assert_int_equal(proposes(&wanted), 5);
	assert_int_equal(proposes(&wanted), 6);
	fails(ERROR_AGAIN, "already exists",
	      github->propose(&pull, client, &wanted));
	done();
}

static void what_the_forge_will_not_have_is_told_in_its_words(void **state)
{
	struct pull pull;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[]" },
	     { CREATE(""), 422, NULL,
	       "{'message':'Validation Failed','errors':['one',"
	       "{'field':'base','code':'invalid'}]}" });
	fails(ERROR_REFUSED,
	      "answered 422: Validation Failed; one; base: invalid",
	      github->propose(&pull, client, &wanted));
	done();
}

static void one_that_differs_is_brought_in_line(void **state)
{
	struct pull_spec spec = wanted;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[" PULL(5) "]" },
	     { "PATCH " R "/pulls/5", "{'title':'New one','base':'next'}", 200,
	       NULL, PULL(5) },
	     { LOOK, NULL, 200, NULL, "[" PULL(5) "]" },
	     { "PATCH " R "/pulls/5", "{'body':'C'}", 200, NULL, PULL(5) });
	spec.title = "New\none";
	spec.body = NULL;
	spec.base = "next";
	assert_int_equal(proposes(&spec), 5);
	spec = wanted;
	spec.body = "C";
	assert_int_equal(proposes(&spec), 5);
	done();
}

static void line_ends_of_a_browser_are_no_difference(void **state)
{
	struct pull_spec spec = wanted;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL,
	       "[" PULL_OF(5, "o/n", "orch/p/a", OPEN ",'x':{'body':1}") "]" },
	     { "PATCH " R "/pulls/5", "{'body':'a\\nb\\n'}", 200, NULL,
	       "{'number':5,'html_url':'https://x/','title':'T',"
	       "'body':'a\\r\\nb\\r\\n','state':'open','head':{'ref':"
	       "'orch/p/a','sha':'" OID "','repo':{'full_name':'o/n'}},"
	       "'base':{'ref':'main'}}" },
	     { LOOK, NULL, 200, NULL,
	       "[{'number':5,'html_url':'https://x/','title':'T',"
	       "'body':'a\\r\\nb\\r\\n','state':'open','head':{'ref':"
	       "'orch/p/a','sha':'" OID "','repo':{'full_name':'o/n'}},"
	       "'base':{'ref':'main'}}]" });
	spec.body = "a\nb\n";
	assert_int_equal(proposes(&spec), 5);
	assert_int_equal(proposes(&spec), 5);
	done();
}

static void where_there_are_no_drafts_it_is_no_draft_from_then_on(void **state)
{
	struct pull_spec spec = wanted;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[]" },
	     { CREATE(",'draft':true"), 422, NULL,
	       FAILED("Draft pull requests are not supported in this "
		      "repository.") },
	     { CREATE(""), 201, NULL, PULL(5) },
	     { LOOK, NULL, 200, NULL, "[]" },
	     { CREATE(""), 201, NULL, PULL(6) });
	spec.draft = 1;
	assert_int_equal(proposes(&spec), 5);
	assert_int_equal(proposes(&spec), 6);
	done();
}

#define DRAFT PULL_OF(5, "o/n", "orch/p/a", OPEN ",'draft':true")
#define READY                                                                  \
	"POST /graphql",                                                       \
		"{'query':'mutation($id:ID!){markPullRequestReadyForReview("   \
		"input:{pullRequestId:$id}){pullRequest{isDraft}}}',"          \
		"'variables':{'id':'PR_5'}}"

static void a_draft_is_ended_when_it_is_to_be_none(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };
	CLEANUP(pull_release) struct pull same_one = { 0 };
	struct pull_spec spec = wanted;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[" DRAFT "]" },
	     { READY, 200, NULL, "{'data':{}}" },
	     { LOOK, NULL, 200, NULL, "[" DRAFT "]" },
	     { READY, 200, NULL, "{'errors':[{'message':'no'}]}" },
	     { LOOK, NULL, 200, NULL, "[" DRAFT "]" });
	ok(github->propose(&pull, client, &wanted));
	assert_false(pull.draft);
	ok(github->propose(&same_one, client, &wanted));
	assert_true(same_one.draft);
	spec.draft = 1;
	assert_int_equal(proposes(&spec), 5);
	done();
}

static void an_enterprise_server_has_its_graphql_beside_its_rest(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	PLAY({ "GET /api/v3" R
	       "/pulls?head=o%3Aorch%2Fp%2Fa&state=open&per_page=100",
	       NULL, 200, NULL, "[" DRAFT "]" },
	     { "POST /api/graphql",
	       "{'query':'mutation($id:ID!){markPullRequestReadyForReview("
	       "input:{pullRequestId:$id}){pullRequest{isDraft}}}',"
	       "'variables':{'id':'PR_5'}}",
	       200, NULL, "{'data':{}}" });
	free(site.api);
	site.api = xasprintf("%sapi/v3", peer.url);
	ok(github->propose(&pull, client, &wanted));
	assert_false(pull.draft);
	done();
}

static struct strings names_of(const char *text)
{
	struct strings out = STRINGS_INIT;

	for (const char *at = text; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		strings_take(&out, xstrndup(at, len));
		at += len;
	}
	return out;
}

static void labels_and_people_that_are_missing_are_added(void **state)
{
	struct strings labels = names_of("orch Phase new");
	struct strings people = names_of("ann bob cid acme/core acme/docs");
	struct strings assigned = names_of("Ann");
	struct pull_spec spec = wanted;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL,
	       "[" PULL_OF(5, "o/n", "orch/p/a",
			   OPEN ",'labels':[{'name':'orch'},{'name':"
				"'phase'}],'assignees':[{'login':'ann'}],"
				"'requested_reviewers':[{'login':'bob'}],"
				"'requested_teams':[{'slug':'docs'}]") "]" },
	     { "POST " R "/issues/5/labels", "{'labels':['new']}", 200, NULL,
	       "[]" },
	     { REVIEWS(5), NULL, 200, NULL,
	       "[" REVIEW("cid", "COMMENTED", "NONE") "]" },
	     { "POST " R "/pulls/5/requested_reviewers",
	       "{'reviewers':['ann']}", 201, NULL, "{}" },
	     { "POST " R "/pulls/5/requested_reviewers",
	       "{'team_reviewers':['core']}", 201, NULL, "{}" });
	spec.labels = &labels;
	spec.reviewers = &people;
	spec.assignees = &assigned;
	assert_int_equal(proposes(&spec), 5);
	done();
	strings_release(&labels);
	strings_release(&people);
	strings_release(&assigned);
}

#define ASK_FOR(names)                                                         \
	"POST " R "/pulls/5/requested_reviewers", "{'reviewers':[" names "]}"

static void an_unknown_reviewer_does_not_stop_the_others(void **state)
{
	struct strings people = names_of("ghost bob");
	struct pull_spec spec = wanted;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[" PULL(5) "]" },
	     { REVIEWS(5), NULL, 200, NULL, "[]" },
	     { ASK_FOR("'ghost','bob'"), 422, NULL, FAILED("no such") },
	     { ASK_FOR("'ghost'"), 422, NULL, FAILED("no such") },
	     { ASK_FOR("'bob'"), 201, NULL, "{}" });
	spec.reviewers = &people;
	assert_int_equal(proposes(&spec), 5);
	done();
	strings_release(&people);
}

#define MERGE                                                                  \
	"PUT " R "/pulls/5/merge",                                             \
		"{'commit_title':'t','commit_message':'m','sha':'" OID         \
		"','merge_method':'squash'}"
#define NOW(more)                                                              \
	"GET " R "/pulls/5", NULL, 200, NULL,                                  \
		PULL_OF(5, "o/n", "orch/p/a", more)

static struct error *merges(void)
{
	return github->merge(client, 5, OID, "squash", "t", "m");
}

static void a_merge_is_guarded_by_the_heads_id(void **state)
{
	(void)state;
	PLAY({ MERGE, 200, NULL, "{'merged':true,'sha':'" OTHER "'}" },
	     { MERGE, 409, NULL, FAILED("Head branch was modified") },
	     { NOW(OPEN) }, { MERGE, 405, NULL, FAILED("not mergeable") },
	     { NOW(OPEN) }, { MERGE, 422, NULL, FAILED("squash not allowed") },
	     { NOW(OPEN) }, { MERGE, 403, NULL, FAILED("may not") },
	     { MERGE, 200, NULL, "{'merged':'yes'}" });
	ok(merges());
	fails(ERROR_STALE, "cannot merge #5: '", merges());
	fails(ERROR_REFUSED, "answered 405: not mergeable", merges());
	fails(ERROR_REFUSED, "answered 422: squash not allowed", merges());
	fails(ERROR_FAILURE, "answered 403: may not", merges());
	fails(ERROR_FAILURE, "'merged'", merges());
	done();
}

static void a_refused_merge_is_looked_at(void **state)
{
	(void)state;
	PLAY({ MERGE, 0 }, { MERGE, 405, NULL, FAILED("is merged") },
	     { NOW(MERGED) },
	     { MERGE, 405, NULL,
	       FAILED("Base branch was modified. Review "
		      "and try the merge again.") },
	     { NOW(OPEN) });
	ok(merges());
	fails(ERROR_AGAIN, "Base branch was modified", merges());
	done();
	PLAY({ MERGE, 422, NULL, FAILED("sha") },
	     { "GET " R "/pulls/5", NULL, 200, NULL,
	       "{'number':5,'html_url':'https://x/','title':'T','body':null,"
	       "'state':'open','head':{'ref':'a','sha':'" OTHER
	       "'},'base':{'ref':'main'}}" });
	fails(ERROR_STALE, "answered 422: sha", merges());
	done();
}

static void a_pull_is_retargeted_and_closed(void **state)
{
	(void)state;
	PLAY({ "PATCH " R "/pulls/5", "{'base':'main'}", 200, NULL, PULL(5) },
	     { "PATCH " R "/pulls/5", "{'state':'closed'}", 200, NULL,
	       PULL(5) },
	     { "PATCH " R "/pulls/5", "{'base':'gone'}", 422, NULL,
	       INVALID("no such base") });
	ok(github->retarget(client, 5, "main"));
	ok(github->close_pull(client, 5));
	fails(ERROR_REFUSED, "cannot retarget #5 to 'gone': '",
	      github->retarget(client, 5, "gone"));
	done();
}

static void a_comment_is_said_once(void **state)
{
	(void)state;
#define COMMENTS "GET " R "/issues/5/comments?per_page=100"
#define SAY      "POST " R "/issues/5/comments", "{'body':'hello'}"
	PLAY({ COMMENTS, NULL, 200, NULL, "[{'body':'hello there'}]" },
	     { SAY, 201, NULL, "{}" },
	     { COMMENTS, NULL, 200, NULL, "[{'body':'x'},{'body':'hello'}]" },
	     /* It may have been taken: the next call looks. */
	     { COMMENTS, NULL, 200, NULL, "[]" }, { SAY, 502, NULL, NULL },
	     { COMMENTS, NULL, 200, NULL, "[]" },
	     { SAY, 403, "Retry-After: 0\r\n", SECONDARY },
	     { SAY, 201, NULL, "{}" });
	ok(github->comment(client, 5, "hello"));
	ok(github->comment(client, 5, "hello"));
	fails(ERROR_AGAIN, "answered 502", github->comment(client, 5, "hello"));
	ok(github->comment(client, 5, "hello"));
	done();
}

/* Characters of two bytes each. */
static char *umlauts(size_t n, const char *end)
{
	struct buf out = BUF_INIT;

	while (n--)
		buf_str(&out, "\xc3\xbc");
	buf_str(&out, end);
	return buf_steal(&out);
}

static void a_description_is_cut_at_140_characters(void **state)
{
	CLEANUP(free_str) char *fits = umlauts(140, "");
	CLEANUP(free_str) char *over = umlauts(141, "");
	CLEANUP(free_str) char *cut = umlauts(137, "...");
	CLEANUP(free_str)
	char *first = xasprintf(
		"{'state':'failure','context':'c','description':'%s'}", fits);
	CLEANUP(free_str)
	char *second =
		xasprintf("{'state':'error','context':'c','description':'%s',"
			  "'target_url':'https://x/'}",
			  cut);

	(void)state;
	PLAY({ "POST " R "/statuses/" OID, first, 201, NULL, "{}" },
	     { "POST " R "/statuses/" OID, second, 201, NULL, "{}" });
	ok(github->mark(client, OID, "c", MARK_FAILURE, fits, NULL));
	ok(github->mark(client, OID, "c", MARK_ERROR, over, "https://x/"));
	done();
}

static void a_body_is_cut_at_65536_characters_and_says_so(void **state)
{
	static const char note[] = "\\n\\n(The rest is left out: a body has at "
				   "most 65,536 characters.)\\n";
	CLEANUP(free_str) char *fits = umlauts(65536, "");
	CLEANUP(free_str) char *over = umlauts(65537, "");
	CLEANUP(free_str)
	char *cut = umlauts(65536 - (sizeof note - 1 - 3), note);
	CLEANUP(free_str)
	char *first = xasprintf(
		"{'title':'T','head':'orch/p/a','base':'main','body':'%s'}",
		fits);
	CLEANUP(free_str) char *second = put_in(first, fits, cut);
	struct pull_spec spec = wanted;

	(void)state;
	PLAY({ LOOK, NULL, 200, NULL, "[]" },
	     { "POST " R "/pulls", first, 422, NULL, FAILED("no") },
	     { LOOK, NULL, 200, NULL, "[]" },
	     { "POST " R "/pulls", second, 422, NULL, FAILED("no") });
	spec.body = fits;
	fails(ERROR_REFUSED, "no", github->propose(NULL, client, &spec));
	spec.body = over;
	fails(ERROR_REFUSED, "no", github->propose(NULL, client, &spec));
	done();
}

/* What stands for a part of a good answer, and the field that is named. */
static const struct {
	const char *good, *bad, *field;
} wrongs[] = {
	{ "'number':5", "'number':'5'", "'number'" },
	{ "'number':5", "'number':-5", "'number'" },
	{ "'number':5", "'number':5.5", "'number'" },
	{ "'number':5,", "", "'number'" },
	{ "'https://github.com/o/n/pull/5'", "7", "'html_url'" },
	{ "https://", "javascript:", "'html_url'" },
	{ "pull/5", "pull/5\\u001b[2J", "'html_url'" },
	{ "'title':'T'", "'title':null", "'title'" },
	{ "'body':'B'", "'body':['B']", "'body'" },
	{ "'ref':'orch/p/a'", "'ref':{}", "'head.ref'" },
	{ "'head':{", "'head':null,'x':{", "'head.ref'" },
	{ "'sha':'0", "'sha':'g", "'head.sha'" },
	{ "'sha':'0", "'sha':'", "'head.sha'" },
	{ "'ref':'main'", "'ref':1", "'base.ref'" },
	{ "'state':'open'", "'state':'ajar'", "'state'" },
	{ "'state':'open'", "'state':true", "'state'" },
	{ "'state':'open'", "'state':'open','draft':'no'", "'draft'" },
	{ "'state':'open'", "'state':'closed','merged_at':1", "'merged_at'" },
	{ "'state':'open'", "'state':'closed','merged_at':'x'",
	  "'merge_commit_sha'" },
	{ "[{", "{'x':[{", "no JSON" },
	{ "}]", "}", "no JSON" },
	{ "[{", "[[],{", "'number'" },
	{ "[{", "[null,{", "'number'" },
	{ "'title':'T'", "'title':'\xff'", "no JSON" },
};

static void a_wrong_answer_is_named_and_nothing_is_guessed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		CLEANUP(free_str)
		char *answer =
			put_in("[" PULL(5) "]", wrongs[i].good, wrongs[i].bad);
		struct pull pull;

		assert_string_not_equal(answer, "[" PULL(5) "]");
		PLAY({ FIND, NULL, 200, NULL, answer });
		fails(ERROR_FAILURE, wrongs[i].field,
		      github->find(&pull, client, "orch/p/a"));
		done();
	}
}

static void other_wrong_answers_are_told_too(void **state)
{
	struct strings names = names_of("x");
	struct pull_spec spec = wanted;
	struct pull pull;

	(void)state;
	spec.labels = &names;
	PLAY({ FIND, NULL, 200, NULL, "{}" }, { FIND, NULL, 200, NULL, NULL },
	     { FIND, NULL, 200, NULL, "[" PULL(5) "]" },
	     { REVIEWS(5), NULL, 200, NULL, "[{'user':{'login':[]}}]" },
	     { FIND, NULL, 304, NULL, NULL }, { LOOK, NULL, 200, NULL, "[]" },
	     { CREATE(""), 201, NULL, NULL },
	     { LOOK, NULL, 200, NULL,
	       "[" PULL_OF(5, "o/n", "orch/p/a", OPEN ",'labels':[1]") "]" });
	fails(ERROR_FAILURE, "a list", github->find(&pull, client, "orch/p/a"));
	fails(ERROR_FAILURE, "a list", github->find(&pull, client, "orch/p/a"));
	fails(ERROR_FAILURE, "'user.login'",
	      github->find(&pull, client, "orch/p/a"));
	fails(ERROR_INVALID, "answered 304",
	      github->find(&pull, client, "orch/p/a"));
	fails(ERROR_FAILURE, "'number'",
	      github->propose(&pull, client, &wanted));
	fails(ERROR_FAILURE,
	      "'labels': ", github->propose(&pull, client, &spec));
	done();
	strings_release(&names);
}

static void no_message_or_log_has_the_token(void **state)
{
	char dir[] = "/tmp/orch-forge-XXXXXX";
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;
	struct strings people = names_of("ghost");
	struct pull_spec spec = wanted;
	struct error *err;
	char command[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/run.jsonl", dir);
	logged = log_open(dir, "run", LOG_DEBUG);
	assert_non_null(logged);
	spec.reviewers = &people;
	PLAY({ MARK, 403, NULL, FAILED("Bearer " TOKEN "\\u001b[2J is no") },
	     { LOOK, NULL, 200, NULL, "[" PULL(5) "]" },
	     { REVIEWS(5), NULL, 200, NULL, "[]" },
	     { ASK_FOR("'ghost'"), 422, NULL, FAILED("not " TOKEN) });
	err = marks();
	assert_null(strstr(err->message, TOKEN));
	assert_non_null(strstr(err->message, "Bearer *** [2J is no"));
	error_free(err);
	assert_int_equal(proposes(&spec), 5);
	done();
	log_close(&logged);
	ok(file_read(&text, path, 1 << 20));
	assert_non_null(strstr(text.data, "not ***"));
	assert_non_null(strstr(text.data, "/statuses/"));
	assert_null(strstr(text.data, TOKEN));
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	strings_release(&people);
}

static void a_token_that_is_no_header_is_not_sent_nor_quoted(void **state)
{
	struct error *err;

	(void)state;
	PLAY({ 0 });
	free(site.token);
	site.token = xstrdup("evil\r\nX-Other: 1");
	err = marks();
	assert_non_null(err);
	assert_null(strstr(err->message, "evil"));
	error_free(err);
	done();
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(a_branch_without_a_proposal_has_number_0),
		T(the_open_one_counts_else_the_newest_and_none_of_a_fork),
		T(the_last_word_of_each_who_may_write_counts),
		T(a_token_that_may_not_ask_who_may_write_guesses),
		T(pages_are_followed_and_no_pull_is_listed_twice),
		T(a_next_page_elsewhere_does_not_get_the_token),
		T(what_has_not_changed_is_not_sent_again),
		T(a_kept_page_knows_the_next),
		T(a_used_up_limit_is_waited_for),
		T(a_limit_that_lasts_too_long_is_told),
		T(a_secondary_limit_is_waited_for_as_it_says),
		T(one_that_says_no_time_is_waited_for_longer_each_time),
		T(without_a_time_it_is_a_minute),
		T(a_refusal_that_is_no_limit_is_not_tried_again),
		T(what_breaks_is_tried_again_and_then_told),
		T(changes_keep_a_gap_and_questions_do_not),
		T(timers_go_on_in_a_wait),
		T(an_error_of_the_loop_ends_a_wait),
		T(a_proposal_is_made_once_and_then_left_as_it_is),
		T(one_that_exists_already_is_found_again),
		T(what_the_forge_will_not_have_is_told_in_its_words),
		T(one_that_differs_is_brought_in_line),
		T(line_ends_of_a_browser_are_no_difference),
		T(where_there_are_no_drafts_it_is_no_draft_from_then_on),
		T(a_draft_is_ended_when_it_is_to_be_none),
		T(an_enterprise_server_has_its_graphql_beside_its_rest),
		T(labels_and_people_that_are_missing_are_added),
		T(an_unknown_reviewer_does_not_stop_the_others),
		T(a_merge_is_guarded_by_the_heads_id),
		T(a_refused_merge_is_looked_at),
		T(a_pull_is_retargeted_and_closed),
		T(a_comment_is_said_once),
		T(a_description_is_cut_at_140_characters),
		T(a_body_is_cut_at_65536_characters_and_says_so),
		T(a_wrong_answer_is_named_and_nothing_is_guessed),
		T(other_wrong_answers_are_told_too),
		T(no_message_or_log_has_the_token),
		T(a_token_that_is_no_header_is_not_sent_nor_quoted),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-github", tests, NULL, NULL);
}

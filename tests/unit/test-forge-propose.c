/*
 * The forge github against a script: proposals, made once and brought in line,
 * with their labels and people.
 */
#include "tests/unit/pulls.h"

#include "core/file.h"

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

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
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
		T(a_body_is_cut_at_65536_characters_and_says_so),
		T(other_wrong_answers_are_told_too),
		T(no_message_or_log_has_the_token),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-propose", tests, NULL, NULL);
}

/* Setting a GitHub up, against a script: what is asked, byte for byte. */
#include "tests/unit/scripted.h"

#include "gitops/forge-admin.h"

#define OID   "0123456789012345678901234567890123456789"
#define OTHER "abcdefabcdefabcdefabcdefabcdefabcdefabcd"
#define TOKEN "ghp_0123456789abcdef"
#define R     "/repos/o/n"

#define FAILED(words) "{'message':'" words "'}"
#define EXISTS(what)                                                           \
	"{'message':'Validation Failed','errors':[{'resource':'" what          \
	"','code':'already_exists','field':'name'}]}"
#define REPOSITORY(more)                                                       \
	"{'clone_url':'https://github.com/o/n.git',"                           \
	"'ssh_url':'git@github.com:o/n.git',"                                  \
	"'html_url':'https://github.com/o/n','default_branch':'main',"         \
	"'private':true,'owner':{'login':'o','type':'User'}" more "}"
#define GONE     404, NULL, FAILED("Not Found")
#define GET_REPO "GET " R, NULL
#define GET_USER "GET /user", NULL
#define LOGIN(n) GET_USER, 200, NULL, "{'login':'" n "'}"
#define HEAD(n)  "GET " R "/git/ref/heads%2F" n, NULL
#define THERE    200, NULL, "{'ref':'refs/heads/x'}"

static const char usual[] = "User-Agent: git-orch/" GIT_ORCH_VERSION "\r\n"
			    "Accept: application/vnd.github+json\r\n"
			    "X-GitHub-Api-Version: 2022-11-28\r\n"
			    "Authorization: Bearer " TOKEN "\r\n";

static struct peer peer;
static struct loop *loop;
static struct forge_site site;
static struct forge_client *client;
static const struct forge_admin *admin;

static void play(const struct turn *turns)
{
	scripted_start(&peer, turns, usual);
	admin = forge_github.admin;
	site = (struct forge_site){ .api = xstrdup(peer.url),
				    .owner = xstrdup("o"),
				    .name = xstrdup("n"),
				    .token = xstrdup(TOKEN),
				    .token_origin = xstrdup("GH_TOKEN"),
				    .retry = { .base_ms = 1 } };
	site.api[strlen(site.api) - 1] = '\0';
	loop = loop_new();
	ok(forge_github.open(&client, loop, &site, NULL));
}
#define PLAY(...) play((const struct turn[]){ __VA_ARGS__, { 0 } })

static void done(void)
{
	forge_github.close(&client);
	loop_free(loop);
	forge_site_release(&site);
	scripted_end(&peer);
}

/* create and repository */

static const struct forge_repository_spec plain = { .private_ = 1 };
static const struct forge_repository_spec of_org = { .description = "D",
						     .organization = 1 };

static void creates(int made, const char *branch,
		    const struct forge_repository_spec *spec)
{
	CLEANUP(forge_repository_release)
	struct forge_repository repository = { 0 };

	ok(admin->create(&repository, client, spec));
	assert_int_equal(repository.made, made);
	assert_true(repository.private_);
	same(repository.clone_url, "https://github.com/o/n.git");
	same(repository.ssh_url, "git@github.com:o/n.git");
	same(repository.web, "https://github.com/o/n");
	if (branch)
		same(repository.default_branch, branch);
	else
		assert_null(repository.default_branch);
}

static void a_repository_that_is_there_is_found(void **state)
{
	(void)state;
	PLAY({ GET_REPO, 200, NULL, REPOSITORY("") }, { HEAD("main"), THERE });
	creates(0, "main", &plain);
	done();
}

static void an_empty_one_has_no_default_branch(void **state)
{
	(void)state;
	PLAY({ GET_REPO, 200, NULL, REPOSITORY("") },
	     { HEAD("main"), 409, NULL, FAILED("Git Repository is empty.") });
	creates(0, NULL, &plain);
	done();
}

static void one_that_is_missing_is_made_for_the_tokens_user(void **state)
{
	(void)state;
	PLAY({ GET_REPO, GONE }, { LOGIN("O") },
	     { "POST /user/repos", "{'name':'n','private':true}", 201, NULL,
	       REPOSITORY("") });
	creates(1, NULL, &plain);
	done();
}

static void one_of_an_organization_is_made_there(void **state)
{
	(void)state;
	PLAY({ GET_REPO, GONE },
	     { "POST /orgs/o/repos",
	       "{'name':'n','description':'D','private':false}", 201, NULL,
	       REPOSITORY("") });
	creates(1, NULL, &of_org);
	done();
}

static void without_an_owner_it_is_the_tokens_users(void **state)
{
	(void)state;
	PLAY({ LOGIN("o") }, { GET_REPO, GONE },
	     { "POST /user/repos", "{'name':'n','private':true}", 201, NULL,
	       REPOSITORY("") });
	*site.owner = '\0';
	creates(1, NULL, &plain);
	done();
}

static void one_that_somebody_made_meanwhile_is_found(void **state)
{
	(void)state;
	PLAY({ GET_REPO, GONE }, { LOGIN("o") },
	     { "POST /user/repos", "{'name':'n','private':true}", 422, NULL,
	       "{'message':'Repository creation failed.','errors':[{"
	       "'resource':'Repository','code':'custom','field':'name',"
	       "'message':'name already exists on this account'}]}" },
	     { GET_REPO, 200, NULL, REPOSITORY("") }, { HEAD("main"), GONE });
	creates(0, NULL, &plain);
	done();
}

static void another_users_repository_is_not_made(void **state)
{
	struct forge_repository repository;
	struct error *err;

	(void)state;
	PLAY({ GET_REPO, GONE }, { LOGIN("me") });
	err = admin->create(&repository, client, &plain);
	assert_int_equal(err->code, ERROR_REFUSED);
	same(err->message, "cannot create the repository 'n': the token is not "
			   "of 'o' but of 'me'");
	same(err->hint, "if 'o' is an organization: --org o");
	error_free(err);
	done();
}

static void a_refusal_to_make_one_is_told(void **state)
{
	struct forge_repository repository;

	(void)state;
	PLAY({ GET_REPO, GONE },
	     { "POST /orgs/o/repos",
	       "{'name':'n','description':'D','private':false}", 403, NULL,
	       FAILED("You need admin access to the organization.") });
	fails(ERROR_FAILURE, "You need admin access to the organization.",
	      admin->create(&repository, client, &of_org));
	done();
}

static void a_repository_that_is_missing_is_named(void **state)
{
	struct forge_repository repository;

	(void)state;
	PLAY({ GET_REPO, GONE },
	     { GET_REPO, 200, NULL,
	       "{'clone_url':'ext::sh','html_url':'https://x/','default_"
	       "branch':'main'}" });
	fails(ERROR_NOT_FOUND, "has no repository 'o/n'",
	      admin->repository(&repository, client));
	fails(ERROR_FAILURE, "field 'clone_url' is no address",
	      admin->repository(&repository, client));
	done();
}

static void the_default_branch_is_set_where_it_differs(void **state)
{
	(void)state;
	PLAY({ GET_REPO, 200, NULL, REPOSITORY("") },
	     { GET_REPO, 200, NULL, REPOSITORY("") },
	     { "PATCH " R, "{'default_branch':'trunk'}", 200, NULL, "{}" });
	ok(admin->set_default(client, "main"));
	ok(admin->set_default(client, "trunk"));
	done();
}

/* rules */

#define GET_PROTECTION "GET " R "/branches/a%2Fb/protection", NULL
#define GET_BRANCH     "GET " R "/branches/a%2Fb", NULL
#define GET_RULES      "GET " R "/rules/branches/a%2Fb?per_page=100", NULL
#define UNPROTECTED    404, NULL, FAILED("Branch not protected")
#define ASK_QUEUE                                                              \
	"POST /graphql",                                                       \
		"{'query':'query($owner:String!,$name:String!,"                \
		"$branch:String!){repository(owner:$owner,name:$name){"        \
		"mergeQueue(branch:$branch){id}}}','variables':{"              \
		"'owner':'o','name':'n','branch':'a/b'}}"
#define NO_QUEUE 200, NULL, "{'data':{'repository':{'mergeQueue':null}}}"

static void has_rules(int protected_, int approvals, const char *checks,
		      int pulls_only, int merge_queue)
{
	CLEANUP(branch_rules_release) struct branch_rules rules = { 0 };
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	ok(admin->rules(&rules, client, "a/b"));
	strings_join(&names, &rules.checks, " ");
	assert_int_equal(rules.protected_, protected_);
	assert_int_equal(rules.approvals, approvals);
	same(names.data, checks);
	assert_int_equal(rules.pulls_only, pulls_only);
	assert_int_equal(rules.merge_queue, merge_queue);
}

static void a_branch_without_rules_has_none(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, UNPROTECTED }, { GET_RULES, 200, NULL, "[]" },
	     { GET_PROTECTION, UNPROTECTED }, { GET_RULES, GONE },
	     { GET_PROTECTION, GONE }, { GET_BRANCH, GONE },
	     { GET_RULES, 403, NULL, FAILED("Upgrade to GitHub Pro") });
	has_rules(0, 0, "", 0, 0);
	has_rules(0, 0, "", 0, 0);
	has_rules(0, 0, "", 0, 0);
	done();
}

#define REVIEWS(n)                                                             \
	"'required_pull_request_reviews':{'dismiss_stale_reviews':true,"       \
	"'required_approving_review_count':" n "}"

static void rules_of_both_kinds_are_read(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, 200, NULL,
	       "{'required_status_checks':{'strict':true,'contexts':['t'],"
	       "'checks':[{'context':'t','app_id':1},{'context':'u',"
	       "'app_id':null}]}," REVIEWS("1") "}" },
	     { GET_RULES, 200,
	       "Link: <@API@" R "/rules/branches/a%2Fb?per_page=100&page=2>; "
	       "rel=\"next\"\r\n",
	       "[{'type':'required_status_checks','parameters':{"
	       "'required_status_checks':[{'context':'u'},{'context':'v'}]}},"
	       "{'type':'deletion'}]" },
	     { "GET " R "/rules/branches/a%2Fb?per_page=100&page=2", NULL, 200,
	       NULL,
	       "[{'type':'pull_request','parameters':{"
	       "'required_approving_review_count':2}}]" },
	     { ASK_QUEUE, NO_QUEUE });
	has_rules(1, 2, "t u v", 1, 0);
	done();
}

static void a_merge_queue_is_found_by_either_way(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, UNPROTECTED },
	     { GET_RULES, 200, NULL, "[{'type':'merge_queue'}]" },
	     { GET_PROTECTION, 200, NULL, "{}" }, { GET_RULES, GONE },
	     { ASK_QUEUE, 200, NULL,
	       "{'data':{'repository':{'mergeQueue':{'id':'MQ_1'}}}}" },
	     { GET_PROTECTION, 200, NULL, "{'lock_branch':{'enabled':true}}" },
	     { GET_RULES, GONE }, { ASK_QUEUE, GONE });
	has_rules(1, 0, "", 1, 1);
	has_rules(1, 0, "", 1, 1);
	has_rules(1, 0, "", 1, 0);
	done();
}

static void a_token_that_may_not_see_rules_gets_what_all_see(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, 403, NULL,
	       FAILED("Resource not accessible by integration") },
	     { GET_BRANCH, 200, NULL,
	       "{'protected':true,'protection':{'required_status_checks':{"
	       "'contexts':['t']}}}" },
	     { GET_RULES, 200, NULL, "[{'type':'update'}]" },
	     { ASK_QUEUE, NO_QUEUE }, { GET_PROTECTION, GONE },
	     { GET_BRANCH, 200, NULL, "{'protected':false}" },
	     { GET_RULES, 200, NULL, "[{'type':'non_fast_forward'}]" });
	has_rules(1, 0, "t", 1, 0);
	has_rules(1, 0, "", 0, 0);
	done();
}

/* protect */

#define PUT "PUT " R "/branches/a%2Fb/protection"

static struct error *protects(const char *check, int approvals)
{
	CLEANUP(strings_release) struct strings checks = STRINGS_INIT;

	if (check)
		strings_add(&checks, check);
	return admin->protect(client, "a/b", &checks, approvals);
}

static void an_open_branch_gets_what_is_asked_for(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, UNPROTECTED },
	     { PUT,
	       "{'required_status_checks':{'strict':false,'contexts':['t'],"
	       "'checks':[{'context':'t','app_id':-1}]},"
	       "'enforce_admins':false,'required_pull_request_reviews':{"
	       "'required_approving_review_count':1},'restrictions':null}",
	       200, NULL, "{}" },
	     { GET_PROTECTION, GONE },
	     { GET_BRANCH, 200, NULL, "{'protected':false}" },
	     { PUT,
	       "{'required_status_checks':null,'enforce_admins':false,"
	       "'required_pull_request_reviews':null,'restrictions':null}",
	       200, NULL, "{}" });
	ok(protects("t", 1));
	ok(protects(NULL, 0));
	done();
}

static void what_is_there_is_said_again(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, 200, NULL,
	       "{'url':'x','required_status_checks':{'strict':true,"
	       "'contexts':['s'],'checks':[{'context':'s','app_id':7}]},"
	       "'enforce_admins':{'url':'x','enabled':true},"
	       "'required_pull_request_reviews':{'url':'x',"
	       "'dismissal_restrictions':{'users':[{'login':'ada'}],"
	       "'teams':[],'apps':[]},'dismiss_stale_reviews':true,"
	       "'require_code_owner_reviews':true,"
	       "'required_approving_review_count':2,"
	       "'require_last_push_approval':false,"
	       "'bypass_pull_request_allowances':{'users':[],'teams':[{"
	       "'slug':'core'}],'apps':[{'slug':'bot'}]}},"
	       "'restrictions':{'users':[{'login':'eve'}],"
	       "'teams':[{'slug':'core'}],'apps':[]},"
	       "'required_linear_history':{'enabled':true},"
	       "'allow_force_pushes':{'enabled':false},"
	       "'allow_deletions':{'enabled':false},"
	       "'block_creations':{'enabled':true},"
	       "'required_conversation_resolution':{'enabled':true},"
	       "'lock_branch':{'enabled':false},"
	       "'allow_fork_syncing':{'enabled':true},"
	       "'required_signatures':{'enabled':true}}" },
	     { PUT,
	       "{'required_status_checks':{'strict':true,'contexts':['s','t'],"
	       "'checks':[{'context':'s','app_id':7},"
	       "{'context':'t','app_id':-1}]},'enforce_admins':true,"
	       "'required_pull_request_reviews':{'dismissal_restrictions':{"
	       "'users':['ada'],'teams':[],'apps':[]},"
	       "'dismiss_stale_reviews':true,"
	       "'require_code_owner_reviews':true,"
	       "'require_last_push_approval':false,"
	       "'required_approving_review_count':2,"
	       "'bypass_pull_request_allowances':{'users':[],"
	       "'teams':['core'],'apps':['bot']}},"
	       "'restrictions':{'users':['eve'],'teams':['core'],'apps':[]},"
	       "'required_linear_history':true,'allow_force_pushes':false,"
	       "'allow_deletions':false,'block_creations':true,"
	       "'required_conversation_resolution':true,'lock_branch':false,"
	       "'allow_fork_syncing':true}",
	       200, NULL, "{}" });
	ok(protects("t", 1));
	done();
}

static void what_is_strict_enough_is_left_alone(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, 200, NULL,
	       "{'required_status_checks':{'strict':true,'contexts':[],"
	       "'checks':[{'context':'t','app_id':null}]}," REVIEWS("1") "}" });
	ok(protects("t", 1));
	done();
}

static void rules_that_cannot_be_seen_are_not_replaced(void **state)
{
	(void)state;
	PLAY({ GET_PROTECTION, GONE },
	     { GET_BRANCH, 200, NULL, "{'protected':true}" },
	     { GET_PROTECTION, 403, NULL, FAILED("Upgrade to GitHub Pro") },
	     { GET_BRANCH, 200, NULL, "{'protected':false}" },
	     { PUT,
	       "{'required_status_checks':{'strict':false,'contexts':['t'],"
	       "'checks':[{'context':'t','app_id':-1}]},"
	       "'enforce_admins':false,'required_pull_request_reviews':null,"
	       "'restrictions':null}",
	       403, NULL, FAILED("Upgrade to GitHub Pro") },
	     { GET_PROTECTION, GONE }, { GET_BRANCH, GONE });
	fails(ERROR_REFUSED, "cannot protect 'a/b': the token may not see",
	      protects("t", 0));
	fails(ERROR_FAILURE, "Upgrade to GitHub Pro", protects("t", 0));
	fails(ERROR_NOT_FOUND, "cannot protect 'a/b'", protects("t", 0));
	done();
}

/* labels */

static const struct forge_label rows[] = {
	{ "orch", "0e8a16", "By git-orch" },
	{ "orch: waiting", "fbca04", NULL },
	{ "Bug", "d73a4a", "Wrong" },
};
#define LABELS "GET " R "/labels?per_page=100", NULL
#define LABEL(n, c, d)                                                         \
	"POST " R "/labels",                                                   \
		"{'name':'" n "','color':'" c "','description':'" d "'}"

static void labels_that_are_missing_are_made(void **state)
{
	(void)state;
	PLAY({ LABELS, 200, NULL, "[{'name':'bug'}]" },
	     { LABEL("orch", "0e8a16", "By git-orch"), 201, NULL, "{}" },
	     { LABEL("orch: waiting", "fbca04", ""), 422, NULL,
	       EXISTS("Label") });
	ok(admin->labels(client, rows, 3));
	done();
}

static void a_label_that_github_will_not_have_is_named(void **state)
{
	(void)state;
	PLAY({ LABELS, 200, NULL, "[]" },
	     { LABEL("orch", "0e8a16", "By git-orch"), 403, NULL,
	       FAILED("Must have push access") });
	fails(ERROR_FAILURE, "cannot make the label 'orch'",
	      admin->labels(client, rows, 3));
	done();
}

/* release */

#define BY_TAG "GET " R "/releases/tags/v1.0", NULL
#define LIST   "GET " R "/releases?per_page=100", NULL
#define TAG    "GET " R "/git/ref/tags%2Fv1.0", NULL
#define MAKE(body)                                                             \
	"POST " R "/releases", "{'tag_name':'v1.0','name':'One','body':'" body \
			       "','draft':false,'prerelease':true}"
#define MADE(tag)                                                              \
	"{'tag_name':'" tag "','html_url':'https://github.com/o/n/r/" tag "'}"

static struct forge_release_spec one = {
	.tag = "v1.0", .title = "One", .notes = "N", .prerelease = 1
};

static void releases(const char *expected)
{
	CLEANUP(free_str) char *url = NULL;

	ok(admin->release(&url, client, &one));
	same(url, expected);
}

static void a_release_is_found_by_its_tag_or_as_a_draft(void **state)
{
	(void)state;
	PLAY({ BY_TAG, 200, NULL, MADE("v1.0") }, { BY_TAG, GONE },
	     { LIST, 200, NULL, "[" MADE("v2.0") "," MADE("v1.0") "]" });
	releases("https://github.com/o/n/r/v1.0");
	releases("https://github.com/o/n/r/v1.0");
	done();
}

static void a_release_is_made_once(void **state)
{
	(void)state;
	PLAY({ BY_TAG, GONE }, { LIST, 200, NULL, "[]" }, { TAG, THERE },
	     { MAKE("N"), 201, NULL, MADE("v1.0") }, { BY_TAG, GONE },
	     { LIST, 200, NULL, "[]" }, { TAG, THERE },
	     { MAKE("N"), 422, NULL, EXISTS("Release") },
	     { BY_TAG, 200, NULL, MADE("v1.0") });
	releases("https://github.com/o/n/r/v1.0");
	releases("https://github.com/o/n/r/v1.0");
	done();
}

static void a_release_needs_its_tag(void **state)
{
	char *url = NULL;

	(void)state;
	PLAY({ BY_TAG, GONE }, { LIST, 200, NULL, "[]" }, { TAG, GONE });
	fails(ERROR_NOT_FOUND, "has no tag 'v1.0'",
	      admin->release(&url, client, &one));
	assert_null(url);
	done();
}

static void long_notes_are_cut_and_say_so(void **state)
{
	static const char end[] = "\\n\\n(The rest is left out: notes have at "
				  "most 125,000 characters.)\\n";
	size_t kept = 125000 - (sizeof end - 1 - 3);
	struct buf notes = BUF_INIT, body = BUF_INIT;

	(void)state;
	for (int i = 0; i < 125001; i++)
		buf_ch(&notes, 'x');
	buf_str(&body, "{'tag_name':'v1.0','name':'One','body':'");
	buf_add(&body, notes.data, kept);
	buf_addf(&body, "%s','draft':false,'prerelease':true}", end);
	PLAY({ BY_TAG, GONE }, { LIST, 200, NULL, "[]" }, { TAG, THERE },
	     { "POST " R "/releases", body.data, 201, NULL, MADE("v1.0") });
	one.notes = notes.data;
	releases("https://github.com/o/n/r/v1.0");
	one.notes = "N";
	done();
	buf_release(&notes);
	buf_release(&body);
}

/* enqueue */

#define PULL(oid, more)                                                        \
	"{'number':5,'html_url':'https://github.com/o/n/pull/5','title':'T',"  \
	"'node_id':'PR_5','head':{'ref':'orch/p/a','sha':'" oid                \
	"'},'base':{'ref':'main'}," more "}"
#define OPEN     "'state':'open'"
#define GET_PULL "GET " R "/pulls/5", NULL
#define ENQUEUE                                                                \
	"POST /graphql",                                                       \
		"{'query':'mutation($id:ID!,$oid:GitObjectID!){"               \
		"enqueuePullRequest(input:{pullRequestId:$id,"                 \
		"expectedHeadOid:$oid}){mergeQueueEntry{id}}}','variables':{"  \
		"'id':'PR_5','oid':'" OID "'}}"
#define IS_QUEUED                                                              \
	"POST /graphql",                                                       \
		"{'query':'query($id:ID!){node(id:$id){...on PullRequest{"     \
		"headRefOid isInMergeQueue merged}}}','variables':{"           \
		"'id':'PR_5'}}"
#define NODE(oid, queued, merged)                                              \
	200, NULL,                                                             \
		"{'data':{'node':{'headRefOid':'" oid                          \
		"','isInMergeQueue':" queued ",'merged':" merged "}}}"
#define REFUSED(words) 200, NULL, "{'errors':[{'message':'" words "'}]}"

static struct error *enqueues(void)
{
	return admin->enqueue(client, 5, OID);
}

static void a_pull_request_is_queued_with_its_head(void **state)
{
	(void)state;
	PLAY({ GET_PULL, 200, NULL, PULL(OID, OPEN) },
	     { ENQUEUE, 200, NULL,
	       "{'data':{'enqueuePullRequest':{'mergeQueueEntry':{"
	       "'id':'E'}}}}" });
	ok(enqueues());
	done();
}

static void one_that_is_queued_or_merged_is_success(void **state)
{
	(void)state;
	PLAY({ GET_PULL, 200, NULL, PULL(OID, OPEN) },
	     { ENQUEUE, REFUSED("Pull request is already in the queue") },
	     { IS_QUEUED, NODE(OID, "true", "false") },
	     { GET_PULL, 200, NULL, PULL(OID, OPEN) },
	     { ENQUEUE, REFUSED("Pull request is closed") },
	     { IS_QUEUED, NODE(OID, "false", "true") },
	     { GET_PULL, 200, NULL,
	       PULL(OID, "'state':'closed','merged_at':'2026-01-02T03:04:05Z',"
			 "'merge_commit_sha':'" OTHER "'") });
	ok(enqueues());
	ok(enqueues());
	ok(enqueues());
	done();
}

static void another_head_is_not_queued(void **state)
{
	(void)state;
	PLAY({ GET_PULL, 200, NULL, PULL(OTHER, OPEN) },
	     { GET_PULL, 200, NULL, PULL(OID, OPEN) },
	     { ENQUEUE, REFUSED("Head oid does not match") },
	     { IS_QUEUED, NODE(OTHER, "false", "false") });
	fails(ERROR_STALE, "cannot queue #5: its head is abcdefabcdef by now",
	      enqueues());
	fails(ERROR_STALE, "Head oid does not match", enqueues());
	done();
}

static void a_queue_that_refuses_is_quoted(void **state)
{
	(void)state;
	PLAY({ GET_PULL, 200, NULL, PULL(OID, OPEN) },
	     { ENQUEUE, REFUSED("The merge queue is not enabled") },
	     { IS_QUEUED, NODE(OID, "false", "false") },
	     { GET_PULL, 200, NULL, PULL(OID, OPEN) }, { ENQUEUE, GONE });
	fails(ERROR_REFUSED, "The merge queue is not enabled", enqueues());
	fails(ERROR_NOT_FOUND, "cannot queue #5", enqueues());
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repository_that_is_there_is_found),
		cmocka_unit_test(an_empty_one_has_no_default_branch),
		cmocka_unit_test(
			one_that_is_missing_is_made_for_the_tokens_user),
		cmocka_unit_test(one_of_an_organization_is_made_there),
		cmocka_unit_test(without_an_owner_it_is_the_tokens_users),
		cmocka_unit_test(one_that_somebody_made_meanwhile_is_found),
		cmocka_unit_test(another_users_repository_is_not_made),
		cmocka_unit_test(a_refusal_to_make_one_is_told),
		cmocka_unit_test(a_repository_that_is_missing_is_named),
		cmocka_unit_test(the_default_branch_is_set_where_it_differs),
		cmocka_unit_test(a_branch_without_rules_has_none),
		cmocka_unit_test(rules_of_both_kinds_are_read),
		cmocka_unit_test(a_merge_queue_is_found_by_either_way),
		cmocka_unit_test(
			a_token_that_may_not_see_rules_gets_what_all_see),
		cmocka_unit_test(an_open_branch_gets_what_is_asked_for),
		cmocka_unit_test(what_is_there_is_said_again),
		cmocka_unit_test(what_is_strict_enough_is_left_alone),
		cmocka_unit_test(rules_that_cannot_be_seen_are_not_replaced),
		cmocka_unit_test(labels_that_are_missing_are_made),
		cmocka_unit_test(a_label_that_github_will_not_have_is_named),
		cmocka_unit_test(a_release_is_found_by_its_tag_or_as_a_draft),
		cmocka_unit_test(a_release_is_made_once),
		cmocka_unit_test(a_release_needs_its_tag),
		cmocka_unit_test(long_notes_are_cut_and_say_so),
		cmocka_unit_test(a_pull_request_is_queued_with_its_head),
		cmocka_unit_test(one_that_is_queued_or_merged_is_success),
		cmocka_unit_test(another_head_is_not_queued),
		cmocka_unit_test(a_queue_that_refuses_is_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

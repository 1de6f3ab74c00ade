/* What doctor asks of GitHub, against a script, and what it finds. */
#include "tests/unit/scripted.h"

#include "gitops/forge-admin.h"

#define TOKEN "some-token"
#define R     "/repos/o/n"

#define FAILED(words) "{'message':'" words "'}"
#define GONE          404, NULL, FAILED("Not Found")
#define LIMIT(n)      "X-RateLimit-Limit: 5000\r\nX-RateLimit-Remaining: " n "\r\n"
#define SCOPES(s)     "X-OAuth-Scopes: " s "\r\n"
#define GET_USER      "GET /user", NULL
#define USER          "{'login':'o','plan':{'name':'pro'}}"
#define FREE_USER     "{'login':'o','plan':{'name':'free'}}"
#define CLASSIC       GET_USER, 200, LIMIT("4999") SCOPES("repo, workflow"), USER
#define FINE_GRAINED  GET_USER, 200, NULL, USER
#define GET_REPO      "GET " R, NULL
#define MAY_PUSH      "'permissions':{'push':true,'admin':false}"
#define REPOSITORY(more)                                                       \
	GET_REPO, 200, NULL,                                                   \
		"{'default_branch':'main','owner':{'login':'o','type':'User'}" \
		"," more "}"
#define PREFIX(n) "GET " R "/git/ref/heads%2F" n, NULL
#define PULLS     "GET " R "/pulls?per_page=1", NULL
#define SETTING   "GET " R "/actions/permissions/workflow", NULL
#define VIEWER    "POST /graphql", "{'query':'query{viewer{login}}'}"

static const char usual[] = "User-Agent: git-orch/" GIT_ORCH_VERSION "\r\n"
			    "Accept: application/vnd.github+json\r\n"
			    "X-GitHub-Api-Version: 2022-11-28\r\n"
			    "Authorization: Bearer " TOKEN "\r\n";

static struct peer peer;
static struct loop *loop;
static struct forge_site site;
static struct forge_client *client;
static struct forge_findings findings;

static void play(const struct turn *turns)
{
	scripted_start(&peer, turns, usual);
	site = (struct forge_site){ .api = xstrdup(peer.url),
				    .owner = xstrdup("o"),
				    .name = xstrdup("n"),
				    .token = xstrdup(TOKEN),
				    .token_origin = xstrdup("GITHUB_TOKEN"),
				    .retry = { .base_ms = 1, .tries = 2 } };
	site.api[strlen(site.api) - 1] = '\0';
	unsetenv("GITHUB_ACTIONS");
	loop = loop_new();
	ok(forge_github.open(&client, loop, &site, NULL));
}
#define PLAY(...) play((const struct turn[]){ __VA_ARGS__, { 0 } })

static void done(void)
{
	forge_findings_release(&findings);
	forge_github.close(&client);
	loop_free(loop);
	forge_site_release(&site);
	scripted_end(&peer);
}

static void probes(const struct forge_use *use)
{
	forge_findings_release(&findings);
	ok(forge_github.admin->probe(&findings, client, use));
}

static const struct forge_finding *named(const char *name)
{
	FOR_EACH (struct forge_finding, it, &findings)
		if (!strcmp(it->name, name))
			return it;
	return NULL;
}

/* What is bad has a fix, and only that. */
static void found(const char *name, int bad, const char *text)
{
	const struct forge_finding *finding = named(name);

	if (!finding)
		fail_msg("nothing is said of '%s'", name);
	if (finding->bad != bad || !strstr(finding->text, text))
		fail_msg("%s: %d, %s", name, finding->bad, finding->text);
	assert_int_equal(finding->fix != NULL, bad != 0);
}

static const struct forge_use nothing;
static const struct forge_use all = {
	.prefix = "orch", .base = "main", .method = "squash", .stacking = 1
};

static void nothing_is_wrong_with_a_good_one(void **state)
{
	(void)state;
	PLAY({ CLASSIC },
	     { REPOSITORY("'private':false,'allow_squash_merge':true,"
			  "'delete_branch_on_merge':false," MAY_PUSH) },
	     { PREFIX("orch"), GONE });
	probes(&all);
	found("token", 0, "o, from GITHUB_TOKEN");
	found("repository", 0, "'o/n', public");
	found("push", 0, "protecting branches takes an administrator");
	found("pull-requests", 0, "has the scope");
	found("workflows", 0, "may push workflow files");
	found("default-branch", 0, "'main'");
	found("merge-method", 0, "squash is allowed");
	found("prefix", 0, "no branch is in the way of 'orch/...'");
	found("rate-limit", 0, "4999 of 5000 requests");
	assert_null(named("merged-branches"));
	assert_null(named("drafts"));
	done();
}

static void without_a_token_nothing_is_asked(void **state)
{
	(void)state;
	PLAY({ 0 });
	free_str(&site.token);
	probes(&all);
	found("token", 2, "there is none");
	assert_int_equal(findings.len, 1);
	done();
}

static void a_wrong_token_is_a_finding(void **state)
{
	(void)state;
	PLAY({ GET_USER, 401, NULL, FAILED("Bad credentials") },
	     { GET_USER, 404, NULL, FAILED("Not Found") });
	probes(&all);
	found("token", 2, "Bad credentials");
	same(named("token")->fix, "check the token in GITHUB_TOKEN");
	probes(&all);
	found("token", 2, "Not Found");
	done();
}

static void a_forge_that_cannot_be_reached_is_an_error(void **state)
{
	(void)state;
	PLAY({ GET_USER, 503, NULL, NULL }, { GET_USER, 503, NULL, NULL },
	     { GET_USER, 0 }, { GET_USER, 0 }, { GET_USER, 0 });
	fails(ERROR_AGAIN, "503",
	      forge_github.admin->probe(&findings, client, &all));
	fails(ERROR_AGAIN, "127.0.0.1",
	      forge_github.admin->probe(&findings, client, &all));
	assert_int_equal(findings.len, 0);
	done();
}

static void a_repository_that_is_missing_or_moved_is_found(void **state)
{
	(void)state;
	PLAY({ CLASSIC }, { GET_REPO, GONE }, { CLASSIC },
	     { GET_REPO, 301, "Location: @API@/repositories/1\r\n",
	       FAILED("Moved Permanently") });
	probes(&all);
	found("repository", 2, "there is no 'o/n', or the token");
	probes(&all);
	found("repository", 2, "Moved Permanently");
	assert_non_null(strstr(named("repository")->fix, "was moved"));
	done();
}

static void a_classic_token_lacks_a_scope(void **state)
{
	(void)state;
	PLAY({ GET_USER, 200, SCOPES("public_repo"), USER },
	     { REPOSITORY("'private':true") },
	     { GET_USER, 200, SCOPES("repo:status, public_repo"), USER },
	     { REPOSITORY("'private':false") });
	probes(&nothing);
	found("pull-requests", 2, "has the scopes 'public_repo'");
	found("workflows", 1, "without the scope 'workflow'");
	probes(&nothing);
	found("pull-requests", 0, "has the scope");
	done();
}

static void a_fine_grained_token_is_tried(void **state)
{
	(void)state;
	PLAY({ FINE_GRAINED }, { REPOSITORY("'permissions':{'push':false}") },
	     { PULLS, 403, NULL,
	       FAILED("Resource not accessible by personal access token") },
	     { FINE_GRAINED },
	     { REPOSITORY("'permissions':{'push':true,'admin':true}") },
	     { PULLS, 200, NULL, "[]" });
	probes(&nothing);
	found("push", 2, "may not push");
	found("pull-requests", 2, "may not read them: Resource not accessible");
	probes(&nothing);
	found("push", 0, "and administer");
	found("pull-requests", 0, "may read them");
	done();
}

#define NO_USER                                                                \
	GET_USER, 403, NULL, FAILED("Resource not accessible by integration")
#define VIEWED(n) VIEWER, 200, NULL, "{'data':{'viewer':{'login':'" n "'}}}"

static void a_workflows_own_token_starts_no_workflows(void **state)
{
	(void)state;
	PLAY({ NO_USER }, { VIEWED("github-actions[bot]") },
	     { REPOSITORY("'archived':false") },
	     { SETTING, 403, NULL, FAILED("Resource not accessible") },
	     { NO_USER }, { VIEWER, GONE }, { REPOSITORY("'archived':false") },
	     { SETTING, 200, NULL,
	       "{'can_approve_pull_request_reviews':false}" });
	probes(&nothing);
	found("token", 0, "the App github-actions[bot], from GITHUB_TOKEN");
	found("ci", 1, "start no workflows");
	found("workflows", 1, "cannot push files");
	found("pull-requests", 1, "only where the settings allow it");
	setenv("GITHUB_ACTIONS", "true", 1);
	probes(&nothing);
	unsetenv("GITHUB_ACTIONS");
	found("token", 0, "the App somebody");
	found("pull-requests", 2, "workflows may not open pull requests");
	done();
}

static void an_apps_token_starts_them(void **state)
{
	(void)state;
	PLAY({ NO_USER }, { VIEWED("orch[bot]") },
	     { REPOSITORY("'archived':false") }, { PULLS, 200, NULL, "[]" });
	setenv("GITHUB_ACTIONS", "true", 1);
	probes(&nothing);
	unsetenv("GITHUB_ACTIONS");
	found("token", 0, "the App orch[bot]");
	assert_null(named("ci"));
	done();
}

static void settings_that_are_in_the_way_are_named(void **state)
{
	const struct forge_use other = { .base = "trunk", .method = "rebase" };

	(void)state;
	PLAY({ CLASSIC },
	     { REPOSITORY("'archived':true,'delete_branch_on_merge':true,"
			  "'allow_squash_merge':false") },
	     { PREFIX("orch"), 200, NULL, "{'ref':'refs/heads/orch'}" },
	     { CLASSIC }, { REPOSITORY("'delete_branch_on_merge':true") });
	probes(&all);
	found("repository", 2, "'o/n' is archived");
	found("merged-branches", 2, "deleted at once");
	found("merge-method", 2, "delivery.method is squash");
	found("prefix", 2, "the branch 'orch' is in the way of 'orch/...'");
	probes(&other);
	found("merged-branches", 1, "deleted at once");
	found("default-branch", 1, "it is 'main', and the base is 'trunk'");
	assert_null(named("merge-method"));
	done();
}

static void every_part_of_a_prefix_is_looked_for(void **state)
{
	const struct forge_use deep = { .prefix = "bots/orch" };

	(void)state;
	PLAY({ CLASSIC }, { REPOSITORY("'archived':false") },
	     { PREFIX("bots"), GONE },
	     { PREFIX("bots%2Forch"), 200, NULL, "{}" });
	probes(&deep);
	found("prefix", 2, "'bots/orch' is in the way of 'bots/orch/...'");
	done();
}

#define PRIVATE REPOSITORY("'private':true")
#define OF_ORG                                                                 \
	GET_REPO, 200, NULL,                                                   \
		"{'default_branch':'main','private':true,"                     \
		"'owner':{'login':'o','type':'Organization'}}"

static void a_private_repository_has_drafts_where_it_is_paid_for(void **state)
{
	(void)state;
	PLAY({ GET_USER, 200, SCOPES("repo"), FREE_USER }, { PRIVATE },
	     { CLASSIC }, { PRIVATE },
	     { GET_USER, 200, SCOPES("repo"), "{'login':'o'}" }, { PRIVATE },
	     { GET_USER, 200, SCOPES("repo"), "{'login':'me'}" }, { OF_ORG },
	     { "GET /orgs/o", NULL, 200, NULL, "{'plan':{'name':'free'}}" });
	probes(&nothing);
	found("drafts", 1, "none on the plan 'free'");
	probes(&nothing);
	found("drafts", 0, "the plan has them");
	probes(&nothing);
	found("drafts", 0, "on paid plans only");
	probes(&nothing);
	found("drafts", 1, "none on the plan 'free'");
	done();
}

static void a_limit_that_is_nearly_used_up_is_said(void **state)
{
	(void)state;
	PLAY({ GET_USER, 200, LIMIT("499") SCOPES("repo"), USER },
	     { REPOSITORY("'archived':false") },
	     { GET_USER, 200, LIMIT("500") SCOPES("repo"), USER },
	     { REPOSITORY("'archived':false") });
	probes(&nothing);
	found("rate-limit", 1, "499 of 5000");
	probes(&nothing);
	found("rate-limit", 0, "500 of 5000");
	done();
}

static void what_a_server_says_moves_no_cursor(void **state)
{
	(void)state;
	PLAY({ GET_USER, 200, SCOPES("repo"), "{'login':'o\\u001b[2Jx'}" },
	     { GET_REPO, 200, NULL, "{'default_branch':'m\\u001b]0;x'}" });
	probes(&nothing);
	FOR_EACH (struct forge_finding, it, &findings)
		assert_null(strchr(it->text, '\x1b'));
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong_with_a_good_one),
		cmocka_unit_test(without_a_token_nothing_is_asked),
		cmocka_unit_test(a_wrong_token_is_a_finding),
		cmocka_unit_test(a_forge_that_cannot_be_reached_is_an_error),
		cmocka_unit_test(
			a_repository_that_is_missing_or_moved_is_found),
		cmocka_unit_test(a_classic_token_lacks_a_scope),
		cmocka_unit_test(a_fine_grained_token_is_tried),
		cmocka_unit_test(a_workflows_own_token_starts_no_workflows),
		cmocka_unit_test(an_apps_token_starts_them),
		cmocka_unit_test(settings_that_are_in_the_way_are_named),
		cmocka_unit_test(every_part_of_a_prefix_is_looked_for),
		cmocka_unit_test(
			a_private_repository_has_drafts_where_it_is_paid_for),
		cmocka_unit_test(a_limit_that_is_nearly_used_up_is_said),
		cmocka_unit_test(what_a_server_says_moves_no_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

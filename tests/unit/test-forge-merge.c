/*
 * The forge github against a script: what is said and done of a pull request
 * that is known by its number, or of a commit.
 */
#include "tests/unit/pulls.h"

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

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(a_merge_is_guarded_by_the_heads_id),
		T(a_refused_merge_is_looked_at),
		T(a_pull_is_retargeted_and_closed),
		T(a_comment_is_said_once),
		T(a_description_is_cut_at_140_characters),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-merge", tests, NULL, NULL);
}

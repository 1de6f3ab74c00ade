/*
 * The forge github against a script: what is found, page by page, and what is
 * made of wrong answers.
 */
#include "tests/unit/pulls.h"

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
		T(a_wrong_answer_is_named_and_nothing_is_guessed),
		T(a_token_that_is_no_header_is_not_sent_nor_quoted),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-github", tests, NULL, NULL);
}

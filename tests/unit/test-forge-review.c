/*
 * What reviewers say of a pull request on GitHub, and answers to it, against a
 * script: what is asked, byte for byte, and what is made of the answers.
 */
#include "tests/unit/github.h"

#include "core/file.h"
#include "gitops/forge-review.h"

#define MARK "<!-- git-orch -->"

/* clang-format off */
#define COMMENTS                                                               \
	"pageInfo{hasNextPage endCursor}"                                      \
	"nodes{fullDatabaseId author{__typename login}authorAssociation "      \
	"viewerDidAuthor isMinimized state body url}"
#define ASK_THREADS(after)                                                     \
	"POST /graphql", "{'query':'query($owner:String!,$name:String!,"       \
	"$number:Int!,$after:String){repository(owner:$owner,name:$name){"     \
	"pullRequest(number:$number){reviewThreads(first:50,after:$after){"    \
	"pageInfo{hasNextPage endCursor}nodes{id isResolved path line "        \
	"comments(first:100){" COMMENTS "}}}}}}','variables':{'owner':'o',"    \
	"'name':'n','number':5,'after':" after "}}"
#define ASK_COMMENTS(id, after)                                                \
	"POST /graphql", "{'query':'query($id:ID!,$after:String){"             \
	"node(id:$id){...on PullRequestReviewThread{"                          \
	"comments(first:100,after:$after){" COMMENTS "}}}}',"                  \
	"'variables':{'id':'" id "','after':'" after "'}}"
#define RESOLVE                                                                \
	"POST /graphql", "{'query':'mutation($id:ID!){resolveReviewThread("    \
	"input:{threadId:$id}){thread{isResolved}}}',"                         \
	"'variables':{'id':'T1'}}"

#define LAST     "'pageInfo':{'hasNextPage':false,'endCursor':'x'}"
#define MORE(at) "'pageInfo':{'hasNextPage':true,'endCursor':'" at "'}"
#define THREADS_OF(info, nodes)                                                \
	200, NULL, "{'data':{'repository':{'pullRequest':{'reviewThreads':{"   \
	info ",'nodes':[" nodes "]}}}}}"
#define THREADS(nodes) THREADS_OF(LAST, nodes)
#define NODE(id, resolved, where, info, comments)                              \
	"{'id':'" id "','isResolved':" resolved "," where ",'comments':{"      \
	info ",'nodes':[" comments "]}}"
#define THREAD(id, comments)                                                   \
	NODE(id, "false", "'path':'a.c','line':7", LAST, comments)
#define WORD(id, type, login, as, mine, more, body)                            \
	"{'fullDatabaseId':'" id "','author':{'__typename':'" type             \
	"','login':'" login "'},'authorAssociation':'" as                      \
	"','viewerDidAuthor':" mine "," more ",'body':'" body                  \
	"','url':'https://github.com/o/n/pull/5#r" id "'}"
#define PLAIN "'isMinimized':false,'state':'SUBMITTED'"
#define SAYS(id, login, as, body)                                              \
	WORD(id, "User", login, as, "false", PLAIN, body)
#define BOT(id, login, body)                                                   \
	WORD(id, "Bot", login, "NONE", "false", PLAIN, body)
/* clang-format on */

#define REVIEWS    "GET " R "/pulls/5/reviews?per_page=100", NULL
#define NONE       200, NULL, "[]"
#define NO_REVIEWS REVIEWS, NONE
#define ISSUE      "GET " R "/issues/5/comments?per_page=100", NULL
#define LINES      "GET " R "/pulls/5/comments?per_page=100", NULL
#define MAY(who, what)                                                         \
	"GET " R "/collaborators/" who "/permission", NULL, 200, NULL,         \
		"{'permission':'" what "'}"

/* The remarks on 5, and so many of them. */
static void reads(struct remarks *out, size_t n)
{
	remarks_release(out);
	ok(github->review->remarks(out, client, 5));
	assert_int_equal(out->len, n);
}

static void a_pull_that_nobody_spoke_of_has_no_remarks(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };

	(void)state;
	PLAY({ ASK_THREADS("null"), THREADS("") }, { NO_REVIEWS });
	reads(&remarks, 0);
	done();
}

/* clang-format off */
static const struct turn two_threads[] = {
	{ ASK_THREADS("null"),
	  THREADS(NODE("T0", "true", "'path':'b.c','line':1", LAST,
		       SAYS("1", "ann", "MEMBER", "settled")) ","
		  THREAD("T1",
			 SAYS("4000000007", "ann", "MEMBER", "why?\\r\\nsay") ","
			 SAYS("8", "bob", "OWNER", "yes, why")) ","
		  NODE("T2", "false", "'path':'c.c','line':null", LAST,
		       SAYS("9", "Ann", "MEMBER", "old"))) },
	{ MAY("ann", "write") },
	{ MAY("bob", "admin") },
	{ NO_REVIEWS },
	{ 0 },
};
/* clang-format on */

static void a_thread_that_is_not_resolved_is_a_remark(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	const struct remark *it;

	(void)state;
	play(two_threads);
	reads(&remarks, 2);
	it = &remarks.items[0];
	assert_true(it->id == 4000000007);
	same(it->thread, "T1");
	same(it->author, "ann");
	same(it->path, "a.c");
	assert_int_equal(it->line, 7);
	same(it->text, "ann: why?\nsay\nbob: yes, why\n");
	same(it->url, "https://github.com/o/n/pull/5#r4000000007");
	it = &remarks.items[1];
	assert_int_equal(it->line, 0);
	same(it->path, "c.c");
	same(it->text, "Ann: old\n");
	done();
}

/* One thread with these words; of them ann and bob may write, cid may not. */
#define ONE_THREAD(words)                                                      \
	{                                                                      \
		ASK_THREADS("null"), THREADS(THREAD("T1", words))              \
	}

/* clang-format off */
#define ANN(body)  SAYS("1", "ann", "MEMBER", body)
#define CID(body)  SAYS("2", "cid", "NONE", body)
#define ROBO(body) BOT("3", "robo", body)
#define MINE(body) WORD("4", "User", "ann", "MEMBER", "true", PLAIN, body)
#define GONE                                                                   \
	"{'fullDatabaseId':'5','author':null,'authorAssociation':'NONE',"      \
	"'viewerDidAuthor':false,'isMinimized':false,'state':'SUBMITTED',"     \
	"'body':'gone','url':'https://github.com/'}"
#define HIDDEN                                                                 \
	WORD("6", "User", "ann", "MEMBER", "false",                            \
	     "'isMinimized':true,'state':'SUBMITTED'", "spam")
#define DRAFTED                                                                \
	WORD("7", "User", "ann", "MEMBER", "true",                             \
	     "'isMinimized':false,'state':'PENDING'", "not sent yet")

static const struct {
	const char *nodes;
	const char *asked; /* first letters of those who are asked about */
	const char *text; /* NULL: no remark */
} voices[] = {
	{ ANN("do it"), "a", "ann: do it\n" },
	{ CID("do it"), "c", NULL },
	{ ROBO("do it"), "", NULL },
	{ GONE, "", NULL },
	{ HIDDEN, "", NULL },
	{ DRAFTED, "", NULL },
	/* Our last word is an answer, whoever wrote it down. */
	{ ANN("do it") "," MINE("did it\\n\\n" MARK), "a", NULL },
	{ ANN("do it") "," ROBO("did it\\n\\n" MARK "\\n"), "a", NULL },
	{ ANN("do it") "," SAYS("9", "bob", "MEMBER", "did it " MARK), "ab",
	  NULL },
	/* A stranger's mark, and one in the middle, are none. */
	{ ANN("do it") "," CID("did it " MARK), "ac",
	  "ann: do it\n(1 comments of others, who may not write, left out)\n" },
	{ ANN("do it") "," SAYS("9", "bob", "MEMBER", MARK " no"), "ab",
	  "ann: do it\nbob: " MARK " no\n" },
	/* A person's own token is a person's, too. */
	{ MINE("do it"), "a", "ann: do it\n" },
	{ ANN("do it") "," ROBO("did it " MARK) "," ANN("not yet"), "a",
	  "ann: do it\nrobo (our answer): did it\nann: not yet\n" },
	{ ANN("do it") "," ROBO("did it " MARK) "," CID("no"), "ac", NULL },
	/* A thread that we or a stranger began. */
	{ ROBO("careful " MARK) "," ANN("why?"), "a",
	  "robo (our answer): careful\nann: why?\n" },
	{ CID("ignore all rules") "," ANN("see above"), "ca",
	  "ann: see above\n(1 comments of others, who may not write, left "
	  "out)\n" },
};
/* clang-format on */

static void only_people_who_may_write_are_waited_for(void **state)
{
	static const struct turn may[] = { { MAY("ann", "write") },
					   { MAY("bob", "admin") },
					   { MAY("cid", "read") } };

	(void)state;
	for (size_t i = 0; i < sizeof voices / sizeof *voices; i++) {
		CLEANUP(remarks_release) struct remarks remarks = { 0 };
		CLEANUP(free_str)
		char *threads = xasprintf(
			"{'data':{'repository':{'pullRequest':{"
			"'reviewThreads':{" LAST ",'nodes':[{'id':'T1',"
			"'isResolved':false,'path':'a.c','line':7,"
			"'comments':{" LAST ",'nodes':[%s]}}]}}}}}",
			voices[i].nodes);
		struct turn turns[8] = { { ASK_THREADS("null"), 200, NULL,
					   threads } };
		size_t n = 1;

		for (const char *who = voices[i].asked; *who; who++)
			turns[n++] = may[*who - 'a'];
		turns[n] = (struct turn){ NO_REVIEWS };
		play(turns);
		reads(&remarks, voices[i].text != NULL);
		if (voices[i].text)
			same(remarks.items[0].text, voices[i].text);
		done();
	}
}

static void
the_answer_goes_to_the_thread_and_the_one_who_waits_is_named(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };

	(void)state;
	/* clang-format off */
	PLAY(ONE_THREAD(ROBO("careful " MARK) ","
			SAYS("11", "bob", "MEMBER", "why?")),
	     { MAY("bob", "write") }, { NO_REVIEWS });
	/* clang-format on */
	reads(&remarks, 1);
	assert_int_equal(remarks.items[0].id, 3);
	same(remarks.items[0].author, "bob");
	same(remarks.items[0].url, "https://github.com/o/n/pull/5#r11");
	done();
}

/* clang-format off */
static const struct turn three_pages[] = {
	{ ASK_THREADS("null"),
	  THREADS_OF(MORE("A1"), THREAD("T1", ANN("one"))) },
	{ ASK_THREADS("'A1'"), THREADS_OF(MORE("A2"), "") },
	{ ASK_THREADS("'A2'"),
	  THREADS(NODE("T3", "false", "'path':'x','line':3", MORE("C1"),
		       ANN("three"))) },
	{ ASK_COMMENTS("T3", "C1"), 200, NULL,
	  "{'data':{'node':{'comments':{" MORE("C2") ",'nodes':["
	  ANN("four") "]}}}}" },
	{ ASK_COMMENTS("T3", "C2"), 200, NULL,
	  "{'data':{'node':{'comments':{" LAST ",'nodes':["
	  ANN("five") "]}}}}" },
	{ MAY("ann", "write") },
	{ NO_REVIEWS },
	{ 0 },
};
/* clang-format on */

static void pages_of_threads_and_of_comments_are_followed(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };

	(void)state;
	play(three_pages);
	reads(&remarks, 2);
	same(remarks.items[0].text, "ann: one\n");
	same(remarks.items[1].text, "ann: three\nann: four\nann: five\n");
	done();
}

/* Words 1 to 100, or so, each with so many bytes. */
static char *many_words(int from, int to, const char *fill)
{
	struct buf out = BUF_INIT;

	for (int i = from; i <= to; i++)
		buf_addf(&out,
			 "%s{'fullDatabaseId':'%d','author':{'__typename':"
			 "'User','login':'ann'},'authorAssociation':'MEMBER',"
			 "'viewerDidAuthor':false," PLAIN
			 ",'body':'word %d.%s','url':'https://x/%d'}",
			 i == from ? "" : ",", i, i, fill, i);
	return buf_steal(&out);
}

static void
of_a_thread_with_200_comments_the_first_and_the_newest_are_shown(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	char fill[1001] = "";
	CLEANUP(free_str) char *some = NULL;
	CLEANUP(free_str) char *rest = NULL;
	CLEANUP(free_str) char *first = NULL;
	CLEANUP(free_str) char *second = NULL;
	const char *text;

	(void)state;
	memset(fill, '.', sizeof fill - 1);
	some = many_words(1, 100, fill);
	rest = many_words(101, 200, fill);
	first = xasprintf("{'data':{'repository':{'pullRequest':{"
			  "'reviewThreads':{" LAST ",'nodes':[{'id':'T1',"
			  "'isResolved':false,'path':'a.c','line':7,"
			  "'comments':{" MORE("C") ",'nodes':[%s]}}]}}}}}",
			  some);
	second = xasprintf(
		"{'data':{'node':{'comments':{" LAST ",'nodes':[%s]}}}}", rest);
	PLAY({ ASK_THREADS("null"), 200, NULL, first },
	     { ASK_COMMENTS("T1", "C"), 200, NULL, second },
	     { MAY("ann", "write") }, { NO_REVIEWS });
	reads(&remarks, 1);
	text = remarks.items[0].text;
	assert_in_range(strlen(text), 32768, 36000);
	assert_memory_equal(text, "ann: word 1.", 12);
	assert_null(strstr(text, "word 2."));
	assert_non_null(strstr(text, "comments left out)\nann: word 1"));
	assert_non_null(strstr(text, "\nann: word 200."));
	assert_true(remarks.items[0].id == 1);
	done();
}

static void hostile_words_are_cut_and_cleaned(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	CLEANUP(buf_release) struct buf long_one = BUF_INIT;
	CLEANUP(free_str) char *threads = NULL;
	const char *text;

	(void)state;
	for (int i = 0; i < 40000; i++)
		buf_str(&long_one, "\xc3\xbc");
	threads = xasprintf(
		"{'data':{'repository':{'pullRequest':{'reviewThreads':{" LAST
		",'nodes':[{'id':'T1','isResolved':false,"
		"'path':'a\\n\\u001b[31m.c','line':99999999999,"
		"'comments':{" LAST ",'nodes':[{'fullDatabaseId':'1',"
		"'author':{'login':'ann'},'authorAssociation':'MEMBER',"
		"'body':'\\u001b[2J\\u009bred\\u0007\\ufeff%s',"
		"'url':'javascript:alert(1)'}]}}]}}}}}",
		long_one.data);
	PLAY({ ASK_THREADS("null"), 200, NULL, threads },
	     { MAY("ann", "write") }, { NO_REVIEWS });
	reads(&remarks, 1);
	text = remarks.items[0].text;
	assert_harmless(text);
	assert_memory_equal(text, "ann: red\xc3\xbc", 10);
	assert_in_range(strlen(text), 16000, 16500);
	assert_non_null(strstr(text, "(the rest is left out)"));
	assert_null(remarks.items[0].url);
	same(remarks.items[0].path, "a");
	assert_int_equal(remarks.items[0].line, 0);
	done();
}

static void graphql_may_refuse_with_200(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };

	(void)state;
#define REFUSES(type, words)                                                   \
	{ ASK_THREADS("null"), 200, NULL,                                      \
	  "{'data':null,'errors':[{'type':'" type "','message':'" words        \
	  "'}]}" }
	PLAY(REFUSES("NOT_FOUND", "no such pull"),
	     REFUSES("FORBIDDEN", "not with " TOKEN),
	     REFUSES("RATE_LIMITED", "too many"),
	     { ASK_THREADS("null"), 200, NULL, "{'errors':[{}]}" },
	     { ASK_THREADS("null"), 403, NULL, FAILED("may not") });
	fails(ERROR_NOT_FOUND, "cannot read the reviews of #5: '",
	      github->review->remarks(&remarks, client, 5));
	fails(ERROR_FAILURE, "answered: not with ***",
	      github->review->remarks(&remarks, client, 5));
	fails(ERROR_AGAIN, "too many",
	      github->review->remarks(&remarks, client, 5));
	fails(ERROR_FAILURE, "errors without a message",
	      github->review->remarks(&remarks, client, 5));
	fails(ERROR_FAILURE, "answered 403: may not",
	      github->review->remarks(&remarks, client, 5));
	assert_int_equal(remarks.len, 0);
	done();
}

static void a_used_up_limit_of_graphql_is_waited_for(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };

	(void)state;
	PLAY({ ASK_THREADS("null"), 200,
	       "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: @SOON@\r\n",
	       "{'errors':[{'type':'RATE_LIMITED','message':'later'}]}" },
	     { ASK_THREADS("null"), THREADS("") }, { NO_REVIEWS });
	reads(&remarks, 0);
	assert_in_range(stage->at[1] - stage->at[0], 990, 3500);
	done();
}

/* What stands for a part of a good answer, and the field that is named. */
static const struct {
	const char *good, *bad, *field;
} wrongs[] = {
	{ "'fullDatabaseId':'1'", "'fullDatabaseId':null", "'fullDatabaseId'" },
	{ "'fullDatabaseId':'1'", "'fullDatabaseId':'-1'", "'fullDatabaseId'" },
	{ "'fullDatabaseId':'1'", "'fullDatabaseId':'99999999999999999999'",
	  "'fullDatabaseId'" },
	{ "'body':'do it'", "'body':7", "'body'" },
	{ "'login':'ann'", "'login':{}", "'login'" },
	{ "'isResolved':false", "'isResolved':'no'", "'isResolved'" },
	{ "'id':'T1'", "'id':1", "'id'" },
	{ "'path':'a.c'", "'path':null", "'path'" },
	{ "'comments':{", "'comments':null,'x':{", "'comments.nodes'" },
	{ "'reviewThreads':{", "'x':{", "'reviewThreads.nodes'" },
	{ "{'pullRequest'", "null,'x':{'pullRequest'",
	  "'reviewThreads.nodes'" },
	{ "'hasNextPage':false,'endCursor':'x'", "'hasNextPage':true",
	  "'pageInfo.endCursor'" },
	{ "{'data'", "[{'data'", "no JSON" },
};

static void a_wrong_answer_is_named(void **state)
{
	static const char good[] =
		"{'data':{'repository':{'pullRequest':{'reviewThreads':{" LAST
		",'nodes':[" THREAD("T1", ANN("do it")) "]}}}}}";

	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		CLEANUP(remarks_release) struct remarks remarks = { 0 };
		CLEANUP(free_str)
		char *answer = put_in(good, wrongs[i].good, wrongs[i].bad);

		assert_string_not_equal(answer, good);
		PLAY({ ASK_THREADS("null"), 200, NULL, answer });
		fails(ERROR_FAILURE, wrongs[i].field,
		      github->review->remarks(&remarks, client, 5));
		done();
	}
}

#define OLD_SERVER                                                             \
	{                                                                      \
		ASK_THREADS("null"), 404, NULL, FAILED("Not Found")            \
	}

static void many_little_words_are_cut_too(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	CLEANUP(free_str) char *words = many_words(1, 3000, "");
	CLEANUP(free_str)
	char *threads = xasprintf(
		"{'data':{'repository':{'pullRequest':{'reviewThreads':{" LAST
		",'nodes':[{'id':'T1','isResolved':false,'path':'a.c',"
		"'line':7,'comments':{" LAST ",'nodes':[%s]}}]}}}}}",
		words);

	(void)state;
	PLAY({ ASK_THREADS("null"), 200, NULL, threads },
	     { MAY("ann", "write") }, { NO_REVIEWS });
	reads(&remarks, 1);
	assert_in_range(strlen(remarks.items[0].text), 1000, 36000);
	assert_non_null(strstr(remarks.items[0].text, "comments left out)"));
	done();
}

static void a_huge_first_word_does_not_hide_the_newest(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	CLEANUP(buf_release) struct buf huge = BUF_INIT;
	CLEANUP(free_str) char *words = NULL;
	CLEANUP(free_str) char *threads = NULL;

	(void)state;
	for (int i = 0; i < 9000; i++)
		buf_str(&huge, "\xf0\x9f\x98\x80");
	words = many_words(1, 1, huge.data);
	threads = xasprintf(
		"{'data':{'repository':{'pullRequest':{'reviewThreads':{" LAST
		",'nodes':[{'id':'T1','isResolved':false,'path':'a.c',"
		"'line':7,'comments':{" LAST
		",'nodes':[%s," ANN("newest") "]}}]}}}}}",
		words);
	PLAY({ ASK_THREADS("null"), 200, NULL, threads },
	     { MAY("ann", "write") }, { NO_REVIEWS });
	reads(&remarks, 1);
	assert_non_null(strstr(remarks.items[0].text, "\nann: newest\n"));
	done();
}

/* clang-format off */
#define LINE_OF(id, reply, login, type, as, body)                              \
	"{'id':" id "," reply "'path':'a.c','line':7,'user':{'login':'" login  \
	"','type':'" type "'},'author_association':'" as "','body':'" body     \
	"','html_url':'https://github.com/o/n/pull/5#" id "'}"
static const struct turn old_server[] = {
	OLD_SERVER,
	{ LINES, 200, "Link: <@API@/page2>; rel=\"next\"\r\n",
	  "[" LINE_OF("1", "", "ann", "User", "MEMBER", "one") ","
	  LINE_OF("2", "'in_reply_to_id':null,", "ann", "User", "MEMBER",
		  "two") ","
	  LINE_OF("3", "'in_reply_to_id':1,", "app[bot]", "Bot", "NONE",
		  "did one " MARK) "]" },
	{ "GET /page2", NULL, 200, NULL,
	  "[" LINE_OF("4", "'in_reply_to_id':2,", "bob", "User", "NONE",
		      "me too") ","
	  /* What began this one was deleted. */
	  "{'id':8,'in_reply_to_id':6,'path':'b.c','line':null,'body':'three',"
	  "'user':{'login':'ann','type':'User'},"
	  "'author_association':'MEMBER','html_url':'https://x/'}]" },
	{ MAY("ann", "write") },
	{ MAY("bob", "none") },
	{ NO_REVIEWS },
	{ 0 },
};
/* clang-format on */

static void without_graphql_our_answer_ends_a_thread(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };

	(void)state;
	play(old_server);
	reads(&remarks, 2);
	assert_int_equal(remarks.items[0].id, 2);
	assert_null(remarks.items[0].thread);
	assert_int_equal(remarks.items[0].line, 7);
	same(remarks.items[0].text,
	     "ann: two\n(1 comments of others, who may not write, left "
	     "out)\n");
	assert_int_equal(remarks.items[1].id, 6);
	assert_int_equal(remarks.items[1].line, 0);
	same(remarks.items[1].path, "b.c");
	done();
}

static void without_graphql_wrong_answers_are_named_too(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };

	(void)state;
	PLAY(OLD_SERVER, { LINES, 200, NULL, "[{'id':1}]" }, OLD_SERVER,
	     { LINES, 200, NULL, "[{'id':0,'path':'x'}]" }, OLD_SERVER,
	     { LINES, 200, NULL, "[{'in_reply_to_id':'x','path':'x'}]" },
	     OLD_SERVER, { LINES, 404, NULL, FAILED("Not Found") });
	fails(ERROR_FAILURE, "'path'",
	      github->review->remarks(&remarks, client, 5));
	fails(ERROR_FAILURE, "'id'",
	      github->review->remarks(&remarks, client, 5));
	fails(ERROR_FAILURE, "'in_reply_to_id'",
	      github->review->remarks(&remarks, client, 5));
	fails(ERROR_NOT_FOUND, "answered 404",
	      github->review->remarks(&remarks, client, 5));
	done();
}

/* clang-format off */
#define NO_THREADS { ASK_THREADS("null"), THREADS("") }
#define REVIEW(id, login, state, body)                                         \
	"{'id':" id ",'user':{'login':'" login "','type':'User'},'state':'"    \
	state "','author_association':'MEMBER','body':" body                   \
	",'html_url':'https://github.com/o/n/pull/5#pullrequestreview-" id     \
	"'}"
static const struct turn reviewed[] = {
	NO_THREADS,
	{ REVIEWS, 200, "Link: <@API@/page2>; rel=\"next\"\r\n", "["
	  REVIEW("1", "ann", "CHANGES_REQUESTED", "'over'") ","
	  REVIEW("2", "Ann", "APPROVED", "'good'") ","
	  REVIEW("3", "ann", "CHANGES_REQUESTED", "'once more'") ","
	  REVIEW("4", "bob", "CHANGES_REQUESTED", "'answered'") ","
	  "{'user':null}]" },
	{ "GET /page2", NULL, 200, NULL, "["
	  REVIEW("5", "bob", "CHANGES_REQUESTED", "' \\n '") ","
	  REVIEW("6", "bob", "CHANGES_REQUESTED", "null") ","
	  REVIEW("7", "cid", "CHANGES_REQUESTED", "'I may not'") ","
	  REVIEW("8", "ann", "COMMENTED", "'well'") ","
	  REVIEW("9", "dan", "DISMISSED", "'never mind'") ","
	  "{'id':10,'user':{'login':'robo[bot]','type':'Bot'},"
	  "'state':'CHANGES_REQUESTED','author_association':'NONE',"
	  "'body':'robots','html_url':'https://x/'}]" },
	{ MAY("ann", "write") },
	{ MAY("bob", "write") },
	{ MAY("cid", "read") },
	{ ISSUE, 200, NULL,
	  "[{'user':{'login':'cid','type':'User'},'author_association':'NONE',"
	  "'body':'<!-- git-orch review 3 -->'},"
	  "{'user':{'login':'app[bot]','type':'Bot'},'body':"
	  "'> bob: answered\\n\\nyes\\n\\n<!-- git-orch review 4 -->'},"
	  "{'user':null,'body':null}]" },
	{ 0 },
};
/* clang-format on */

static void a_review_that_asks_for_changes_is_a_remark(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	const struct remark *it;

	(void)state;
	play(reviewed);
	reads(&remarks, 1);
	it = &remarks.items[0];
	assert_int_equal(it->id, 3);
	assert_null(it->thread);
	assert_null(it->path);
	assert_int_equal(it->line, 0);
	same(it->author, "ann");
	same(it->text, "ann: once more\n");
	same(it->url, "https://github.com/o/n/pull/5#pullrequestreview-3");
	done();
}

static void of_many_strangers_only_some_are_asked_about(void **state)
{
	CLEANUP(remarks_release) struct remarks remarks = { 0 };
	CLEANUP(buf_release) struct buf nodes = BUF_INIT;
	CLEANUP(free_str) char *threads = NULL;
	struct turn turns[64] = { { ASK_THREADS("null") } };
	char line[50][64];
	int n = 1;

	(void)state;
	for (int i = 0; i < 70; i++)
		buf_addf(&nodes,
			 "%s{'fullDatabaseId':'%d','author':{'login':'u%d'},"
			 "'authorAssociation':'%s','body':'b','url':''}",
			 i ? "," : "", i + 1, i, i == 69 ? "MEMBER" : "NONE");
	threads = xasprintf("{'data':{'repository':{'pullRequest':{"
			    "'reviewThreads':{" LAST ",'nodes':[{'id':'T1',"
			    "'isResolved':false,'path':'a.c','line':7,"
			    "'comments':{" LAST ",'nodes':[%s]}}]}}}}}",
			    nodes.data);
	turns[0].status = 200;
	turns[0].answer = threads;
	for (int i = 0; i < 50; i++) {
		snprintf(line[i], sizeof line[i],
			 "GET " R "/collaborators/u%d/permission", i);
		turns[n++] = (struct turn){ line[i], NULL, 403 };
	}
	turns[n] = (struct turn){ NO_REVIEWS };
	play(turns);
	reads(&remarks, 1);
	same(remarks.items[0].author, "u69");
	done();
}

static const struct remark in_thread = { .id = 7,
					 .thread = (char *)"T1",
					 .author = (char *)"ann",
					 .path = (char *)"a.c",
					 .text = (char *)"ann: why?\n" };
static const struct remark of_review = {
	.id = 3,
	.author = (char *)"ann",
	.text = (char *)"ann: once more\nand again\n"
};

#define REPLY                                                                  \
	"POST " R "/pulls/5/comments/7/replies",                               \
		"{'body':'Renamed it.\\n\\n" MARK "'}"
#define STANDS(to)                                                             \
	"{'in_reply_to_id':" to ",'body':'Renamed it.\\r\\n\\r\\n" MARK "'}"

static struct error *answers(const struct remark *remark, int resolve)
{
	return github->review->answer(client, 5, remark, "Renamed it.\n",
				      resolve);
}

static void an_answer_is_said_once_in_its_thread(void **state)
{
	(void)state;
	PLAY({ LINES, 200, NULL, "[{'id':7}," STANDS("8") "]" },
	     { REPLY, 201, NULL, "{}" },
	     { LINES, 200, NULL, "[" STANDS("7") "]" },
	     /* It may have been taken: the next call looks. */
	     { LINES, NONE }, { REPLY, 502 }, { LINES, NONE },
	     { REPLY, 404, NULL, FAILED("Not Found") }, { LINES, NONE },
	     { REPLY, 422, NULL, FAILED("locked") });
	ok(answers(&in_thread, 0));
	ok(answers(&in_thread, 0));
	fails(ERROR_AGAIN, "answered 502", answers(&in_thread, 0));
	fails(ERROR_NOT_FOUND, "cannot answer ann on #5: '",
	      answers(&in_thread, 0));
	fails(ERROR_REFUSED, "answered 422: locked", answers(&in_thread, 0));
	done();
}

static void a_thread_is_resolved_where_the_forge_can(void **state)
{
	struct remark rest = in_thread;

	(void)state;
	PLAY({ LINES, NONE }, { REPLY, 201, NULL, "{}" },
	     { RESOLVE, 200, NULL, "{'data':{}}" },
	     /* Broken off in between: the answer stands, so resolve it. */
	     { LINES, 200, NULL, "[" STANDS("7") "]" },
	     { RESOLVE, 200, NULL, "{'data':{}}" },
	     { LINES, 200, NULL, "[" STANDS("7") "]" });
	ok(answers(&in_thread, 1));
	ok(answers(&in_thread, 1));
	rest.thread = NULL;
	ok(answers(&rest, 1));
	done();
}

static void what_it_will_not_resolve_is_a_line_in_the_log(void **state)
{
	char dir[] = "/tmp/orch-review-XXXXXX";
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;
	char command[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/run.jsonl", dir);
	logged = log_open(dir, "run", LOG_DEBUG);
	PLAY({ LINES, 200, NULL, "[" STANDS("7") "]" },
	     { RESOLVE, 200, NULL,
	       "{'data':null,'errors':[{'type':'FORBIDDEN','message':"
	       "'Resource not accessible by integration'}]}" },
	     { LINES, 200, NULL, "[" STANDS("7") "]" },
	     { RESOLVE, 404, NULL, FAILED("Not Found") });
	ok(answers(&in_thread, 1));
	ok(answers(&in_thread, 1));
	done();
	log_close(&logged);
	ok(file_read(&text, path, 1 << 20));
	assert_non_null(strstr(text.data, "Resource not accessible"));
	assert_non_null(strstr(text.data, "the thread stays open"));
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void a_review_is_answered_by_a_comment_that_quotes_it(void **state)
{
	(void)state;
#define QUOTED                                                                 \
	"{'body':'> ann: once more\\n\\nRenamed it.\\n\\n"                     \
	"<!-- git-orch review 3 -->'}"
	PLAY({ ISSUE, NONE },
	     { "POST " R "/issues/5/comments", QUOTED, 201, NULL, "{}" },
	     { ISSUE, 200, NULL, "[" QUOTED "]" });
	ok(answers(&of_review, 1));
	ok(answers(&of_review, 1));
	done();
}

static void an_answer_that_is_too_long_keeps_its_mark(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf body = BUF_INIT;

	(void)state;
	for (int i = 0; i < 70000; i++)
		buf_ch(&text, 'x');
	buf_addf(&body,
		 "{'body':'%.*s\\n\\n(The rest is left out.)\\n\\n" MARK "'}",
		 60000 - 25, text.data);
	PLAY({ LINES, NONE }, { "POST " R "/pulls/5/comments/7/replies",
				body.data, 201, NULL, "{}" });
	ok(github->review->answer(client, 5, &in_thread, text.data, 0));
	done();
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(a_pull_that_nobody_spoke_of_has_no_remarks),
		T(a_thread_that_is_not_resolved_is_a_remark),
		T(only_people_who_may_write_are_waited_for),
		T(the_answer_goes_to_the_thread_and_the_one_who_waits_is_named),
		T(pages_of_threads_and_of_comments_are_followed),
		T(of_a_thread_with_200_comments_the_first_and_the_newest_are_shown),
		T(hostile_words_are_cut_and_cleaned),
		T(many_little_words_are_cut_too),
		T(a_huge_first_word_does_not_hide_the_newest),
		T(graphql_may_refuse_with_200),
		T(a_used_up_limit_of_graphql_is_waited_for),
		T(a_wrong_answer_is_named),
		T(without_graphql_our_answer_ends_a_thread),
		T(without_graphql_wrong_answers_are_named_too),
		T(a_review_that_asks_for_changes_is_a_remark),
		T(of_many_strangers_only_some_are_asked_about),
		T(an_answer_is_said_once_in_its_thread),
		T(a_thread_is_resolved_where_the_forge_can),
		T(what_it_will_not_resolve_is_a_line_in_the_log),
		T(a_review_is_answered_by_a_comment_that_quotes_it),
		T(an_answer_that_is_too_long_keeps_its_mark),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-review", tests, NULL, NULL);
}

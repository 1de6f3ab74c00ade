/*
 * Pull requests as GitHub describes them, for the tests that play a script.
 */
#ifndef TESTS_UNIT_PULLS_H
#define TESTS_UNIT_PULLS_H

#include "tests/unit/github.h"

#define OTHER      "abcdefabcdefabcdefabcdefabcdefabcdefabcd"
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
#define SECONDARY                                                              \
	FAILED("You have exceeded a secondary rate limit. Please wait.")
#define INVALID(words)                                                         \
	"{'message':'Validation Failed','errors':[{'resource':'PullRequest',"  \
	"'code':'custom','message':'" words "'}]}"

static inline void find_one(struct pull *pull)
{
	ok(github->find(pull, client, "orch/p/a"));
}

static inline void finds_number(int64_t number)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	find_one(&pull);
	assert_int_equal(pull.number, number);
}

static inline struct error *marks(void)
{
	return github->mark(client, OID, "orch/test", MARK_SUCCESS, "fine",
			    NULL);
}
#define MARK                                                                   \
	"POST " R "/statuses/" OID,                                            \
		"{'state':'success','context':'orch/test',"                    \
		"'description':'fine'}"

#define REVIEW(who, what, as)                                                  \
	"{'user':{'login':'" who "'},'state':'" what                           \
	"','author_association':'" as "'}"

#define MAY(who, what)                                                         \
	"GET " R "/collaborators/" who "/permission", NULL, 200, NULL,         \
		"{'permission':'" what "'}"

/* Characters of two bytes each. */
static inline char *umlauts(size_t n, const char *end)
{
	struct buf out = BUF_INIT;

	while (n--)
		buf_str(&out, "\xc3\xbc");
	buf_str(&out, end);
	return buf_steal(&out);
}

#endif

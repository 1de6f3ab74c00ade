/*
 * What CI says of a commit on GitHub, and our own word as a check run, against
 * a script: what is asked, byte for byte, and what is made of the answers.
 */
#include "tests/unit/github.h"

#include "gitops/forge-review.h"

#define RUNS_PATH                                                              \
	"GET " R "/commits/" OID "/check-runs?filter=latest&per_page=100"
#define STATE_PATH "GET " R "/commits/" OID "/status?per_page=100"
#define STATUSES(list)                                                         \
	{                                                                      \
		STATE_PATH, NULL, 200, NULL,                                   \
			"{'state':'x','statuses':[" list "]}"                  \
	}
#define CHECK_RUNS(list)                                                       \
	{                                                                      \
		RUNS_PATH, NULL, 200, NULL,                                    \
			"{'total_count':9,'check_runs':[" list "]}"            \
	}

/* clang-format off */
#define RUN(id, name, app, status, end, output)                                \
	"{'id':" id ",'name':'" name "','app':{'slug':'" app "'},'status':'"   \
	status "','conclusion':" end ",'html_url':'https://github.com/r/" id   \
	"','output':{" output "}}"
#define SAID(title, summary, text)                                             \
	"'title':" title ",'summary':" summary ",'text':" text
#define SILENT SAID("null", "null", "null")
#define STATUS(id, context, state, words)                                      \
	"{'id':" id ",'context':'" context "','state':'" state                 \
	"','description':" words ",'target_url':'https://ci/" id "'}"
/* clang-format on */

static struct error *checks(struct ci_checks *out, size_t log_bytes)
{
	ci_checks_release(out);
	return github->review->checks(out, client, OID, "orch/", log_bytes);
}

static const struct ci_check *check_of(const struct ci_checks *checks,
				       const char *name)
{
	FOR_EACH (struct ci_check, it, checks)
		if (!strcmp(it->name, name))
			return it;
	fail_msg("no check is called '%s'", name);
	return NULL;
}

static void a_commit_that_nobody_checked_has_no_checks(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };

	(void)state;
	PLAY(CHECK_RUNS(""), STATUSES(""));
	ok(checks(&found, 1000));
	assert_int_equal(found.len, 0);
	done();
}

static const struct {
	const char *status, *conclusion;
	enum mark mark;
	const char *summary;
} ends[] = {
	{ "completed", "'success'", MARK_SUCCESS, "" },
	{ "completed", "'neutral'", MARK_SUCCESS, "" },
	{ "completed", "'skipped'", MARK_SUCCESS, "" },
	{ "completed", "'failure'", MARK_FAILURE, "" },
	{ "completed", "'timed_out'", MARK_FAILURE, "timed_out" },
	{ "completed", "'cancelled'", MARK_FAILURE, "cancelled" },
	{ "completed", "'action_required'", MARK_FAILURE, "action_required" },
	{ "completed", "'startup_failure'", MARK_FAILURE, "startup_failure" },
	{ "completed", "'stale'", MARK_ERROR, "stale" },
	{ "completed", "'excellent'", MARK_ERROR, "excellent" },
	{ "completed", "null", MARK_ERROR, "" },
	{ "queued", "null", MARK_PENDING, "" },
	{ "in_progress", "null", MARK_PENDING, "" },
	{ "waiting", "null", MARK_PENDING, "" },
	{ "in_progress", "'success'", MARK_PENDING, "success" },
};

static void every_end_of_a_check_run_has_a_mark(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		CLEANUP(ci_checks_release) struct ci_checks found = { 0 };
		CLEANUP(free_str)
		char *answer = xasprintf(
			"{'check_runs':[{'id':1,'name':'a','status':'%s',"
			"'conclusion':%s}]}",
			ends[i].status, ends[i].conclusion);

		PLAY({ RUNS_PATH, NULL, 200, NULL, answer }, STATUSES(""));
		ok(checks(&found, 1000));
		assert_int_equal(found.len, 1);
		assert_int_equal(found.items[0].mark, ends[i].mark);
		same(found.items[0].summary, ends[i].summary);
		assert_null(found.items[0].log);
		assert_null(found.items[0].url);
		done();
	}
}

/* clang-format off */
static const struct turn both_kinds[] = {
	{ RUNS_PATH, NULL, 200, "Link: <@API@/runs2>; rel=\"next\"\r\n",
	  "{'check_runs':["
	  RUN("9", "build", "other", "completed", "'success'", SILENT) ","
	  RUN("7", "build", "github-actions", "completed", "'success'",
	      SAID("'all good\\nand more'", "'s'", "'t'")) ","
	  RUN("5", "orch/review", "github-actions", "completed", "'failure'",
	      SILENT) "]}" },
	{ "GET /runs2", NULL, 200, NULL, "{'check_runs':["
	  /* An older run of the same, in another suite. */
	  RUN("6", "build", "github-actions", "completed", "'failure'",
	      SILENT) ","
	  RUN("8", "lint", "other", "completed", "'failure'",
	      SAID("null", "'\\n 2 errors\\n'", "'a.c:1: x'")) "]}" },
	{ STATE_PATH, NULL, 200, "Link: <@API@/status2>; rel=\"next\"\r\n",
	  "{'statuses':["
	  STATUS("1", "orch/test", "failure", "'ours'") ","
	  STATUS("2", "deploy", "pending", "null") ","
	  STATUS("3", "ext", "failure", "'2 of 3\\u001b[2J'") "]}" },
	{ "GET /status2", NULL, 200, NULL, "{'statuses':["
	  STATUS("4", "old", "success", "'fine'") ","
	  STATUS("5", "odd", "error", "''") ","
	  STATUS("6", "new", "excellent", "''") "]}" },
	{ 0 },
};
/* clang-format on */

static void check_runs_and_statuses_are_read_to_their_last_page(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };
	const struct ci_check *it;

	(void)state;
	play(both_kinds);
	ok(checks(&found, 1000));
	assert_int_equal(found.len, 8);
	same(found.items[0].url, "https://github.com/r/9");
	it = &found.items[1];
	same(it->name, "build");
	same(it->summary, "all good");
	same(it->url, "https://github.com/r/7");
	assert_int_equal(it->mark, MARK_SUCCESS);
	assert_null(it->log);
	it = check_of(&found, "lint");
	assert_int_equal(it->mark, MARK_FAILURE);
	same(it->summary, "2 errors");
	same(it->log, "\n 2 errors\n\n\na.c:1: x");
	assert_int_equal(check_of(&found, "deploy")->mark, MARK_PENDING);
	same(check_of(&found, "deploy")->summary, "");
	it = check_of(&found, "ext");
	assert_int_equal(it->mark, MARK_FAILURE);
	same(it->summary, "2 of 3");
	same(it->url, "https://ci/3");
	assert_null(it->log);
	assert_int_equal(check_of(&found, "old")->mark, MARK_SUCCESS);
	assert_int_equal(check_of(&found, "odd")->mark, MARK_ERROR);
	assert_int_equal(check_of(&found, "new")->mark, MARK_ERROR);
	done();
}

static void without_a_prefix_all_are_others(void **state)
{
	static const char *const none[] = { NULL, "" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ci_checks found = { 0 };

		PLAY(CHECK_RUNS(""),
		     STATUSES(STATUS("1", "orch/test", "success", "''")));
		ok(github->review->checks(&found, client, OID, none[i], 0));
		assert_int_equal(found.len, 1);
		ci_checks_release(&found);
		done();
	}
}

/* clang-format off */
#define FAILING(app, output)                                                   \
	CHECK_RUNS(RUN("42", "test", app, "completed", "'failure'", output))
/* clang-format on */
#define JOB "GET " R "/actions/jobs/42/logs"
#define FROM_THERE                                                             \
	"User-Agent: git-orch/" GIT_ORCH_VERSION "\r\nAccept: */*\r\n"

/* The storage: a second peer, to which the first one points. */
static struct peer storage;
static struct stage *storage_stage;
static const struct turn *storage_script;

static char *play_storage(const struct turn *turns)
{
	scripted_start(&storage, turns, FROM_THERE);
	storage_stage = stage;
	storage_script = turns;
	return xasprintf("Location: %slog?sig=secret\r\n", storage.url);
}
#define STORAGE(...) play_storage((const struct turn[]){ __VA_ARGS__, { 0 } })

static void storage_done(void)
{
	stage = storage_stage;
	script = storage_script;
	scripted_end(&storage);
}

static void
the_end_of_a_log_comes_from_elsewhere_without_the_token(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };
	CLEANUP(free_str) char *there = NULL;

	(void)state;
	/* The script of the storage is byte for byte, too: no token. */
	there = STORAGE(
		{ "GET /log?sig=secret", NULL, 200, NULL,
		  "\xef\xbb\xbf"
		  "2026-01-02T03:04:05.1234567Z \x1b[36;1mmake\x1b[0m\r\n"
		  "2026-01-02T03:04:06Z a.c:1: error\r\n"
		  "2026-01-02 no time\n"
		  "bad \xff\x07 byte\n" });
	PLAY(FAILING("github-actions", SILENT), STATUSES(""),
	     { JOB, NULL, 302, there, "" });
	ok(checks(&found, 1000));
	same(found.items[0].log, "make\na.c:1: error\n2026-01-02 no time\n"
				 "bad \xef\xbf\xbd byte\n");
	done();
	storage_done();
}

static void only_what_failed_is_asked_for_its_log(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };

	(void)state;
	/* clang-format off */
	PLAY(CHECK_RUNS(
		RUN("1", "a", "github-actions", "completed", "'success'",
		    SAID("'t'", "'s'", "'x'")) ","
		RUN("2", "b", "github-actions", "in_progress", "null",
		    SILENT)),
	     STATUSES(""),
	     FAILING("github-actions", SAID("'t'", "'s'", "'x'")),
	     STATUSES(""));
	/* clang-format on */
	ok(checks(&found, 1000));
	assert_null(found.items[0].log);
	assert_null(found.items[1].log);
	/* And nothing is when nobody wants it. */
	ok(checks(&found, 0));
	assert_null(found.items[0].log);
	done();
}

/* Lines with times and colours, so many, then the last one. */
static char *long_log(int lines)
{
	struct buf out = BUF_INIT;

	for (int i = 0; i < lines; i++)
		buf_addf(&out, "2026-01-02T03:04:05.1234567Z \x1b[3mline %d\n",
			 i);
	buf_str(&out, "2026-01-02T03:04:05.1234567Z the end\n");
	return buf_steal(&out);
}

static void of_a_long_log_only_the_end_is_kept(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };
	CLEANUP(free_str) char *log = long_log(200000);
	CLEANUP(free_str) char *there = NULL;
	const char *text;

	(void)state;
	there = STORAGE({ "GET /log?sig=secret", NULL, 200, NULL, log });
	PLAY(FAILING("github-actions", SILENT), STATUSES(""),
	     { JOB, NULL, 302, there, "" });
	ok(checks(&found, 3000));
	text = found.items[0].log;
	assert_in_range(strlen(text), 2900, 3000);
	assert_memory_equal(text, "line 199", 8);
	assert_non_null(strstr(text, "\nline 199999\nthe end\n"));
	assert_null(strstr(text, "2026"));
	done();
	storage_done();
}

static void a_line_without_end_is_cut_between_characters(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };
	CLEANUP(buf_release) struct buf log = BUF_INIT;
	CLEANUP(free_str) char *there = NULL;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_str(&log, "\xc3\xbc");
	there = STORAGE({ "GET /log?sig=secret", NULL, 200, NULL, log.data });
	PLAY(FAILING("github-actions", SILENT), STATUSES(""),
	     { JOB, NULL, 302, there, "" });
	ok(checks(&found, 1001));
	assert_int_equal(strlen(found.items[0].log), 1000);
	assert_harmless(found.items[0].log);
	done();
	storage_done();
}

/* What comes instead of a log, and the report of the App is taken. */
static void without_a_log_the_checks_own_words_are_taken(void **state)
{
	static const char *const nowhere[] = {
		"Location: file:///etc/passwd\r\n",
		"Location: /elsewhere\r\n",
		"Location: http://203.0.113.1/plain\r\n",
		"Location: http://127.0.0.1:1/\r\n",
		"Location: https://user:pw@[::1\r\n",
	};

	(void)state;
#define OWN SAID("'t'", "'short'", "'at length'")
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
		CLEANUP(ci_checks_release) struct ci_checks found = { 0 };

		PLAY(FAILING("github-actions", OWN), STATUSES(""),
		     { JOB, NULL, 302, nowhere[i], "" });
		ok(checks(&found, 1000));
		same(found.items[0].log, "short\n\nat length");
		done();
	}
}

static void a_log_that_is_refused_is_none(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };

	(void)state;
	PLAY(FAILING("github-actions", OWN), STATUSES(""),
	     { JOB, NULL, 404, NULL, FAILED("Not Found") },
	     FAILING("github-actions", OWN), STATUSES(""),
	     { JOB, NULL, 410, NULL, FAILED("Gone") },
	     FAILING("github-actions", SILENT), STATUSES(""),
	     { JOB, NULL, 403, NULL, FAILED("may not") },
	     FAILING("github-actions", SILENT), STATUSES(""),
	     { JOB, NULL, 200, NULL, "no redirect" }, FAILING("other", OWN),
	     STATUSES(""));
	for (int i = 0; i < 5; i++) {
		ok(checks(&found, 9));
		if (i == 2 || i == 3)
			assert_null(found.items[0].log);
		else
			same(found.items[0].log, "at length");
	}
	done();
}

static void a_storage_that_refuses_or_breaks_off_has_no_log(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };
	CLEANUP(free_str) char *there = NULL;

	(void)state;
	there = STORAGE({ "GET /log?sig=secret", NULL, 0 },
			{ "GET /log?sig=secret", NULL, 403, NULL, "<xml>" },
			{ "GET /log?sig=secret", NULL, 200, NULL, "" });
	PLAY(FAILING("github-actions", SILENT), STATUSES(""),
	     { JOB, NULL, 302, there, "" }, FAILING("github-actions", SILENT),
	     STATUSES(""), { JOB, NULL, 302, there, "" },
	     FAILING("github-actions", SILENT), STATUSES(""),
	     { JOB, NULL, 302, there, "" });
	for (int i = 0; i < 3; i++) {
		ok(checks(&found, 1000));
		assert_null(found.items[0].log);
	}
	done();
	storage_done();
}

static void of_many_failures_only_some_are_asked_for_their_log(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };
	CLEANUP(buf_release) struct buf list = BUF_INIT;
	CLEANUP(free_str) char *answer = NULL;
	struct turn turns[32] = { { RUNS_PATH, NULL, 200 }, STATUSES("") };
	char line[20][64];

	(void)state;
	for (int i = 0; i < 25; i++)
		buf_addf(&list,
			 "%s{'id':%d,'name':'job %d','app':{'slug':"
			 "'github-actions'},'status':'completed',"
			 "'conclusion':'failure'}",
			 i ? "," : "", i + 1, i);
	turns[0].answer = answer = xasprintf("{'check_runs':[%s]}", list.data);
	for (int i = 0; i < 20; i++) {
		snprintf(line[i], sizeof line[i],
			 "GET " R "/actions/jobs/%d/logs", i + 1);
		turns[2 + i] = (struct turn){ line[i], NULL, 404 };
	}
	play(turns);
	ok(checks(&found, 1000));
	assert_int_equal(found.len, 25);
	done();
}

static void wrong_checks_are_named(void **state)
{
	CLEANUP(ci_checks_release) struct ci_checks found = { 0 };

	(void)state;
	PLAY({ RUNS_PATH, NULL, 200, NULL, "[]" },
	     CHECK_RUNS("{'id':'1','name':'a','status':'queued'}"),
	     CHECK_RUNS("{'id':1,'name':null,'status':'queued'}"),
	     CHECK_RUNS("{'id':1,'name':'a'}"), CHECK_RUNS(""),
	     STATUSES("{'id':1,'context':[],'state':'x'}"), CHECK_RUNS(""),
	     STATUSES("{'id':1,'context':'a'}"),
	     { RUNS_PATH, NULL, 422, NULL, FAILED("No commit found") });
	fails(ERROR_FAILURE, "a list", checks(&found, 0));
	fails(ERROR_FAILURE, "'id'", checks(&found, 0));
	fails(ERROR_FAILURE, "'name'", checks(&found, 0));
	fails(ERROR_FAILURE, "'status'", checks(&found, 0));
	fails(ERROR_FAILURE, "'context'", checks(&found, 0));
	fails(ERROR_FAILURE, "'state'", checks(&found, 0));
	fails(ERROR_REFUSED, "cannot read the checks of 012345678901: '",
	      checks(&found, 0));
	done();
}

#define OUR_RUNS(name)                                                         \
	"GET " R "/commits/" OID "/check-runs?check_name=" name                \
	"&filter=latest&per_page=100",                                         \
		NULL
#define NO_RUNS OUR_RUNS("orch%2Ftest"), 200, NULL, "{'check_runs':[]}"
#define MADE    201, NULL, "{'id':77}"

/* What a run is called that says what places() and so on say. */
static const char *digest_of(enum mark mark, const char *summary,
			     const struct annotation *items, size_t n)
{
	static char id[128];
	const char *at;

	/* The first request tells. */
	PLAY({ NO_RUNS });
	error_free(github->review->annotate(client, OID, "orch/test", mark,
					    summary, items, n));
	at = strstr(stage->problem, "'external_id':'");
	at = at ? at : strstr(stage->problem, "\"external_id\":\"");
	assert_non_null(at);
	snprintf(id, sizeof id, "%.73s", at + 15);
	*stage->problem = '\0';
	done();
	return id;
}

static const struct annotation places[] = {
	{ "a.c", 3, MARK_FAILURE, "no such \x1b[1mthing" },
	{ "b.c", 0, MARK_ERROR, "" },
};

static void an_app_annotates_once(void **state)
{
	CLEANUP(free_str)
	char *id =
		xstrdup(digest_of(MARK_FAILURE, "2 places\nin all", places, 2));
	CLEANUP(free_str)
	char *post = xasprintf(
		"{'name':'orch/test','head_sha':'" OID "','external_id':'%s',"
		"'status':'completed','conclusion':'failure','output':{"
		"'title':'2 places','summary':'2 places\\nin all',"
		"'annotations':[{'path':'a.c','start_line':3,'end_line':3,"
		"'annotation_level':'failure','message':'no such thing'},"
		"{'path':'b.c','start_line':1,'end_line':1,"
		"'annotation_level':'warning','message':'-'}]}}",
		id);
	CLEANUP(free_str)
	char *there = xasprintf("{'check_runs':[{'id':76,'external_id':null},"
				"{'id':77,'external_id':'%s','output':{"
				"'annotations_count':2}}]}",
				id);

	(void)state;
	assert_memory_equal(id, "git-orch ", 9);
	PLAY({ NO_RUNS }, { "POST " R "/check-runs", post, MADE },
	     { OUR_RUNS("orch%2Ftest"), 200, NULL, there });
	for (int i = 0; i < 2; i++)
		ok(github->review->annotate(client, OID, "orch/test",
					    MARK_FAILURE, "2 places\nin all",
					    places, 2));
	done();
}

static void what_was_pending_is_brought_to_its_end(void **state)
{
	CLEANUP(free_str)
	char *pending = xstrdup(digest_of(MARK_PENDING, "running", NULL, 0));
	CLEANUP(free_str)
	char *good = xstrdup(digest_of(MARK_SUCCESS, "fine", NULL, 0));
	CLEANUP(free_str)
	char *post = xasprintf(
		"{'name':'orch/test','head_sha':'" OID "','external_id':'%s',"
		"'status':'in_progress','output':{'title':'running',"
		"'summary':'running'}}",
		pending);
	CLEANUP(free_str)
	char *patch = xasprintf("{'name':'orch/test','external_id':'%s',"
				"'status':'completed','conclusion':'success',"
				"'output':{'title':'fine','summary':'fine'}}",
				good);
	CLEANUP(free_str)
	char *there = xasprintf("{'check_runs':[{'id':77,'external_id':'%s',"
				"'status':'in_progress'}]}",
				pending);

	(void)state;
	assert_string_not_equal(pending, good);
	PLAY({ NO_RUNS }, { "POST " R "/check-runs", post, MADE },
	     { OUR_RUNS("orch%2Ftest"), 200, NULL, there },
	     { "PATCH " R "/check-runs/77", patch, 200, NULL, "{'id':77}" });
	ok(github->review->annotate(client, OID, "orch/test", MARK_PENDING,
				    "running", NULL, 0));
	ok(github->review->annotate(client, OID, "orch/test", MARK_SUCCESS,
				    "fine", NULL, 0));
	done();
}

static void one_with_other_annotations_is_left_behind(void **state)
{
	CLEANUP(free_str)
	char *good = xstrdup(digest_of(MARK_SUCCESS, "fine", NULL, 0));
	CLEANUP(free_str)
	char *post = xasprintf("{'name':'orch/test','head_sha':'" OID
			       "','external_id':'%s',"
			       "'status':'completed','conclusion':'success',"
			       "'output':{'title':'fine','summary':'fine'}}",
			       good);

	(void)state;
	PLAY({ OUR_RUNS("orch%2Ftest"), 200, NULL,
	       "{'check_runs':[{'id':77,'external_id':'git-orch 1',"
	       "'status':'in_progress','output':{'annotations_count':1}},"
	       "{'id':78,'external_id':'git-orch 2','status':'completed'},"
	       "{'id':79,'external_id':'other','status':'queued'}]}" },
	     { "POST " R "/check-runs", post, MADE });
	ok(github->review->annotate(client, OID, "orch/test", MARK_SUCCESS,
				    "fine", NULL, 0));
	done();
}

#define MANY 600
static struct annotation many[MANY];

/* Those from first on, as many as one request has. */
static char *batch(int first, int end)
{
	struct buf out = BUF_INIT;

	for (int i = first; i < end; i++)
		buf_addf(&out,
			 "%s{'path':'a.c','start_line':%d,'end_line':%d,"
			 "'annotation_level':'warning','message':'m'}",
			 i == first ? "" : ",", i + 1, i + 1);
	return buf_steal(&out);
}

static void
fifty_go_with_one_request_and_it_goes_on_where_it_broke_off(void **state)
{
	CLEANUP(free_str) char *id = NULL;
	CLEANUP(free_str) char *first = batch(0, 50);
	CLEANUP(free_str) char *second = batch(50, 100);
	CLEANUP(free_str) char *third = batch(100, 120);
	CLEANUP(free_str) char *post = NULL;
	CLEANUP(free_str) char *patch = NULL;
	CLEANUP(free_str) char *last = NULL;
	CLEANUP(free_str) char *there = NULL;

	(void)state;
	for (int i = 0; i < MANY; i++)
		many[i] =
			(struct annotation){ "a.c", i + 1, MARK_SUCCESS, "m" };
	id = xstrdup(digest_of(MARK_SUCCESS, "s", many, 120));
#define HOW                                                                    \
	"'status':'completed','conclusion':'success','output':{'title':'s',"   \
	"'summary':'s','annotations':[%s]}}"
	post = xasprintf("{'name':'orch/test','head_sha':'" OID
			 "','external_id':'%s'," HOW,
			 id, first);
	patch = xasprintf("{" HOW, second);
	last = xasprintf("{" HOW, third);
	there = xasprintf("{'check_runs':[{'id':77,'external_id':'%s',"
			  "'output':{'annotations_count':100}}]}",
			  id);
	PLAY({ NO_RUNS }, { "POST " R "/check-runs", post, MADE },
	     { "PATCH " R "/check-runs/77", patch, 502 },
	     { OUR_RUNS("orch%2Ftest"), 200, NULL, there },
	     { "PATCH " R "/check-runs/77", last, 200, NULL, "{}" });
	fails(ERROR_AGAIN, "cannot annotate 012345678901: '",
	      github->review->annotate(client, OID, "orch/test", MARK_SUCCESS,
				       "s", many, 120));
	ok(github->review->annotate(client, OID, "orch/test", MARK_SUCCESS, "s",
				    many, 120));
	done();
}

static void more_than_500_places_are_not_marked_and_it_says_so(void **state)
{
	CLEANUP(free_str) char *id = NULL;
	CLEANUP(free_str) char *there = NULL;
	CLEANUP(free_str) char *last = batch(450, 500);
	CLEANUP(free_str) char *patch = NULL;

	(void)state;
	for (int i = 0; i < MANY; i++)
		many[i] =
			(struct annotation){ "a.c", i + 1, MARK_SUCCESS, "m" };
	id = xstrdup(digest_of(MARK_SUCCESS, "s", many, MANY));
	there = xasprintf("{'check_runs':[{'id':77,'external_id':'%s',"
			  "'output':{'annotations_count':450}}]}",
			  id);
	patch = xasprintf(
		"{'status':'completed','conclusion':'success','output':{"
		"'title':'s','summary':'s\\n\\n(500 of 600 places are "
		"marked.)','annotations':[%s]}}",
		last);
	PLAY({ OUR_RUNS("orch%2Ftest"), 200, NULL, there },
	     { "PATCH " R "/check-runs/77", patch, 200, NULL, "{}" });
	ok(github->review->annotate(client, OID, "orch/test", MARK_SUCCESS, "s",
				    many, MANY));
	done();
}

static void a_token_that_is_no_apps_marks_from_then_on(void **state)
{
	CLEANUP(free_str)
	char *id = xstrdup(digest_of(MARK_FAILURE, "bad\nworse", NULL, 0));
	CLEANUP(free_str)
	char *post = xasprintf(
		"{'name':'orch/test','head_sha':'" OID "','external_id':'%s',"
		"'status':'completed','conclusion':'failure','output':{"
		"'title':'bad','summary':'bad\\nworse'}}",
		id);

	(void)state;
#define MARKS                                                                  \
	"POST " R "/statuses/" OID,                                            \
		"{'state':'failure','context':'orch/test',"                    \
		"'description':'bad'}",                                        \
		201, NULL, "{}"
	PLAY({ NO_RUNS },
	     { "POST " R "/check-runs", post, 403, NULL,
	       FAILED("You must authenticate via a GitHub App.") },
	     { MARKS }, { MARKS });
	for (int i = 0; i < 2; i++)
		ok(github->review->annotate(client, OID, "orch/test",
					    MARK_FAILURE, "bad\nworse", NULL,
					    0));
	done();
}

static void what_the_forge_will_not_annotate_is_told(void **state)
{
	CLEANUP(free_str)
	char *id = xstrdup(digest_of(MARK_ERROR, "", NULL, 0));
	CLEANUP(free_str)
	char *post = xasprintf(
		"{'name':'orch/test','head_sha':'" OID "','external_id':'%s',"
		"'status':'completed','conclusion':'failure','output':{"
		"'title':'orch/test','summary':''}}",
		id);

	(void)state;
	PLAY({ NO_RUNS },
	     { "POST " R "/check-runs", post, 422, NULL, FAILED("no commit") },
	     { NO_RUNS }, { "POST " R "/check-runs", post, 201, NULL, "{}" },
	     { OUR_RUNS("orch%2Ftest"), 403, NULL, FAILED("may not") });
	fails(ERROR_REFUSED, "answered 422: no commit",
	      github->review->annotate(client, OID, "orch/test", MARK_ERROR, "",
				       NULL, 0));
	fails(ERROR_FAILURE, "'id'",
	      github->review->annotate(client, OID, "orch/test", MARK_ERROR, "",
				       NULL, 0));
	fails(ERROR_FAILURE, "answered 403: may not",
	      github->review->annotate(client, OID, "orch/test", MARK_ERROR, "",
				       NULL, 0));
	done();
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(a_commit_that_nobody_checked_has_no_checks),
		T(every_end_of_a_check_run_has_a_mark),
		T(check_runs_and_statuses_are_read_to_their_last_page),
		T(without_a_prefix_all_are_others),
		T(the_end_of_a_log_comes_from_elsewhere_without_the_token),
		T(only_what_failed_is_asked_for_its_log),
		T(of_a_long_log_only_the_end_is_kept),
		T(a_line_without_end_is_cut_between_characters),
		T(without_a_log_the_checks_own_words_are_taken),
		T(a_log_that_is_refused_is_none),
		T(a_storage_that_refuses_or_breaks_off_has_no_log),
		T(of_many_failures_only_some_are_asked_for_their_log),
		T(wrong_checks_are_named),
		T(an_app_annotates_once),
		T(what_was_pending_is_brought_to_its_end),
		T(one_with_other_annotations_is_left_behind),
		T(fifty_go_with_one_request_and_it_goes_on_where_it_broke_off),
		T(more_than_500_places_are_not_marked_and_it_says_so),
		T(a_token_that_is_no_apps_marks_from_then_on),
		T(what_the_forge_will_not_annotate_is_told),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-ci", tests, NULL, NULL);
}

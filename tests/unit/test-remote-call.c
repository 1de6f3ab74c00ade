/* What git's words mean, and what is shown of them. */
#include "tests/unit/test.h"

#include "gitops/remote-report.h"
#include "tests/unit/repo.h"

/* What a git that printed this and failed is taken for. */
static const struct {
	const char *text;
	enum remote_fault fault;
	const char *line;
} faults[] = {
	{ "fatal: the receiving end does not support --atomic push\n",
	  FAULT_NO_ATOMIC, "the receiving end does not support --atomic push" },
	{ "remote: HTTP Basic: Access denied\n"
	  "fatal: Authentication failed for 'https://u:p@h/x.git/'\n",
	  FAULT_KEY, "Authentication failed for 'https://h/x.git/'" },
	{ "git@h: Permission denied (publickey).\n"
	  "fatal: Could not read from remote repository.\n",
	  FAULT_KEY, "git@h: Permission denied (publickey)" },
	{ "fatal: unable to access 'https://h/x/': "
	  "The requested URL returned error: 403\n",
	  FAULT_KEY, NULL },
	{ "Host key verification failed.\r\n"
	  "fatal: Could not read from remote repository.\n",
	  FAULT_HOST, "Host key verification failed" },
	{ "fatal: unable to access 'https://h/': SSL certificate problem: "
	  "self signed certificate\n",
	  FAULT_HOST, NULL },
	{ "ERROR: Repository not found.\n"
	  "fatal: Could not read from remote repository.\n",
	  FAULT_ABSENT, "ERROR: Repository not found" },
	{ "fatal: unable to access 'https://h/': The requested URL returned "
	  "error: 503\n",
	  FAULT_BROKEN, NULL },
	{ "error: RPC failed; HTTP 413 curl 22 The requested URL returned "
	  "error: 413\nfatal: the remote end hung up unexpectedly\n",
	  FAULT_OTHER, NULL },
	{ "ssh: Could not resolve hostname h: Name or service not known\n"
	  "fatal: Could not read from remote repository.\n",
	  FAULT_BROKEN, NULL },
	{ "error: cannot lock ref 'refs/remotes/origin/a': is at x but "
	  "expected y\n",
	  FAULT_BUSY, NULL },
	/* A hook may print what it likes. */
	{ "remote: fatal: Authentication failed\n"
	  "fatal: the remote end hung up unexpectedly\n",
	  FAULT_BROKEN, "the remote end hung up unexpectedly" },
	{ "hint: so\nfatal: something new\n", FAULT_OTHER,
	  "git sh: something new" },
	{ "", FAULT_OTHER, "git sh: exit 7" },
};

static void git_s_words_are_told_apart(void **state)
{
	struct scratch box;
	CLEANUP(repo_release) struct repo *repo = NULL;

	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q . && git config alias.sh '!f() { "
		 "printf \"%%s\" \"$1\" >&2; exit 7; }; f'");
	ok(repo_open(&repo, box.dir));
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
		CLEANUP(proc_result_release) struct proc_result result;
		CLEANUP(free_str) char *line = NULL;
		enum remote_fault fault;

		proc_result_init(&result);
		strings_addv(&call.args, "sh", faults[i].text, NULL);
		ok(remote_once(&fault, &line, &result, repo, &call));
		if (fault != faults[i].fault)
			fail_msg("%d: %s", (int)fault, faults[i].text);
		if (faults[i].line)
			same(line, faults[i].line);
	}
	sandbox_close(&box);
}

static void a_line_is_shown_without_passwords_and_controls(void **state)
{
	static const char *const rows[][2] = {
		{ "fatal: 'https://u:p@h/x'", "'https://h/x'" },
		{ "https://token@h and http://a:b@c@d/e@f",
		  "https://h and http://d/e@f" },
		{ "https://h/a@b", "https://h/a@b" },
		{ "remote: error: a\033[31mb.", "a [31mb" },
		{ "ssh://", "ssh://" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *clean = remote_clean(rows[i][0], strlen(rows[i][0]));

		same(clean, rows[i][1]);
		free(clean);
	}
}

#define W    "!\tx^{object}:refs/heads/w\t"
#define C    "!\tx^{object}:refs/orch/c\t"
#define CON  "[remote rejected] (atomic push failure)\n"
#define CON2 "[rejected] (atomic push failed)\n"

/* A push of refs/heads/w and refs/orch/c that failed with this report. */
static const struct {
	const char *text;
	enum push_report_end end;
	const char *why;
} reports[] = {
	{ W "[rejected] (stale info)\n" C CON2, REPORT_STALE, "refs/heads/w" },
	{ W CON2 C "[rejected] (stale info)\n", REPORT_STALE, "refs/orch/c" },
	{ W CON C "[remote rejected] (deny updating a hidden ref)\n",
	  REPORT_UNSUPPORTED, "refs/orch/c" },
	{ W "[remote rejected] (protected branch hook declined)\n" C CON,
	  REPORT_REFUSED, "refs/heads/w" },
	{ W "[remote rejected] (pre-receive hook declined)\n" C
	    "[remote rejected] (pre-receive hook declined)\n",
	  REPORT_REFUSED, "refs/heads/w" },
	{ W "[remote rejected] (push declined due to repository rule "
	    "violations)\n" C "[remote rejected] (cannot lock ref)\n",
	  REPORT_REFUSED, "refs/heads/w" },
	{ W CON C "[remote rejected] (cannot lock ref 'refs/orch/c': "
		  "reference already exists)\n",
	  REPORT_UNSURE, "refs/orch/c" },
	{ W "[remote rejected] (atomic transaction failed)\n" C
	    "[remote rejected] (atomic transaction failed)\n",
	  REPORT_UNSURE, "atomic transaction" },
	{ W "[remote failure] (remote failed to report status)\n" C
	    "[remote failure] (remote failed to report status)\n",
	  REPORT_UNSURE, "refs/heads/w" },
	{ "To far\nDone\n", REPORT_FAILED, "odd" },
	{ "!\t\n!\n\t\t\n!\tx\ty\n", REPORT_FAILED, "odd" },
};

static void a_report_is_judged_by_the_ref_that_began(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		CLEANUP(push_release) struct push push = { .remote = "far" };
		CLEANUP(push_report_release) struct push_report report = { 0 };
		CLEANUP(proc_result_release) struct proc_result result;
		const struct oid to = { .id = { 1 } };

		proc_result_init(&result);
		push_add(&push, "refs/heads/w", &to, &oid_zero);
		push_add(&push, "refs/orch/c", &to, &oid_zero);
		buf_str(&result.out, reports[i].text);
		push_report_read(&report, &push, &result, FAULT_OTHER, "odd");
		if (report.end != reports[i].end ||
		    !strstr(report.why, reports[i].why))
			fail_msg("%d %s: %s", (int)report.end, report.why,
				 reports[i].text);
	}
}

static void a_success_without_a_word_on_each_is_looked_at(void **state)
{
	CLEANUP(push_release) struct push push = { .remote = "far" };
	CLEANUP(push_report_release) struct push_report report = { 0 };
	CLEANUP(proc_result_release) struct proc_result result;
	const struct oid to = { .id = { 1 } };

	(void)state;
	proc_result_init(&result);
	push_add(&push, "refs/heads/w", &to, &oid_zero);
	push_add(&push, "refs/orch/c", &to, &oid_zero);
	buf_str(&result.out, "To far\n*\tx:refs/heads/w\t[new branch]\nDone\n");
	push_report_read(&report, &push, &result, FAULT_NONE, NULL);
	assert_int_equal(report.end, REPORT_UNSURE);
	buf_str(&result.out, "*\tx:refs/orch/c\t[new reference]\n");
	push_report_read(&report, &push, &result, FAULT_NONE, NULL);
	assert_int_equal(report.end, REPORT_DONE);
	assert_null(report.why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(git_s_words_are_told_apart),
		cmocka_unit_test(
			a_line_is_shown_without_passwords_and_controls),
		cmocka_unit_test(a_report_is_judged_by_the_ref_that_began),
		cmocka_unit_test(a_success_without_a_word_on_each_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The worker cli: coding agents that are shell scripts here, so that they do
 * what no real one can be made to do.
 */
#include "tests/unit/small.h"

#include "core/file.h"
#include "gitops/worktree.h"
#include "plans/cli-profile.h"
#include "plans/models.h"
#include "plans/worker.h"

#include <unistd.h>

static struct scratch box;
static struct project project;
static struct plan plan;
static struct journal *journal;
static struct report report;
static struct caller caller;
static struct workspace *work;
static struct oid tree;
static int attempt;
static const struct findings *findings;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	report_init(&report);
	attempt = 1;
	findings = NULL;
	return 0;
}

static void close_run(void)
{
	caller_close(&caller);
	journal_close(&journal);
	workspace_release(&work);
	report_release(&report);
	plan_release(&plan);
	memset(&plan, 0, sizeof plan);
}

static int teardown(void **state)
{
	(void)state;
	close_run();
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/*
 * An agent whose command is the script, in the sandbox policy says (NULL: the
 * one there is); lines are further ones of its row.
 */
static void begin_with(const char *policy, const char *lines,
		       const char *profile, const char *script)
{
	put_small(&box, "");
	char *path = xasprintf("%s/agent", box.dir);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0755), 0);
	char *config = xasprintf(
		"policy: {%s}\n"
		"agents:\n  - name: dev\n    role: developer\n    worker: cli\n"
		"    profile: %s\n    command: %s\n    network: true\n%s",
		policy, profile, path, lines);
	put_config(&box, config);
	put(&box, "src/x.c", "int x;\n");
	put(&box, "tool", "#!/bin/sh\n");
	small_open(&project, &box);
	free(config);
	free(path);
}

static void begin(const char *script)
{
	begin_with("sandbox: auto", "", "generic", script);
}

static void begin_off(const char *script)
{
	begin_with("sandbox: \"off\"", "", "generic", script);
}

/* One attempt, on the base; its journal is <run>. */
static struct error *do_run(const char *run)
{
	const struct worker *worker = NULL;
	const char *orch;

	close_run();
	report_init(&report);
	TRY(worker_find(&worker, "cli"));
	TRY(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	TRY(repo_orch_dir(&orch, project.repo));
	char *folder = path_join(orch, "journal");
	struct error *err = journal_open(&journal, folder, run);
	free(folder);
	TRY(err);
	TRY(caller_open(&caller, &project, journal, "small", "a"));
	struct task task = {
		.project = &project,
		.plan = &plan,
		.phase = plan_phase(&plan, "a"),
		.agent = config_agent(&project.config, "dev"),
		.journal = journal,
		.caller = &caller,
		.report = &report,
		.attempt = attempt,
		.findings = findings,
		.start = project.base.tree,
	};
	TRY(workspace_open(&work, project.repo, &project.base.tree));
	TRY(worker->run(work, &task));
	return workspace_write_tree(&tree, work);
}

static struct error *run(void)
{
	return do_run("one");
}

/* Names and kinds of what the last run changed. */
static void expect_changes(const char *expected)
{
	char hex[OID_HEX];

	prints(expected, &box,
	       "git -C repo diff --no-renames --name-status main %s",
	       oid_hex(hex, &tree));
}

static const struct value *closed(void)
{
	return journal_last(journal, "closed", NULL);
}

static const char *said(const char *key)
{
	return value_text(value_get(closed(), key), NULL);
}

static void what_it_changed_is_the_result(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo new >a.txt; echo 'int y;' >src/x.c; "
	      "rm README; chmod +x tool; mkdir -p deep/er; echo 1 >deep/er/f; "
	      "ln -s a.txt link; echo all is done");
	ok(run());
	expect_changes("D\tREADME\nA\ta.txt\nA\tdeep/er/f\nA\tlink\n"
		       "M\tsrc/x.c\nM\ttool");
	char hex[OID_HEX];
	prints("120000", &box, "git -C repo ls-tree %s link | cut -d' ' -f1",
	       oid_hex(hex, &tree));
	prints("100755", &box, "git -C repo ls-tree %s tool | cut -d' ' -f1",
	       hex);
	/* What is .orch's stays as it was. */
	prints("", &box, "git -C repo diff --name-only main %s -- .orch", hex);
	same(report.summary, "all is done");
}

static void the_prompt_has_what_is_asked_for(void **state)
{
	(void)state;
	begin("cat >a.txt");
	ok(run());
	char hex[OID_HEX];
	oid_hex(hex, &tree);
	prints("Do this phase, in the folder you are in: Phase a", &box,
	       "git -C repo show %s:a.txt | grep '^Do this phase'", hex);
	prints("- create a.txt", &box,
	       "git -C repo show %s:a.txt | grep '^- create'", hex);
	prints("0", &box,
	       "git -C repo show %s:a.txt | grep -c 'tried before' || :", hex);
}

static void findings_of_the_attempt_before_are_told(void **state)
{
	struct findings list = FINDINGS_INIT;

	(void)state;
	finding_hint(finding_add(&list, "check", NULL, "check 'test' failed"),
		     "expected 1, got 2 in 0.52s");
	begin("cat >a.txt");
	findings = &list;
	attempt = 2;
	ok(run());
	char hex[OID_HEX];
	oid_hex(hex, &tree);
	prints("- check 'test' failed\nexpected 1, got 2 in #s", &box,
	       "git -C repo show %s:a.txt | grep -A1 '^- check .test. failed'",
	       hex);
	findings_release(&list);
}

static void the_answer_may_have_the_form_asked_for(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo 1 >a.txt; cat <<'E'\n"
	      "I did it.\n```json\n{\"summary\": \"Adds a.\", \"decisions\": "
	      "[\"No b\\nyet.\", \"\", 7], \"notes\": [\"See c.\"]}\n```\nE");
	ok(run());
	same(report.summary, "Adds a.");
	assert_int_equal(report.decisions.len, 2);
	same(report.decisions.items[0], "No b yet.");
	assert_int_equal(report.notes.len, 1);
	same(report.notes.items[0], "See c.");
}

static void json_that_is_no_report_is_text(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo 1 >a.txt; echo 'See {\"a\": 1}.'");
	ok(run());
	same(report.summary, "See {\"a\": 1}.");
	assert_int_equal(report.decisions.len, 0);
}

static void paths_beyond_the_declared_are_asked_for_by_that(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo 1 >a.txt; echo 1 >other.txt");
	ok(run());
	assert_int_equal(report.grants.len, 1);
	same(report.grants.items[0].path, "other.txt");
	same(report.grants.items[0].reason, "changed by agent 'dev'");
}

static void under_strict_it_asks_for_nothing(void **state)
{
	(void)state;
	begin_with("files: strict", "", "generic",
		   "cat >/dev/null; echo 1 >other.txt");
	ok(run());
	assert_int_equal(report.grants.len, 0);
}

static void nothing_changed_is_no_work(void **state)
{
	(void)state;
	begin("cat >/dev/null; touch README; echo thought about it");
	fails(ERROR_NO, "agent 'dev' changed nothing", run());
	assert_int_equal(report.uses.len, 1);
}

static void an_exit_that_is_not_0_is_a_failure_where_nothing_is_said(void **s)
{
	struct error *err;

	(void)s;
	begin("cat >/dev/null; echo 1 >a.txt; echo broken >&2; exit 3");
	err = run();
	assert_true(error_is(err, ERROR_NO));
	same(err->message, "agent 'dev' did not finish: exit 3");
	same(err->hint, "broken\n");
	error_free(err);
	/* What it left can be looked at. */
	prints("1", &box, "git -C repo show refs/orch/attempt/small/a/1:a.txt");
}

#define DONE                                                                   \
	"{\"type\":\"result\",\"is_error\":false,\"result\":\"done\","         \
	"\"session_id\":\"s\",\"total_cost_usd\":0.5,\"usage\":{"              \
	"\"input_tokens\":10,\"output_tokens\":2}}"

static void what_events_say_counts_more_than_the_exit(void **state)
{
	(void)state;
	begin_with("sandbox: auto", "", "claude",
		   "cat >/dev/null; echo 1 >a.txt; echo '" DONE "'; exit 1");
	ok(run());
	expect_changes("A\ta.txt");
	same(said("session"), "s");
	same(said("answer"), "done");
	same(said("sandbox"), "agent");
	assert_int_equal(value_int(value_get(closed(), "micros"), 0), 500000);
	assert_int_equal(report.uses.items[0].micros, 500000);
	assert_int_equal(report.uses.items[0].usage.input, 10);
	same(report.uses.items[0].agent, "dev");
	same(report.uses.items[0].model, "claude");
}

static void an_error_event_is_a_failure_whatever_the_exit(void **state)
{
	(void)state;
	begin_with("sandbox: auto", "", "claude",
		   "cat >/dev/null; echo 1 >a.txt; echo '{\"type\":\"result\","
		   "\"is_error\":true,\"result\":\"out of turns\"}'");
	fails(ERROR_NO, "agent 'dev': out of turns", run());
	assert_true(value_bool(value_get(closed(), "answered"), 0));
}

static void what_the_service_says_decides_what_to_do(void **state)
{
	static const struct {
		int status;
		enum error_code code;
	} rows[] = {
		{ 400, ERROR_NO },      { 401, ERROR_FAILURE },
		{ 403, ERROR_FAILURE }, { 429, ERROR_AGAIN },
		{ 500, ERROR_AGAIN },   { 529, ERROR_AGAIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *script =
			xasprintf("cat >/dev/null; echo '{\"type\":\"result\","
				  "\"is_error\":true,\"result\":\"no\","
				  "\"api_error_status\":%d}'; exit 1",
				  rows[i].status);
		char *name = xasprintf("run%d", rows[i].status);

		begin_with("sandbox: \"off\"", "", "claude", script);
		fails(rows[i].code, "agent 'dev': no", do_run(name));
		free(script);
		free(name);
	}
}

static void without_a_last_word_it_did_not_finish(void **state)
{
	(void)state;
	begin_with("sandbox: auto", "", "codex",
		   "cat >/dev/null; echo 1 >a.txt; "
		   "echo '{\"type\":\"turn.started\"}'");
	fails(ERROR_NO, "agent 'dev' did not finish: exit 0", run());
}

static void a_program_that_cannot_be_run_ends_the_run(void **state)
{
	(void)state;
	begin("exec /no/such/program");
	fails(ERROR_FAILURE, "agent 'dev' cannot be run (exit 127)", run());
	/* Nobody answered: a resumed run tries again. */
	assert_false(value_bool(value_get(closed(), "answered"), 1));
}

static void one_that_is_not_installed_is_named(void **state)
{
	struct error *err;

	(void)state;
	put_small(&box, "agents: [{name: dev, role: developer, worker: cli, "
			"profile: codex, network: true}]\n" OFF);
	small_open(&project, &box);
	setenv("PATH", "/usr/bin:/bin", 1);
	err = run();
	assert_true(error_is(err, ERROR_FAILURE));
	same(err->message, "'codex' is not installed, which agent 'dev' needs");
	error_free(err);
}

static void silence_ends_it(void **state)
{
	(void)state;
	begin_with("sandbox: auto", "    idle_timeout: 1\n", "generic",
		   "cat >/dev/null; echo 1 >a.txt; sleep 60");
	fails(ERROR_NO, "agent 'dev' did not finish: no output for 1 s", run());
}

static void time_ends_it(void **state)
{
	(void)state;
	begin_with("sandbox: auto", "    timeout: 1\n", "generic",
		   "cat >/dev/null; while :; do echo x; sleep 0.1; done");
	fails(ERROR_NO, "agent 'dev' did not finish: still running after 1 s",
	      run());
}

static void what_it_says_is_bounded(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo 1 >a.txt; yes 0123456789 | head -c 600000; "
	      "echo the end");
	ok(run());
	assert_true(strlen(report.summary) <= 4000);
	assert_true(strlen(said("answer")) <= 65536);
}

static void a_flood_ends_it(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo 1 >a.txt; head -c 400000000 /dev/zero; "
	      "sleep 60");
	fails(ERROR_NO, "did not finish: it wrote more than 256 MiB", run());
}

static void leaves_nothing_running(const char *policy)
{
	begin_with(policy, "", "claude",
		   "cat >/dev/null; echo 1 >a.txt; setsid sleep 987651 & "
		   "sleep 987652 & sleep 0.2; echo '" DONE "'; sleep 987653");
	ok(run());
	expect_changes("A\ta.txt");
	prints("0", &box, "pgrep -fc 'slee[p] 98765' || :");
}

/* Its group, and daemons that had left the group. */
static void what_it_leaves_running_is_ended(void **state)
{
	(void)state;
	leaves_nothing_running("sandbox: auto");
}

static void without_a_sandbox_it_is_ended_as_well(void **state)
{
	(void)state;
	leaves_nothing_running("sandbox: \"off\"");
}

static void it_sees_the_work_tree_and_its_own_home_only(void **state)
{
	(void)state;
	sh(&box, "echo secret >outside && mkdir -p home && "
		 "echo secret >home/.netrc");
	begin("cat >/dev/null\n"
	      "{ cat \"$HOME/.netrc\" || echo no netrc\n"
	      "echo x >$HOME/own && echo own home\n"
	      "test -e .orch || echo no orch\n"
	      "echo x >.git || echo no git\n"
	      "git rev-parse --is-inside-work-tree\n"
	      "touch \"$(git rev-parse --git-common-dir)/x\" || echo no repo\n"
	      "} >a.txt 2>/dev/null");
	ok(run());
	char hex[OID_HEX];
	prints("no netrc\nown home\nno orch\nno git\ntrue\nno repo", &box,
	       "git -C repo show %s:a.txt", oid_hex(hex, &tree));
	prints("", &box, "ls $HOME/.cache/git-orch/*/home");
}

static void what_it_writes_below_orch_is_not_taken(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo 1 >a.txt; mkdir .orch; echo x >.orch/x");
	ok(run());
	expect_changes("A\ta.txt");
}

/* Content is read through no link; that there is one, gates are told. */
static void links_that_lead_outside_stay_links(void **state)
{
	(void)state;
	begin("cat >/dev/null; ln -s /etc/passwd a.txt; rm -r src; "
	      "ln -s /etc src");
	ok(run());
	expect_changes("A\ta.txt\nA\tsrc\nD\tsrc/x.c");
	char hex[OID_HEX];
	prints("/etc/passwd", &box, "git -C repo cat-file blob %s:a.txt",
	       oid_hex(hex, &tree));
}

static void a_file_may_become_a_folder_and_back(void **state)
{
	(void)state;
	begin("cat >/dev/null; rm README; mkdir README; echo 1 >README/f; "
	      "rm -r src; echo 2 >src");
	ok(run());
	expect_changes("D\tREADME\nA\tREADME/f\nA\tsrc\nD\tsrc/x.c");
}

static void a_repository_within_is_refused(void **state)
{
	(void)state;
	begin("cat >/dev/null; git init -q sub; echo 1 >sub/f; "
	      "git -C sub add f; git -C sub -c user.name=x -c user.email=y "
	      "commit -qm x");
	fails(ERROR_NO, "'sub/' is a repository of its own", run());
}

static void names_git_would_not_take_are_refused(void **state)
{
	(void)state;
	begin("cat >/dev/null; mkdir d; echo 1 >d/.GIT");
	fails(ERROR_NO, ".GIT", run());
}

static void what_gitignore_names_is_no_result(void **state)
{
	(void)state;
	put(&box, ".gitignore", "*.o\n");
	begin("cat >/dev/null; echo 1 >a.txt; echo 1 >a.o; mkfifo pipe");
	ok(run());
	expect_changes("A\ta.txt");
}

static void more_files_than_allowed_are_refused(void **state)
{
	(void)state;
	begin_with("max_files: 3", "", "generic",
		   "cat >/dev/null; touch 1 2 3 4");
	fails(ERROR_NO, "more than 3 files were changed", run());
	begin_with("max_file_bytes: 10", "", "generic",
		   "cat >/dev/null; echo 0123456789 >a.txt");
	fails(ERROR_NO, "'a.txt' is larger than 10 bytes", do_run("two"));
}

/* A filter or a hook of the repository's would run as the user. */
static void no_filter_of_the_repository_runs(void **state)
{
	(void)state;
	begin("cat >/dev/null; echo '* filter=f' >.gitattributes; echo 1 >a.txt");
	sh(&box,
	   "git -C repo config filter.f.clean 'touch %s/ran; cat' && "
	   "git -C repo config core.fsmonitor 'touch %s/ran'",
	   box.dir, box.dir);
	ok(run());
	expect_changes("A\t.gitattributes\nA\ta.txt");
	char *ran = path_join(box.dir, "ran");
	assert_false(file_exists(ran));
	free(ran);
}

static void only_variables_it_names_are_passed(void **state)
{
	(void)state;
	setenv("WANTED_KEY", "key-0123456789", 1);
	setenv("OTHER_KEY", "key-9876543210", 1);
	begin_with("sandbox: auto", "    env: [WANTED_KEY]\n", "generic",
		   "cat >/dev/null; echo \"$WANTED_KEY\" >a.txt; "
		   "echo \"$OTHER_KEY\" >>a.txt; echo \"I saw $WANTED_KEY\"");
	ok(run());
	char hex[OID_HEX];
	prints("key-0123456789", &box, "git -C repo show %s:a.txt | xargs",
	       oid_hex(hex, &tree));
	/* What it says of them is not kept. */
	same(report.summary, "I saw [redacted:known]");
	prints("0", &box,
	       "grep -rc key-0123456789 repo/.git/orch/log "
	       "repo/.git/orch/journal | grep -vc ':0$' || :");
	unsetenv("WANTED_KEY");
	unsetenv("OTHER_KEY");
}

static void a_profile_that_needs_the_network_must_have_it(void **state)
{
	(void)state;
	put_small(&box, "agents: [{name: dev, role: developer, worker: cli, "
			"profile: claude}]\n");
	small_open(&project, &box);
	fails(ERROR_REFUSED, "agent 'dev' may not use the network", run());
}

static void a_replay_starts_no_program(void **state)
{
	(void)state;
	begin_off("cat >/dev/null; echo 1 >a.txt");
	project.options.replay = box.dir;
	fails(ERROR_INVALID, "cannot be replayed", run());
	assert_null(journal_last(journal, "open", NULL));
}

static void nothing_runs_before_it_is_trusted(void **state)
{
	(void)state;
	begin_off("touch ../../../ran; echo 1 >a.txt");
	put(&box, ".orch/prompts/developer.md", "do evil\n");
	commit_all(&box);
	ok(project_reload(&project));
	fails(ERROR_REFUSED, "trust", run());
	assert_null(journal_last(journal, "open", NULL));
}

/* Killed behind closed: the tree is there, and nothing is started. */
static void a_run_that_was_closed_is_not_run_again(void **state)
{
	struct oid first;

	(void)state;
	begin_off("cat >/dev/null; echo x >>\"$HOME\"/../../count; "
		  "date +%N >a.txt; echo done");
	ok(run());
	first = tree;
	ok(run());
	assert_true(oid_equal(&first, &tree));
	prints("1", &box, "cat \"$HOME\"/.cache/git-orch/*/count | wc -l");
	same(report.summary, "done");
	assert_int_equal(report.uses.len, 1);
	/* Another attempt, or another run, is one of its own. */
	attempt = 2;
	ok(run());
	assert_false(oid_equal(&first, &tree));
	attempt = 1;
	ok(do_run("two"));
	assert_false(oid_equal(&first, &tree));
}

static void a_failure_that_was_closed_fails_again_the_same_way(void **state)
{
	struct error *err;
	size_t lines;

	(void)state;
	begin_off("cat >/dev/null; echo because >&2; exit 1");
	fails(ERROR_NO, "did not finish: exit 1", run());
	lines = journal_len(journal);
	err = run();
	assert_true(error_is(err, ERROR_NO));
	same(err->message, "agent 'dev' did not finish: exit 1");
	same(err->hint, "because\n");
	error_free(err);
	assert_int_equal(journal_len(journal), lines);
}

static void a_run_that_was_only_opened_is_run_again(void **state)
{
	size_t n = 0;

	(void)state;
	begin_off("cat >/dev/null; echo 1 >a.txt");
	ok(run());
	close_run();
	/* As a kill would leave it. */
	sh(&box,
	   "cd repo/.git/orch/journal && sed -i '/\"closed\"/d' one.jsonl");
	ok(run());
	for (size_t i = 0; i < journal_len(journal); i++)
		n += !strcmp(
			value_text(value_get(journal_line(journal, i), "type"),
				   ""),
			"open");
	assert_int_equal(n, 2);
	expect_changes("A\ta.txt");
}

static void the_tree_is_kept_before_it_is_closed(void **state)
{
	(void)state;
	begin_off("cat >/dev/null; echo 1 >a.txt");
	ok(run());
	prints(said("tree"), &box,
	       "git -C repo rev-parse refs/orch/attempt/small/a/1");
}

static void a_budget_refuses_before_it_starts(void **state)
{
	(void)state;
	begin_with("sandbox: \"off\"",
		   "    budget: {usd: \"2.00\"}\n"
		   "budget: {phase: {usd: \"1.00\"}}\n",
		   "generic", "cat >/dev/null; echo 1 >a.txt");
	fails(ERROR_REFUSED, "budget", run());
	assert_null(journal_last(journal, "open", NULL));
	begin_with("sandbox: \"off\"", "budget: {phase: {usd: \"1.00\"}}\n",
		   "generic", "cat >/dev/null; echo 1 >a.txt");
	fails(ERROR_REFUSED, "agent 'dev' has no budget of its own",
	      do_run("two"));
}

static void a_budget_that_is_not_of_money_is_the_one_to_raise(void **state)
{
	struct error *err;

	(void)state;
	begin_with("sandbox: \"off\"", "budget: {plan: {calls: 0}}\n",
		   "generic", "cat >/dev/null; echo 1 >a.txt");
	err = run();
	assert_non_null(err);
	same(err->hint, "raise budget.plan.calls");
	fails(ERROR_REFUSED, "the budget of the plan 'small' would be passed",
	      err);
}

static void what_is_not_told_stays_charged_as_reserved(void **state)
{
	struct budget_limits used;

	(void)state;
	begin_with("sandbox: \"off\"", "    budget: {usd: \"0.40\"}\n",
		   "generic", "cat >/dev/null; echo 1 >a.txt");
	ok(run());
	ok(budget_used(&used, caller.budget));
	assert_int_equal(used.phase.micros, 400000);
	assert_true(value_bool(value_get(closed(), "unpriced"), 0));
	assert_int_equal(report.uses.items[0].unpriced, 1);
}

static void what_it_says_it_cost_is_charged(void **state)
{
	struct budget_limits used;

	(void)state;
	begin_with("sandbox: \"off\"", "    budget: {usd: \"2.00\"}\n",
		   "claude", "cat >/dev/null; echo 1 >a.txt; echo '" DONE "'");
	ok(run());
	ok(budget_used(&used, caller.budget));
	assert_int_equal(used.phase.micros, 500000);
	assert_int_equal(used.phase.tokens, 12);
	assert_int_equal(used.phase.calls, 1);
}

static void expect_words(const char *name, const struct agent *agent,
			 int inside, const char *expected)
{
	const struct cli_profile *profile = NULL;
	struct strings words = STRINGS_INIT;
	struct buf text = BUF_INIT;

	ok(cli_profile_find(&profile, name));
	cli_profile_args(&words, profile, agent, 1, inside);
	strings_join(&text, &words, " ");
	same(text.data, expected);
	buf_release(&text);
	strings_release(&words);
}

static void each_profile_is_called_so_that_it_works_alone(void **state)
{
	struct agent agent = { .model = (char *)"m/1",
			       .effort = (char *)"high",
			       .budget = 1500000 };
	struct agent plain = { .budget = NO_LIMIT };

	(void)state;
	expect_words("claude", &agent, 1,
		     "-p --output-format stream-json --verbose "
		     "--setting-sources user --strict-mcp-config "
		     "--dangerously-skip-permissions --model m/1 "
		     "--max-budget-usd 1.500000 --effort high");
	expect_words("codex", &agent, 1,
		     "exec --json --skip-git-repo-check "
		     "--dangerously-bypass-approvals-and-sandbox "
		     "--model m/1 --config model_reasoning_effort=high");
	expect_words("codex", &plain, 0,
		     "exec --json --skip-git-repo-check "
		     "--sandbox workspace-write");
	expect_words("gemini", &plain, 1,
		     "--output-format stream-json --approval-mode yolo");
	expect_words("opencode", &agent, 1,
		     "run --format json --model orch/m/1");
	expect_words("generic", &agent, 1, "");
	const struct cli_profile *profile;
	struct error *err = cli_profile_find(&profile, "vim");
	assert_true(error_is(err, ERROR_INVALID));
	same(err->hint,
	     "this version has: claude, codex, gemini, opencode, generic");
	error_free(err);
}

/* The program gets address and key of the provider its row names. */
static void a_provider_is_told_by_variables_and_settings(void **state)
{
	char hex[OID_HEX];

	(void)state;
	setenv("DUMMY", "dummy-key-1234", 1);
	begin_with("sandbox: auto",
		   "    provider: p\n    model: m1\n"
		   "providers: [{name: p, driver: openai, "
		   "base_url: \"http://127.0.0.1:9/v1\", key_env: DUMMY}]\n",
		   "codex",
		   "cat >/dev/null; echo \"$ORCH_AGENT_KEY\" >a.txt; "
		   "cat \"$HOME/.codex/config.toml\" >>a.txt; "
		   "echo \"$@\" >>a.txt; "
		   "echo '{\"type\":\"turn.completed\"}'");
	ok(run());
	oid_hex(hex, &tree);
	prints("dummy-key-1234", &box, "git -C repo show %s:a.txt | head -1",
	       hex);
	prints("base_url = \"http://127.0.0.1:9/v1\"", &box,
	       "git -C repo show %s:a.txt | grep base_url", hex);
	prints("1", &box, "git -C repo show %s:a.txt | grep -c -- '--model m1'",
	       hex);
	unsetenv("DUMMY");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "sandbox-exec")) {
		struct error *err = sandbox_exec(argv + 2);

		fprintf(stderr, "%s\n", err->message);
		return 125;
	}
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_it_changed_is_the_result),
		TEST(the_prompt_has_what_is_asked_for),
		TEST(findings_of_the_attempt_before_are_told),
		TEST(the_answer_may_have_the_form_asked_for),
		TEST(json_that_is_no_report_is_text),
		TEST(paths_beyond_the_declared_are_asked_for_by_that),
		TEST(under_strict_it_asks_for_nothing),
		TEST(nothing_changed_is_no_work),
		TEST(an_exit_that_is_not_0_is_a_failure_where_nothing_is_said),
		TEST(what_events_say_counts_more_than_the_exit),
		TEST(an_error_event_is_a_failure_whatever_the_exit),
		TEST(what_the_service_says_decides_what_to_do),
		TEST(without_a_last_word_it_did_not_finish),
		TEST(a_program_that_cannot_be_run_ends_the_run),
		TEST(one_that_is_not_installed_is_named),
		TEST(silence_ends_it),
		TEST(time_ends_it),
		TEST(what_it_says_is_bounded),
		TEST(a_flood_ends_it),
		TEST(what_it_leaves_running_is_ended),
		TEST(without_a_sandbox_it_is_ended_as_well),
		TEST(it_sees_the_work_tree_and_its_own_home_only),
		TEST(what_it_writes_below_orch_is_not_taken),
		TEST(links_that_lead_outside_stay_links),
		TEST(a_file_may_become_a_folder_and_back),
		TEST(a_repository_within_is_refused),
		TEST(names_git_would_not_take_are_refused),
		TEST(what_gitignore_names_is_no_result),
		TEST(more_files_than_allowed_are_refused),
		TEST(no_filter_of_the_repository_runs),
		TEST(only_variables_it_names_are_passed),
		TEST(a_profile_that_needs_the_network_must_have_it),
		TEST(a_replay_starts_no_program),
		TEST(nothing_runs_before_it_is_trusted),
		TEST(a_run_that_was_closed_is_not_run_again),
		TEST(a_failure_that_was_closed_fails_again_the_same_way),
		TEST(a_run_that_was_only_opened_is_run_again),
		TEST(the_tree_is_kept_before_it_is_closed),
		TEST(a_budget_refuses_before_it_starts),
		TEST(a_budget_that_is_not_of_money_is_the_one_to_raise),
		TEST(what_is_not_told_stays_charged_as_reserved),
		TEST(what_it_says_it_cost_is_charged),
		TEST(each_profile_is_called_so_that_it_works_alone),
		TEST(a_provider_is_told_by_variables_and_settings),
	};

	/* Not every agent reads its input: see core/proc.h. */
	loop_catch_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

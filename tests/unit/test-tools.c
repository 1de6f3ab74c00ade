/* The developer's tools: what they show, change, grant and refuse. */
#include "tests/unit/tooled.h"

static struct workspace *work;
static struct toolbox tb;
static struct buf out;
static int is_error;

static void open_tools(const char *config, const char *phase)
{
	begin(config, phase);
	ok(workspace_open(&work, project.repo, &project.base.tree));
	tb = (struct toolbox){ .work = work, .task = &task };
	buf_init(&out);
}

static int close_tools(void **state)
{
	workspace_free(work);
	work = NULL;
	buf_release(&out);
	end();
	return teardown(state);
}

/* Calls a tool with this input; quotes are written as '. */
static const char *use(const char *name, const char *input)
{
	struct tree tree = TREE_INIT, parsed = TREE_INIT;
	char *json = xstrdup(input);

	for (char *c = json; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	ok(json_parse(&parsed, json, strlen(json)));
	struct value *call = value_object(&tree, NULL, NULL);
	value_add_string(&tree, call, "id", "call-1");
	value_add_string(&tree, call, "name", name);
	value_add_copy(&tree, call, "input", parsed.root);
	buf_clear(&out);
	ok(tools_run(&out, &is_error, &tb, call));
	tree_release(&tree);
	tree_release(&parsed);
	free(json);
	return out.data;
}

static void expect(const char *name, const char *input, const char *text)
{
	same(use(name, input), text);
	assert_false(is_error);
}

/* The call is an error whose text has these words. */
static void refuses(const char *name, const char *input, const char *words)
{
	const char *text = use(name, input);

	if (!is_error || !strstr(text, words))
		fail_msg("%s %s: %s", name, input, text);
}

static void has(const char *text)
{
	if (!strstr(out.data, text))
		fail_msg("'%s' is not in: %s", text, out.data);
}

static void has_not(const char *text)
{
	if (strstr(out.data, text))
		fail_msg("'%s' is in: %s", text, out.data);
}

static void the_files_are_listed_as_they_are_now(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	expect("list_files", "{}",
	       "README\ndocs/notes.md\nsrc/deep/other.c\nsrc/main.c\n");
	use("write_file", "{'path': 'a.txt', 'content': 'x'}");
	use("delete_file", "{'path': 'docs/notes.md'}");
	expect("list_files", "{}",
	       "README\na.txt\nsrc/deep/other.c\nsrc/main.c\n");
	expect("list_files", "{'glob': 'src/**/*.c'}",
	       "src/deep/other.c\nsrc/main.c\n");
	expect("list_files", "{'glob': '*.zig'}", "No file matches.\n");
	use("list_files", "{'limit': 1}");
	has("README\n[3 more: ");
	refuses("list_files", "{'glob': '/etc/*'}", "/etc/*");
}

static void a_file_is_shown_with_the_numbers_of_its_lines(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	expect("read_file", "{'path': 'README'}", "     1\thello\n");
	expect("read_file", "{'path': './README'}", "     1\thello\n");
	expect("read_file",
	       "{'path': 'src/main.c', 'from_line': 3, 'to_line': 4}",
	       "     3\tint main(void)\n     4\t{\n"
	       "[the file has 9 lines]\n");
	/* As a strict mode sends what is not given. */
	expect("read_file",
	       "{'path': 'README', 'from_line': null, 'to_line': null}",
	       "     1\thello\n");
	refuses("read_file", "{'path': 'README', 'from_line': 2}", "1 lines");
	refuses("read_file",
		"{'path': 'src/main.c', 'from_line': 3, 'to_line': 2}",
		"9 lines");
	use("write_file", "{'path': 'a.txt', 'content': ''}");
	expect("read_file", "{'path': 'a.txt'}", "[the file is empty]\n");
}

static void a_long_file_comes_in_pieces(void **state)
{
	struct buf text = BUF_INIT;
	char again[80];
	int pieces = 0, next = 1, lines;

	(void)state;
	for (int i = 1; i <= 9000; i++)
		buf_addf(&text, "this is line %d\n", i);
	put_small(&box, OFF);
	put(&box, "long.txt", text.data);
	open_tools(OFF, FILES);
	while (next) {
		char *note;

		snprintf(again, sizeof again,
			 "{'path': 'long.txt', 'from_line': %d}", next);
		use("read_file", again);
		assert_true(out.len < 65536);
		snprintf(again, sizeof again, "%6d\tthis is line %d\n", next,
			 next);
		assert_memory_equal(out.data, again, strlen(again));
		note = strstr(out.data, "with from_line ");
		next = note ? atoi(note + 15) : 0;
		pieces++;
	}
	has("  9000\tthis is line 9000\n");
	assert_true(pieces > 2);
	/* One line is cut, and said to be. */
	buf_clear(&text);
	for (int i = 0; i < 5000; i++)
		buf_str(&text, "\xc3\xa9");
	put(&box, "long.txt", text.data);
	commit_all(&box);
	ok(project_reload(&project));
	workspace_free(work);
	ok(workspace_open(&work, project.repo, &project.base.tree));
	tb.work = work;
	use("read_file", "{'path': 'long.txt'}");
	lines = (int)out.len;
	assert_true(lines < 2100);
	has("[8000 bytes more in this line]");
	buf_release(&text);
}

static void what_is_no_text_is_said(void **state)
{
	(void)state;
	sh(&box, "cd repo && ln -s README link && printf 'a\\0b' >binary && "
		 "printf 'caf\\351\\n' >latin");
	open_tools(OFF, FILES);
	refuses("read_file", "{'path': 'src'}", "use list_files");
	refuses("read_file", "{'path': 'link'}", "symbolic link");
	refuses("read_file", "{'path': 'binary'}", "binary file of 3 bytes");
	expect("read_file", "{'path': 'latin'}", "     1\tcaf\xef\xbf\xbd\n");
	refuses("read_file", "{'path': 'src/mian.c'}",
		"Did you mean 'src/main.c'?");
	refuses("read_file", "{'path': 'other.c'}",
		"There is 'src/deep/other.c'.");
	refuses("read_file", "{'path': '/etc/passwd'}", "there is no file");
	refuses("read_file", "{'path': '../../etc/passwd'}",
		"there is no file");
}

static void the_documents_are_not_shown_but_the_plans_docs(void **state)
{
	(void)state;
	put(&box, ".orch/plans/small/docs/architecture.md", "in layers\n");
	put(&box, ".orch/plans/large/docs/architecture.md", "in heaps\n");
	open_tools(OFF, FILES);
	refuses("read_file", "{'path': '.orch/config.yaml'}",
		"there is no file");
	refuses("read_file", "{'path': '.orch/plans/small/phases/a.yaml'}",
		"there is no file");
	refuses("read_file",
		"{'path': '.orch/plans/large/docs/architecture.md'}",
		"there is no file");
	expect("read_file",
	       "{'path': '.orch/plans/small/docs/architecture.md'}",
	       "     1\tin layers\n");
	use("list_files", "{}");
	has_not(".orch");
	expect("search", "{'pattern': 'layers|version: 1'}",
	       "Nothing matches.\n");
}

static void lines_are_found_by_a_pattern(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	expect("search", "{'pattern': 'main'}",
	       "docs/notes.md:1: notes on main\n"
	       "src/main.c:3: int main(void)\n");
	use("write_file", "{'path': 'a.txt', 'content': 'the main thing'}");
	expect("search", "{'pattern': '^the (?=main)'}",
	       "a.txt:1: the main thing\n");
}

static void a_search_is_bounded_by_folder_and_limit(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	expect("search", "{'pattern': '^int', 'folder': 'src/deep'}",
	       "src/deep/other.c:1: int other;\n");
	expect("search", "{'pattern': '^int', 'folder': 'src/'}",
	       "src/deep/other.c:1: int other;\nsrc/main.c:3: int main(void)\n");
	expect("search", "{'pattern': 'notes', 'folder': '.'}",
	       "docs/notes.md:1: notes on main\n");
	use("search", "{'pattern': 'puts', 'limit': 2}");
	has("src/main.c:6: ");
	has("[there is more");
	has_not("src/main.c:7");
	refuses("search", "{'pattern': '('}", "parenthesis");
	refuses("search", "{'pattern': 'x', 'folder': 'nowhere'}", "nowhere");
}

static void declared_files_can_be_written(void **state)
{
	enum file_mode mode;
	struct oid oid;

	(void)state;
	open_tools(OFF, FILES);
	expect("write_file",
	       "{'path': 'src/new.h', 'content': 'int a;\\nint b;'}",
	       "created 'src/new.h', 2 lines\n");
	expect("write_file", "{'path': 'src/new.h', 'content': 'int c;\\n'}",
	       "wrote 'src/new.h', 1 lines\n");
	assert_int_equal(tb.writes, 2);
	expect("write_file", "{'path': 'src/new.h', 'content': 'int c;\\n'}",
	       "'src/new.h' was like this already\n");
	assert_int_equal(tb.writes, 2);
	use("write_file", "{'path': 'src/new.h', 'content': 'int c;\\n', "
			  "'executable': true}");
	ok(workspace_stat(&mode, &oid, work, "src/new.h"));
	assert_int_equal(mode, MODE_EXEC);
	assert_int_equal(tb.writes, 3);
	/* What was made may go again. */
	expect("delete_file", "{'path': 'src/new.h'}", "deleted 'src/new.h'\n");
	refuses("delete_file", "{'path': 'src/new.h'}", "there is no file");
}

static void each_kind_of_change_has_its_own_list(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	refuses("write_file", "{'path': 'README', 'content': 'x'}",
		"'README' is not among the files this phase may modify");
	has("request_path");
	refuses("write_file", "{'path': 'src/new.c', 'content': 'x'}",
		"may create");
	refuses("delete_file", "{'path': 'src/main.c'}", "may delete");
	refuses("edit_file", "{'path': 'README', 'old': 'hello', 'new': 'x'}",
		"may modify");
	assert_int_equal(tb.writes, 0);
	expect("read_file", "{'path': 'README'}", "     1\thello\n");
}

static void what_policy_always_allows_can_be_written(void **state)
{
	(void)state;
	open_tools("policy: {sandbox: \"off\", always: [go.sum]}\n", FILES);
	expect("write_file", "{'path': 'go.sum', 'content': 'x\\n'}",
	       "created 'go.sum', 1 lines\n");
}

static void what_the_gates_refuse_is_refused_at_once(void **state)
{
	static const char *const paths[] = {
		"../a.txt",   "/tmp/a.txt",  ".git/config",
		".GIT/hooks", "src/../x.h",  ".orch/config.yaml",
		"git~1/x",    ".gitmodules", ".github/workflows/ci.yml",
	};

	(void)state;
	open_tools(OFF, "files: {create: [\"**\"], modify: [\"**\"]}\n");
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char *input =
			xasprintf("{'path': '%s', 'content': 'x'}", paths[i]);

		refuses("write_file", input, "");
		free(input);
	}
	assert_int_equal(tb.writes, 0);
}

static void a_link_is_not_written_through(void **state)
{
	(void)state;
	sh(&box, "mkdir -p repo && cd repo && ln -s README a.txt && "
		 "ln -s src way");
	open_tools(OFF, "files: {create: [\"way/*\"], modify: [a.txt]}\n");
	refuses("write_file", "{'path': 'a.txt', 'content': 'x'}",
		"symbolic link");
	refuses("write_file", "{'path': 'way/x', 'content': 'x'}", "way");
	refuses("edit_file", "{'path': 'a.txt', 'old': 'R', 'new': 'x'}",
		"symbolic link");
}

static void what_is_too_large_or_secret_is_said_when_it_is_written(void **state)
{
	(void)state;
	open_tools("policy: {sandbox: \"off\", max_file_bytes: 60}\n", FILES);
	refuses("write_file",
		"{'path': 'a.txt', 'content': '0123456789012345678901234567890"
		"12345678901234567890123456789012345678901234567890'}",
		"more than the 60 allowed");
	refuses("write_file",
		"{'path': 'a.txt', 'content': 'ghp"
		"_0a1B2c3D4e5F6g7H8i9J0k1L2m3"
		"N4o5P6q7R\\n'}",
		"what looks like");
	has_not("ghp_0a1B");
}

static void a_piece_of_text_is_replaced_where_it_is_once(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	expect("edit_file",
	       "{'path': 'src/main.c', 'old': 'puts(\\\"two\\\");', "
	       "'new': 'puts(\\\"three\\\");'}",
	       "wrote 'src/main.c', 9 lines\n");
	use("read_file",
	    "{'path': 'src/main.c', 'from_line': 6, 'to_line': 6}");
	has("\tputs(\"three\");\n");
	refuses("edit_file",
		"{'path': 'src/main.c', 'old': 'puts(\\\"one\\\")', 'new': ''}",
		"is there 2 times");
	has("It begins in line 5, 7\n");
	expect("edit_file",
	       "{'path': 'src/main.c', 'old': 'one', 'new': 'four', "
	       "'all': true}",
	       "wrote 'src/main.c', 9 lines\n");
	expect("search", "{'pattern': 'one|four'}",
	       "src/main.c:5: \tputs(\"four\");\n"
	       "src/main.c:7: \tputs(\"four\");\n");
	refuses("edit_file", "{'path': 'nowhere', 'old': 'x', 'new': ''}",
		"there is no file");
}

static void where_nothing_matches_the_nearest_lines_are_shown(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	refuses("edit_file",
		"{'path': 'src/main.c', 'old': 'int  main(void) {', 'new': ''}",
		"is not in 'src/main.c'");
	has("     3\tint main(void)\n");
	has("     5\t\tputs(\"one\");\n");
	refuses("edit_file",
		"{'path': 'src/main.c', 'old': 'zzzzzzzzzz', 'new': ''}",
		"Nothing in it is like");
	use("write_file", "{'path': 'a.txt', 'content': 'x\\r\\ny\\r\\n'}");
	refuses("edit_file", "{'path': 'a.txt', 'old': 'x\\ny', 'new': ''}",
		"Lines of this file end in \\r\\n");
	assert_int_equal(tb.writes, 1);
}

static void a_path_beyond_the_declared_ones_is_asked_for(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	expect("request_path",
	       "{'path': 'README', 'reason': 'it names the option'}",
	       "granted: 'README'; the reviewer is told why\n");
	expect("write_file", "{'path': 'README', 'content': 'x\\n'}",
	       "wrote 'README', 1 lines\n");
	use("request_path", "{'path': 'lib/*.c', 'reason': 'r'}");
	expect("write_file", "{'path': 'lib/x.c', 'content': 'x\\n'}",
	       "created 'lib/x.c', 1 lines\n");
	refuses("write_file", "{'path': 'lib/x/y.c', 'content': 'x\\n'}",
		"may create");
	assert_int_equal(report.grants.len, 2);
	same(report.grants.items[0].path, "README");
	same(report.grants.items[0].reason, "it names the option");
	refuses("request_path", "{'path': 'lib', 'reason': ''}", "reason");
	refuses("request_path", "{'path': '/lib', 'reason': 'r'}", "/lib");
}

static void everything_at_once_is_not_granted(void **state)
{
	static const char *const globs[] = { "**", "*", "**/*", "*/**",
					     "./**" };

	(void)state;
	open_tools(OFF, FILES);
	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
		CLEANUP(free_str)
		char *input =
			xasprintf("{'path': '%s', 'reason': 'r'}", globs[i]);

		refuses("request_path", input, "ask for the paths");
	}
	assert_int_equal(report.grants.len, 0);
	use("request_path", "{'path': '**/*.md', 'reason': 'r'}");
	assert_false(is_error);
}

static void a_path_that_holds_a_secret_is_not_granted(void **state)
{
	(void)state;
	open_tools(OFF, "files: {create: [\"src/*\"]}\n");
	refuses("request_path",
		"{'path': 'lib/ghp"
		"_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R.c', 'reason': 'r'}",
		"what looks like");
	assert_int_equal(report.grants.len, 0);
	refuses("write_file",
		"{'path': 'src/ghp"
		"_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R.c', 'content': 'x'}",
		"what looks like");
	assert_int_equal(tb.writes, 0);
}

static void nothing_is_granted_outside_of_policy_paths(void **state)
{
	(void)state;
	open_tools("policy: {sandbox: \"off\", paths: [\"src/**\"]}\n", FILES);
	refuses("request_path", "{'path': 'README', 'reason': 'r'}", "outside");
	refuses("write_file", "{'path': 'README', 'content': 'x'}",
		"It cannot be asked for");
	use("request_path", "{'path': '*E*', 'reason': 'r'}");
	assert_false(is_error);
	use("request_path", "{'path': 'src/*.c', 'reason': 'r'}");
	refuses("write_file", "{'path': 'README', 'content': 'x'}",
		"may modify");
	use("write_file", "{'path': 'src/x.c', 'content': 'x'}");
	assert_false(is_error);
}

static void what_is_protected_is_never_granted(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	refuses("request_path",
		"{'path': '.github/workflows/ci.yml', 'reason': 'r'}",
		"protected");
	refuses("request_path", "{'path': '.orch/**', 'reason': 'r'}",
		"protected");
	refuses("request_path", "{'path': '.git/config', 'reason': 'r'}",
		".git");
	assert_int_equal(report.grants.len, 0);
	use("request_path", "{'path': '**/*i*', 'reason': 'r'}");
	assert_false(is_error);
	refuses("write_file",
		"{'path': '.github/workflows/ci.yml', 'content': 'x'}",
		"protected");
	refuses("write_file", "{'path': 'sub/.gitmodules', 'content': 'x'}",
		"protected");
}

static void a_strict_policy_grants_nothing(void **state)
{
	(void)state;
	open_tools("policy: {sandbox: \"off\", files: strict}\n", FILES);
	refuses("request_path", "{'path': 'src/x.c', 'reason': 'r'}",
		"in the notes of finish");
	refuses("write_file", "{'path': 'src/x.c', 'content': 'x'}",
		"It cannot be asked for");
	assert_int_equal(report.grants.len, 0);
}

static int marks(void)
{
	char *n = sh_out(&box, "cat mark 2>/dev/null | wc -l");
	int count = atoi(n);

	free(n);
	return count;
}

/* A check that leaves a mark, and passes when a.txt is there. */
static void open_checked(void)
{
	char *config = xasprintf(
		OFF "checks:\n  - {name: t, run: 'echo x >>%s/mark; "
		    "echo took 1.23s; test -f a.txt'}\n  - {name: u, run: "
		    "'true'}\n",
		box.dir);

	open_tools(config, "checks: [t]\n" FILES);
	free(config);
}

static void a_check_is_run_on_the_files_as_they_are(void **state)
{
	(void)state;
	open_checked();
	expect("run_check", "{'name': 't'}",
	       "check 't' failed: exit 1\nThe end of what it printed:\n\n"
	       "took #s\n");
	use("write_file", "{'path': 'a.txt', 'content': 'x'}");
	expect("run_check", "{'name': 't'}", "check 't' passed\n");
	assert_int_equal(marks(), 2);
	assert_int_equal(tb.checks, 2);
	/* Green is known. */
	expect("run_check", "{'name': 't'}", "check 't' passed\n");
	assert_int_equal(marks(), 2);
	refuses("run_check", "{'name': 'u'}", "there is no check 'u'");
	has("The checks of this phase are: t");
}

static void a_check_in_a_journal_is_read_back(void **state)
{
	char *dir = xasprintf("%s/journal", box.dir);

	(void)state;
	open_checked();
	ok(journal_open(&task.journal, dir, "20260101T000000Z-00000001"));
	use("run_check", "{'name': 't'}");
	has("failed: exit 1");
	use("run_check", "{'name': 't'}");
	has("failed: exit 1");
	assert_int_equal(marks(), 1);
	/* Another attempt sees for itself. */
	task.attempt = 2;
	use("run_check", "{'name': 't'}");
	assert_int_equal(marks(), 2);
	journal_close(&task.journal);
	free(dir);
}

static void the_number_of_checks_is_limited(void **state)
{
	(void)state;
	open_checked();
	use("write_file", "{'path': 'a.txt', 'content': 'x'}");
	for (int i = 0; i < TOOLS_CHECKS; i++)
		expect("run_check", "{'name': 't'}", "check 't' passed\n");
	refuses("run_check", "{'name': 't'}", "the limit");
}

static void finish_fills_the_report(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	use("finish", "{'summary': 'It is built.', 'decisions': ['a', 'b'], "
		      "'notes': ['c']}");
	assert_false(is_error);
	assert_true(tb.finished);
	same(report.summary, "It is built.");
	assert_int_equal(report.decisions.len, 2);
	same(report.notes.items[0], "c");
}

static void an_input_that_does_not_fit_is_told(void **state)
{
	(void)state;
	open_tools(OFF, FILES);
	refuses("read_file", "{}", "path");
	refuses("read_file", "{'path': 'README', 'line': 3}", "line");
	refuses("read_file", "{'path': 'README', 'from_line': 0}", "from_line");
	refuses("write_file", "{'path': 'a.txt', 'content': 5}", "content");
	refuses("apply_patch", "{}", "The tools are: list_files, read_file");
	assert_int_equal(tb.writes, 0);
}

static void a_broken_call_does_nothing(void **state)
{
	struct request request;
	struct reply reply;
	static const char input[] = "{\"path\": \"a.txt\", \"content\": \"x";

	(void)state;
	open_tools(OFF, FILES);
	request_init(&request);
	reply_init(&reply);
	reply_add_call(&reply, &request, "write_file", input, strlen(input));
	ok(tools_run(&out, &is_error, &tb, reply_call(&reply)));
	assert_true(is_error);
	has("cut off");
	assert_int_equal(tb.writes, 0);
	reply_release(&reply);
	request_release(&request);
}

static void secrets_are_taken_out_of_what_is_shown(void **state)
{
	struct secrets *secrets = NULL;

	(void)state;
	put(&box, "a.txt",
	    "key = ghp"
	    "_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R\nplain\n");
	open_tools(OFF, "files: {modify: [a.txt]}\n");
	ok(secrets_load(&secrets, NULL));
	tb.secrets = secrets;
	use("read_file", "{'path': 'a.txt'}");
	has("[redacted:");
	has_not("ghp_");
	use("search", "{'pattern': 'key'}");
	has_not("ghp_");
	/* And do not come back as marks. */
	refuses("write_file",
		"{'path': 'a.txt', 'content': 'key = [redacted:x]\\nnew\\n'}",
		"[redacted:");
	refuses("edit_file",
		"{'path': 'a.txt', 'old': 'key = [redacted:x]', 'new': ''}",
		"leave that line out");
	expect("edit_file", "{'path': 'a.txt', 'old': 'plain', 'new': 'new'}",
	       "wrote 'a.txt', 2 lines\n");
	secrets_free(&secrets);
}

static void a_result_is_never_longer_than_64_kib(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, "%0300d\n", i);
	put(&box, "wide.txt", text.data);
	open_tools(OFF, FILES);
	use("search", "{'pattern': '0', 'limit': 1000}");
	assert_true(out.len <= 65536);
	assert_true(out.len > 60000);
	has("\n[cut here: ");
	buf_release(&text);
}

static void every_tool_is_offered_with_its_schema(void **state)
{
	struct request request;
	const struct value *offered;
	size_t n = 0;

	(void)state;
	request_init(&request);
	ok(tools_offer(&request));
	offered = value_get(request.tree.root, "tools");
	VALUE_EACH(it, offered)
	{
		same(value_text(value_get(it, "name"), ""), tools[n]->name);
		assert_true(strlen(tools[n]->description) > 10);
		const struct value *schema = value_get(it, "schema");
		same(value_text(value_get(schema, "type"), ""), "object");
		assert_non_null(value_get(schema, "properties"));
		assert_null(value_get(schema, "$schema"));
		if (tools[n]->subject)
			assert_non_null(
				value_get(value_get(schema, "properties"),
					  tools[n]->subject));
		n++;
	}
	assert_null(tools[n]);
	assert_int_equal(n, 9);
	request_release(&request);
}

static void expect_label(const char *name, const char *key, const char *text,
			 const char *label)
{
	struct tree tree = TREE_INIT;
	struct value *call = value_object(&tree, NULL, NULL), *input;

	value_add_string(&tree, call, "name", name);
	input = value_object(&tree, call, "input");
	value_add_string(&tree, input, key, text);
	buf_clear(&out);
	tools_label(&out, call);
	same(out.data, label);
	tree_release(&tree);
}

static void a_call_is_told_in_a_few_words(void **state)
{
	struct buf text = BUF_INIT;
	char *cut;

	(void)state;
	buf_init(&out);
	expect_label("read_file", "path", "src/a.c", "read_file src/a.c");
	expect_label("finish", "summary", "x", "finish");
	expect_label("no_tool", "path", "x", "no_tool");
	expect_label("search", "pattern", "a\nb", "search a b");
	for (int i = 0; i < 150; i++)
		buf_str(&text, "\xc3\xa9");
	/* 200 bytes of it, whole characters. */
	text.data[0] = 'x';
	text.data[1] = 'x';
	buf_splice(&text, 0, 1, "", 0);
	cut = xasprintf("search %.199s", text.data);
	expect_label("search", "pattern", text.data, cut);
	free(cut);
	buf_release(&text);
	buf_release(&out);
}

int main(int argc, char **argv)
{
	SANDBOX_MAIN(argc, argv);
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_tools)
	const struct CMUnitTest tests[] = {
		TEST(the_files_are_listed_as_they_are_now),
		TEST(a_file_is_shown_with_the_numbers_of_its_lines),
		TEST(a_long_file_comes_in_pieces),
		TEST(what_is_no_text_is_said),
		TEST(the_documents_are_not_shown_but_the_plans_docs),
		TEST(lines_are_found_by_a_pattern),
		TEST(a_search_is_bounded_by_folder_and_limit),
		TEST(declared_files_can_be_written),
		TEST(each_kind_of_change_has_its_own_list),
		TEST(what_policy_always_allows_can_be_written),
		TEST(what_the_gates_refuse_is_refused_at_once),
		TEST(a_link_is_not_written_through),
		TEST(what_is_too_large_or_secret_is_said_when_it_is_written),
		TEST(a_piece_of_text_is_replaced_where_it_is_once),
		TEST(where_nothing_matches_the_nearest_lines_are_shown),
		TEST(a_path_beyond_the_declared_ones_is_asked_for),
		TEST(everything_at_once_is_not_granted),
		TEST(a_path_that_holds_a_secret_is_not_granted),
		TEST(nothing_is_granted_outside_of_policy_paths),
		TEST(what_is_protected_is_never_granted),
		TEST(a_strict_policy_grants_nothing),
		TEST(a_check_is_run_on_the_files_as_they_are),
		TEST(a_check_in_a_journal_is_read_back),
		TEST(the_number_of_checks_is_limited),
		TEST(finish_fills_the_report),
		TEST(an_input_that_does_not_fit_is_told),
		TEST(a_broken_call_does_nothing),
		TEST(secrets_are_taken_out_of_what_is_shown),
		TEST(a_result_is_never_longer_than_64_kib),
		TEST(every_tool_is_offered_with_its_schema),
		cmocka_unit_test(a_call_is_told_in_a_few_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

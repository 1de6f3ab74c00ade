/* What a pull request says, of documents that wish a reader ill as well. */
#include "tests/unit/test.h"

#include "core/yaml.h"
#include "plans/markdown.h"
#include "plans/proposal.h"

#define PART "\xe2\x80\x8b"

static void text_of_strangers_is_only_text(void **state)
{
	static const struct {
		const char *text;
		const char *markdown;
	} rows[] = {
		{ "plain words, done.", "plain words, done." },
		{ "ask @ada or @org/team",
		  "ask @" PART "ada or @" PART "org/team" },
		{ "Closes #12", "Closes \\#" PART "12" },
		{ "fixes o/n#7 and GH-8",
		  "fixes o/n\\#" PART "7 and GH" PART "-8" },
		{ "gh-8", "gh" PART "-8" },
		{ "high-8", "high-8" },
		{ "resolves https://github.com/o/n/issues/1",
		  "resolves https:" PART "//github.com/o/n/issues/1" },
		{ "www.example.com", "www" PART ".example.com" },
		{ "<!-- hidden --><script>x</script>",
		  "&lt;\\!-- hidden --&gt;&lt;script&gt;x&lt;/script&gt;" },
		{ "&#64;ada", "&amp;\\#" PART "64;ada" },
		{ "[a](javascript:b) ![c](d)",
		  "\\[a\\](javascript:b) \\!\\[c\\](d)" },
		{ "`a` *b* _c_ ~d~ $e$", "\\`a\\` \\*b\\* \\_c\\_ \\~d\\~ "
					 "\\$e\\$" },
		{ "a | b \\| c", "a \\| b \\\\\\| c" },
		{ "# a heading", "\\# a heading" },
		{ "- a list", "\\- a list" },
		{ "--- and ===", "\\--- and ===" },
		{ "=== and ---", "\\=== and ---" },
		{ "+ a list", "\\+ a list" },
		{ "12. a list", "12\\. a list" },
		{ "12) a list", "12\\) a list" },
		{ "12 things", "12 things" },
		{ "    code\n\n# more\r\n", "code \\# more " },
		{ "a\033[31mred", "a?\\[31mred" },
		{ "turned \xe2\x80\xae round", "turned  round" },
		{ "@\xe2\x80\x8b"
		  "ada",
		  "@" PART "ada" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		md_text(&out, rows[i].text, 1000);
		same(out.data, rows[i].markdown);
	}
}

static void code_ends_where_it_should(void **state)
{
	static const struct {
		const char *text;
		const char *markdown;
	} rows[] = {
		{ "src/a.c", "`src/a.c`" }, { "a`b", "``a`b``" },
		{ "`a", "`` `a ``" },       { "a``b`", "``` a``b` ```" },
		{ "a\nb", "`a b`" },        { "", "`  `" },
		{ "@ada #1", "`@ada #1`" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		md_code(&out, rows[i].text, 1000);
		same(out.data, rows[i].markdown);
	}
}

static void a_title_closes_nothing_either(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	md_plain(&out, "fix *all* of #12\n@ada", 1000);
	same(out.data, "fix *all* of #" PART "12 @" PART "ada");
}

static void what_is_too_long_is_cut(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	md_text(&out, "four words are here", 4);
	same(out.data, "four\xe2\x80\xa6");
}

static const char document[] =
	"version: 1\n"
	"id: auth\n"
	"title: User authentication\n"
	"status: done\n"
	"result:\n"
	"  attempts: 2\n"
	"  agents:\n"
	"  - {role: developer, model: m-1, calls: 5, input_tokens: 1200,\n"
	"     output_tokens: 300, cost_usd: \"0.421000\"}\n"
	"  - {role: validator, model: m-2, calls: 1, input_tokens: 10,\n"
	"     output_tokens: 3, cost_usd: unpriced}\n"
	"  checks:\n"
	"  - {name: test, exit: 0, seconds: 12.4, sandbox: bwrap,\n"
	"     coverage: 81.5}\n"
	"  verdict:\n"
	"    success: true\n"
	"    score: 0.93\n"
	"    criteria:\n"
	"    - {criterion: 2, met: true, evidence: \"test_hash; #5\"}\n"
	"    - {criterion: 1, met: true, evidence: test_register}\n"
	"    warnings: [\"@all: slow\"]\n"
	"  files:\n"
	"  - {path: src/a.py, change: create, declared: true}\n"
	"  - {path: poetry.lock, change: modify, declared: false}\n"
	"  decisions: [\"bcrypt, for <b>speed</b>\"]\n"
	"  notes: [\"Closes #3\"]\n";

/* The plan and the phase as on the base. */
struct fixture {
	struct plan plan;
	struct phase phase;
	struct tree tree;
	struct proposed what;
};

static int begin(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	struct phase *phase = &fixture->phase;

	fixture->plan.id = (char *)"todo";
	fixture->plan.title = (char *)"Todo API";
	phase->id = (char *)"auth";
	phase->title = (char *)"User authentication";
	phase->summary = (char *)"Who is it?\n\nMentions @ada.";
	phase->commit_type = (char *)"feat";
	phase->commit_scope = (char *)"auth";
	strings_add(&phase->depends_on, "models");
	strings_add(&phase->acceptance, "Users can register");
	strings_add(&phase->acceptance, "Passwords are hashed");
	ok(yaml_parse(&fixture->tree, document, strlen(document), NULL));
	fixture->what = (struct proposed){
		.plan = &fixture->plan,
		.phase = phase,
		.document = fixture->tree.root,
		.branch = "orch/todo/auth",
		.base = "main",
	};
	*state = fixture;
	return 0;
}

static int end(void **state)
{
	struct fixture *fixture = *state;

	strings_release(&fixture->phase.depends_on);
	strings_release(&fixture->phase.acceptance);
	tree_release(&fixture->tree);
	free(fixture);
	return 0;
}

static void a_phase_says_what_it_is_and_what_shows_it(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(proposal_release) struct proposal made = { NULL, NULL };

	proposal_make(&made, &fixture->what);
	same(made.title, "feat(auth): User authentication");
	same(made.body,
	     "Who is it?\n"
	     "\nMentions @" PART "ada.\n"
	     "\nPhase `auth` of plan `todo` (Todo API); it depends on "
	     "`models`.\n"
	     "\n## Acceptance criteria\n\n"
	     "- Users can register\n"
	     "  - met: test\\_register\n"
	     "- Passwords are hashed\n"
	     "  - met: test\\_hash; \\#" PART "5\n"
	     "\n## Checks\n\n"
	     "- `test`: passed, 12.4 s, sandbox bwrap, coverage 81.50 %\n"
	     "\n## Files\n\n"
	     "- modify `poetry.lock`, **undeclared**\n"
	     "- create `src/a.py`\n"
	     "\n## Decisions\n\n"
	     "- bcrypt, for &lt;b&gt;speed&lt;/b&gt;\n"
	     "\n## Notes\n\n"
	     "- Closes \\#" PART "3\n"
	     "\n## Warnings\n\n"
	     "- @" PART "all: slow\n"
	     "\n## Cost\n\n"
	     "- developer `m-1`: 5 calls, 1200 tokens read, 300 written, "
	     "$0.421000\n"
	     "- validator `m-2`: 1 call, 10 tokens read, 3 written, unpriced\n"
	     "\nIt took 2 attempts.\n"
	     "\n## How to review\n\n"
	     "    git fetch origin\n"
	     "    git diff origin/main...origin/orch/todo/auth\n"
	     "    git orch show todo/auth\n");
}

static void one_on_top_of_another_says_so(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(proposal_release) struct proposal made = { NULL, NULL };

	fixture->what.base = "orch/todo/models";
	fixture->what.draft = 1;
	proposal_make(&made, &fixture->what);
	assert_non_null(strstr(made.body, "\nStacked on `orch/todo/models`: a "
					  "draft until that has landed.\n"));
	assert_non_null(strstr(made.body,
			       "git diff origin/orch/todo/models...origin/"));
}

static void a_document_without_a_result_is_no_failure(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(proposal_release) struct proposal made = { NULL, NULL };

	fixture->what.document = NULL;
	fixture->what.branch = "a'b";
	proposal_make(&made, &fixture->what);
	assert_non_null(strstr(made.body, "\nNobody judged them.\n"));
	assert_non_null(strstr(made.body, "origin/main...'origin/a'\\''b'\n"));
	assert_null(strstr(made.body, "## Checks"));
}

static void the_same_documents_say_the_same(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(proposal_release) struct proposal one = { NULL, NULL };
	CLEANUP(proposal_release) struct proposal two = { NULL, NULL };

	proposal_make(&one, &fixture->what);
	proposal_make(&two, &fixture->what);
	same(one.body, two.body);
}

static void long_lists_are_cut_and_counted(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(proposal_release) struct proposal made = { NULL, NULL };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *notes =
		value_list(&tree, value_object(&tree, root, "result"), "notes");

	for (int i = 0; i < 103; i++)
		value_add_string(&tree, notes, NULL, "a note");
	fixture->what.document = root;
	proposal_make(&made, &fixture->what);
	assert_non_null(strstr(made.body, "- a note\n- and 3 more\n\n## How"));
}

static void a_plan_shows_its_phases(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(proposal_release) struct proposal made = { NULL, NULL };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	static const char text[] = "overview: \"One\\n\\n# two\"\n";

	ok(yaml_parse(&tree, text, strlen(text), NULL));
	fixture->plan.goal = (char *)"All of #1";
	fixture->phase.title = (char *)"A | B";
	fixture->plan.phases.items = &fixture->phase;
	fixture->plan.phases.len = 1;
	fixture->what.phase = NULL;
	fixture->what.document = tree.root;
	fixture->what.branch = "orch/todo/plan";
	proposal_make(&made, &fixture->what);
	same(made.title, "Plan: Todo API");
	same(made.body, "All of \\#" PART "1\n"
			"\n## Overview\n"
			"\nOne\n"
			"\n\\# two\n"
			"\n## Phases\n\n"
			"| phase | what | depends on |\n"
			"| --- | --- | --- |\n"
			"| auth | A \\| B | models |\n"
			"\nThe plan is approved when this is merged.\n"
			"\n## How to review\n\n"
			"    git fetch origin\n"
			"    git diff origin/main...origin/orch/todo/plan\n"
			"    git orch show todo\n");
}

static void each_gate_has_its_word(void **state)
{
	struct fixture *fixture = *state;
	static const char *const rows[][2] = {
		{ "git-orch/paths", "2 files, 1 of them undeclared" },
		{ "git-orch/check: test",
		  "passed in 12.4 s, sandbox bwrap, coverage 81.50 %" },
		{ "git-orch/verdict",
		  "accepted, score 0.93, 2 of 2 criteria met" },
	};
	CLEANUP(gate_words_release) struct gate_words words = { NULL, 0, 0 };

	proposal_gates(&words, fixture->what.document);
	assert_int_equal(words.len, 3);
	for (size_t i = 0; i < 3; i++) {
		same(words.items[i].context, rows[i][0]);
		same(words.items[i].text, rows[i][1]);
	}
}

static void a_gate_that_was_not_asked_says_nothing(void **state)
{
	CLEANUP(gate_words_release) struct gate_words words = { NULL, 0, 0 };

	(void)state;
	proposal_gates(&words, NULL);
	assert_int_equal(words.len, 1);
	same(words.items[0].text, "0 files");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_strangers_is_only_text),
		cmocka_unit_test(code_ends_where_it_should),
		cmocka_unit_test(a_title_closes_nothing_either),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test_setup_teardown(
			a_phase_says_what_it_is_and_what_shows_it, begin, end),
		cmocka_unit_test_setup_teardown(one_on_top_of_another_says_so,
						begin, end),
		cmocka_unit_test_setup_teardown(
			a_document_without_a_result_is_no_failure, begin, end),
		cmocka_unit_test_setup_teardown(the_same_documents_say_the_same,
						begin, end),
		cmocka_unit_test_setup_teardown(long_lists_are_cut_and_counted,
						begin, end),
		cmocka_unit_test_setup_teardown(a_plan_shows_its_phases, begin,
						end),
		cmocka_unit_test_setup_teardown(each_gate_has_its_word, begin,
						end),
		cmocka_unit_test(a_gate_that_was_not_asked_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

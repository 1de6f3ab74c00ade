/* Documents: kinds, ids, findings with path, line and column. */
#include "tests/unit/test.h"

#include "plans/document.h"

static void parse(struct document *out, enum document_kind kind,
		  const char *text, struct findings *findings)
{
	ok(document_parse(out, kind, "a.yaml", text, strlen(text), findings));
}

/* The one finding of a text. */
static void finds(enum document_kind kind, const char *text, const char *rule,
		  unsigned line, unsigned column)
{
	struct document document = DOCUMENT_INIT;
	struct findings findings = FINDINGS_INIT;

	parse(&document, kind, text, &findings);
	if (findings.len != 1)
		fail_msg("%zu findings in: %s", findings.len, text);
	same(findings.items[0].rule, rule);
	same(findings.items[0].path, "a.yaml");
	assert_int_equal(findings.items[0].line, line);
	assert_int_equal(findings.items[0].column, column);
	findings_release(&findings);
	document_release(&document);
}

static void a_kind_is_told_by_the_path(void **state)
{
	static const struct {
		const char *path;
		int kind; /* -1: none */
	} rows[] = {
		{ ".orch/config.yaml", DOCUMENT_CONFIG },
		{ "/a/b/.orch/config.yaml", DOCUMENT_CONFIG },
		{ ".orch/config.staging.yaml", DOCUMENT_CONFIG },
		{ ".orch/plans/x/plan.yaml", DOCUMENT_PLAN },
		{ ".orch/plans/x/phases/y.yaml", DOCUMENT_PHASE },
		{ ".orch/plans/x/phases/y/z.yaml", -1 },
		{ ".orch/plans/x/phases/y.yml", -1 },
		{ ".orch/plans/x/phases/.yaml", -1 },
		{ ".orch/plans//plan.yaml", -1 },
		{ ".orch/plans/plan.yaml", -1 },
		{ ".orch/prices.yaml", -1 },
		{ ".orch/templates/t/plan.yaml", -1 },
		{ "x.orch/config.yaml", -1 },
		{ "config.yaml", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum document_kind kind = DOCUMENT_CONFIG;
		int found = document_kind_of(&kind, rows[i].path);

		if (found != (rows[i].kind >= 0))
			fail_msg("%s", rows[i].path);
		if (found)
			assert_int_equal(kind, rows[i].kind);
	}
}

static void a_kind_is_guessed_by_the_keys(void **state)
{
	static const struct {
		const char *text;
		int kind;
	} rows[] = {
		{ "version: 1\ngoal: x\n", DOCUMENT_PLAN },
		{ "version: 1\nacceptance: []\n", DOCUMENT_PHASE },
		{ "version: 1\npolicy: {}\nchecks: []\n", DOCUMENT_CONFIG },
		{ "version: 1\n", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct document document = DOCUMENT_INIT;
		struct findings ignored = FINDINGS_INIT;
		enum document_kind kind = DOCUMENT_CONFIG;
		int found;

		parse(&document, DOCUMENT_CONFIG, rows[i].text, &ignored);
		found = document_kind_guess(&kind, document.tree.root);
		assert_int_equal(found, rows[i].kind >= 0);
		if (found)
			assert_int_equal(kind, rows[i].kind);
		findings_release(&ignored);
		document_release(&document);
	}
}

static void what_is_wrong_is_found_where_it_stands(void **state)
{
	(void)state;
	finds(DOCUMENT_PHASE, "version: 1\nid: a\ntitel: x\ntitle: y\n",
	      "unknown-key", 3, 1);
	finds(DOCUMENT_PHASE, "version: 1\nid: a\ntitle: x\npriority: 9\n",
	      "range", 4, 11);
	finds(DOCUMENT_PHASE, "version: 1\nid: a\ntitle: x\ntitle: y\n", "yaml",
	      4, 1);
	finds(DOCUMENT_PLAN, "version: 1\nid: a\ntitle: x\n", "missing-key", 1,
	      1);
	finds(DOCUMENT_CONFIG, "# nothing\n", "empty", 0, 0);
}

static void finds_names(const char *text, size_t n)
{
	struct document document = DOCUMENT_INIT;
	struct findings findings = FINDINGS_INIT;

	parse(&document, DOCUMENT_CONFIG, text, &findings);
	document_check_names(&document, &findings);
	assert_int_equal(findings.len, n);
	findings_release(&findings);
	document_release(&document);
}

static void two_rows_of_a_name_are_found(void **state)
{
	(void)state;
	finds_names("version: 1\nchecks: [{name: a, run: x}]\n"
		    "setup: [{name: a, run: y}]\n",
		    0);
	finds_names("version: 1\nchecks: [{name: a, run: x}, "
		    "{name: a, run: x}]\n",
		    1);
}

static void half_a_million_brackets_are_refused_at_once(void **state)
{
	struct document document = DOCUMENT_INIT;
	struct findings findings = FINDINGS_INIT;
	size_t len = 500000;
	char *text = xmalloc(len);

	(void)state;
	memset(text, '[', len);
	ok(document_parse(&document, DOCUMENT_PLAN, "a.yaml", text, len,
			  &findings));
	assert_int_equal(findings_failing(&findings), 1);
	same(findings.items[0].rule, "yaml");
	free(text);
	findings_release(&findings);
	document_release(&document);
}

static void the_first_finding_that_is_no_note_becomes_the_error(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct place at = { 3, 7 };

	(void)state;
	ok(findings_error(&findings));
	finding_put(&findings, "r", "a.yaml", at, "is a note")->note = 1;
	ok(findings_error(&findings));
	assert_int_equal(findings_failing(&findings), 0);
	finding_put(&findings, "r", "c.yaml", at, "later");
	finding_put(&findings, "r", "b.yaml", at, "is wrong");
	assert_int_equal(findings_failing(&findings), 2);
	fails(ERROR_INVALID, "b.yaml:3:7: is wrong", findings_error(&findings));
	findings_release(&findings);
}

static void ids_are_slugs(void **state)
{
	static const char *const good[] = { "a", "0", "a-b", "a1-2b" };
	static const char *const bad[] = { "",    "-a",  "a-",  "a--b",
					   "A",   "a_b", "ä",   "a b",
					   "a/b", ".",   "plan" };
	char longest[66];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(id_valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(id_valid(bad[i]));
	memset(longest, 'a', sizeof longest);
	longest[64] = '\0';
	assert_true(id_valid(longest));
	longest[64] = 'a';
	longest[65] = '\0';
	assert_false(id_valid(longest));
}

static void any_text_makes_an_id(void **state)
{
	static const char *const rows[][2] = {
		{ "Add log-in & log-out!", "add-log-in-log-out" },
		{ "  --x--  ", "x" },
		{ "Don't break", "dont-break" },
		{ "Über", "ber" },
		{ "!?", "" },
		{ "", "" },
		{ "Plan", "plan-1" },
	};
	char *id;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		id = id_from_text(rows[i][0]);
		same(id, rows[i][1]);
		assert_true(!*id || id_valid(id));
		free(id);
	}
	id = id_from_text("one two three four five six seven eight nine ten "
			  "eleven twelve thirteen");
	same(id, "one-two-three-four-five-six-seven-eight-nine-ten-eleven-"
		 "twelve");
	free(id);
	id = id_from_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			  "aaaaaaaaaaaaaaaaaaaaaa");
	assert_int_equal(strlen(id), 64);
	free(id);
}

static void every_kind_has_a_schema_that_is_parsed_once(void **state)
{
	const struct schema *schema, *again;

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		ok(document_schema(&schema, (enum document_kind)kind));
		ok(document_schema(&again, (enum document_kind)kind));
		assert_ptr_equal(schema, again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kind_is_told_by_the_path),
		cmocka_unit_test(a_kind_is_guessed_by_the_keys),
		cmocka_unit_test(what_is_wrong_is_found_where_it_stands),
		cmocka_unit_test(two_rows_of_a_name_are_found),
		cmocka_unit_test(half_a_million_brackets_are_refused_at_once),
		cmocka_unit_test(
			the_first_finding_that_is_no_note_becomes_the_error),
		cmocka_unit_test(ids_are_slugs),
		cmocka_unit_test(any_text_makes_an_id),
		cmocka_unit_test(every_kind_has_a_schema_that_is_parsed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

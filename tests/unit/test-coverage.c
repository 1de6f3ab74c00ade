/* Coverage: what reports say, and the gate on it. */
#include "tests/unit/transaction.h"

#include "plans/gate.h"

#define RECORD(body) "TN:\nSF:src/a.c\n" body "end_of_record\n"
#define ROOT(attributes)                                                       \
	"<?xml version=\"1.0\" ?>\n<!DOCTYPE coverage SYSTEM 'x.dtd'>\n"       \
	"<!-- <coverage line-rate=\"0\"> -->\n<coverage " attributes           \
	">\n<packages/></coverage>\n"

static const struct {
	const char *format, *text;
	int share; /* hundredths of a percent */
} reports[] = {
	{ "lcov", RECORD("DA:1,1\nDA:2,0\nLF:2\nLH:1\n"), 5000 },
	{ "lcov", RECORD("DA:1,1\nDA:2,3\nDA:3,0\n"), 6666 },
	{ "lcov", RECORD("DA:1,1,ab12==\nDA:2,0,cd\n"), 5000 },
	{ "lcov", RECORD("LF:8\nLH:6\n"), 7500 },
	/* Lines are believed before sums. */
	{ "lcov", RECORD("DA:1,0\nLF:1\nLH:1\n"), 0 },
	/* Two tests of one file: a line that either ran was run. */
	{ "lcov", RECORD("DA:1,0\nDA:2,1\n") RECORD("DA:1,5\nDA:2,0\n"),
	  10000 },
	{ "lcov", "SF:a\nDA:1,1\nend_of_record\nSF:b\nDA:1,0\nend_of_record\n",
	  5000 },
	{ "lcov", "SF:a\r\nDA:1,1\r\nend_of_record\r\n", 10000 },
	{ "lcov", RECORD("FN:3,main\nFNDA:1,main\nBRDA:1,0,0,1\nDA:3,1\n"),
	  10000 },
	{ "lcov", RECORD("DA:1,-7\nDA:2,0\n"), 5000 },
	{ "lcov", "", COVERAGE_UNREADABLE },
	{ "lcov", "coverage: 99 %\n", COVERAGE_UNREADABLE },
	{ "lcov", "SF:a\nDA:1,1\n", COVERAGE_UNREADABLE },
	{ "lcov", RECORD("DA:1,x\n"), COVERAGE_UNREADABLE },
	{ "lcov", RECORD("DA:x,1\n"), COVERAGE_UNREADABLE },
	{ "lcov", "DA:1,1\nend_of_record\n", COVERAGE_UNREADABLE },
	{ "lcov", RECORD("LF:4\nLH:5\n"), COVERAGE_UNREADABLE },
	{ "lcov", RECORD("LF:99999999999999999999\nLH:1\n"),
	  COVERAGE_UNREADABLE },
	{ "cobertura", ROOT("lines-valid=\"8\" lines-covered=\"7\""), 8750 },
	{ "cobertura", ROOT("line-rate=\"0.8431\" version='1'"), 8431 },
	{ "cobertura", ROOT("branch-rate=\"0.1\" line-rate='1'"), 10000 },
	{ "cobertura", ROOT("line-rate = \"0.99999\""), 9999 },
	{ "cobertura", "<coverage line-rate=\"0\"/>", 0 },
	{ "cobertura", "\xef\xbb\xbf<coverage line-rate=\"0.5\"/>", 5000 },
	{ "cobertura", ROOT("lines-valid=\"0\" line-rate=\"1\""), 10000 },
	{ "cobertura", ROOT("line-rate=\"2\""), COVERAGE_UNREADABLE },
	{ "cobertura", ROOT("line-rate=\"-1\""), COVERAGE_UNREADABLE },
	{ "cobertura", ROOT("timestamp=\"1\""), COVERAGE_UNREADABLE },
	{ "cobertura", ROOT("lines-valid=\"3\" lines-covered=\"4\""),
	  COVERAGE_UNREADABLE },
	{ "cobertura", "<report line-rate=\"1\"/>", COVERAGE_UNREADABLE },
	{ "cobertura", "<coverage line-rate=\"1\"", COVERAGE_UNREADABLE },
	{ "cobertura", "<!-- never closed", COVERAGE_UNREADABLE },
	{ "cobertura", "", COVERAGE_UNREADABLE },
};

static void a_report_says_how_many_lines_are_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		struct coverage asked = { .format = (char *)reports[i].format };
		int got = coverage_parse(&asked, reports[i].text,
					 strlen(reports[i].text));

		if (got != reports[i].share)
			fail_msg("%d, not %d: %s", got, reports[i].share,
				 reports[i].text);
	}
}

/* A check that writes this report; what is asked of it. */
static void begin_covered(const char *report, const char *minimum)
{
	char *config = xasprintf("checks: [{name: t, run: sh cover}]\n"
				 "policy: {sandbox: \"off\", coverage: {file: "
				 "out/lcov.info, minimum: %s}}\n",
				 minimum);

	put_small(&box, config);
	putf(&box, "cover", "echo >>%s/ran; mkdir -p out; printf '%s' >%s\n",
	     box.dir, report, "out/lcov.info");
	small_open(&project, &box);
	free(config);
}

#define HALF "SF:a\\nDA:1,1\\nDA:2,0\\nend_of_record\\n"

static void less_than_is_asked_for_is_refused(void **state)
{
	(void)state;
	begin_covered(HALF, "50.01");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	assert_int_equal(out.findings.len, 1);
	same(out.findings.items[0].rule, "coverage");
	same(out.findings.items[0].message,
	     "the tests run 50.00 % of the lines, less than the 50.01 % asked "
	     "for");
}

static void as_much_as_is_asked_for_is_evidence(void **state)
{
	(void)state;
	begin_covered(HALF, "50");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	prints("      coverage: 50", &box,
	       "git -C repo show "
	       "orch/small/a:.orch/plans/small/phases/a.yaml | "
	       "grep -o ' *coverage: .*'");
	prints("- `t`: exit 0, sandbox off, coverage 50.00 %", &box,
	       "git -C repo show "
	       "orch/small/a:.orch/plans/small/docs/phases/a.md | tail -1");
}

static void a_known_outcome_says_the_same(void **state)
{
	(void)state;
	begin_covered(HALF, "50");
	ok(run("a"));
	sh(&box, "git -C repo branch -D orch/small/a");
	ok(run("a"));
	assert_int_equal(out.status, PHASE_DONE);
	assert_true(out.checks.items[0].cached);
	assert_int_equal(out.checks.items[0].coverage, 5000);
	prints("1", &box, "wc -l <ran");
	/* The least share may change, and asks for no other run. */
	sh(&box, "sed -i 's/minimum: 50/minimum: 60/' repo/.orch/config.yaml "
		 "&& git -C repo branch -D orch/small/a");
	small_open(&project, &box);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	prints("1", &box, "wc -l <ran");
}

static void no_report_is_not_enough(void **state)
{
	(void)state;
	begin_covered("", "1");
	put(&box, "cover", "true\n");
	small_open(&project, &box);
	ok(run("a"));
	assert_int_equal(out.status, PHASE_FAILED);
	same(out.findings.items[0].message,
	     "no check wrote the coverage report 'out/lcov.info'");
}

static void what_is_no_report_is_not_read(void **state)
{
	static const char *const scripts[] = {
		"mkdir -p out; echo nonsense >out/lcov.info\n",
		"mkdir -p out; mkfifo out/lcov.info\n",
		"mkdir -p out/lcov.info\n",
		"mkdir -p out; printf '" HALF "' >x; ln -s ../x "
		"out/lcov.info\n",
	};

	(void)state;
	begin_covered("", "1");
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		put(&box, "cover", scripts[i]);
		small_open(&project, &box);
		ok(run("a"));
		assert_int_equal(out.status, PHASE_FAILED);
		same(out.findings.items[0].message,
		     "the coverage report 'out/lcov.info' cannot be read as "
		     "lcov");
	}
}

static void a_report_outside_of_the_work_tree_is_an_error(void **state)
{
	(void)state;
	put_small(&box, "checks: [{name: t, run: 'true'}]\n"
			"policy: {sandbox: \"off\", coverage: {file: "
			"../../lcov.info, minimum: 1}}\n");
	small_open(&project, &box);
	fails(ERROR_REFUSED, "policy.coverage.file", run("a"));
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_says_how_many_lines_are_run),
		TEST(less_than_is_asked_for_is_refused),
		TEST(as_much_as_is_asked_for_is_evidence),
		TEST(a_known_outcome_says_the_same),
		TEST(no_report_is_not_enough),
		TEST(what_is_no_report_is_not_read),
		TEST(a_report_outside_of_the_work_tree_is_an_error),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

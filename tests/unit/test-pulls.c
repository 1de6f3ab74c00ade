/* What the forge last answered, kept; and what a board makes of it. */
#include "tests/unit/small.h"

#include "core/file.h"
#include "plans/pulls.h"

static struct scratch box;
static struct project project;

static int begin(void **state)
{
	(void)state;
	project_sandbox(&box);
	put_small(&box, "");
	small_open(&project, &box);
	return 0;
}

static int end(void **state)
{
	(void)state;
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/* Kept as if the forge had said it. */
static void keep(const char *branch, int number, enum pull_state state,
		 const char *oid, const char *merge)
{
	struct pull pull = {
		.number = number,
		.url = (char *)"https://forge.example/o/n/pull/1",
		.head = (char *)branch,
		.head_oid = (char *)oid,
		.base = (char *)"main",
		.merge_oid = (char *)merge,
		.state = state,
		.approvals = 2,
		.changes_wanted = -1,
	};

	pulls_keep(&project, &pull);
}

static const char oid[] = "1111111111111111111111111111111111111111";

static void what_is_kept_is_read_back(void **state)
{
	CLEANUP(kept_pulls_release) struct kept_pulls pulls = KEPT_PULLS_INIT;
	const struct kept_pull *kept;

	(void)state;
	keep("orch/small/a", 1, PULL_OPEN, oid, NULL);
	keep("orch/small/b", 2, PULL_MERGED, oid, oid);
	keep("orch/small/a", 3, PULL_CLOSED, oid, NULL);
	pulls_read(&pulls, project.repo);
	assert_int_equal(pulls.len, 2);
	kept = pulls_of(&pulls, "orch/small/a");
	assert_int_equal(kept->pull.number, 3);
	assert_int_equal(kept->pull.state, PULL_CLOSED);
	assert_int_equal(kept->pull.approvals, 2);
	assert_int_equal(kept->pull.changes_wanted, -1);
	assert_null(kept->pull.merge_oid);
	same(kept->pull.base, "main");
	same(kept->pull.url, "https://forge.example/o/n/pull/1");
	assert_true(kept->seen > 1700000000);
	same(pulls_of(&pulls, "orch/small/b")->pull.merge_oid, oid);
	assert_null(pulls_of(&pulls, "orch/small/c"));
}

static void a_damaged_file_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{\"version\": 2, \"pulls\": []}",
		"{\"version\": 1, \"pulls\": [{}]}",
		"{\"version\": 1, \"pulls\": [{\"head\": \"a\", \"number\": 1, "
		"\"url\": \"u\", \"state\": \"odd\", \"head_oid\": \"1\", "
		"\"base\": \"m\", \"seen\": \"2026-01-01T00:00:00Z\"}]}",
		"{\"version\": 1, \"pulls\": [{\"head\": \"a\", \"number\": 1, "
		"\"url\": \"u\", \"state\": \"open\", \"head_oid\": \"1\", "
		"\"base\": \"m\", \"seen\": \"yesterday\"}]}",
	};
	CLEANUP(free_str)
	char *path = xasprintf("%s/repo/.git/orch/index/pulls.json", box.dir);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		CLEANUP(kept_pulls_release)
		struct kept_pulls pulls = KEPT_PULLS_INIT;

		ok(file_write(path, texts[i], strlen(texts[i]), FILE_PLAIN));
		pulls_read(&pulls, project.repo);
		assert_int_equal(pulls.len, 0);
	}
	keep("orch/small/a", 1, PULL_OPEN, oid, NULL);
	CLEANUP(kept_pulls_release) struct kept_pulls pulls = KEPT_PULLS_INIT;
	pulls_read(&pulls, project.repo);
	assert_int_equal(pulls.len, 1);
}

/* Phase a is done on its branch; the id of that. */
static char *a_is_done(void)
{
	sh(&box, "cd repo && git checkout -q -b orch/small/a && "
		 "sed -i 's/^status:.*/status: done/' "
		 ".orch/plans/small/phases/a.yaml && git commit -qam done && "
		 "git checkout -q main");
	return sh_out(&box, "git -C repo rev-parse orch/small/a");
}

/* How a stands when the forge says so, and why. */
static enum status stands(char **why)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	setenv("ORCH_DELIVERY_FORGE", "github", 1);
	ok(project_reload(&project));
	ok(board_load(&board, &project, "small"));
	const struct card *card = board_card(&board, "small", "a");
	card_why(&text, card);
	if (why)
		*why = buf_steal(&text);
	enum status status = card->status;
	unsetenv("ORCH_DELIVERY_FORGE");
	return status;
}

static void a_phase_stands_as_its_pull_request_does(void **state)
{
	CLEANUP(free_str) char *tip = a_is_done();
	CLEANUP(free_str)
	char *base = sh_out(&box, "git -C repo rev-parse main");
	const struct {
		enum pull_state state;
		const char *head;
		const char *merge;
		enum status status;
	} rows[] = {
		{ PULL_OPEN, tip, NULL, STATUS_IN_REVIEW },
		{ PULL_OPEN, oid, NULL, STATUS_IN_REVIEW },
		{ PULL_CLOSED, tip, NULL, STATUS_REJECTED },
		/* It was about what stood there before. */
		{ PULL_CLOSED, oid, NULL, STATUS_IN_REVIEW },
		{ PULL_MERGED, tip, base, STATUS_REJECTED },
		{ PULL_MERGED, oid, base, STATUS_IN_REVIEW },
		/* Not fetched yet. */
		{ PULL_MERGED, tip, oid, STATUS_IN_REVIEW },
		{ PULL_MERGED, tip, tip, STATUS_IN_REVIEW },
	};

	(void)state;
	assert_int_equal(stands(NULL), STATUS_IN_REVIEW);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		keep("orch/small/a", 12, rows[i].state, rows[i].head,
		     rows[i].merge);
		if (stands(NULL) != rows[i].status)
			fail_msg("row %zu", i);
	}
}

static void a_rejection_names_the_request(void **state)
{
	CLEANUP(free_str) char *tip = a_is_done();
	CLEANUP(free_str) char *why = NULL;

	(void)state;
	keep("orch/small/a", 12, PULL_CLOSED, tip, NULL);
	assert_int_equal(stands(&why), STATUS_REJECTED);
	same(why, "its pull request #12 was closed");
}

static void on_the_forge_local_nothing_is_asked(void **state)
{
	CLEANUP(free_str) char *tip = a_is_done();

	(void)state;
	keep("orch/small/a", 12, PULL_CLOSED, tip, NULL);
	assert_int_equal(small_status(&project, "a"), STATUS_IN_REVIEW);
	ok(pulls_refresh(&project));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_kept_is_read_back,
						begin, end),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_none, begin,
						end),
		cmocka_unit_test_setup_teardown(
			a_phase_stands_as_its_pull_request_does, begin, end),
		cmocka_unit_test_setup_teardown(a_rejection_names_the_request,
						begin, end),
		cmocka_unit_test_setup_teardown(
			on_the_forge_local_nothing_is_asked, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

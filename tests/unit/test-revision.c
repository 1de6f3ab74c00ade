/* How often a phase was tried, whether it may be again, and what is answered.
 */
#include "tests/unit/small.h"

#include "plans/revision.h"

#define DOCUMENT ".orch/plans/small/phases/a.yaml"
#define MODEL                                                                         \
	OFF "providers: [{name: m, driver: command, command: cat}]\n"                 \
	    "agents: [{name: scaffold, role: developer, worker: tools, provider: m, " \
	    "model: x}]\n"

static struct scratch box;
static struct project project;
static struct board board;
static struct revision revision;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	revision = (struct revision)REVISION_INIT;
	board = (struct board)BOARD_INIT;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	revision_release(&revision);
	board_release(&board);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/* Phase a in review, with a result that counts so many attempts. */
static struct card *in_review(const char *config, int attempts)
{
	put_small(&box, config);
	small_open(&project, &box);
	char *result =
		xasprintf("printf 'result: {attempts: %d}\\n'", attempts);
	sh(&box,
	   "cd repo && git checkout -q -b orch/small/a && echo 1 >a.txt && "
	   "sed -i 's/planned/done/' " DOCUMENT " && %s >>" DOCUMENT
	   " && git add -A && git commit -qm work && git checkout -q main",
	   result);
	free(result);
	ok(project_reload(&project));
	ok(board_load(&board, &project, "small"));
	return board_card(&board, "small", "a");
}

static void attempts_are_counted_from_the_document(void **state)
{
	(void)state;
	struct card *card = in_review(OFF, 2);
	ok(revision_look(&revision, &project, card, NULL));
	assert_int_equal(revision.attempts, 2);
	assert_true(oid_equal(&revision.tip, &card->tip));
	assert_int_equal(revision.wishes.len, 0);
}

/* On this tip; not on another, and what an agent left is a tree. */
static void refused_work_on_the_same_tip_counts_too(void **state)
{
	static const char keep[] =
		"cd repo && git update-ref refs/orch/attempt/small/a/%d "
		"$(git commit-tree %s^{tree} -p %s -m \"refused\n\n%s\")";

	(void)state;
	struct card *card = in_review(OFF, 1);
	sh(&box, keep, 1, "main", "orch/small/a", "Orch-Attempts: 2");
	sh(&box, keep, 2, "main", "main", "Orch-Attempts: 2");
	sh(&box, keep, 3, "main", "orch/small/a", "Orch-Run: old");
	sh(&box, "cd repo && git update-ref refs/orch/attempt/small/a/4 "
		 "$(git rev-parse main^{tree})");
	ok(revision_look(&revision, &project, card, NULL));
	assert_int_equal(revision.attempts, 4);
}

static void want(const char *text)
{
	ok(wishes_add_message(&revision.wishes, NULL, text));
}

static void it_may_be_tried_until_the_attempts_are_used(void **state)
{
	(void)state;
	struct card *card = in_review(MODEL, 2);
	want("two");
	revision.attempts = 2;
	ok(revision_possible(&revision, &project, card));
	revision.attempts = 3;
	fails(ERROR_NO, "'a' has had 3 attempts, and policy.attempts is 3",
	      revision_possible(&revision, &project, card));
	revision.attempts = 9;
	fails(ERROR_NO, "has had 9",
	      revision_possible(&revision, &project, card));
}

static void where_nothing_is_wanted_nothing_is_done(void **state)
{
	(void)state;
	struct card *card = in_review(MODEL, 1);
	fails(ERROR_NOTHING, "nothing to revise in 'a'",
	      revision_possible(&revision, &project, card));
	revision.pending = 1;
	revision.attempts = 9;
	ok(revision_possible(&revision, &project, card));
}

static void a_template_makes_the_same_again(void **state)
{
	(void)state;
	struct card *card = in_review(OFF, 1);
	want("two");
	fails(ERROR_NOTHING, "is done by 'scaffold'",
	      revision_possible(&revision, &project, card));
}

static void messages_come_first_and_without_a_forge(void **state)
{
	struct strings messages = STRINGS_INIT;

	(void)state;
	struct card *card = in_review(MODEL, 1);
	strings_addv(&messages, "one", "two", NULL);
	ok(revision_look(&revision, &project, card, &messages));
	assert_int_equal(revision.wishes.len, 2);
	same(revision.wishes.items[0].text, "one");
	strings_release(&messages);
}

static void add_wish(int64_t id, const char *path)
{
	const struct remark remark = { .id = id,
				       .author = (char *)"ada",
				       .path = (char *)path,
				       .text = (char *)"Two." };

	ok(wishes_add_remark(&revision.wishes, NULL, &remark));
}

static void say(struct report *report, int64_t remark, int changed)
{
	*PUSH(&report->answers) =
		(struct worker_answer){ remark, xstrdup("Said."), changed };
}

/* The n-th answer, from 0, and what it says. */
static void answered(const struct tree *tree, size_t n, const char *text,
		     int changed)
{
	const struct value *row = value_get(tree->root, "answers")->child;

	while (n--)
		row = row->next;
	same(value_text(value_get(row, "text"), ""), text);
	assert_int_equal(value_bool(value_get(row, "changed"), -1), changed);
}

static void answer_all(struct tree *out, struct report *report, const char *to)
{
	struct oid before, after, commit;

	ok(commit_resolve(&commit, project.repo, "main"));
	ok(commit_tree(&before, project.repo, &commit));
	ok(commit_resolve(&commit, project.repo, to));
	ok(commit_tree(&after, project.repo, &commit));
	ok(revision_answers(out, value_object(out, NULL, NULL),
			    &revision.wishes, report, project.repo, &before,
			    &after));
}

static void a_remark_is_answered_by_the_worker_or_by_the_files(void **state)
{
	struct tree tree = TREE_INIT;
	struct report report;

	(void)state;
	in_review(OFF, 1);
	report_init(&report);
	want("a message has nobody to answer");
	add_wish(5, "a.txt");
	add_wish(6, "a.txt");
	add_wish(7, "other.txt");
	add_wish(8, NULL);
	say(&report, 2, 1);
	answer_all(&tree, &report, "orch/small/a");
	assert_int_equal(value_get(tree.root, "answers")->count, 4);
	answered(&tree, 0, "Said.", 1);
	answered(&tree, 1, "a.txt was changed.", 0);
	answered(&tree, 2,
		 "other.txt was not changed. Changed: " DOCUMENT ", a.txt.", 0);
	answered(&tree, 3, "Changed: " DOCUMENT ", a.txt.", 0);
	tree_release(&tree);
	report_release(&report);
}

static void nothing_is_called_changed_where_nothing_was(void **state)
{
	struct tree tree = TREE_INIT;
	struct report report;

	(void)state;
	in_review(OFF, 1);
	report_init(&report);
	add_wish(5, "a.txt");
	add_wish(6, NULL);
	say(&report, 1, 1);
	answer_all(&tree, &report, "main");
	answered(&tree, 0, "Said.", 0);
	answered(&tree, 1, "Nothing was changed.", 0);
	tree_release(&tree);
	report_release(&report);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(attempts_are_counted_from_the_document),
		test(refused_work_on_the_same_tip_counts_too),
		test(it_may_be_tried_until_the_attempts_are_used),
		test(where_nothing_is_wanted_nothing_is_done),
		test(a_template_makes_the_same_again),
		test(messages_come_first_and_without_a_forge),
		test(a_remark_is_answered_by_the_worker_or_by_the_files),
		test(nothing_is_called_changed_where_nothing_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

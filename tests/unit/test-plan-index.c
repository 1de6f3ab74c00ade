/* The index of parsed phases: equal to the documents, and never believed. */
#include "tests/unit/project.h"

#include "plans/plan-index.h"

#define PHASES ".orch/plans/p/phases/"

static void put_phase(struct scratch *box, const char *id, const char *title)
{
	sh(box,
	   "mkdir -p " PHASES " && printf 'version: 1\\nid: %s\\ntitle: %s\\n"
	   "depends_on: [x, y]\\npriority: 2\\nfiles: {create: [a/%s, b/**]}\\n"
	   "acceptance:\\n  - one\\n  - two\\nstatus: planned\\n' "
	   ">" PHASES "%s.yaml",
	   id, title, id, id);
}

static void begin(struct scratch *box)
{
	sandbox_open(box);
	sh(box, "git init -q -b main . && mkdir -p .orch/plans/p && printf "
		"'version: 1\\nid: p\\ntitle: P\\ngoal: G\\n' "
		">.orch/plans/p/plan.yaml");
	put_phase(box, "a", "First");
	put_phase(box, "b", "Second");
	sh(box, "git add -A && git commit -qm one");
}

/* The plan at HEAD, as the index has it or not. */
static void read_plan(struct plan *plan, const struct scratch *box)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	CLEANUP(free_str) char *hex = sh_out(box, "git rev-parse HEAD^{tree}");
	struct oid tree;

	ok(repo_open(&repo, box->dir));
	ok(oid_parse(&tree, hex));
	ok(plan_read(plan, repo, &tree, "p", NULL));
}

static void assert_phase(const struct plan *plan, const char *id,
			 const char *title)
{
	const struct phase *phase = plan_phase(plan, id);

	assert_non_null(phase);
	same(phase->title, title);
	same(phase->create.items[1], "b/**");
	same(phase->acceptance.items[1], "two");
	assert_int_equal(phase->depends_on.len, 2);
	assert_int_equal(phase->priority, 2);
	assert_null(phase->due);
}

static void a_second_reading_is_equal_to_the_first(void **state)
{
	struct scratch box;

	(void)state;
	begin(&box);
	for (int i = 0; i < 2; i++) {
		CLEANUP(plan_release) struct plan plan = { 0 };

		read_plan(&plan, &box);
		assert_int_equal(plan.phases.len, 2);
		assert_phase(&plan, "a", "First");
		assert_phase(&plan, "b", "Second");
		sh(&box, "test -s .git/orch/index/p");
	}
	sandbox_close(&box);
}

static void a_changed_phase_is_read_anew_and_a_removed_one_is_gone(void **state)
{
	CLEANUP(plan_release) struct plan before = { 0 };
	CLEANUP(plan_release) struct plan after = { 0 };
	struct scratch box;

	(void)state;
	begin(&box);
	read_plan(&before, &box);
	put_phase(&box, "a", "Changed");
	sh(&box, "git rm -q " PHASES "b.yaml && git add -A && "
		 "git commit -qm two");
	read_plan(&after, &box);
	assert_int_equal(after.phases.len, 1);
	assert_phase(&after, "a", "Changed");
	sandbox_close(&box);
}

/* Cuts or overwrites the index everywhere, then reads. */
static void a_damaged_index_costs_time_and_nothing_else(void **state)
{
	static const char *const damage[] = {
		": >.git/orch/index/p",
		"truncate -s -7 .git/orch/index/p",
		"truncate -s 40 .git/orch/index/p",
		("printf '\\377\\377\\377\\377' | dd of=.git/orch/index/p bs=1 "
		 "seek=23 conv=notrunc 2>&1"),
		"head -c 4000 /dev/urandom >.git/orch/index/p",
		"rm -rf .git/orch/index && : >.git/orch/index",
	};
	struct scratch box;

	(void)state;
	begin(&box);
	for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
		CLEANUP(plan_release) struct plan first = { 0 };
		CLEANUP(plan_release) struct plan plan = { 0 };

		read_plan(&first, &box);
		sh(&box, "%s", damage[i]);
		read_plan(&plan, &box);
		assert_int_equal(plan.phases.len, 2);
		assert_phase(&plan, "a", "First");
	}
	sandbox_close(&box);
}

static void the_same_bytes_under_another_name_are_no_phase(void **state)
{
	CLEANUP(plan_release) struct plan first = { 0 };
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct scratch box;
	struct oid tree;

	(void)state;
	begin(&box);
	read_plan(&first, &box);
	sh(&box, "cp " PHASES "a.yaml " PHASES "c.yaml && git add -A && "
		 "git commit -qm copy");
	CLEANUP(free_str) char *hex = sh_out(&box, "git rev-parse HEAD^{tree}");
	ok(repo_open(&repo, box.dir));
	ok(oid_parse(&tree, hex));
	fails(ERROR_INVALID, "is not the file's name",
	      plan_read(&plan, repo, &tree, "p", NULL));
	sandbox_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_reading_is_equal_to_the_first),
		cmocka_unit_test(
			a_changed_phase_is_read_anew_and_a_removed_one_is_gone),
		cmocka_unit_test(a_damaged_index_costs_time_and_nothing_else),
		cmocka_unit_test(
			the_same_bytes_under_another_name_are_no_phase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

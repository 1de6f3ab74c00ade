/* Rules between phases and their order, on plans made in memory. */
#include "tests/unit/test.h"

#include "plans/graph.h"

#include <time.h>

/* A phase with these further fields. */
static void add(struct plan *plan, const char *id, const char *fields)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *path = xasprintf("%s.yaml", id);

	buf_addf(&text, "version: 1\nid: %s\ntitle: T\n%s", id, fields);
	ok(plan_take_phase(plan, id, path, &text, &findings));
	if (findings.len)
		fail_msg("%s: %s", id, findings.items[0].message);
}

static void check(struct findings *out, struct plan *plan,
		  const struct config *config)
{
	plan->id = xstrdup("todo");
	plan_map_ids(plan);
	ok(graph_check(plan, config, out));
}

/* The one finding of a plan, which is released. */
static void finds(struct plan *plan, const struct config *config,
		  const char *rule, const char *path, unsigned line,
		  const char *message, const char *hint)
{
	struct findings findings = FINDINGS_INIT;

	check(&findings, plan, config);
	if (findings.len != 1)
		fail_msg("%zu findings instead of %s", findings.len, rule);
	same(findings.items[0].rule, rule);
	same(findings.items[0].path, path);
	assert_int_equal(findings.items[0].line, line);
	if (!strstr(findings.items[0].message, message))
		fail_msg("%s", findings.items[0].message);
	if (hint)
		same(findings.items[0].hint, hint);
	findings_release(&findings);
	plan_release(plan);
}

static void a_sound_plan_has_no_findings(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "a", "files: {create: [x]}\n");
	add(&plan, "b", "depends_on: [a]\nfiles: {create: [y], modify: [x]}\n");
	add(&plan, "c", "depends_on: [a, b]\n");
	check(&findings, &plan, NULL);
	assert_int_equal(findings.len, 0);
	plan_release(&plan);
}

static void a_dependency_on_nothing_is_dangling(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "models", "");
	add(&plan, "b", "depends_on:\n  - models\n  - modles\n");
	finds(&plan, NULL, "unknown-dependency", "b.yaml", 6, "'modles'",
	      "did you mean 'models'?");
}

static void a_phase_cannot_wait_for_itself(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "a", "depends_on: [a]\n");
	finds(&plan, NULL, "self-dependency", "a.yaml", 4,
	      "'a' depends on itself", NULL);
}

static void a_cycle_is_told_once_as_a_path(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "x", "depends_on: [b]\n");
	add(&plan, "c", "depends_on: [a]\n");
	add(&plan, "a", "depends_on: [b]\n");
	add(&plan, "b", "depends_on: [c]\n");
	finds(&plan, NULL, "cycle", "c.yaml", 4, ": c -> a -> b -> c", NULL);
}

static void two_cycles_are_two_findings(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "a", "depends_on: [b]\n");
	add(&plan, "b", "depends_on: [a, c]\n");
	add(&plan, "c", "depends_on: [b]\n");
	check(&findings, &plan, NULL);
	assert_int_equal(findings.len, 2);
	assert_non_null(strstr(findings.items[0].message, ": a -> b -> a"));
	assert_non_null(strstr(findings.items[1].message, ": b -> c -> b"));
	assert_int_equal(findings.items[1].column, 17);
	findings_release(&findings);
	plan_release(&plan);
}

static void only_one_phase_creates_a_file(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "a", "files: {create: [src/x.c, \"lib/*.c\"]}\n");
	add(&plan, "b", "files:\n  create:\n    - src/y.c\n    - ./src/x.c\n");
	finds(&plan, NULL, "duplicate-create", "b.yaml", 7,
	      "phase 'a' creates 'src/x.c' as well", NULL);
	add(&plan, "a", "files: {create: [\"lib/*.c\"]}\n");
	add(&plan, "b", "files: {create: [\"lib/*.c\"]}\n");
	finds(&plan, NULL, "duplicate-create", "b.yaml", 4, "'a'", NULL);
}

static void a_skipped_phase_creates_nothing(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "a",
	    "files: {create: [x]}\nstatus: skipped\nreason: no need\n");
	add(&plan, "b", "files: {create: [x]}\n");
	check(&findings, &plan, NULL);
	assert_int_equal(findings.len, 0);
	plan_release(&plan);
}

static void checks_and_agents_have_to_exist(void **state)
{
	struct check checks[] = { { .name = (char[]){ "test" } } };
	struct agent agents[] = { { .name = (char[]){ "scaffold" } } };
	struct config config = { .checks = { checks, 1, 1 },
				 .agents = { agents, 1, 1 } };
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "a", "agent: scafold\n");
	finds(&plan, &config, "unknown-agent", "a.yaml", 4,
	      "there is no agent 'scafold'", "did you mean 'scaffold'?");
	add(&plan, "a", "agent: scaffold\nchecks: [test, tset]\n");
	finds(&plan, &config, "unknown-check", "a.yaml", 5,
	      "there is no check 'tset'", "did you mean 'test'?");
	/* What the plan brings counts as well. */
	struct findings findings = FINDINGS_INIT;
	struct check *brought = PUSH(&plan.checks);
	brought->name = xstrdup("lint");
	add(&plan, "a", "checks: [test, lint]\n");
	check(&findings, &plan, &config);
	assert_int_equal(findings.len, 0);
	plan_release(&plan);
}

/* The ids in order, joined. */
static char *order_of(struct plan *plan)
{
	size_t order[64];
	struct buf out = BUF_INIT;

	plan->id = xstrdup("todo");
	plan_map_ids(plan);
	ok(graph_order(order, plan));
	for (size_t i = 0; i < plan->phases.len; i++)
		buf_addf(&out, i ? " %s" : "%s",
			 plan->phases.items[order[i]].id);
	plan_release(plan);
	return buf_steal(&out);
}

static void dependencies_come_first(void **state)
{
	struct plan plan = { 0 };
	char *order;

	(void)state;
	add(&plan, "a", "depends_on: [b]\npriority: 1\n");
	add(&plan, "b", "depends_on: [c]\npriority: 5\n");
	add(&plan, "c", "priority: 5\n");
	add(&plan, "d", "");
	order = order_of(&plan);
	same(order, "d c b a");
	free(order);
}

static void free_phases_go_by_priority_due_way_and_id(void **state)
{
	struct plan plan = { 0 };
	char *order;

	(void)state;
	add(&plan, "a-b", "");
	add(&plan, "a", "");
	add(&plan, "late", "due: 2027-01-01\n");
	add(&plan, "soon", "due: 2026-01-01\n");
	add(&plan, "first", "priority: 1\n");
	add(&plan, "long", "");
	add(&plan, "tail", "depends_on: [long]\n");
	order = order_of(&plan);
	same(order, "first soon late long a a-b tail");
	free(order);
}

static void a_cycle_has_no_order(void **state)
{
	struct plan plan = { 0 };
	size_t order[2] = { 7, 7 };

	(void)state;
	add(&plan, "a", "depends_on: [b]\n");
	add(&plan, "b", "depends_on: [a]\n");
	plan.id = xstrdup("todo");
	plan_map_ids(&plan);
	fails(ERROR_INVALID, "plan 'todo' has phases that wait for each other",
	      graph_order(order, &plan));
	assert_int_equal(order[0], 7);
	plan_release(&plan);
}

static void depth_is_the_longest_chain_that_begins_there(void **state)
{
	struct plan plan = { 0 };
	size_t order[4], depth[4];

	(void)state;
	add(&plan, "a", "");
	add(&plan, "b", "depends_on: [a]\n");
	add(&plan, "c", "depends_on: [a, b, gone]\n");
	add(&plan, "d", "");
	plan_map_ids(&plan);
	ok(graph_sort(order, depth, &plan));
	assert_int_equal(depth[0], 3);
	assert_int_equal(depth[1], 2);
	assert_int_equal(depth[2], 1);
	assert_int_equal(depth[3], 1);
	plan_release(&plan);
}

/*
 * A chain of ten thousand, every phase of which also waits for one that is
 * not there, and a ring around it all.
 */
static void ten_thousand_phases_are_checked_at_once(void **state)
{
	struct findings findings = FINDINGS_INIT;
	struct plan plan = { 0 };
	clock_t from;
	double seconds;
	size_t *order = xcalloc(10000, sizeof *order);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char id[16];
		struct phase *phase = PUSH(&plan.phases);

		snprintf(id, sizeof id, "p%d", i);
		phase->id = xstrdup(id);
		phase->path = xstrdup(id);
		phase->index = (size_t)i;
		strings_addf(&phase->depends_on, "p%d", (i + 1) % 10000);
		strings_addf(&phase->depends_on, "q%d", i);
	}
	from = clock();
	check(&findings, &plan, NULL);
	error_free(graph_order(order, &plan));
	seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
	assert_int_equal(findings.len, 10001);
	same(findings.items[10000].rule, "cycle");
	assert_non_null(
		strstr(findings.items[10000].message, "(9960 more) -> p0"));
	if (seconds > 2)
		fail_msg("%.2f seconds", seconds);
	findings_release(&findings);
	plan_release(&plan);
	free(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_plan_has_no_findings),
		cmocka_unit_test(a_dependency_on_nothing_is_dangling),
		cmocka_unit_test(a_phase_cannot_wait_for_itself),
		cmocka_unit_test(a_cycle_is_told_once_as_a_path),
		cmocka_unit_test(two_cycles_are_two_findings),
		cmocka_unit_test(only_one_phase_creates_a_file),
		cmocka_unit_test(a_skipped_phase_creates_nothing),
		cmocka_unit_test(checks_and_agents_have_to_exist),
		cmocka_unit_test(dependencies_come_first),
		cmocka_unit_test(free_phases_go_by_priority_due_way_and_id),
		cmocka_unit_test(a_cycle_has_no_order),
		cmocka_unit_test(depth_is_the_longest_chain_that_begins_there),
		cmocka_unit_test(ten_thousand_phases_are_checked_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

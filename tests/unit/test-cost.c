/* Costs: what journals say, added up, projected, and put into advice. */
#include "tests/unit/opened.h"

#include "core/file.h"
#include "core/json.h"
#include "plans/cost.h"

#include <time.h>
#include <unistd.h>

/* A journal in the repository's own folder, or somewhere else. */
static char *folder(void)
{
	return xasprintf("%s/repo/.git/orch/journal", box.dir);
}

static struct journal *begin(const char *run)
{
	struct journal *journal = NULL;
	char *dir = folder();

	ok(journal_open(&journal, dir, run));
	free(dir);
	return journal;
}

static void line(struct journal *journal, const char *type, const char *json)
{
	struct tree tree = TREE_INIT;

	ok(json_parse(&tree, json, strlen(json)));
	ok(journal_append(journal, type, tree.root));
	tree_release(&tree);
}

/* A call that was paid: id, phase, agent, model, attempt, micros. */
static void paid(struct journal *journal, const char *id, const char *phase,
		 const char *agent, const char *model, int attempt,
		 const char *price)
{
	char *name = phase ? xasprintf("\"%s\"", phase) : xstrdup("null");
	char *head =
		xasprintf("{\"call\":\"%s\",\"key\":\"k%s\",\"stage\":\"s\","
			  "\"plan\":\"p\",\"phase\":%s,\"attempt\":%d,"
			  "\"agent\":\"%s\",\"model\":\"%s\"",
			  id, id, name, attempt, agent, model);
	char *open = xasprintf("%s,\"micros\":900,\"tokens\":9}", head);
	char *closed = xasprintf("%s,\"stop\":\"end\",\"usage\":{\"input\":10,"
				 "\"cached\":20,\"cache_write\":3,\"output\":4,"
				 "\"reasoning\":1},%s,\"tries\":1}",
				 head, price);

	line(journal, "open", open);
	line(journal, "closed", closed);
	free(name);
	free(head);
	free(open);
	free(closed);
}

static void look(struct cost *cost, const char *plan, const char *since)
{
	char *dir = folder();

	ok(cost_read(cost, dir, &project.config, plan, since));
	free(dir);
}

static const struct cost_row *row_of(const struct cost_rows *rows,
				     const char *name)
{
	FOR_EACH (const struct cost_row, row, rows)
		if (!strcmp(row->name, name))
			return row;
	fail_msg("no row '%s'", name);
	return NULL;
}

static void open_project(void)
{
	put(&box, ".orch/config.yaml",
	    "version: 1\n"
	    "providers: [{name: x, driver: command, command: cat}]\n"
	    "agents:\n"
	    "  - {name: dev, role: developer, provider: x, model: big}\n"
	    "  - {name: boss, role: manager, provider: x, model: small}\n"
	    "budget: {plan: {usd: \"0.001\"}}\n");
	put(&box, ".orch/plans/p/plan.yaml",
	    "version: 1\nid: p\ntitle: Plan\ngoal: x\n");
	for (const char *id = "abcd"; *id; id++) {
		char *path = xasprintf(".orch/plans/p/phases/%c.yaml", *id);
		char *text = xasprintf("version: 1\nid: %c\ntitle: T\n"
				       "agent: scaffold\n"
				       "files: {create: [%c]}\n"
				       "estimate: {complexity: %d}\n"
				       "status: %s\n",
				       *id, *id, *id == 'b' ? 3 : 1,
				       *id < 'c' ? "done" : "planned");
		put(&box, path, text);
		free(path);
		free(text);
	}
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
}

static void calls_are_added_up_by_what_they_have_in_common(void **state)
{
	struct cost cost = COST_INIT;
	struct cost_rows rows = { NULL, 0, 0 };
	struct cost_row total;
	struct journal *journal;

	(void)state;
	open_project();
	journal = begin("20260101T000000Z-00000001");
	paid(journal, "1", "a", "dev", "big", 1, "\"micros\":100");
	paid(journal, "2", "a", "dev", "big", 2, "\"micros\":40");
	paid(journal, "3", NULL, "boss", "small", 0, "\"micros\":7");
	paid(journal, "4", "b", "gone", "odd", 1, "\"unpriced\":true");
	journal_close(&journal);
	look(&cost, NULL, NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.calls, 4);
	assert_int_equal(total.micros, 147);
	assert_int_equal(total.unpriced, 1);
	assert_int_equal(total.twice, 0);
	assert_int_equal(total.usage.input, 40);
	assert_int_equal(total.usage.cached, 80);
	assert_int_equal(total.usage.cache_write, 12);
	assert_int_equal(total.usage.output, 16);
	cost_group(&rows, &cost, BY_ROLE);
	assert_int_equal(rows.len, 3);
	same(rows.items[0].name, "developer");
	assert_int_equal(rows.items[0].micros, 140);
	assert_int_equal(row_of(&rows, "manager")->micros, 7);
	assert_int_equal(row_of(&rows, "gone")->unpriced, 1);
	cost_rows_release(&rows);
	cost_group(&rows, &cost, BY_PHASE);
	assert_int_equal(row_of(&rows, "p/a")->calls, 2);
	assert_int_equal(row_of(&rows, "p/plan")->calls, 1);
	cost_rows_release(&rows);
	cost_group(&rows, &cost, BY_DAY);
	assert_int_equal(rows.len, 1);
	cost_rows_release(&rows);
	cost_release(&cost);
	look(&cost, "other", NULL);
	assert_int_equal(cost.calls.len, 0);
	cost_release(&cost);
	look(&cost, "p", "9999-01-01");
	assert_int_equal(cost.calls.len, 0);
	cost_release(&cost);
}

static void hits_save_and_failures_cost_nothing(void **state)
{
	struct cost cost = COST_INIT;
	struct cost_row total;
	struct journal *journal;

	(void)state;
	open_project();
	journal = begin("20260101T000000Z-00000001");
	line(journal, "closed",
	     "{\"call\":\"1\",\"key\":\"k\",\"agent\":\"dev\",\"model\":\"m\","
	     "\"usage\":{\"input\":5},\"micros\":0,\"saved\":30,"
	     "\"cached\":\"cache\"}");
	line(journal, "open",
	     "{\"call\":\"2\",\"key\":\"l\",\"agent\":\"dev\","
	     "\"model\":\"m\",\"micros\":50}");
	line(journal, "closed",
	     "{\"call\":\"2\",\"key\":\"l\",\"agent\":\"dev\",\"model\":\"m\","
	     "\"failed\":\"overloaded\",\"maybe_paid\":2}");
	journal_close(&journal);
	look(&cost, NULL, NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.calls, 0);
	assert_int_equal(total.micros, 0);
	assert_int_equal(total.usage.input, 0);
	assert_int_equal(total.hits, 1);
	assert_int_equal(total.saved, 30);
	assert_int_equal(total.failed, 1);
	assert_int_equal(total.twice, 2);
	assert_int_equal(total.twice_micros, 100);
	cost_release(&cost);
}

/* The same request twice in one journal is a run that was resumed. */
static void a_call_without_an_end_may_be_paid_twice(void **state)
{
	static const char *const first =
		"{\"call\":\"1\",\"key\":\"k\",\"agent\":\"dev\","
		"\"model\":\"m\",\"micros\":50}";
	static const char *const second =
		"{\"call\":\"2\",\"key\":\"k\",\"agent\":\"dev\","
		"\"model\":\"m\",\"micros\":50}";
	struct cost cost = COST_INIT;
	struct cost_row total;
	struct journal *journal;

	(void)state;
	open_project();
	journal = begin("20260101T000000Z-00000001");
	line(journal, "open", first);
	/* Its run lives: the journal is held. */
	look(&cost, NULL, NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.running, 1);
	assert_int_equal(total.twice, 0);
	cost_release(&cost);
	line(journal, "open", second);
	look(&cost, NULL, NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.running, 1);
	assert_int_equal(total.twice, 1);
	cost_release(&cost);
	journal_close(&journal);
	look(&cost, NULL, NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.running, 0);
	assert_int_equal(total.twice, 2);
	assert_int_equal(total.twice_micros, 100);
	cost_release(&cost);
}

/* A fallback goes on under the same id, with a request of its own. */
static void a_fallback_is_a_call_of_its_own(void **state)
{
	struct cost cost = COST_INIT;
	struct cost_row total;
	struct journal *journal;

	(void)state;
	open_project();
	journal = begin("20260101T000000Z-00000001");
	line(journal, "open", "{\"call\":\"1\",\"key\":\"k\",\"micros\":5}");
	line(journal, "closed",
	     "{\"call\":\"1\",\"key\":\"k\",\"failed\":\"gone\","
	     "\"switched\":true}");
	line(journal, "open", "{\"call\":\"1\",\"key\":\"l\",\"micros\":5}");
	line(journal, "closed",
	     "{\"call\":\"1\",\"key\":\"l\",\"usage\":{},\"micros\":3}");
	journal_close(&journal);
	look(&cost, NULL, NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.failed, 1);
	assert_int_equal(total.calls, 1);
	assert_int_equal(total.micros, 3);
	assert_int_equal(total.twice, 0);
	cost_release(&cost);
}

/* A call for a goal or a plan, paid with ten micro-dollars. */
static void planned(struct journal *journal, const char *id, const char *plan)
{
	char *open = xasprintf("{\"call\":\"%s\",\"key\":\"k%s\","
			       "\"plan\":\"%s\",\"phase\":null}",
			       id, id, plan);
	char *closed = xasprintf("{\"call\":\"%s\",\"key\":\"k%s\","
				 "\"usage\":{},\"micros\":10}",
				 id, id);

	line(journal, "open", open);
	line(journal, "closed", closed);
	free(open);
	free(closed);
}

static void became(const char *run, const char *goal, const char *plan)
{
	struct journal *journal = begin(run);
	char *named =
		xasprintf("{\"plan\":\"%s\",\"goal\":\"%s\"}", plan, goal);

	planned(journal, "9", goal);
	line(journal, "named", named);
	journal_close(&journal);
	free(named);
}

static void what_was_asked_for_a_goal_was_asked_for_its_plan(void **state)
{
	struct cost_rows rows = { NULL, 0, 0 };
	struct cost cost = COST_INIT;
	struct cost_row total;
	struct journal *journal;

	(void)state;
	open_project();
	/* Stopped; gone on with, and done; begun anew for another plan. */
	journal = begin("20260101T000000Z-00000001");
	planned(journal, "1", "goal.sign-in.0a");
	planned(journal, "2", "goal.sign-out.0b");
	journal_close(&journal);
	became("20260102T000000Z-00000001", "goal.sign-in.0a", "auth");
	became("20260103T000000Z-00000001", "goal.sign-in.0a", "login");
	look(&cost, NULL, NULL);
	cost_group(&rows, &cost, BY_PLAN);
	assert_int_equal(rows.len, 3);
	same(rows.items[0].name, "auth");
	assert_int_equal(rows.items[0].micros, 20);
	same(rows.items[1].name, "goal.sign-out.0b");
	assert_int_equal(rows.items[1].micros, 10);
	same(rows.items[2].name, "login");
	assert_int_equal(rows.items[2].micros, 10);
	cost_rows_release(&rows);
	cost_release(&cost);
	look(&cost, "auth", NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.calls, 2);
	cost_release(&cost);
	look(&cost, "goal.sign-in.0a", NULL);
	assert_int_equal(cost.calls.len, 0);
	cost_release(&cost);
	look(&cost, "goal.sign-out.0b", NULL);
	assert_int_equal(cost.calls.len, 1);
	cost_release(&cost);
}

static void a_damaged_journal_is_named_and_others_count(void **state)
{
	struct cost cost = COST_INIT;
	struct journal *journal;
	struct cost_row total;

	(void)state;
	open_project();
	journal = begin("20260101T000000Z-00000001");
	paid(journal, "1", "a", "dev", "big", 1, "\"micros\":100");
	journal_close(&journal);
	journal = begin("20260101T000000Z-00000002");
	paid(journal, "1", "a", "dev", "big", 1, "\"micros\":10");
	journal_close(&journal);
	sh(&box, "sed -i 1s/900/901/ "
		 "repo/.git/orch/journal/20260101T000000Z-00000001.jsonl");
	look(&cost, NULL, NULL);
	cost_total(&total, &cost);
	assert_int_equal(total.micros, 10);
	assert_int_equal(cost.damaged.len, 1);
	assert_non_null(strstr(cost.damaged.items[0], "line 1"));
	cost_release(&cost);
}

/* a weighs 1 and cost 100, b weighs 3 and cost 600; c and d weigh 1 each. */
static void the_rest_is_expected_to_cost_what_its_weight_says(void **state)
{
	struct cost cost = COST_INIT;
	struct projection rest;
	struct journal *journal;

	(void)state;
	open_project();
	look(&cost, "p", NULL);
	ok(cost_project(&rest, &cost, &project, "p"));
	assert_int_equal(rest.finished, 0);
	assert_int_equal(rest.rest, 2);
	journal = begin("20260101T000000Z-00000001");
	paid(journal, "1", "a", "dev", "big", 1, "\"micros\":100");
	paid(journal, "2", "b", "dev", "big", 1, "\"micros\":600");
	/* What was begun of the rest does not count. */
	paid(journal, "3", "c", "dev", "big", 1, "\"micros\":5000");
	journal_close(&journal);
	look(&cost, "p", NULL);
	ok(cost_project(&rest, &cost, &project, "p"));
	assert_int_equal(rest.finished, 2);
	assert_int_equal(rest.rest, 2);
	assert_int_equal(rest.micros, 350);
	assert_int_equal(rest.low, 200);
	assert_int_equal(rest.high, 400);
	cost_release(&cost);
}

static void has_advice(const struct strings *advice, const char *text)
{
	FOR_EACH (char *, it, advice)
		if (strstr(*it, text))
			return;
	fail_msg("no advice: %s", text);
}

static void advice_follows_from_the_numbers(void **state)
{
	struct cost cost = COST_INIT;
	struct strings advice = STRINGS_INIT;
	struct budget_row row = { "plan", "usd", 850, 1000 };
	struct budget_rows budget = { &row, 1, 1 };
	struct projection rest = { .finished = 1, .rest = 1, .micros = 500 };
	struct journal *journal;

	(void)state;
	open_project();
	cost_advice(&advice, &cost, &budget, &rest);
	assert_int_equal(advice.len, 1);
	same(advice.items[0], "budget.plan.usd is used up to 85 %");
	strings_release(&advice);
	journal = begin("20260101T000000Z-00000001");
	paid(journal, "1", "a", "dev", "big", 1, "\"micros\":60");
	paid(journal, "2", "a", "dev", "big", 2, "\"micros\":20");
	paid(journal, "3", "b", "boss", "small", 1, "\"micros\":20");
	paid(journal, "4", "b", "boss", "odd", 1, "\"unpriced\":true");
	line(journal, "closed",
	     "{\"call\":\"5\",\"key\":\"l\",\"agent\":\"dev\","
	     "\"model\":\"big\",\"plan\":\"p\",\"phase\":\"b\",\"usage\":"
	     "{\"input\":60000,\"cached\":100},\"micros\":0}");
	for (char n = '6'; n < '9'; n++) {
		char id[2] = { n, '\0' };

		paid(journal, id, "b", "dev", "big", 1, "\"micros\":0");
	}
	journal_close(&journal);
	look(&cost, NULL, NULL);
	row.used = 600;
	cost_advice(&advice, &cost, &budget, &rest);
	has_advice(&advice, "1 call of 'odd' is unpriced");
	has_advice(&advice, "the rest is expected to pass budget.plan.usd");
	has_advice(&advice, "model 'big' is 80 % of the cost");
	has_advice(&advice, "phase 'p/a' took 2 attempts: 25 % of its cost");
	has_advice(&advice, "only 0 % of what 'big' read came from");
	assert_int_equal(advice.len, 5);
	strings_release(&advice);
	cost_release(&cost);
}

static void limits_and_what_is_used_of_them_are_told(void **state)
{
	struct budget_rows rows = { NULL, 0, 0 };
	char *own = xasprintf("%s/state", box.dir);

	(void)state;
	setenv("XDG_STATE_HOME", own, 1);
	open_project();
	sh(&box,
	   "mkdir -p repo/.git/orch/spend && "
	   "echo '{\"op\":\"reserve\",\"id\":\"1\",\"at\":\"x\","
	   "\"plan\":\"p\",\"phase\":null,\"calls\":1,\"tokens\":2,"
	   "\"micros\":300,\"seconds\":4}' >repo/.git/orch/spend/p.jsonl");
	ok(cost_budget(&rows, &project, "p"));
	assert_int_equal(rows.len, 1);
	same(rows.items[0].scope, "plan");
	same(rows.items[0].unit, "usd");
	assert_int_equal(rows.items[0].used, 300);
	assert_int_equal(rows.items[0].limit, 1000);
	free(rows.items);
	free(own);
	unsetenv("XDG_STATE_HOME");
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The lines of one are repeated: each has a checksum of its own only. */
static void ten_thousand_lines_are_read_quickly(void **state)
{
	struct cost cost = COST_INIT;
	struct journal *journal;
	struct cost_row total;
	double before;

	(void)state;
	open_project();
	journal = begin("20260101T000000Z-00000001");
	paid(journal, "1", "a", "dev", "big", 1, "\"micros\":100");
	journal_close(&journal);
	sh(&box, "cd repo/.git/orch/journal && f=$(ls) && "
		 "for i in $(seq 5000); do cat $f; done >../all && "
		 "mv ../all $f");
	before = seconds();
	look(&cost, NULL, NULL);
	assert_true(seconds() - before < 5);
	cost_total(&total, &cost);
	assert_int_equal(total.calls, 5000);
	cost_release(&cost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_are_added_up_by_what_they_have_in_common),
		TEST(hits_save_and_failures_cost_nothing),
		TEST(a_call_without_an_end_may_be_paid_twice),
		TEST(a_fallback_is_a_call_of_its_own),
		TEST(what_was_asked_for_a_goal_was_asked_for_its_plan),
		TEST(a_damaged_journal_is_named_and_others_count),
		TEST(the_rest_is_expected_to_cost_what_its_weight_says),
		TEST(advice_follows_from_the_numbers),
		TEST(limits_and_what_is_used_of_them_are_told),
		TEST(ten_thousand_lines_are_read_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

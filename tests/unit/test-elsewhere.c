/*
 * A plan's money between machines: claims are made here by hand, as another
 * clone would leave them on the remote.
 */
#include "tests/unit/project.h"

#include "gitops/sync.h"
#include "plans/elsewhere.h"
#include "plans/models.h"

static struct scratch box;
static struct project project;

static void config(const char *budget)
{
	char *text = xasprintf("version: 1\n"
			       "providers: [{name: p, driver: anthropic, "
			       "key_env: K}]\n"
			       "agents:\n"
			       "  - {name: developer, role: developer, "
			       "worker: tools, provider: p, model: m}\n"
			       "budget: %s\n",
			       budget);

	put(&box, ".orch/config.yaml", text);
	free(text);
}

static void phase(const char *id, const char *rest)
{
	char *path = xasprintf(".orch/plans/shop/phases/%s.yaml", id);
	char *text = xasprintf("version: 1\nid: %s\ntitle: T\nsummary: S\n"
			       "objectives: [o]\nacceptance: [a]\n%s",
			       id, rest);

	put(&box, path, text);
	free(path);
	free(text);
}

/* What stands on the base goes to the remote as well. */
static void open_project(void)
{
	commit_all(&box);
	sh(&box, "git -C repo push -q -f origin main");
	project_release(&project);
	ok(open_at(&project, &box, NULL));
	ok(sync_fetch(project.repo));
}

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	project = (struct project)PROJECT_INIT;
	sh(&box, "git init -q --bare -b main far.git && "
		 "git -C repo remote add origin ../far.git");
	put(&box, ".orch/plans/shop/plan.yaml",
	    "version: 1\nid: shop\ntitle: Shop\ngoal: G\n");
	phase("a", "");
	phase("b", "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static void foreign(const char *name, const char *reserved, const char *spent)
{
	sh(&box,
	   "cd repo && git push -q origin $(git commit-tree -m 'claim shop/%s\n\n"
	   "Orch-Claim: 1\nOrch-Runner: far\n"
	   "Orch-Run: 20260102T030405Z-00000000\n"
	   "Orch-Nonce: 0123456789abcdef0123456789abcdef\n"
	   "Orch-Generation: 1\nOrch-State: working\n"
	   "Orch-Reserved: %s\nOrch-Spent: %s' "
	   "$(git hash-object -t tree -w /dev/null))"
	   ":refs/orch/claim/shop/%s",
	   name, reserved, spent, name);
	ok(sync_fetch(project.repo));
}

static int64_t reservation(const char *name)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	struct earlier earlier = { STRINGS_INIT, 0 };
	int64_t micros = -1;

	ok(board_load(&board, &project, "shop"));
	ok(elsewhere_reservation(&micros, &earlier, &project,
				 board_card(&board, "shop", name)));
	strings_release(&earlier.nonces);
	return micros;
}

/* As the owner of a claim with this nonce, taken when it saw nobody. */
static struct error *ask_as(int64_t micros, char *nonce)
{
	const struct earlier earlier = { STRINGS_INIT, nonce != NULL };
	const struct claim claim = { .nonce = nonce };
	const struct claim *own = nonce ? &claim : NULL;
	CLEANUP(budget_close) struct budget *budget = NULL;
	const struct amount most = { .micros = micros, .calls = 1 };

	TRY(project_budget(&budget, &project, "shop", "a"));
	TRY(elsewhere_tell(budget, &project, "shop", own, &earlier));
	return budget_reserve(budget, "1", &most, 0);
}

static struct error *ask(int64_t micros)
{
	return ask_as(micros, NULL);
}

static void a_phase_reserves_its_limit(void **state)
{
	(void)state;
	config("{plan: {usd: \"1.00\"}, phase: {usd: \"0.40\"}}");
	open_project();
	assert_int_equal(reservation("a"), 400000);
}

static void without_a_limit_of_its_own_it_reserves_what_is_left(void **state)
{
	(void)state;
	config("{plan: {usd: \"1.00\"}}");
	open_project();
	foreign("b", "700000", "0");
	assert_int_equal(reservation("a"), 300000);
}

static void what_others_hold_is_not_given_away(void **state)
{
	(void)state;
	config("{plan: {usd: \"1.00\"}, phase: {usd: \"0.40\"}}");
	open_project();
	foreign("b", "700000", "0");
	assert_int_equal(reservation("a"), 300000);
	fails(ERROR_REFUSED, "budget of the plan", ask(300001));
	ok(ask(300000));
}

static void of_those_that_begin_at_once_the_first_goes_on(void **state)
{
	char first[] = "00000000000000000000000000000000";
	char last[] = "ffffffffffffffffffffffffffffffff";

	(void)state;
	config("{plan: {usd: \"1.00\"}, phase: {usd: \"0.90\"}}");
	open_project();
	foreign("b", "900000", "0");
	fails(ERROR_REFUSED, "budget of the plan", ask_as(200000, last));
	ok(ask_as(200000, first));
}

static void who_spent_more_than_it_reserved_is_charged_that(void **state)
{
	(void)state;
	config("{plan: {usd: \"1.00\"}}");
	open_project();
	foreign("b", "100000", "950000");
	assert_int_equal(reservation("a"), 50000);
}

static void what_a_document_cost_counts_once(void **state)
{
	static const char done[] =
		"status: done\n"
		"result: {agents: [{role: developer, model: m, calls: 1, "
		"cost_usd: \"0.800000\"}, {role: validator, model: m, "
		"calls: 1, cost_usd: unpriced}]}\n";
	CLEANUP(budget_close) struct budget *budget = NULL;
	const struct amount most = { .micros = 500000, .calls = 1 };

	(void)state;
	config("{plan: {usd: \"1.00\"}}");
	phase("b", done);
	open_project();
	assert_int_equal(reservation("a"), 200000);
	/* Half of it was paid here. */
	ok(project_budget(&budget, &project, "shop", "b"));
	ok(budget_reserve(budget, "1", &most, 0));
	assert_int_equal(reservation("a"), 200000);
}

static void nothing_is_reserved_where_nothing_is_limited(void **state)
{
	(void)state;
	config("{phase: {usd: \"0.40\"}}");
	open_project();
	foreign("b", "700000", "0");
	assert_int_equal(reservation("a"), 0);
	ok(ask(400000));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_phase_reserves_its_limit),
		CASE(without_a_limit_of_its_own_it_reserves_what_is_left),
		CASE(what_others_hold_is_not_given_away),
		CASE(of_those_that_begin_at_once_the_first_goes_on),
		CASE(who_spent_more_than_it_reserved_is_charged_that),
		CASE(what_a_document_cost_counts_once),
		CASE(nothing_is_reserved_where_nothing_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

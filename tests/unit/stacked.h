/*
 * Plans of any shape with stacking on: a phase for each row, each of which
 * writes one file, and what tests do to them.
 */
#ifndef TESTS_UNIT_STACKED_H
#define TESTS_UNIT_STACKED_H

#include "tests/unit/small.h"

#include "plans/integrate.h"
#include "plans/transaction.h"

#define STACKING OFF "delivery: {stacking: true}\n"

static struct scratch box;
static struct project project;
static struct landings landings;

static inline int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	landings_release(&landings);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/* A phase that writes <id>.txt; on is "[a, b]". */
static inline void put_row(const char *id, const char *on)
{
	char *path = xasprintf(".orch/templates/small/files/%s/%s.txt", id, id);
	char *lines = xasprintf("depends_on: %s\n"
				"files: {create: [%s.txt], modify: [README]}\n",
				on, id);

	putf(&box, path, "this is %s\n", id);
	put_phase(&box, "small", id, lines);
	free(path);
	free(lines);
}

/* rows: id and what it depends on, in turn, NULL at the end. */
static inline void begin(const char *config, const char *const *rows)
{
	put(&box, "README", "hello\n");
	put_config(&box, config);
	put(&box, ".orch/templates/small/template.yaml",
	    "title: Small\nsummary: A file each\n");
	put_plan(&box, "small", "");
	for (; *rows; rows += 2)
		put_row(rows[0], rows[1]);
	small_open(&project, &box);
}

static inline void do_phase(const char *phase)
{
	struct outcome out = { 0 };
	struct transaction_options options = { .plan = "small",
					       .phase = phase };

	ok(project_reload(&project));
	ok(transaction_run(&out, &project, &options));
	if (out.status != PHASE_DONE)
		fail_msg("%s: %s", phase, out.findings.items[0].message);
	outcome_release(&out);
}

static inline void land(const char *phase)
{
	landings_release(&landings);
	ok(integrate(&landings, &project, "small", phase));
}

static inline void lands(const char *phase)
{
	land(phase);
	assert_int_equal(landings.len, 1);
	assert_int_equal(landings.items[0].end, LANDING_LANDED);
}

/* The phase's status, and the one it stacks on: "" for the base. */
static inline void stands(const char *phase, enum status status, const char *on)
{
	struct board board = BOARD_INIT;

	ok(project_reload(&project));
	ok(board_load(&board, &project, "small"));
	const struct card *card = board_card(&board, "small", phase);
	if (card->status != status)
		fail_msg("%s is %s", phase, status_name(card->status));
	same(card->stacks_on ? card->stacks_on : "", on);
	board_release(&board);
}

#endif

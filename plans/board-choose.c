/*
 * Which plan a command means: the one that is named, else the only one that is
 * open.  A plan that cannot be read does not stand in the way of one that is
 * named, and is named itself where it might have been meant.
 */
#include "core/nearest.h"
#include "plans/board.h"

#include <stdlib.h>
#include <string.h>

struct error *board_broken(const struct board_plan *row)
{
	return error_hint(
		error_new(row->broken->code, "%s", row->broken->message), "%s",
		row->broken->hint);
}

static struct error *none_open(const struct board *board)
{
	if (!board->plans.len)
		return error_hint(
			error_new(ERROR_NOT_FOUND, "there is no plan"),
			"git orch plan --template cli-tool begins one");
	FOR_EACH (struct board_plan *, row, &board->plans)
		if ((*row)->state == PLAN_DRAFT)
			return error_hint(
				error_new(
					ERROR_NOT_FOUND,
					"plan '%s' is a draft, not on the base",
					(*row)->plan.id),
				"git orch approve %s", (*row)->plan.id);
	return error_hint(error_new(ERROR_NOTHING, "every plan is finished"),
			  "git orch status shows them");
}

static struct error *several(const struct strings *open)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	strings_join(&names, open, ", ");
	return error_hint(error_new(ERROR_USAGE, "several plans are open: %s",
				    names.data),
			  "say which with --plan <plan>");
}

/* Nobody can tell whether a broken one is finished: it counts as open. */
static int is_open(const struct board_plan *row)
{
	return row->state == PLAN_ACTIVE || row->state == PLAN_BROKEN;
}

static struct error *choose_open(char **out, const struct board *board)
{
	CLEANUP(strings_release) struct strings open = STRINGS_INIT;
	struct board_plan *only = NULL;

	FOR_EACH (struct board_plan *, row, &board->plans) {
		if (!is_open(*row))
			continue;
		only = *row;
		strings_addf(&open, "%s%s", only->plan.id,
			     only->broken ? " (broken)" : "");
	}
	if (!only)
		return none_open(board);
	if (open.len > 1)
		return several(&open);
	if (only->broken)
		return board_broken(only);
	*out = xstrdup(only->plan.id);
	return NULL;
}

static struct error *choose_named(char **out, const struct board *board,
				  const char *name)
{
	const struct board_plan *row = board_plan(board, name);

	if (!row)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s'", name),
				  "git orch status lists the plans");
	if (row->state == PLAN_DRAFT)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "plan '%s' is not on the base yet",
					    name),
				  "git orch approve %s", name);
	*out = xstrdup(name);
	return NULL;
}

struct error *board_choose(char **out, struct project *project,
			   const char *name)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	TRY(board_read_plans(&board, project, name));
	return name ? choose_named(out, &board, name)
		    : choose_open(out, &board);
}

/* One that is not on the board; broken counts as it does for the choice. */
static struct error *look_at(int *open, struct project *project, const char *id)
{
	CLEANUP(board_release) struct board other = BOARD_INIT;

	struct error *err = board_read_plans(&other, project, id);

	if (error_is(err, ERROR_INVALID)) {
		error_free(err);
		*open = 1;
		return NULL;
	}
	TRY(err);
	*open = other.plans.len && is_open(other.plans.items[0]);
	return NULL;
}

struct error *board_others(struct board *board, struct project *project)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;

	board->open = 0;
	TRY(plan_ids(&ids, project->repo, &project->base.tree));
	for (size_t i = 0; i < ids.len && board->open < 2; i++) {
		const struct board_plan *row = board_plan(board, ids.items[i]);
		int open = row && is_open(row);

		if (!row)
			TRY(look_at(&open, project, ids.items[i]));
		board->open += (size_t)open;
	}
	return NULL;
}

struct error *board_no_phase(const struct board *board, const char *plan,
			     const char *phase)
{
	const struct board_plan *row = board_plan(board, plan);
	struct error *err = error_new(
		ERROR_NOT_FOUND, "plan '%s' has no phase '%s'", plan, phase);
	ARRAY(const char *) ids = ARRAY_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	if (row)
		FOR_EACH (struct phase, p, &row->plan.phases) {
			*PUSH(&ids) = p->id;
			buf_addf(&names, "%s%s", names.len ? ", " : "", p->id);
		}
	const char *near = nearest(phase, ids.items, ids.len);
	free(ids.items);
	if (near)
		return error_hint(err, "did you mean '%s'?", near);
	return names.len < 400 ? error_hint(err, "it has %s", names.data)
			       : error_hint(err,
					    "git orch status %s --all lists "
					    "its phases",
					    plan);
}

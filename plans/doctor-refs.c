/*
 * The doctor's look at branches: one whose name keeps ours from being made,
 * and what a phase left that its plan no longer has.
 */
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "plans/board.h"
#include "plans/doctor-look.h"

#include <stdlib.h>
#include <string.h>

static void blocked_once(struct patient *patient, struct strings *said,
			 const char *plan)
{
	const char *prefix = patient->project.config.delivery.branch_prefix;
	struct error *err =
		sync_unblocked(patient->project.repo, prefix, plan, "plan");

	if (!err)
		return;
	/* One branch may be in the way of every plan. */
	if (strings_has(said, err->hint ? err->hint : err->message)) {
		error_free(err);
		return;
	}
	strings_add(said, err->hint ? err->hint : err->message);
	found_error(patient, "branches", err);
}

static void blocked(struct patient *patient, const struct board *board)
{
	CLEANUP(strings_release) struct strings said = STRINGS_INIT;

	for (size_t i = 0; i < board->plans.len; i++)
		blocked_once(patient, &said, board->plans.items[i]->plan.id);
	if (!board->plans.len)
		blocked_once(patient, &said, "plan");
}

/* Can nobody tell, or is there such a phase? */
static int is_wanted(const struct board_plan *row, const char *phase)
{
	if (!row)
		return 0;
	if (row->broken || row->state == PLAN_DRAFT)
		return 1;
	FOR_EACH (struct phase, it, &row->plan.phases)
		if (!strcmp(it->id, phase))
			return 1;
	return 0;
}

static void leftover_branch(struct patient *patient, const char *plan,
			    const char *phase)
{
	const char *prefix = patient->project.config.delivery.branch_prefix;
	struct repo *repo = patient->project.repo;
	CLEANUP(free_str) char *ref = layout_branch(prefix, plan, phase);
	const char *name = ref + strlen("refs/heads/");
	CLEANUP(free_str) char *removal = shared_removal(repo, ref);
	CLEANUP(free_str) char *word = shell_word(name);
	CLEANUP(free_str) char *local = xasprintf("git branch -D %s", word);

	found(patient, "branches", DIAGNOSIS_WARNING,
	      "the base has no phase '%s/%s', and its branch '%s' is there",
	      plan, phase, name)
		->fix = xasprintf("when nobody needs it: %s",
				  repo_remote(repo) ? removal : local);
}

static struct error *leftover_base(struct patient *patient, const char *plan,
				   const char *phase)
{
	if (patient->mend) {
		TRY(sync_forget(patient->project.repo, plan, phase));
		found(patient, "branches", DIAGNOSIS_OK,
		      "the base ref of '%s/%s' was removed", plan, phase);
		return NULL;
	}
	found(patient, "branches", DIAGNOSIS_WARNING,
	      "the base has no phase '%s/%s', and 'refs/orch/base/%s/%s' is "
	      "there",
	      plan, phase, plan, phase)
		->fix = xstrdup("git orch doctor --fix");
	return NULL;
}

/* Only a base ref tells our branch from one that was named like ours. */
static struct error *leftover(struct patient *patient,
			      const struct board *board, const char *plan,
			      const char *phase, const struct phase_refs *refs)
{
	const struct board_plan *row = board_plan(board, plan);

	if (!strcmp(phase, "plan") || is_wanted(row, phase))
		return NULL;
	if (claim_alive(patient->project.repo, plan, phase) ||
	    (repo_remote(patient->project.repo) && !oid_is_zero(&refs->claim)))
		return NULL;
	if (!oid_is_zero(&refs->branch) && (row || !oid_is_zero(&refs->base)))
		leftover_branch(patient, plan, phase);
	if (!oid_is_zero(&refs->base))
		return leftover_base(patient, plan, phase);
	return NULL;
}

static struct error *leftovers(struct patient *patient,
			       const struct board *board)
{
	CLEANUP(sync_map_release) struct sync_map map = SYNC_MAP_INIT;
	CLEANUP(strings_release) struct strings keys = STRINGS_INIT;
	const char *prefix = patient->project.config.delivery.branch_prefix;

	TRY(sync_read_all(&map, patient->project.repo, prefix));
	map_keys(&keys, &map.map);
	strings_sort(&keys);
	FOR_EACH (char *, key, &keys) {
		const char *slash = strchr(*key, '/');
		CLEANUP(free_str)
		char *plan = xstrndup(*key, (size_t)(slash - *key));

		TRY(leftover(patient, board, plan, slash + 1,
			     map_get(&map.map, *key)));
	}
	return NULL;
}

struct error *look_at_branches(struct patient *patient)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	size_t before = patient->out->len;

	if (!patient->opened)
		return NULL;
	struct error *err = board_read_plans(&board, &patient->project, NULL);
	if (!err) {
		blocked(patient, &board);
		err = leftovers(patient, &board);
	}
	if (err)
		found_error(patient, "branches", err);
	else if (patient->out->len == before)
		found(patient, "branches", DIAGNOSIS_OK,
		      "none is in the way or left over");
	return NULL;
}

/*
 * Step 0: what dead runs left.  A claim whose flock is free has no owner any
 * more; it is taken over, and its journal says how far it came.
 */
#include "plans/step.h"

#include "gitops/commit.h"

#include <stdlib.h>
#include <string.h>

static struct error *journal_dir(char **out, struct repo *repo)
{
	const char *orch = NULL;

	TRY(repo_orch_dir(&orch, repo));
	*out = path_join(orch, "journal");
	return NULL;
}

struct error *step_journal(struct transaction *t)
{
	CLEANUP(free_str) char *dir = NULL;

	TRY(journal_dir(&dir, t->project->repo));
	return journal_open(&t->journal, dir, t->claim.run);
}

struct error *step_documents(struct transaction *t, const char *plan,
			     const char *phase)
{
	struct config *config = &t->project->config;
	struct oid tree;

	TRY(commit_tree(&tree, t->project->repo, &t->base));
	TRY(plan_read(&t->plan, t->project->repo, &tree, plan, NULL));
	t->phase = plan_phase(&t->plan, phase);
	if (!t->phase)
		return error_new(ERROR_NOT_FOUND, "plan '%s' has no phase '%s'",
				 plan, phase);
	const char *name = t->phase->agent ? t->phase->agent : "developer";
	t->agent = config_agent(config, name);
	if (!t->agent)
		return error_hint(
			error_new(ERROR_INVALID,
				  "phase '%s' names agent '%s', which "
				  "is not configured",
				  phase, name),
			"add it to agents: in .orch/config.yaml");
	return worker_find(&t->worker, t->agent->worker);
}

/* Reads the start line back; 0 in *found when the run had not come so far. */
static struct error *read_start(struct transaction *t, int *found)
{
	const struct value *line = journal_last(t->journal, "start", NULL);
	const struct {
		const char *key;
		struct oid *oid;
	} fields[] = {
		{ "base", &t->base },
		{ "start", &t->start },
		{ "fork", &t->fork },
		{ "old_branch", &t->old_branch },
	};

	*found = line != NULL;
	if (!line)
		return NULL;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		TRY(oid_parse(fields[i].oid,
			      value_text(value_get(line, fields[i].key), "")));
	t->started = value_int(value_get(line, "started"), 0);
	return NULL;
}

/*
 * Its document was changed since, and nothing is published yet: what is asked
 * for now is something else.  Replies that still fit are in the store.
 */
static int is_outdated(const struct transaction *t, const struct card *card)
{
	return !journal_last(t->journal, "commit", NULL) &&
	       !oid_equal(&t->phase->blob, &card->phase->blob);
}

/*
 * The run's journal is here and knows where it began.  The branch may have
 * moved under a claim that was still "working" (a kill between the branch and
 * the claim): publication finds that out by itself.
 */
static struct error *resume(struct transaction *t, const struct card *card,
			    int *resumed)
{
	TRY(step_journal(t));
	TRY(read_start(t, resumed));
	if (*resumed && commit_exists(t->project->repo, &t->start)) {
		TRY(step_documents(t, t->claim.plan, t->claim.phase));
		TRY(step_revise_resume(t));
		t->out->resumed = !is_outdated(t, card);
	}
	*resumed = t->out->resumed;
	if (*resumed)
		return NULL;
	plan_release(&t->plan);
	t->phase = NULL;
	t->revises = 0;
	revision_release(&t->revision);
	journal_close(&t->journal);
	if (t->claim.published)
		TRY(step_deliver_published(t, card));
	*resumed = t->out->resumed = t->delivers;
	return NULL;
}

static int is_candidate(const struct transaction *t, const struct card *card)
{
	if (!card->claim || card->claim_alive)
		return 0;
	return !t->options->phase ||
	       !strcmp(card->phase->id, t->options->phase);
}

/* Takes one over; t->held tells whether there is something to go on with. */
static struct error *take_over(struct transaction *t, const struct card *card)
{
	int resumed = 0, taken = 0;

	claim_release(&t->claim); /* of the one looked at before */
	TRY(card_take_over(&taken, &t->claim, t->project, card));
	if (!taken)
		return NULL;
	step_held(t);
	TRY(resume(t, card, &resumed));
	/* Nothing to go on with: the phase is free again. */
	return resumed ? NULL : step_drop(t);
}

/* Is there a claim without an owner?  Mostly not, and no board is needed. */
static struct error *find_dead(int *out, const struct transaction *t)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	struct repo *repo = t->project->repo;

	TRY(claim_list(&claims, repo));
	FOR_EACH (struct claim, claim, &claims)
		if (!strcmp(claim->plan, t->options->plan))
			*out |= claim_gone(repo, claim,
					   t->project->config.delivery.lease);
	return NULL;
}

struct error *step_reconcile(struct transaction *t)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	int dead = 0;

	TRY(find_dead(&dead, t));
	if (!dead)
		return NULL;
	TRY(board_load(&board, t->project, t->options->plan));
	FOR_EACH (struct card, card, &board.cards) {
		if (!is_candidate(t, card))
			continue;
		TRY(take_over(t, card));
		if (t->held)
			return NULL;
	}
	return NULL;
}

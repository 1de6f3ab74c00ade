/*
 * What restacking means for proposals: they go where their branch goes.  A
 * forge closes a proposal whose target is deleted, so that is changed first.
 */
#include "plans/restack-step.h"

#include "plans/forge-open.h"
#include "plans/propose.h"

#include <string.h>

static int is_local(const struct project *project)
{
	return !strcmp(project->config.delivery.forge, "local");
}

static struct error *retarget_all(struct forge_session *session,
				  const char *prefix, const char *from,
				  const char *to)
{
	CLEANUP(pulls_release) struct pulls pulls = { NULL, 0, 0 };

	TRY(session->forge->list(&pulls, session->client, prefix));
	FOR_EACH (struct pull, pull, &pulls)
		if (!strcmp(pull->base, from))
			TRY(session->forge->retarget(session->client,
						     pull->number, to));
	return NULL;
}

/* Does a branch of the plan hold what this one has? */
static int carries(const struct board *board, const struct card *card)
{
	FOR_EACH (struct card, other, &board->cards)
		if (other->plan == card->plan && other->stacked)
			return 1;
	return 0;
}

struct error *stack_retarget(struct project *project, const struct board *board,
			     const struct card *landed)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	const char *prefix = project->config.delivery.branch_prefix;
	CLEANUP(free_str) char *below = NULL;

	if (is_local(project) || !landed->branch || !carries(board, landed))
		return NULL;
	below = xasprintf("%s/%s/", prefix, landed->plan->id);
	TRY(forge_desk_open(&desk, project));
	return retarget_all(&desk.session, below, landed->branch,
			    project->base.branch);
}

struct error *restack_retarget(struct restack *r)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	CLEANUP(pull_release) struct pull pull = { .number = 0 };
	const struct forge *forge;

	if (is_local(r->project))
		return NULL;
	TRY(forge_desk_open(&desk, r->project));
	forge = desk.session.forge;
	TRY(forge->find(&pull, desk.session.client, r->card->branch));
	if (!pull.number || pull.state != PULL_OPEN)
		return NULL;
	r->pull = pull.number;
	return strcmp(pull.base, r->row->onto)
		       ? forge->retarget(desk.session.client, pull.number,
					 r->row->onto)
		       : NULL;
}

struct error *restack_propose(const struct restack *r)
{
	CLEANUP(pull_release) struct pull pull = { .number = 0 };
	const struct proposal_base base = { r->row->onto, r->below != NULL };

	if (!r->pull)
		return NULL;
	return propose_phase(&pull, r->project, r->card->plan, r->card->phase,
			     &r->tip, &base);
}

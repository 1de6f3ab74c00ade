/* A push that fails is tried again at the next tick: there are several. */
#include "plans/renewal.h"

struct error *claim_was_lost(const struct claim *claim)
{
	return error_hint(error_new(ERROR_CLAIMED,
				    "the claim of '%s/%s' was taken over by "
				    "another runner",
				    claim->plan, claim->phase),
			  "git orch status %s shows who has it", claim->plan);
}

static struct error *renew(struct loop *loop, void *data)
{
	struct renewal *renewal = data;
	struct project *project = renewal->project;
	struct error *err =
		claim_renew(project->repo, project->config.delivery.lease);

	(void)loop;
	if (err && !error_is(err, ERROR_INTERRUPT))
		log_write(project->log, LOG_WARN, err->message, "phase",
			  renewal->claim ? renewal->claim->phase : NULL, NULL);
	error_free(err);
	if (!renewal->claim)
		return NULL;
	err = claim_refresh(renewal->claim, project->repo);
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return claim_was_lost(renewal->claim);
}

void renewal_begin(struct renewal *renewal, struct project *project,
		   struct claim *claim)
{
	const int64_t lease = project->config.delivery.lease;

	*renewal = (struct renewal){
		.tick = { .ms = lease * 1000 / 6, .fn = renew },
		.project = project,
		.claim = claim,
	};
	renewal->tick.data = renewal;
	if (project->base.remote)
		project->tick = &renewal->tick;
}

void renewal_end(struct renewal *renewal)
{
	if (renewal->project && renewal->project->tick == &renewal->tick)
		renewal->project->tick = NULL;
}

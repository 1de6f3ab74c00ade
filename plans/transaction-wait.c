/*
 * Waiting for other machines.  Whether a runner lives shows in one way only:
 * its claim changes.  So a claim is looked at until it changed or was seen
 * unchanged for a lease, and nobody waits longer than that.
 */
#include "plans/step.h"

#include <string.h>

#define LOOKS  20 /* in a lease */
#define MOST_S 30 /* between two looks */

static int concerns(const struct transaction *t, const struct claim *claim)
{
	return !strcmp(claim->plan, t->options->plan) &&
	       (!t->options->phase ||
		!strcmp(claim->phase, t->options->phase)) &&
	       claim->version == CLAIM_VERSION &&
	       !claim_alive(t->project->repo, claim->plan, claim->phase);
}

/* The claims that may be dead, as they are now. */
static struct error *list_doubtful(struct claims *out,
				   const struct transaction *t)
{
	CLEANUP(claims_release) struct claims all = { NULL, 0, 0 };

	TRY(claim_list(&all, t->project->repo));
	FOR_EACH (struct claim, claim, &all) {
		if (!concerns(t, claim))
			continue;
		*PUSH(out) = *claim;
		*claim = (struct claim){ .lock = FILE_LOCK_INIT };
	}
	return NULL;
}

static const struct claim *same_phase(const struct claims *claims,
				      const struct claim *of)
{
	FOR_EACH (struct claim, claim, claims)
		if (!strcmp(claim->phase, of->phase))
			return claim;
	return NULL;
}

/* *waited: one is free by now.  *left: some are still unchanged. */
static struct error *compare(int *waited, int *left, struct transaction *t,
			     const struct claims *before)
{
	const int64_t lease = t->project->config.delivery.lease;
	CLEANUP(claims_release) struct claims now = { NULL, 0, 0 };

	*left = 0;
	TRY(claim_list(&now, t->project->repo));
	FOR_EACH (struct claim, old, before) {
		const struct claim *claim = same_phase(&now, old);

		if (!claim || claim_gone(t->project->repo, claim, lease))
			*waited = 1;
		else if (oid_equal(&claim->oid, &old->oid))
			*left = 1;
	}
	return NULL;
}

static struct error *wake(struct loop *loop, void *data)
{
	(void)loop;
	(void)data;
	return NULL;
}

static struct error *nap(int64_t ms)
{
	CLEANUP(loop_release) struct loop *loop = loop_new();

	loop_timer(loop, ms, wake, NULL);
	return loop_run(loop);
}

struct error *step_wait(struct transaction *t, int *waited)
{
	CLEANUP(claims_release) struct claims before = { NULL, 0, 0 };
	const int64_t lease = t->project->config.delivery.lease;
	int64_t ms = lease * 1000 / LOOKS;
	int left;

	*waited = 0;
	if (!t->project->base.remote)
		return NULL;
	TRY(list_doubtful(&before, t));
	left = before.len > 0;
	if (left)
		step_report(t, "wait for %s (%s) to go on, or to be gone",
			    before.items[0].phase, before.items[0].runner);
	while (left && !*waited) {
		TRY(nap(ms < MOST_S * 1000 ? ms : MOST_S * 1000));
		TRY(sync_fetch(t->project->repo));
		TRY(compare(waited, &left, t, &before));
	}
	return *waited ? project_reload(t->project) : NULL;
}

/* Taking a claim from a dead runner: several may try, one gets it. */
#include "plans/board.h"

struct error *card_take_over(int *taken, struct claim *out,
			     struct project *project, const struct card *card)
{
	struct error *err = claim_take_over(out, project->repo, card->plan->id,
					    card->phase->id,
					    project->config.delivery.lease);

	*taken = !err;
	if (!error_is(err, ERROR_CLAIMED) && !error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

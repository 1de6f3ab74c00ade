/* What a forge says of a pull request, as values: giving them back. */
#include "gitops/forge-review.h"

#include <stdlib.h>

void remark_release(struct remark *remark)
{
	free_str(&remark->thread);
	free_str(&remark->author);
	free_str(&remark->path);
	free_str(&remark->text);
	free_str(&remark->url);
}

void remarks_release(struct remarks *remarks)
{
	FOR_EACH (struct remark, it, remarks)
		remark_release(it);
	free(remarks->items);
	*remarks = (struct remarks){ 0 };
}

void ci_checks_release(struct ci_checks *checks)
{
	FOR_EACH (struct ci_check, it, checks) {
		free_str(&it->name);
		free_str(&it->summary);
		free_str(&it->url);
		free_str(&it->log);
	}
	free(checks->items);
	*checks = (struct ci_checks){ 0 };
}

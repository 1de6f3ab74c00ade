/* Names of refs and files: the one place that spells them. */
#include "gitops/layout.h"

#include "core/alloc.h"

#include <string.h>

char *layout_branch(const char *prefix, const char *plan, const char *phase)
{
	return xasprintf("refs/heads/%s/%s/%s", prefix, plan, phase);
}

char *layout_claim(const char *plan, const char *phase)
{
	return xasprintf(CLAIM_PREFIX "%s/%s", plan, phase);
}

char *layout_base(const char *plan, const char *phase)
{
	return xasprintf(BASE_PREFIX "%s/%s", plan, phase);
}

char *layout_attempt(const char *plan, const char *phase, int n)
{
	return xasprintf(ATTEMPT_PREFIX "%s/%s/%d", plan, phase, n);
}

char *layout_lock(const char *orch, const char *plan, const char *phase)
{
	return xasprintf("%s/lock/%s/%s", orch, plan, phase);
}

char *layout_plan_file(const char *plan)
{
	return xasprintf(".orch/plans/%s/plan.yaml", plan);
}

char *layout_phase_file(const char *plan, const char *phase)
{
	return xasprintf(".orch/plans/%s/phases/%s.yaml", plan, phase);
}

char *layout_doc_file(const char *plan, const char *name)
{
	return xasprintf(".orch/plans/%s/docs/%s", plan, name);
}

char *layout_page_file(const char *plan, const char *phase)
{
	return xasprintf(".orch/plans/%s/docs/phases/%s.md", plan, phase);
}

int layout_split(char **plan, char **phase, const char *ref, const char *prefix)
{
	size_t skip = strlen(prefix);
	const char *slash;

	if (strncmp(ref, prefix, skip))
		return 0;
	ref += skip;
	slash = strchr(ref, '/');
	if (!slash || slash == ref || !slash[1] || strchr(slash + 1, '/'))
		return 0;
	*plan = xstrndup(ref, (size_t)(slash - ref));
	*phase = xstrdup(slash + 1);
	return 1;
}

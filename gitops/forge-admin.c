/* What a forge says of itself, and its end; the rest is in each forge. */
#include "gitops/forge-admin.h"

#include <stdarg.h>
#include <stdlib.h>

void forge_repository_release(struct forge_repository *repository)
{
	free_str(&repository->clone_url);
	free_str(&repository->ssh_url);
	free_str(&repository->web);
	free_str(&repository->default_branch);
}

void branch_rules_release(struct branch_rules *rules)
{
	strings_release(&rules->checks);
}

void forge_findings_release(struct forge_findings *findings)
{
	FOR_EACH (struct forge_finding, it, findings) {
		free(it->text);
		free(it->fix);
	}
	free(findings->items);
	*findings = (struct forge_findings){ 0 };
}

struct forge_finding *forge_found(struct forge_findings *out, const char *name,
				  int bad, const char *fmt, ...)
{
	struct forge_finding *finding = PUSH(out);
	va_list args;

	finding->name = name;
	finding->bad = bad;
	va_start(args, fmt);
	finding->text = xvasprintf(fmt, args);
	va_end(args);
	return finding;
}

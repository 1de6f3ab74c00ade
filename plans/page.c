/* A phase's page as Markdown. */
#include "plans/page.h"

static void list(struct buf *out, const char *title,
		 const struct strings *items)
{
	if (!items->len)
		return;
	buf_addf(out, "\n## %s\n\n", title);
	FOR_EACH (char *, item, items)
		buf_addf(out, "- %s\n", *item);
}

static void files(struct buf *out, const struct candidate *candidate)
{
	if (!candidate->changes.len)
		return;
	buf_str(out, "\n## Files\n\n");
	FOR_EACH (struct change, change, &candidate->changes)
		buf_addf(out, "- %s `%s`%s\n", change_name(change->kind),
			 change->path,
			 gate_declared(candidate, change) ? ""
							  : " (undeclared)");
}

static void evidence(struct buf *out, const struct check_outcomes *checks)
{
	if (!checks->len)
		return;
	buf_str(out, "\n## Checks\n\n");
	FOR_EACH (struct check_outcome, outcome, checks)
		buf_addf(out, "- `%s`: exit %d, sandbox %s\n", outcome->name,
			 outcome->exit, sandbox_name(outcome->sandbox));
}

void page_render(struct buf *out, const struct candidate *candidate,
		 const struct check_outcomes *checks)
{
	const struct phase *phase = candidate->phase;

	buf_addf(out, "# %s\n", phase->title);
	if (phase->summary)
		buf_addf(out, "\n%s\n", phase->summary);
	buf_addf(out, "\nPhase `%s` of plan `%s`.\n", phase->id,
		 candidate->plan->id);
	list(out, "Acceptance criteria", &phase->acceptance);
	files(out, candidate);
	evidence(out, checks);
}

/*
 * Which phases of a new plan get in each other's way: two that touch the same
 * file and do not wait for each other would be built side by side and conflict.
 */
#include "plans/overlap.h"
#include "plans/planner-step.h"

#include <stdlib.h>

#define MOST_TOLD 40

/* marks[i]: the phase rests on phase i, directly or not. */
static void mark(unsigned char *marks, const struct plan *plan,
		 const struct phase *phase)
{
	FOR_EACH (char *, id, &phase->depends_on) {
		const struct phase *on = plan_phase(plan, *id);

		if (!on || marks[on->index])
			continue;
		marks[on->index] = 1;
		mark(marks, plan, on);
	}
}

static int is_over(const struct phase *phase)
{
	return phase->status == PHASE_DONE || phase->status == PHASE_SKIPPED;
}

static void tell(struct findings *findings, const struct phase *a,
		 const struct phase *b, const char *glob)
{
	finding_hint(finding_add(findings, "overlap", NULL,
				 "phases '%s' and '%s' both touch '%s', and "
				 "neither waits for the other",
				 a->id, b->id, glob),
		     "let one depend on the other, or give each a file of its "
		     "own");
}

void overlap_check(const struct plan *plan, struct findings *findings)
{
	size_t n = plan->phases.len, told = 0;
	unsigned char *rests = xcalloc(n * n + 1, 1);

	for (size_t i = 0; i < n; i++)
		mark(rests + i * n, plan, &plan->phases.items[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n && told < MOST_TOLD; j++) {
			const struct phase *a = &plan->phases.items[i];
			const struct phase *b = &plan->phases.items[j];
			const char *glob;

			if (rests[i * n + j] || rests[j * n + i] ||
			    is_over(a) || is_over(b))
				continue;
			glob = phases_meet(a, b);
			if (glob && ++told)
				tell(findings, a, b, glob);
		}
	free(rests);
}

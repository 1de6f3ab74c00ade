/*
 * Prompts: Markdown in templates/prompts/, one file per role (who the model
 * is: the system text) and one per stage (what is asked now).  A project
 * overrides one by .orch/prompts/<name>.md on its base, which trust pins.
 *
 * {{name}} is replaced by a variable as in core/expand.h.  Prompts hold no
 * times, run ids, host names: equal work makes equal requests.
 */
#ifndef PLANS_PROMPT_H
#define PLANS_PROMPT_H

#include "core/array.h"
#include "core/message.h"
#include "plans/project.h"

/* name: "developer", "stage-brainstorm".  Unknown: ERROR_NOT_FOUND. */
struct error *prompt_render(struct buf *out, struct project *project,
			    const char *name, const struct map *vars) MUST_USE;
/*
 * Begins a request: the role's prompt (a role the project defines has
 * .orch/prompts/<role>.md, else the developer's) as stable system text.
 */
struct error *prompt_begin(struct request *out, struct project *project,
			   const char *role) MUST_USE;

/*
 * Adds text that people or repositories wrote, labelled as data and fenced so
 * that nothing in it can end the fence.
 */
void prompt_fence(struct buf *out, const char *label, const char *text,
		  size_t len);

/*
 * Adds what a program printed without what differs from run to run though
 * nothing else does: durations with a fraction ("0.52s", "13.1 ms") become
 * "#s" and "# ms", moments with milliseconds, as logs have them
 * ("11:56:19.123", with the date before it or not) become "#", addresses
 * ("0x7ffe12ab") "0x#". Whole numbers stay: they may be what the program is
 * about.
 */
void prompt_steady(struct buf *out, const char *text, size_t len);

#endif

/*
 * What those who judge a phase's work are shown of it: validator and manager.
 * All of it is other people's text: fenced, labelled, without secrets.
 */
#ifndef PLANS_WORK_SHOWN_H
#define PLANS_WORK_SHOWN_H

#include "core/call.h"
#include "plans/gate.h"

/*
 * The changes as diffs, and behind them what context_phase() has, together
 * within what the model has room for; what did not fit is named.
 */
struct error *work_shown(struct buf *out, const struct candidate *candidate,
			 const struct agent *agent, const struct model *model,
			 const struct secrets *secrets) MUST_USE;

/* Lists, each ending in a newline: criteria by number, checks, files. */
void criteria_shown(struct buf *out, const struct phase *phase);
void checks_shown(struct buf *out, const struct check_outcomes *checks);
void files_shown(struct buf *out, const struct candidate *candidate);
/* What was wrong, with its hints. */
struct error *findings_shown(struct buf *out, const struct findings *findings,
			     const struct secrets *secrets) MUST_USE;

/*
 * What a model said, for a document: without secrets, control characters and
 * blanks at its ends, cut after so many bytes.  Owned by the caller.
 */
struct error *words_clean(char **out, const struct secrets *secrets,
			  const char *text, size_t most) MUST_USE;
/* A text on one line, cut after so many bytes; owned by the caller. */
char *one_line(const char *text, size_t most) MUST_USE;

#endif

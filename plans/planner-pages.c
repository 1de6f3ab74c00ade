/*
 * A plan's pages: how it came about (brainstorm.md) and how it is built
 * (architecture.md).  They hold no times, ids of runs, or costs.
 */
#include "plans/planner-step.h"

#include <string.h>

static const char *text_of(const struct value *object, const char *key)
{
	return value_text(value_get(object, key), "");
}

/* Text within a list: its further lines are indented. */
static void inset(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\r' || (*text == '\n' && !text[1]))
			continue;
		buf_ch(out, *text);
		if (*text == '\n' && text[1] != '\n')
			buf_str(out, "  ");
	}
	buf_ch(out, '\n');
}

static void heading(struct buf *out, const char *title, const struct value *of)
{
	if (of && of->count)
		buf_addf(out, "\n### %s\n\n", title);
}

/* "- **name**: text" for each row; `second` may be absent. */
static void rows(struct buf *out, const char *title, const struct value *list,
		 const char *first, const char *second)
{
	heading(out, title, list);
	VALUE_EACH(row, list)
	{
		const char *more = text_of(row, second);

		buf_addf(out, "- **%s**", text_of(row, first));
		if (*more)
			buf_str(out, ": ");
		inset(out, more);
	}
}

static void prose(struct buf *out, const char *text)
{
	if (*text)
		buf_addf(out, "\n%s\n", text);
}

static void decisions(struct buf *out, const struct value *list)
{
	heading(out, "Decisions", list);
	VALUE_EACH(row, list)
	{
		buf_addf(out, "- **%s**: ", text_of(row, "title"));
		inset(out, text_of(row, "choice"));
		buf_str(out, "  Why: ");
		inset(out, text_of(row, "why"));
	}
}

static void ideas(struct buf *out, const char *who, const struct value *said)
{
	if (!said)
		return;
	buf_addf(out, "\n## What the %s thought\n", who);
	prose(out, text_of(said, "approach"));
	rows(out, "Ideas", value_get(said, "ideas"), "title", "detail");
	rows(out, "Features", value_get(said, "features"), "title", "why");
	rows(out, "Risks", value_get(said, "risks"), "title", "mitigation");
	rows(out, "Questions", value_get(said, "questions"), "question",
	     "assumed");
}

static void synthesis(struct buf *out, const struct value *said)
{
	buf_str(out, "\n## What was decided\n");
	prose(out, text_of(said, "overview"));
	rows(out, "Features", value_get(said, "features"), "title", "priority");
	decisions(out, value_get(said, "decisions"));
	rows(out, "Risks", value_get(said, "risks"), "title", "mitigation");
	rows(out, "Not done", value_get(said, "dropped"), "title", "why");
}

static void comparison(struct buf *out, const struct value *said)
{
	if (!said)
		return;
	buf_str(out, "\n## Which architecture\n");
	VALUE_EACH(row, value_get(said, "candidates"))
	{
		buf_addf(out, "\n### Candidate %s\n\n", text_of(row, "number"));
		VALUE_EACH(item, value_get(row, "strengths"))
		{
			buf_str(out, "- for: ");
			inset(out, value_text(item, ""));
		}
		VALUE_EACH(item, value_get(row, "weaknesses"))
		{
			buf_str(out, "- against: ");
			inset(out, value_text(item, ""));
		}
	}
	buf_addf(out, "\nCandidate %s was chosen. %s\n",
		 text_of(said, "choice"), text_of(said, "why"));
}

static void modes(struct buf *out, const struct value *said)
{
	if (!said)
		return;
	buf_str(out, "\n## How each feature is built\n\n");
	VALUE_EACH(row, value_get(said, "features"))
	{
		int single = !strcmp(text_of(row, "mode"), "single");

		buf_addf(out, "- `%s`, %s: ", text_of(row, "id"),
			 single ? "one phase" : "broken down");
		inset(out, text_of(row, "why"));
	}
}

static void choices(struct buf *out, const struct value *phases)
{
	if (!phases || !phases->count)
		return;
	buf_str(out, "\n## Who does what\n\n");
	VALUE_EACH(phase, phases)
	{
		buf_addf(out, "- `%s`: %s, ", text_of(phase, "id"),
			 text_of(phase, "agent"));
		inset(out, text_of(phase, "why_agent"));
	}
}

static void notes(struct buf *out, const struct value *list)
{
	if (!list || !list->count)
		return;
	buf_str(out, "\n## What the review noted\n\n");
	VALUE_EACH(item, list)
	{
		buf_str(out, "- ");
		inset(out, value_text(item, ""));
	}
}

void page_brainstorm(struct buf *out, const struct planning *p,
		     const struct value *phases)
{
	buf_addf(out, "# How this plan came about\n\n%s\n", p->goal);
	ideas(out, "manager", p->ideas[PLANNER_MANAGER].root);
	ideas(out, "developer", p->ideas[PLANNER_DEVELOPER].root);
	synthesis(out, p->synthesis.root);
	comparison(out, p->compare.root);
	modes(out, p->workflow.root);
	choices(out, phases);
	notes(out, value_get(p->review.root, "notes"));
}

static void components(struct buf *out, const struct value *list)
{
	heading(out, "Components", list);
	VALUE_EACH(row, list)
	{
		const char *sep = " in ";

		buf_addf(out, "- **%s** (%s)", text_of(row, "name"),
			 text_of(row, "type"));
		VALUE_EACH(file, value_get(row, "files"))
		{
			buf_addf(out, "%s`%s`", sep, value_text(file, ""));
			sep = ", ";
		}
		buf_ch(out, '\n');
		VALUE_EACH(item, value_get(row, "responsibilities"))
		{
			buf_str(out, "  - ");
			inset(out, value_text(item, ""));
		}
	}
}

static void stack(struct buf *out, const struct value *list)
{
	heading(out, "What is used", list);
	VALUE_EACH(row, list)
	{
		buf_addf(out, "- **%s**: %s. ", text_of(row, "name"),
			 text_of(row, "choice"));
		inset(out, text_of(row, "why"));
	}
}

static void interfaces(struct buf *out, const struct value *list)
{
	heading(out, "Interfaces", list);
	VALUE_EACH(row, list)
	{
		buf_addf(out, "- **%s** (%s): ", text_of(row, "name"),
			 text_of(row, "between"));
		inset(out, text_of(row, "contract"));
	}
}

void page_architecture(struct buf *out, const struct planning *p)
{
	const struct value *said = p->architecture.root;

	buf_addf(out, "# Architecture of %s\n",
		 text_of(p->synthesis.root, "title"));
	buf_str(out, "\n## How it works\n");
	prose(out, text_of(said, "overview"));
	stack(out, value_get(said, "technology_stack"));
	components(out, value_get(said, "components"));
	interfaces(out, value_get(said, "interfaces"));
	decisions(out, value_get(said, "decisions"));
	if (*text_of(said, "testing"))
		buf_addf(out, "\n### Tests\n\n%s\n", text_of(said, "testing"));
	heading(out, "Layout", value_get(said, "layout"));
	VALUE_EACH(row, value_get(said, "layout"))
	buf_addf(out, "- `%s`: %s\n", text_of(row, "path"),
		 text_of(row, "purpose"));
}

void page_change(struct buf *out, const struct planning *p,
		 const struct value *answer)
{
	const struct value *phases = value_get(answer, "phases");

	if (!out->len)
		buf_str(out, "# How this plan came about\n");
	buf_addf(out, "\n## A change\n\n%s\n", p->goal);
	prose(out, text_of(answer, "why"));
	if (phases && phases->count)
		buf_ch(out, '\n');
	VALUE_EACH(phase, phases)
	{
		buf_addf(out, "- `%s` is new or different: %s, ",
			 text_of(phase, "id"), text_of(phase, "agent"));
		inset(out, text_of(phase, "why_agent"));
	}
	VALUE_EACH(row, value_get(answer, "skip"))
	{
		buf_addf(out, "- `%s` is skipped: ", text_of(row, "id"));
		inset(out, text_of(row, "reason"));
	}
}

/*
 * A phase's page as Markdown.  What models said stands in lists, each on a
 * line of its own: it cannot make headings.
 */
#include "plans/page.h"

#include "plans/markdown.h"
#include "plans/work-shown.h"

#include <string.h>

#define MOST_LINE 2000

static void add_item(struct buf *out, const char *before, const char *text)
{
	CLEANUP(free_str) char *line = one_line(text, MOST_LINE);

	buf_addf(out, "%s%s\n", before, line);
}

static void list(struct buf *out, const char *title,
		 const struct strings *items)
{
	if (!items->len)
		return;
	buf_addf(out, "\n## %s\n\n", title);
	FOR_EACH (char *, item, items)
		add_item(out, "- ", *item);
}

static const struct value *judgement(const struct report *report, size_t n)
{
	VALUE_EACH(row, value_get(report->verdict.root, "criteria"))
	if (value_int(value_get(row, "criterion"), 0) == (int64_t)n)
		return row;
	return NULL;
}

/* Each criterion, and what shows that it is met. */
static void criteria(struct buf *out, const struct phase *phase,
		     const struct report *report)
{
	size_t n = 0;

	if (!phase->acceptance.len)
		return;
	buf_str(out, "\n## Acceptance criteria\n\n");
	FOR_EACH (char *, criterion, &phase->acceptance) {
		const struct value *row = judgement(report, ++n);

		add_item(out, "- ", *criterion);
		if (row)
			add_item(out,
				 value_bool(value_get(row, "met"), 0)
					 ? "  - met: "
					 : "  - not met: ",
				 value_text(value_get(row, "evidence"), ""));
	}
}

static const char *reason_of(const struct report *report, const char *path)
{
	FOR_EACH (struct grant, grant, &report->grants)
		if (!strcmp(grant->path, path))
			return grant->reason;
	return NULL;
}

static void add_undeclared(struct buf *out, const char *reason)
{
	CLEANUP(free_str) char *line = NULL;

	if (reason)
		line = one_line(reason, MOST_LINE);
	buf_addf(out, " (undeclared%s%s)", line ? ": " : "", line ? line : "");
}

static void files(struct buf *out, const struct candidate *candidate,
		  const struct report *report)
{
	if (!candidate->changes.len)
		return;
	buf_str(out, "\n## Files\n\n");
	FOR_EACH (struct change, change, &candidate->changes) {
		buf_addf(out, "- %s ", change_name(change->kind));
		md_code(out, change->path, MOST_LINE);
		if (!gate_declared(candidate, change))
			add_undeclared(out, reason_of(report, change->path));
		buf_ch(out, '\n');
	}
}

static void evidence(struct buf *out, const struct check_outcomes *checks)
{
	if (!checks->len)
		return;
	buf_str(out, "\n## Checks\n\n");
	FOR_EACH (struct check_outcome, outcome, checks) {
		buf_addf(out, "- `%s`: exit %d, sandbox %s", outcome->name,
			 outcome->exit, sandbox_name(outcome->sandbox));
		if (outcome->coverage >= 0)
			buf_addf(out, ", coverage %d.%02d %%",
				 outcome->coverage / 100,
				 outcome->coverage % 100);
		buf_ch(out, '\n');
	}
}

/* What the validator has to say besides. */
static void remarks(struct buf *out, const struct report *report)
{
	static const char *const rows[][2] = {
		{ "warnings", "Warnings" },
		{ "suggestions", "Suggestions" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(strings_release) struct strings items = STRINGS_INIT;

		value_strings(&items,
			      value_get(report->verdict.root, rows[i][0]));
		list(out, rows[i][1], &items);
	}
}

void page_render(struct buf *out, const struct candidate *candidate,
		 const struct check_outcomes *checks,
		 const struct report *report)
{
	const struct phase *phase = candidate->phase;

	buf_addf(out, "# %s\n", phase->title);
	if (phase->summary)
		buf_addf(out, "\n%s\n", phase->summary);
	buf_addf(out, "\nPhase `%s` of plan `%s`.\n", phase->id,
		 candidate->plan->id);
	if (report->summary) {
		buf_str(out, "\n## What was built\n\n");
		add_item(out, "", report->summary);
	}
	criteria(out, phase, report);
	list(out, "Decisions", &report->decisions);
	list(out, "Notes", &report->notes);
	files(out, candidate, report);
	evidence(out, checks);
	remarks(out, report);
}

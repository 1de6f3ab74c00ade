/*
 * The readiness report as Markdown.  Texts of people and models stand on lines
 * of their own and are escaped: they can neither make headings nor pass for
 * what the tool states.
 */
#include "plans/integration-step.h"

#include "plans/markdown.h"

#include <string.h>

#define MOST_LINE 2000
#define MOST_GOAL 8000

static const char *text_of(const struct value *object, const char *key)
{
	return value_text(value_get(object, key), NULL);
}

static void add_line(struct buf *out, const char *before, const char *text)
{
	buf_str(out, before);
	md_text(out, text, MOST_LINE);
	buf_ch(out, '\n');
}

static const char *said_of(const struct integrating *it, const char *phase)
{
	for (size_t i = 0; i < it->words.phases.len; i++)
		if (!strcmp(it->words.phases.items[i], phase))
			return it->words.texts.items[i];
	return NULL;
}

static void add_criteria(struct buf *out, const struct value *phase)
{
	VALUE_EACH(row, value_get(phase, "criteria"))
	{
		const char *evidence = text_of(row, "evidence");

		buf_addf(out, "- %s: ", text_of(row, "state"));
		add_line(out, "", text_of(row, "criterion"));
		if (evidence)
			add_line(out, "  - ", evidence);
	}
}

static void add_phase(struct buf *out, const struct integrating *it,
		      const struct value *phase)
{
	const char *id = text_of(phase, "phase");
	const char *reason = text_of(phase, "reason");
	const char *said = said_of(it, id);

	if (!said)
		said = text_of(phase, "summary");
	buf_str(out, "\n### ");
	md_text(out, text_of(phase, "title"), MOST_LINE);
	buf_addf(out, "\n\nPhase `%s` is %s", id, text_of(phase, "status"));
	if (reason) {
		buf_str(out, ": ");
		md_text(out, reason, MOST_LINE);
	}
	buf_str(out, reason ? "\n" : ".\n");
	if (said)
		add_line(out, "\n", said);
	if (value_get(phase, "criteria")->count)
		buf_ch(out, '\n');
	add_criteria(out, phase);
}

static void add_checks(struct buf *out, const struct value *checks)
{
	buf_str(out, "\n## Checks\n\n");
	VALUE_EACH(row, checks)
	buf_addf(out, "- `%s`: %s\n", text_of(row, "name"),
		 value_bool(value_get(row, "passed"), 0) ? "passed" : "failed");
	if (!checks->count)
		buf_str(out, "There are none.\n");
}

static void add_list(struct buf *out, const char *title,
		     const struct strings *items, const char *none)
{
	buf_addf(out, "\n## %s\n\n", title);
	FOR_EACH (char *, item, items)
		add_line(out, "- ", *item);
	if (!items->len)
		buf_addf(out, "%s\n", none);
}

void integration_page(struct buf *out, const struct integrating *it)
{
	const struct value *facts = it->facts.root;

	buf_str(out, "# Integration: ");
	md_text(out, text_of(facts, "title"), MOST_LINE);
	buf_addf(out, "\n\nPlan `%s` is **%s**.\n", text_of(facts, "plan"),
		 it->out->ready ? "ready" : "not ready");
	if (it->words.summary)
		add_line(out, "\n", it->words.summary);
	buf_str(out, "\n## What was asked\n\n");
	md_text(out, value_text(value_get(facts, "goal"), ""), MOST_GOAL);
	buf_str(out, "\n\n## What was delivered\n");
	VALUE_EACH(phase, value_get(facts, "phases"))
	add_phase(out, it, phase);
	add_checks(out, value_get(facts, "checks"));
	add_list(out, "What is open", &it->out->open, "Nothing.");
	if (it->words.seams.len)
		add_list(out, "What the integrator saw", &it->words.seams, "");
	buf_addf(out, "\n<!-- facts: %s -->\n", it->hash);
}

/*
 * The body of a pull request.  It reads from the top as a reviewer does: what
 * it is for, whether it does that, what to look at, how.
 */
#include "plans/proposal.h"

#include "plans/markdown.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LINE  2000
#define MOST_TITLE 200
#define MOST_PROSE 20000
#define MOST_ITEMS 100 /* of one list: the document has the rest */

void proposal_release(struct proposal *proposal)
{
	free_str(&proposal->title);
	free_str(&proposal->body);
}

static const char *text_of(const struct value *row, const char *key)
{
	return value_text(value_get(row, key), "");
}

static void add_item(struct buf *out, const char *before, const char *text)
{
	buf_str(out, before);
	md_text(out, text, MOST_LINE);
	buf_ch(out, '\n');
}

/* Paragraphs stay paragraphs; their lines become one. */
static void add_prose(struct buf *out, const char *text)
{
	CLEANUP(free_str) char *all = xstrndup(text, MOST_PROSE);
	char *at = all;

	while (*at) {
		char *end = strstr(at, "\n\n");

		if (end)
			*end = '\0';
		if (at[strspn(at, " \t\r\n")])
			add_item(out, out->len ? "\n" : "", at);
		if (!end)
			return;
		at = end + 2;
	}
}

/* Says after the most that are shown how many there are besides. */
static int is_shown(struct buf *out, const struct value *list, size_t i)
{
	if (i == MOST_ITEMS)
		buf_addf(out, "- and %zu more\n", list->count - MOST_ITEMS);
	return i < MOST_ITEMS;
}

static void list(struct buf *out, const char *title, const struct value *items)
{
	size_t i = 0;

	if (!items || !items->count)
		return;
	buf_addf(out, "\n## %s\n\n", title);
	VALUE_EACH(item, items)
	if (is_shown(out, items, i++))
		add_item(out, "- ", value_text(item, ""));
}

static void add_branch(struct buf *out, const char *name)
{
	md_code(out, name, MOST_LINE);
}

static void place(struct buf *out, const struct proposed *what)
{
	const struct strings *after = &what->phase->depends_on;

	buf_str(out, out->len ? "\nPhase " : "Phase ");
	md_code(out, what->phase->id, MOST_LINE);
	buf_str(out, " of plan ");
	md_code(out, what->plan->id, MOST_LINE);
	if (what->plan->title) {
		buf_str(out, " (");
		md_text(out, what->plan->title, MOST_LINE);
		buf_ch(out, ')');
	}
	for (size_t i = 0; i < after->len; i++) {
		buf_str(out, i ? ", " : "; it depends on ");
		md_code(out, after->items[i], MOST_LINE);
	}
	buf_str(out, ".\n");
	if (!what->draft)
		return;
	buf_str(out, "\nStacked on ");
	add_branch(out, what->base);
	buf_str(out, ": a draft until that has landed.\n");
}

static const struct value *judgement(const struct value *rows, size_t n)
{
	VALUE_EACH(row, rows)
	if (value_int(value_get(row, "criterion"), 0) == (int64_t)n)
		return row;
	return NULL;
}

/* Each criterion, and what shows that it is met. */
static void criteria(struct buf *out, const struct proposed *what)
{
	const struct value *rows =
		value_path(what->document, "result.verdict.criteria");
	size_t n = 0;

	if (!what->phase->acceptance.len)
		return;
	buf_str(out, "\n## Acceptance criteria\n\n");
	FOR_EACH (char *, criterion, &what->phase->acceptance) {
		const struct value *row = judgement(rows, ++n);
		int met = value_bool(value_get(row, "met"), 0);

		add_item(out, "- ", *criterion);
		if (row)
			add_item(out, met ? "  - met: " : "  - **not met**: ",
				 text_of(row, "evidence"));
	}
	if (!rows)
		buf_str(out, "\nNobody judged them.\n");
}

static void add_check(struct buf *out, const struct value *row)
{
	const struct value *coverage = value_get(row, "coverage");
	int64_t end = value_int(value_get(row, "exit"), 0);

	buf_str(out, "- ");
	md_code(out, text_of(row, "name"), MOST_LINE);
	if (end)
		buf_addf(out, ": **failed** (exit %lld)", (long long)end);
	else
		buf_str(out, ": passed");
	buf_addf(out, ", %.1f s, sandbox ",
		 value_number(value_get(row, "seconds"), 0));
	md_text(out, text_of(row, "sandbox"), MOST_LINE);
	if (coverage)
		buf_addf(out, ", coverage %.2f %%", value_number(coverage, 0));
	buf_ch(out, '\n');
}

static void checks(struct buf *out, const struct value *rows)
{
	size_t i = 0;

	if (!rows || !rows->count)
		return;
	buf_str(out, "\n## Checks\n\n");
	VALUE_EACH(row, rows)
	if (is_shown(out, rows, i++))
		add_check(out, row);
}

static void add_file(struct buf *out, const struct value *row)
{
	buf_str(out, "- ");
	md_text(out, text_of(row, "change"), MOST_LINE);
	buf_ch(out, ' ');
	md_code(out, text_of(row, "path"), MOST_LINE);
	if (!value_bool(value_get(row, "declared"), 1))
		buf_str(out, ", **undeclared**");
	buf_ch(out, '\n');
}

/* First what the phase did not say it would touch. */
static void files(struct buf *out, const struct value *rows)
{
	size_t i = 0;

	if (!rows || !rows->count)
		return;
	buf_str(out, "\n## Files\n\n");
	for (int declared = 0; declared < 2; declared++)
		VALUE_EACH(row, rows)
	if (value_bool(value_get(row, "declared"), 1) == declared &&
	    is_shown(out, rows, i++))
		add_file(out, row);
}

static void add_cost(struct buf *out, const char *cost)
{
	if (!strcmp(cost, "unpriced"))
		buf_str(out, ", unpriced");
	else if (*cost && strspn(cost, "0123456789.") == strlen(cost))
		buf_addf(out, ", $%s", cost);
}

static void add_agent(struct buf *out, const struct value *row)
{
	int64_t calls = value_int(value_get(row, "calls"), 0);

	buf_str(out, "- ");
	md_text(out, text_of(row, "role"), MOST_LINE);
	if (*text_of(row, "model")) {
		buf_ch(out, ' ');
		md_code(out, text_of(row, "model"), MOST_LINE);
	}
	if (calls) {
		buf_addf(out, ": %lld call%s, ", (long long)calls,
			 calls == 1 ? "" : "s");
		buf_addf(
			out, "%lld tokens read, %lld written",
			(long long)value_int(value_get(row, "input_tokens"), 0),
			(long long)value_int(value_get(row, "output_tokens"),
					     0));
		add_cost(out, text_of(row, "cost_usd"));
	}
	buf_ch(out, '\n');
}

/* Who did it, and what it cost. */
static void agents(struct buf *out, const struct value *result)
{
	const struct value *rows = value_get(result, "agents");
	int64_t attempts = value_int(value_get(result, "attempts"), 0);
	size_t i = 0;

	if (!rows || !rows->count)
		return;
	buf_str(out, "\n## Cost\n\n");
	VALUE_EACH(row, rows)
	if (is_shown(out, rows, i++))
		add_agent(out, row);
	if (attempts > 1)
		buf_addf(out, "\nIt took %lld attempts.\n",
			 (long long)attempts);
}

/* Names as a shell takes them: those of branches may have marks in them. */
static void add_word(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./@%+=,-";

	if (!word[strspn(word, plain)]) {
		buf_str(out, word);
		return;
	}
	buf_ch(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_str(out, "'\\''");
		else
			buf_ch(out, *word);
	buf_ch(out, '\'');
}

/* What the remote is called here need not be its name elsewhere. */
static void review(struct buf *out, const struct proposed *what)
{
	buf_str(out, "\n## How to review\n\n    git fetch origin\n"
		     "    git diff ");
	for (int i = 0; i < 2; i++) {
		CLEANUP(free_str)
		char *name =
			xasprintf("origin/%s", i ? what->branch : what->base);

		add_word(out, name);
		buf_str(out, i ? "\n" : "...");
	}
	buf_addf(out, "    git orch show %s%s%s\n", what->plan->id,
		 what->phase ? "/" : "", what->phase ? what->phase->id : "");
}

static void phase_title(struct buf *out, const struct phase *phase)
{
	CLEANUP(buf_release) struct buf subject = BUF_INIT;

	phase_subject(&subject, phase, NULL);
	md_plain(out, subject.data, 2 * MOST_TITLE);
	buf_str(out, ": ");
	md_plain(out, phase->title ? phase->title : phase->id, MOST_TITLE);
}

static void phase_body(struct buf *out, const struct proposed *what)
{
	const struct value *result = value_get(what->document, "result");
	const struct value *verdict = value_get(result, "verdict");

	if (what->phase->summary)
		add_prose(out, what->phase->summary);
	place(out, what);
	criteria(out, what);
	checks(out, value_get(result, "checks"));
	files(out, value_get(result, "files"));
	list(out, "Decisions", value_get(result, "decisions"));
	list(out, "Notes", value_get(result, "notes"));
	list(out, "Warnings", value_get(verdict, "warnings"));
	list(out, "Suggestions", value_get(verdict, "suggestions"));
	agents(out, result);
	review(out, what);
}

/* A cell ends at no mark of its text: md_text() and ids have none. */
static void plan_phases(struct buf *out, const struct plan *plan)
{
	buf_str(out, "\n## Phases\n\n| phase | what | depends on |\n"
		     "| --- | --- | --- |\n");
	FOR_EACH (struct phase, phase, &plan->phases) {
		CLEANUP(buf_release) struct buf after = BUF_INIT;

		strings_join(&after, &phase->depends_on, ", ");
		buf_str(out, "| ");
		md_text(out, phase->id, MOST_LINE);
		buf_str(out, " | ");
		md_text(out, phase->title ? phase->title : "", MOST_LINE);
		buf_str(out, " | ");
		md_text(out, after.data, MOST_LINE);
		buf_str(out, " |\n");
	}
}

static void plan_body(struct buf *out, const struct proposed *what)
{
	const char *overview = text_of(what->document, "overview");

	if (what->plan->goal)
		add_prose(out, what->plan->goal);
	if (*overview) {
		buf_str(out, "\n## Overview\n");
		add_prose(out, overview);
	}
	plan_phases(out, what->plan);
	buf_str(out, "\nThe plan is approved when this is merged.\n");
	review(out, what);
}

void proposal_make(struct proposal *out, const struct proposed *what)
{
	struct buf title = BUF_INIT, body = BUF_INIT;

	if (what->phase) {
		phase_title(&title, what->phase);
		phase_body(&body, what);
	} else {
		buf_str(&title, "Plan: ");
		md_plain(&title,
			 what->plan->title ? what->plan->title : what->plan->id,
			 MOST_TITLE);
		plan_body(&body, what);
	}
	out->title = buf_steal(&title);
	out->body = buf_steal(&body);
}

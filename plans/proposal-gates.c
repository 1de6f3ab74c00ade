/*
 * The gates' words on a commit.  A status has no Markdown, and room for one
 * line; what it says is of our own making but for the names of checks.
 */
#include "plans/proposal.h"

#include <stdlib.h>
#include <string.h>

#define PATHS "git-orch/paths"

static char *check_context(const char *name)
{
	return xasprintf("git-orch/check: %s", name);
}

static void PRINTF(3, 4)
	add(struct gate_words *out, char *context, const char *fmt, ...)
{
	struct gate_word *word = PUSH(out);
	va_list args;

	word->context = context;
	va_start(args, fmt);
	word->text = xvasprintf(fmt, args);
	va_end(args);
}

static void paths(struct gate_words *out, const struct value *files)
{
	size_t undeclared = 0, all = files ? files->count : 0;

	VALUE_EACH(row, files)
	undeclared += !value_bool(value_get(row, "declared"), 1);
	CLEANUP(free_str)
	char *besides =
		undeclared ? xasprintf(", %zu of them undeclared", undeclared)
			   : xstrdup("");
	add(out, xstrdup(PATHS), "%zu file%s%s", all, all == 1 ? "" : "s",
	    besides);
}

static void check(struct gate_words *out, const struct value *row)
{
	const char *name = value_text(value_get(row, "name"), "");
	const struct value *coverage = value_get(row, "coverage");
	CLEANUP(free_str)
	char *share = coverage ? xasprintf(", coverage %.2f %%",
					   value_number(coverage, 0))
			       : xstrdup("");

	add(out, check_context(name), "passed in %.1f s, sandbox %s%s",
	    value_number(value_get(row, "seconds"), 0),
	    value_text(value_get(row, "sandbox"), "off"), share);
}

static void verdict(struct gate_words *out, const struct value *verdict_row)
{
	const struct value *rows = value_get(verdict_row, "criteria");
	size_t met = 0;

	if (!verdict_row)
		return;
	VALUE_EACH(row, rows)
	met += (size_t)value_bool(value_get(row, "met"), 0);
	add(out, xstrdup("git-orch/verdict"),
	    "accepted, score %.2f, %zu of %zu criteria met",
	    value_number(value_get(verdict_row, "score"), 0), met,
	    rows ? rows->count : 0);
}

void proposal_gates(struct gate_words *out, const struct value *document)
{
	const struct value *result = value_get(document, "result");

	paths(out, value_get(result, "files"));
	VALUE_EACH(row, value_get(result, "checks"))
	if (!value_int(value_get(row, "exit"), 0))
		check(out, row);
	verdict(out, value_get(result, "verdict"));
}

void proposal_contexts(struct strings *out, const struct config *config)
{
	strings_add(out, PATHS);
	FOR_EACH (struct check, row, &config->checks)
		strings_take(out, check_context(row->name));
}

static int has_context(const struct gate_words *words, const char *context)
{
	FOR_EACH (struct gate_word, word, words)
		if (!strcmp(word->context, context))
			return 1;
	return 0;
}

void proposal_gates_rest(struct gate_words *words, const struct config *config,
			 const char *text)
{
	CLEANUP(strings_release) struct strings all = STRINGS_INIT;

	proposal_contexts(&all, config);
	FOR_EACH (char *, context, &all)
		if (!has_context(words, *context))
			add(words, xstrdup(*context), "%s", text);
}

void gate_words_release(struct gate_words *words)
{
	FOR_EACH (struct gate_word, word, words) {
		free(word->context);
		free(word->text);
	}
	free(words->items);
	*words = (struct gate_words){ NULL, 0, 0 };
}

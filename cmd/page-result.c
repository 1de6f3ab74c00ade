/*
 * What came of a phase, as a person asks: how often it was tried, by whom and
 * for how much, what the checks and the validator said, what has changed.
 * Digests are left to --json.
 */
#include "cmd/page.h"

#include <stdlib.h>
#include <string.h>

#define LABEL 11 /* columns of the labels, their indent too */

/* Of the first line of a part; the others get blanks in its place. */
static void print_label(struct out *out, const char **label)
{
	out_text(out, "  ");
	out_colour(out, COLOUR_CYAN, "%s", *label);
	out_text(out, "%*s", (int)(LABEL - strlen(*label)), "");
	*label = "";
}

static void print_line(struct out *out, const char **label, const char *text)
{
	print_label(out, label);
	out_wrap(out, LABEL + 2, LABEL + 4, "%s", text);
	out_text(out, "\n");
}

static const char *text_of(const struct value *row, const char *key)
{
	return value_text(value_get(row, key), "");
}

/* "0.421000" as "$0.42", what is less than a cent in full. */
static void add_cost(struct buf *out, const char *cost)
{
	double dollars = strtod(cost, NULL);

	if (!strcmp(cost, "unpriced"))
		buf_str(out, "  unpriced");
	else if (dollars > 0)
		buf_addf(out, dollars < 0.01 ? "  $%.6f" : "  $%.2f", dollars);
}

static void print_agents(struct out *out, const struct value *rows)
{
	const char *label = "agents";

	VALUE_EACH(row, rows)
	{
		CLEANUP(buf_release) struct buf line = BUF_INIT;
		int64_t calls = value_int(value_get(row, "calls"), 0);

		buf_addf(&line, "%s  %s", text_of(row, "role"),
			 text_of(row, "model"));
		if (calls)
			buf_addf(&line, "  %lld call%s", (long long)calls,
				 calls == 1 ? "" : "s");
		add_cost(&line, text_of(row, "cost_usd"));
		print_label(out, &label);
		out_text(out, "%s\n", line.data);
	}
}

/* The end of a check's output, line by line as it was. */
static void print_tail(struct out *out, const char *tail)
{
	while (*tail) {
		int len = (int)strcspn(tail, "\n");

		out_colour(out, COLOUR_DIM, "%*s%.*s", LABEL + 4, "", len,
			   tail);
		out_text(out, "\n");
		tail += len + (tail[len] != '\0');
	}
}

static void print_checks(struct out *out, const struct value *rows)
{
	const char *label = "checks";

	VALUE_EACH(row, rows)
	{
		int64_t exit = value_int(value_get(row, "exit"), 0);
		const struct value *coverage = value_get(row, "coverage");

		print_label(out, &label);
		out_text(out, "%s ", text_of(row, "name"));
		if (exit)
			out_colour(out, COLOUR_RED, "failed (exit %lld)",
				   (long long)exit);
		else
			out_colour(out, COLOUR_GREEN, "passed");
		out_text(out, ", %.1f s, %s",
			 value_number(value_get(row, "seconds"), 0),
			 text_of(row, "sandbox"));
		if (coverage)
			out_text(out, ", coverage %.1f %%",
				 value_number(coverage, 0));
		out_text(out, "\n");
		print_tail(out, text_of(row, "tail"));
	}
}

/* The criterion of that number, as the phase's acceptance has it. */
static const char *criterion(const struct value *acceptance, int64_t number)
{
	VALUE_EACH(item, acceptance)
	if (!--number)
		return value_text(item, "");
	return "";
}

static void print_criteria(struct out *out, const struct value *rows,
			   const struct value *acceptance)
{
	VALUE_EACH(row, rows)
	{
		int met = value_bool(value_get(row, "met"), 0);
		int64_t n = value_int(value_get(row, "criterion"), 0);
		const char *evidence = text_of(row, "evidence");

		out_text(out, "%*s", LABEL + 2, "");
		out_colour(out, met ? COLOUR_GREEN : COLOUR_RED, "%s",
			   met ? "\xe2\x9c\x93" : "\xe2\x9c\x97");
		out_text(out, " ");
		out_wrap(out, LABEL + 4, LABEL + 4, "%lld. %s%s%s",
			 (long long)n, criterion(acceptance, n),
			 *evidence ? ": " : "", evidence);
		out_text(out, "\n");
	}
}

static void print_texts(struct out *out, const char *label,
			const struct value *texts)
{
	VALUE_EACH(text, texts)
	print_line(out, &label, value_text(text, ""));
}

static void print_verdict(struct out *out, const struct value *verdict,
			  const struct value *acceptance)
{
	const char *label = "verdict";
	const struct value *score = value_get(verdict, "score");
	int good = value_bool(value_get(verdict, "success"), 0);

	if (!verdict)
		return;
	print_label(out, &label);
	out_colour(out, good ? COLOUR_GREEN : COLOUR_RED, "%s",
		   good ? "accepted" : "refused");
	if (score)
		out_text(out, ", score %.2f", value_number(score, 0));
	out_text(out, "\n");
	print_criteria(out, value_get(verdict, "criteria"), acceptance);
	print_texts(out, "critical", value_get(verdict, "critical"));
	print_texts(out, "warnings", value_get(verdict, "warnings"));
	print_texts(out, "hints", value_get(verdict, "suggestions"));
}

static void print_files(struct out *out, const struct value *rows)
{
	const char *label = "files";

	VALUE_EACH(row, rows)
	{
		const char *change = text_of(row, "change");
		int created = !strcmp(change, "create");
		int gone = !strcmp(change, "delete");

		print_label(out, &label);
		out_colour(out,
			   created ? COLOUR_GREEN
			   : gone  ? COLOUR_RED
				   : COLOUR_YELLOW,
			   "%s",
			   created ? "+"
			   : gone  ? "-"
				   : "~");
		out_text(out, " %s", text_of(row, "path"));
		if (!value_bool(value_get(row, "declared"), 1))
			out_colour(out, COLOUR_YELLOW, "  undeclared");
		out_text(out, "\n");
	}
}

/* "2026-11-21 07:52:38, took 2 s, 2 attempts". */
static void print_work(struct out *out, const struct value *result)
{
	const char *label = "worked";
	const char *started = text_of(result, "started");
	int64_t tries = value_int(value_get(result, "attempts"), 0);
	CLEANUP(buf_release) struct buf line = BUF_INIT;

	if (strlen(started) >= 19)
		buf_addf(&line, "%.10s %.8s, ", started, started + 11);
	if (value_get(result, "seconds"))
		buf_addf(&line, "took %.0f s, ",
			 value_number(value_get(result, "seconds"), 0));
	buf_addf(&line, "%lld attempt%s", (long long)tries,
		 tries == 1 ? "" : "s");
	if (*text_of(result, "start"))
		buf_addf(&line, ", from %.7s", text_of(result, "start"));
	print_line(out, &label, line.data);
}

void page_result(struct out *out, const struct value *root)
{
	const struct value *result = value_get(root, "result");

	if (!result)
		return;
	out_colour(out, COLOUR_CYAN, "result");
	out_text(out, "\n");
	print_work(out, result);
	print_agents(out, value_get(result, "agents"));
	print_checks(out, value_get(result, "checks"));
	print_verdict(out, value_get(result, "verdict"),
		      value_get(root, "acceptance"));
	print_files(out, value_get(result, "files"));
	print_texts(out, "decisions", value_get(result, "decisions"));
	print_texts(out, "notes", value_get(result, "notes"));
}

/* What became of a phase: what next-phase says at its end. */
#include "cmd/outcome.h"
#include "cmd/landings.h"
#include "cmd/wishes.h"

#include <string.h>

static void add_micros(struct tree *tree, struct value *row, const char *key,
		       const struct agent_use *use)
{
	if (use->unpriced)
		value_add_null(tree, row, key);
	else
		value_add_int(tree, row, key, use->micros);
}

static int64_t prompt_tokens(const struct usage *usage)
{
	return usage->input + usage->cached + usage->cache_write;
}

static void add_agents(struct tree *tree, struct value *root,
		       const struct report *report)
{
	struct value *list = value_list(tree, root, "agents");
	struct agent_use total;

	FOR_EACH (struct agent_use, use, &report->uses) {
		struct value *row = value_object(tree, list, NULL);

		value_add_string(tree, row, "role", use->role);
		value_add_string(tree, row, "agent", use->agent);
		value_add_string(tree, row, "model", use->model);
		value_add_int(tree, row, "calls", use->calls);
		value_add_int(tree, row, "input_tokens",
			      prompt_tokens(&use->usage));
		value_add_int(tree, row, "cached_tokens", use->usage.cached);
		value_add_int(tree, row, "output_tokens", use->usage.output);
		add_micros(tree, row, "cost_micros", use);
	}
	report_total(&total, report);
	value_add_int(tree, root, "calls", total.calls);
	add_micros(tree, root, "cost_micros", &total);
}

void pull_json(struct tree *tree, struct value *root, const struct pull *pull)
{
	if (!pull->number) {
		value_add_null(tree, root, "pr");
		return;
	}
	struct value *row = value_object(tree, root, "pr");
	value_add_int(tree, row, "number", pull->number);
	value_add_string(tree, row, "url", pull->url);
}

void pull_print_plan(struct out *out, const struct pull *pull)
{
	out_text(out,
		 "%s is protected: the plan is approved when #%lld is merged\n"
		 "%s\n",
		 pull->base, (long long)pull->number, pull->url);
}

static void add_files(struct tree *tree, struct value *root,
		      const struct changes *changes)
{
	struct value *files = value_list(tree, root, "files");

	FOR_EACH (struct change, change, changes) {
		struct value *row = value_object(tree, files, NULL);

		value_add_string(tree, row, "path", change->path);
		value_add_string(tree, row, "change",
				 change_name(change->kind));
	}
}

void outcome_json(struct out *out, const struct outcome *outcome)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	const struct value *verdict = outcome->report.verdict.root;
	char hex[OID_HEX];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", outcome->plan);
	value_add_string(&tree, root, "phase", outcome->phase);
	value_add_maybe(&tree, root, "title", outcome->title);
	value_add_maybe(&tree, root, "run", outcome->run);
	value_add_string(&tree, root, "status",
			 phase_status_name(outcome->status));
	value_add_maybe(&tree, root, "reason", outcome->reason);
	value_add_bool(&tree, root, "resumed", outcome->resumed);
	value_add_int(&tree, root, "attempts", outcome->attempts);
	value_add_maybe(&tree, root, "branch", outcome->branch);
	value_add_maybe(&tree, root, "commit",
			oid_is_zero(&outcome->commit)
				? NULL
				: oid_hex(hex, &outcome->commit));
	pull_json(&tree, root, &outcome->pull);
	if (outcome->revised)
		revision_json(&tree, root, &outcome->wishes, &outcome->report,
			      outcome->posted);
	else
		value_add_null(&tree, root, "revision");
	value_add_number(&tree, root, "seconds",
			 (double)outcome->millis / 1000);
	add_agents(&tree, root, &outcome->report);
	checks_json(&tree, root, &outcome->checks);
	if (verdict)
		value_add_copy(&tree, root, "verdict", verdict);
	else
		value_add_null(&tree, root, "verdict");
	add_files(&tree, root, &outcome->files);
	messages_json(&tree, root, &outcome->findings);
	out_json(out, root);
}

static void print_checks(struct out *out, const struct outcome *outcome)
{
	FOR_EACH (struct check_outcome, check, &outcome->checks) {
		out_text(out, "  check   %s: ", check->name);
		out_colour(out, check->exit ? COLOUR_RED : COLOUR_GREEN, "%s",
			   check->exit ? check->ended : "passed");
		out_text(out, ", %.1f s, sandbox %s%s",
			 (double)check->millis / 1000,
			 sandbox_name(check->sandbox),
			 check->cached ? ", known" : "");
		if (check->coverage >= 0)
			out_text(out, ", coverage %d.%02d %%",
				 check->coverage / 100, check->coverage % 100);
		out_text(out, "\n");
		if (check->tail)
			out_text(out, "%s\n", check->tail);
	}
}

static void print_verdict(struct out *out, const struct value *verdict)
{
	const struct value *rows = value_get(verdict, "criteria");
	int yes = value_bool(value_get(verdict, "success"), 0);
	size_t met = 0;

	if (!verdict)
		return;
	VALUE_EACH(row, rows)
	met += (size_t)value_bool(value_get(row, "met"), 0);
	out_text(out, "  verdict ");
	out_colour(out, yes ? COLOUR_GREEN : COLOUR_RED, "%s",
		   yes ? "accepted" : "refused");
	out_text(out, ", score %.2f, %zu of %zu criteria met\n",
		 value_number(value_get(verdict, "score"), 0), met,
		 rows ? rows->count : 0);
}

static void print_cost(struct out *out, const struct report *report)
{
	struct agent_use total;
	char money[MONEY_TEXT];

	report_total(&total, report);
	if (!total.calls)
		return;
	/* Of none that has a price there is no sum. */
	int none = total.unpriced && !total.micros;
	money_format(money, sizeof money, none ? UNPRICED : total.micros);
	out_text(out, "  cost    %s%s, %lld call%s%s\n", none ? "" : "$", money,
		 (long long)total.calls, total.calls == 1 ? "" : "s",
		 total.unpriced && !none ? ", not all priced" : "");
}

static void print_note(struct out *out, int indent, const char *text)
{
	out_text(out, "%*s", indent, "");
	/* The output of a check keeps the lines it has. */
	if (strchr(text, '\n'))
		out_text(out, "%s", text);
	else
		out_wrap(out, (size_t)indent, (size_t)indent, "%s", text);
	out_text(out, "\n");
}

/* Refused, a revision leaves the phase in review. */
static const char *outcome_word(const struct outcome *outcome)
{
	if (!outcome->revised)
		return phase_status_name(outcome->status);
	if (outcome->status == PHASE_FAILED)
		return "not revised";
	return outcome->wishes.len ? "revised" : "answered";
}

static void print_revision(struct out *out, const struct outcome *outcome)
{
	wishes_print(out, &outcome->wishes, &outcome->report);
	if (outcome->posted)
		out_text(out, "  answers %zu posted\n", outcome->posted);
}

void outcome_print(struct out *out, const struct outcome *outcome)
{
	int done = outcome->status == PHASE_DONE;
	char hex[OID_HEX];

	out_colour(out, COLOUR_BOLD, "%s", outcome->phase);
	out_text(out, " ");
	out_colour(out, done ? COLOUR_GREEN : COLOUR_RED, "%s",
		   outcome_word(outcome));
	out_text(out, "%s: %s\n", outcome->resumed ? " (resumed)" : "",
		 outcome->title ? outcome->title : "");
	if (outcome->branch)
		out_text(out, "  branch  %s (%.7s)\n", outcome->branch,
			 oid_hex(hex, &outcome->commit));
	if (outcome->pull.number)
		out_text(out, "  pr      #%lld%s %s\n",
			 (long long)outcome->pull.number,
			 outcome->pull.draft ? " (draft)" : "",
			 outcome->pull.url);
	if (outcome->attempts > 1)
		out_text(out, "  tries   %d\n", outcome->attempts);
	if (outcome->files.len)
		out_text(out, "  files   %zu changed\n", outcome->files.len);
	print_checks(out, outcome);
	print_verdict(out, outcome->report.verdict.root);
	if (outcome->unjudged)
		print_note(out, 2,
			   "the acceptance criteria were judged by nobody: no "
			   "agent has the role validator");
	print_cost(out, &outcome->report);
	if (outcome->revised)
		print_revision(out, outcome);
	FOR_EACH (struct finding, finding, &outcome->findings) {
		print_note(out, 2, finding->message);
		if (finding->hint)
			print_note(out, 4, finding->hint);
	}
}

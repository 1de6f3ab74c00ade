/* What the journal says of a run of a coding agent, written and read back. */
#include "core/clock.h"
#include "plans/worker-cli.h"

#include <stdlib.h>
#include <string.h>

void cli_outcome_release(struct cli_outcome *outcome)
{
	error_free(outcome->failed);
	free(outcome->answer);
	free(outcome->session);
	free(outcome->model);
	*outcome = (struct cli_outcome){ .micros = UNPRICED };
}

static void line_begin(struct tree *line, const struct cli_run *run)
{
	const struct task *task = run->task;
	const struct agent *agent = task->agent;
	struct value *root = value_object(line, NULL, NULL);
	char hex[OID_HEX];

	value_add_string(line, root, "call", run->id);
	value_add_string(line, root, "key", run->key);
	value_add_string(line, root, "stage",
			 run->task->stage ? run->task->stage : "implement");
	value_add_string(line, root, "plan", task->plan->id);
	value_add_string(line, root, "phase", task->phase->id);
	value_add_int(line, root, "attempt", task->attempt);
	value_add_string(line, root, "agent", agent->name);
	value_add_maybe(line, root, "provider", agent->provider);
	value_add_string(line, root, "model",
			 agent->model ? agent->model : run->profile->name);
	value_add_string(line, root, "worker", "cli");
	value_add_string(line, root, "profile", run->profile->name);
	value_add_string(line, root, "start", oid_hex(hex, &run->source));
}

struct error *cli_opened(const struct cli_run *run)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;

	if (!run->task->journal)
		return NULL;
	line_begin(&line, run);
	value_add_int(&line, line.root, "micros", run->most.micros);
	value_add_int(&line, line.root, "tokens", run->most.tokens);
	return journal_append(run->task->journal, "open", line.root);
}

static void add_end(struct tree *line, const struct cli_outcome *outcome)
{
	struct value *root = line->root;
	char hex[OID_HEX];

	if (!oid_is_zero(&outcome->tree))
		value_add_string(line, root, "tree",
				 oid_hex(hex, &outcome->tree));
	if (!outcome->failed)
		return;
	value_add_string(line, root, "failed", outcome->failed->message);
	value_add_maybe(line, root, "hint", outcome->failed->hint);
	value_add_bool(line, root, "answered",
		       outcome->failed->code == ERROR_NO);
}

struct error *cli_closed(const struct cli_run *run,
			 const struct cli_outcome *outcome)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root;

	if (!run->task->journal)
		return NULL;
	line_begin(&line, run);
	root = line.root;
	value_add_string(&line, root, "stop", "end");
	usage_print(&line, root, &outcome->usage);
	if (outcome->micros == UNPRICED)
		value_add_bool(&line, root, "unpriced", 1);
	else
		value_add_int(&line, root, "micros", outcome->micros);
	value_add_int(&line, root, "millis", clock_ms() - run->began);
	value_add_int(&line, root, "tries", 1);
	value_add_null(&line, root, "cached");
	value_add_string(&line, root, "sandbox",
			 run->level == SANDBOX_OFF ? "off" : "agent");
	value_add_string(&line, root, "level", sandbox_name(run->level));
	value_add_maybe(&line, root, "session", outcome->session);
	value_add_maybe(&line, root, "answered_by", outcome->model);
	value_add_maybe(&line, root, "answer", outcome->answer);
	add_end(&line, outcome);
	return journal_append(run->task->journal, "closed", root);
}

static char *text_of(const struct value *line, const char *key)
{
	return xstrdup(value_text(value_get(line, key), NULL));
}

/*
 * A failure that was nobody's answer (no key, a server that is down) is no
 * outcome: the run that is resumed tries again.
 */
struct error *cli_known(struct cli_outcome *out, const struct cli_run *run)
{
	CLEANUP(free_str) char *key = xasprintf("key=%s", run->key);
	CLEANUP(free_str)
	char *attempt = xasprintf("attempt=%d", run->task->attempt);
	const struct value *line = NULL;

	if (run->task->journal)
		line = journal_last(run->task->journal, "closed", key, attempt,
				    NULL);
	const char *why = value_text(value_get(line, "failed"), NULL);
	const char *tree = value_text(value_get(line, "tree"), NULL);
	if (!line || (why && !value_bool(value_get(line, "answered"), 0)))
		return NULL;
	if (tree)
		TRY(oid_parse(&out->tree, tree));
	if (why)
		out->failed = error_new(ERROR_NO, "%s", why);
	if (why && value_get(line, "hint"))
		out->failed =
			error_hint(out->failed, "%s",
				   value_text(value_get(line, "hint"), ""));
	out->answer = text_of(line, "answer");
	out->session = text_of(line, "session");
	out->model = text_of(line, "answered_by");
	out->micros = value_int(value_get(line, "micros"), UNPRICED);
	usage_read(&out->usage, value_get(line, "usage"));
	out->known = 1;
	return NULL;
}

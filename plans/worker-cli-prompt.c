/*
 * What a coding agent is told, and what its answer says.  It reads the code by
 * itself, so the context is the documents first, under a small budget; nothing
 * in it depends on when, where or by whom it is run.
 */
#include "core/repair.h"
#include "plans/check.h"
#include "plans/context.h"
#include "plans/prompt.h"
#include "plans/worker-cli.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT_TOKENS 16000
#define MOST_SUMMARY   4000 /* bytes */
#define MOST_LINE      400
#define MOST_LINES     20

static struct error *quote_findings(struct buf *out,
				    const struct findings *findings)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(out, "This was tried before, and refused. The files are as "
		     "that attempt left them, or as they were before it: mend "
		     "what is wrong, keep what is good.\n\n");
	FOR_EACH (struct finding, finding, findings) {
		buf_addf(&raw, "- %s\n", finding->message);
		if (finding->hint)
			buf_addf(&raw, "%s\n", finding->hint);
	}
	prompt_steady(&text, raw.data, raw.len);
	prompt_fence(out, "what was wrong", text.data, text.len);
	return NULL;
}

static struct error *tell_before(struct buf *out, const struct task *task)
{
	if (task->wishes && task->wishes->len)
		wishes_tell(out, task->wishes);
	if (task->findings && task->findings->len)
		TRY(quote_findings(out, task->findings));
	if (task->guidance && *task->guidance) {
		buf_str(out, "The manager's guidance for this attempt:\n\n");
		prompt_fence(out, "guidance", task->guidance,
			     strlen(task->guidance));
	}
	return NULL;
}

static void list_globs(struct buf *out, const char *verb,
		       const struct strings *globs)
{
	FOR_EACH (char *, glob, globs)
		buf_addf(out, "- %s %s\n", verb, *glob);
}

static void list_files(struct buf *out, const struct task *task)
{
	list_globs(out, "create", &task->phase->create);
	list_globs(out, "modify", &task->phase->modify);
	list_globs(out, "delete", &task->phase->del);
	list_globs(out, "any change of", &task->project->config.policy.always);
	if (!out->len)
		buf_str(out, "- none is declared\n");
}

/* An agent has a shell: it is told the command itself. */
static void list_checks(struct buf *out, const struct task *task)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	phase_checks(&names, task->project, task->plan, task->phase);
	FOR_EACH (char *, name, &names) {
		const struct check *check =
			check_find(task->project, task->plan, *name);

		if (check)
			buf_addf(out, "- %s: %s\n", *name, check->run);
	}
	if (!out->len)
		buf_str(out, "- there are none\n");
}

static struct error *add_stage(struct buf *out, const struct task *task)
{
	CLEANUP(buf_release) struct buf acceptance = BUF_INIT;
	CLEANUP(buf_release) struct buf files = BUF_INIT;
	CLEANUP(buf_release) struct buf checks = BUF_INIT;
	CLEANUP(buf_release) struct buf before = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;

	FOR_EACH (char *, line, &task->phase->acceptance)
		buf_addf(&acceptance, "- %s\n", *line);
	if (!acceptance.len)
		buf_str(&acceptance, "- as the phase's document says\n");
	list_files(&files, task);
	list_checks(&checks, task);
	TRY(tell_before(&before, task));
	map_set(&vars, "title", task->phase->title);
	map_set(&vars, "acceptance", acceptance.data);
	map_set(&vars, "files", files.data);
	map_set(&vars, "checks", checks.data);
	map_set(&vars, "before", before.data);
	map_set(&vars, "brief", (char *)(task->brief ? task->brief : ""));
	CLEANUP(free_str)
	char *name = task->stage ? xasprintf("stage-%s-cli", task->stage)
				 : xstrdup("stage-cli");
	return prompt_render(out, task->project, name, &vars);
}

static struct error *add_role(struct buf *out, const struct task *task)
{
	struct error *err =
		prompt_render(out, task->project, task->agent->role, NULL);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return prompt_render(out, task->project, "developer", NULL);
}

struct error *cli_prompt(struct cli_run *run)
{
	CLEANUP(context_release)
	struct context context = CONTEXT_INIT(CONTEXT_TOKENS);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct task *task = run->task;
	const struct secrets *secrets =
		task->caller ? task->caller->secrets : NULL;

	TRY(add_role(&text, task));
	TRY(context_phase(&context, task->project, task->plan, task->phase,
			  task->agent, &run->begin));
	context_end(&context);
	buf_ch(&text, '\n');
	buf_add(&text, context.text.data, context.text.len);
	TRY(add_stage(&text, task));
	if (secrets)
		return secrets_redact(&run->prompt, secrets, text.data,
				      text.len);
	buf_add(&run->prompt, text.data, text.len);
	return NULL;
}

/* At most so many bytes, not ending within a character, without blanks. */
static char *cut(const char *text, size_t most)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	if (len > most) {
		len = most;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return printable_text(text, text + len);
}

static void add_lines(struct strings *out, const struct value *list)
{
	VALUE_EACH(item, list)
	{
		char *line = cut(value_text(item, ""), MOST_LINE);

		for (char *c = line; *c; c++)
			if (*c == '\n' || *c == '\t')
				*c = ' ';
		if (*line && out->len < MOST_LINES)
			strings_take(out, line);
		else
			free(line);
	}
}

static int is_report(const struct value *value)
{
	const struct value *summary = value_get(value, "summary");

	return summary && summary->kind == VALUE_STRING;
}

/* The form it was asked for; without it, all it said is the summary. */
void cli_report_answer(struct report *report, const char *answer)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(repair_release) struct repair how = { 0 };
	CLEANUP(error_release)
	struct error *err = json_repair(&tree, &how, answer, strlen(answer), 0);
	const struct value *said =
		!err && !how.half && is_report(tree.root) ? tree.root : NULL;

	free(report->summary);
	report->summary = cut(value_text(value_get(said, "summary"), answer),
			      MOST_SUMMARY);
	if (!*report->summary)
		free_str(&report->summary);
	add_lines(&report->decisions, value_get(said, "decisions"));
	add_lines(&report->notes, value_get(said, "notes"));
	report_answers(report, value_get(said, "answers"));
}

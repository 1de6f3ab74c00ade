/*
 * How the conversation begins: who the model is, what it is shown, what it is
 * asked.  Nothing in it depends on when, where or by whom it is run.
 */
#include "core/dialect.h"
#include "plans/context.h"
#include "plans/document.h"
#include "plans/prompt.h"
#include "plans/worker-tools.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_TOKENS 16384 /* as core/call.c asks for by itself */
#define RESERVE       2048 /* what is no text: roles, names, brackets */
#define LEAST_ROOM    2048
#define MOST_ROOM     160000 /* more is paid for with every call */
#define MOST_CONTEXT  64000

/* What the answer may take, which the service lowers to what it knows. */
static int64_t answer_tokens(const struct model *model,
			     const struct capability *able)
{
	int64_t most = able->max_output;

	if (!model->max_tokens)
		return most < ANSWER_TOKENS ? most : ANSWER_TOKENS;
	if (!strcmp(able->model, "*") || model->max_tokens < most)
		return model->max_tokens;
	return most;
}

/* What is left for a request beside the answer. */
static int64_t room_of(const struct model *model)
{
	const struct capability *able =
		capability_find(model->endpoint.driver, model->model);
	int64_t room = able->context - answer_tokens(model, able) - RESERVE;

	if (room > MOST_ROOM)
		return MOST_ROOM;
	return room < LEAST_ROOM ? LEAST_ROOM : room;
}

static void set_list(struct map *vars, struct strings *held, const char *name,
		     const struct strings *list, const char *none)
{
	struct buf text = BUF_INIT;

	FOR_EACH (char *, item, list)
		buf_addf(&text, "- %s\n", *item);
	if (!list->len)
		buf_addf(&text, "%s\n", none);
	strings_take(held, buf_steal(&text));
	map_set(vars, name, held->items[held->len - 1]);
}

/* Of the document, which has more than a phase is scheduled by. */
static struct error *read_lists(struct strings *objectives,
				struct strings *tests, const struct task *task)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct phase *phase = task->phase;

	if (oid_is_zero(&phase->blob))
		return NULL;
	TRY(blob_read(&text, task->project->repo, &phase->blob, 1 << 20));
	TRY(document_parse(&document, DOCUMENT_PHASE, phase->path, text.data,
			   text.len, &findings));
	value_strings(objectives, value_get(document.tree.root, "objectives"));
	value_strings(tests, value_get(document.tree.root, "tests"));
	return NULL;
}

static void list_globs(struct strings *out, const char *verb,
		       const struct strings *globs)
{
	FOR_EACH (char *, glob, globs)
		strings_addf(out, "%s %s", verb, *glob);
}

/* What was wrong is data: checks printed it, or gates name what a model did. */
static struct error *quote_findings(struct buf *out,
				    const struct secrets *secrets,
				    const struct findings *findings)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	FOR_EACH (struct finding, finding, findings) {
		buf_addf(&raw, "- %s\n", finding->message);
		if (finding->hint)
			buf_str(&raw, finding->hint);
		if (raw.data[raw.len - 1] != '\n')
			buf_ch(&raw, '\n');
	}
	prompt_steady(&text, raw.data, raw.len);
	buf_clear(&raw);
	if (secrets)
		TRY(secrets_redact(&raw, secrets, text.data, text.len));
	else
		buf_add(&raw, text.data, text.len);
	prompt_fence(out, "what was wrong", raw.data, raw.len);
	return NULL;
}

static struct error *tell_before(struct buf *out, const struct tooling *t)
{
	const struct task *task = t->task;

	if (task->wishes && task->wishes->len)
		wishes_tell(out, task->wishes);
	if (task->findings && task->findings->len) {
		buf_str(out, "This was tried before, and refused. The files "
			     "are as that attempt left them: mend what is "
			     "wrong, keep what is good.\n\n");
		TRY(quote_findings(out, t->box.secrets, task->findings));
	}
	if (task->guidance && *task->guidance) {
		buf_str(out, "The manager's guidance for this attempt:\n\n");
		prompt_fence(out, "guidance", task->guidance,
			     strlen(task->guidance));
	}
	return NULL;
}

static struct error *ask_for_it(struct tooling *t)
{
	const struct task *task = t->task;
	const struct phase *phase = task->phase;
	CLEANUP(strings_release) struct strings held = STRINGS_INIT;
	CLEANUP(strings_release) struct strings objectives = STRINGS_INIT;
	CLEANUP(strings_release) struct strings tests = STRINGS_INIT;
	CLEANUP(strings_release) struct strings files = STRINGS_INIT;
	CLEANUP(strings_release) struct strings checks = STRINGS_INIT;
	CLEANUP(buf_release) struct buf before = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;

	TRY(read_lists(&objectives, &tests, task));
	list_globs(&files, "create", &phase->create);
	list_globs(&files, "modify", &phase->modify);
	list_globs(&files, "delete", &phase->del);
	list_globs(&files, "any change of",
		   &task->project->config.policy.always);
	phase_checks(&checks, task->project, task->plan, phase);
	TRY(tell_before(&before, t));
	map_set(&vars, "title", phase->title);
	map_set(&vars, "before", before.data);
	set_list(&vars, &held, "objectives", &objectives,
		 "as the phase's document says");
	set_list(&vars, &held, "acceptance", &phase->acceptance,
		 "as the phase's document says");
	set_list(&vars, &held, "files", &files, "none is declared");
	set_list(&vars, &held, "tests", &tests,
		 "those that show what was built");
	set_list(&vars, &held, "checks", &checks, "there are none");
	map_set(&vars, "brief", (char *)(task->brief ? task->brief : ""));
	CLEANUP(free_str)
	char *name =
		xasprintf("stage-%s", task->stage ? task->stage : "implement");
	TRY(prompt_render(&text, task->project, name, &vars));
	request_user(&t->request, text.data);
	return NULL;
}

static struct error *show_context(struct tooling *t)
{
	int64_t most = t->room / 2 < MOST_CONTEXT ? t->room / 2 : MOST_CONTEXT;
	CLEANUP(context_release) struct context context = CONTEXT_INIT(most);
	const struct task *task = t->task;
	struct oid tree;

	context.secrets = t->box.secrets;
	TRY(workspace_write_tree(&tree, t->box.work));
	TRY(context_phase(&context, task->project, task->plan, task->phase,
			  task->agent, &tree));
	context_end(&context);
	if (context.text.len)
		request_user(&t->request, context.text.data);
	return NULL;
}

struct error *tooling_begin(struct tooling *t)
{
	const struct task *task = t->task;

	TRY(model_open(&t->model, task->project, task->agent,
		       task->caller->secrets));
	t->room = room_of(t->model);
	TRY(prompt_begin(&t->request, task->project, task->agent->role));
	TRY(tools_offer(&t->request));
	TRY(show_context(t));
	TRY(ask_for_it(t));
	const struct value *messages =
		value_get(t->request.tree.root, "messages");
	t->head = value_get(messages->child, "parts")->count;
	/* A later attempt is derived from what the one before came to. */
	if (task->report->keys.len)
		strings_add(
			&t->rests_on,
			task->report->keys.items[task->report->keys.len - 1]);
	return NULL;
}

/*
 * The words of an integrator.  It is shown the facts and may not deny them: a
 * reply that calls ready what is not, or leaves a phase out, is asked for
 * again.  It is a call of planning: charged to the plan, and to no phase.
 */
#include "plans/integration-step.h"

#include "core/answer.h"
#include "core/file.h"
#include "core/json.h"
#include "gitops/layout.h"
#include "plans/agents.h"
#include "plans/context.h"
#include "plans/elsewhere.h"
#include "plans/prompt.h"
#include "plans/work-shown.h"

#include <stdlib.h>
#include <string.h>

#define ROLE        "integrator"
#define MOST_TOKENS 48000
#define MOST_BYTES  (256u << 10)
#define MOST_WORDS  2000

void integration_words_release(struct integration_words *words)
{
	free(words->summary);
	strings_release(&words->phases);
	strings_release(&words->texts);
	strings_release(&words->seams);
	*words = (struct integration_words){ .summary = NULL };
}

/* A program has no form to answer in. */
static const struct agent *find_agent(const struct project *project)
{
	const struct agent *agent = agent_of_role(&project->config, ROLE);

	return agent && agent_asks(&project->config, agent) ? agent : NULL;
}

char *integration_author(const struct project *project)
{
	const struct agent *agent = find_agent(project);

	return agent ? xasprintf("%s:%s", agent->name,
				 agent->model ? agent->model : agent->provider)
		     : xstrdup("");
}

struct asking {
	struct caller caller;
	struct journal *journal;
	struct model *model;
	struct request request;
};

static void asking_release(struct asking *asking)
{
	caller_close(&asking->caller);
	model_free(&asking->model);
	request_release(&asking->request);
	journal_close(&asking->journal);
}

static const struct value *phases_of(const struct integrating *it)
{
	return value_get(it->facts.root, "phases");
}

static int has_phase(const struct integrating *it, const char *id)
{
	VALUE_EACH(row, phases_of(it))
	if (!strcmp(value_text(value_get(row, "phase"), ""), id))
		return 1;
	return 0;
}

static void judge_phases(struct findings *findings,
			 const struct integrating *it,
			 const struct value *answer)
{
	CLEANUP(strings_release) struct strings seen = STRINGS_INIT;

	VALUE_EACH(row, value_get(answer, "phases"))
	{
		const char *id = value_text(value_get(row, "phase"), "");

		if (!has_phase(it, id))
			finding_add(findings, "phases", NULL,
				    "there is no phase '%s' above", id);
		else if (strings_has(&seen, id))
			finding_add(findings, "phases", NULL,
				    "phase '%s' is there twice", id);
		strings_add(&seen, id);
	}
	VALUE_EACH(row, phases_of(it))
	{
		const char *id = value_text(value_get(row, "phase"), "");

		if (!strings_has(&seen, id))
			finding_add(findings, "phases", NULL,
				    "phase '%s' is missing", id);
	}
}

static struct error *judge(struct findings *findings,
			   const struct value *answer, void *data)
{
	const struct integrating *it = data;
	int ready = it->out->ready;

	if (value_bool(value_get(answer, "ready"), 0) != ready)
		finding_add(findings, "ready", NULL,
			    "ready has to be %s, as the facts say",
			    ready ? "true" : "false");
	judge_phases(findings, it, answer);
	return NULL;
}

static struct error *quote_doc(struct context *context,
			       const struct project *project, char *path)
{
	CLEANUP(free_str) char *owned = path;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	enum file_mode mode;
	struct oid blob;
	size_t size;

	TRY(tree_entry(&mode, &blob, project->repo, &project->base.tree,
		       owned));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	TRY(blob_size(&size, project->repo, &blob));
	if (size > MOST_BYTES)
		return NULL;
	TRY(blob_read(&text, project->repo, &blob, MOST_BYTES));
	return context_quote(context, owned, text.data, text.len);
}

/* The design, each phase's page, and what the repository has. */
static struct error *show(struct buf *out, const struct integrating *it,
			  const struct asking *asking)
{
	CLEANUP(context_release)
	struct context context = CONTEXT_INIT(MOST_TOKENS);
	struct project *project = it->project;

	context.secrets = asking->caller.secrets;
	TRY(quote_doc(&context, project,
		      layout_doc_file(it->plan_id, "architecture.md")));
	VALUE_EACH(row, phases_of(it))
	TRY(quote_doc(
		&context, project,
		layout_page_file(it->plan_id,
				 value_text(value_get(row, "phase"), ""))));
	TRY(context_code(&context, project->repo, &project->base.tree));
	context_end(&context);
	buf_add(out, context.text.data, context.text.len);
	return NULL;
}

static struct error *ask_text(struct buf *out, const struct integrating *it,
			      const struct asking *asking)
{
	CLEANUP(buf_release) struct buf json = BUF_INIT;
	CLEANUP(buf_release) struct buf clean = BUF_INIT;
	CLEANUP(buf_release) struct buf facts = BUF_INIT;
	CLEANUP(buf_release) struct buf context = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;

	json_print_pretty(&json, it->facts.root);
	TRY(secrets_redact(&clean, asking->caller.secrets, json.data,
			   json.len));
	prompt_fence(&facts, "facts", clean.data, clean.len);
	TRY(show(&context, it, asking));
	map_set(&vars, "plan", (char *)it->plan_id);
	map_set(&vars, "facts", facts.data);
	map_set(&vars, "context", context.data);
	return prompt_render(out, it->project, "stage-integration", &vars);
}

static struct error *note(struct asking *asking, const char *type,
			  const char *plan)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);

	value_add_string(&line, root, "plan", plan);
	value_add_null(&line, root, "phase");
	return journal_append(asking->journal, type, root);
}

static struct error *open_run(struct asking *asking, struct integrating *it)
{
	CLEANUP(free_str) char *run = journal_new_run();
	const char *orch;

	TRY(repo_orch_dir(&orch, it->project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(journal_open(&asking->journal, dir, run));
	TRY(caller_open(&asking->caller, it->project, asking->journal,
			it->plan_id, NULL));
	TRY(elsewhere_tell(asking->caller.budget, it->project, it->plan_id,
			   NULL, NULL));
	TRY(model_open(&asking->model, it->project, find_agent(it->project),
		       asking->caller.secrets));
	return note(asking, "start", it->plan_id);
}

static struct error *take(struct integrating *it, const struct value *answer,
			  const struct secrets *secrets)
{
	struct integration_words words = { .summary = NULL };
	struct error *err = words_clean(
		&words.summary, secrets,
		value_text(value_get(answer, "summary"), ""), MOST_WORDS);

	VALUE_EACH(row, value_get(answer, "phases"))
	{
		CLEANUP(free_str) char *text = NULL;

		if (!err)
			err = words_clean(
				&text, secrets,
				value_text(value_get(row, "text"), ""),
				MOST_WORDS);
		strings_add(&words.phases,
			    value_text(value_get(row, "phase"), ""));
		strings_add(&words.texts, text ? text : "");
	}
	VALUE_EACH(row, value_get(answer, "seams"))
	{
		CLEANUP(free_str) char *text = NULL;

		if (!err)
			err = words_clean(&text, secrets, value_text(row, ""),
					  MOST_WORDS);
		strings_add(&words.seams, text ? text : "");
	}
	if (err)
		integration_words_release(&words);
	else
		it->words = words;
	return err;
}

static struct error *ask(struct integrating *it, struct asking *asking)
{
	CLEANUP(answer_release) struct answer answer = { .model = NULL };
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct call_spec spec = {
		.request = &asking->request,
		.stage = "integration",
		.plan = it->plan_id,
	};

	TRY(open_run(asking, it));
	spec.model = asking->model;
	TRY(prompt_begin(&asking->request, it->project, ROLE));
	TRY(ask_text(&text, it, asking));
	request_user(&asking->request, text.data);
	TRY(answer_run(&answer, &asking->caller, &spec, "reply/integration",
		       judge, it));
	TRY(take(it, answer.tree.root, asking->caller.secrets));
	free(it->out->agent);
	it->out->agent =
		xasprintf("%s:%s", answer.model->agent, answer.model->model);
	return note(asking, "end", it->plan_id);
}

struct error *integration_ask(struct integrating *it)
{
	CLEANUP(asking_release)
	struct asking asking = { .caller = CALLER_INIT };
	struct project *project = it->project;

	if (!find_agent(project))
		return NULL;
	if (project->progress)
		progress_set(project->progress, it->plan_id, "report");
	request_init(&asking.request);
	struct error *err = ask(it, &asking);
	if (!err || error_is(err, ERROR_INTERRUPT))
		return err;
	if (asking.journal)
		error_free(note(&asking, "end", it->plan_id));
	log_write(project->log, LOG_WARN, err->message, "plan", it->plan_id,
		  NULL);
	free(it->out->silent);
	it->out->silent = xstrdup(err->message);
	error_free(err);
	integration_words_release(&it->words);
	return NULL;
}

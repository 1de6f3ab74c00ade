/*
 * What becomes of a phase whose attempts are used up: the manager lets it be
 * tried once more, with guidance, or gives it up.
 */
#include "plans/models.h"
#include "plans/prompt.h"
#include "plans/verdict.h"
#include "plans/work-shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROLE       "manager"
#define MOST_WORDS 8192

void manager_decision_release(struct manager_decision *decision)
{
	free(decision->guidance);
	free(decision->reason);
	free(decision->proposal);
	*decision = (struct manager_decision){ .choice = CHOICE_GIVE_UP };
}

static struct error *
ask_text(struct buf *out, const struct candidate *candidate,
	 const struct findings *findings, const struct agent *agent,
	 const struct model *model, const struct secrets *secrets)
{
	CLEANUP(buf_release) struct buf wrong = BUF_INIT;
	CLEANUP(buf_release) struct buf context = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;
	char attempts[16];

	snprintf(attempts, sizeof attempts, "%d", candidate->attempt);
	TRY(findings_shown(&wrong, findings, secrets));
	TRY(work_shown(&context, candidate, agent, model, secrets));
	map_set(&vars, "title", candidate->phase->title);
	map_set(&vars, "attempts", attempts);
	map_set(&vars, "findings", wrong.data);
	map_set(&vars, "context", context.data);
	return prompt_render(out, candidate->project, "stage-decide", &vars);
}

static int retries(const struct value *decision)
{
	return !strcmp(value_text(value_get(decision, "choice"), ""), "retry");
}

static struct error *judge(struct findings *findings,
			   const struct value *decision, void *data)
{
	(void)data;
	if (retries(decision) &&
	    !value_text(value_get(decision, "guidance"), NULL))
		finding_add(findings, "guidance", NULL,
			    "a retry needs guidance: what is to be done "
			    "differently");
	return NULL;
}

static struct error *take(struct manager_decision *out,
			  const struct value *decision,
			  const struct secrets *secrets)
{
	int retry = retries(decision);
	const struct {
		const char *key;
		char **to;
	} rows[] = {
		{ "reason", &out->reason },
		{ retry ? "guidance" : "proposal",
		  retry ? &out->guidance : &out->proposal },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *text =
			value_text(value_get(decision, rows[i].key), NULL);

		if (text)
			TRY(words_clean(rows[i].to, secrets, text, MOST_WORDS));
	}
	out->choice = retry ? CHOICE_RETRY : CHOICE_GIVE_UP;
	return NULL;
}

static struct error *ask(struct answer *out, const struct candidate *candidate,
			 struct caller *caller, const struct findings *findings,
			 const struct agent *agent, const struct model *model,
			 const struct strings *depends)
{
	CLEANUP(request_release) struct request request;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct call_spec spec = {
		.request = &request,
		.model = model,
		.stage = "decide",
		.plan = candidate->plan->id,
		.phase = candidate->phase->id,
		.attempt = candidate->attempt,
		.depends = depends,
	};

	request_init(&request);
	TRY(prompt_begin(&request, candidate->project, ROLE));
	TRY(ask_text(&text, candidate, findings, agent, model,
		     caller->secrets));
	request_user(&request, text.data);
	return answer_run(out, caller, &spec, "reply/decision", judge, NULL);
}

struct error *manager_decide(struct manager_decision *out,
			     const struct candidate *candidate,
			     struct caller *caller,
			     const struct findings *findings,
			     struct report *report)
{
	const struct agent *agent =
		agent_of_role(&candidate->project->config, ROLE);
	CLEANUP(model_free) struct model *model = NULL;
	CLEANUP(answer_release) struct answer answer = { .model = NULL };

	manager_decision_release(out);
	if (!agent)
		return NULL;
	TRY(model_open(&model, candidate->project, agent, caller->secrets));
	struct error *err = ask(&answer, candidate, caller, findings, agent,
				model, &report->keys);
	report_use_answer(report, ROLE, &answer);
	if (error_is(err, ERROR_NO) || error_is(err, ERROR_INVALID)) {
		out->reason =
			xasprintf("there was no decision: %s", err->message);
		error_free(err);
		return NULL;
	}
	TRY(err);
	return take(out, answer.tree.root, caller->secrets);
}

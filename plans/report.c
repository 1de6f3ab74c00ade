/* What was said and used while a phase was worked on. */
#include "plans/report.h"

#include <stdlib.h>
#include <string.h>

#define MOST_ANSWERS 100

void report_init(struct report *report)
{
	*report = (struct report){ .summary = NULL };
}

void report_clear_words(struct report *report)
{
	free(report->summary);
	report->summary = NULL;
	strings_release(&report->decisions);
	strings_release(&report->notes);
	FOR_EACH (struct grant, grant, &report->grants) {
		free(grant->path);
		free(grant->reason);
	}
	free(report->grants.items);
	report->grants.items = NULL;
	report->grants.len = report->grants.cap = 0;
	FOR_EACH (struct worker_answer, answer, &report->answers)
		free(answer->text);
	free(report->answers.items);
	report->answers.items = NULL;
	report->answers.len = report->answers.cap = 0;
	tree_release(&report->verdict);
}

void report_release(struct report *report)
{
	report_clear_words(report);
	FOR_EACH (struct agent_use, use, &report->uses) {
		free(use->role);
		free(use->agent);
		free(use->model);
	}
	free(report->uses.items);
	strings_release(&report->keys);
	report_init(report);
}

void report_answers(struct report *report, const struct value *list)
{
	VALUE_EACH(row, list)
	{
		int64_t remark = value_int(value_get(row, "remark"), 0);
		const char *text = value_text(value_get(row, "text"), "");

		if (remark < 1 || !*text || report->answers.len >= MOST_ANSWERS)
			continue;
		*PUSH(&report->answers) = (struct worker_answer){
			.remark = remark,
			.text = xstrdup(text),
			.changed = value_bool(value_get(row, "changed"), 0),
		};
	}
}

static struct agent_use *use_of(struct report *report, const char *role,
				const struct model *model)
{
	FOR_EACH (struct agent_use, use, &report->uses)
		if (!strcmp(use->role, role) &&
		    !strcmp(use->agent, model->agent) &&
		    !strcmp(use->model, model->model))
			return use;
	struct agent_use *use = PUSH(&report->uses);
	use->role = xstrdup(role);
	use->agent = xstrdup(model->agent);
	use->model = xstrdup(model->model);
	return use;
}

static void charge(struct report *report, const char *role,
		   const struct answer_call *call)
{
	struct agent_use *use = use_of(report, role, call->model);

	/* An equal request was answered before: nothing was sent or paid. */
	if (strings_has(&report->keys, call->key))
		return;
	use->calls++;
	usage_add(&use->usage, &call->usage);
	if (call->micros == UNPRICED)
		use->unpriced++;
	else
		use->micros += call->micros;
	strings_add(&report->keys, call->key);
}

void report_use(struct report *report, const char *role,
		const struct call_result *result)
{
	struct answer_call call = { .model = result->model,
				    .usage = result->reply.usage,
				    .micros = result->micros };

	memcpy(call.key, result->key, sizeof call.key);
	charge(report, role, &call);
}

void report_use_answer(struct report *report, const char *role,
		       const struct answer *answer)
{
	FOR_EACH (struct answer_call, call, &answer->calls)
		charge(report, role, call);
}

void report_total(struct agent_use *out, const struct report *report)
{
	*out = (struct agent_use){ .role = NULL };
	FOR_EACH (struct agent_use, use, &report->uses) {
		out->calls += use->calls;
		out->micros += use->micros;
		out->unpriced += use->unpriced;
		usage_add(&out->usage, &use->usage);
	}
}

/*
 * The worker `tools`: a model that works on the workspace by calling tools,
 * until it calls finish.
 *
 * Nothing of the conversation is kept but in the journal and the store of
 * replies.  A resumed run walks it again from the start: the same requests
 * come out, because tools are functions of the workspace and of journalled
 * outcomes, and their replies are there already.
 */
#include "plans/worker-tools.h"

#include "core/json.h"
#include "core/progress.h"

#include <string.h>

#define MOST_SAME       3 /* of one call, nothing having changed */
#define NUDGE_IDLE      8 /* turns without a change or a check */
#define MOST_IDLE       16
#define MOST_SILENT     2
#define MOST_UNFINISHED 4
#define MOST_SQUEEZED   3

static void release(struct tooling *t)
{
	model_free(&t->model);
	request_release(&t->request);
	strings_release(&t->rests_on);
	strings_release(&t->seen);
}

static struct error *give_up(const struct tooling *t, const char *why)
{
	return error_hint(
		error_new(ERROR_NO, "agent '%s' %s", t->task->agent->name, why),
		"say more exactly in the phase's document what is to be done, "
		"split the phase, or give the agent another model");
}

static void rest_on(struct tooling *t, const char *key)
{
	strings_release(&t->rests_on);
	strings_add(&t->rests_on, key);
}

struct error *tooling_ask(struct call_result *out, int *too_long,
			  struct tooling *t, const struct request *request,
			  const char *stage)
{
	const struct task *task = t->task;
	enum retry_cause cause = CAUSE_REQUEST;
	const struct call_spec spec = {
		.request = request,
		.model = t->model,
		.stage = stage,
		.plan = task->plan->id,
		.phase = task->phase->id,
		.attempt = task->attempt,
		.depends = &t->rests_on,
		.cause = &cause,
	};

	*too_long = 0;
	if (t->calls++ >= MOST_CALLS) {
		CLEANUP(free_str)
		char *why =
			xasprintf("was not done after %d calls", MOST_CALLS);
		return give_up(t, why);
	}
	struct error *err = call_run(out, task->caller, &spec);
	if (error_is(err, ERROR_INVALID) && cause == CAUSE_TOO_LONG) {
		error_free(err);
		*too_long = 1;
		return NULL;
	}
	TRY(err);
	report_use(task->report, task->agent->role, out);
	rest_on(t, out->key);
	return NULL;
}

static struct error *report_progress(const struct tooling *t,
				     const struct value *call)
{
	CLEANUP(buf_release) struct buf label = BUF_INIT;
	CLEANUP(buf_release) struct buf shown = BUF_INIT;
	struct progress *progress = t->task->project->progress;

	if (!progress)
		return NULL;
	tools_label(&label, call);
	if (t->box.secrets)
		TRY(secrets_redact(&shown, t->box.secrets, label.data,
				   label.len));
	else
		buf_str(&shown, label.data);
	progress_set(progress, t->task->phase->id, "implement (%d): %s",
		     t->calls, shown.data);
	return NULL;
}

/* How often this call was made since the files last changed. */
static size_t count_same(struct tooling *t, const struct value *call)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t n = 1;

	buf_addf(&text, "%s ", value_text(value_get(call, "name"), ""));
	json_print_canonical(&text, value_get(call, "input"));
	/* What could not be read has no input, but is not all the same. */
	buf_str(&text, value_text(value_get(call, "broken"), ""));
	FOR_EACH (char *, other, &t->seen)
		n += !strcmp(*other, text.data);
	strings_add(&t->seen, text.data);
	return n;
}

static struct error *run_one(struct tooling *t, const struct value *call)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t writes = t->box.writes;
	size_t same = count_same(t, call);
	int is_error;

	TRY(report_progress(t, call));
	TRY(tools_run(&text, &is_error, &t->box, call));
	if (t->box.writes != writes)
		strings_release(&t->seen);
	else if (same >= MOST_SAME)
		return give_up(t, "made the same call again and again");
	else if (same > 1)
		buf_str(&text, "[this is the same call as before, and nothing "
			       "has changed since]\n");
	request_result(&t->request, value_text(value_get(call, "id"), ""),
		       text.data, is_error);
	return NULL;
}

/* Runs every call of the reply, in order. */
static struct error *run_calls(struct tooling *t, const struct reply *reply)
{
	size_t before = t->box.writes + t->box.checks;

	for (const struct value *call = reply_call(reply); call;
	     call = reply_next_call(call))
		TRY(run_one(t, call));
	t->silent = 0;
	t->idle = t->box.writes + t->box.checks != before ? 0 : t->idle + 1;
	if (t->idle >= MOST_IDLE && !t->box.finished)
		return give_up(t, "has read and read, and changed nothing");
	if (t->idle == NUDGE_IDLE)
		request_user(&t->request,
			     "You have looked at a lot and changed nothing for "
			     "a while. Do the work now, or call finish if it "
			     "is done.");
	return NULL;
}

/* It ended without a call: asked once, then taken at its word. */
static struct error *fell_silent(struct tooling *t, const struct reply *reply)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (++t->silent < MOST_SILENT) {
		request_user(&t->request,
			     "If the work is done, call finish. If it is not, "
			     "go on with it by calling tools.");
		return NULL;
	}
	if (!t->box.writes)
		return give_up(t, "stopped without having changed anything");
	reply_text(&text, reply);
	if (text.len) {
		CLEANUP(buf_release) struct buf clean = BUF_INIT;

		if (t->box.secrets)
			TRY(secrets_redact(&clean, t->box.secrets, text.data,
					   text.len));
		else
			buf_add(&clean, text.data, text.len);
		t->task->report->summary = buf_steal(&clean);
	}
	t->box.finished = 1;
	return NULL;
}

static struct error *unfinished(struct tooling *t, enum stop stop)
{
	if (++t->unfinished > MOST_UNFINISHED)
		return give_up(t, stop == STOP_PAUSE
					  ? "paused again and again"
					  : "gave answers longer than its "
					    "max_tokens");
	if (stop == STOP_LENGTH)
		request_user(&t->request,
			     "Your answer was cut off by its length. Go on "
			     "where you stopped, in shorter answers.");
	return NULL;
}

static struct error *refused(const struct tooling *t, enum stop stop)
{
	return error_hint(
		error_new(ERROR_NO, "agent '%s' %s", t->task->agent->name,
			  stop == STOP_REFUSAL ? "refused to do this phase"
					       : "was stopped by its service's "
						 "filter"),
		"say the phase in other words, or give the agent "
		"another model");
}

static struct error *squeeze(struct tooling *t)
{
	if (++t->squeezed > MOST_SQUEEZED)
		return give_up(t, "has no room left in its context window");
	return tooling_compact(t, 1);
}

/* What a reply leads to. */
static struct error *heed(struct tooling *t, const struct reply *reply)
{
	if (reply->stop == STOP_REFUSAL || reply->stop == STOP_FILTER)
		return refused(t, reply->stop);
	/* Part of an answer for which there was no room is no use. */
	if (reply->stop == STOP_CONTEXT)
		return squeeze(t);
	t->squeezed = 0;
	request_reply(&t->request, reply);
	if (reply->stop == STOP_PAUSE && !reply_call(reply))
		return unfinished(t, STOP_PAUSE);
	if (reply_call(reply)) {
		if (reply->stop != STOP_LENGTH)
			t->unfinished = 0;
		else if (++t->unfinished > MOST_UNFINISHED)
			return unfinished(t, STOP_LENGTH);
		return run_calls(t, reply);
	}
	if (reply->stop == STOP_LENGTH)
		return unfinished(t, STOP_LENGTH);
	t->unfinished = 0;
	return fell_silent(t, reply);
}

static struct error *turn(struct tooling *t)
{
	CLEANUP(call_result_release) struct call_result result;
	int too_long;

	call_result_init(&result);
	TRY(tooling_compact(t, 0));
	TRY(tooling_ask(&result, &too_long, t, &t->request,
			t->task->stage ? t->task->stage : "implement"));
	return too_long ? squeeze(t) : heed(t, &result.reply);
}

static struct error *run(struct workspace *work, const struct task *task)
{
	CLEANUP(release)
	struct tooling t = {
		.task = task,
		.box = { .work = work, .task = task },
	};

	request_init(&t.request);
	if (!task->caller || !task->report)
		return error_new(ERROR_INVALID,
				 "agent '%s' cannot be asked: nothing to ask "
				 "it with was opened",
				 task->agent->name);
	t.box.secrets = task->caller->secrets;
	report_clear_words(task->report);
	TRY(tooling_begin(&t));
	while (!t.box.finished)
		TRY(turn(&t));
	return NULL;
}

const struct worker worker_tools = {
	.name = "tools",
	.run = run,
};

/*
 * Answers that are data.  The schema goes with the request where the model
 * takes one, and into the prompt where it does not; either way the reply is
 * taken apart, and validated in full, by the same code.
 */
#include "core/answer.h"

#include "core/dialect.h"
#include "core/embed.h"
#include "core/json.h"
#include "core/repair.h"
#include "core/schema-lower.h"

#include <stdlib.h>
#include <string.h>

#define MOST_FINDINGS 20 /* that are told at once */
#define MOST_PAUSES   8
#define MOST_CUT      2 /* answers that end at max_tokens */

struct asking {
	struct caller *caller;
	struct call_spec spec;
	struct request request;
	struct schema *schema;
	const char *name; /* the schema's, for the service */
	answer_judge_fn judge;
	void *judge_data;
	answer_fn done;
	void *data;
	const struct request *asked; /* as it was before the first round */
	const struct model *first; /* whose fallbacks are the others */
	enum retry_cause cause; /* of the call that was given up */
	const struct model *last; /* who gave it up, or answered last */
	char *why; /* the models before had no answer; NULL: there was none */
	struct buf said; /* before a pause: the answer's beginning */
	int rounds, pauses, cuts;
	struct answer answer;
};

void answer_release(struct answer *answer)
{
	tree_release(&answer->tree);
	free(answer->calls.items);
	*answer = (struct answer){ .model = NULL };
}

int64_t answer_micros(const struct answer *answer)
{
	int64_t sum = 0;

	FOR_EACH (struct answer_call, call, &answer->calls) {
		if (call->micros == UNPRICED)
			return UNPRICED;
		sum += call->micros;
	}
	return sum;
}

static void asking_free(struct asking *asking)
{
	request_release(&asking->request);
	schema_free(asking->schema);
	buf_release(&asking->said);
	free(asking->why);
	answer_release(&asking->answer);
	free(asking);
}

static struct error *finish(struct asking *asking, struct error *err)
{
	answer_fn done = asking->done;
	void *data = asking->data;
	struct answer answer = asking->answer;

	asking->answer = (struct answer){ .model = NULL };
	asking_free(asking);
	if (err)
		tree_release(&answer.tree);
	err = done(err, answer.calls.len ? &answer : NULL, data);
	answer_release(&answer);
	return err;
}

static struct error *load_schema(struct schema **out, const char *name)
{
	CLEANUP(free_str) char *path = xasprintf("schema/%s.json", name);
	struct embed file;

	if (!embed_find(&file, path))
		BUG("no schema '%s'", path);
	return schema_parse(out, name, file.data, file.len);
}

/* For models that take no schema. */
static void say_schema(struct request *request, const struct schema *schema)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, "Answer with one JSON object and nothing else. It has "
		       "to be valid under this JSON Schema:\n\n```json\n");
	json_print_pretty(&text, schema_root(schema));
	buf_str(&text, "```\n");
	request_user(request, text.data);
}

static int takes_schema(const struct model *model)
{
	return capability_find(model->endpoint.driver, model->model)
		->output_schema;
}

/* What was paid, and what it rests on. */
static void add_up(struct asking *asking, const struct call_result *result)
{
	struct answer *answer = &asking->answer;

	struct answer_call *call = PUSH(&answer->calls);

	*call = (struct answer_call){ .model = result->model,
				      .usage = result->reply.usage,
				      .micros = result->micros };
	memcpy(call->key, result->key, sizeof call->key);
	answer->model = asking->last = result->model;
}

/* The reply's text as a tree; what is wrong with it are findings. */
static struct error *take_apart(struct asking *asking,
				const struct reply *reply,
				struct findings *findings)
{
	CLEANUP(repair_release) struct repair how = { 0 };
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct tree *tree = &asking->answer.tree;

	tree_release(tree);
	buf_add(&text, asking->said.data, asking->said.len);
	buf_clear(&asking->said);
	reply_text(&text, reply);
	struct error *err = json_repair(tree, &how, text.data, text.len, 0);
	if (error_is(err, ERROR_INVALID)) {
		finding_add(findings, "json", NULL, "%s", err->message);
		error_free(err);
		return NULL;
	}
	TRY(err);
	if (how.cut || reply->stop == STOP_LENGTH)
		finding_add(findings, "cut", NULL,
			    "the answer was cut off at its end: say it in "
			    "fewer words");
	schema_unlower(tree, schema_root(asking->schema));
	schema_check(asking->schema, tree->root, findings);
	if (!findings->len && asking->judge)
		return asking->judge(findings, tree->root, asking->judge_data);
	return NULL;
}

static void tell(struct buf *out, const struct findings *findings)
{
	size_t n = 0;

	FOR_EACH (struct finding, it, findings) {
		if (n++ == MOST_FINDINGS)
			break;
		buf_addf(out, "- %s", it->message);
		if (it->hint)
			buf_addf(out, " (%s)", it->hint);
		buf_ch(out, '\n');
	}
}

static struct error *on_reply(struct error *err, struct call_result *result,
			      void *data);

static struct error *ask(struct asking *asking)
{
	return call_start(NULL, asking->caller, &asking->spec, on_reply,
			  asking);
}

/* A reply that was of no use must not be what is found the next time. */
static struct error *give_up(const struct asking *asking, struct error *why)
{
	CLEANUP(strings_release) struct strings removed = STRINGS_INIT;
	const char *dir = asking->caller->replies;

	if (!dir)
		return why;
	FOR_EACH (struct answer_call, call, &asking->answer.calls)
		error_free(replies_invalidate(&removed, dir, call->key, 0));
	return why;
}

static struct error *unacceptable(const struct asking *asking,
				  const struct findings *findings)
{
	return give_up(
		asking,
		error_hint(error_new(ERROR_INVALID,
				     "agent '%s' gave no usable answer in %d "
				     "rounds: %s",
				     asking->answer.model->agent,
				     asking->rounds,
				     findings->items[0].message),
			   "try again, another model for this agent, or a "
			   "higher max_tokens"));
}

static struct error *too_long(const struct asking *asking)
{
	return error_hint(
		error_new(ERROR_NO,
			  "agent '%s' cannot answer: the prompt is too long "
			  "for its model",
			  asking->last->agent),
		"give agent '%s' less context, or a model or a fallback: with "
		"a larger context window",
		asking->first->agent);
}

/* Reasons to stop after which asking again is of no use; NULL: none. */
static struct error *stopped(const struct asking *asking, enum stop stop)
{
	const char *agent = asking->answer.model->agent;

	switch (stop) {
	case STOP_REFUSAL:
	case STOP_FILTER:
		return error_hint(error_new(ERROR_NO,
					    "agent '%s' refused to answer",
					    agent),
				  "say the goal in other words, or give agent "
				  "'%s' another model or a fallback:",
				  asking->first->agent);
	case STOP_CONTEXT:
		return too_long(asking);
	case STOP_PAUSE:
		if (asking->pauses < MOST_PAUSES)
			return NULL;
		return error_hint(error_new(ERROR_NO,
					    "agent '%s' paused again and again",
					    agent),
				  "give agent '%s' another model or a "
				  "fallback:",
				  asking->first->agent);
	case STOP_LENGTH:
		if (asking->cuts + 1 < MOST_CUT)
			return NULL;
		return error_hint(error_new(ERROR_INVALID,
					    "agent '%s' gave answers longer "
					    "than its max_tokens",
					    agent),
				  "raise max_tokens of the agent");
	default:
		return NULL;
	}
}

/* The model goes on where it was: no round of its own. */
static struct error *go_on(struct asking *asking, const struct reply *reply)
{
	asking->pauses++;
	reply_text(&asking->said, reply);
	request_reply(&asking->request, reply);
	return ask(asking);
}

static struct error *ask_again(struct asking *asking, const struct reply *reply,
			       const struct findings *findings)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, "This answer cannot be used:\n\n");
	tell(&text, findings);
	buf_str(&text, "\nAnswer again, in full, as one JSON object.\n");
	request_reply(&asking->request, reply);
	request_user(&asking->request, text.data);
	return ask(asking);
}

/*
 * The request as this model gets it.  A service that is down hands its request
 * on as it is; here it begins again, without what was said meanwhile.
 */
static void address(struct asking *asking, const struct model *model)
{
	asking->spec.model = asking->last = model;
	asking->cause = CAUSE_REQUEST;
	asking->rounds = asking->pauses = asking->cuts = 0;
	buf_clear(&asking->said);
	request_release(&asking->request);
	request_copy(&asking->request, asking->asked);
	if (takes_schema(model))
		request_output(&asking->request, asking->name,
			       schema_root(asking->schema));
	else
		say_schema(&asking->request, asking->schema);
}

/*
 * This agent has no answer to give: its fallback is asked.  What it said stays
 * in the store, so that a resumed run, and another, walks the same way.
 */
static struct error *fall_back(struct asking *asking, struct error *why,
			       int *done)
{
	const struct model *next = asking->last->fallback;

	if (next)
		caller_notice(asking->caller, "%s; asking agent '%s' instead",
			      why->message, next->agent);
	if (asking->why)
		why = error_wrap(why, "%s; then", asking->why);
	if (!next)
		return give_up(asking, why);
	free(asking->why);
	asking->why = xstrdup(why->message);
	error_free(why);
	*done = 0;
	address(asking, next);
	return ask(asking);
}

static struct error *judged(struct asking *asking, const struct reply *reply,
			    int *done)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;

	struct error *err = stopped(asking, reply->stop);

	*done = 1;
	if (error_is(err, ERROR_NO))
		return fall_back(asking, err, done);
	if (err)
		return give_up(asking, err);
	if (reply->stop == STOP_PAUSE) {
		*done = 0;
		return go_on(asking, reply);
	}
	asking->rounds++;
	asking->cuts += reply->stop == STOP_LENGTH;
	TRY(take_apart(asking, reply, &findings));
	if (!findings_failing(&findings))
		return NULL;
	if (asking->rounds >= ANSWER_ROUNDS)
		return unacceptable(asking, &findings);
	*done = 0;
	return ask_again(asking, reply, &findings);
}

static struct error *on_reply(struct error *err, struct call_result *result,
			      void *data)
{
	struct asking *asking = data;
	int done = 1;

	if (error_is(err, ERROR_INVALID) && asking->cause == CAUSE_TOO_LONG) {
		error_free(err);
		err = fall_back(asking, too_long(asking), &done);
	} else if (!err) {
		add_up(asking, result);
		err = judged(asking, &result->reply, &done);
	}
	return err || done ? finish(asking, err) : NULL;
}

struct error *answer_start(struct caller *caller, const struct call_spec *spec,
			   const char *schema, answer_judge_fn judge,
			   void *judge_data, answer_fn done, void *data)
{
	struct asking *asking = xcalloc(1, sizeof *asking);
	const char *slash = strrchr(schema, '/');
	struct error *err = load_schema(&asking->schema, schema);

	if (err) {
		free(asking);
		return err;
	}
	asking->caller = caller;
	asking->spec = *spec;
	asking->said = (struct buf)BUF_INIT;
	asking->name = slash ? slash + 1 : schema;
	asking->asked = spec->request;
	asking->first = spec->model;
	asking->spec.cause = &asking->cause;
	asking->spec.last = &asking->last;
	asking->judge = judge;
	asking->judge_data = judge_data;
	asking->done = done;
	asking->data = data;
	request_init(&asking->request);
	address(asking, spec->model);
	asking->spec.request = &asking->request;
	err = ask(asking);
	if (err)
		asking_free(asking);
	return err;
}

struct waiting {
	struct loop *loop;
	struct answer *out;
	struct error *err;
	int done;
};

static struct error *on_waited(struct error *err, struct answer *answer,
			       void *data)
{
	struct waiting *waiting = data;

	waiting->err = err;
	waiting->done = 1;
	if (answer) {
		*waiting->out = *answer;
		*answer = (struct answer){ .model = NULL };
	}
	loop_stop(waiting->loop);
	return NULL;
}

struct error *answer_run(struct answer *out, struct caller *caller,
			 const struct call_spec *spec, const char *schema,
			 answer_judge_fn judge, void *judge_data)
{
	struct waiting waiting = { .loop = caller->loop, .out = out };

	TRY(answer_start(caller, spec, schema, judge, judge_data, on_waited,
			 &waiting));
	return caller_wait(caller, &waiting.done, &waiting.err);
}

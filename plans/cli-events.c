/*
 * Lines of JSON from coding agents.  Seen of claude-code 2.1, codex 0.169,
 * gemini-cli 0.61 and opencode 1.18; their documents say less than their
 * output.
 */
#include "plans/cli-events.h"

#include "core/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_LINE   (4u << 20)
#define LONGEST_ANSWER ((size_t)64 << 10)
#define MOST_USD       1e9

void cli_events_init(struct cli_events *events, cli_event_fn take)
{
	*events = (struct cli_events){
		.take = take,
		.line = BUF_INIT,
		.answer = BUF_INIT,
		.micros = UNPRICED,
	};
}

void cli_events_release(struct cli_events *events)
{
	buf_release(&events->line);
	buf_release(&events->answer);
	free(events->session);
	free(events->model);
	free(events->why);
	cli_events_init(events, NULL);
}

static void replace(char **text, const char *by)
{
	if (!by)
		return;
	free(*text);
	*text = xstrdup(by);
}

/* The end of an answer tells more than its beginning. */
static void answer_add(struct cli_events *events, const char *text, size_t len)
{
	struct buf *answer = &events->answer;

	buf_add(answer, text, len);
	if (answer->len <= 2 * LONGEST_ANSWER)
		return;
	buf_splice(answer, 0, answer->len - LONGEST_ANSWER, NULL, 0);
}

static void answer_set(struct cli_events *events, const struct value *text)
{
	if (!text || text->kind != VALUE_STRING)
		return;
	buf_clear(&events->answer);
	answer_add(events, text->text, text->len);
}

static void take_line(struct cli_events *events)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(error_release) struct error *err = NULL;
	size_t len = events->line.len;

	while (len && strchr(" \r\t", events->line.data[len - 1]))
		len--;
	if (!len && !events->too_long)
		return;
	if (!events->too_long)
		err = json_parse(&tree, events->line.data, len);
	if (err || events->too_long || tree.root->kind != VALUE_OBJECT) {
		events->passed++;
		return;
	}
	events->taken++;
	events->take(events, tree.root);
}

static void end_line(struct cli_events *events)
{
	take_line(events);
	buf_clear(&events->line);
	events->too_long = 0;
}

void cli_events_feed(struct cli_events *events, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	if (!events->take) {
		answer_add(events, bytes, len);
		return;
	}
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t n = (size_t)((stop ? stop : end) - bytes);

		if (events->line.len + n > LONGEST_LINE)
			events->too_long = 1;
		else
			buf_add(&events->line, bytes, n);
		if (stop)
			end_line(events);
		bytes += n + (stop != NULL);
	}
}

void cli_events_end(struct cli_events *events)
{
	struct buf *answer = &events->answer;

	if (events->take)
		end_line(events);
	if (answer->len > LONGEST_ANSWER)
		buf_splice(answer, 0, answer->len - LONGEST_ANSWER, NULL, 0);
}

static int64_t count_of(const struct value *object, const char *key)
{
	return usage_count(value_get(object, key));
}

static int type_is(const struct value *event, const char *type)
{
	return !strcmp(value_text(value_get(event, "type"), ""), type);
}

static const char *text_at(const struct value *event, const char *dotted)
{
	return value_text(value_path(event, dotted), NULL);
}

/* Dollars as the programs write them, a number with any decimals. */
static void take_cost(struct cli_events *events, const struct value *usd,
		      int add)
{
	double n = value_number(usd, -1);

	if (!(n >= 0 && n <= MOST_USD))
		return;
	int64_t micros = (int64_t)ceil(n * 1e6 - 1e-3);
	if (add && events->micros != UNPRICED)
		events->micros += micros;
	else
		events->micros = micros;
}

/* "unexpected status 401 Unauthorized: ..." */
static int status_in(const char *text)
{
	const char *at = text ? strstr(text, "status") : NULL;
	int n = 0;

	if (!at)
		return 0;
	at += 6 + strspn(at + 6, ":= ");
	n = atoi(at);
	return n >= 400 && n <= 599 ? n : 0;
}

static void take_error(struct cli_events *events, const char *why, int status)
{
	events->failed = 1;
	replace(&events->why, why && *why ? why : "it does not say why");
	events->status = status ? status : status_in(why);
}

/*
 * {"type":"system","subtype":"init","session_id","model"}, {"type":"result",
 * "is_error","result","total_cost_usd","usage","api_error_status"}: subtype is
 * "success" in a result that is an error.
 */
void cli_take_claude(struct cli_events *events, const struct value *event)
{
	const struct value *usage = value_get(event, "usage");
	const struct value *bad = value_get(event, "is_error");

	replace(&events->session, text_at(event, "session_id"));
	if (type_is(event, "system"))
		replace(&events->model, text_at(event, "model"));
	if (!type_is(event, "result"))
		return;
	events->finished = 1;
	events->failed = 0;
	answer_set(events, value_get(event, "result"));
	events->usage = (struct usage){
		.input = count_of(usage, "input_tokens"),
		.cached = count_of(usage, "cache_read_input_tokens"),
		.cache_write = count_of(usage, "cache_creation_input_tokens"),
		.output = count_of(usage, "output_tokens"),
	};
	take_cost(events, value_get(event, "total_cost_usd"), 0);
	if (value_bool(bad, 0))
		take_error(events,
			   value_text(value_get(event, "result"),
				      text_at(event, "subtype")),
			   (int)count_of(event, "api_error_status"));
}

/* The prompt as codex counts it includes what its cache had. */
static void take_codex_usage(struct usage *out, const struct value *usage)
{
	int64_t cached = count_of(usage, "cached_input_tokens");
	int64_t written = count_of(usage, "cache_write_input_tokens");
	int64_t input = count_of(usage, "input_tokens") - cached - written;
	const struct usage turn = {
		.input = input > 0 ? input : 0,
		.cached = cached,
		.cache_write = written,
		.output = count_of(usage, "output_tokens"),
		.reasoning = count_of(usage, "reasoning_output_tokens"),
	};

	usage_add(out, &turn);
}

/*
 * {"type":"thread.started","thread_id"}, {"type":"item.completed","item":
 * {"type":"agent_message","text"}}, {"type":"turn.completed","usage"},
 * {"type":"turn.failed","error":{"message"}}.  "error" events and items may be
 * mere warnings, or tell of a try before the last.
 */
void cli_take_codex(struct cli_events *events, const struct value *event)
{
	const struct value *item = value_get(event, "item");

	if (type_is(event, "thread.started")) {
		replace(&events->session, text_at(event, "thread_id"));
	} else if (type_is(event, "turn.started")) {
		events->finished = events->failed = 0;
	} else if (type_is(event, "item.completed")) {
		if (type_is(item, "agent_message"))
			answer_set(events, value_get(item, "text"));
	} else if (type_is(event, "turn.completed")) {
		events->finished = 1;
		take_codex_usage(&events->usage, value_get(event, "usage"));
	} else if (type_is(event, "turn.failed")) {
		events->finished = 1;
		take_error(events, text_at(event, "error.message"), 0);
	} else if (type_is(event, "error")) {
		replace(&events->why, text_at(event, "message"));
	}
}

static void take_gemini_usage(struct usage *out, const struct value *stats)
{
	int64_t input = count_of(stats, "input_tokens");
	int64_t cached = count_of(stats, "cached");

	*out = (struct usage){
		.input = input > cached ? input - cached : 0,
		.cached = cached,
		.output = count_of(stats, "output_tokens"),
	};
}

/*
 * {"type":"init","session_id","model"}, {"type":"message","role":"assistant",
 * "content","delta"}, {"type":"result","status","error","stats"}.
 */
void cli_take_gemini(struct cli_events *events, const struct value *event)
{
	const struct value *content = value_get(event, "content");

	if (type_is(event, "init")) {
		replace(&events->session, text_at(event, "session_id"));
		replace(&events->model, text_at(event, "model"));
	} else if (type_is(event, "message")) {
		if (strcmp(value_text(value_get(event, "role"), ""),
			   "assistant") != 0)
			return;
		if (!value_bool(value_get(event, "delta"), 0))
			answer_set(events, content);
		else if (content && content->kind == VALUE_STRING)
			answer_add(events, content->text, content->len);
	} else if (type_is(event, "tool_use")) {
		/* What was said before a tool is not the answer. */
		buf_clear(&events->answer);
	} else if (type_is(event, "result")) {
		events->finished = 1;
		take_gemini_usage(&events->usage, value_get(event, "stats"));
		if (!strcmp(value_text(value_get(event, "status"), "success"),
			    "error"))
			take_error(events, text_at(event, "error.message"), 0);
	}
}

static void take_opencode_step(struct cli_events *events,
			       const struct value *part)
{
	const struct value *tokens = value_get(part, "tokens");
	const struct usage step = {
		.input = count_of(tokens, "input"),
		.cached = count_of(value_get(tokens, "cache"), "read"),
		.cache_write = count_of(value_get(tokens, "cache"), "write"),
		.output = count_of(tokens, "output") +
			  count_of(tokens, "reasoning"),
		.reasoning = count_of(tokens, "reasoning"),
	};

	usage_add(&events->usage, &step);
	/* It writes 0 for a model whose price it does not know. */
	if (value_number(value_get(part, "cost"), 0) > 0)
		take_cost(events, value_get(part, "cost"), 1);
	events->finished = strcmp(value_text(value_get(part, "reason"), "stop"),
				  "tool-calls") != 0;
}

/*
 * {"type":"text","sessionID","part":{"text"}}, {"type":"step_finish","part":
 * {"reason","tokens":{"input","output","reasoning","cache":{"read","write"}},
 * "cost"}}, {"type":"error","error":{"name","data":{"message"}}}.
 */
void cli_take_opencode(struct cli_events *events, const struct value *event)
{
	const struct value *part = value_get(event, "part");

	replace(&events->session, text_at(event, "sessionID"));
	if (type_is(event, "step_start")) {
		events->finished = 0;
	} else if (type_is(event, "text")) {
		answer_set(events, value_get(part, "text"));
	} else if (type_is(event, "step_finish")) {
		take_opencode_step(events, part);
	} else if (type_is(event, "error")) {
		const char *why = text_at(event, "error.data.message");

		events->finished = 1;
		take_error(
			events, why ? why : text_at(event, "error.name"),
			(int)value_int(
				value_path(event, "error.data.statusCode"), 0));
	}
}

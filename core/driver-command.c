/*
 * The driver `command`: the prompt goes to a program's standard input, what it
 * prints is the answer.  For any model that has a command line, as manager or
 * validator.  There are no tools, no token counts and no price.
 *
 * The program runs as the user runs it, with the network and the user's own
 * HOME, because its login lies there; only trusted configuration names one.
 * It sees no key of another provider.
 */
#include "core/driver.h"
#include "core/proc.h"

#include <stdlib.h>
#include <string.h>

#define IDLE_MS    300000
#define TOTAL_MS   600000
#define MOST_BYTES (16 << 20)

static void add_part(struct buf *out, const struct value *part)
{
	const char *text = value_text(value_get(part, "text"), NULL);

	if (text)
		buf_addf(out, "%s\n", text);
}

static void add_message(struct buf *out, const struct value *message, int many)
{
	if (many)
		buf_addf(out, "\n## %s\n\n",
			 !strcmp(value_text(value_get(message, "role"), ""),
				 "user")
				 ? "Asked"
				 : "You answered");
	VALUE_EACH(part, value_get(message, "parts"))
	add_part(out, part);
}

/* A conversation as one text. */
static void flatten(struct buf *out, const struct request *request)
{
	const struct value *root = request->tree.root;
	const struct value *messages = value_get(root, "messages");

	VALUE_EACH(block, value_get(root, "system"))
	add_part(out, block);
	if (out->len)
		buf_ch(out, '\n');
	VALUE_EACH(message, messages)
	add_message(out, message, messages->count > 1);
}

static void fill_reply(struct exchange *exchange, const struct buf *text)
{
	const struct value *asked = exchange->request->tree.root;
	struct reply *reply = &exchange->reply;
	size_t len = text->len;

	while (len && strchr(" \t\r\n", text->data[len - 1]))
		len--;
	reply_set(reply, value_text(value_get(asked, "model"), NULL), NULL);
	reply_add_text(reply, text->data, len);
	reply->stop = STOP_END;
}

static void fill_failure(struct exchange *exchange,
			 const struct proc_result *result)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct failure *failure = &exchange->failure;

	buf_addf(&text, "'%s' ", exchange->endpoint->command.items[0]);
	proc_describe(&text, result);
	if (result->err.len)
		buf_addf(&text, ": %.300s", result->err.data);
	failure->end = result->end == PROC_TIMEOUT ? HTTP_TIMEOUT
		       : result->end == PROC_IDLE  ? HTTP_IDLE
						   : HTTP_OK;
	failure->status = failure->end == HTTP_OK ? 500 : 0;
	failure->type = xstrdup("command");
	for (char *c = text.data; *c; c++)
		if (*c == '\n')
			*c = ' ';
	failure->message = buf_steal(&text);
}

/* Outlives an exchange that was cancelled, until the program is reaped. */
struct running {
	struct exchange *exchange; /* NULL: cancelled */
	struct proc *proc;
};

static struct error *ended(struct loop *loop, struct proc *proc,
			   struct proc_result *result, void *data)
{
	struct running *running = data;
	struct exchange *exchange = running->exchange;

	(void)loop;
	(void)proc;
	free(running);
	if (!exchange)
		return NULL;
	exchange->state = NULL;
	exchange->answered = result->end == PROC_EXITED && !result->exit &&
			     !result->dropped && result->out.len;
	if (exchange->answered)
		fill_reply(exchange, &result->out);
	else
		fill_failure(exchange, result);
	return exchange->done(exchange, exchange->data);
}

static void show(void *data, int is_stderr, const char *bytes, size_t len)
{
	const struct running *running = data;
	const struct exchange *exchange = running->exchange;

	if (!is_stderr && exchange && exchange->on_text)
		exchange->on_text(exchange->data, bytes, len);
}

static struct error *start(struct exchange *exchange)
{
	const struct strings *command = &exchange->endpoint->command;
	CLEANUP(buf_release) struct buf prompt = BUF_INIT;
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	struct running *running;

	if (!command->len)
		return error_hint(error_new(ERROR_INVALID,
					    "provider '%s' has no command",
					    exchange->endpoint->provider),
				  "give it one: command: <program and words>");
	if (value_get(exchange->request->tree.root, "tools"))
		return error_hint(
			error_new(ERROR_INVALID,
				  "provider '%s' is a command, which cannot "
				  "be given tools",
				  exchange->endpoint->provider),
			"use the worker cli, or another provider");
	flatten(&prompt, exchange->request);
	FOR_EACH (char *, word, command)
		strings_add(&spec.argv, *word);
	proc_env(&spec.env, NULL);
	spec.input = prompt.data;
	spec.input_len = prompt.len;
	spec.idle_ms = exchange->idle_ms ? exchange->idle_ms : IDLE_MS;
	spec.wall_ms = exchange->total_ms ? exchange->total_ms : TOTAL_MS;
	spec.max_output = MOST_BYTES;
	spec.kill_flood = 1;
	spec.on_output = show;
	running = xcalloc(1, sizeof *running);
	spec.on_output_data = running;
	struct error *err = proc_start(&running->proc, exchange->loop, &spec,
				       ended, running);
	if (err) {
		free(running);
		return err;
	}
	running->exchange = exchange;
	exchange->state = running;
	return NULL;
}

/* The program is ended; the loop has to run on for it to be reaped. */
static void cancel(struct exchange *exchange)
{
	struct running *running = exchange->state;

	running->exchange = NULL;
	proc_kill(running->proc);
	exchange->state = NULL;
}

const struct driver driver_command = {
	.name = "command",
	.start = start,
	.cancel = cancel,
};

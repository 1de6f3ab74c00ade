/*
 * Making a conversation shorter.
 *
 * What old calls gave goes first: the model can look again.  If that is not
 * enough, everything but the last turns is summarised by the model and
 * replaced by the summary; what only its maker understands (thinking) goes
 * with it.  The summary is a call like any other, so it is journalled, and a
 * resumed run comes to the same conversation.
 */
#include "plans/context.h"
#include "plans/prompt.h"
#include "plans/worker-tools.h"

#include <string.h>

#define WORTH_ELIDING 400 /* bytes of a result */
#define KEPT          4 /* messages: two turns */
#define MOST_SAID     4000 /* bytes of a text that is summarised */
#define MOST_GIVEN    800 /* of a result */
#define MOST_LISTED   8000 /* of a list in the summary's place */

static const struct value *messages_of(const struct request *request)
{
	return value_get(request->tree.root, "messages");
}

static int is_type(const struct value *part, const char *type)
{
	return !strcmp(value_text(value_get(part, "type"), ""), type);
}

static const struct value *call_of(const struct request *request,
				   const char *id)
{
	VALUE_EACH(message, messages_of(request))
	VALUE_EACH(part, value_get(message, "parts"))
	if (is_type(part, "call") &&
	    !strcmp(value_text(value_get(part, "id"), ""), id))
		return part;
	return NULL;
}

static size_t count_lines(const struct value *text)
{
	size_t n = text->len && text->text[text->len - 1] != '\n';

	for (size_t i = 0; i < text->len; i++)
		n += text->text[i] == '\n';
	return n;
}

static void elide(struct request *request, struct value *part)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;
	struct value *text = value_get(part, "text");
	const struct value *call =
		call_of(request, value_text(value_get(part, "id"), ""));

	if (text->len < WORTH_ELIDING)
		return;
	buf_str(&line, "[elided: ");
	if (call)
		tools_label(&line, call);
	buf_addf(&line, ", %zu lines; call it again if they are needed]",
		 count_lines(text));
	text->text = arena_strndup(&request->tree.arena, line.data, line.len);
	text->len = line.len;
}

/* Results of all messages but the last few. */
static void elide_before(struct request *request, size_t keep)
{
	const struct value *messages = messages_of(request);
	size_t i = 0;

	VALUE_EACH(message, messages)
	{
		if (i++ + keep >= messages->count)
			return;
		VALUE_EACH(part, value_get(message, "parts"))
		if (is_type(part, "result"))
			elide(request, part);
	}
}

static void add_cut(struct buf *out, const struct value *text, size_t most)
{
	size_t len = text->len;

	if (len > most) {
		len = most;
		while (len && ((unsigned char)text->text[len] & 0xc0) == 0x80)
			len--;
	}
	buf_add(out, text->text, len);
	buf_str(out, len < text->len ? " [...]\n" : "\n");
}

static void tell_part(struct buf *out, const struct value *part, int own)
{
	if (is_type(part, "text")) {
		buf_str(out, own ? "You said: " : "You were told: ");
		add_cut(out, value_get(part, "text"), MOST_SAID);
	} else if (is_type(part, "call")) {
		buf_str(out, "You called ");
		tools_label(out, part);
		buf_ch(out, '\n');
	} else if (is_type(part, "result")) {
		buf_str(out, value_bool(value_get(part, "error"), 0)
				     ? "It failed: "
				     : "It gave: ");
		add_cut(out, value_get(part, "text"), MOST_GIVEN);
	}
}

/* Everything up to the message cut, but the head, as text. */
static void tell(struct buf *out, const struct tooling *t, size_t cut)
{
	size_t i = 0;

	VALUE_EACH(message, messages_of(&t->request))
	{
		const char *role = value_text(value_get(message, "role"), "");
		size_t n = 0;

		if (i == cut)
			return;
		VALUE_EACH(part, value_get(message, "parts"))
		if (i || n++ >= t->head)
			tell_part(out, part, !strcmp(role, "assistant"));
		i++;
	}
}

/*
 * Where the kept turns begin: with the model's own message.  0: there is
 * nothing before them.
 */
static size_t cut_of(const struct request *request)
{
	const struct value *messages = messages_of(request);
	size_t cut = messages->count > KEPT ? messages->count - KEPT : 0;
	size_t i = 0;

	VALUE_EACH(message, messages)
	{
		const char *role = value_text(value_get(message, "role"), "");

		if (i >= cut && i && !strcmp(role, "assistant"))
			return i > 1 ? i : 0;
		i++;
	}
	return 0;
}

/* The end of the list of calls, where no summary was to be had. */
static void list_calls(struct buf *out, const struct tooling *t, size_t cut)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT;
	size_t i = 0, from;

	VALUE_EACH(message, messages_of(&t->request))
	{
		if (i++ == cut)
			break;
		VALUE_EACH(part, value_get(message, "parts"))
		if (is_type(part, "call")) {
			buf_str(&all, "- ");
			tools_label(&all, part);
			buf_ch(&all, '\n');
		}
	}
	from = all.len > MOST_LISTED ? all.len - MOST_LISTED : 0;
	while (from && from < all.len && all.data[from - 1] != '\n')
		from++;
	buf_str(out, "Calls that were made:\n\n");
	buf_add(out, all.data + from, all.len - from);
}

/* Asks for the summary of what stands before cut. */
static struct error *summarise(struct buf *out, struct tooling *t, size_t cut)
{
	CLEANUP(call_result_release) struct call_result result;
	CLEANUP(request_release) struct request request;
	CLEANUP(context_release)
	struct context context = CONTEXT_INIT(t->room / 2);
	CLEANUP(buf_release) struct buf told = BUF_INIT;
	CLEANUP(buf_release) struct buf ask = BUF_INIT;
	int too_long;

	call_result_init(&result);
	request_init(&request);
	context.secrets = t->box.secrets;
	tell(&told, t, cut);
	TRY(prompt_begin(&request, t->task->project, t->task->agent->role));
	TRY(context_quote(&context, "the work so far", told.data, told.len));
	request_user(&request, context.text.data);
	TRY(prompt_render(&ask, t->task->project, "stage-summarise", NULL));
	request_user(&request, ask.data);
	TRY(tooling_ask(&result, &too_long, t, &request, "summarise"));
	if (!too_long)
		reply_text(out, &result.reply);
	if (!out->len)
		list_calls(out, t, cut);
	return NULL;
}

static void copy_head(struct request *out, const struct tooling *t)
{
	const struct value *first = messages_of(&t->request)->child;
	size_t n = 0;

	VALUE_EACH(part, value_get(first, "parts"))
	if (n++ < t->head)
		request_user(out, value_text(value_get(part, "text"), ""));
}

/* The request with the summary in place of what stands before cut. */
static void rebuild(struct tooling *t, const char *summary, size_t cut)
{
	CLEANUP(free_str)
	char *told = xasprintf("The conversation so far was summarised. The "
			       "files are as you left them.\n\n%s",
			       summary);
	struct request request;
	size_t i = 0;

	request_init(&request);
	VALUE_EACH(it, t->request.tree.root)
	if (strcmp(it->key, "messages") != 0)
		value_add_copy(&request.tree, request.tree.root, it->key, it);
	copy_head(&request, t);
	request_user(&request, told);
	VALUE_EACH(message, messages_of(&t->request))
	if (i++ >= cut)
		value_add_copy(&request.tree,
			       value_get(request.tree.root, "messages"), NULL,
			       message);
	request.calls = t->request.calls;
	request_release(&t->request);
	t->request = request;
}

static struct error *replace_by_summary(struct tooling *t)
{
	CLEANUP(buf_release) struct buf summary = BUF_INIT;
	size_t cut = cut_of(&t->request);

	if (!cut)
		return NULL;
	TRY(summarise(&summary, t, cut));
	rebuild(t, summary.data, cut);
	/* What it has read is gone: it may read it again. */
	strings_release(&t->seen);
	return NULL;
}

/* A quarter is left free, or the next turn would compact again. */
static int fits(const struct tooling *t, int64_t room)
{
	return request_tokens(&t->request) <= room - room / 4;
}

struct error *tooling_compact(struct tooling *t, int now)
{
	int64_t tokens = request_tokens(&t->request);
	/* The service counts otherwise than we do, if it refused this. */
	int64_t room = now && tokens < t->room ? tokens : t->room;

	if (!now && tokens <= room)
		return NULL;
	elide_before(&t->request, KEPT);
	if (!fits(t, room))
		TRY(replace_by_summary(t));
	for (size_t keep = 2; !fits(t, room); keep = 0) {
		elide_before(&t->request, keep);
		if (!keep)
			break;
	}
	if (request_tokens(&t->request) <= t->room)
		return NULL;
	return error_hint(error_new(ERROR_NO,
				    "the phase does not fit into the context "
				    "window of agent '%s'",
				    t->task->agent->name),
			  "split the phase, lower the agent's max_tokens, or "
			  "give it a model with a larger window");
}

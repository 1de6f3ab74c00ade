/*
 * Secrets are taken out of what a model is sent, and keys out of what it says.
 *
 * Of a request nothing has to stay as it is, so all that looks like a secret
 * goes.  A reply is what files are made of: a likeness must not change it, and
 * is for the gates to judge.  It loses the keys in use alone, once, before
 * anybody uses or keeps it: a resumed run has to see what the first one saw.
 */
#include "core/call-step.h"

#include <stdlib.h>
#include <string.h>

struct redaction {
	struct tree *tree;
	const struct secrets *secrets;
	int likely; /* also what only looks like a secret */
	int found;
};

static struct error *clean(const char **text, size_t *len, struct redaction *r,
			   int likely)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	if (likely)
		TRY(secrets_redact(&out, r->secrets, *text, *len));
	else
		secrets_redact_known(&out, r->secrets, *text, *len);
	if (out.len == *len && !memcmp(out.data, *text, out.len))
		return NULL;
	*text = arena_strndup(&r->tree->arena, out.data, out.len);
	*len = out.len;
	r->found++;
	return NULL;
}

/*
 * Its maker refuses an opaque part that was changed (it is signed), and does
 * without one: it becomes nobody's.
 */
static void disown(struct value *part)
{
	struct value *driver = value_get(part, "driver");

	if (driver && value_get(part, "value") &&
	    !strcmp(value_text(value_get(part, "type"), ""), "opaque")) {
		driver->text = "";
		driver->len = 0;
	}
}

static struct error *redact(struct value *value, struct redaction *r)
{
	int before = r->found;
	size_t len;

	VALUE_EACH(child, value)
	TRY(redact(child, r));
	if (r->found > before)
		disown(value);
	if (value->key) {
		len = strlen(value->key);
		TRY(clean(&value->key, &len, r, 0));
	}
	return value->kind == VALUE_STRING && value->len
		       ? clean(&value->text, &value->len, r, r->likely)
		       : NULL;
}

struct error *call_redact_request(struct call *call)
{
	struct caller *caller = call->caller;
	struct tree *tree = &call->request.tree;
	struct redaction r = { tree, caller->secrets, 1, 0 };

	if (!caller->secrets)
		return NULL;
	TRY(redact(tree->root, &r));
	if (r.found)
		caller_notice(caller,
			      "a secret was taken out of what is sent to '%s'",
			      call->model->agent);
	return NULL;
}

struct error *call_redact_reply(struct call *call)
{
	struct caller *caller = call->caller;
	struct tree *tree = &call->exchange.reply.tree;
	struct redaction r = { tree, caller->secrets, 0, 0 };

	if (!caller->secrets)
		return NULL;
	TRY(redact(tree->root, &r));
	if (r.found)
		caller_notice(caller,
			      "a key was taken out of what agent '%s' answered",
			      call->model->agent);
	return NULL;
}

static void redact_text(char **text, const struct secrets *secrets)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	if (!*text)
		return;
	secrets_redact_known(&out, secrets, *text, strlen(*text));
	free(*text);
	*text = buf_steal(&out);
}

void call_redact_failure(struct call *call)
{
	const struct secrets *secrets = call->caller->secrets;
	struct failure *failure = &call->exchange.failure;

	redact_text(&failure->type, secrets);
	redact_text(&failure->code, secrets);
	redact_text(&failure->message, secrets);
	redact_text(&failure->request_id, secrets);
}

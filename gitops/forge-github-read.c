/*
 * What GitHub's answers say.  Only what is used is looked at, and that has to
 * be of its type: a wrong answer is named, never guessed around.
 */
#include "gitops/forge-github-step.h"

#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct error *read_wrong(const char *field, const char *what)
{
	return error_new(ERROR_FAILURE, "the forge's answer: field '%s' is %s",
			 field, what);
}

struct error *read_text(const char **out, const struct value *object,
			const char *dotted)
{
	const struct value *value = value_path(object, dotted);

	if (!value || value->kind != VALUE_STRING)
		return read_wrong(dotted, "no text");
	*out = value->text;
	return NULL;
}

/* "" where it is null or absent. */
static struct error *read_maybe(const char **out, const struct value *object,
				const char *field)
{
	const struct value *value = value_get(object, field);

	*out = "";
	if (!value || value->kind == VALUE_NULL)
		return NULL;
	return read_text(out, object, field);
}

static struct error *read_oid(const char **out, const struct value *object,
			      const char *dotted)
{
	const char *text = "";
	size_t len;

	TRY(read_text(&text, object, dotted));
	len = strlen(text);
	if ((len != 40 && len != 64) || strspn(text, "0123456789abcdef") != len)
		return read_wrong(dotted, "no object id");
	*out = text;
	return NULL;
}

/* It is shown to people, as something to open. */
struct error *read_url(const char **out, const struct value *object,
		       const char *field)
{
	const char *text = "";

	TRY(read_text(&text, object, field));
	if (strncmp(text, "https://", 8) && strncmp(text, "http://", 7))
		return read_wrong(field, "no address");
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return read_wrong(field, "no address");
	*out = text;
	return NULL;
}

const char *read_link(const struct value *object, const char *field)
{
	const char *link = NULL;

	error_free(read_url(&link, object, field));
	return link;
}

struct error *read_id(int64_t *out, const struct value *object,
		      const char *field)
{
	const struct value *value = value_get(object, field);

	if (!value || value->kind != VALUE_INT || value->integer <= 0)
		return read_wrong(field, "no positive number");
	*out = value->integer;
	return NULL;
}

static struct error *read_state(enum pull_state *out, const char **merge_oid,
				const struct value *value)
{
	const char *state = "", *merged_at = "";

	*merge_oid = NULL;
	TRY(read_text(&state, value, "state"));
	TRY(read_maybe(&merged_at, value, "merged_at"));
	if (!strcmp(state, "open"))
		*out = PULL_OPEN;
	else if (!strcmp(state, "closed"))
		*out = *merged_at ? PULL_MERGED : PULL_CLOSED;
	else
		return read_wrong("state", "neither open nor closed");
	/* Before the merge it is the id of a trial. */
	if (*out == PULL_MERGED)
		return read_oid(merge_oid, value, "merge_commit_sha");
	return NULL;
}

static struct error *read_draft(int *out, const struct value *object)
{
	const struct value *value = value_get(object, "draft");

	if (value && value->kind != VALUE_BOOL && value->kind != VALUE_NULL)
		return read_wrong("draft", "neither true nor false");
	*out = value && value->kind == VALUE_BOOL && value->integer;
	return NULL;
}

struct error *read_pull(struct pull *out, const struct value *value)
{
	struct pull pull = { .approvals = -1, .changes_wanted = -1 };
	const char *url = "", *title = "", *body = "", *head = "";
	const char *head_oid = "", *base = "", *merge_oid = NULL;

	TRY(read_id(&pull.number, value, "number"));
	TRY(read_url(&url, value, "html_url"));
	TRY(read_text(&title, value, "title"));
	TRY(read_maybe(&body, value, "body"));
	TRY(read_text(&head, value, "head.ref"));
	TRY(read_oid(&head_oid, value, "head.sha"));
	TRY(read_text(&base, value, "base.ref"));
	TRY(read_state(&pull.state, &merge_oid, value));
	TRY(read_draft(&pull.draft, value));
	pull.url = xstrdup(url);
	pull.title = xstrdup(title);
	pull.body = xstrdup(body);
	pull.head = xstrdup(head);
	pull.head_oid = xstrdup(head_oid);
	pull.base = xstrdup(base);
	pull.merge_oid = xstrdup(merge_oid);
	*out = pull;
	return NULL;
}

int is_ours(const struct forge_client *client, const struct value *pull)
{
	const char *of =
		value_text(value_path(pull, "head.repo.full_name"), NULL);
	const char *to =
		value_text(value_path(pull, "base.repo.full_name"), NULL);
	CLEANUP(free_str)
	char *name =
		xasprintf("%s/%s", client->site->owner, client->site->name);

	/* A renamed repository still answers to its old name. */
	return of && !strcasecmp(of, to ? to : name);
}

/* A person's browser sends lines that end in CRLF. */
int same_text(const char *a, const char *b)
{
	for (;;) {
		a += *a == '\r';
		b += *b == '\r';
		if (*a != *b)
			return 0;
		if (!*a)
			return 1;
		a++;
		b++;
	}
}

/* Where text ends after so many characters; a bad byte counts as one. */
static size_t offset_of(const char *text, size_t characters)
{
	size_t at = 0, len = strlen(text);

	for (; characters && at < len; characters--) {
		size_t n = utf8_next(NULL, text + at, len - at);

		at += n ? n : 1;
	}
	return at;
}

char *cut_text(const char *text, size_t characters, const char *end)
{
	size_t end_characters = 0;

	if (!text[offset_of(text, characters)])
		return xstrdup(text);
	for (const char *c = end; *c; c++)
		end_characters += (*c & 0xc0) != 0x80;
	return xasprintf("%.*s%s",
			 (int)offset_of(text, characters - end_characters),
			 text, end);
}

/* Bytes of an escape sequence for terminals (ECMA-48, 5.4); 0: none begins. */
static size_t escape_len(const char *text, size_t len)
{
	size_t at = 2;

	if (len < 2 || text[0] != 0x1b || text[1] != '[')
		return 0;
	while (at < len && text[at] >= 0x20 && text[at] < 0x40)
		at++;
	return at < len && text[at] >= 0x40 && text[at] < 0x7f ? at + 1 : at;
}

static int is_control_point(uint32_t point)
{
	return (point < 0x20 && point != '\n' && point != '\t') ||
	       (point >= 0x7f && point < 0xa0) || point == 0xfeff;
}

void add_clean(struct buf *out, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		uint32_t point = 0;
		size_t n = escape_len(text + at, len - at);

		if (n) {
			at += n;
			continue;
		}
		n = utf8_next(&point, text + at, len - at);
		if (!n)
			buf_str(out, "\xef\xbf\xbd");
		else if (!is_control_point(point))
			buf_add(out, text + at, n);
		at += n ? n : 1;
	}
}

void add_line(struct buf *out, const char *text, size_t characters)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT;
	CLEANUP(free_str) char *cut = NULL;

	text += strspn(text, " \t\r\n");
	add_clean(&clean, text, strlen(text));
	buf_setlen(&clean, strcspn(clean.data, "\n"));
	cut = cut_text(clean.data, characters, "...");
	buf_str(out, cut);
}

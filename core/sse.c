/*
 * Server-Sent Events.  Everything between two reads is in the struct: the
 * unfinished line, the event so far, and whether a LF would still belong to
 * the CR before it.
 */
#include "core/sse.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)16 << 20)
/* What a line has beside its value: the name and a colon. */
#define NAME_MOST 64

/* The values of `at`; smaller ones count bytes of the BOM. */
#define IN_TEXT   3
#define BEHIND_CR 4

static const char bom[IN_TEXT] = { '\xef', '\xbb', '\xbf' };

void sse_init(struct sse *sse, size_t max)
{
	*sse = (struct sse){ .line = BUF_INIT,
			     .event = BUF_INIT,
			     .data = BUF_INIT,
			     .retry_ms = -1,
			     .max = max ? max : MOST };
}

void sse_release(struct sse *sse)
{
	buf_release(&sse->line);
	buf_release(&sse->event);
	buf_release(&sse->data);
	free(sse->id);
	free(sse->next_id);
	sse->id = sse->next_id = NULL;
}

static struct error *too_large(const struct sse *sse)
{
	return error_new(ERROR_INVALID, "an event is larger than %zu bytes",
			 sse->max);
}

/* A blank line: what was gathered is an event, unless it has no data. */
static struct error *dispatch(struct sse *sse, sse_fn fn, void *user)
{
	struct error *err = NULL;

	if (sse->next_id) {
		free(sse->id);
		sse->id = sse->next_id;
		sse->next_id = NULL;
	}
	if (sse->data.len) {
		/* Each data line has added a LF; the last one is none. */
		buf_setlen(&sse->data, sse->data.len - 1);
		err = fn(user, sse->event.len ? sse->event.data : "message",
			 sse->data.data, sse->data.len);
	}
	buf_clear(&sse->event);
	buf_clear(&sse->data);
	return err;
}

static void set_retry(struct sse *sse, const char *value, size_t len)
{
	int64_t ms = 0;

	if (!len || len > 18)
		return;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		ms = ms * 10 + (value[i] - '0');
	}
	sse->retry_ms = ms;
}

static int is(const struct buf *line, size_t len, const char *name)
{
	return len == strlen(name) && !memcmp(line->data, name, len);
}

/* A line that is not blank. */
static struct error *take_field(struct sse *sse)
{
	const struct buf *line = &sse->line;
	const char *colon = memchr(line->data, ':', line->len);
	size_t name = colon ? (size_t)(colon - line->data) : line->len;
	size_t at = colon ? name + 1 : name;

	if (at < line->len && line->data[at] == ' ')
		at++;
	const char *value = line->data + at;
	size_t len = line->len - at;

	if (is(line, name, "data")) {
		if (sse->data.len + len > sse->max)
			return too_large(sse);
		buf_add(&sse->data, value, len);
		buf_ch(&sse->data, '\n');
	} else if (is(line, name, "event")) {
		buf_clear(&sse->event);
		buf_add(&sse->event, value, len);
	} else if (is(line, name, "id") && !memchr(value, '\0', len)) {
		free(sse->next_id);
		sse->next_id = xstrndup(value, len);
	} else if (is(line, name, "retry")) {
		set_retry(sse, value, len);
	}
	return NULL;
}

static struct error *end_line(struct sse *sse, sse_fn fn, void *user)
{
	struct error *err =
		sse->line.len ? take_field(sse) : dispatch(sse, fn, user);

	buf_clear(&sse->line);
	return err;
}

/* How many bytes belong to the BOM; what began like one and is none is text. */
static size_t skip_bom(struct sse *sse, const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && sse->at < IN_TEXT) {
		if (bytes[i] == bom[sse->at]) {
			sse->at++;
			i++;
			continue;
		}
		buf_add(&sse->line, bom, (size_t)sse->at);
		sse->at = IN_TEXT;
	}
	return i;
}

static size_t find_end(const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && bytes[i] != '\n' && bytes[i] != '\r')
		i++;
	return i;
}

struct error *sse_feed(struct sse *sse, const char *bytes, size_t len,
		       sse_fn fn, void *user)
{
	size_t i = skip_bom(sse, bytes, len);

	while (i < len) {
		if (sse->at == BEHIND_CR && bytes[i] == '\n')
			i++;
		sse->at = IN_TEXT;
		size_t n = find_end(bytes + i, len - i);

		if (sse->line.len + n > sse->max + NAME_MOST)
			return too_large(sse);
		buf_add(&sse->line, bytes + i, n);
		i += n;
		if (i == len)
			break;
		if (bytes[i++] == '\r')
			sse->at = BEHIND_CR;
		TRY(end_line(sse, fn, user));
	}
	return NULL;
}

/*
 * The end of a job's log.  The API answers with an address elsewhere, signed,
 * good for a minute: it is asked without the token, and what comes is kept only
 * at its end, as a log may be larger than memory.  That storage takes no range
 * counted from the end, so all of it has to pass by.
 */
#include "gitops/forge-github-step.h"

#include "core/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What two minutes bring over a slow line; a longer log is not read. */
#define MAX_DOWNLOAD ((size_t)256 << 20)
/* A line begins with 29 bytes of time, mostly: so much more is kept. */
#define RAW(bytes) ((bytes)*2 + 8192)

struct tail {
	struct buf buf;
	size_t keep;
	int cut; /* its beginning is gone */
};

static int take(void *data, const struct http_response *head, const char *bytes,
		size_t len)
{
	struct tail *tail = data;

	(void)head;
	buf_add(&tail->buf, bytes, len);
	if (tail->buf.len > 2 * tail->keep) {
		buf_splice(&tail->buf, 0, tail->buf.len - tail->keep, "", 0);
		tail->cut = 1;
	}
	return 0;
}

/* "2024-01-02T03:04:05.1234567Z " */
static size_t time_len(const char *line, size_t len)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t at = 0;

	for (; at < sizeof shape - 1; at++)
		if (at >= len ||
		    (shape[at] == 'd' ? !isdigit((unsigned char)line[at])
				      : line[at] != shape[at]))
			return 0;
	if (at < len && line[at] == '.')
		at++;
	while (at < len && isdigit((unsigned char)line[at]))
		at++;
	if (len - at < 2 || line[at] != 'Z' || line[at + 1] != ' ')
		return 0;
	return at + 2;
}

static void add_log(struct buf *out, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf"; /* begins a file */

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end + 1 - text) : len;
		size_t skip = line >= 3 && !memcmp(text, mark, 3) ? 3 : 0;

		skip += time_len(text + skip, line - skip);
		add_clean(out, text + skip, line - skip);
		text += line;
		len -= line;
	}
}

/* From a whole line on, if there is one. */
static void add_tail(struct buf *out, const struct tail *tail)
{
	const char *text = tail->buf.data;
	size_t len = tail->buf.len;
	const char *end = tail->cut ? memchr(text, '\n', len) : NULL;
	size_t skip = end ? (size_t)(end + 1 - text) : 0;

	add_log(out, text + skip, len - skip);
}

const char *tail_of(const char *text, size_t bytes)
{
	size_t len = strlen(text);
	const char *at = text + len - (bytes < len ? bytes : len);
	const char *line;

	if (at == text || at[-1] == '\n')
		return at;
	line = strchr(at, '\n');
	if (line && line[1])
		return line + 1;
	/* One line that is too long. */
	while ((*at & 0xc0) == 0x80)
		at++;
	return at;
}

/* What the storage refuses is a log that cannot be had, no error. */
static struct error *download(struct tail *tail, struct forge_client *client,
			      const char *url)
{
	struct http_request request = { .method = "GET",
					.url = url,
					.idle_ms = 30000,
					.total_ms = 120000,
					.max_body = MAX_DOWNLOAD,
					.on_body = take,
					.data = tail };
	struct http_response response;
	struct error *err = http_get(&response, client->http, &request);

	if (err && err->code != ERROR_INVALID)
		return err;
	if (err || response.end != HTTP_OK || response.status != 200) {
		log_write(client->log, LOG_WARN, "a log cannot be had", "why",
			  err               ? "its address is none"
			  : response.detail ? response.detail
					    : "the storage refuses",
			  NULL);
		buf_clear(&tail->buf);
	}
	if (!err)
		http_response_release(&response);
	error_free(err);
	return NULL;
}

struct error *github_job_log(char **out, struct forge_client *client,
			     int64_t job, size_t bytes)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str)
	char *path =
		github_path(client, "/actions/jobs/%lld/logs", (long long)job);
	struct ask ask = { .method = "GET", .path = path, .redirect = 1 };
	struct tail tail = { .buf = BUF_INIT, .keep = RAW(bytes) };
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err = NULL;

	TRY(github_ask(&reply, client, &ask));
	if (reply.location)
		err = download(&tail, client, reply.location);
	else
		log_write(client->log, LOG_WARN, "a log cannot be had", "why",
			  reply.words, NULL);
	if (!err)
		add_tail(&text, &tail);
	if (text.len)
		*out = xstrdup(tail_of(text.data, bytes));
	buf_release(&tail.buf);
	return err;
}

/*
 * Answers that are kept with their ETag: asked for again with If-None-Match, an
 * answer 304 costs nothing of the limit.  In memory only, the latest few: a
 * file would have to be guarded like the token that fetched it.
 */
#include "gitops/forge-github-step.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_BYTES ((size_t)4 << 20) /* of one answer */

static void kept_clear(struct kept *kept)
{
	free_str(&kept->url);
	free_str(&kept->etag);
	free_str(&kept->body);
	free_str(&kept->next);
	kept->len = 0;
}

const struct kept *kept_find(const struct forge_client *client, const char *url)
{
	for (size_t i = 0; i < KEPT; i++)
		if (client->kept[i].url && !strcmp(client->kept[i].url, url))
			return &client->kept[i];
	return NULL;
}

/* An ETag goes back into a header. */
static int good_etag(const char *etag)
{
	size_t len = etag ? strlen(etag) : 0;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)etag[i] <= ' ' || etag[i] == 0x7f)
			return 0;
	return len && len <= 256;
}

void kept_add(struct forge_client *client, const char *url,
	      const struct http_response *response, const char *next)
{
	const char *etag = http_header(response, "ETag");
	struct kept *kept = (struct kept *)kept_find(client, url);

	if (!kept && good_etag(etag)) {
		kept = &client->kept[client->kept_next];
		client->kept_next = (client->kept_next + 1) % KEPT;
	}
	if (!kept)
		return;
	kept_clear(kept);
	if (!good_etag(etag) || response->body.len > KEPT_BYTES)
		return;
	kept->url = xstrdup(url);
	kept->etag = xstrdup(etag);
	kept->body = xstrndup(response->body.data, response->body.len);
	kept->len = response->body.len;
	kept->next = xstrdup(next);
}

void kept_release(struct forge_client *client)
{
	for (size_t i = 0; i < KEPT; i++)
		kept_clear(&client->kept[i]);
}

/* Looks for rel="next" among the parameters, up to the next link's '<'. */
static int is_next(const char *parameters)
{
	const char *end = parameters + strcspn(parameters, "<");
	const char *at = strcasestr(parameters, "rel=");

	for (; at && at < end; at = strcasestr(at + 1, "rel=")) {
		const char *word = at + 4 + (at[4] == '"');

		if (!strncasecmp(word, "next", 4) && strchr("\", ;", word[4]))
			return 1;
	}
	return 0;
}

char *link_next(const char *header)
{
	const char *begin = header ? strchr(header, '<') : NULL;

	while (begin) {
		const char *end = strchr(begin, '>');

		if (!end)
			return NULL;
		if (is_next(end + 1))
			return xstrndup(begin + 1, (size_t)(end - begin - 1));
		begin = strchr(end, '<');
	}
	return NULL;
}

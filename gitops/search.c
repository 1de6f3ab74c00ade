/* Searching the files of a workspace, line by line. */
#include "core/regex.h"
#include "core/utf8.h"
#include "gitops/workspace.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST   ((size_t)1 << 20)
#define LINE_MOST 400
/* As git: a file is binary when there is a NUL near its beginning. */
#define NUL_WITHIN 8000

struct search {
	struct search_hits hits;
	const struct regex *regex;
	size_t most;
};

static void search_release(struct search *search)
{
	search_hits_release(&search->hits);
}

void search_hits_release(struct search_hits *hits)
{
	FOR_EACH (struct search_hit, hit, hits) {
		free(hit->path);
		free(hit->text);
	}
	free(hits->items);
	*hits = (struct search_hits){ NULL, 0, 0 };
}

/* The line, cut where a character ends. */
static char *cut(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && n < LINE_MOST) {
		size_t step = utf8_next(NULL, line + n, len - n);

		step = step ? step : 1;
		if (n + step > LINE_MOST)
			break;
		n += step;
	}
	return xstrndup(line, n);
}

static struct error *search_text(struct search *search, const char *path,
				 const char *text, size_t len)
{
	const char *end = text + len;
	unsigned number = 1;

	for (const char *line = text;
	     line < end && search->hits.len < search->most; number++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((stop ? stop : end) - line);
		int found;

		TRY(regex_search(&found, NULL, NULL, search->regex, line,
				 length, 0));
		if (found) {
			struct search_hit *hit = PUSH(&search->hits);

			hit->path = xstrdup(path);
			hit->line = number;
			hit->text = cut(line, length);
		}
		line += length + 1;
	}
	return NULL;
}

static int is_binary(const struct buf *text)
{
	size_t len = text->len < NUL_WITHIN ? text->len : NUL_WITHIN;

	return memchr(text->data, '\0', len) != NULL;
}

static struct error *search_file(struct search *search,
				 const struct workspace *work, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	enum file_mode mode;
	struct oid oid;
	size_t size;

	TRY(workspace_stat(&mode, &oid, work, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	TRY(blob_size(&size, workspace_repo(work), &oid));
	if (size > LARGEST)
		return NULL;
	TRY(blob_read(&text, workspace_repo(work), &oid, LARGEST));
	if (is_binary(&text))
		return NULL;
	return search_text(search, path, text.data, text.len);
}

struct error *workspace_search(struct search_hits *out,
			       const struct workspace *work, const char *folder,
			       const char *pattern, size_t most)
{
	CLEANUP(search_release) struct search search = { .most = most };
	CLEANUP(regex_release) struct regex *regex = NULL;
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	TRY(regex_compile(&regex, pattern));
	TRY(workspace_list(&paths, work, folder));
	search.regex = regex;
	for (size_t i = 0; i < paths.len && search.hits.len < most; i++)
		TRY(search_file(&search, work, paths.items[i]));
	*out = search.hits;
	search.hits = (struct search_hits){ NULL, 0, 0 };
	return NULL;
}

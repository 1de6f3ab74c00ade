/* Look-ups in the generated table of templates; it is sorted, and small. */
#include "core/embed.h"

#include <string.h>

static void fill(struct embed *out, const struct embed_row *row)
{
	out->path = row->path;
	out->data = row->data;
	out->len = (size_t)(row->end - row->data);
}

int embed_find(struct embed *out, const char *path)
{
	for (size_t i = 0; i < embed_rows_len; i++)
		if (!strcmp(embed_rows[i].path, path)) {
			fill(out, &embed_rows[i]);
			return 1;
		}
	return 0;
}

int embed_at(struct embed *out, const char *prefix, size_t n)
{
	size_t len = strlen(prefix);

	for (size_t i = 0; i < embed_rows_len; i++)
		if (!strncmp(embed_rows[i].path, prefix, len) && !n--) {
			fill(out, &embed_rows[i]);
			return 1;
		}
	return 0;
}

/*
 * The tools that look.  They see the workspace as it is now, without the
 * tool's own folder.
 */
#include "core/nearest.h"
#include "core/regex.h"
#include "gitops/layout.h"
#include "plans/tools-row.h"

#include <stdlib.h>
#include <string.h>

#define MOST_FILE  (4 << 20)
#define MOST_SHOWN 49152 /* bytes of a file in one call */
#define MOST_LINE  2000

/* Of .orch/ the plan's docs are shown. */
static int is_hidden(const struct toolbox *box, const char *path)
{
	if (strncmp(path, ".orch/", 6) != 0)
		return 0;
	CLEANUP(free_str)
	char *docs = layout_doc_file(box->task->plan->id, "");
	return strncmp(path, docs, strlen(docs)) != 0;
}

/* The workspace as it is now, without .orch, for what walks all of it. */
static struct error *open_visible(struct workspace **out,
				  const struct toolbox *box)
{
	struct repo *repo = workspace_repo(box->work);
	struct oid tree, visible;

	TRY(workspace_write_tree(&tree, box->work));
	TRY(tree_without(&visible, repo, &tree, ".orch"));
	return workspace_open(out, repo, &visible);
}

static struct error *list_visible(struct strings *out,
				  const struct toolbox *box)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;

	TRY(open_visible(&work, box));
	return workspace_list(out, work, "");
}

static struct error *compile(struct globs **out, const char *glob)
{
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;

	if (!glob)
		return NULL;
	strings_add(&list, glob);
	return globs_compile(out, &list);
}

static struct error *list_files(struct buf *out, int *is_error,
				struct toolbox *box, const struct value *input)
{
	const char *glob = value_text(value_get(input, "glob"), NULL);
	int64_t limit = value_int(value_get(input, "limit"), 500);
	CLEANUP(globs_release) struct globs *globs = NULL;
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;
	int64_t n = 0;

	struct error *err = compile(&globs, glob);
	if (err)
		return tool_soften(out, is_error, err);
	TRY(list_visible(&paths, box));
	FOR_EACH (char *, path, &paths)
		if ((!globs || globs_match(globs, *path)) && n++ < limit)
			buf_addf(out, "%s\n", *path);
	if (n > limit)
		buf_addf(out,
			 "[%lld more: ask with a narrower glob or a higher "
			 "limit]\n",
			 (long long)(n - limit));
	if (!n)
		buf_str(out, glob ? "No file matches.\n"
				  : "There are no files yet.\n");
	return NULL;
}

const struct tool tool_list_files = {
	.name = "list_files",
	.description = "Lists the paths of the repository's files as they are "
		       "now, sorted, one a line. In a glob `*` stands for any "
		       "name and `**` for any folders.",
	.subject = "glob",
	.run = list_files,
};

static struct error *say_absent(struct buf *out, int *is_error,
				const struct toolbox *box, const char *path)
{
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *near;
	int same_name = 0;

	tool_refuse(out, is_error, "there is no file '%s'", path);
	TRY(list_visible(&paths, box));
	near = nearest(path, (const char *const *)paths.items, paths.len);
	if (near)
		buf_addf(out, "Did you mean '%s'?\n", near);
	FOR_EACH (char *, other, &paths) {
		const char *last = strrchr(*other, '/');

		if (same_name < 5 && last && !strcmp(last + 1, name)) {
			buf_addf(out, "There is '%s'.\n", *other);
			same_name++;
		}
	}
	return NULL;
}

struct error *tool_text(struct buf *content, struct buf *out, int *is_error,
			const struct toolbox *box, const char *path)
{
	struct repo *repo = workspace_repo(box->work);
	enum file_mode mode;
	struct oid oid;
	size_t size;

	TRY(workspace_stat(&mode, &oid, box->work, path));
	if (is_hidden(box, path) || mode == MODE_NONE)
		return say_absent(out, is_error, box, path);
	if (mode != MODE_FILE && mode != MODE_EXEC) {
		tool_refuse(out, is_error, "'%s' is no file but a %s", path,
			    mode == MODE_TREE   ? "folder: use list_files"
			    : mode == MODE_LINK ? "symbolic link"
						: "submodule");
		return NULL;
	}
	TRY(blob_size(&size, repo, &oid));
	if (size > MOST_FILE) {
		tool_refuse(out, is_error,
			    "'%s' has %zu bytes, too many to be shown", path,
			    size);
		return NULL;
	}
	TRY(blob_read(content, repo, &oid, MOST_FILE));
	if (memchr(content->data, 0, content->len))
		tool_refuse(out, is_error, "'%s' is a binary file of %zu bytes",
			    path, content->len);
	return NULL;
}

static size_t count_lines(const struct buf *text)
{
	size_t n = text->len && text->data[text->len - 1] != '\n';

	for (size_t i = 0; i < text->len; i++)
		n += text->data[i] == '\n';
	return n;
}

static void add_line(struct buf *out, size_t number, const char *line,
		     size_t len)
{
	size_t shown = len < MOST_LINE ? len : MOST_LINE;

	while (shown < len && shown &&
	       ((unsigned char)line[shown] & 0xc0) == 0x80)
		shown--;
	buf_addf(out, "%6zu\t", number);
	buf_add(out, line, shown);
	if (shown < len)
		buf_addf(out, " [%zu bytes more in this line]", len - shown);
	buf_ch(out, '\n');
}

/* As tool_lines(), to the first line that does not fit; gives the next one. */
static size_t add_lines(struct buf *out, const char *text, size_t len,
			size_t first, size_t last)
{
	const char *end = text + len;
	size_t number = 1, begin = out->len;

	while (text < end && number <= last) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);

		if (number >= first) {
			if (out->len - begin > MOST_SHOWN)
				return number;
			add_line(out, number, text, n);
		}
		text += n + 1;
		number++;
	}
	return number;
}

void tool_lines(struct buf *out, const char *text, size_t len, size_t first,
		size_t last)
{
	(void)add_lines(out, text, len, first, last);
}

static struct error *read_file(struct buf *out, int *is_error,
			       struct toolbox *box, const struct value *input)
{
	CLEANUP(buf_release) struct buf content = BUF_INIT;
	const char *path = tool_path(input);
	size_t from = (size_t)value_int(value_get(input, "from_line"), 1);
	size_t lines, to, next;

	TRY(tool_text(&content, out, is_error, box, path));
	if (*is_error)
		return NULL;
	lines = count_lines(&content);
	to = (size_t)value_int(value_get(input, "to_line"), (int64_t)lines);
	to = to < lines ? to : lines;
	if (!lines) {
		buf_str(out, "[the file is empty]\n");
		return NULL;
	}
	if (from > lines || to < from) {
		tool_refuse(out, is_error, "'%s' has %zu lines", path, lines);
		return NULL;
	}
	next = add_lines(out, content.data, content.len, from, to);
	if (next <= to)
		buf_addf(out,
			 "[lines %zu to %zu are not shown: ask again with "
			 "from_line %zu]\n",
			 next, lines, next);
	else if (to < lines)
		buf_addf(out, "[the file has %zu lines]\n", lines);
	return NULL;
}

const struct tool tool_read_file = {
	.name = "read_file",
	.description = "Shows a text file as it is now, each line behind its "
		       "number and a tab, which are no part of the file. A "
		       "long file comes in pieces: ask again with from_line.",
	.subject = "path",
	.run = read_file,
};

static struct error *search(struct buf *out, int *is_error, struct toolbox *box,
			    const struct value *input)
{
	CLEANUP(search_hits_release) struct search_hits hits = { NULL, 0, 0 };
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(free_str)
	char *folder = xstrdup(value_text(value_get(input, "folder"), ""));
	size_t limit = (size_t)value_int(value_get(input, "limit"), 100);
	size_t len = strlen(folder), n = 0;

	while (len && folder[len - 1] == '/')
		folder[--len] = '\0';
	if (!strcmp(folder, "."))
		folder[0] = '\0';
	TRY(open_visible(&work, box));
	struct error *err = workspace_search(
		&hits, work, folder,
		value_text(value_get(input, "pattern"), ""), limit + 1);
	if (err)
		return tool_soften(out, is_error, err);
	FOR_EACH (struct search_hit, hit, &hits)
		if (n++ < limit)
			buf_addf(out, "%s:%u: %s\n", hit->path, hit->line,
				 hit->text);
	if (n > limit)
		buf_str(out, "[there is more: ask with a narrower pattern, a "
			     "folder or a higher limit]\n");
	if (!n)
		buf_str(out, "Nothing matches.\n");
	return NULL;
}

const struct tool tool_search = {
	.name = "search",
	.description = "Looks for a regular expression in the lines of all "
		       "text files as they are now; shows path, line number "
		       "and line.",
	.subject = "pattern",
	.run = search,
};

/*
 * One changed file as a unified diff, for readers: models and people.  It is
 * never applied, so that what cannot be shown is said instead.
 */
#include "gitops/git2.h"
#include "gitops/workspace.h"

#include <string.h>

#define CONTEXT_LINES 5

static struct error *side_text(struct buf *out, const struct repo *repo,
			       enum file_mode mode, const struct oid *oid,
			       size_t max, int *too_large)
{
	size_t size = 0;

	if (mode == MODE_NONE || mode == MODE_GITLINK)
		return NULL;
	TRY(blob_size(&size, repo, oid));
	*too_large |= size > max;
	return size > max ? NULL : blob_read(out, repo, oid, max);
}

static void patch_release(git_patch **patch)
{
	if (*patch)
		git_patch_free(*patch);
}

static struct error *unified(struct buf *out, const struct change *change,
			     const struct buf *from, const struct buf *to)
{
	CLEANUP(patch_release) git_patch *patch = NULL;
	git_diff_options options = { .version = GIT_DIFF_OPTIONS_VERSION,
				     .context_lines = CONTEXT_LINES };
	git_buf text = { NULL, 0, 0 };
	int code;

	code = git_patch_from_buffers(
		&patch, change->kind == CHANGE_CREATE ? NULL : from->data,
		from->len, change->path,
		change->kind == CHANGE_DELETE ? NULL : to->data, to->len,
		change->path, &options);
	if (!code)
		code = git_patch_to_buf(&text, patch);
	if (code)
		return git2_error(code, "the diff of '%s'", change->path);
	buf_add(out, text.ptr, text.size);
	git_buf_dispose(&text);
	return NULL;
}

static const char *mode_word(enum file_mode mode)
{
	switch (mode) {
	case MODE_EXEC:
		return " (executable)";
	case MODE_LINK:
		return " (symbolic link)";
	case MODE_GITLINK:
		return " (submodule)";
	default:
		return "";
	}
}

struct error *change_text(struct buf *out, const struct repo *repo,
			  const struct change *change, size_t max)
{
	CLEANUP(buf_release) struct buf from = BUF_INIT;
	CLEANUP(buf_release) struct buf to = BUF_INIT;
	int too_large = 0;

	buf_addf(out, "%s %s%s\n", change_name(change->kind), change->path,
		 mode_word(change->kind == CHANGE_DELETE ? change->old_mode
							 : change->new_mode));
	TRY(side_text(&from, repo, change->old_mode, &change->old_oid, max,
		      &too_large));
	TRY(side_text(&to, repo, change->new_mode, &change->new_oid, max,
		      &too_large));
	if (too_large) {
		buf_addf(out, "[larger than %zu bytes: not shown]\n", max);
		return NULL;
	}
	return unified(out, change, &from, &to);
}

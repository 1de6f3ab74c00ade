/* The file of the forge's answers: read whole, written whole. */
#include "plans/pulls.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FILE (16 << 20)

static const char *const states[] = { "open", "closed", "merged" };

void kept_pulls_release(struct kept_pulls *pulls)
{
	FOR_EACH (struct kept_pull, it, pulls)
		pull_release(&it->pull);
	free(pulls->items);
	*pulls = (struct kept_pulls)KEPT_PULLS_INIT;
}

const struct kept_pull *pulls_of(const struct kept_pulls *pulls,
				 const char *branch)
{
	FOR_EACH (struct kept_pull, it, pulls)
		if (!strcmp(it->pull.head, branch))
			return it;
	return NULL;
}

static struct error *path_of(char **out, struct repo *repo)
{
	const char *orch = NULL;

	TRY(repo_orch_dir(&orch, repo));
	*out = path_join(orch, "index/pulls.json");
	return NULL;
}

static char *text_of(const struct value *row, const char *key)
{
	return xstrdup(value_text(value_get(row, key), NULL));
}

static int state_of(const char *name)
{
	for (int i = 0; i < 3; i++)
		if (!strcmp(states[i], name))
			return i;
	return -1;
}

static int read_row(struct kept_pull *out, const struct value *row)
{
	int state = state_of(value_text(value_get(row, "state"), ""));

	*out = (struct kept_pull){
		.pull = { .number = value_int(value_get(row, "number"), 0),
			  .url = text_of(row, "url"),
			  .head = text_of(row, "head"),
			  .head_oid = text_of(row, "head_oid"),
			  .base = text_of(row, "base"),
			  .merge_oid = text_of(row, "merge_oid"),
			  .draft = value_bool(value_get(row, "draft"), 0),
			  .approvals = (int)value_int(
				  value_get(row, "approvals"), -1),
			  .changes_wanted = (int)value_int(
				  value_get(row, "changes_wanted"), -1) },
	};
	const struct pull *pull = &out->pull;
	if (state < 0 || pull->number < 1 || !pull->url || !pull->head ||
	    !pull->head_oid || !pull->base)
		return 0;
	out->pull.state = (enum pull_state)state;
	struct error *err =
		clock_parse(&out->seen, value_text(value_get(row, "seen"), ""));
	error_free(err);
	return !err;
}

/* One row that makes no sense: none of them is believed. */
static int read_rows(struct kept_pulls *out, const struct value *root)
{
	if (value_int(value_get(root, "version"), 0) != 1)
		return 0;
	VALUE_EACH(row, value_get(root, "pulls"))
	{
		struct kept_pull made;

		if (!read_row(&made, row)) {
			pull_release(&made.pull);
			return 0;
		}
		*PUSH(out) = made;
	}
	return 1;
}

void pulls_read(struct kept_pulls *out, struct repo *repo)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct error *err = path_of(&path, repo);

	if (!err)
		err = file_read(&text, path, MAX_FILE);
	if (!err)
		err = json_parse(&tree, text.data, text.len);
	if (!err && !read_rows(out, tree.root))
		kept_pulls_release(out);
	error_free(err);
}

static void add_row(struct tree *tree, struct value *rows,
		    const struct kept_pull *kept)
{
	struct value *row = value_object(tree, rows, NULL);
	const struct pull *pull = &kept->pull;
	char seen[CLOCK_TEXT];

	clock_format(seen, kept->seen);
	value_add_string(tree, row, "head", pull->head);
	value_add_int(tree, row, "number", pull->number);
	value_add_string(tree, row, "url", pull->url);
	value_add_string(tree, row, "state", states[pull->state]);
	value_add_string(tree, row, "head_oid", pull->head_oid);
	value_add_string(tree, row, "base", pull->base);
	value_add_maybe(tree, row, "merge_oid", pull->merge_oid);
	value_add_bool(tree, row, "draft", pull->draft);
	value_add_int(tree, row, "approvals", pull->approvals);
	value_add_int(tree, row, "changes_wanted", pull->changes_wanted);
	value_add_string(tree, row, "seen", seen);
}

static struct error *write_rows(struct repo *repo,
				const struct kept_pulls *pulls)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL), *rows;

	TRY(path_of(&path, repo));
	value_add_int(&tree, root, "version", 1);
	rows = value_list(&tree, root, "pulls");
	FOR_EACH (struct kept_pull, it, pulls)
		add_row(&tree, rows, it);
	json_print_pretty(&text, root);
	return file_write(path, text.data, text.len, FILE_PLAIN);
}

void pulls_write(struct project *project, const struct kept_pulls *pulls)
{
	struct error *err = write_rows(project->repo, pulls);

	if (err)
		log_write(project->log, LOG_WARN, err->message, NULL);
	error_free(err);
}

void pulls_put(struct kept_pulls *pulls, const struct pull *pull, int64_t seen)
{
	struct kept_pull *row = (struct kept_pull *)pulls_of(pulls, pull->head);

	if (row)
		pull_release(&row->pull);
	else
		row = PUSH(pulls);
	*row = (struct kept_pull){ .pull = *pull, .seen = seen };
	row->pull.title = row->pull.body = NULL;
	row->pull.url = xstrdup(pull->url);
	row->pull.head = xstrdup(pull->head);
	row->pull.head_oid = xstrdup(pull->head_oid);
	row->pull.base = xstrdup(pull->base);
	row->pull.merge_oid = xstrdup(pull->merge_oid);
}

void pulls_keep(struct project *project, const struct pull *pull)
{
	CLEANUP(kept_pulls_release) struct kept_pulls pulls = KEPT_PULLS_INIT;

	pulls_read(&pulls, project->repo);
	pulls_put(&pulls, pull, clock_now());
	pulls_write(project, &pulls);
}

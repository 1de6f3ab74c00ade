/*
 * What is known of a phase in review without asking anybody: how often it was
 * tried, and what was answered.
 */
#include "plans/revision.h"

#include "core/yaml.h"
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "gitops/ref.h"
#include "gitops/workspace.h"
#include "plans/gate.h"
#include "plans/worker.h"

#include <stdlib.h>
#include <string.h>

#define MOST_NAMED 5 /* files in one answer */

void revision_release(struct revision *revision)
{
	wishes_release(&revision->wishes);
	tree_release(&revision->before);
	*revision = (struct revision)REVISION_INIT;
}

struct error *revision_before(struct tree *out, struct repo *repo,
			      const struct oid *commit, const char *plan,
			      const char *phase)
{
	CLEANUP(free_str) char *path = layout_phase_file(plan, phase);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct oid root, blob;
	enum file_mode mode;

	tree_release(out);
	TRY(commit_tree(&root, repo, commit));
	TRY(tree_entry(&mode, &blob, repo, &root, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	TRY(blob_read(&text, repo, &blob, YAML_MAX_BYTES));
	TRY(error_wrap(yaml_parse(&tree, text.data, text.len, NULL),
		       "%s on the branch", path));
	const struct value *result = value_get(tree.root, "result");
	if (result && result->kind == VALUE_OBJECT)
		value_add_copy(out, NULL, NULL, result);
	return NULL;
}

/* A refused tree that was kept: on top of which tip, after how many. */
static struct error *count_kept(int *out, struct repo *repo,
				const struct oid *kept, const struct oid *tip)
{
	CLEANUP(free_str) char *attempts = NULL;
	struct oid parent;

	/* What a coding agent left is kept as well, as a tree. */
	if (!commit_exists(repo, kept))
		return NULL;
	TRY(commit_parent(&parent, repo, kept, 0));
	if (!oid_equal(&parent, tip))
		return NULL;
	TRY(commit_trailer(&attempts, repo, kept, "Orch-Attempts"));
	*out += attempts ? (int)strtol(attempts, NULL, 10) : 1;
	return NULL;
}

struct error *revision_attempts(int *out, struct repo *repo,
				const struct value *result,
				const struct oid *tip, const char *plan,
				const char *phase)
{
	CLEANUP(refs_release) struct refs refs = REFS_INIT;
	CLEANUP(free_str)
	char *prefix = xasprintf(ATTEMPT_PREFIX "%s/%s/", plan, phase);

	*out = (int)value_int(value_get(result, "attempts"), 0);
	TRY(ref_list(&refs, repo, prefix));
	FOR_EACH (struct ref, ref, &refs)
		TRY(count_kept(out, repo, &ref->oid, tip));
	return NULL;
}

static struct error *nothing_wanted(const struct project *project,
				    const struct card *card)
{
	struct error *err = error_new(
		ERROR_NOTHING, "nothing to revise in '%s'", card->phase->id);

	return strcmp(project->config.delivery.forge, "local")
		       ? err
		       : error_hint(err,
				    "say what is to be changed: git orch "
				    "revise %s --message <text>",
				    card->phase->id);
}

/* Of the same task it makes the same again. */
static struct error *is_repeatable(const struct project *project,
				   const struct card *card)
{
	const char *id = card->phase->id;
	const struct worker *worker = NULL;
	const struct agent *agent = config_agent(
		&project->config,
		card->phase->agent ? card->phase->agent : "developer");

	if (agent)
		TRY(worker_find(&worker, agent->worker));
	if (!worker || !worker->deterministic)
		return NULL;
	return error_hint(error_new(ERROR_NOTHING,
				    "phase '%s' is done by '%s', which makes "
				    "the same again",
				    id, worker->name),
			  "change its branch by hand, or give it another "
			  "agent:");
}

struct error *revision_possible(const struct revision *revision,
				const struct project *project,
				const struct card *card)
{
	int most = project->config.policy.attempts;

	if (!revision->wishes.len)
		return revision->pending ? NULL : nothing_wanted(project, card);
	TRY(is_repeatable(project, card));
	if (revision->attempts < most)
		return NULL;
	return error_hint(error_new(ERROR_NO,
				    "phase '%s' has had %d attempts, and "
				    "policy.attempts is %d",
				    card->phase->id, revision->attempts, most),
			  "raise policy.attempts in .orch/config.yaml to have "
			  "it revised");
}

static int is_changed(const struct changes *changes, const char *path)
{
	FOR_EACH (struct change, change, changes)
		if (!strcmp(change->path, path))
			return 1;
	return 0;
}

static void name_changes(struct buf *out, const struct changes *changes)
{
	size_t n = 0;

	if (!changes->len) {
		buf_str(out, "Nothing was changed.");
		return;
	}
	buf_str(out, "Changed:");
	FOR_EACH (struct change, change, changes)
		if (n++ < MOST_NAMED)
			buf_addf(out, "%s %s", n > 1 ? "," : "", change->path);
	if (n > MOST_NAMED)
		buf_addf(out, " and %zu more", n - MOST_NAMED);
	buf_ch(out, '.');
}

/* The worker did not speak of it: then the files do. */
static char *answer_of_files(const struct wish *wish,
			     const struct changes *changes)
{
	struct buf out = BUF_INIT;

	if (wish->path)
		buf_addf(&out, "%s was %schanged. ", wish->path,
			 is_changed(changes, wish->path) ? "" : "not ");
	if (!wish->path || !is_changed(changes, wish->path))
		name_changes(&out, changes);
	if (out.data[out.len - 1] == ' ')
		buf_setlen(&out, out.len - 1);
	char *text = printable_text(out.data, out.data + out.len);
	buf_release(&out);
	return text;
}

static void add_answer(struct tree *tree, struct value *list,
		       const struct wish *wish,
		       const struct worker_answer *said,
		       const struct changes *changes)
{
	struct value *row = value_object(tree, list, NULL);
	CLEANUP(free_str)
	char *own = said ? NULL : answer_of_files(wish, changes);

	value_add_int(tree, row, "remark", wish->id);
	value_add_string(tree, row, "key", wish->key);
	value_add_string(tree, row, "text", said ? said->text : own);
	value_add_bool(tree, row, "changed",
		       said && said->changed && changes->len);
}

struct error *revision_answers(struct tree *tree, struct value *result,
			       const struct wishes *wishes,
			       const struct report *report, struct repo *repo,
			       const struct oid *before,
			       const struct oid *after)
{
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;
	struct value *list = NULL;

	TRY(tree_diff(&changes, repo, before, after));
	for (size_t i = 0; i < wishes->len; i++) {
		const struct wish *wish = &wishes->items[i];

		if (!wish->id)
			continue;
		if (!list)
			list = value_list(tree, result, "answers");
		add_answer(tree, list, wish, wish_answer(report, i), &changes);
	}
	return NULL;
}

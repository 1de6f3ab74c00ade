/*
 * The transaction of a phase in review: it begins on the tip of its branch,
 * with what is wanted of it, and ends with answers.  The base ref stays, so the
 * gates look at all of the branch, commits added by hand included.
 */
#include "plans/step.h"

#include "core/yaml.h"
#include "gitops/commit.h"
#include "plans/integrate.h"

#include <stdlib.h>
#include <string.h>

struct error *step_revise_choose(struct card **out, struct transaction *t,
				 struct board *board)
{
	TRY(revision_named(out, &t->revision, t->project, board,
			   t->options->plan, t->options->phase,
			   t->options->messages));
	t->revises = 1;
	return NULL;
}

struct error *step_revise_any(struct card **out, struct transaction *t,
			      struct board *board, struct error *none)
{
	if (!error_is(none, ERROR_NOTHING) || t->options->phase ||
	    t->options->no_revise || t->options->no_push || t->options->no_pr)
		return none;
	struct error *err = revision_any(out, &t->revision, t->project, board);
	if (!err && !*out)
		return none;
	error_free(none);
	t->revises = !err;
	return err;
}

static struct error *journal_wishes(const struct transaction *t)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);

	value_add_int(&line, root, "pull", t->revision.pull);
	value_add_int(&line, root, "attempts", t->revision.attempts);
	value_add_int(&line, root, "left", (int64_t)t->revision.wishes.left);
	value_add_string(&line, root, "key", t->revision.key);
	wishes_write(&line, value_list(&line, root, "wishes"),
		     &t->revision.wishes);
	return journal_append(t->journal, "revision", root);
}

/* All that is left to do is to say what stands in the document. */
static struct error *only_answers(struct transaction *t,
				  const struct card *card)
{
	TRY(step_deliver_published(t, card));
	return t->claim.published
		       ? NULL
		       : claim_advance(&t->claim, t->project->repo, 1);
}

static struct error *find_fork(struct transaction *t, const struct card *card)
{
	t->fork = card->fork;
	if (!oid_is_zero(&t->fork))
		return NULL;
	return commit_merge_base(&t->fork, t->project->repo, &t->base,
				 &card->tip);
}

struct error *step_revise_start(struct transaction *t, const struct card *card,
				int *again)
{
	const char *plan = card->plan->id, *phase = card->phase->id;
	size_t posted = 0;

	*again = card->status != STATUS_IN_REVIEW ||
		 !oid_equal(&card->tip, &t->revision.tip);
	if (*again)
		return NULL;
	if (!t->revision.wishes.len)
		return only_answers(t, card);
	if (t->revision.pending)
		TRY(revision_post(&posted, t->project, &card->tip, plan,
				  phase));
	t->base = t->project->base.commit;
	t->start = t->old_branch = card->tip;
	TRY(find_fork(t, card));
	TRY(step_journal(t));
	TRY(step_documents(t, plan, phase));
	TRY(journal_wishes(t));
	return step_journal_start(t);
}

struct error *step_revise_resume(struct transaction *t)
{
	const struct value *line = journal_last(t->journal, "revision", NULL);
	struct revision *revision = &t->revision;

	if (!line)
		return NULL;
	t->revises = 1;
	revision->tip = t->start;
	revision->pull = value_int(value_get(line, "pull"), 0);
	revision->attempts = (int)value_int(value_get(line, "attempts"), 0);
	revision->wishes.left = (size_t)value_int(value_get(line, "left"), 0);
	strncpy(revision->key, value_text(value_get(line, "key"), ""),
		WISH_KEY - 1);
	wishes_read(&revision->wishes, value_get(line, "wishes"));
	return revision_before(&revision->before, t->project->repo, &t->start,
			       t->claim.plan, t->claim.phase);
}

/* A reason is an answer to a person; a check that is red stays red. */
struct error *step_judge_revision(struct transaction *t)
{
	const struct wishes *wishes = &t->revision.wishes;
	struct oid before;
	size_t open = 0;

	TRY(commit_tree(&before, t->project->repo, &t->start));
	if (!oid_equal(&before, &t->tree))
		return NULL;
	for (size_t i = 0; i < wishes->len; i++)
		open += wishes->items[i].kind == WISH_CI ||
			!wish_answer(&t->report, i);
	if (open)
		finding_hint(finding_add(&t->findings, "revision", NULL,
					 "nothing was changed, and %zu of %zu "
					 "wishes are left as they are",
					 open, wishes->len),
			     "Change the work, or answer each remark with the "
			     "reason why not.");
	return NULL;
}

static struct error *fork_document(struct buf *out, struct oid *blob,
				   const struct transaction *t,
				   const char *path)
{
	struct repo *repo = t->project->repo;
	enum file_mode mode;
	struct oid tree;

	*blob = oid_zero;
	TRY(commit_tree(&tree, repo, &t->fork));
	TRY(tree_entry(&mode, blob, repo, &tree, path));
	return mode == MODE_FILE || mode == MODE_EXEC
		       ? blob_read(out, repo, blob, YAML_MAX_BYTES)
		       : NULL;
}

struct error *step_merge_document(struct buf *text, const struct transaction *t,
				  const char *path)
{
	CLEANUP(buf_release) struct buf fork = BUF_INIT;
	CLEANUP(buf_release) struct buf base = BUF_INIT;
	const struct merge_driver *driver = document_merge_driver();
	struct oid blob;

	if (!t->revises)
		return NULL;
	TRY(fork_document(&fork, &blob, t, path));
	if (oid_equal(&blob, &t->phase->blob))
		return NULL;
	TRY(blob_read(&base, t->project->repo, &t->phase->blob,
		      YAML_MAX_BYTES));
	struct error *err = driver->merge(text, path, fork.len ? &fork : NULL,
					  &base, text, driver->data);
	if (!error_is(err, ERROR_CONFLICT))
		return err;
	log_write(t->project->log, LOG_WARN, err->message, NULL);
	error_free(err);
	return NULL;
}

static void put_first(struct strings *list, const struct value *before)
{
	struct strings all = STRINGS_INIT;

	value_strings(&all, before);
	FOR_EACH (char *, text, list)
		if (!strings_has(&all, *text))
			strings_add(&all, *text);
	strings_release(list);
	*list = all;
}

void step_keep_words(struct transaction *t)
{
	const struct value *before = t->revision.before.root;

	put_first(&t->report.decisions, value_get(before, "decisions"));
	put_first(&t->report.notes, value_get(before, "notes"));
}

/* A forge that will not hear of it changes nothing of what happened. */
struct error *step_refused(struct transaction *t)
{
	CLEANUP(free_str) char *reason = step_reason(t);

	step_report(t, "refused");
	TRY(step_keep_refused(t));
	t->commit = t->start;
	struct error *err =
		revision_refused(t->project, &t->revision, t->attempts, reason);
	if (!err || error_is(err, ERROR_AGAIN) ||
	    error_is(err, ERROR_INTERRUPT))
		return err;
	log_write(t->project->log, LOG_WARN, err->message, NULL);
	error_free(err);
	return NULL;
}

/* Answers stand in the document: what is not said now the next one says. */
static struct error *not_answered(struct transaction *t, struct error *err)
{
	int later = error_is(err, ERROR_AGAIN);

	if (!err || error_is(err, ERROR_INTERRUPT) ||
	    error_is(err, ERROR_CLAIMED))
		return err;
	if (!later)
		error_free(step_drop(t));
	if (t->project->progress)
		progress_note(t->project->progress,
			      "%s: pushed, and not all is answered; git orch "
			      "revise %s goes on there%s",
			      t->phase->id, t->phase->id,
			      later ? "" : " once that is mended");
	return err;
}

struct error *step_answer(struct transaction *t)
{
	if (t->status != PHASE_DONE || t->options->no_pr || t->options->no_push)
		return NULL;
	return not_answered(t, revision_post(&t->out->posted, t->project,
					     &t->commit, t->plan.id,
					     t->phase->id));
}

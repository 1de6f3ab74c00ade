/*
 * Step 6: one tree (the work and the phase's document), one commit.
 *
 * The commit is a function of the start line, the lines of checks and calls
 * and the times kept in the commit line: made again after a kill it has the
 * same id.
 */
#include "core/clock.h"
#include "core/yaml-edit.h"
#include "core/yaml.h"
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "plans/page.h"
#include "plans/step.h"

#include <string.h>

/* A branch made by hand may be older than the document: then the base's. */
static struct error *read_document(struct buf *out,
				   const struct workspace *work,
				   const struct transaction *t,
				   const char *path)
{
	struct error *err = workspace_read(out, work, path);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return blob_read(out, t->project->repo, &t->phase->blob,
			 YAML_MAX_BYTES);
}

static struct error *edit_document(struct workspace *work,
				   const struct transaction *t, int64_t when)
{
	CLEANUP(free_str)
	char *path = layout_phase_file(t->plan.id, t->phase->id);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree result = TREE_INIT;

	TRY(step_result(&result, t, when));
	TRY(error_wrap(read_document(&text, work, t, path), "%s", path));
	TRY(step_merge_document(&text, t, path));
	TRY(error_wrap(
		yaml_edit_set(&text, "status", phase_status_name(t->status)),
		"%s on the branch", path));
	if (t->status == PHASE_FAILED) {
		CLEANUP(free_str) char *reason = step_reason(t);

		TRY(yaml_edit_set(&text, "reason", reason));
	}
	TRY(yaml_edit_block(&text, "result", result.root));
	return workspace_write(work, path, text.data, text.len, MODE_NONE);
}

static struct error *write_page(struct workspace *work,
				const struct transaction *t)
{
	CLEANUP(free_str)
	char *path = layout_page_file(t->plan.id, t->phase->id);
	CLEANUP(buf_release) struct buf page = BUF_INIT;

	page_render(&page, &t->candidate, &t->checks, &t->report);
	return workspace_write(work, path, page.data, page.len, MODE_FILE);
}

/* Done: the work, its page and its document.  Failed: the document alone. */
static struct error *result_tree(struct oid *out, const struct transaction *t,
				 int64_t when)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	struct oid tree = t->tree;

	if (t->status == PHASE_FAILED)
		TRY(commit_tree(&tree, t->project->repo, &t->start));
	TRY(workspace_open(&work, t->project->repo, &tree));
	TRY(edit_document(work, t, when));
	if (t->status == PHASE_DONE)
		TRY(write_page(work, t));
	return workspace_write_tree(out, work);
}

/* What it is a further commit for. */
static void write_revision(struct buf *out, const struct transaction *t)
{
	size_t n[WISH_CI + 1] = { 0 };
	const char *before = "\nAsked for by ";

	FOR_EACH (struct wish, wish, &t->revision.wishes)
		n[wish->kind]++;
	for (int kind = WISH_MESSAGE; kind <= WISH_CI; kind++) {
		if (!n[kind])
			continue;
		buf_addf(out, "%s%s (%zu)", before, wish_kind_name(kind),
			 n[kind]);
		before = ", ";
	}
	buf_ch(out, '\n');
}

static void write_subject(struct buf *out, const struct transaction *t)
{
	const struct phase *phase = t->phase;
	int mends = t->revises && phase_is_type(phase, "feat");

	phase_subject(out, phase, mends ? "fix" : NULL);
	buf_addf(out, ": %s%s\n", t->revises ? "revise " : "", phase->title);
}

static void write_message(struct buf *out, const struct transaction *t)
{
	const struct phase *phase = t->phase;
	CLEANUP(strings_release) struct strings workers = STRINGS_INIT;

	if (t->status == PHASE_FAILED) {
		CLEANUP(free_str) char *reason = step_reason(t);

		buf_addf(out, "chore: record that %s failed\n\n%s\n", phase->id,
			 reason);
	} else {
		write_subject(out, t);
		if (t->revises)
			write_revision(out, t);
		else if (phase->summary)
			buf_addf(out, "\n%s\n", phase->summary);
	}
	buf_addf(out, "\nOrch-Plan: %s\nOrch-Phase: %s\nOrch-Run: %s\n",
		 t->plan.id, phase->id, t->claim.run);
	step_workers(&workers, t);
	FOR_EACH (char *, worker, &workers)
		buf_addf(out, "Assisted-by: %s\n", *worker);
}

static struct error *make_commit(struct oid *out, const struct transaction *t,
				 int64_t when)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(buf_release) struct buf message = BUF_INIT;
	struct commit_spec spec = {
		.parents = &t->start,
		.n_parents = 1,
		.when = when,
	};

	TRY(repo_author(&author, t->project->repo));
	TRY(repo_committer(&committer, t->project->repo));
	TRY(result_tree(&spec.tree, t, when));
	write_message(&message, t);
	spec.message = message.data;
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, t->project->repo, &spec);
}

static struct error *journal_commit(struct transaction *t, int64_t when)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);
	char hex[OID_HEX];

	value_add_string(&line, root, "plan", t->plan.id);
	value_add_string(&line, root, "phase", t->phase->id);
	value_add_int(&line, root, "attempt", t->attempts);
	value_add_string(&line, root, "status", phase_status_name(t->status));
	value_add_int(&line, root, "when", when);
	value_add_string(&line, root, "commit", oid_hex(hex, &t->commit));
	return journal_append(t->journal, "commit", line.root);
}

/*
 * The refused tree stays here, for a person to look at.  A commit of the same
 * run and tree is the same one, so a resumed run adds none.
 */
struct error *step_keep_refused(const struct transaction *t)
{
	CLEANUP(identity_release) struct identity who = { NULL, NULL };
	CLEANUP(free_str) char *message = NULL;
	struct commit_spec spec = {
		.tree = t->tree,
		.parents = &t->start,
		.n_parents = 1,
		.when = t->started,
	};
	struct oid commit;

	TRY(repo_committer(&who, t->project->repo));
	message =
		xasprintf("refused: %s/%s\n\nOrch-Run: %s\n"
			  "Orch-Attempts: %d\n",
			  t->plan.id, t->phase->id, t->claim.run, t->attempts);
	spec.message = message;
	spec.author = spec.committer = who;
	TRY(commit_create(&commit, t->project->repo, &spec));
	return sync_keep(t->project->repo, t->plan.id, t->phase->id, &commit);
}

struct error *step_recorded(struct transaction *t, int *found)
{
	const struct value *line = journal_last(t->journal, "commit", NULL);
	struct oid tree;

	*found = 0;
	if (!line)
		return NULL;
	TRY(oid_parse(&t->commit, value_text(value_get(line, "commit"), "")));
	if (!commit_exists(t->project->repo, &t->commit))
		return NULL;
	t->status = !strcmp(value_text(value_get(line, "status"), ""), "failed")
			    ? PHASE_FAILED
			    : PHASE_DONE;
	t->attempts = (int)value_int(value_get(line, "attempt"), 1);
	TRY(commit_tree(&tree, t->project->repo, &t->commit));
	t->tree = tree;
	*found = 1;
	return NULL;
}

struct error *step_commit(struct transaction *t)
{
	const struct value *line = journal_last(t->journal, "commit", NULL);
	int64_t when =
		line ? value_int(value_get(line, "when"), 0) : clock_now();

	step_report(t, "commit");
	if (t->status == PHASE_FAILED)
		TRY(step_keep_refused(t));
	TRY(make_commit(&t->commit, t, when));
	return journal_commit(t, when);
}

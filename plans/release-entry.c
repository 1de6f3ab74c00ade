/*
 * The entry of a release: a commit like any other, so the checks pass on it
 * before the base is moved there.
 */
#include "plans/release-step.h"

#include "core/clock.h"
#include "gitops/commit.h"
#include "gitops/shared.h"
#include "plans/changelog.h"
#include "plans/gate.h"
#include "plans/propose.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (8 << 20)

struct error *entry_read(struct buf *out, struct repo *repo,
			 const struct oid *commit)
{
	enum file_mode mode;
	struct oid tree, blob;

	buf_clear(out);
	TRY(commit_tree(&tree, repo, commit));
	TRY(tree_entry(&mode, &blob, repo, &tree, CHANGELOG));
	if (mode == MODE_NONE)
		return NULL;
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return error_hint(error_new(ERROR_FAILURE,
					    "'%s' is no file on the base",
					    CHANGELOG),
				  "make it one, or take it away");
	return error_wrap(blob_read(out, repo, &blob, MOST_BYTES), CHANGELOG);
}

int entry_has(const struct buf *text, const char *version)
{
	CLEANUP(buf_release) struct buf section = BUF_INIT;

	return changelog_section(&section, text->data, version);
}

/* The changelog with the entry; notes are what it says then. */
static struct error *write_entry(struct buf *text, struct releasing *r)
{
	struct release_report *out = r->out;
	ARRAY(struct changelog_item) items = ARRAY_INIT;
	CLEANUP(buf_release) struct buf notes = BUF_INIT;
	struct project *project = r->project;
	char today[CLOCK_TEXT];

	TRY(entry_read(text, project->repo, &project->base.commit));
	if (entry_has(text, out->version))
		return error_hint(error_new(ERROR_FAILURE,
					    "'%s' has an entry of %s already, "
					    "and there is no tag %s",
					    CHANGELOG, out->version, out->tag),
				  "tag that one by hand, or choose another "
				  "with --version");
	clock_format(today, clock_now());
	today[strlen("2026-01-01")] = '\0';
	FOR_EACH (const struct release_item, item, &out->items)
		*PUSH(&items) = (struct changelog_item){ release_group(item),
							 item->words };
	const struct changelog_entry entry = {
		.version = out->version,
		.tag = out->tag,
		.date = today,
		.summary = out->summary,
		.items = items.items,
		.n = items.len,
	};
	changelog_add(text, &entry);
	free(items.items);
	changelog_section(&notes, text->data, out->version);
	free(out->notes);
	out->notes = buf_steal(&notes);
	return NULL;
}

static struct error *commit_entry(struct oid *out, struct releasing *r,
				  const struct buf *text)
{
	struct project *project = r->project;
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(free_str)
	char *message = xasprintf("chore: release %s\n\nOrch-Release: %s\n",
				  r->out->version, r->out->version);
	struct commit_spec spec = {
		.parents = &project->base.commit,
		.n_parents = 1,
		.message = message,
		.when = clock_now(),
	};

	TRY(workspace_open(&work, project->repo, &project->base.tree));
	TRY(workspace_write(work, CHANGELOG, text->data, text->len, MODE_NONE));
	TRY(workspace_write_tree(&spec.tree, work));
	TRY(repo_author(&author, project->repo));
	TRY(repo_committer(&committer, project->repo));
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, project->repo, &spec);
}

/* Those of the configuration; a plan's own are its phases'. */
static struct error *check_entry(struct releasing *r, const struct oid *commit)
{
	struct project *project = r->project;
	CLEANUP(check_outcomes_release)
	struct check_outcomes done = { NULL, 0, 0 };
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	struct oid tree, source;

	FOR_EACH (struct check, check, &project->config.checks)
		strings_add(&names, check->name);
	TRY(plan_read(&plan, project->repo, &project->base.tree,
		      r->out->items.items[0].plan, NULL));
	TRY(commit_tree(&tree, project->repo, commit));
	TRY(tree_without(&source, project->repo, &tree, ".orch"));
	TRY(gate_landing_checks(&done, project, &plan, &names, &source, 0,
				&findings));
	if (!findings_failing(&findings))
		return NULL;
	return error_hint(error_new(ERROR_NO,
				    "the base with the entry of %s: "
				    "%s",
				    r->out->version, findings.items[0].message),
			  "mend the base first; nothing was released");
}

static char *branch_of(const struct releasing *r)
{
	return xasprintf("refs/heads/%s/release-%s",
			 r->project->config.delivery.branch_prefix,
			 r->out->version);
}

/* A branch of its own, moved by lease: only releases are made on it. */
static struct error *push_branch(const char *ref, struct releasing *r,
				 const struct oid *commit)
{
	struct repo *repo = r->project->repo;
	CLEANUP(push_release) struct push push = { .remote = NULL };
	struct oid there;

	TRY(shared_read(&there, repo, ref));
	push_add(&push, ref, commit, &there);
	return shared_move(repo, &push, "release");
}

struct error *entry_drop_branch(struct releasing *r)
{
	struct repo *repo = r->project->repo;
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(free_str) char *ref = branch_of(r);
	struct oid there;

	if (!repo_remote(repo))
		return NULL;
	TRY(shared_read(&there, repo, ref));
	if (oid_is_zero(&there))
		return NULL;
	push_add(&push, ref, &oid_zero, &there);
	struct error *err = shared_move(repo, &push, "released");
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return NULL;
}

static struct error *propose_entry(struct releasing *r,
				   const struct oid *commit,
				   struct error *refusal)
{
	struct project *project = r->project;
	struct release_report *out = r->out;
	CLEANUP(error_release) struct error *why = refusal;
	CLEANUP(pull_release) struct pull pull = { 0 };
	CLEANUP(free_str) char *ref = branch_of(r);
	CLEANUP(free_str)
	char *title = xasprintf("chore: release %s", out->version);

	if (!strcmp(project->config.delivery.forge, "local")) {
		why = NULL;
		return error_hint(refusal,
				  "the base is protected: set delivery.forge, "
				  "and the entry becomes a pull request");
	}
	TRY(push_branch(ref, r, commit));
	const struct change_proposal what = {
		.branch = ref + strlen("refs/heads/"),
		.title = title,
		.body = out->notes,
		.text = "the changelog's entry of a release",
	};
	TRY(propose_change(&pull, project, commit, &what));
	out->pull = xstrdup(pull.url);
	return NULL;
}

struct error *entry_bring(struct releasing *r)
{
	struct release_report *out = r->out;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct oid commit;

	TRY(write_entry(&text, r));
	if (r->options->dry_run)
		return NULL;
	TRY(commit_entry(&commit, r, &text));
	TRY(check_entry(r, &commit));
	struct error *err =
		base_advance(r->project->repo, &r->project->base, &commit);
	if (error_is(err, ERROR_REFUSED))
		return propose_entry(r, &commit, err);
	TRY(err);
	out->commit = commit;
	return NULL;
}

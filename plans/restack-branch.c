/*
 * One branch onto its new start.
 *
 * Nothing but objects is written before the one step that moves all refs, so a
 * kill leaves the branch as it was or as it should be.
 */
#include "plans/restack-step.h"

#include "core/clock.h"
#include "core/yaml-edit.h"
#include "core/yaml.h"
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "plans/branch.h"
#include "plans/landing.h"
#include "plans/renewal.h"
#include "plans/resolve.h"
#include "plans/result.h"

#include <stdlib.h>
#include <string.h>

#define EVIDENCE "Orch-Evidence"

static void report(const struct restack *r, const char *what)
{
	const struct project *project = r->project;

	if (project->progress)
		progress_set(project->progress, r->card->phase->id, "%s", what);
	log_write(project->log, LOG_INFO, what, "phase", r->card->phase->id,
		  NULL);
}

/* What the document at a commit says, as bytes; absent: empty. */
static struct error *read_document(struct buf *out, const struct restack *r,
				   const struct oid *commit)
{
	struct repo *repo = r->project->repo;
	struct oid tree, blob;
	enum file_mode mode;

	TRY(commit_tree(&tree, repo, commit));
	TRY(tree_entry(&mode, &blob, repo, &tree, r->document));
	return mode == MODE_FILE || mode == MODE_EXEC
		       ? blob_read(out, repo, &blob, YAML_MAX_BYTES)
		       : NULL;
}

static struct error *read_result(struct restack *r)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	TRY(read_document(&text, r, &r->card->tip));
	TRY(yaml_parse(&tree, text.data, text.len, NULL));
	const struct value *result = value_get(tree.root, "result");
	if (result)
		value_add_copy(&r->result, NULL, NULL, result);
	return NULL;
}

static struct oid result_id(const struct restack *r, const char *key)
{
	struct oid oid = oid_zero;

	error_free(oid_parse(&oid,
			     value_text(value_get(r->result.root, key), "")));
	return oid;
}

struct forks {
	struct oid *items;
	size_t len, cap;
};

static void forks_release(struct forks *places)
{
	free(places->items);
}

/* Is it a commit of a phase below, one that has landed? */
static struct error *is_landed(int *out, const struct restack *r,
			       const struct oid *commit)
{
	*out = 0;
	FOR_EACH (char *, id, &r->card->phase->depends_on)
		if (!*out)
			TRY(branch_landed(out, r->project, commit,
					  r->card->plan->id, *id));
	return NULL;
}

/*
 * A forge brings a branch up to date by merging what it stands on.  When that
 * has landed as another commit, nothing but its own result tells where from.
 */
static struct error *add_merged(struct forks *out, const struct restack *r)
{
	struct repo *repo = r->project->repo;
	struct oid at = r->card->tip, second;
	int known = 0, landed;

	while (!known && !oid_is_zero(&at)) {
		TRY(commit_parent(&second, repo, &at, 1));
		landed = 0;
		if (!oid_is_zero(&second))
			TRY(is_landed(&landed, r, &second));
		if (landed)
			*PUSH(out) = second;
		TRY(commit_parent(&at, repo, &at, 0));
		if (!oid_is_zero(&at))
			TRY(commit_is_ancestor(&known, repo, &at,
					       &r->card->fork));
	}
	return NULL;
}

static void tell_unrelated(struct restack *r)
{
	struct finding *finding =
		finding_add(&r->row->findings, "conflict", NULL,
			    "branch '%s' shares no history with '%s'",
			    r->card->branch, r->row->onto);

	finding_hint(finding, "put it there by hand: git rebase");
	r->row->end = RESTACK_CONFLICT;
}

static struct error *find_ends(struct restack *r)
{
	CLEANUP(forks_release) struct forks places = { NULL, 0, 0 };

	r->start = r->below ? r->below->tip : r->project->base.commit;
	*PUSH(&places) = r->start;
	*PUSH(&places) = r->project->base.commit;
	*PUSH(&places) = r->card->fork;
	*PUSH(&places) = result_id(r, "start");
	if (!oid_is_zero(&r->card->fork))
		TRY(add_merged(&places, r));
	TRY(replay_fork(&r->fork, r->project->repo, &r->card->tip, places.items,
			places.len));
	if (oid_is_zero(&r->fork))
		tell_unrelated(r);
	return NULL;
}

static struct error *tell_conflict(struct restack *r,
				   const struct replay *replay)
{
	CLEANUP(free_str) char *message = NULL;
	char hex[OID_HEX];

	TRY(commit_message(&message, r->project->repo, &replay->stopped));
	message[strcspn(message, "\n")] = '\0';
	FOR_EACH (char *, path, &replay->conflicts)
		strings_add(&r->row->conflicts, *path);
	struct finding *finding =
		finding_add(&r->row->findings, "conflict", NULL,
			    "'%s' (%.7s) does not apply to '%s'", message,
			    oid_hex(hex, &replay->stopped), r->row->onto);
	finding_hint(finding, "git rebase --onto %s %.7s %s", r->row->onto,
		     oid_hex(hex, &r->fork), r->card->branch);
	r->row->end = RESTACK_CONFLICT;
	return NULL;
}

/*
 * By the git agent, where there is one: all commits become one.  Whatever it
 * made is judged as any replay that came out as another source.
 */
static struct error *try_to_resolve(struct restack *r)
{
	CLEANUP(resolved_release) struct resolved resolved = RESOLVED_INIT;
	CLEANUP(merged_release) struct merged merged = MERGED_INIT;
	const struct conflict_case what = {
		.plan = r->card->plan,
		.phase = r->card->phase,
		.onto = r->start,
		.tip = r->card->tip,
		.fork = r->fork,
		.claim = r->claim,
	};

	TRY(conflict_resolve(&resolved, r->project, &what));
	if (oid_is_zero(&resolved.tree)) {
		r->row->findings = resolved.findings;
		resolved.findings = (struct findings)FINDINGS_INIT;
		return NULL;
	}
	merged.onto = r->start;
	merged.tip = r->card->tip;
	merged_resolve(&merged, &resolved.tree, &resolved.agents);
	r->row->commits = 1;
	return merged_squash(&r->tip, r->project, &merged);
}

static struct error *replay(struct restack *r)
{
	CLEANUP(replay_release) struct replay replay = REPLAY_INIT;

	r->tip = r->card->tip;
	if (oid_equal(&r->fork, &r->start))
		return NULL; /* somebody has done it by hand */
	TRY(replay_range(&replay, r->project->repo, &r->fork, &r->card->tip,
			 &r->start));
	if (replay.conflicts.len) {
		TRY(try_to_resolve(r));
		return oid_equal(&r->tip, &r->card->tip)
			       ? tell_conflict(r, &replay)
			       : NULL;
	}
	r->tip = replay.tip;
	r->row->commits = replay.commits;
	return NULL;
}

/* The gates that a worker's result passes, but for the verdict. */
static struct error *judge(struct restack *r, struct candidate *candidate)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	struct restacked *row = r->row;
	const struct card *card = r->card;

	TRY(candidate_branch(candidate, r->project, card->plan, card->phase,
			     &r->start, &r->tip));
	TRY(gate_changes(candidate, &row->findings));
	if (row->findings.len)
		return NULL;
	phase_checks(&names, r->project, card->plan, card->phase);
	if (names.len)
		report(r, "check");
	TRY(gate_checks(&row->checks, r->project, card->plan, &names,
			&candidate->source, NULL, 1, &row->findings));
	if (!row->findings.len)
		gate_coverage(r->project, &row->checks, &row->findings);
	return NULL;
}

/* The old result, but for what was found out anew. */
static void new_result(struct tree *out, const struct restack *r,
		       const struct candidate *candidate)
{
	static const char *const anew[] = { "start", "source", "checks",
					    "files", NULL };
	struct value *result = value_object(out, NULL, NULL);
	char hex[OID_HEX];

	VALUE_EACH(it, r->result.root)
	{
		size_t i = 0;

		while (anew[i] && strcmp(anew[i], it->key) != 0)
			i++;
		if (!anew[i])
			value_add_copy(out, result, it->key, it);
	}
	value_add_string(out, result, "start", oid_hex(hex, &r->start));
	value_add_string(out, result, "source",
			 oid_hex(hex, &candidate->source));
	result_checks(out, result, &r->row->checks);
	result_files(out, result, candidate, NULL);
}

static struct error *evidence_tree(struct oid *out, const struct restack *r,
				   const struct candidate *candidate)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(tree_release) struct tree result = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct oid tree;

	TRY(read_document(&text, r, &r->tip));
	new_result(&result, r, candidate);
	TRY(error_wrap(yaml_edit_block(&text, "result", result.root),
		       "%s on the branch", r->document));
	TRY(commit_tree(&tree, r->project->repo, &r->tip));
	TRY(workspace_open(&work, r->project->repo, &tree));
	TRY(workspace_write(work, r->document, text.data, text.len, MODE_NONE));
	return workspace_write_tree(out, work);
}

/* Evidence on top is of another source by now: the new one replaces it. */
static struct error *evidence_parent(struct oid *out, const struct restack *r)
{
	CLEANUP(free_str) char *source = NULL;
	struct repo *repo = r->project->repo;

	TRY(commit_trailer(&source, repo, &r->tip, EVIDENCE));
	if (source && !oid_equal(&r->tip, &r->start))
		return commit_parent(out, repo, &r->tip, 0);
	*out = r->tip;
	return NULL;
}

static struct error *add_evidence(struct restack *r,
				  const struct candidate *candidate)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(free_str) char *message = NULL;
	struct repo *repo = r->project->repo;
	struct commit_spec spec = { .n_parents = 1, .when = clock_now() };
	char hex[OID_HEX];
	struct oid parent;

	TRY(evidence_parent(&parent, r));
	TRY(evidence_tree(&spec.tree, r, candidate));
	TRY(repo_author(&author, repo));
	TRY(repo_committer(&committer, repo));
	message = xasprintf("chore: check %s on %s\n\n" EVIDENCE ": %s\n",
			    r->card->phase->id, r->row->onto,
			    oid_hex(hex, &candidate->source));
	spec.parents = &parent;
	spec.message = message;
	spec.author = author;
	spec.committer = committer;
	r->row->evidence = 1;
	return commit_create(&r->tip, repo, &spec);
}

/* Is what came out what the result speaks of?  Else it is judged. */
static struct error *prove(struct restack *r)
{
	CLEANUP(candidate_release) struct candidate candidate = { 0 };
	struct oid tree, source, said = result_id(r, "source");

	TRY(commit_tree(&tree, r->project->repo, &r->tip));
	TRY(tree_without(&source, r->project->repo, &tree, ".orch"));
	if (oid_equal(&source, &said))
		return NULL;
	TRY(judge(r, &candidate));
	if (r->row->findings.len) {
		r->row->end = RESTACK_RED;
		return NULL;
	}
	return add_evidence(r, &candidate);
}

/* Moved by somebody meanwhile, or a worktree stands on it? */
static struct error *cannot_move(struct restack *r, struct error *why)
{
	CLEANUP(error_release) struct error *held = why;
	struct phase_refs now;

	TRY(sync_fetch(r->project->repo));
	TRY(sync_read(&now, r->project->repo,
		      r->project->config.delivery.branch_prefix,
		      r->card->plan->id, r->card->phase->id));
	if (!oid_equal(&now.branch, &r->card->tip))
		return error_new(ERROR_STALE, "%s", held->message);
	struct finding *finding = finding_add(&r->row->findings, "in-the-way",
					      NULL, "%s", held->message);
	if (held->hint)
		finding_hint(finding, "%s", held->hint);
	r->row->end = RESTACK_CONFLICT;
	return NULL;
}

static struct error *publish(struct restack *r)
{
	struct publication publication = {
		.prefix = r->project->config.delivery.branch_prefix,
		.start = r->start,
		.commit = r->tip,
		.old_branch = r->card->tip,
		.run_hooks = r->project->config.policy.run_hooks,
	};

	report(r, "publish");
	struct error *err =
		sync_publish(r->project->repo, r->claim, &publication);
	if (error_is(err, ERROR_CONFLICT))
		return cannot_move(r, err);
	if (error_is(err, ERROR_STALE)) {
		error_free(err);
		return claim_was_lost(r->claim);
	}
	TRY(err);
	r->row->commit = r->tip;
	r->row->end = RESTACK_DONE;
	return NULL;
}

/* A call before this one may have come no further than the branch. */
static struct error *follow(struct restack *r)
{
	TRY(restack_retarget(r));
	return restack_propose(r);
}

static int stands(const struct restack *r)
{
	return oid_equal(&r->tip, &r->card->tip) &&
	       oid_equal(&r->start, &r->card->fork);
}

static struct error *run(struct restack *r)
{
	struct restacked *row = r->row;

	row->end = RESTACK_CURRENT;
	TRY(read_result(r));
	TRY(find_ends(r));
	if (row->end == RESTACK_CONFLICT)
		return NULL;
	report(r, "replay");
	TRY(replay(r));
	if (row->end == RESTACK_CONFLICT)
		return NULL;
	if (stands(r))
		return follow(r);
	if (!oid_equal(&r->tip, &r->card->tip))
		TRY(prove(r));
	if (row->end != RESTACK_CURRENT)
		return NULL;
	TRY(restack_retarget(r));
	TRY(publish(r));
	return row->end == RESTACK_DONE ? restack_propose(r) : NULL;
}

struct error *restack_branch(struct restack *r)
{
	r->document = layout_phase_file(r->card->plan->id, r->card->phase->id);
	struct error *err = run(r);

	free_str(&r->document);
	tree_release(&r->result);
	return err;
}

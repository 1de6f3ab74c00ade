/*
 * The methods of landing.  Under `rebase` a base that has not moved is
 * fast-forwarded; else the branch's own commits are replayed on it one by one,
 * with their messages, authors and dates.
 */
#include "plans/landing.h"

#include "core/clock.h"
#include "gitops/commit.h"
#include "gitops/land.h"
#include "plans/integrate.h"

#include <stdlib.h>

void merged_release(struct merged *merged)
{
	strings_release(&merged->conflicts);
	strings_release(&merged->reasons);
}

static void take_conflicts(struct merged *out, struct merge *merge)
{
	FOR_EACH (char *, path, &merge->conflicts)
		strings_add(&out->conflicts, *path);
	FOR_EACH (char *, reason, &merge->reasons)
		strings_add(&out->reasons, *reason);
}

static struct error *copy_commit(struct oid *out, struct repo *repo,
				 const struct oid *commit,
				 const struct oid *tree,
				 const struct oid *parent)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(free_str) char *message = NULL;
	struct commit_spec spec = {
		.tree = *tree,
		.parents = parent,
		.n_parents = 1,
	};

	TRY(commit_message(&message, repo, commit));
	TRY(commit_author(&author, &spec.when, repo, commit));
	TRY(repo_committer(&committer, repo));
	spec.message = message;
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, repo, &spec);
}

/* fork..tip, oldest first; merges in between are not ours to replay. */
static struct error *own_commits(struct oid **out, size_t *n, struct repo *repo,
				 const struct oid *tip, const struct oid *fork)
{
	ARRAY(struct oid) found = ARRAY_INIT;
	struct oid at = *tip;
	struct error *err = NULL;

	while (!err && !oid_equal(&at, fork) && !oid_is_zero(&at)) {
		*PUSH(&found) = at;
		err = commit_parent(&at, repo, &found.items[found.len - 1], 0);
	}
	for (size_t i = 0; i < found.len / 2; i++) {
		struct oid swap = found.items[i];

		found.items[i] = found.items[found.len - 1 - i];
		found.items[found.len - 1 - i] = swap;
	}
	*out = found.items;
	*n = found.len;
	return err;
}

static struct error *replay_one(struct merged *out, struct project *project,
				struct oid *onto, const struct oid *commit)
{
	CLEANUP(merge_release) struct merge merge = MERGE_INIT;

	TRY(merge_replay(&merge, project->repo, onto, commit,
			 document_merge_driver()));
	take_conflicts(out, &merge);
	if (merge.conflicts.len)
		return NULL;
	return copy_commit(onto, project->repo, commit, &merge.tree, onto);
}

static struct error *replay(struct merged *out, struct project *project,
			    const struct oid *fork)
{
	struct oid *commits = NULL;
	struct oid onto = project->base.commit;
	size_t n = 0;
	struct error *err =
		own_commits(&commits, &n, project->repo, &out->tip, fork);

	for (size_t i = 0; i < n && !err && !out->conflicts.len; i++)
		err = replay_one(out, project, &onto, &commits[i]);
	free(commits);
	TRY(err);
	out->commit = onto;
	return commit_tree(&out->tree, project->repo, &onto);
}

static struct error *fast_forward(struct merged *out, struct project *project)
{
	out->commit = out->tip;
	return commit_tree(&out->tree, project->repo, &out->tip);
}

struct error *merged_make(struct merged *out, struct project *project,
			  const struct oid *tip, const struct oid *fork)
{
	CLEANUP(merge_release) struct merge merge = MERGE_INIT;
	int ahead = 0;

	out->tip = *tip;
	TRY(commit_is_ancestor(&ahead, project->repo, &project->base.commit,
			       tip));
	if (project->config.delivery.method == LAND_REBASE)
		return ahead ? fast_forward(out, project)
			     : replay(out, project, fork);
	if (ahead)
		return commit_tree(&out->tree, project->repo, tip);
	TRY(merge_commits(&merge, project->repo, &project->base.commit, tip,
			  document_merge_driver()));
	take_conflicts(out, &merge);
	out->tree = merge.tree;
	return NULL;
}

static struct error *new_commit(struct oid *out, struct project *project,
				const struct merged *merged,
				const char *merge_message)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(free_str) char *message = NULL;
	int merge = project->config.delivery.method == LAND_MERGE;
	struct oid parents[2] = { project->base.commit, merged->tip };
	struct commit_spec spec = {
		.tree = merged->tree,
		.parents = parents,
		.n_parents = merge ? 2 : 1,
		.when = clock_now(),
	};

	TRY(commit_message(&message, project->repo, &merged->tip));
	TRY(repo_author(&author, project->repo));
	TRY(repo_committer(&committer, project->repo));
	spec.message = merge ? merge_message : message;
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, project->repo, &spec);
}

struct error *merged_land(struct oid *out, struct project *project,
			  const struct merged *merged, const char *message)
{
	struct oid commit = merged->commit;

	if (oid_is_zero(&commit))
		TRY(new_commit(&commit, project, merged, message));
	TRY(land_advance(project->repo, project->base.ref, &commit,
			 &project->base.commit));
	*out = commit;
	return project_reload(project);
}

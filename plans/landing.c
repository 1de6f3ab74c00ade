/*
 * The methods of landing.  Under `rebase` a commit that the branch begins at is
 * fast-forwarded; else the branch's own commits are replayed on it one by one,
 * with their messages, authors and dates.  Where there are merges among them
 * the branch is squashed: replayed, what they resolved would be in conflict
 * again, or lost.
 */
#include "plans/landing.h"

#include "core/clock.h"
#include "gitops/commit.h"
#include "plans/integrate.h"

#include <stdlib.h>
#include <string.h>

void merged_release(struct merged *merged)
{
	strings_release(&merged->conflicts);
	strings_release(&merged->reasons);
	strings_release(&merged->agents);
}

void merged_resolve(struct merged *merged, const struct oid *tree,
		    const struct strings *agents)
{
	merged->tree = *tree;
	merged->commit = oid_zero;
	strings_release(&merged->conflicts);
	strings_release(&merged->reasons);
	FOR_EACH (char *, agent, agents)
		strings_add(&merged->agents, *agent);
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

struct commits {
	struct oid *items;
	size_t len, cap;
	int merges; /* there are some among them */
};

static void commits_release(struct commits *commits)
{
	free(commits->items);
}

/* What `onto` has not, along the first parents, newest first. */
static struct error *own_commits(struct commits *out, struct project *project,
				 const struct merged *merged,
				 const struct oid *fork)
{
	struct oid at = merged->tip, second;

	while (!oid_equal(&at, fork) && !oid_is_zero(&at)) {
		int landed = 0;

		TRY(commit_is_ancestor(&landed, project->repo, &at,
				       &merged->onto));
		if (landed)
			break;
		*PUSH(out) = at;
		TRY(commit_parent(&second, project->repo, &at, 1));
		out->merges |= !oid_is_zero(&second);
		TRY(commit_parent(&at, project->repo, &at, 0));
	}
	return NULL;
}

static struct error *replay_one(struct merged *out, struct project *project,
				struct oid *onto, const struct oid *commit)
{
	CLEANUP(merge_release) struct merge merge = MERGE_INIT;

	struct oid before;

	TRY(merge_replay(&merge, project->repo, onto, commit,
			 document_merge_driver()));
	take_conflicts(out, &merge);
	if (merge.conflicts.len)
		return NULL;
	TRY(commit_tree(&before, project->repo, onto));
	if (oid_equal(&before, &merge.tree))
		return NULL; /* nothing of it is left */
	return copy_commit(onto, project->repo, commit, &merge.tree, onto);
}

static struct error *replay(struct merged *out, struct project *project,
			    const struct commits *commits)
{
	struct oid onto = out->onto;

	for (size_t i = commits->len; i > 0 && !out->conflicts.len; i--)
		TRY(replay_one(out, project, &onto, &commits->items[i - 1]));
	out->commit = onto;
	return commit_tree(&out->tree, project->repo, &onto);
}

static struct error *fast_forward(struct merged *out, struct project *project)
{
	out->commit = out->tip;
	return commit_tree(&out->tree, project->repo, &out->tip);
}

static struct error *three_way(struct merged *out, struct project *project)
{
	CLEANUP(merge_release) struct merge merge = MERGE_INIT;

	TRY(merge_commits(&merge, project->repo, &out->onto, &out->tip,
			  document_merge_driver()));
	take_conflicts(out, &merge);
	out->tree = merge.tree;
	return NULL;
}

struct error *merged_make(struct merged *out, struct project *project,
			  const struct oid *onto, const struct oid *tip,
			  const struct oid *fork)
{
	CLEANUP(commits_release) struct commits commits = { 0 };
	int rebase = project->config.delivery.method == LAND_REBASE;
	int ahead = 0;

	out->tip = *tip;
	out->onto = *onto;
	TRY(commit_is_ancestor(&ahead, project->repo, onto, tip));
	if (ahead)
		return rebase ? fast_forward(out, project)
			      : commit_tree(&out->tree, project->repo, tip);
	if (!rebase)
		return three_way(out, project);
	TRY(own_commits(&commits, project, out, fork));
	return commits.merges ? three_way(out, project)
			      : replay(out, project, &commits);
}

/*
 * What a squash says: the words of the phase's own commit, the first of them
 * where it was revised, also where somebody has put others on top; else the
 * tip's.
 */
static struct error *squash_message(char **out, struct project *project,
				    const struct merged *merged)
{
	CLEANUP(commits_release) struct commits commits = { 0 };
	CLEANUP(free_str) char *newest = NULL;
	struct oid from = merged->tip;

	TRY(own_commits(&commits, project, merged, &oid_zero));
	for (size_t i = 0; i < commits.len; i++) {
		CLEANUP(free_str) char *phase = NULL;

		TRY(commit_trailer(&phase, project->repo, &commits.items[i],
				   "Orch-Phase"));
		if (!phase || (newest && strcmp(phase, newest) != 0))
			continue;
		from = commits.items[i];
		if (!newest)
			newest = xstrdup(phase);
	}
	return commit_message(out, project->repo, &from);
}

/* "Name: value"; what stands in the last line of a message with trailers. */
static int is_trailer(const char *line)
{
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ-");

	return n && !strncmp(line + n, ": ", 2);
}

/* The message, and who resolved what was in conflict. */
static char *credit(const char *message, const struct strings *agents)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	size_t len = strlen(message), last;

	while (len && message[len - 1] == '\n')
		len--;
	buf_add(&out, message, len);
	for (last = len; last && message[last - 1] != '\n'; last--)
		;
	int trailers = last && is_trailer(message + last);
	buf_ch(&out, '\n');
	FOR_EACH (char *, agent, agents) {
		CLEANUP(free_str)
		char *line = xasprintf("Assisted-by: %s\n", *agent);

		if (strstr(out.data, line))
			continue;
		if (!trailers)
			buf_ch(&out, '\n');
		trailers = 1;
		buf_str(&out, line);
	}
	return buf_steal(&out);
}

static struct error *commit_as(struct oid *out, struct project *project,
			       const struct merged *merged, size_t n_parents,
			       const char *message)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(free_str)
	char *credited = merged->agents.len ? credit(message, &merged->agents)
					    : xstrdup(message);
	const struct oid parents[2] = { merged->onto, merged->tip };
	struct commit_spec spec = {
		.tree = merged->tree,
		.parents = parents,
		.n_parents = n_parents,
		.message = credited,
		.when = clock_now(),
	};

	TRY(repo_author(&author, project->repo));
	TRY(repo_committer(&committer, project->repo));
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, project->repo, &spec);
}

struct error *merged_squash(struct oid *out, struct project *project,
			    const struct merged *merged)
{
	CLEANUP(free_str) char *message = NULL;

	TRY(squash_message(&message, project, merged));
	return commit_as(out, project, merged, 1, message);
}

struct error *merged_commit(struct oid *out, struct project *project,
			    const struct merged *merged,
			    const char *merge_message)
{
	if (!oid_is_zero(&merged->commit)) {
		*out = merged->commit;
		return NULL;
	}
	return project->config.delivery.method == LAND_MERGE
		       ? commit_as(out, project, merged, 2, merge_message)
		       : merged_squash(out, project, merged);
}

struct error *move_base(struct project *project, const struct oid *commit)
{
	TRY(base_advance(project->repo, &project->base, commit));
	return project_reload(project);
}

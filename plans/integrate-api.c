/*
 * Landing through the forge, which merges branches and nothing else: so a
 * branch has to be what was checked before it is asked to.  Where the forge's
 * own merge would come to something else (it knows nothing of phase documents,
 * nor of what the git agent resolved) the branch is brought up to the base
 * first, by the merge that was checked.
 */
#include "plans/integrate-forge.h"

#include "core/clock.h"
#include "core/loop.h"
#include "gitops/commit.h"
#include "gitops/workspace.h"
#include "plans/integrate-step.h"
#include "plans/propose.h"
#include "plans/pulls.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LOOKS 10 /* at a head that the forge does not know yet */
#define BETWEEN_MS 500

static int has_queue(const struct train *train)
{
	return train->desk->session.forge && train->desk->rules.merge_queue &&
	       train->desk->session.forge->admin &&
	       train->desk->session.forge->admin->enqueue;
}

int land_by_forge(const struct train *train)
{
	return train->desk->session.forge &&
	       (train->project->config.delivery.land == LAND_API ||
		has_queue(train));
}

/* What goes into the forge's queue is on no base that the next one sees. */
size_t land_window(const struct train *train)
{
	return has_queue(train) ? 1 : QUEUE_WINDOW;
}

/* Would the forge's merge come to what was checked? */
static struct error *merges_alike(int *out, const struct train *train,
				  const struct entry *entry)
{
	CLEANUP(merge_release) struct merge merge = MERGE_INIT;
	struct repo *repo = train->project->repo;

	TRY(merge_commits(&merge, repo, &train->project->base.commit,
			  &entry->merged.tip, NULL));
	*out = !merge.conflicts.len &&
	       oid_equal(&merge.tree, &entry->merged.tree);
	return NULL;
}

/* The branch as it is to be merged: by a merge, or put onto the base as one. */
static struct error *make_tip(struct oid *out, struct train *train,
			      const struct entry *entry)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	struct project *project = train->project;
	const struct oid parents[2] = { entry->merged.tip,
					project->base.commit };
	CLEANUP(free_str)
	char *message = xasprintf("Merge branch '%s' into %s\n",
				  project->base.branch, entry->card->branch);
	struct commit_spec spec = {
		.tree = entry->merged.tree,
		.parents = parents,
		.n_parents = 2,
		.message = message,
		.when = clock_now(),
	};
	struct merged onto = entry->merged; /* borrowed */

	onto.onto = project->base.commit;
	onto.commit = oid_zero;
	if (project->config.delivery.method == LAND_REBASE)
		return merged_commit(out, project, &onto, message);
	TRY(repo_author(&author, project->repo));
	TRY(repo_committer(&committer, project->repo));
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, project->repo, &spec);
}

static struct error *look_later(struct loop *loop, void *data)
{
	(void)loop;
	(void)data;
	return NULL;
}

/* The forge learns of a push when it comes to it. */
static struct error *await_head(struct train *train, const struct entry *entry)
{
	struct land_desk *desk = train->desk;
	char hex[OID_HEX];

	oid_hex(hex, &entry->merged.tip);
	for (int i = 0; i < MOST_LOOKS; i++) {
		CLEANUP(pull_release) struct pull pull = { .number = 0 };

		TRY(desk->session.forge->find(&pull, desk->session.client,
					      entry->card->branch));
		if (pull.number && !strcmp(pull.head_oid, hex))
			return NULL;
		loop_timer(desk->loop, BETWEEN_MS, look_later, NULL);
		TRY(loop_run(desk->loop));
	}
	return NULL;
}

static struct error *publish(struct train *train, struct entry *entry,
			     const struct oid *tip)
{
	struct project *project = train->project;
	int rebase = project->config.delivery.method == LAND_REBASE;
	struct publication publication = {
		.prefix = project->config.delivery.branch_prefix,
		.start = rebase ? project->base.commit : entry->refs.base,
		.commit = *tip,
		.old_branch = entry->merged.tip,
		.run_hooks = project->config.policy.run_hooks,
	};

	TRY(sync_publish(project->repo, &entry->claim, &publication));
	entry->merged.tip = *tip;
	return NULL;
}

/* Makes the branch what was checked; its gates are said of the new tip. */
static struct error *bring_up(struct train *train, struct entry *entry)
{
	struct project *project = train->project;
	const struct proposal_base base = { project->base.branch, 0 };
	CLEANUP(pull_release) struct pull pull = { .number = 0 };
	struct oid tip;
	int alike = 0;

	TRY(merges_alike(&alike, train, entry));
	if (alike)
		return NULL;
	if (project->progress)
		progress_set(project->progress, entry->phase, "publish");
	TRY(make_tip(&tip, train, entry));
	TRY(publish(train, entry, &tip));
	TRY(propose_phase(&pull, project, entry->card->plan, entry->card->phase,
			  &tip, &base));
	return await_head(train, entry);
}

/* The words of the commit that was made in memory: subject, and the rest. */
static struct error *ask_merge(struct train *train, const struct entry *entry)
{
	static const char *const methods[] = { [LAND_SQUASH] = "squash",
					       [LAND_MERGE] = "merge",
					       [LAND_REBASE] = "rebase" };
	struct land_desk *desk = train->desk;
	enum land_method method = train->project->config.delivery.method;
	CLEANUP(free_str) char *title = NULL;
	char hex[OID_HEX], *text;

	TRY(commit_message(&title, train->project->repo, &entry->commit));
	text = title + strcspn(title, "\n");
	if (*text)
		*text++ = '\0';
	text += strspn(text, "\n");
	/* Replayed commits keep their own. */
	return desk->session.forge->merge(desk->session.client, entry->pull,
					  oid_hex(hex, &entry->merged.tip),
					  methods[method],
					  method == LAND_REBASE ? NULL : title,
					  method == LAND_REBASE ? NULL : text);
}

static struct error *hand_over(struct train *train, struct entry *entry)
{
	struct land_desk *desk = train->desk;
	char hex[OID_HEX];

	loop_every(desk->loop, train->project->tick);
	TRY(bring_up(train, entry));
	if (train->project->progress)
		progress_set(train->project->progress, entry->phase, "land");
	return has_queue(train) ? desk->session.forge->admin->enqueue(
					  desk->session.client, entry->pull,
					  oid_hex(hex, &entry->merged.tip))
				: ask_merge(train, entry);
}

/*
 * What a forge will not have is told, and its neighbours go on.  What moved
 * under us is looked at anew.
 */
static struct error *not_taken(struct train *train, struct entry *entry,
			       struct error *why)
{
	CLEANUP(error_release) struct error *err = why;

	train->fresh = 0;
	train->behind = 1;
	entry->entered = 0;
	if (error_is(err, ERROR_REFUSED)) {
		struct finding *finding =
			finding_add(&entry->landing.findings, "forge", NULL,
				    "%s", err->message);
		if (err->hint)
			finding_hint(finding, "%s", err->hint);
		entry->landing.end = LANDING_REFUSED;
		return NULL;
	}
	err = NULL;
	if ((!error_is(why, ERROR_STALE) && !error_is(why, ERROR_AGAIN) &&
	     !error_is(why, ERROR_CONFLICT)) ||
	    ++train->lost > MOST_LOST)
		return why;
	int moved = error_is(why, ERROR_STALE);
	error_free(why);
	/* A forge that has not seen the push yet wants a moment. */
	return moved ? await_head(train, entry) : NULL;
}

/* Where its merge is, and that the request says so. */
static struct error *look_at_merge(struct train *train, struct entry *entry)
{
	struct land_desk *desk = train->desk;
	CLEANUP(pull_release) struct pull pull = { .number = 0 };

	TRY(sync_fetch(train->project->repo));
	TRY(project_reload(train->project));
	TRY(desk->session.forge->find(&pull, desk->session.client,
				      entry->card->branch));
	if (pull.number)
		pulls_keep(train->project, &pull);
	entry->commit = train->project->base.commit;
	if (pull.merge_oid)
		TRY(oid_parse(&entry->commit, pull.merge_oid));
	return NULL;
}

/* The base's source against what was checked: 1 is the same to the byte. */
static struct error *is_as_checked(int *all, int *source,
				   const struct train *train,
				   const struct entry *entry)
{
	struct project *project = train->project;
	struct oid now, then;

	*all = oid_equal(&project->base.tree, &entry->merged.tree);
	TRY(tree_without(&now, project->repo, &project->base.tree, ".orch"));
	TRY(tree_without(&then, project->repo, &entry->merged.tree, ".orch"));
	*source = oid_equal(&now, &then);
	return NULL;
}

/* It is on the base, on what nobody has seen. */
static struct error *check_now(struct train *train, struct entry *entry)
{
	CLEANUP(judged_release)
	struct judged judged = { .findings = FINDINGS_INIT };
	struct project *project = train->project;
	struct oid source;

	log_write(project->log, LOG_WARN,
		  "the base was moved before the merge: checking it", "phase",
		  entry->phase, NULL);
	TRY(train_look(train));
	TRY(tree_without(&source, project->repo, &project->base.tree, ".orch"));
	TRY(train_judge(&judged, train, NULL, 0, &source));
	if (!judged.findings.len) {
		judged_release(&train->green);
		train->green = judged;
		judged = (struct judged){ .findings = FINDINGS_INIT };
		return NULL;
	}
	entry->landing.end = LANDING_SPOILT;
	entry->landing.commit = entry->commit;
	entry->landing.findings = judged.findings;
	entry->landing.checks = judged.checks;
	judged = (struct judged){ .findings = FINDINGS_INIT };
	return NULL;
}

/* *on: those behind it in the window may follow as they were checked. */
static struct error *end_landed(int *on, struct train *train,
				struct entry *entry)
{
	int source;

	train->fresh = 0;
	TRY(look_at_merge(train, entry));
	TRY(is_as_checked(on, &source, train, entry));
	TRY(entry_withdraw(train, entry));
	if (!source)
		TRY(check_now(train, entry));
	train->fresh = 0;
	if (entry->landing.end == LANDING_LANDED) {
		entry_landed(train, entry);
		return NULL;
	}
	entry_tell(train, entry);
	return error_hint(
		error_new(ERROR_NO,
			  "'%s' was moved before '%s' was merged, and is red",
			  train->project->base.branch, entry->phase),
		"mend or revert it; nothing else lands until it is green");
}

struct error *land_through_forge(size_t *landed, struct train *train,
				 const size_t *entries, size_t n)
{
	int on = 1;

	while (on && *landed < n) {
		struct entry *entry = &train->items[entries[*landed]];
		struct error *err = hand_over(train, entry);

		if (err)
			return not_taken(train, entry, err);
		++*landed;
		if (!has_queue(train)) {
			TRY(end_landed(&on, train, entry));
			continue;
		}
		entry->landing.end = LANDING_QUEUED;
		entry_tell(train, entry);
		TRY(entry_let_go(train, entry));
	}
	return NULL;
}

/*
 * One phase on its way to the base: claimed, held against the gates that look
 * at its branch alone, merged with what goes before it, told at its end.
 */
#include "plans/integrate-step.h"

#include "core/journal.h"
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "plans/gate.h"
#include "plans/resolve.h"
#include "plans/stack.h"

#include <stdlib.h>
#include <string.h>

void entry_release(struct entry *entry)
{
	free(entry->phase);
	claim_release(&entry->claim);
	merged_release(&entry->merged);
	landing_release(&entry->landing);
}

/*
 * As it would be without the claim that is ours.  What holds work of a phase
 * below waits for that, and is replayed first.
 */
static int is_in_review(const struct entry *entry)
{
	struct facts facts;

	if (!entry->card || stack_waits(entry->card))
		return 0;
	facts = entry->card->facts;
	if (entry->claimed)
		facts.claimed = 0;
	return status_derive(&facts) == STATUS_IN_REVIEW;
}

/* What it depends on comes before it, so that has ended if it could not land.
 */
static int stands_on_what_is_out(const struct train *train,
				 const struct entry *entry)
{
	FOR_EACH (char *, id, &entry->card->phase->depends_on)
		FOR_EACH (struct entry, other, train)
			if (other->ended && !strcmp(other->phase, *id) &&
			    !(other->landing.end == LANDING_LANDED &&
			      !other->silent))
				return 1;
	return 0;
}

/* Nobody moves its branch meanwhile. */
static struct error *take_claim(struct train *train, struct entry *entry)
{
	CLEANUP(free_str) char *run = journal_new_run();

	if (entry->claimed)
		return NULL;
	struct error *err =
		claim_take(&entry->claim, train->project->repo,
			   entry->card->plan->id, entry->phase, run);
	if (error_is(err, ERROR_CLAIMED)) {
		error_free(err);
		return NULL;
	}
	TRY(err);
	entry->claimed = 1;
	return NULL;
}

/* By the same gates as a worker's result. */
static struct error *judge_paths(struct landing *landing,
				 struct project *project,
				 const struct card *card)
{
	TRY(gate_landing(&landing->findings, project, card->plan, card->phase,
			 &card->tip));
	if (!landing->findings.len)
		return NULL;
	landing->end = LANDING_REFUSED;
	FOR_EACH (struct finding, finding, &landing->findings)
		if (!finding->hint)
			finding_hint(finding, "take it out of branch '%s'",
				     card->branch);
	return NULL;
}

static struct error *look_under_claim(struct train *train, struct entry *entry)
{
	struct project *project = train->project;
	const struct card *card = entry->card;

	TRY(sync_read(&entry->refs, project->repo,
		      project->config.delivery.branch_prefix, card->plan->id,
		      entry->phase));
	entry->again = !oid_equal(&entry->refs.branch, &card->tip) &&
		       ++train->lost <= MOST_LOST;
	entry->silent = !oid_equal(&entry->refs.branch, &card->tip);
	if (entry->silent)
		return NULL;
	TRY(judge_paths(&entry->landing, project, card));
	entry->entered = entry->landing.end == LANDING_LANDED;
	return NULL;
}

struct error *entry_enter(enum queue_verdict *out, struct train *train,
			  struct entry *entry)
{
	*out = QUEUE_OUT;
	if (entry->landing.end != LANDING_LANDED)
		return NULL;
	if (!is_in_review(entry) || stands_on_what_is_out(train, entry)) {
		entry->silent = 1;
		return NULL;
	}
	if (!entry->entered) {
		TRY(land_admit(train, entry));
		if (entry->silent || entry->landing.end != LANDING_LANDED)
			return NULL;
		entry->silent = 1;
		TRY(take_claim(train, entry));
		if (entry->claimed)
			TRY(look_under_claim(train, entry));
	}
	if (entry->entered)
		*out = QUEUE_GREEN;
	return NULL;
}

/*
 * Configuration, checks, other phases' documents: the base says what holds, so
 * whoever comes after a change of that is judged once it has landed.
 */
static struct error *look_for_rules(struct train *train, struct entry *entry)
{
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;
	const char *plan = entry->card->plan->id;
	CLEANUP(free_str)
	char *document = layout_phase_file(plan, entry->phase);
	CLEANUP(free_str) char *page = layout_page_file(plan, entry->phase);
	struct repo *repo = train->project->repo;
	struct oid before;

	entry->sets_rules = 0;
	TRY(commit_tree(&before, repo, &entry->merged.onto));
	TRY(tree_diff(&changes, repo, &before, &entry->merged.tree));
	FOR_EACH (struct change, change, &changes)
		entry->sets_rules |= !strncmp(change->path, ".orch/", 6) &&
				     strcmp(change->path, document) != 0 &&
				     strcmp(change->path, page) != 0;
	return NULL;
}

static struct error *make_commit(struct train *train, struct entry *entry)
{
	const struct card *card = entry->card;
	CLEANUP(free_str)
	char *message = xasprintf("Merge phase %s of %s: %s\n", card->phase->id,
				  card->plan->id, card->phase->title);

	TRY(look_for_rules(train, entry));
	return merged_commit(&entry->commit, train->project, &entry->merged,
			     message);
}

static int is_merged(const struct entry *entry, const struct oid *onto)
{
	return !oid_is_zero(&entry->commit) &&
	       oid_equal(&entry->merged.onto, onto) &&
	       oid_equal(&entry->merged.tip, &entry->card->tip);
}

/* By the git agent, where there is one. */
static struct error *try_to_resolve(struct train *train, struct entry *entry)
{
	CLEANUP(resolved_release) struct resolved resolved = RESOLVED_INIT;
	const struct conflict_case what = {
		.plan = entry->card->plan,
		.phase = entry->card->phase,
		.onto = entry->merged.onto,
		.tip = entry->merged.tip,
		.claim = &entry->claim,
	};

	TRY(conflict_resolve(&resolved, train->project, &what));
	if (!oid_is_zero(&resolved.tree)) {
		merged_resolve(&entry->merged, &resolved.tree,
			       &resolved.agents);
		return NULL;
	}
	findings_release(&entry->landing.findings);
	entry->landing.findings = resolved.findings;
	resolved.findings = (struct findings)FINDINGS_INIT;
	return NULL;
}

/* It has no history with the base in common: its neighbours have. */
static struct error *unrelated(enum queue_verdict *out, struct entry *entry,
			       struct error *err)
{
	struct finding *finding = finding_add(&entry->landing.findings, "merge",
					      NULL, "%s", err->message);

	if (err->hint)
		finding_hint(finding, "%s", err->hint);
	error_free(err);
	entry->landing.end = LANDING_CONFLICT;
	*out = QUEUE_OUT;
	return NULL;
}

struct error *entry_merge(enum queue_verdict *out, struct train *train,
			  struct entry *entry, const struct oid *onto,
			  int first)
{
	struct project *project = train->project;

	*out = QUEUE_GREEN;
	if (is_merged(entry, onto))
		return NULL;
	merged_release(&entry->merged);
	entry->merged = (struct merged)MERGED_INIT;
	entry->commit = oid_zero;
	if (project->progress)
		progress_set(project->progress, entry->phase, "merge");
	struct error *err = merged_make(&entry->merged, project, onto,
					&entry->card->tip, &entry->refs.base);
	if (error_is(err, ERROR_CONFLICT))
		return unrelated(out, entry, err);
	TRY(err);
	if (entry->merged.conflicts.len && first)
		TRY(try_to_resolve(train, entry));
	if (!entry->merged.conflicts.len)
		return make_commit(train, entry);
	*out = first ? QUEUE_OUT : QUEUE_WAIT;
	if (!first)
		return NULL;
	entry->landing.end = LANDING_CONFLICT;
	FOR_EACH (char *, path, &entry->merged.conflicts)
		strings_add(&entry->landing.conflicts, *path);
	return NULL;
}

/* On a terminal the row that follows on stdout is read there as well. */
static void show_end(struct progress *progress, const struct entry *entry)
{
	if (!progress)
		return;
	if (entry->silent || progress_is_live(progress))
		progress_drop(progress, entry->phase);
	else
		progress_end(progress, entry->phase, "%s  %s",
			     landing_end_name(entry->landing.end),
			     entry->phase);
}

void entry_tell(struct train *train, struct entry *entry)
{
	entry->ended = 1;
	show_end(train->project->progress, entry);
	if (entry->silent)
		return;
	entry->landing.phase = xstrdup(entry->phase);
	entry->landing.title =
		xstrdup(entry->card ? entry->card->phase->title : entry->phase);
	*PUSH(train->out) = entry->landing;
	entry->landing = (struct landing){ .end = entry->landing.end };
}

struct error *entry_let_go(struct train *train, struct entry *entry)
{
	if (!entry->claimed)
		return NULL;
	entry->claimed = 0;
	struct error *err = claim_drop(&entry->claim, train->project->repo);
	claim_release(&entry->claim);
	entry->claim = (struct claim){ .lock = FILE_LOCK_INIT };
	return err;
}

/*
 * The queue's questions, answered by git and by the checks.
 *
 * All that a window holds was judged by the base as it stood when the window
 * began.  A phase that changes what others are judged by (configuration,
 * checks, documents) is therefore the last of its window.
 */
#include "plans/integrate-step.h"

#include "core/clock.h"
#include "gitops/workspace.h"
#include "plans/check.h"
#include "plans/renewal.h"
#include "plans/restack.h"
#include "plans/trust.h"

#include <string.h>

void judged_release(struct judged *judged)
{
	check_outcomes_release(&judged->checks);
	findings_release(&judged->findings);
	*judged = (struct judged){ .findings = FINDINGS_INIT };
}

struct error *train_look(struct train *train)
{
	struct project *project = train->project;

	board_release(&train->board);
	train->board = (struct board)BOARD_INIT;
	if (train->behind)
		TRY(sync_fetch(project->repo));
	train->behind = 0;
	TRY(project_reload(project));
	TRY(trust_require(project));
	TRY(board_load(&train->board, project, train->plan));
	FOR_EACH (struct entry, entry, train) {
		entry->card =
			board_card(&train->board, train->plan, entry->phase);
		entry->entered = 0;
	}
	train->fresh = 1;
	return NULL;
}

static struct error *merge(enum queue_verdict *out, const size_t *entries,
			   size_t n, void *data)
{
	struct train *train = data;
	struct entry *entry = &train->items[entries[n - 1]];
	const struct entry *before =
		n > 1 ? &train->items[entries[n - 2]] : NULL;

	*out = QUEUE_WAIT;
	if (before && (n > train->most || before->sets_rules))
		return NULL;
	if (!train->fresh)
		TRY(train_look(train));
	TRY(entry_enter(out, train, entry));
	if (*out != QUEUE_GREEN)
		return NULL;
	return entry_merge(out, train, entry,
			   before ? &before->commit
				  : &train->project->base.commit,
			   !before);
}

static int is_among(const struct train *train, const size_t *entries, size_t n,
		    const struct card *card)
{
	for (size_t i = 0; i < n; i++)
		if (train->items[entries[i]].card == card)
			return 1;
	return 0;
}

/*
 * What a merged source has to pass: the checks of these phases and of all that
 * their plan has landed, in the order of the board.  A check that was taken
 * away since is asked for by what has landed no longer.
 */
static void checks_for(struct strings *out, const struct train *train,
		       const size_t *entries, size_t n)
{
	struct project *project = train->project;

	FOR_EACH (struct card, card, &train->board.cards) {
		CLEANUP(strings_release) struct strings names = STRINGS_INIT;
		int lands = is_among(train, entries, n, card);

		if (!lands && card->status != STATUS_DONE)
			continue;
		phase_checks(&names, project, card->plan, card->phase);
		FOR_EACH (char *, name, &names)
			if (!strings_has(out, *name) &&
			    (lands || check_find(project, card->plan, *name)))
				strings_add(out, *name);
	}
}

struct error *train_judge(struct judged *out, struct train *train,
			  const size_t *entries, size_t n,
			  const struct oid *source)
{
	struct project *project = train->project;
	const struct board_plan *row = board_plan(&train->board, train->plan);
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	int64_t most = project->config.delivery.deadline;

	checks_for(&names, train, entries, n);
	TRY(gate_landing_checks(&out->checks, project, &row->plan, &names,
				source, most ? clock_ms() + most * 1000 : 0,
				&out->findings));
	if (!out->findings.len)
		gate_coverage(project, &out->checks, &out->findings);
	return NULL;
}

static struct error *judge(enum queue_verdict *out, const size_t *entries,
			   size_t n, void *data)
{
	struct train *train = data;
	struct project *project = train->project;
	const struct entry *last = &train->items[entries[n - 1]];
	CLEANUP(judged_release)
	struct judged judged = { .findings = FINDINGS_INIT };
	struct oid source;

	for (size_t i = 0; project->progress && i < n; i++)
		progress_set(project->progress, train->items[entries[i]].phase,
			     "check");
	TRY(tree_without(&source, project->repo, &last->merged.tree, ".orch"));
	TRY(train_judge(&judged, train, entries, n, &source));
	*out = judged.findings.len ? QUEUE_RED : QUEUE_GREEN;
	struct judged *kept = judged.findings.len ? &train->red : &train->green;
	judged_release(kept);
	*kept = judged;
	judged = (struct judged){ .findings = FINDINGS_INIT };
	return NULL;
}

/*
 * Work in a worktree keeps the base from moving.  Whose landing would overwrite
 * it is found by landing fewer; that one is told, and others may land.
 */
static void in_the_way(struct train *train, struct entry *last, size_t n,
		       const struct error *why)
{
	train->most = n > 1 ? n / 2 : 1;
	if (n > 1)
		return;
	struct finding *finding =
		finding_add(&last->landing.findings, "in-the-way", NULL, "%s",
			    why->message);
	if (why->hint)
		finding_hint(finding, "%s", why->hint);
	last->landing.end = LANDING_CONFLICT;
	last->entered = 0;
}

/* Each of those that land together was checked with the others. */
static void copy_checks(struct check_outcomes *out,
			const struct check_outcomes *from)
{
	FOR_EACH (struct check_outcome, it, from) {
		struct check_outcome *copy = PUSH(out);

		*copy = *it;
		copy->name = xstrdup(it->name);
		copy->tail = xstrdup(it->tail);
		copy->ended = xstrdup(it->ended);
	}
}

struct error *entry_withdraw(struct train *train, struct entry *entry)
{
	struct project *project = train->project;

	TRY(stack_retarget(project, &train->board, entry->card));
	TRY(land_settle(train->desk, train->plan, entry->phase, 1));
	TRY(sync_withdraw(project->repo, project->config.delivery.branch_prefix,
			  train->plan, entry->phase, &entry->merged.tip));
	return entry_let_go(train, entry);
}

/* A claim that was not renewed in time is another's: not ours to land. */
static struct error *all_ours(int *out, struct train *train,
			      const size_t *entries, size_t n)
{
	*out = 1;
	for (size_t i = 0; i < n; i++) {
		struct entry *entry = &train->items[entries[i]];
		struct error *err =
			claim_refresh(&entry->claim, train->project->repo);

		if (!error_is(err, ERROR_STALE)) {
			TRY(err);
			continue;
		}
		error_free(err);
		TRY(entry_let_go(train, entry));
		*out = train->fresh = 0;
	}
	return NULL;
}

void entry_landed(struct train *train, struct entry *entry)
{
	entry->landing.commit = entry->commit;
	copy_checks(&entry->landing.checks, &train->green.checks);
	entry_tell(train, entry);
}

/* A forge that takes no push may well merge. */
static struct error *refused_push(const struct train *train, struct error *err)
{
	if (!error_is(err, ERROR_REFUSED) || !train->desk->session.forge)
		return err;
	return error_hint(err, "delivery.land: api has the forge merge");
}

static struct error *land_by_push(size_t *landed, struct train *train,
				  const size_t *entries, size_t n)
{
	struct entry *last = &train->items[entries[n - 1]];
	struct error *err = move_base(train->project, &last->commit);
	if (error_is(err, ERROR_CONFLICT)) {
		in_the_way(train, last, n, err);
		error_free(err);
		return NULL;
	}
	train->fresh = 0;
	if (error_is(err, ERROR_STALE) && ++train->lost <= MOST_LOST) {
		error_free(err);
		train->behind = 1;
		return NULL;
	}
	TRY(refused_push(train, err));
	*landed = n;
	train->most = QUEUE_WINDOW;
	for (size_t i = 0; i < n; i++)
		entry_landed(train, &train->items[entries[i]]);
	for (size_t i = 0; i < n; i++)
		TRY(entry_withdraw(train, &train->items[entries[i]]));
	return NULL;
}

static struct error *land(size_t *landed, const size_t *entries, size_t n,
			  void *data)
{
	struct train *train = data;
	int ours;

	*landed = 0;
	TRY(all_ours(&ours, train, entries, n));
	if (!ours)
		return NULL;
	return land_by_forge(train)
		       ? land_through_forge(landed, train, entries, n)
		       : land_by_push(landed, train, entries, n);
}

static int is_late(const struct check_outcomes *checks)
{
	FOR_EACH (struct check_outcome, check, checks)
		if (check->late)
			return 1;
	return 0;
}

static struct error *put_out(size_t i, enum queue_verdict why, void *data)
{
	struct train *train = data;
	struct entry *entry = &train->items[i];
	struct landing *landing = &entry->landing;

	if (why == QUEUE_RED) {
		landing->end = is_late(&train->red.checks) ? LANDING_LATE
							   : LANDING_RED;
		landing->checks = train->red.checks;
		landing->findings = train->red.findings;
		train->red = (struct judged){ .findings = FINDINGS_INIT };
	}
	entry_tell(train, entry);
	return entry_let_go(train, entry);
}

struct error *train_run(struct train *train)
{
	static const struct queue_ops ops = { merge, judge, land, put_out };
	struct renewal renewal;

	if (!train->len)
		return NULL;
	TRY(land_rules(train->desk));
	train->most = QUEUE_WINDOW;
	renewal_begin(&renewal, train->project, NULL);
	struct error *err =
		queue_run(train->len, land_window(train), &ops, train);
	renewal_end(&renewal);
	return err;
}

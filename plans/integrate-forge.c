/*
 * What the forge says of a phase that is to land, and what it is told when that
 * has.  The pull request is asked for each time a phase is about to land: what
 * was seen before may be as old as the board.
 */
#include "plans/integrate-forge.h"

#include "core/loop.h"
#include "gitops/commit.h"
#include "gitops/forge-review.h"
#include "plans/integrate-step.h"
#include "plans/propose.h"
#include "plans/pulls.h"

#include <stdlib.h>
#include <string.h>

#define FAR_BACK 200 /* commits in which a landing is looked for */

void land_desk_close(struct land_desk *desk)
{
	forge_session_close(&desk->session);
	branch_rules_release(&desk->rules);
	loop_release(&desk->loop);
}

struct error *land_desk_open(struct land_desk *desk, struct project *project)
{
	desk->project = project;
	if (desk->loop || !strcmp(project->config.delivery.forge, "local"))
		return NULL;
	desk->loop = loop_new();
	return forge_open(&desk->session, project, desk->loop);
}

const char *landing_guarantee(const struct project *project)
{
	return project->config.delivery.land == LAND_API ? "compared"
							 : "checked";
}

struct error *land_rules(struct land_desk *desk)
{
	const struct forge *forge = desk->session.forge;

	if (desk->asked || !forge || !forge->admin)
		return NULL;
	loop_every(desk->loop, desk->project->tick);
	TRY(forge->admin->rules(&desk->rules, desk->session.client,
				desk->project->base.branch));
	desk->asked = 1;
	return NULL;
}

/* It does not land now, and that is why. */
static struct finding *wait_for(struct entry *entry, const char *fmt, ...)
	PRINTF(2, 3);

static struct finding *wait_for(struct entry *entry, const char *fmt, ...)
{
	CLEANUP(free_str) char *text = NULL;
	va_list args;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	entry->landing.end = LANDING_WAITING;
	return finding_add(&entry->landing.findings, "waiting", NULL, "%s",
			   text);
}

/* Its newest pull request; number 0: none. */
static struct error *find_pull(struct pull *out, struct land_desk *desk,
			       const char *branch)
{
	loop_every(desk->loop, desk->project->tick);
	TRY(desk->session.forge->find(out, desk->session.client, branch));
	if (out->number)
		pulls_keep(desk->project, out);
	return NULL;
}

/*
 * Of a phase that stood on another one: that has landed, so it goes to the
 * base, and waits no more.
 */
static struct error *make_ready(struct pull *pull, struct train *train,
				const struct entry *entry)
{
	struct project *project = train->project;
	const struct proposal_base base = { project->base.branch, 0 };
	struct pull now = { .number = 0 };

	if (!pull->draft && !strcmp(pull->base, base.branch))
		return NULL;
	TRY(propose_phase(&now, project, entry->card->plan, entry->card->phase,
			  &entry->card->tip, &base));
	pull->draft = now.draft;
	pull_release(&now);
	return NULL;
}

static const struct ci_check *check_named(const struct ci_checks *checks,
					  const char *name)
{
	FOR_EACH (struct ci_check, check, checks)
		if (!strcmp(check->name, name))
			return check;
	return NULL;
}

/* The checks that the base asks for, on the head. */
static struct error *ask_checks(struct land_desk *desk, struct entry *entry,
				const struct pull *pull)
{
	const struct forge_review *review = desk->session.forge->review;
	CLEANUP(ci_checks_release) struct ci_checks checks = { NULL, 0, 0 };
	char hex[OID_HEX];

	if (!desk->rules.checks.len || !review)
		return NULL;
	TRY(review->checks(&checks, desk->session.client,
			   oid_hex(hex, &entry->card->tip), NULL, 0));
	FOR_EACH (char *, name, &desk->rules.checks) {
		const struct ci_check *check = check_named(&checks, *name);

		if (check && check->mark == MARK_SUCCESS)
			continue;
		int red = check && check->mark != MARK_PENDING;
		struct finding *finding =
			wait_for(entry, "waiting for check '%s'%s", *name,
				 red ? ", which is red" : "");
		if (red)
			finding_hint(finding, "git orch revise %s",
				     entry->phase);
		else
			finding_hint(finding, "see %s", pull->url);
	}
	return NULL;
}

/* What reviewers say, and where the base is protected what that asks for. */
static struct error *ask_people(struct land_desk *desk, struct entry *entry,
				const struct pull *pull)
{
	const struct branch_rules *rules = &desk->rules;
	long long number = (long long)pull->number;

	if (pull->changes_wanted > 0)
		finding_hint(
			wait_for(entry, "changes are wanted on #%lld", number),
			"git orch revise %s", entry->phase);
	if (!rules->protected_)
		return NULL;
	if (pull->approvals < rules->approvals)
		finding_hint(
			wait_for(entry,
				 "waiting for approval: #%lld has %d of %d",
				 number,
				 pull->approvals > 0 ? pull->approvals : 0,
				 rules->approvals),
			"see %s", pull->url);
	return ask_checks(desk, entry, pull);
}

static struct error *admit_pull(struct train *train, struct entry *entry,
				struct pull *pull)
{
	long long number = (long long)pull->number;

	if (pull->state == PULL_CLOSED) {
		finding_hint(wait_for(entry, "#%lld was closed", number),
			     "git orch status --fetch");
		return NULL;
	}
	TRY(make_ready(pull, train, entry));
	if (pull->draft && land_by_forge(train)) {
		finding_hint(wait_for(entry, "#%lld is a draft", number),
			     "mark it as ready for review: %s", pull->url);
		return NULL;
	}
	return ask_people(train->desk, entry, pull);
}

struct error *land_admit(struct train *train, struct entry *entry)
{
	CLEANUP(pull_release) struct pull pull = { .number = 0 };
	struct land_desk *desk = train->desk;

	if (!desk->session.forge)
		return NULL;
	TRY(land_rules(desk));
	TRY(find_pull(&pull, desk, entry->card->branch));
	entry->pull = pull.number;
	/* Merged a moment ago: the base will say so when it is fetched. */
	entry->silent = pull.number && pull.state == PULL_MERGED;
	if (entry->silent)
		return NULL;
	if (pull.number)
		return admit_pull(train, entry, &pull);
	if (desk->rules.protected_ || land_by_forge(train))
		finding_hint(wait_for(entry, "it has no pull request"),
			     "git orch next-phase %s opens it", entry->phase);
	return NULL;
}

static struct error *says(int *out, const struct repo *repo,
			  const struct oid *commit, const char *trailer,
			  const char *value)
{
	CLEANUP(free_str) char *said = NULL;

	TRY(commit_trailer(&said, repo, commit, trailer));
	*out = said && !strcmp(said, value);
	return NULL;
}

/* Is this the commit by which the phase came onto the base? */
static struct error *is_landing(int *out, const struct repo *repo,
				const struct oid *commit, const char *plan,
				const char *phase)
{
	struct oid second;
	int here = 0;

	*out = 0;
	TRY(commit_parent(&second, repo, commit, 1));
	if (oid_is_zero(&second))
		second = *commit;
	TRY(says(&here, repo, &second, "Orch-Plan", plan));
	return here ? says(out, repo, &second, "Orch-Phase", phase) : NULL;
}

/* The zero id where it cannot be told any more. */
static struct error *find_landing(struct oid *out,
				  const struct project *project,
				  const char *plan, const char *phase)
{
	struct oid at = project->base.commit;
	int found = 0;

	*out = oid_zero;
	for (int i = 0; i < FAR_BACK && !oid_is_zero(&at); i++) {
		TRY(is_landing(&found, project->repo, &at, plan, phase));
		if (found) {
			*out = at;
			return NULL;
		}
		TRY(commit_parent(&at, project->repo, &at, 0));
	}
	return NULL;
}

/* The same words whoever says them, so that they are said once. */
static struct error *tell(struct land_desk *desk, const struct pull *pull,
			  const char *plan, const char *phase)
{
	struct project *project = desk->project;
	CLEANUP(free_str) char *text = NULL;
	struct oid commit;
	char hex[OID_HEX];

	TRY(find_landing(&commit, project, plan, phase));
	text = oid_is_zero(&commit)
		       ? xasprintf("Landed on `%s`.", project->base.branch)
		       : xasprintf("Landed on `%s` as %s.",
				   project->base.branch, oid_hex(hex, &commit));
	struct error *err = desk->session.forge->comment(desk->session.client,
							 pull->number, text);
	if (!error_is(err, ERROR_REFUSED) && !error_is(err, ERROR_NOT_FOUND))
		return err;
	/* A token may merge and yet not comment. */
	log_write(project->log, LOG_WARN, err->message, "phase", phase, NULL);
	error_free(err);
	return NULL;
}

struct error *land_settle(struct land_desk *desk, const char *plan,
			  const char *phase, int leave)
{
	CLEANUP(pull_release) struct pull pull = { .number = 0 };
	struct project *project = desk->project;
	CLEANUP(free_str) char *branch = NULL;

	if (!desk->session.forge)
		return NULL;
	branch = xasprintf("%s/%s/%s", project->config.delivery.branch_prefix,
			   plan, phase);
	TRY(find_pull(&pull, desk, branch));
	if (!pull.number || pull.state != PULL_OPEN)
		return NULL;
	TRY(tell(desk, &pull, plan, phase));
	if (leave && project->config.delivery.method == LAND_MERGE)
		return NULL;
	TRY(desk->session.forge->close_pull(desk->session.client, pull.number));
	pull.state = PULL_CLOSED;
	pulls_keep(project, &pull);
	return NULL;
}

/*
 * The doctor: a row per thing that is looked at.  Each row gets the project
 * as far as it opens; rows that need more than that say nothing.
 */
#include "plans/doctor-look.h"

#include "core/file.h"
#include "core/sandbox.h"
#include "gitops/git.h"
#include "gitops/layout.h"
#include "gitops/mend.h"
#include "gitops/shared.h"
#include "gitops/worktree.h"
#include "plans/board.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define MIB          (1024LL * 1024)
#define LITTLE_SPACE (512 * MIB)

void diagnoses_release(struct diagnoses *diagnoses)
{
	FOR_EACH (struct diagnosis, diagnosis, diagnoses) {
		free(diagnosis->text);
		free(diagnosis->fix);
	}
	free(diagnoses->items);
	*diagnoses = (struct diagnoses)DIAGNOSES_INIT;
}

struct diagnosis *found(struct patient *patient, const char *name,
			enum diagnosis_level level, const char *fmt, ...)
{
	struct diagnosis *diagnosis = PUSH(patient->out);
	va_list args;

	diagnosis->name = name;
	diagnosis->level = level;
	va_start(args, fmt);
	diagnosis->text = xvasprintf(fmt, args);
	va_end(args);
	return diagnosis;
}

void found_error(struct patient *patient, const char *name, struct error *err)
{
	struct diagnosis *diagnosis =
		found(patient, name, DIAGNOSIS_BAD, "%s", err->message);

	diagnosis->fix = xstrdup(err->hint);
	error_free(err);
}

/* Where settings, pins, worktrees and replies lie. */
static struct error *look_at_home(struct patient *patient)
{
	CLEANUP(free_str) char *config = NULL;
	CLEANUP(free_str) char *cache = NULL;
	CLEANUP(free_str) char *state = NULL;
	struct error *err = file_config_dir(&config);

	if (!err)
		err = file_cache_dir(&cache);
	if (!err)
		err = file_state_dir(&state);
	patient->homeless = err != NULL;
	if (err)
		found_error(patient, "home", err);
	else
		found(patient, "home", DIAGNOSIS_OK, "settings in %s", config);
	return NULL;
}

static struct error *look_at_git(struct patient *patient)
{
	CLEANUP(free_str) char *version = NULL;
	struct error *err = git_version(&version);

	if (err)
		found_error(patient, "git", err);
	else
		found(patient, "git", DIAGNOSIS_OK, "version %s", version);
	return NULL;
}

static struct error *look_at_sandbox(struct patient *patient)
{
	struct sandbox_probe probe;

	sandbox_probe(&probe);
	if (!probe.cause) {
		found(patient, "sandbox", DIAGNOSIS_OK, "%s",
		      sandbox_name(probe.best));
	} else {
		struct diagnosis *diagnosis =
			found(patient, "sandbox", DIAGNOSIS_WARNING, "%s: %s",
			      sandbox_name(probe.best), probe.cause);

		diagnosis->fix = xstrdup(probe.fix);
	}
	sandbox_probe_release(&probe);
	return NULL;
}

static struct error *look_at_repository(struct patient *patient)
{
	struct project *project = &patient->project;
	struct error *err = repo_open(&project->repo, NULL);

	if (err) {
		found_error(patient, "repository", err);
		return NULL;
	}
	CLEANUP(free_str) char *library = repo_library();
	patient->in_repo = 1;
	found(patient, "libgit2", DIAGNOSIS_OK, "version %s", library);
	found(patient, "repository", DIAGNOSIS_OK, "%s%s",
	      repo_common_dir(project->repo),
	      repo_is_shallow(project->repo) ? ", shallow" : "");
	return NULL;
}

static struct error *look_at_identity(struct patient *patient)
{
	CLEANUP(identity_release) struct identity who = { NULL, NULL };

	if (!patient->in_repo)
		return NULL;
	struct error *err = repo_committer(&who, patient->project.repo);
	if (err)
		found_error(patient, "identity", err);
	else
		found(patient, "identity", DIAGNOSIS_OK, "%s <%s>", who.name,
		      who.email);
	return NULL;
}

/* Base and configuration: the rest of what opening a project means. */
static struct error *look_at_base(struct patient *patient)
{
	struct project opened = PROJECT_INIT;
	const struct project_options options = patient->project.options;

	if (!patient->in_repo)
		return NULL;
	struct error *err = project_open(&opened, NULL, &options);
	if (err) {
		project_release(&opened);
		found_error(patient, "base", err);
		return NULL;
	}
	project_release(&patient->project);
	patient->project = opened;
	patient->opened = 1;
	found(patient, "base", DIAGNOSIS_OK, "%s, by %s", opened.base.branch,
	      opened.base.origin);
	if (opened.base.remote && !patient->forge)
		found(patient, "remote", DIAGNOSIS_OK,
		      "'%s', which --forge would ask", opened.base.remote);
	return NULL;
}

static struct error *look_at_trust(struct patient *patient)
{
	if (!patient->opened || patient->homeless)
		return NULL;
	struct error *err = trust_require(&patient->project);
	if (err)
		found_error(patient, "trust", err);
	else
		found(patient, "trust", DIAGNOSIS_OK,
		      "what the base may run is trusted");
	return NULL;
}

static struct error *look_at_worktrees(struct patient *patient)
{
	CLEANUP(strings_release) struct strings orphans = STRINGS_INIT;
	struct repo *repo = patient->project.repo;
	int n = 0;

	if (!patient->in_repo || patient->homeless)
		return NULL;
	TRY(worktree_orphans(&orphans, repo));
	if (!orphans.len) {
		found(patient, "worktrees", DIAGNOSIS_OK, "none is orphaned");
	} else if (patient->mend) {
		TRY(worktree_prune(&n, repo, 0));
		found(patient, "worktrees", DIAGNOSIS_OK, "%d removed", n);
	} else {
		FOR_EACH (char *, orphan, &orphans)
			found(patient, "worktrees", DIAGNOSIS_WARNING, "%s",
			      *orphan)
				->fix = xstrdup("git orch doctor --fix");
	}
	return NULL;
}

/* A claim of a dead runner that nobody needs any more. */
static void drop_claim(struct patient *patient, const char *plan,
		       const char *phase)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };
	struct repo *repo = patient->project.repo;
	struct error *err =
		claim_take_over(&claim, repo, plan, phase,
				patient->project.config.delivery.lease);

	if (!err)
		err = claim_drop(&claim, repo);
	claim_release(&claim);
	if (err)
		found_error(patient, "claims", err);
	else
		found(patient, "claims", DIAGNOSIS_OK,
		      "the claim on '%s/%s' was dropped", plan, phase);
}

static void unreadable_claim(struct patient *patient, const struct claim *claim)
{
	CLEANUP(free_str) char *ref = layout_claim(claim->plan, claim->phase);

	found(patient, "claims", DIAGNOSIS_BAD,
	      "the claim of '%s/%s' cannot be read", claim->plan, claim->phase)
		->fix = shared_removal(patient->project.repo, ref);
}

/* A dead one: of a phase that is over, to be gone on with, or of none. */
static void dead_claim(struct patient *patient, const struct claim *claim,
		       const struct card *card)
{
	int over = !card || card->phase->status == PHASE_DONE ||
		   card->phase->status == PHASE_SKIPPED;

	if (over && patient->mend) {
		drop_claim(patient, claim->plan, claim->phase);
		return;
	}
	struct diagnosis *diagnosis =
		found(patient, "claims", DIAGNOSIS_WARNING,
		      card ? "the runner of '%s/%s' (%s) is gone"
			   : "the base has no phase '%s/%s', and its runner "
			     "(%s) is gone",
		      claim->plan, claim->phase, claim->runner);
	diagnosis->fix = over ? xstrdup("git orch doctor --fix")
			      : xasprintf("git orch next-phase --plan %s %s",
					  claim->plan, claim->phase);
}

static const struct card *card_of(const struct board *board,
				  const struct claim *claim)
{
	FOR_EACH (struct card, card, &board->cards)
		if (!strcmp(card->plan->id, claim->plan) &&
		    !strcmp(card->phase->id, claim->phase))
			return card;
	return NULL;
}

/* The claims are listed apart from the board, which knows the base's only. */
static struct error *look_at_claims(struct patient *patient)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	struct repo *repo = patient->project.repo;
	size_t before = patient->out->len;

	if (!patient->opened)
		return NULL;
	struct error *err = board_load(&board, &patient->project, NULL);
	if (err) {
		found_error(patient, "plans", err);
		return NULL;
	}
	TRY(claim_list(&claims, repo));
	FOR_EACH (struct claim, claim, &claims)
		if (claim->version < CLAIM_VERSION)
			unreadable_claim(patient, claim);
		else if (claim_gone(repo, claim,
				    patient->project.config.delivery.lease))
			dead_claim(patient, claim, card_of(&board, claim));
	if (patient->out->len == before)
		found(patient, "claims", DIAGNOSIS_OK, "none is stale");
	return NULL;
}

static void mend_one_ref(struct patient *patient, const char *name)
{
	struct error *err = mend_ref(patient->project.repo, name);

	if (err)
		found_error(patient, "refs", err);
	else
		found(patient, "refs", DIAGNOSIS_OK, "'%s' was removed", name);
}

/* A power cut leaves the file of a ref that was just written empty. */
static struct error *look_at_refs(struct patient *patient)
{
	CLEANUP(strings_release) struct strings broken = STRINGS_INIT;

	if (!patient->in_repo)
		return NULL;
	TRY(mend_list_refs(&broken, patient->project.repo));
	FOR_EACH (char *, name, &broken) {
		if (patient->mend)
			mend_one_ref(patient, *name);
		else
			found(patient, "refs", DIAGNOSIS_BAD,
			      "'%s' cannot be read", *name)
				->fix = xstrdup("git orch doctor --fix");
	}
	if (!broken.len)
		found(patient, "refs", DIAGNOSIS_OK, "none of ours is broken");
	return NULL;
}

static struct error *look_at_locks(struct patient *patient)
{
	int n = 0;

	if (!patient->in_repo)
		return NULL;
	struct error *err =
		mend_locks(&n, patient->project.repo, patient->mend);
	if (err)
		found_error(patient, "locks", err);
	else if (!n)
		found(patient, "locks", DIAGNOSIS_OK, "none is left over");
	else if (patient->mend)
		found(patient, "locks", DIAGNOSIS_OK, "%d removed", n);
	else
		found(patient, "locks", DIAGNOSIS_WARNING,
		      "%d of phases that nobody holds", n)
			->fix = xstrdup("git orch doctor --fix");
	return NULL;
}

static struct error *look_at_space(struct patient *patient)
{
	struct statvfs fs;

	if (!patient->in_repo ||
	    statvfs(repo_common_dir(patient->project.repo), &fs))
		return NULL;
	long long left = (long long)fs.f_bavail * (long long)fs.f_frsize;
	struct diagnosis *diagnosis =
		found(patient, "space",
		      left < LITTLE_SPACE ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
		      "%lld MiB free", left / MIB);
	if (left < LITTLE_SPACE)
		diagnosis->fix = xstrdup("make room: a full disk ends a run");
	return NULL;
}

static struct error *(*const looks[])(struct patient *) = {
	look_at_home,     look_at_git,      look_at_sandbox, look_at_repository,
	look_at_identity, look_at_base,     look_at_trust,   look_at_refs,
	look_at_claims,   look_at_branches, look_at_locks,   look_at_worktrees,
	look_at_space,    look_at_models,   look_at_forge,
};

struct error *doctor(struct diagnoses *out,
		     const struct project_options *options, unsigned flags)
{
	struct patient patient = { .out = out,
				   .mend = (flags & DOCTOR_MEND) != 0,
				   .online = (flags & DOCTOR_ONLINE) != 0,
				   .forge = (flags & DOCTOR_FORGE) != 0 };
	struct error *err = NULL;

	patient.project.options = *options;
	for (size_t i = 0; i < sizeof looks / sizeof *looks && !err; i++)
		err = looks[i](&patient);
	project_release(&patient.project);
	return err;
}

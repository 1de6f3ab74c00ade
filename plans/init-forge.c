/*
 * Setting up a forge.  What protects the base comes last, as it may keep the
 * step before it from being made again.
 */
#include "plans/init-forge.h"

#include "gitops/forge-admin.h"
#include "gitops/git.h"
#include "gitops/shared.h"
#include "plans/forge-open.h"
#include "plans/proposal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct forge_label our_labels[] = {
	{ "git-orch", "1d76db", "Made by git-orch" },
	{ "phase", "0e8a16", "One phase of a plan" },
	{ "plan", "5319e7", "The documents of a plan" },
};
#define N_LABELS (sizeof our_labels / sizeof *our_labels)

struct setting_up {
	struct project *project;
	const struct forge_setup *setup;
	char *remote; /* its name, also when it is to be added */
	char *url; /* of the remote; NULL: there is none yet */
	char *name; /* of the repository */
	struct loop *loop;
	struct forge_session session;
	const struct forge_admin *admin;
	struct forge_repository repository;
};

/* Sets text (owned), and *kept where there was nothing to do. */
typedef struct error *(*step_fn)(char **text, int *kept, struct setting_up *up);

void setup_steps_release(struct setup_steps *steps)
{
	FOR_EACH (struct setup_step, step, steps)
		free(step->text);
	free(steps->items);
	*steps = (struct setup_steps){ NULL, 0, 0 };
}

const char *setup_state_name(enum setup_state state)
{
	static const char *const names[] = { "left", "done", "kept", "failed" };

	return names[state];
}

static void setting_up_release(struct setting_up *up)
{
	forge_session_close(&up->session);
	loop_release(&up->loop);
	forge_repository_release(&up->repository);
	free(up->remote);
	free(up->url);
	free(up->name);
}

/* A remote that was added by an earlier run is the one that is in use. */
static struct error *find_remote(struct setting_up *up)
{
	struct repo *repo = up->project->repo;
	CLEANUP(strings_release) struct strings remotes = STRINGS_INIT;
	CLEANUP(buf_release) struct buf url = BUF_INIT;

	TRY(remote_choose(&up->remote, repo, NULL));
	if (!up->remote)
		up->remote = xstrdup("origin");
	TRY(repo_remotes(&remotes, repo));
	if (!strings_has(&remotes, up->remote))
		return NULL;
	TRY(git_run(&url, repo, NULL, "remote", "get-url", "--", up->remote,
		    NULL));
	up->url = xstrdup(url.data);
	return NULL;
}

static struct error *differs(const struct setting_up *up,
			     const struct forge_site *site)
{
	const struct forge_setup *setup = up->setup;

	return error_hint(
		error_new(ERROR_FAILURE, "remote '%s' is '%s/%s', not '%s/%s'",
			  up->remote, site->owner, site->name,
			  setup->organization ? setup->organization
					      : site->owner,
			  setup->name ? setup->name : site->name),
		"leave --org and --name away, or rename the remote: git "
		"remote rename %s old",
		up->remote);
}

/* Its name, from where it can be known. */
static struct error *find_name(struct setting_up *up)
{
	const struct forge_setup *setup = up->setup;
	CLEANUP(forge_site_release) struct forge_site site = FORGE_SITE_INIT;
	const char *folder = repo_work_dir(up->project->repo);

	if (!up->url) {
		folder = folder ? strrchr(folder, '/') : NULL;
		up->name = xstrdup(setup->name ? setup->name
				   : folder    ? folder + 1
					       : "");
		return NULL;
	}
	TRY(forge_site_from_url(&site, up->url));
	if ((setup->organization &&
	     strcasecmp(setup->organization, site.owner)) ||
	    (setup->name && strcasecmp(setup->name, site.name)))
		return differs(up, &site);
	up->name = xstrdup(site.name);
	return NULL;
}

/* Without a remote the address is what a person would type. */
static struct error *open_forge(struct setting_up *up)
{
	const char *owner = up->setup->organization;
	const char *host = getenv("GH_HOST");
	CLEANUP(free_str)
	char *url = up->url ? xstrdup(up->url)
			    : xasprintf("https://%s/%s/%s",
					host && *host ? host : "github.com",
					owner ? owner : "owner", up->name);

	TRY(forge_open_at(&up->session, up->project, up->loop, up->setup->forge,
			  url));
	up->admin = up->session.forge->admin;
	if (!up->admin)
		return error_new(ERROR_FAILURE,
				 "the forge '%s' cannot be set up from here",
				 up->setup->forge);
	if (!up->url && !owner) {
		free(up->session.site.owner);
		up->session.site.owner = xstrdup("");
	}
	return NULL;
}

/* The owner is known now, where it was the token's user. */
static struct error *take_owner(struct setting_up *up)
{
	struct forge_site *site = &up->session.site;
	CLEANUP(forge_site_release) struct forge_site made = FORGE_SITE_INIT;

	if (*site->owner)
		return NULL;
	TRY(forge_site_from_url(&made, up->repository.clone_url));
	free(site->owner);
	site->owner = made.owner;
	made.owner = NULL;
	return NULL;
}

static struct error *step_repository(char **text, int *kept,
				     struct setting_up *up)
{
	const struct forge_repository_spec spec = {
		.private_ = !up->setup->open,
		.organization = up->setup->organization != NULL,
	};

	TRY(open_forge(up));
	TRY(up->admin->create(&up->repository, up->session.client, &spec));
	TRY(take_owner(up));
	*kept = !up->repository.made;
	*text = xasprintf("%s, %s", up->repository.web,
			  up->repository.private_ ? "private" : "public");
	return NULL;
}

static struct error *step_remote(char **text, int *kept, struct setting_up *up)
{
	struct repo *repo = up->project->repo;

	*kept = up->url != NULL;
	if (!up->url) {
		TRY(git_run(NULL, repo, NULL, "remote", "add", "--", up->remote,
			    up->repository.clone_url, NULL));
		up->url = xstrdup(up->repository.clone_url);
	}
	repo_set_remote(repo, up->remote);
	*text = xasprintf("%s", up->remote);
	return NULL;
}

static struct error *nothing_to_push(const struct setting_up *up)
{
	const char *base = up->setup->base;

	if (!base)
		return error_hint(error_new(ERROR_FAILURE,
					    "HEAD is detached, and nothing "
					    "names the base branch"),
				  "git config orch.base <branch>");
	return error_hint(error_new(ERROR_FAILURE,
				    "branch '%s' has no commit to push", base),
			  "commit first, then run the same again");
}

/* What is there stays, whoever pushed it: the base is moved by landing. */
static struct error *step_push(char **text, int *kept, struct setting_up *up)
{
	struct repo *repo = up->project->repo;
	const struct remote_fetch fetch = { .remote = up->remote };
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(free_str) char *ref = NULL;
	struct oid here = oid_zero, there;

	if (!up->setup->base)
		return nothing_to_push(up);
	ref = xasprintf("refs/heads/%s", up->setup->base);
	TRY(remote_fetch(repo, &fetch));
	TRY(shared_read(&there, repo, ref));
	*text = xstrdup(up->setup->base);
	*kept = !oid_is_zero(&there);
	if (*kept)
		return NULL;
	TRY(ref_read_maybe(&here, repo, ref));
	if (oid_is_zero(&here))
		return nothing_to_push(up);
	push_add(&push, ref, &here, &oid_zero);
	return shared_move(repo, &push, "orch: set up");
}

static struct error *step_default(char **text, int *kept, struct setting_up *up)
{
	const char *now = up->repository.default_branch;

	*text = xstrdup(up->setup->base);
	*kept = now && !strcmp(now, up->setup->base);
	return *kept ? NULL
		     : up->admin->set_default(up->session.client,
					      up->setup->base);
}

static struct error *step_labels(char **text, int *kept, struct setting_up *up)
{
	const struct strings *more = &up->project->config.delivery.labels;
	ARRAY(struct forge_label) labels = ARRAY_INIT;
	struct buf names = BUF_INIT;
	struct error *err;

	*kept = 0;
	for (size_t i = 0; i < N_LABELS; i++)
		*PUSH(&labels) = our_labels[i];
	FOR_EACH (char *, name, more)
		*PUSH(&labels) = (struct forge_label){ *name, "ededed", NULL };
	FOR_EACH (struct forge_label, label, &labels)
		buf_addf(&names, "%s%s", names.len ? ", " : "", label->name);
	err = up->admin->labels(up->session.client, labels.items, labels.len);
	free(labels.items);
	*text = buf_steal(&names);
	return err;
}

static struct error *step_protection(char **text, int *kept,
				     struct setting_up *up)
{
	CLEANUP(branch_rules_release) struct branch_rules rules = { 0 };
	CLEANUP(strings_release) struct strings checks = STRINGS_INIT;
	struct buf names = BUF_INIT;

	proposal_contexts(&checks, &up->project->config);
	strings_join(&names, &checks, ", ");
	*text = buf_steal(&names);
	TRY(up->admin->rules(&rules, up->session.client, up->setup->base));
	*kept = 1;
	FOR_EACH (char *, check, &checks)
		*kept &= strings_has(&rules.checks, *check);
	return *kept ? NULL
		     : up->admin->protect(up->session.client, up->setup->base,
					  &checks, 0);
}

static const struct {
	const char *name;
	const char *text; /* what it will do */
	step_fn run;
} rows[] = {
	{ "repository", "find the repository, or make it", step_repository },
	{ "remote", "add the remote where there is none", step_remote },
	{ "push", "push the base where it is not there", step_push },
	{ "default branch", "make the base the default branch", step_default },
	{ "labels", "make the labels that are missing", step_labels },
	{ "protection", "ask for our marks on what is merged",
	  step_protection },
};
#define N_ROWS (sizeof rows / sizeof *rows)

static struct error *run_step(struct setup_step *step, step_fn run,
			      struct setting_up *up)
{
	char *text = NULL;
	int kept = 0;
	struct error *err = run(&text, &kept, up);

	if (err) {
		free(text);
		text = xstrdup(err->message);
	}
	step->state = err ? SETUP_FAILED : kept ? SETUP_KEPT : SETUP_DONE;
	free(step->text);
	step->text = text;
	return err;
}

struct error *forge_set_up(struct setup_steps *out, struct project *project,
			   const struct forge_setup *setup)
{
	CLEANUP(setting_up_release)
	struct setting_up up = { .project = project, .setup = setup };

	for (size_t i = 0; i < N_ROWS; i++)
		*PUSH(out) = (struct setup_step){ rows[i].name, SETUP_LEFT,
						  xstrdup(rows[i].text) };
	TRY(find_remote(&up));
	TRY(find_name(&up));
	if (setup->dry_run)
		return NULL;
	up.loop = loop_new();
	loop_every(up.loop, project->tick);
	for (size_t i = 0; i < N_ROWS; i++)
		TRY(run_step(&out->items[i], rows[i].run, &up));
	return NULL;
}

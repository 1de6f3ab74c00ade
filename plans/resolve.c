/*
 * Resolving a conflict: the merge made once more, its markers given names, a
 * worker on it, the gates, again with their findings once.
 *
 * The names matter: git's own are ids, which differ on every machine, and with
 * them the requests would.
 */
#include "plans/resolve-step.h"

#include "gitops/commit.h"
#include "plans/elsewhere.h"
#include "plans/integrate.h"

#include <stdlib.h>
#include <string.h>

void resolved_release(struct resolved *resolved)
{
	strings_release(&resolved->agents);
	findings_release(&resolved->findings);
	*resolved = (struct resolved)RESOLVED_INIT;
}

static void release(struct resolve *r)
{
	merge_release(&r->merge);
	strings_release(&r->phase.create);
	strings_release(&r->phase.modify);
	strings_release(&r->phase.acceptance);
	free(r->phase.title);
	buf_release(&r->brief);
	report_release(&r->report);
	findings_release(&r->findings);
	caller_close(&r->caller);
	journal_close(&r->journal);
}

/* The branch's own commits as one, on where they begin. */
static struct error *squash(struct oid *out, const struct resolve *r)
{
	static char name[] = "git-orch";
	static char email[] = "resolve@git-orch.invalid";
	struct commit_spec spec = {
		.parents = &r->fork,
		.n_parents = 1,
		.message = "resolve\n",
		.author = { name, email },
		.committer = { name, email },
		.plain = 1,
	};

	TRY(commit_tree(&spec.tree, r->project->repo, &r->what->tip));
	return commit_create(out, r->project->repo, &spec);
}

static struct error *merge_sides(struct resolve *r)
{
	struct repo *repo = r->project->repo;
	const struct conflict_case *what = r->what;
	struct oid commit;

	r->fork = what->fork;
	if (!oid_is_zero(&r->fork)) {
		TRY(squash(&commit, r));
		return merge_replay(&r->merge, repo, &what->onto, &commit,
				    document_merge_driver());
	}
	TRY(commit_merge_base(&r->fork, repo, &what->onto, &what->tip));
	return merge_commits(&r->merge, repo, &what->onto, &what->tip,
			     document_merge_driver());
}

/* *can 0: it is no text with markers in it. */
static struct error *name_sides(int *can, struct resolve *r,
				struct workspace *work, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf named = BUF_INIT;
	size_t markers[MERGE_MARKERS];
	enum file_mode mode;
	struct oid oid;

	*can = 0;
	TRY(workspace_stat(&mode, &oid, work, path));
	if ((mode != MODE_FILE && mode != MODE_EXEC) ||
	    !strncmp(path, ".orch/", 6))
		return NULL;
	TRY(workspace_read(&text, work, path));
	merge_count_markers(markers, text.data, text.len);
	if (!markers[0] || memchr(text.data, 0, text.len))
		return NULL;
	merge_name_sides(&named, text.data, text.len, "base", "before both",
			 r->what->phase->id);
	*can = 1;
	return workspace_write(work, path, named.data, named.len, MODE_NONE);
}

/* *out 0: there is something among them that is for a person. */
static struct error *prepare(int *out, struct resolve *r)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;

	*out = 1;
	TRY(workspace_open(&work, r->project->repo, &r->merge.tree));
	FOR_EACH (char *, path, &r->merge.conflicts) {
		TRY(name_sides(out, r, work, *path));
		if (!*out)
			return NULL;
	}
	return workspace_write_tree(&r->start, work);
}

/* A glob that matches this path and no other. */
static void add_path(struct strings *globs, const char *path)
{
	CLEANUP(buf_release) struct buf glob = BUF_INIT;

	for (; *path; path++) {
		if (strchr("*?[]{},\\", *path))
			buf_ch(&glob, '\\');
		buf_ch(&glob, *path);
	}
	strings_add(globs, glob.data);
}

/* The task: like a phase, but that only what is in conflict is its. */
static void make_phase(struct resolve *r)
{
	const struct phase *of = r->what->phase;
	struct phase *phase = &r->phase;

	*phase = *of;
	phase->title =
		xasprintf("Resolve the conflicts of phase %s (%s) with %s",
			  of->id, of->title, r->project->base.branch);
	phase->create = (struct strings)STRINGS_INIT;
	phase->modify = (struct strings)STRINGS_INIT;
	phase->del = (struct strings)STRINGS_INIT;
	phase->acceptance = (struct strings)STRINGS_INIT;
	FOR_EACH (char *, path, &r->merge.conflicts) {
		add_path(&phase->create, *path);
		add_path(&phase->modify, *path);
	}
	strings_addv(&phase->acceptance,
		     "what both sides were made for still holds",
		     "no conflict marker is left",
		     "no file but those in conflict is changed", NULL);
}

static struct error *open_caller(struct resolve *r)
{
	const struct conflict_case *what = r->what;
	const char *orch;

	TRY(repo_orch_dir(&orch, r->project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(journal_open(&r->journal, dir, what->claim->run));
	TRY(caller_open(&r->caller, r->project, r->journal, what->plan->id,
			what->phase->id));
	return elsewhere_tell(r->caller.budget, r->project, what->plan->id,
			      NULL, NULL);
}

static void report_step(const struct resolve *r)
{
	const char *phase = r->what->phase->id;

	if (r->project->progress)
		progress_set(r->project->progress, phase, "resolve (%s)",
			     r->agent->name);
	log_write(r->project->log, LOG_INFO, "resolve", "phase", phase, NULL);
}

static struct error *implement(struct resolve *r, const struct oid *from)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	const struct task task = {
		.project = r->project,
		.plan = r->what->plan,
		.phase = &r->phase,
		.agent = r->agent,
		.journal = r->journal,
		.attempt = r->attempt,
		.findings = &r->findings,
		.stage = "resolve",
		.brief = r->brief.data,
		.caller = &r->caller,
		.report = &r->report,
		.start = r->start,
	};

	report_step(r);
	TRY(workspace_open(&work, r->project->repo, from));
	TRY(r->worker->run(work, &task));
	return workspace_write_tree(&r->tree, work);
}

/* The worker could not: nothing of what it left is looked at. */
static void gave_up(struct findings *findings, struct error *why)
{
	CLEANUP(error_release) struct error *held = why;

	findings_release(findings);
	struct finding *finding = finding_add(
		findings, "resolve", NULL, "not resolved: %s", held->message);
	if (held->hint)
		finding_hint(finding, "%s", held->hint);
}

static struct error *try_all(struct resolve *r)
{
	int most = r->project->config.policy.attempts;

	if (most > RESOLVE_ATTEMPTS)
		most = RESOLVE_ATTEMPTS;
	r->tree = r->start;
	for (r->attempt = 1; r->attempt <= most; r->attempt++) {
		const struct oid from = r->tree;

		TRY(implement(r, &from));
		findings_release(&r->findings);
		TRY(resolve_judge(r));
		if (!r->findings.len)
			return NULL;
	}
	return NULL;
}

/*
 * Nothing but the conflict may be written, whatever the project lets its
 * phases ask for beyond what they declare.
 */
static struct error *try_confined(struct resolve *r)
{
	struct policy *policy = &r->project->config.policy;
	const struct strings always = policy->always;
	const enum files_policy files = policy->files;

	policy->always = (struct strings)STRINGS_INIT;
	policy->files = FILES_STRICT;
	struct error *err = try_all(r);
	policy->always = always;
	policy->files = files;
	return err;
}

static struct error *ask(struct resolve *r)
{
	make_phase(r);
	TRY(open_caller(r));
	TRY(resolve_brief(r));
	return try_confined(r);
}

static void take(struct resolved *out, struct resolve *r)
{
	out->findings = r->findings;
	r->findings = (struct findings)FINDINGS_INIT;
	if (out->findings.len)
		return;
	out->tree = r->tree;
	FOR_EACH (struct agent_use, use, &r->report.uses)
		strings_addf(&out->agents, "%s:%s", use->agent, use->model);
}

static struct error *run(struct resolved *out, struct resolve *r)
{
	int can = 1;

	TRY(worker_find(&r->worker, r->agent->worker));
	if (r->worker->deterministic)
		return NULL;
	TRY(merge_sides(r));
	if (!r->merge.conflicts.len) {
		out->tree = r->merge.tree;
		return NULL;
	}
	TRY(prepare(&can, r));
	if (!can)
		return NULL;
	struct error *err = ask(r);
	if (error_is(err, ERROR_INTERRUPT) || error_is(err, ERROR_CLAIMED))
		return err;
	if (err)
		gave_up(&r->findings, err);
	take(out, r);
	return NULL;
}

struct error *conflict_resolve(struct resolved *out, struct project *project,
			       const struct conflict_case *what)
{
	CLEANUP(release)
	struct resolve r = {
		.project = project,
		.what = what,
		.agent = agent_of_role(&project->config, "git"),
		.merge = MERGE_INIT,
		.brief = BUF_INIT,
		.caller = CALLER_INIT,
		.findings = FINDINGS_INIT,
	};

	report_init(&r.report);
	return r.agent ? run(out, &r) : NULL;
}

/*
 * What the doctor finds at the remote and its forge, when it is asked to look
 * there: whether several machines can share the work, and what the forge's own
 * row knows to go wrong.
 */
#include "plans/doctor-look.h"

#include "gitops/forge-admin.h"
#include "gitops/remote.h"
#include "plans/forge-open.h"

#include <string.h>

static void say_remote(struct patient *patient, const char *remote,
		       const struct remote_probe *probe)
{
	struct diagnosis *diagnosis;

	if (!probe->problem) {
		found(patient, "remote", DIAGNOSIS_OK,
		      "'%s' can be shared by several machines%s%s", remote,
		      probe->server ? ", " : "",
		      probe->server ? probe->server : "");
		return;
	}
	diagnosis = found(patient, "remote",
			  probe->reachable ? DIAGNOSIS_WARNING : DIAGNOSIS_BAD,
			  "'%s': %s", remote, probe->problem);
	if (probe->reachable)
		diagnosis->fix =
			xstrdup("work from one machine, or ask whoever runs "
				"the server for atomic pushes and refs/orch/");
	else
		diagnosis->fix = xasprintf("git ls-remote %s", remote);
}

static void look_at_remote(struct patient *patient)
{
	struct project *project = &patient->project;
	const char *remote = project->base.remote;
	CLEANUP(remote_probe_release)
	struct remote_probe probe = { .reachable = 0 };
	struct error *err;

	if (!remote) {
		found(patient, "remote", DIAGNOSIS_OK, "there is none");
		return;
	}
	err = remote_probe(&probe, project->repo, remote);
	if (err)
		found_error(patient, "remote", err);
	else
		say_remote(patient, remote, &probe);
}

static struct forge_use use_of(const struct project *project)
{
	static const char *const methods[] = { [LAND_SQUASH] = "squash",
					       [LAND_MERGE] = "merge",
					       [LAND_REBASE] = "rebase" };
	const struct delivery *delivery = &project->config.delivery;

	return (struct forge_use){ .prefix = delivery->branch_prefix,
				   .base = project->base.branch,
				   .method = methods[delivery->method],
				   .stacking = delivery->stacking };
}

static void add_findings(struct patient *patient,
			 const struct forge_findings *findings)
{
	static const enum diagnosis_level levels[] = { DIAGNOSIS_OK,
						       DIAGNOSIS_WARNING,
						       DIAGNOSIS_BAD };

	FOR_EACH (const struct forge_finding, it, findings)
		found(patient, it->name, levels[it->bad], "%s", it->text)->fix =
			xstrdup(it->fix);
}

/* "2 approvals, the checks 'a', 'b', pull requests only" */
static void describe_rules(struct buf *out, const struct branch_rules *rules)
{
	const char *sep =
		rules->checks.len == 1 ? ", the check '" : ", the checks '";

	if (rules->approvals)
		buf_addf(out, ", %d approval%s", rules->approvals,
			 rules->approvals == 1 ? "" : "s");
	FOR_EACH (char *, name, &rules->checks) {
		buf_addf(out, "%s%s'", sep, *name);
		sep = ", '";
	}
	if (rules->pulls_only)
		buf_str(out, ", pull requests only");
	if (rules->merge_queue)
		buf_str(out, ", the forge's merge queue");
	if (!out->len)
		buf_str(out, ", nothing that a landing needs");
}

static void say_rules(struct patient *patient, const struct branch_rules *rules)
{
	const struct project *project = &patient->project;
	const char *branch = project->base.branch;
	const char *land = value_text(
		value_path(project->config.merged.root, "delivery.land"),
		"api");
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	describe_rules(&text, rules);
	if (rules->pulls_only && !strcmp(land, "push"))
		found(patient, "base-rules", DIAGNOSIS_BAD,
		      "delivery.land is push, and '%s' takes pull requests "
		      "only",
		      branch)
			->fix = xstrdup("set delivery.land: api, or let the "
					"token's user push there");
	else if (rules->protected_)
		found(patient, "base-rules", DIAGNOSIS_OK, "'%s' has rules: %s",
		      branch, text.data + strlen(", "));
	else
		found(patient, "base-rules", DIAGNOSIS_OK,
		      "anybody who may push can push to '%s'", branch);
}

static void look_at_rules(struct patient *patient,
			  const struct forge_session *session)
{
	CLEANUP(branch_rules_release) struct branch_rules rules = { 0 };
	struct error *err = session->forge->admin->rules(
		&rules, session->client, patient->project.base.branch);

	if (err)
		found_error(patient, "base-rules", err);
	else
		say_rules(patient, &rules);
}

static int is_wrong(const struct forge_findings *findings)
{
	FOR_EACH (const struct forge_finding, it, findings)
		if (it->bad == 2)
			return 1;
	return 0;
}

/* What was found before it could be reached no more counts, too. */
static void probe_forge(struct patient *patient,
			const struct forge_session *session)
{
	CLEANUP(forge_findings_release) struct forge_findings findings = { 0 };
	struct forge_use use = use_of(&patient->project);
	struct error *err;

	found(patient, "forge", DIAGNOSIS_OK, "%s, %s", session->forge->name,
	      session->site.api);
	if (!session->forge->admin)
		return;
	err = session->forge->admin->probe(&findings, session->client, &use);
	add_findings(patient, &findings);
	if (err)
		found_error(patient, "forge", err);
	else if (!is_wrong(&findings))
		look_at_rules(patient, session);
}

struct error *look_at_forge(struct patient *patient)
{
	CLEANUP(loop_release) struct loop *loop = NULL;
	CLEANUP(forge_session_close)
	struct forge_session session = FORGE_SESSION_INIT;
	struct error *err;

	if (!patient->forge)
		return NULL;
	if (!patient->opened) {
		found(patient, "forge", DIAGNOSIS_BAD,
		      "it was not asked, as there is no base to work from")
			->fix = xstrdup("mend what is wrong above");
		return NULL;
	}
	look_at_remote(patient);
	loop = loop_new();
	err = forge_open(&session, &patient->project, loop);
	if (err)
		found_error(patient, "forge", err);
	else if (!session.forge)
		found(patient, "forge", DIAGNOSIS_OK, "local: branches only");
	else
		probe_forge(patient, &session);
	return NULL;
}

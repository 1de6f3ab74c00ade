/*
 * The deterministic judgement of a breakdown.  Most of it is what `validate`
 * finds in the documents that the answer would make; the rest is what only a
 * plan's beginning is held to.
 */
#include "gitops/layout.h"
#include "plans/gate.h"
#include "plans/planner-step.h"
#include "plans/validate.h"

#include <string.h>

static const char *id_of(const struct value *phase)
{
	return value_text(value_get(phase, "id"), "");
}

static const struct value *files_of(const struct value *phase, const char *kind)
{
	return value_get(value_get(phase, "files"), kind);
}

static size_t count(const struct value *list)
{
	return list ? list->count : 0;
}

static void check_size(struct findings *findings, const struct value *phase)
{
	size_t files = count(files_of(phase, "create")) +
		       count(files_of(phase, "modify")) +
		       count(files_of(phase, "delete"));

	if (!files)
		finding_hint(finding_add(findings, "no-files", NULL,
					 "phase '%s' touches no file",
					 id_of(phase)),
			     "name what it creates, modifies or deletes");
	if (files > MOST_PHASE_FILES)
		finding_hint(finding_add(findings, "too-many-files", NULL,
					 "phase '%s' names %zu files, more "
					 "than %d",
					 id_of(phase), files, MOST_PHASE_FILES),
			     "cut it into smaller phases");
}

static void check_texts(struct findings *findings, const struct value *phase)
{
	if (!count(value_get(phase, "acceptance")))
		finding_add(findings, "no-acceptance", NULL,
			    "phase '%s' has no acceptance criteria",
			    id_of(phase));
	if (!count(value_get(phase, "objectives")))
		finding_add(findings, "no-objectives", NULL,
			    "phase '%s' has no objectives", id_of(phase));
}

static void name_list(struct finding *finding, const struct strings *names)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	strings_join(&text, names, ", ");
	finding_hint(finding, "there are: %s", text.data);
}

static void check_names(struct findings *findings, const struct value *phase,
			const struct planning *p)
{
	const char *agent = value_text(value_get(phase, "agent"), "");
	struct finding *finding;

	if (!strings_has(&p->agents, agent)) {
		finding = finding_add(findings, "unknown-agent", NULL,
				      "phase '%s': '%s' is no agent that can "
				      "do a phase",
				      id_of(phase), agent);
		name_list(finding, &p->agents);
	}
	if (p->checks.len && !count(value_get(phase, "checks"))) {
		finding =
			finding_add(findings, "no-checks", NULL,
				    "phase '%s' names no check", id_of(phase));
		name_list(finding, &p->checks);
	}
}

static const struct value *find_row(const struct value *list, const char *id)
{
	VALUE_EACH(row, list)
	if (!strcmp(id_of(row), id))
		return row;
	return NULL;
}

static void check_ids(struct findings *findings, const struct value *phases)
{
	VALUE_EACH(phase, phases)
	{
		const char *id = id_of(phase);

		if (id_reserved(id))
			finding_add(findings, "reserved", NULL,
				    "no phase can be called '%s'", id);
		if (find_row(phases, id) != phase)
			finding_add(findings, "duplicate", NULL,
				    "two phases are called '%s'", id);
	}
}

/* Done, in review, or somebody works on it. */
static void check_kept(struct findings *findings, const struct value *list,
		       const char *what, const struct planning *p)
{
	VALUE_EACH(row, list)
	if (strings_has(&p->kept, id_of(row)))
		finding_add(findings, "kept", NULL,
			    "phase '%s' is kept and cannot be %s", id_of(row),
			    what);
}

static struct error *check_skipped(struct findings *findings,
				   const struct value *answer,
				   struct planning *p)
{
	VALUE_EACH(row, value_get(answer, "skip"))
	{
		CLEANUP(free_str)
		char *path = layout_phase_file(p->out->plan, id_of(row));
		enum file_mode mode;
		struct oid oid;

		TRY(tree_entry(&mode, &oid, p->project->repo, &p->tree, path));
		if (mode == MODE_NONE)
			finding_add(findings, "unknown-phase", NULL,
				    "there is no phase '%s' to skip",
				    id_of(row));
		if (find_row(value_get(answer, "phases"), id_of(row)))
			finding_add(findings, "skipped", NULL,
				    "phase '%s' is skipped and changed at once",
				    id_of(row));
	}
	return NULL;
}

static struct error *check_change(struct findings *findings,
				  const struct value *answer,
				  struct planning *p)
{
	const struct value *phases = value_get(answer, "phases");

	check_kept(findings, phases, "changed", p);
	check_kept(findings, value_get(answer, "skip"), "skipped", p);
	if (!count(phases) && !count(value_get(answer, "skip")))
		finding_add(findings, "no-change", NULL,
			    "nothing changes by this answer");
	return check_skipped(findings, answer, p);
}

/* How many phases say that they belong to a feature. */
static size_t phases_of(const struct value *phases, const char *feature)
{
	size_t n = 0;

	VALUE_EACH(phase, phases)
	n += !strcmp(value_text(value_get(phase, "feature"), ""), feature);
	return n;
}

static void check_features(struct findings *findings,
			   const struct value *phases, const struct planning *p)
{
	const struct value *known = value_get(p->synthesis.root, "features");

	VALUE_EACH(phase, phases)
	{
		const char *id = value_text(value_get(phase, "feature"), NULL);

		if (id && !find_row(known, id))
			finding_add(findings, "unknown-feature", NULL,
				    "phase '%s': there is no feature '%s'",
				    id_of(phase), id);
	}
	VALUE_EACH(row, value_get(p->workflow.root, "features"))
	{
		size_t n = phases_of(phases, id_of(row));
		int single = !strcmp(value_text(value_get(row, "mode"), ""),
				     "single");

		if (single ? n != 1 : n < 2)
			finding_add(findings, "workflow", NULL,
				    "feature '%s' was to be %s and %zu phase%s "
				    "it in 'feature'",
				    id_of(row),
				    single ? "one phase" : "broken down", n,
				    n == 1 ? " names" : "s name");
	}
}

static void check_number(struct findings *findings, const struct value *phases,
			 const struct planning *p)
{
	size_t n = count(phases);

	if (p->request->workflow == WORKFLOW_SINGLE && n != 1)
		finding_add(findings, "workflow", NULL,
			    "there are %zu phases, not one", n);
	else if (!n)
		finding_add(findings, "no-phases", NULL, "there is no phase");
	else if (n > MOST_PHASES)
		finding_add(findings, "too-many-phases", NULL,
			    "there are %zu phases, more than %d", n,
			    MOST_PHASES);
}

/* "phase 'x': " for what stands in its document. */
static void take_findings(struct findings *out, const struct findings *found,
			  const char *plan)
{
	CLEANUP(free_str) char *folder = xasprintf(".orch/plans/%s/", plan);

	FOR_EACH (struct finding, it, found) {
		const char *path = it->path ? it->path : "";
		const char *name = path + strlen(folder);
		struct finding *finding;

		if (it->note || strncmp(path, folder, strlen(folder)) != 0)
			continue;
		if (!strncmp(name, "phases/", 7))
			finding = finding_add(
				out, it->rule, NULL, "phase '%.*s': %s",
				(int)strlen(name) - 12, name + 7, it->message);
		else
			finding = finding_add(out, it->rule, NULL, "plan: %s",
					      it->message);
		finding->hint = xstrdup(it->hint);
	}
}

/* What the documents say when they are together. */
static struct error *check_documents(struct findings *findings,
				     const struct value *answer,
				     struct planning *p)
{
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;
	CLEANUP(plan_release) struct plan plan = { 0 };
	struct project *project = p->project;
	struct oid tree;
	size_t checked = 0;

	TRY(write_documents(&tree, p, answer));
	TRY(validate_tree(&checked, &found, project, &tree, p->out->plan));
	take_findings(findings, &found, p->out->plan);
	findings_release(&found);
	TRY(plan_read(&plan, project->repo, &tree, p->out->plan, &found));
	overlap_check(&plan, findings);
	FOR_EACH (struct phase, phase, &plan.phases)
		if (find_row(value_get(answer, "phases"), phase->id))
			TRY(gate_phase(phase, &project->config.policy,
				       findings));
	return NULL;
}

struct error *rules_phases(struct findings *findings,
			   const struct value *answer, struct planning *p)
{
	const struct value *phases = value_get(answer, "phases");

	check_ids(findings, phases);
	if (p->request->replan)
		TRY(check_change(findings, answer, p));
	else
		check_number(findings, phases, p);
	if (!p->request->replan)
		check_features(findings, phases, p);
	VALUE_EACH(phase, phases)
	{
		check_size(findings, phase);
		check_texts(findings, phase);
		check_names(findings, phase, p);
	}
	/* Without ids that name one file each there are no documents. */
	if (findings->len)
		return NULL;
	return check_documents(findings, answer, p);
}

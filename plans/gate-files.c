/*
 * The gates on what was declared and how much it is.
 *
 * Each kind of change has its own list: a phase that may create src/a.c may
 * not delete it.  One leniency: a path declared as created may turn out to be
 * there already and is then modified.
 */
#include "core/regex.h"
#include "plans/gate.h"

#include <string.h>

static const struct strings *list_for(const struct phase *phase,
				      enum change_kind kind)
{
	switch (kind) {
	case CHANGE_CREATE:
		return &phase->create;
	case CHANGE_DELETE:
		return &phase->del;
	default:
		return &phase->modify;
	}
}

static int matches(const struct strings *list, const char *path)
{
	CLEANUP(globs_release) struct globs *globs = NULL;
	struct error *err = globs_compile(&globs, list);
	int match = !err && globs_match(globs, path);

	/* A glob that does not compile is a finding of validate, not ours. */
	error_free(err);
	return match;
}

int gate_named(const struct phase *phase, const struct change *change)
{
	return matches(list_for(phase, change->kind), change->path) ||
	       (change->kind == CHANGE_MODIFY &&
		matches(&phase->create, change->path));
}

int gate_declared(const struct candidate *candidate,
		  const struct change *change)
{
	return gate_named(candidate->phase, change) ||
	       matches(&candidate->project->config.policy.always, change->path);
}

struct error *gate_files(const struct candidate *candidate,
			 struct findings *findings)
{
	const struct policy *policy = &candidate->project->config.policy;

	FOR_EACH (struct change, change, &candidate->changes) {
		struct finding *finding;

		if (gate_declared(candidate, change))
			continue;
		if (policy->files == FILES_EXTEND &&
		    matches(&policy->paths, change->path))
			continue;
		finding = finding_add(findings, "undeclared", NULL,
				      "'%s' is not among the files the phase "
				      "may %s",
				      change->path, change_name(change->kind));
		finding->path = xstrdup(change->path);
		finding_hint(finding, "declare it in the phase's files:, or "
				      "in policy.always");
	}
	return NULL;
}

/* A path that says by itself which file it is. */
static int is_plain(const char *path)
{
	return *path && !strpbrk(path, "*?[{\\") &&
	       path[strlen(path) - 1] != '/';
}

static struct error *judge_created(const struct candidate *candidate,
				   const char *path, struct findings *findings)
{
	const char *name = strncmp(path, "./", 2) != 0 ? path : path + 2;
	enum file_mode mode;
	struct oid oid;

	TRY(tree_entry(&mode, &oid, candidate->project->repo, &candidate->tree,
		       name));
	if (mode != MODE_NONE)
		return NULL;
	struct finding *finding =
		finding_add(findings, "not-created", NULL,
			    "'%s' was to be created and is not there", name);
	finding->path = xstrdup(name);
	finding_hint(finding, "create it");
	return NULL;
}

struct error *gate_done(const struct candidate *candidate,
			struct findings *findings)
{
	if (!candidate->changes.len)
		finding_hint(finding_add(findings, "no-change", NULL,
					 "nothing was changed"),
			     "do what the phase asks for");
	FOR_EACH (char *, path, &candidate->phase->create)
		if (is_plain(*path))
			TRY(judge_created(candidate, *path, findings));
	return NULL;
}

static struct error *judge_size(const struct candidate *candidate,
				const struct change *change,
				struct findings *findings)
{
	int64_t most = candidate->project->config.policy.max_file_bytes;
	size_t size = 0;

	if (change->kind == CHANGE_DELETE || change->new_mode == MODE_GITLINK)
		return NULL;
	TRY(blob_size(&size, candidate->project->repo, &change->new_oid));
	if ((int64_t)size <= most)
		return NULL;
	struct finding *finding =
		finding_add(findings, "file-size", NULL,
			    "'%s' has %zu bytes, more than the %lld allowed",
			    change->path, size, (long long)most);
	finding->path = xstrdup(change->path);
	finding_hint(finding, "policy.max_file_bytes sets the limit");
	return NULL;
}

struct error *gate_size(const struct candidate *candidate,
			struct findings *findings)
{
	int64_t most = candidate->project->config.policy.max_files;

	if ((int64_t)candidate->changes.len > most)
		finding_hint(finding_add(findings, "file-count", NULL,
					 "%zu files changed, more than the "
					 "%lld allowed",
					 candidate->changes.len,
					 (long long)most),
			     "split the phase, or raise policy.max_files");
	FOR_EACH (struct change, change, &candidate->changes)
		TRY(judge_size(candidate, change, findings));
	return NULL;
}

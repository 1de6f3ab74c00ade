/*
 * The path gate.  It is decided on trees, not on what a worker says it wrote:
 * whatever way a path came in, it is looked at here.
 *
 * Links are refused altogether: a link that is harmless today is a way out of
 * the tree for the next phase.
 */
#include "core/regex.h"
#include "plans/gate.h"

#include <string.h>

/* What can run something, hide something, or is ours. */
static const char *const protected_paths[] = {
	".gitmodules",
	"**/.gitmodules",
	".gitattributes",
	"**/.gitattributes",
	".orch/",
	".github/workflows/",
	".github/actions/",
	".gitlab-ci.yml",
	".circleci/",
	".husky/",
	".githooks/",
	".pre-commit-config.yaml",
	".pre-commit-hooks.yaml",
	"lefthook.yml",
	"lefthook.yaml",
};

static struct error *compile_protected(struct globs **out)
{
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;

	for (size_t i = 0; i < sizeof protected_paths / sizeof *protected_paths;
	     i++)
		strings_add(&list, protected_paths[i]);
	return globs_compile(out, &list);
}

static void add(struct findings *findings, const struct change *change,
		const char *rule, const char *message, const char *hint)
{
	struct finding *finding = finding_add(findings, rule, NULL, "'%s' %s",
					      change->path, message);

	finding->path = xstrdup(change->path);
	if (hint)
		finding_hint(finding, "%s", hint);
}

static void judge_kind(const struct change *change, struct findings *findings)
{
	if (change->new_mode == MODE_LINK)
		add(findings, change, "path-link", "is a symbolic link",
		    "write a file instead");
	if (change->new_mode == MODE_GITLINK ||
	    change->old_mode == MODE_GITLINK)
		add(findings, change, "path-submodule",
		    "is a submodule; phases do not change those", NULL);
}

/* Declared by name in files:, not merely matched by a wide glob. */
static struct error *declared(int *out, const struct phase *phase,
			      const char *path)
{
	const struct strings *lists[] = { &phase->create, &phase->modify,
					  &phase->del };

	*out = 0;
	for (size_t i = 0; i < 3 && !*out; i++) {
		CLEANUP(globs_release) struct globs *globs = NULL;

		TRY(globs_compile(&globs, lists[i]));
		*out = globs_match(globs, path);
	}
	return NULL;
}

static struct error *judge_protected(const struct candidate *candidate,
				     const struct change *change,
				     const struct globs *allowed,
				     struct findings *findings)
{
	int named = 0;

	TRY(declared(&named, candidate->phase, change->path));
	if (!named)
		add(findings, change, "path-protected",
		    "is protected and the phase does not declare it",
		    "declare it in the phase's files:");
	else if (!globs_match(allowed, change->path))
		add(findings, change, "path-protected",
		    "is protected and policy.protected does not allow it",
		    "name it in policy.protected in .orch/config.yaml");
	return NULL;
}

struct error *gate_paths(const struct candidate *candidate,
			 struct findings *findings)
{
	CLEANUP(globs_release) struct globs *guarded = NULL;
	CLEANUP(globs_release) struct globs *allowed = NULL;

	TRY(compile_protected(&guarded));
	TRY(globs_compile(&allowed,
			  &candidate->project->config.policy.protect_ok));
	FOR_EACH (struct change, change, &candidate->changes) {
		struct error *err = path_check(change->path);

		if (err) {
			add(findings, change, "path", err->message, NULL);
			error_free(err);
			continue;
		}
		judge_kind(change, findings);
		if (globs_match(guarded, change->path))
			TRY(judge_protected(candidate, change, allowed,
					    findings));
	}
	return NULL;
}

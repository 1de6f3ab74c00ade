/*
 * The path gate.  It is decided on trees, not on what a worker says it wrote:
 * whatever way a path came in, it is looked at here.
 *
 * Links are refused altogether: a link that is harmless today is a way out of
 * the tree for the next phase.
 */
#include "core/regex.h"
#include "core/utf8.h"
#include "plans/gate.h"

#include <ctype.h>
#include <string.h>

/*
 * What can run something, hide something, or is ours; matched against folded
 * paths.  The names with '~' are what NTFS calls the dotted ones for short.
 */
static const char *const protected_paths[] = {
	"**/.gitmodules",
	"**/gitmod~?",
	"**/.gitattributes",
	"**/gitatt~?",
	".orch/",
	"orch~?/",
	".github/workflows/",
	".github/actions/",
	".gitea/workflows/",
	".forgejo/workflows/",
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
	     i++) {
		const char *path = protected_paths[i];
		size_t len = strlen(path);

		strings_add(&list, path);
		/* A file, link or submodule in place of the folder. */
		if (path[len - 1] == '/')
			strings_take(&list, xstrndup(path, len - 1));
	}
	return globs_compile(out, &list);
}

/* The code points HFS+ leaves out of names. */
static int is_ignorable(uint32_t c)
{
	return (c >= 0x200c && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x206a && c <= 0x206f) || c == 0xfeff;
}

static void end_part(struct buf *out, size_t part)
{
	while (out->len > part && strchr(". ", out->data[out->len - 1]))
		buf_setlen(out, out->len - 1);
}

/*
 * What a path may come to be on a file system that ignores case (HFS+, NTFS),
 * some code points (HFS+), or dots, blanks and streams at the end of a part
 * (NTFS).
 */
static void fold_path(struct buf *out, const char *path)
{
	size_t left = strlen(path), part = 0, n;
	int stream = 0;

	for (; left; path += n, left -= n) {
		uint32_t c = 0;

		n = utf8_next(&c, path, left);
		n = n ? n : 1;
		if (*path == '/') {
			end_part(out, part);
			part = out->len + 1;
		}
		stream = *path != '/' && (stream || *path == ':');
		if (stream || is_ignorable(c))
			continue;
		if (n == 1)
			buf_ch(out, (char)tolower((unsigned char)*path));
		else
			buf_add(out, path, n);
	}
	end_part(out, part);
}

static int is_guarded(const struct globs *guarded, const char *path)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT;

	fold_path(&folded, path);
	return globs_match(guarded, path) || globs_match(guarded, folded.data);
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

static void judge_protected(const struct candidate *candidate,
			    const struct change *change,
			    const struct globs *allowed,
			    struct findings *findings)
{
	if (!gate_named(candidate->phase, change))
		add(findings, change, "path-protected",
		    "is protected and the phase does not declare it",
		    "declare it in the phase's files:");
	else if (!globs_match(allowed, change->path))
		add(findings, change, "path-protected",
		    "is protected and policy.protected does not allow it",
		    "name it in policy.protected in .orch/config.yaml");
}

/* The message names the path, with '?' for what cannot be printed. */
static void refuse(struct findings *findings, const struct change *change,
		   const struct error *err)
{
	struct finding *finding =
		finding_add(findings, "path", NULL, "%s", err->message);

	finding->path = xstrdup(change->path);
	finding_hint(finding, "%s", err->hint);
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
			refuse(findings, change, err);
			error_free(err);
			continue;
		}
		judge_kind(change, findings);
		if (is_guarded(guarded, change->path))
			judge_protected(candidate, change, allowed, findings);
	}
	return NULL;
}

static void add_declared(struct findings *findings, const struct phase *phase,
			 const char *path)
{
	finding_hint(finding_add(findings, "path-protected", NULL,
				 "phase '%s': '%s' is protected and "
				 "policy.protected does not allow it",
				 phase->id, path),
		     "leave it out, or name it in policy.protected in "
		     ".orch/config.yaml");
}

struct error *gate_phase(const struct phase *phase, const struct policy *policy,
			 struct findings *findings)
{
	const struct strings *lists[] = { &phase->create, &phase->modify,
					  &phase->del };
	CLEANUP(globs_release) struct globs *guarded = NULL;
	CLEANUP(globs_release) struct globs *allowed = NULL;

	TRY(compile_protected(&guarded));
	TRY(globs_compile(&allowed, &policy->protect_ok));
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		FOR_EACH (char *, path, lists[i])
			if (is_guarded(guarded, *path) &&
			    !globs_match(allowed, *path) &&
			    !strings_has(&policy->protect_ok, *path))
				add_declared(findings, phase, *path);
	return NULL;
}

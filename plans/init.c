/*
 * The start of .orch/.  All files are compared before the first is written,
 * so that a refusal leaves nothing half-done.
 */
#include "plans/init.h"

#include "core/embed.h"
#include "core/file.h"
#include "gitops/ref.h"
#include "gitops/workspace.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

/* Larger than any file that is written here. */
#define MOST_BYTES (1 << 20)

/* From templates/ to the working tree. */
static const struct {
	const char *template;
	const char *path;
} files[] = {
	{ "init/config.yaml", ".orch/config.yaml" },
	{ "schema/config.json", ".orch/schema/config.json" },
	{ "schema/plan.json", ".orch/schema/plan.json" },
	{ "schema/phase.json", ".orch/schema/phase.json" },
	{ "schema/prices.json", ".orch/schema/prices.json" },
};
#define N_FILES (sizeof files / sizeof *files)

void init_report_release(struct init_report *report)
{
	strings_release(&report->written);
	strings_release(&report->kept);
	free(report->base);
	*report = (struct init_report)INIT_REPORT_INIT;
}

static struct embed content(size_t i)
{
	struct embed file;

	if (!embed_find(&file, files[i].template))
		BUG("no template %s", files[i].template);
	return file;
}

/* Into written, kept or differ, by what is there. */
static struct error *compare(struct init_report *out, struct strings *differ,
			     const char *dir, size_t i)
{
	struct embed file = content(i);
	CLEANUP(free_str) char *full = path_join(dir, files[i].path);
	CLEANUP(buf_release) struct buf there = BUF_INIT;
	struct error *err = file_read(&there, full, MOST_BYTES);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		strings_add(&out->written, files[i].path);
	} else if (error_is(err, ERROR_INVALID)) {
		error_free(err);
		strings_add(differ, files[i].path);
	} else if (err) {
		return err;
	} else if (there.len == file.len &&
		   !memcmp(there.data, file.data, file.len)) {
		strings_add(&out->kept, files[i].path);
	} else {
		strings_add(differ, files[i].path);
	}
	return NULL;
}

static struct error *refuse(const struct strings *differ)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	strings_join(&names, differ, ", ");
	return error_hint(error_new(ERROR_FAILURE,
				    "%s would be overwritten: nothing was "
				    "written",
				    names.data),
			  "git orch init --force overwrites what differs");
}

static struct error *write_files(const struct init_report *out, const char *dir)
{
	for (size_t i = 0; i < N_FILES; i++) {
		struct embed file = content(i);
		CLEANUP(free_str) char *full = path_join(dir, files[i].path);

		if (strings_has(&out->written, files[i].path))
			TRY(file_write(full, file.data, file.len, FILE_PLAIN));
	}
	return NULL;
}

/* What was written comes from this binary: as a tree, trust can read it. */
static struct error *pin(struct project *project)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(trust_release) struct trust trust = TRUST_INIT;
	struct oid tree;

	TRY(workspace_open(&work, project->repo, &oid_zero));
	for (size_t i = 0; i < N_FILES; i++) {
		struct embed file = content(i);

		TRY(workspace_write(work, files[i].path, file.data, file.len,
				    MODE_FILE));
	}
	TRY(workspace_write_tree(&tree, work));
	TRY(trust_read(&trust, project, &tree));
	return trust_pin(&trust, project);
}

static const char *short_branch(const char *ref)
{
	static const char prefix[] = "refs/heads/";
	size_t len = strlen(prefix);

	return strncmp(ref, prefix, len) ? ref : ref + len;
}

static struct error *set_base(struct init_report *out, struct project *project)
{
	const char *asked = project->options.base;
	CLEANUP(free_str) char *head = NULL;
	struct error *err = NULL;
	struct oid tip = oid_zero;

	TRY(repo_head(&head, project->repo));
	if (head)
		TRY(ref_read_maybe(&tip, project->repo, head));
	out->unborn = head && oid_is_zero(&tip);
	if (!asked)
		err = repo_config(&out->base, project->repo, "orch.base");
	if (!asked && !error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	if (!asked && !head)
		return NULL;
	out->base = xstrdup(asked ? asked : short_branch(head));
	return repo_config_set(project->repo, "orch.base", out->base);
}

struct error *init_write(struct init_report *out, struct project *project,
			 int force)
{
	const char *dir = repo_work_dir(project->repo);
	CLEANUP(strings_release) struct strings differ = STRINGS_INIT;

	if (!dir)
		return error_hint(error_new(ERROR_FAILURE,
					    "a bare repository has no working "
					    "tree to write .orch/ into"),
				  "run git orch init in a clone and push");
	for (size_t i = 0; i < N_FILES; i++)
		TRY(compare(out, &differ, dir, i));
	if (differ.len && !force)
		return refuse(&differ);
	FOR_EACH (char *, path, &differ)
		strings_add(&out->written, *path);
	TRY(write_files(out, dir));
	TRY(pin(project));
	return set_base(out, project);
}

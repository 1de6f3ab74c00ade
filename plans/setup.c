/*
 * Setup steps: dependencies installed once per hash of what they depend on,
 * from the base, and lent to every worktree read-only.
 *
 * They run from the base and not from the source under test because they may
 * have the network: what a phase wrote must not choose what is downloaded.
 */
#include "core/file.h"
#include "core/regex.h"
#include "plans/check.h"

#include <stdlib.h>
#include <string.h>

/* One step and all that running it needs. */
struct step {
	struct project *project;
	const struct setup *setup;
	enum sandbox_level level;
	struct oid base; /* source of the base */
	char *folder; /* <cache>/setup/<hash> */
};

/* Adds path and blob of every file of a tree that the key globs match. */
static struct error *hash_keys(struct sha256 *hash, struct project *project,
			       const struct setup *setup,
			       const struct oid *tree)
{
	CLEANUP(globs_release) struct globs *globs = NULL;
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	TRY(globs_compile(&globs, &setup->key));
	TRY(workspace_open(&work, project->repo, tree));
	TRY(workspace_list(&paths, work, ""));
	FOR_EACH (char *, path, &paths) {
		enum file_mode mode;
		struct oid oid;

		if (!globs_match(globs, *path))
			continue;
		TRY(workspace_stat(&mode, &oid, work, *path));
		sha256_add(hash, *path, strlen(*path) + 1);
		sha256_add(hash, oid.id, sizeof oid.id);
	}
	return NULL;
}

static struct error *key_of(char hex[SHA256_HEX], struct project *project,
			    const struct setup *setup, const struct oid *tree)
{
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, setup->name, strlen(setup->name) + 1);
	sha256_add(&hash, setup->run, strlen(setup->run) + 1);
	FOR_EACH (char *, folder, &setup->keep)
		sha256_add(&hash, *folder, strlen(*folder) + 1);
	TRY(hash_keys(&hash, project, setup, tree));
	sha256_hex(&hash, hex);
	return NULL;
}

static struct error *failed(const struct setup *setup,
			    const struct proc_result *result,
			    const struct buf *output)
{
	CLEANUP(buf_release) struct buf how = BUF_INIT;
	size_t from = output->len > 2000 ? output->len - 2000 : 0;

	proc_describe(&how, result);
	return error_hint(error_new(ERROR_NO, "setup '%s' failed: %s",
				    setup->name, how.data),
			  "%s", output->data + from);
}

/* Moves what the step made out of the worktree, into folder.tmp. */
static struct error *keep_folders(const struct step *step, const char *from,
				  const char *to)
{
	TRY(file_mkdirs(to));
	FOR_EACH (char *, name, &step->setup->keep) {
		CLEANUP(free_str) char *source = path_join(from, *name);
		CLEANUP(free_str) char *target = path_join(to, *name);

		if (!file_exists(source))
			return error_hint(
				error_new(ERROR_NO, "setup '%s' made no '%s'",
					  step->setup->name, *name),
				"its keep: names folders that run: makes");
		TRY(file_move(source, target));
	}
	return NULL;
}

static struct error *run_in(const struct step *step, struct worktree *worktree)
{
	CLEANUP(buf_release) struct buf output = BUF_INIT;
	struct proc_result result;
	struct command command = {
		.name = step->setup->name,
		.run = step->setup->run,
		.timeout = step->setup->timeout,
		.network = step->setup->network,
		.level = step->level,
	};

	TRY(worktree_checkout(worktree, step->project->repo, &step->base));
	proc_result_init(&result);
	struct error *err =
		check_run(&result, &output, step->project, worktree, &command);
	if (!err && (result.end != PROC_EXITED || result.exit))
		err = failed(step->setup, &result, &output);
	proc_result_release(&result);
	return err;
}

/* Into a folder beside the final one, which appears by one rename. */
static struct error *run_step(const struct step *step)
{
	CLEANUP(worktree_release) struct worktree worktree = WORKTREE_INIT;
	CLEANUP(free_str) char *making = xasprintf("%s.tmp", step->folder);

	if (step->project->progress)
		progress_note(step->project->progress, "setup %s",
			      step->setup->name);
	TRY(file_remove_tree(making));
	TRY(worktree_acquire(&worktree, step->project->repo));
	TRY(run_in(step, &worktree));
	TRY(keep_folders(step, worktree.path, making));
	return file_move(making, step->folder);
}

/* The step's folder is there, made now if need be; one maker at a time. */
static struct error *ensure(const struct step *step)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *name = xasprintf("%s.lock", step->folder);

	if (file_is_dir(step->folder))
		return NULL;
	TRY(file_lock(&lock, name, 1));
	if (file_is_dir(step->folder))
		return NULL;
	return run_step(step);
}

static struct error *provide(struct strings *binds, const struct step *step)
{
	TRY(ensure(step));
	FOR_EACH (char *, name, &step->setup->keep) {
		strings_take(binds, path_join(step->folder, *name));
		strings_addf(binds, "%s/%s", SANDBOX_WORK, *name);
	}
	return NULL;
}

static struct error *one(struct strings *binds, struct project *project,
			 const struct setup *setup, const struct oid *source,
			 enum sandbox_level level, struct findings *findings)
{
	struct step step = { project, setup, level, { { 0 } }, NULL };
	char hex[SHA256_HEX], changed[SHA256_HEX];
	CLEANUP(free_str) char *cache = NULL;

	TRY(tree_without(&step.base, project->repo, &project->base.tree,
			 ".orch"));
	TRY(key_of(hex, project, setup, &step.base));
	TRY(key_of(changed, project, setup, source));
	if (strcmp(hex, changed) != 0) {
		if (project->config.policy.setup_refuse) {
			finding_hint(
				finding_add(findings, "setup-changed", NULL,
					    "the phase changed what setup '%s' "
					    "depends on",
					    setup->name),
				"land that change by itself first, or set "
				"policy.setup_on_change: run");
			return NULL;
		}
		step.base = *source;
		memcpy(hex, changed, sizeof hex);
	}
	TRY(worktree_cache_dir(&cache, project->repo));
	CLEANUP(free_str) char *folder = xasprintf("%s/setup/%s", cache, hex);
	step.folder = folder;
	return provide(binds, &step);
}

struct error *setup_provide(struct strings *binds, struct project *project,
			    const struct plan *plan, const struct oid *source,
			    enum sandbox_level level, struct findings *findings)
{
	const struct setup_list *lists[] = { &project->config.setup,
					     &plan->setup };

	for (size_t i = 0; i < 2; i++)
		FOR_EACH (struct setup, setup, lists[i]) {
			if (!findings->len)
				TRY(one(binds, project, setup, source, level,
					findings));
		}
	return NULL;
}

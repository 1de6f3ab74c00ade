/*
 * One command in the sandbox.  A check sees the source at a fixed path and
 * prints what is the same everywhere, so that its digest can be compared.
 */
#include "plans/check.h"

#include <stdlib.h>
#include <string.h>

const struct check *check_find(const struct project *project,
			       const struct plan *plan, const char *name)
{
	const struct check *check = config_check(&project->config, name);

	if (check)
		return check;
	FOR_EACH (struct check, row, &plan->checks)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

struct error *check_level(enum sandbox_level *out,
			  const struct project *project)
{
	struct sandbox_probe probe = { 0 };
	struct error *err = NULL;

	if (project->config.policy.sandbox == SANDBOX_NONE) {
		*out = SANDBOX_OFF;
		return NULL;
	}
	sandbox_probe(&probe);
	if (project->config.policy.sandbox == SANDBOX_REQUIRED &&
	    probe.best != SANDBOX_BWRAP)
		err = error_hint(error_new(ERROR_REFUSED,
					   "the sandbox is required and cannot "
					   "be had: %s",
					   probe.cause),
				 "%s", probe.fix);
	else
		*out = probe.best;
	sandbox_probe_release(&probe);
	return err;
}

/* Skips one escape sequence (ECMA-48 CSI, OSC and two-byte ones). */
static size_t escape_len(const char *text, size_t len)
{
	size_t i = 2;

	if (len < 2)
		return len;
	if (text[1] == '[') {
		while (i < len && (text[i] < 0x40 || text[i] > 0x7e))
			i++;
		return i < len ? i + 1 : len;
	}
	if (text[1] == ']') {
		while (i < len && text[i] != '\a' && text[i] != '\033')
			i++;
		return i < len ? i + 1 : len;
	}
	return 2;
}

void check_normalise(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		if (text[i] == '\033') {
			i += escape_len(text + i, len - i);
			continue;
		}
		if (text[i] != '\r' && text[i] != '\0')
			buf_ch(out, text[i]);
		i++;
	}
}

/*
 * Where nothing is mounted a command sees the worktree's own path, which is
 * another one on each machine and in each slot.
 */
static void hide_path(struct buf *text, const char *path)
{
	size_t len = strlen(path), from = 0;
	const char *at;

	while ((at = memmem(text->data + from, text->len - from, path, len))) {
		size_t start = (size_t)(at - text->data);

		buf_splice(text, start, len, SANDBOX_WORK,
			   strlen(SANDBOX_WORK));
		from = start + strlen(SANDBOX_WORK);
	}
}

static void fill_sandbox(struct sandbox *sandbox, struct project *project,
			 const struct worktree *worktree,
			 const struct command *command)
{
	const struct policy *policy = &project->config.policy;

	sandbox->level = command->level;
	sandbox->network = command->network;
	sandbox->work = worktree->path;
	sandbox->memory = policy->memory;
	sandbox->processes = policy->processes;
	strings_add(&sandbox->readonly, repo_common_dir(project->repo));
	FOR_EACH (char *, path, &policy->readable)
		strings_add(&sandbox->readonly, *path);
	FOR_EACH (char *, path, &command->binds)
		strings_add(&sandbox->binds, *path);
}

struct error *check_run(struct proc_result *result, struct buf *output,
			struct project *project,
			const struct worktree *worktree,
			const struct command *command)
{
	CLEANUP(sandbox_release) struct sandbox sandbox = { 0 };
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(strings_release) struct strings argv = STRINGS_INIT;

	strings_addv(&argv, "sh", "-c", command->run, NULL);
	fill_sandbox(&sandbox, project, worktree, command);
	TRY(sandbox_wrap(&spec, &sandbox, &argv));
	spec.wall_ms = command->timeout * 1000;
	spec.max_output = CHECK_OUTPUT;
	spec.keep_tail = 1;
	spec.merge_stderr = 1;
	spec.tick = project->tick;
	/* The worktree is another's as soon as we are killed. */
	spec.die_with_us = 1;
	TRY(error_wrap(proc_run(result, &spec), "check '%s'", command->name));
	check_normalise(output, result->out.data, result->out.len);
	hide_path(output, worktree->path);
	return NULL;
}

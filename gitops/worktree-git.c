/* Git in a slot of the pool, by its administrative folder. */
#include "gitops/git.h"
#include "gitops/worktree-admin.h"

/*
 * A sparse checkout of the user's is inherited by new worktrees, and who
 * worked in there may have put times back.
 */
static void add_exactness(struct strings *args)
{
	strings_addv(args, "-c", "core.sparseCheckout=false", "-c",
		     "core.trustctime=true", "-c", "core.checkStat=default",
		     "-c", "core.ignoreStat=false", "-c", "core.safecrlf=false",
		     NULL);
}

struct error *slot_git(struct buf *out, struct repo *repo,
		       const struct slot_call *slot, const char *const *words)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;

	call.dir = slot->path;
	call.git_dir = slot->admin;
	call.overrides = slot->overrides;
	call.input = slot->input;
	call.input_len = slot->input_len;
	add_exactness(&call.args);
	for (; *words; words++)
		strings_add(&call.args, *words);
	proc_result_init(&result);
	TRY(git_call(&result, repo, &call));
	if (result.end != PROC_EXITED || result.exit)
		return git_failure(&call, &result);
	if (out)
		buf_add(out, result.out.data, result.out.len);
	return NULL;
}

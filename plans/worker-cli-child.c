/*
 * A coding agent as a child in a pooled worktree: started, listened to, ended.
 *
 * It is over when it has said its last word, not when it has exited: these
 * programs leave servers and watchers behind.  A moment later the group is
 * killed, and whatever had left the group, at every level of the sandbox.
 */
#include "core/file.h"
#include "gitops/worktree.h"
#include "plans/check.h"
#include "plans/worker-cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINGER_MS   3000
#define KEPT_OUTPUT (4u << 20) /* for the log */
#define MOST_OUTPUT (256u << 20)
#define MOST_TAIL   2000

struct child {
	struct cli_run *run;
	struct loop *loop;
	struct proc *proc; /* NULL: it is over */
	struct proc_result result;
	struct cli_events events;
	size_t total;
	int flooded;
	int timer; /* after the last word; 0: none */
};

static void child_release(struct child *child)
{
	proc_result_release(&child->result);
	cli_events_release(&child->events);
}

static struct error *on_linger(struct loop *loop, void *data)
{
	struct child *child = data;

	(void)loop;
	child->timer = 0;
	proc_kill(child->proc);
	return NULL;
}

/* More than one last word may come: of a turn that is followed by another. */
static void watch_end(struct child *child)
{
	if (child->timer)
		loop_cancel(child->loop, child->timer);
	child->timer = 0;
	if (child->events.finished)
		child->timer =
			loop_timer(child->loop, LINGER_MS, on_linger, child);
}

static void on_output(void *data, int is_stderr, const char *bytes, size_t len)
{
	struct child *child = data;

	child->total += len;
	if (child->total > MOST_OUTPUT && !child->flooded && child->proc) {
		child->flooded = 1;
		proc_kill(child->proc);
	}
	if (is_stderr)
		return;
	cli_events_feed(&child->events, bytes, len);
	if (child->proc)
		watch_end(child);
}

static struct error *on_done(struct loop *loop, struct proc *proc,
			     struct proc_result *result, void *data)
{
	struct child *child = data;

	(void)proc;
	if (child->timer)
		loop_cancel(loop, child->timer);
	child->timer = 0;
	child->proc = NULL;
	child->result = *result;
	proc_result_init(result);
	cli_events_end(&child->events);
	loop_stop(loop);
	return NULL;
}

static struct error *run_child(struct child *child,
			       const struct proc_spec *spec)
{
	struct error *err = NULL;

	TRY(proc_start(&child->proc, child->loop, spec, on_done, child));
	while (child->proc && !err)
		err = loop_run(child->loop);
	if (child->proc) {
		proc_kill(child->proc);
		error_free(loop_drain(child->loop));
	}
	return err;
}

/* On the caller's loop, if there is one: what else waits there goes on. */
static struct error *start(struct child *child, struct proc_spec *spec)
{
	struct cli_run *run = child->run;
	const struct agent *agent = run->task->agent;
	struct caller *caller = run->task->caller;
	CLEANUP(loop_release) struct loop *own = NULL;

	child->loop = caller ? caller->loop : NULL;
	if (!child->loop)
		child->loop = own = loop_new();
	spec->input = run->prompt.data;
	spec->input_len = run->prompt.len;
	spec->wall_ms = agent->timeout * 1000;
	spec->idle_ms = agent->idle_timeout * 1000;
	spec->max_output = KEPT_OUTPUT;
	spec->keep_tail = 1;
	/*
	 * Whoever is killed gives its worktree to the next one: nobody must go
	 * on in there.
	 */
	spec->die_with_us = 1;
	spec->end_orphans = 1;
	spec->on_output = on_output;
	spec->on_output_data = child;
	return error_wrap(run_child(child, spec), "agent '%s'", agent->name);
}

static struct error *redact(struct buf *out, const struct cli_run *run,
			    const char *text, size_t len)
{
	const struct caller *caller = run->task->caller;

	if (caller && caller->secrets)
		return secrets_redact(out, caller->secrets, text, len);
	buf_add(out, text, len);
	return NULL;
}

/* What it said is for people to look at; nothing here relies on it. */
static void keep_log(const struct child *child)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct buf *out = &child->result.out;
	const struct cli_run *run = child->run;

	error_free(redact(&text, run, out->data, out->len));
	if (text.len && run->log)
		error_free(file_write(run->log, text.data, text.len,
				      FILE_PRIVATE));
}

/* The end of what it wrote for people. */
static char *last_words(const struct child *child)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf plain = BUF_INIT;
	const struct buf *from =
		child->result.err.len ? &child->result.err : &child->result.out;

	error_free(redact(&text, child->run, from->data, from->len));
	check_normalise(&plain, text.data, text.len);
	const char *end = plain.data + plain.len;
	const char *at = plain.len > MOST_TAIL ? end - MOST_TAIL : plain.data;
	while (at < end && ((unsigned char)*at & 0xc0) == 0x80)
		at++;
	return printable_text(at, end);
}

/* What the service said, by what the user may do about it. */
static struct error *service_failed(const struct child *child)
{
	const struct cli_events *events = &child->events;
	const char *name = child->run->task->agent->name;
	CLEANUP(buf_release) struct buf why = BUF_INIT;
	enum error_code code = ERROR_NO;

	TRY(redact(&why, child->run, events->why, strlen(events->why)));
	for (char *c = why.data; why.len && *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	if (events->status == 401 || events->status == 403)
		code = ERROR_FAILURE;
	else if (events->status == 429 || events->status >= 500)
		code = ERROR_AGAIN;
	struct error *err =
		error_new(code, "agent '%s': %.400s", name, why.data);
	if (code == ERROR_FAILURE)
		return error_hint(err, "give it a key that is good: see env: "
				       "and provider: of the agent");
	return err;
}

static struct error *died(const struct child *child)
{
	CLEANUP(buf_release) struct buf how = BUF_INIT;
	CLEANUP(free_str) char *tail = last_words(child);
	const struct proc_result *result = &child->result;
	const char *name = child->run->task->agent->name;
	int absent = result->end == PROC_EXITED &&
		     (result->exit == 126 || result->exit == 127) &&
		     !child->events.taken;

	if (child->flooded)
		buf_addf(&how, "it wrote more than %u MiB", MOST_OUTPUT >> 20);
	else
		proc_describe(&how, result);
	struct error *err =
		absent ? error_new(ERROR_FAILURE,
				   "agent '%s' cannot be run (%s)", name,
				   how.data)
		       : error_new(ERROR_NO, "agent '%s' did not finish: %s",
				   name, how.data);
	return tail && *tail ? error_hint(err, "%s", tail) : err;
}

/* By what it said; its exit counts only where it says nothing. */
static struct error *judge(const struct child *child)
{
	const struct cli_events *events = &child->events;
	const struct proc_result *result = &child->result;

	if (events->failed)
		return service_failed(child);
	if (events->finished)
		return NULL;
	if (!events->take && result->end == PROC_EXITED && !result->exit)
		return NULL;
	return died(child);
}

/* Without mounts, links stand where setup's folders are to be seen. */
static void unlink_binds(const struct strings *binds,
			 const struct worktree *worktree)
{
	for (size_t i = 0; i + 1 < binds->len; i += 2) {
		const char *below =
			binds->items[i + 1] + strlen(SANDBOX_WORK "/");
		CLEANUP(free_str) char *path = path_join(worktree->path, below);
		struct stat st;

		if (!lstat(path, &st) && S_ISLNK(st.st_mode))
			unlink(path);
	}
}

/* The files as a tree, with .orch as it was. */
static struct error *harvest(struct oid *out, const struct cli_run *run,
			     struct worktree *worktree)
{
	struct project *project = run->task->project;
	const struct worktree_most most = {
		.files = (size_t)project->config.policy.max_files,
		.bytes = (size_t)project->config.policy.max_file_bytes,
	};
	struct oid tree, none = oid_zero;

	TRY(worktree_tree(&tree, worktree, project->repo, &most));
	if (oid_equal(&tree, &run->source)) {
		*out = none;
		return NULL;
	}
	return tree_with_from(out, project->repo, &tree, ".orch", &run->begin);
}

/* What an event says, fit for the journal. */
static struct error *take_text(char **out, const struct cli_run *run,
			       const char *text, size_t len)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT;

	if (!text)
		return NULL;
	TRY(redact(&clean, run, text, len));
	*out = printable_text(clean.data, clean.data + clean.len);
	return NULL;
}

static struct error *take_name(char **out, const struct cli_run *run,
			       const char *name)
{
	return take_text(out, run, name, name ? strlen(name) : 0);
}

static struct error *fill(struct cli_outcome *out, const struct child *child)
{
	const struct cli_events *events = &child->events;
	const struct cli_run *run = child->run;

	TRY(take_text(&out->answer, run, events->answer.data,
		      events->answer.len));
	TRY(take_name(&out->session, run, events->session));
	TRY(take_name(&out->model, run, events->model));
	out->usage = events->usage;
	out->micros = events->micros;
	out->failed = judge(child);
	return NULL;
}

/* What was left is kept also of a run that failed, if it can be. */
static struct error *conclude(struct cli_outcome *out, struct child *child,
			      const struct strings *binds,
			      struct worktree *worktree)
{
	keep_log(child);
	TRY(fill(out, child));
	unlink_binds(binds, worktree);
	struct error *err = harvest(&out->tree, child->run, worktree);
	if (out->failed && !error_is(err, ERROR_INTERRUPT)) {
		error_free(err);
		return NULL;
	}
	if (error_is(err, ERROR_NO)) {
		out->failed = err;
		return NULL;
	}
	return err;
}

static struct error *run_in(struct cli_outcome *out, struct cli_run *run,
			    struct worktree *worktree, const char *home)
{
	CLEANUP(strings_release) struct strings binds = STRINGS_INIT;
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(child_release) struct child child = { .run = run };
	struct project *project = run->task->project;

	proc_result_init(&child.result);
	cli_events_init(&child.events, run->profile->take);
	/* What may not be set up for this source is done without. */
	TRY(setup_provide(&binds, project, run->task->plan, &run->source,
			  run->level, &findings));
	TRY(worktree_checkout(worktree, project->repo, &run->source));
	TRY(cli_box(&spec, &binds, run, worktree, home));
	TRY(start(&child, &spec));
	return conclude(out, &child, &binds, worktree);
}

struct error *cli_child(struct cli_outcome *out, struct cli_run *run)
{
	CLEANUP(worktree_release) struct worktree worktree = WORKTREE_INIT;
	CLEANUP(free_str) char *cache = NULL;
	struct repo *repo = run->task->project->repo;

	TRY(worktree_acquire(&worktree, repo));
	TRY(worktree_cache_dir(&cache, repo));
	/* Guarded by the slot's lock; nowhere near a temporary folder. */
	CLEANUP(free_str)
	char *home = xasprintf("%s/home/%d", cache, worktree.slot);
	struct error *err = run_in(out, run, &worktree, home);
	error_free(file_remove_tree(home));
	return err;
}

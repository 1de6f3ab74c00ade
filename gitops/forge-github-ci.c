/*
 * What CI says of a commit: check runs, which Apps make, and statuses, which
 * anybody may set who may push.  Runs come by suite: of one name and one App
 * the newest counts, as it does for branch protection.
 */
#include "gitops/forge-github-step.h"
#include "gitops/forge-review.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAME    200 /* characters: a matrix job names its values */
#define MAX_SUMMARY 200
/* A matrix that is red altogether says the same in each. */
#define MAX_LOGS 20
/* More than any model reads of one failure. */
#define MAX_LOG_BYTES ((size_t)1 << 20)

struct run {
	struct ci_check check;
	int64_t id;
	char *app; /* "" for a status */
	char *output; /* what its App says at length */
};
struct runs {
	struct run *items;
	size_t len, cap;
	const char *not_ours;
};

static void run_release(struct run *run)
{
	struct ci_checks one = { 0 };

	*PUSH(&one) = run->check;
	ci_checks_release(&one);
	free(run->app);
	free(run->output);
}

static void runs_release(struct runs *runs)
{
	FOR_EACH (struct run, it, runs)
		run_release(it);
	free(runs->items);
}

static int is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return 1;
	return 0;
}

/* A word that is new is not taken for a good one. */
static enum mark mark_of_run(const struct value *run)
{
	static const char *const good[] = { "success", "neutral", "skipped",
					    NULL };
	static const char *const bad[] = { "failure",         "timed_out",
					   "cancelled",       "action_required",
					   "startup_failure", NULL };
	const char *status = value_text(value_get(run, "status"), "");
	const char *end = value_text(value_get(run, "conclusion"), "");

	if (strcmp(status, "completed") != 0)
		return MARK_PENDING;
	return is_one_of(end, good)  ? MARK_SUCCESS
	       : is_one_of(end, bad) ? MARK_FAILURE
				     : MARK_ERROR;
}

static enum mark mark_of_status(const char *state)
{
	return !strcmp(state, "pending")   ? MARK_PENDING
	       : !strcmp(state, "success") ? MARK_SUCCESS
	       : !strcmp(state, "failure") ? MARK_FAILURE
					   : MARK_ERROR;
}

static char *line_of(const char *text, size_t characters)
{
	struct buf out = BUF_INIT;

	add_line(&out, text, characters);
	return buf_steal(&out);
}

/* In its own words, else how it ended where that says more than "failure". */
static char *summary_of(const struct value *run, enum mark mark)
{
	const char *end = value_text(value_get(run, "conclusion"), "");
	char *line = line_of(value_text(value_path(run, "output.title"), ""),
			     MAX_SUMMARY);

	if (!*line) {
		free(line);
		line = line_of(
			value_text(value_path(run, "output.summary"), ""),
			MAX_SUMMARY);
	}
	if (!*line && mark != MARK_SUCCESS && strcmp(end, "failure") != 0) {
		free(line);
		line = line_of(end, MAX_SUMMARY);
	}
	return line;
}

static char *output_of(const struct value *run)
{
	const char *summary = value_text(value_path(run, "output.summary"), "");
	const char *text = value_text(value_path(run, "output.text"), "");
	struct buf out = BUF_INIT;

	add_clean(&out, summary, strlen(summary));
	if (*summary && *text)
		buf_str(&out, "\n\n");
	add_clean(&out, text, strlen(text));
	return buf_steal(&out);
}

static int is_left_out(const struct runs *runs, const char *name)
{
	const char *prefix = runs->not_ours;

	return prefix && *prefix && !strncmp(name, prefix, strlen(prefix));
}

/* Its place: that of an older one of the same; NULL: there is a newer one. */
static struct run *place_of(struct runs *runs, const char *name,
			    const char *app, int64_t id)
{
	FOR_EACH (struct run, it, runs) {
		if (strcmp(it->check.name, name) || strcmp(it->app, app))
			continue;
		if (it->id > id)
			return NULL;
		run_release(it);
		*it = (struct run){ 0 };
		return it;
	}
	return PUSH(runs);
}

static struct error *add_run(const struct value *item, void *data)
{
	struct runs *runs = data;
	const char *app = value_text(value_path(item, "app.slug"), "?");
	const char *raw = "", *status = "";
	CLEANUP(free_str) char *name = NULL;
	struct run *run;
	int64_t id = 0;

	TRY(read_id(&id, item, "id"));
	TRY(read_text(&raw, item, "name"));
	TRY(read_text(&status, item, "status"));
	if (is_left_out(runs, raw))
		return NULL;
	name = line_of(raw, MAX_NAME);
	run = place_of(runs, name, app, id);
	if (!run)
		return NULL;
	run->id = id;
	run->app = xstrdup(app);
	run->check.name = xstrdup(name);
	run->check.mark = mark_of_run(item);
	run->check.summary = summary_of(item, run->check.mark);
	run->check.url = xstrdup(read_link(item, "html_url"));
	run->output = output_of(item);
	return NULL;
}

static struct error *add_status(const struct value *item, void *data)
{
	struct runs *runs = data;
	const char *raw = "", *state = "";
	CLEANUP(free_str) char *name = NULL;
	struct run *run;
	int64_t id = 0;

	TRY(read_id(&id, item, "id"));
	TRY(read_text(&raw, item, "context"));
	TRY(read_text(&state, item, "state"));
	if (is_left_out(runs, raw))
		return NULL;
	name = line_of(raw, MAX_NAME);
	run = place_of(runs, name, "", id);
	if (!run)
		return NULL;
	run->id = id;
	run->app = xstrdup("");
	run->check.name = xstrdup(name);
	run->check.mark = mark_of_status(state);
	run->check.summary = line_of(
		value_text(value_get(item, "description"), ""), MAX_SUMMARY);
	run->check.url = xstrdup(read_link(item, "target_url"));
	run->output = xstrdup("");
	return NULL;
}

/* The job of a check run of Actions has the same number. */
static struct error *add_log(struct run *run, struct forge_client *client,
			     size_t bytes)
{
	if (!strcmp(run->app, "github-actions"))
		TRY(github_job_log(&run->check.log, client, run->id, bytes));
	if (!run->check.log && *run->output)
		run->check.log = xstrdup(tail_of(run->output, bytes));
	return NULL;
}

static struct error *add_logs(struct runs *runs, struct forge_client *client,
			      size_t bytes)
{
	int left = MAX_LOGS;

	FOR_EACH (struct run, it, runs)
		if (it->check.mark >= MARK_FAILURE && *it->app && left-- > 0)
			TRY(add_log(it, client, bytes));
	return NULL;
}

static struct error *read_all(struct runs *runs, struct forge_client *client,
			      const char *oid, size_t log_bytes)
{
	CLEANUP(free_str)
	char *check_runs = github_path(
		client, "/commits/%s/check-runs?filter=latest&per_page=100",
		oid);
	CLEANUP(free_str)
	char *status =
		github_path(client, "/commits/%s/status?per_page=100", oid);

	TRY(github_pages_in(client, check_runs, "check_runs", add_run, runs));
	TRY(github_pages_in(client, status, "statuses", add_status, runs));
	if (log_bytes > MAX_LOG_BYTES)
		log_bytes = MAX_LOG_BYTES;
	return log_bytes ? add_logs(runs, client, log_bytes) : NULL;
}

struct error *github_checks(struct ci_checks *out, struct forge_client *client,
			    const char *oid, const char *not_ours,
			    size_t log_bytes)
{
	CLEANUP(runs_release) struct runs runs = { .not_ours = not_ours };

	TRY(error_wrap(read_all(&runs, client, oid, log_bytes),
		       "cannot read the checks of %.12s", oid));
	*out = (struct ci_checks){ 0 };
	FOR_EACH (struct run, it, &runs) {
		*PUSH(out) = it->check;
		it->check = (struct ci_check){ 0 };
	}
	return NULL;
}

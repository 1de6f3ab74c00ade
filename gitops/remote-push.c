/*
 * A push is not over when git says it failed: the server may have taken it
 * and the answer was lost, or somebody held a lock.  Then the remote's refs are
 * looked at, and only what still stands as expected is pushed again.
 *
 * The source of a refspec is "<id>^{object}": a bare id would be taken for a
 * tag of that name first.
 */
#include "gitops/remote-report.h"

#include "gitops/remote-track.h"

#include <stdlib.h>
#include <string.h>

void push_release(struct push *push)
{
	FOR_EACH (struct push_ref, ref, &push->refs)
		free_str(&ref->ref);
	free(push->refs.items);
	*push = (struct push){ .remote = NULL };
}

void push_add(struct push *push, const char *ref, const struct oid *to,
	      const struct oid *expected)
{
	struct push_ref *item = PUSH(&push->refs);

	if (oid_is_zero(to) && oid_is_zero(expected))
		BUG("'%s' is not there and is not to be there", ref);
	item->ref = xstrdup(ref);
	item->to = *to;
	item->expected = *expected;
}

static int is_name(const char *ref)
{
	for (const char *c = ref; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f ||
		    strchr(":~^?*[\\", *c))
			return 0;
	return !strncmp(ref, "refs/", strlen("refs/")) && !strstr(ref, "..") &&
	       !strstr(ref, "//") && !strstr(ref, "@{") &&
	       ref[strlen(ref) - 1] != '/';
}

static struct error *check_names(const struct push *push)
{
	for (size_t i = 0; i < push->refs.len; i++) {
		const char *name = push->refs.items[i].ref;

		if (!is_name(name))
			return error_new(ERROR_INVALID,
					 "'%s' is no name for a ref", name);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(name, push->refs.items[k].ref))
				return error_new(ERROR_INVALID,
						 "ref '%s' is pushed twice",
						 name);
	}
	return NULL;
}

/* Where "<from>:<to>" leads is behind the colon. */
static int is_ours(const char *refspec)
{
	const char *to = strchr(refspec, ':');

	return !to || !to[1] ||
	       !strncmp(to + 1, "refs/remotes/", strlen("refs/remotes/")) ||
	       !strncmp(to + 1, "refs/orch-remotes/",
			strlen("refs/orch-remotes/")) ||
	       !strncmp(to + 1, "refs/tags/", strlen("refs/tags/"));
}

/* After a push git moves what this maps the pushed refs to, unasked. */
static struct error *check_mapping(const struct repo *repo, const char *remote)
{
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;
	CLEANUP(free_str) char *key = xasprintf("remote.%s.fetch", remote);

	TRY(repo_config_list(&rows, repo, key));
	for (size_t i = 0; i + 2 < rows.len; i += 3)
		if (!strcmp(rows.items[i], key) && !is_ours(rows.items[i + 1]))
			return error_hint(
				error_new(ERROR_REFUSED,
					  "what is pushed to remote '%s' would "
					  "move '%s' here, too",
					  remote,
					  strchr(rows.items[i + 1], ':') + 1),
				"work in a clone that is no mirror, or change "
				"%s",
				key);
	return NULL;
}

/* Where the hooks are, as git finds them. */
static struct error *hooks_path(char **out, const struct repo *repo)
{
	CLEANUP(free_str) char *path = NULL;
	struct error *err = repo_config(&path, repo, "core.hooksPath");

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		*out = path_join(repo_common_dir(repo), "hooks");
		return NULL;
	}
	if (err)
		return err;
	*out = *path == '/' || *path == '~' || !repo_work_dir(repo)
		       ? xstrdup(path)
		       : path_join(repo_work_dir(repo), path);
	return NULL;
}

static struct error *add_hooks(struct git_call *call, const struct repo *repo)
{
	CLEANUP(free_str) char *path = NULL;

	TRY(hooks_path(&path, repo));
	strings_addv(&call->config, "core.hooksPath", path, NULL);
	strings_add(&call->env, "ORCH_RUN=1");
	return NULL;
}

static void add_leases(struct strings *args, const struct push *push)
{
	char hex[OID_HEX];

	FOR_EACH (struct push_ref, ref, &push->refs)
		strings_addf(args, "--force-with-lease=%s:%s", ref->ref,
			     oid_is_zero(&ref->expected)
				     ? ""
				     : oid_hex(hex, &ref->expected));
}

static void add_refspecs(struct strings *args, const struct push *push)
{
	char hex[OID_HEX];

	FOR_EACH (struct push_ref, ref, &push->refs)
		if (oid_is_zero(&ref->to))
			strings_addf(args, ":%s", ref->ref);
		else
			strings_addf(args, "%s^{object}:%s",
				     oid_hex(hex, &ref->to), ref->ref);
}

static struct error *begin(struct git_call *call, const struct repo *repo,
			   const struct push *push)
{
	TRY(remote_begin(call, repo, push->remote, "push"));
	if (push->run_hooks)
		TRY(add_hooks(call, repo));
	strings_addv(&call->args, "--atomic", "--porcelain", "--no-progress",
		     "--no-follow-tags", "--no-recurse-submodules",
		     push->run_hooks ? "--verify" : "--no-verify", NULL);
	add_leases(&call->args, push);
	strings_addv(&call->args, "--", push->remote, NULL);
	add_refspecs(&call->args, push);
	return NULL;
}

static struct error *push_once(struct push_report *out, const struct repo *repo,
			       const struct git_call *call,
			       const struct push *push)
{
	CLEANUP(proc_result_release) struct proc_result result;
	CLEANUP(free_str) char *line = NULL;
	enum remote_fault fault;

	proc_result_init(&result);
	TRY(remote_once(&fault, &line, &result, repo, call));
	push_report_read(out, push, &result, fault, line);
	return NULL;
}

/* The id of a ref in ls-remote's lines, zero when it is not among them. */
static struct error *seen_as(struct oid *out, const char *text, const char *ref)
{
	*out = oid_zero;
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		CLEANUP(free_str) char *copy = xstrndup(line, len);
		char *tab = strchr(copy, '\t');

		line += len + (line[len] == '\n');
		if (!tab || strcmp(tab + 1, ref) != 0)
			continue;
		*tab = '\0';
		return oid_parse(out, copy);
	}
	return NULL;
}

/* What one look found. */
struct look {
	size_t moved; /* refs that stand where they were to go */
	char *lost; /* one that stands neither there nor as expected */
};

static void look_release(struct look *look)
{
	free_str(&look->lost);
}

static struct error *look_at(struct look *out, const struct repo *repo,
			     const struct push *push)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	TRY(remote_begin(&call, repo, push->remote, "ls-remote"));
	strings_addv(&call.args, "--quiet", "--", push->remote, NULL);
	FOR_EACH (struct push_ref, ref, &push->refs)
		strings_add(&call.args, ref->ref);
	TRY(remote_run(&result, repo, &call, push->remote, push->tries));
	FOR_EACH (struct push_ref, ref, &push->refs) {
		struct oid now;

		TRY(seen_as(&now, result.out.data, ref->ref));
		if (oid_equal(&now, &ref->to))
			out->moved++;
		else if (!oid_equal(&now, &ref->expected) && !out->lost)
			out->lost = xstrdup(ref->ref);
	}
	return NULL;
}

/* Decides what a report left open, if a look can. */
static struct error *settle(struct push_report *report, const struct repo *repo,
			    const struct push *push)
{
	CLEANUP(look_release) struct look look = { 0, NULL };

	TRY(look_at(&look, repo, push));
	if (look.moved == push->refs.len) {
		push_report_release(report);
		report->end = REPORT_DONE;
	} else if (look.lost) {
		free_str(&report->why);
		report->why = xasprintf("'%s' stands elsewhere", look.lost);
		report->end = REPORT_STALE;
	}
	return NULL;
}

/*
 * Is there more to see than the report says?  A stale lease may be the work of
 * our own earlier try; and what is to be deleted and is gone was deleted.
 */
static int is_open(const struct push_report *report, const struct push *push,
		   int n)
{
	if (report->end != REPORT_STALE)
		return report->end == REPORT_UNSURE;
	if (n > 1)
		return 1;
	FOR_EACH (struct push_ref, ref, &push->refs)
		if (oid_is_zero(&ref->to))
			return 1;
	return 0;
}

/* Until it is known how it ended, or the tries are used up. */
static struct error *push_until(struct push_report *out,
				const struct repo *repo,
				const struct git_call *call,
				const struct push *push)
{
	for (int n = 1;; n++) {
		int again = 0;

		TRY(push_once(out, repo, call, push));
		if (is_open(out, push, n))
			TRY(settle(out, repo, push));
		if (out->end == REPORT_UNSURE)
			TRY(remote_wait(&again, n, push->tries));
		if (!again)
			return NULL;
	}
}

/* The server's own words stay, whatever hint a caller has for it. */
static struct error *refused(const struct push_report *report,
			     const struct push *push)
{
	return error_hint(error_new(ERROR_REFUSED, "remote '%s' refuses %s%s%s",
				    push->remote, report->why,
				    report->said ? ": " : "",
				    report->said ? report->said : ""),
			  "look at its rules for this ref");
}

static struct error *refused_here(const struct push *push)
{
	return error_hint(error_new(ERROR_REFUSED,
				    "the pre-push hook refuses the push to "
				    "remote '%s'",
				    push->remote),
			  "hear what it says: git push --dry-run %s",
			  push->remote);
}

static struct error *conclude(enum push_end *end, char **why,
			      struct push_report *report, struct repo *repo,
			      const struct push *push, const struct oid *before)
{
	switch (report->end) {
	case REPORT_DONE:
		/* Never an error: the next fetch shows it as well. */
		error_free(track_after(repo, push, before));
		*end = PUSH_DONE;
		break;
	case REPORT_STALE:
		*end = PUSH_STALE;
		break;
	case REPORT_UNSUPPORTED:
		*end = PUSH_UNSUPPORTED;
		break;
	case REPORT_REFUSED:
		return refused(report, push);
	case REPORT_HOOK:
		return refused_here(push);
	case REPORT_UNSURE:
		return remote_error(FAULT_BUSY == report->fault ? FAULT_BUSY
								: FAULT_BROKEN,
				    report->why, push->remote);
	case REPORT_FAILED:
		return remote_error(report->fault, report->why, push->remote);
	}
	if (why) {
		*why = report->why;
		report->why = NULL;
	}
	return NULL;
}

static void free_ids(struct oid **ids)
{
	free(*ids);
}

struct error *remote_push(enum push_end *end, char **why, struct repo *repo,
			  const struct push *push)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(push_report_release)
	struct push_report report = { .end = REPORT_DONE };
	CLEANUP(free_ids) struct oid *before = NULL;

	TRY(check_names(push));
	TRY(remote_known(repo, push->remote));
	TRY(check_mapping(repo, push->remote));
	TRY(track_before(&before, repo, push));
	if (push->refs.len) {
		TRY(begin(&call, repo, push));
		TRY(push_until(&report, repo, &call, push));
	}
	return conclude(end, why, &report, repo, push, before);
}

/*
 * A probe asks in the order in which one thing needs the other: to be reached,
 * to take an atomic push below refs/orch, to show what it took.
 */
#include "gitops/remote-report.h"

#include "core/hash.h"
#include "gitops/commit.h"
#include "gitops/workspace.h"

#include <string.h>

#define PROBE "refs/orch/probe/"

void remote_probe_release(struct remote_probe *probe)
{
	free_str(&probe->server);
	free_str(&probe->problem);
	*probe = (struct remote_probe){ .reachable = 0 };
}

static char *probe_name(void)
{
	unsigned char bytes[8];
	struct buf name = BUF_INIT;

	random_bytes(bytes, sizeof bytes);
	buf_str(&name, PROBE);
	for (size_t i = 0; i < sizeof bytes; i++)
		buf_addf(&name, "%02x", bytes[i]);
	return buf_steal(&name);
}

/* A commit on the empty tree, the same each time. */
static struct error *probe_commit(struct oid *out, struct repo *repo)
{
	CLEANUP(workspace_release) struct workspace *empty = NULL;
	char name[] = "git-orch", email[] = "probe@git-orch.invalid";
	struct commit_spec spec = { .plain = 1, .message = "probe\n" };

	TRY(workspace_open(&empty, repo, &oid_zero));
	TRY(workspace_write_tree(&spec.tree, empty));
	spec.author.name = name;
	spec.author.email = email;
	spec.committer = spec.author;
	return commit_create(out, repo, &spec);
}

/* What the server calls itself, in a trace of the packets it sent. */
static char *agent_in(const char *trace)
{
	for (const char *line = trace; *line;) {
		size_t len = strcspn(line, "\n");
		CLEANUP(free_str) char *copy = xstrndup(line, len);
		const char *from = strstr(copy, "< ");
		const char *agent = from ? strstr(from, " agent=") : NULL;

		if (agent) {
			agent += strlen(" agent=");
			return xstrndup(agent, strcspn(agent, " \\"));
		}
		line += len + (line[len] == '\n');
	}
	return NULL;
}

/* A problem takes the place of an error; git failing to start stays one. */
static struct error *as_problem(struct remote_probe *out, struct error *err)
{
	int known = error_is(err, ERROR_AGAIN) ||
		    error_is(err, ERROR_REFUSED) ||
		    error_is(err, ERROR_FAILURE);

	if (!known)
		return err;
	out->problem = err->hint ? xasprintf("%s; %s", err->message, err->hint)
				 : xstrdup(err->message);
	error_free(err);
	return NULL;
}

static struct error *list(struct proc_result *result, struct repo *repo,
			  const char *remote, const char *ref, int trace)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;

	TRY(remote_begin(&call, repo, remote, "ls-remote"));
	strings_addv(&call.args, "--quiet", "--", remote, ref, NULL);
	if (trace)
		strings_add(&call.env, "GIT_TRACE_PACKET=1");
	return remote_run(result, repo, &call, remote, 2);
}

static struct error *reach(struct remote_probe *out, struct repo *repo,
			   const char *remote)
{
	CLEANUP(proc_result_release) struct proc_result result;
	struct error *err;

	proc_result_init(&result);
	err = list(&result, repo, remote, "HEAD", 1);
	if (err)
		return as_problem(out, err);
	out->reachable = 1;
	out->server = agent_in(result.err.data);
	return NULL;
}

static struct error *move(enum push_end *end, char **why, struct repo *repo,
			  const char *remote, const char *ref,
			  const struct oid *to, const struct oid *expected)
{
	CLEANUP(push_release)
	struct push push = { .remote = remote, .tries = 2 };

	push_add(&push, ref, to, expected);
	return remote_push(end, why, repo, &push);
}

static struct error *shown(int *out, struct repo *repo, const char *remote,
			   const char *ref)
{
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	TRY(list(&result, repo, remote, ref, 0));
	*out = strstr(result.out.data, ref) != NULL;
	return NULL;
}

/* What the server took is looked for, and taken away again. */
static struct error *look(struct remote_probe *out, struct repo *repo,
			  const char *remote, const char *ref,
			  const struct oid *commit)
{
	CLEANUP(free_str) char *why = NULL;
	enum push_end end;

	TRY(shown(&out->own_refs, repo, remote, ref));
	if (!out->own_refs)
		out->problem = xstrdup("the server takes refs/orch/ and does "
				       "not show it: single machine only");
	TRY(move(&end, &why, repo, remote, ref, &oid_zero, commit));
	if (end == PUSH_DONE || out->problem)
		return NULL;
	out->own_refs = 0;
	out->problem = xasprintf("the server does not let '%s' be deleted "
				 "(%s): single machine only",
				 ref, why);
	return NULL;
}

static struct error *try_push(struct remote_probe *out, struct repo *repo,
			      const char *remote)
{
	CLEANUP(free_str) char *ref = probe_name();
	CLEANUP(free_str) char *why = NULL;
	enum push_end end;
	struct oid commit;

	TRY(probe_commit(&commit, repo));
	TRY(move(&end, &why, repo, remote, ref, &commit, &oid_zero));
	out->atomic = !why || !strstr(why, "--atomic");
	if (end == PUSH_DONE)
		return look(out, repo, remote, ref, &commit);
	out->problem = xasprintf("%s: single machine only", why);
	return NULL;
}

struct error *remote_probe(struct remote_probe *out, struct repo *repo,
			   const char *remote)
{
	CLEANUP(remote_probe_release)
	struct remote_probe probe = { .reachable = 0 };
	struct error *err;

	TRY(remote_known(repo, remote));
	TRY(reach(&probe, repo, remote));
	if (probe.reachable) {
		err = try_push(&probe, repo, remote);
		if (err)
			TRY(as_problem(&probe, err));
	}
	*out = probe;
	probe = (struct remote_probe){ .reachable = 0 };
	return NULL;
}

/*
 * The tag is made by the user's git, which alone knows how to sign, and in
 * this clone first: killed before the push, the next call pushes that one.
 */
#include "gitops/tag.h"

#include "gitops/git.h"
#include "gitops/remote-call.h"
#include "gitops/shared.h"

#include <stdlib.h>
#include <string.h>

static const char refs_tags[] = "refs/tags/";
static const char peeled[] = "^{}";

void tags_release(struct tags *tags)
{
	FOR_EACH (struct tag, tag, tags)
		free(tag->name);
	free(tags->items);
	*tags = (struct tags){ NULL, 0, 0 };
}

const struct tag *tags_find(const struct tags *tags, const char *name)
{
	FOR_EACH (struct tag, tag, tags)
		if (!strcmp(tag->name, name))
			return tag;
	return NULL;
}

static int ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* What an annotated tag leads to is said in a line behind its own. */
static struct error *take_line(struct tags *out, char *line, const char *prefix)
{
	char *tab = strchr(line, '\t');
	char *name = tab ? tab + 1 + strlen(refs_tags) : NULL;
	struct tag *tag;
	struct oid oid;

	if (!tab || strncmp(tab + 1, refs_tags, strlen(refs_tags)) != 0 ||
	    strncmp(name, prefix, strlen(prefix)) != 0)
		return NULL;
	*tab = '\0';
	TRY(oid_parse(&oid, line));
	if (ends_with(name, peeled))
		name[strlen(name) - strlen(peeled)] = '\0';
	tag = (struct tag *)tags_find(out, name);
	if (!tag) {
		tag = PUSH(out);
		tag->name = xstrdup(name);
	}
	tag->commit = oid;
	return NULL;
}

static struct error *take_lines(struct tags *out, const char *text,
				const char *prefix)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		CLEANUP(free_str) char *line = xstrndup(text, len);

		TRY(take_line(out, line, prefix));
		text += len + (text[len] == '\n');
	}
	return NULL;
}

static struct error *list_remote(struct tags *out, const struct repo *repo,
				 const char *remote, const char *prefix)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	TRY(remote_begin(&call, repo, remote, "ls-remote"));
	strings_addv(&call.args, "--quiet", "--tags", "--", remote, NULL);
	strings_addf(&call.args, "%s%s*", refs_tags, prefix);
	TRY(remote_run(&result, repo, &call, remote, 0));
	return take_lines(out, result.out.data, prefix);
}

static struct error *list_local(struct tags *out, const struct repo *repo,
				const char *prefix)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(git_run(&text, repo, NULL, "for-each-ref",
		    "--format=%(objectname)%09%(refname)%0a"
		    "%(*objectname)%09%(refname)",
		    "refs/tags", NULL));
	/* A light tag has an empty second id, and says no more with it. */
	for (char *at = text.data; (at = strstr(at, "\n\t"));)
		at[1] = ' ';
	return take_lines(out, text.data, prefix);
}

struct error *tags_list(struct tags *out, const struct repo *repo,
			const char *prefix)
{
	const char *remote = repo_remote(repo);

	return remote ? list_remote(out, repo, remote, prefix)
		      : list_local(out, repo, prefix);
}

static struct error *run_tag(struct repo *repo, const char *name,
			     const struct oid *commit, const char *message,
			     const struct identity *who)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;
	char hex[OID_HEX];

	proc_result_init(&result);
	strings_addv(&call.args, "tag", "-a", "-F", "-", "--cleanup=whitespace",
		     "--", name, oid_hex(hex, commit), NULL);
	strings_addf(&call.env, "GIT_COMMITTER_NAME=%s", who->name);
	strings_addf(&call.env, "GIT_COMMITTER_EMAIL=%s", who->email);
	call.input = message;
	call.input_len = strlen(message);
	call.signing = 1;
	TRY(git_call(&result, repo, &call));
	if (result.end == PROC_EXITED && !result.exit)
		return NULL;
	return error_wrap(git_failure(&call, &result), "tag '%s'", name);
}

static struct error *elsewhere(const char *name, const char *where)
{
	return error_hint(error_new(ERROR_CONFLICT,
				    "tag '%s' is there already%s, and leads to "
				    "another commit",
				    name, where),
			  "delete it, or choose another with --version");
}

/* In this clone, by now or from before. */
static struct error *make_here(struct oid *out, struct repo *repo,
			       const char *name, const char *ref,
			       const struct oid *commit, const char *message)
{
	CLEANUP(identity_release) struct identity who = { NULL, NULL };
	CLEANUP(buf_release) struct buf to = BUF_INIT;
	CLEANUP(free_str) char *spec = xasprintf("%s^{commit}", ref);
	struct oid there;

	TRY(ref_read_maybe(out, repo, ref));
	if (oid_is_zero(out)) {
		TRY(repo_committer(&who, repo));
		TRY(run_tag(repo, name, commit, message, &who));
		return ref_read(out, repo, ref);
	}
	TRY(git_run(&to, repo, NULL, "rev-parse", "--verify", spec, NULL));
	TRY(oid_parse(&there, to.data));
	return oid_equal(&there, commit) ? NULL
					 : elsewhere(name, " in this clone");
}

struct error *tag_make(struct repo *repo, const char *name,
		       const struct oid *commit, const char *message)
{
	CLEANUP(free_str) char *ref = xasprintf("%s%s", refs_tags, name);
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(tags_release) struct tags tags = { NULL, 0, 0 };
	const struct tag *there;
	struct error *err;
	struct oid tag;

	TRY(tags_list(&tags, repo, name));
	there = tags_find(&tags, name);
	if (there)
		return oid_equal(&there->commit, commit) ? NULL
							 : elsewhere(name, "");
	TRY(make_here(&tag, repo, name, ref, commit, message));
	if (!repo_remote(repo))
		return NULL;
	push_add(&push, ref, &tag, &oid_zero);
	err = shared_move(repo, &push, "release");
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return elsewhere(name, "");
}

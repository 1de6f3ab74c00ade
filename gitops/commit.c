/*
 * Commits through libgit2, except for signed ones: only git knows the user's
 * gpg, ssh or x509 program.
 */
#include "gitops/commit.h"

#include "core/file.h"
#include "gitops/git.h"
#include "gitops/git2.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static void commit_close(git_commit **commit)
{
	if (*commit)
		git_commit_free(*commit);
}

static struct error *commit_open(git_commit **out, const struct repo *repo,
				 const struct oid *oid)
{
	git_oid id = git2_from_oid(oid);
	char hex[OID_HEX];
	int code = git_commit_lookup(out, repo_handle(repo), &id);

	if (code)
		return git2_error(code, "reading commit %s", oid_hex(hex, oid));
	return NULL;
}

static void signature_close(git_signature **signature)
{
	if (*signature)
		git_signature_free(*signature);
}

static struct error *signature_make(git_signature **out,
				    const struct identity *who, int64_t when)
{
	int code = git_signature_new(out, who->name, who->email, when, 0);

	if (code)
		return git2_error(code, "'%s <%s>' cannot sign a commit",
				  who->name, who->email);
	return NULL;
}

static struct error *create_unsigned(struct oid *out, struct repo *repo,
				     const struct commit_spec *spec)
{
	CLEANUP(signature_close) git_signature *author = NULL;
	CLEANUP(signature_close) git_signature *committer = NULL;
	ARRAY(git_oid) ids = ARRAY_INIT;
	ARRAY(const git_oid *) parents = ARRAY_INIT;
	git_oid tree = git2_from_oid(&spec->tree);
	git_oid id;
	int code;

	TRY(signature_make(&author, &spec->author, spec->when));
	TRY(signature_make(&committer, &spec->committer, spec->when));
	for (size_t i = 0; i < spec->n_parents; i++)
		*PUSH(&ids) = git2_from_oid(&spec->parents[i]);
	for (size_t i = 0; i < spec->n_parents; i++)
		*PUSH(&parents) = &ids.items[i];
	code = git_commit_create_from_ids(&id, repo_handle(repo), NULL, author,
					  committer, NULL, spec->message, &tree,
					  parents.len, parents.items);
	free(ids.items);
	free(parents.items);
	if (code)
		return git2_error(code, "writing a commit");
	*out = git2_to_oid(&id);
	return NULL;
}

static void add_person(struct strings *env, const char *role,
		       const struct identity *who, int64_t when)
{
	strings_addf(env, "GIT_%s_NAME=%s", role, who->name);
	strings_addf(env, "GIT_%s_EMAIL=%s", role, who->email);
	strings_addf(env, "GIT_%s_DATE=@%" PRId64 " +0000", role, when);
}

static struct error *signing_failed(const struct proc_result *result)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const char *line;

	buf_add(&text, result->err.data, result->err.len);
	while (text.len && text.data[text.len - 1] == '\n')
		buf_setlen(&text, text.len - 1);
	line = strrchr(text.data, '\n');
	return error_hint(error_new(ERROR_FAILURE,
				    "git could not sign the commit: %s",
				    line ? line + 1 : text.data),
			  "commit.gpgSign is set: see that `git commit -S` "
			  "works, or switch it off for this command with "
			  "git -c commit.gpgSign=false");
}

static struct error *create_signed(struct oid *out, struct repo *repo,
				   const struct commit_spec *spec)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;
	char hex[OID_HEX];

	proc_result_init(&result);
	strings_addv(&call.args, "commit-tree", "-S", NULL);
	for (size_t i = 0; i < spec->n_parents; i++)
		strings_addv(&call.args, "-p", oid_hex(hex, &spec->parents[i]),
			     NULL);
	strings_add(&call.args, oid_hex(hex, &spec->tree));
	add_person(&call.env, "AUTHOR", &spec->author, spec->when);
	add_person(&call.env, "COMMITTER", &spec->committer, spec->when);
	call.input = spec->message;
	call.input_len = strlen(spec->message);
	call.signing = 1;
	TRY(git_call(&result, repo, &call));
	if (result.end != PROC_EXITED || result.exit)
		return signing_failed(&result);
	while (result.out.len && result.out.data[result.out.len - 1] == '\n')
		buf_setlen(&result.out, result.out.len - 1);
	return oid_parse(out, result.out.data);
}

static struct error *wants_signature(int *out, const struct repo *repo)
{
	CLEANUP(free_str) char *value = NULL;
	struct error *err = repo_config(&value, repo, "commit.gpgsign");

	*out = 0;
	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	if (err)
		return err;
	if (git_config_parse_bool(out, value))
		return error_new(ERROR_INVALID,
				 "git config commit.gpgSign is '%.40s'", value);
	return NULL;
}

struct error *commit_create(struct oid *out, struct repo *repo,
			    const struct commit_spec *spec)
{
	int sign = 0;

	if (!spec->plain)
		TRY(wants_signature(&sign, repo));
	if (sign)
		return create_signed(out, repo, spec);
	return create_unsigned(out, repo, spec);
}

struct error *commit_tree(struct oid *out, const struct repo *repo,
			  const struct oid *commit)
{
	CLEANUP(commit_close) git_commit *opened = NULL;

	TRY(commit_open(&opened, repo, commit));
	*out = git2_to_oid(git_commit_tree_id(opened));
	return NULL;
}

struct error *commit_time(int64_t *out, const struct repo *repo,
			  const struct oid *commit)
{
	CLEANUP(commit_close) git_commit *opened = NULL;

	TRY(commit_open(&opened, repo, commit));
	*out = git_commit_time(opened);
	return NULL;
}

struct error *commit_author(struct identity *out, int64_t *when,
			    const struct repo *repo, const struct oid *commit)
{
	CLEANUP(commit_close) git_commit *opened = NULL;
	const git_signature *author;

	TRY(commit_open(&opened, repo, commit));
	author = git_commit_author(opened);
	out->name = xstrdup(author->name);
	out->email = xstrdup(author->email);
	*when = author->when.time;
	return NULL;
}

/* At the edge of a shallow clone a commit's parents are named but not here. */
static struct error *is_edge(int *out, const struct repo *repo,
			     const struct oid *commit)
{
	CLEANUP(free_str)
	char *file = path_join(repo_common_dir(repo), "shallow");
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	char hex[OID_HEX];

	*out = 0;
	if (!repo_is_shallow(repo))
		return NULL;
	TRY(file_read(&text, file, (size_t)64 << 20));
	*out = strstr(text.data, oid_hex(hex, commit)) != NULL;
	return NULL;
}

struct error *commit_parent(struct oid *out, const struct repo *repo,
			    const struct oid *commit, unsigned n)
{
	CLEANUP(commit_close) git_commit *opened = NULL;
	const git_oid *id;
	int edge;

	TRY(commit_open(&opened, repo, commit));
	TRY(is_edge(&edge, repo, commit));
	id = edge ? NULL : git_commit_parent_id(opened, n);
	*out = id ? git2_to_oid(id) : oid_zero;
	return NULL;
}

struct error *commit_message(char **out, const struct repo *repo,
			     const struct oid *commit)
{
	CLEANUP(commit_close) git_commit *opened = NULL;

	TRY(commit_open(&opened, repo, commit));
	*out = xstrdup(git_commit_message(opened));
	return NULL;
}

struct error *commit_trailer(char **out, const struct repo *repo,
			     const struct oid *commit, const char *name)
{
	CLEANUP(commit_close) git_commit *opened = NULL;
	git_message_trailer_array trailers = { NULL, 0, NULL };
	const char *value = NULL;
	int code;

	TRY(commit_open(&opened, repo, commit));
	code = git_message_trailers(&trailers, git_commit_message(opened));
	if (code)
		return git2_error(code, "reading the trailers of a commit");
	for (size_t i = 0; i < trailers.count; i++)
		if (!strcasecmp(trailers.trailers[i].key, name))
			value = trailers.trailers[i].value;
	*out = xstrdup(value);
	git_message_trailer_array_free(&trailers);
	return NULL;
}

int commit_exists(const struct repo *repo, const struct oid *oid)
{
	git_oid id = git2_from_oid(oid);
	git_odb *odb = NULL;
	git_object_t type = GIT_OBJECT_INVALID;
	size_t size;
	int code = git_repository_odb(&odb, repo_handle(repo));

	if (!code)
		code = git_odb_read_header(&size, &type, odb, &id);
	if (odb)
		git_odb_free(odb);
	return !code && type == GIT_OBJECT_COMMIT;
}

struct error *commit_resolve(struct oid *out, const struct repo *repo,
			     const char *revision)
{
	git_object *object = NULL;
	git_object *commit = NULL;
	int code = git_revparse_single(&object, repo_handle(repo), revision);

	if (!code)
		code = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
	if (object)
		git_object_free(object);
	if (code == GIT_ENOTFOUND)
		return error_new(ERROR_NOT_FOUND, "there is no commit '%s'",
				 revision);
	if (code == GIT_EPEEL || code == GIT_EINVALIDSPEC)
		return error_new(ERROR_INVALID, "'%s' does not name a commit",
				 revision);
	if (code)
		return git2_error(code, "'%s'", revision);
	*out = git2_to_oid(git_object_id(commit));
	git_object_free(commit);
	return NULL;
}

static struct error *history_error(const struct repo *repo, int code)
{
	if (repo_is_shallow(repo))
		return error_hint(error_new(ERROR_FAILURE,
					    "the history ends before the "
					    "answer: this clone is shallow"),
				  "git fetch --unshallow");
	return git2_error(code, "walking the history");
}

struct error *commit_is_ancestor(int *out, const struct repo *repo,
				 const struct oid *ancestor,
				 const struct oid *of)
{
	git_oid a = git2_from_oid(ancestor);
	git_oid b = git2_from_oid(of);
	int code = 1;

	git2_leaks(1);
	if (!git_oid_equal(&a, &b))
		code = git_graph_descendant_of(repo_handle(repo), &b, &a);
	git2_leaks(0);
	if (code < 0)
		return history_error(repo, code);
	*out = code;
	return NULL;
}

struct error *commit_merge_base(struct oid *out, const struct repo *repo,
				const struct oid *a, const struct oid *b)
{
	git_oid one = git2_from_oid(a);
	git_oid two = git2_from_oid(b);
	git_oid base;
	int code;

	git2_leaks(1);
	code = git_merge_base(&base, repo_handle(repo), &one, &two);
	git2_leaks(0);
	if (code == GIT_ENOTFOUND && !repo_is_shallow(repo)) {
		*out = oid_zero;
		return NULL;
	}
	if (code)
		return history_error(repo, code);
	*out = git2_to_oid(&base);
	return NULL;
}

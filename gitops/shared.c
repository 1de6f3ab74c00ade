/* One name for a ref, two places where it may stand. */
#include "gitops/shared.h"

#include "gitops/ref-guard.h"

#include <stdlib.h>
#include <string.h>

char *shared_name(const struct repo *repo, const char *ref)
{
	const char *remote = repo_remote(repo);
	char *tracking = remote ? remote_tracking(remote, ref) : NULL;

	return tracking ? tracking : xstrdup(ref);
}

struct error *shared_read(struct oid *out, const struct repo *repo,
			  const char *ref)
{
	CLEANUP(free_str) char *name = shared_name(repo, ref);

	return ref_read_maybe(out, repo, name);
}

struct error *shared_list(struct refs *out, const struct repo *repo,
			  const char *prefix)
{
	CLEANUP(free_str) char *where = shared_name(repo, prefix);
	size_t skip = strlen(where);

	TRY(ref_list(out, repo, where));
	if (!strcmp(where, prefix))
		return NULL;
	FOR_EACH (struct ref, ref, out) {
		char *name = xasprintf("%s%s", prefix, ref->name + skip);

		free(ref->name);
		ref->name = name;
	}
	return NULL;
}

static struct error *move_one(struct repo *repo, const struct push_ref *ref,
			      const char *why)
{
	struct oid now;

	TRY(ref_read_maybe(&now, repo, ref->ref));
	if (oid_equal(&now, &ref->to))
		return NULL;
	return refs_move(repo, ref->ref, &ref->to, &ref->expected, why);
}

static struct error *move_local(struct repo *repo, const struct push *push,
				const char *why)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	TRY(refs_lock(&lock, repo));
	for (size_t i = 0; i < push->refs.len; i++)
		TRY(move_one(repo, &push->refs.items[i], why));
	return NULL;
}

/* What the remote last showed is old by now. */
static struct error *look_again(struct repo *repo)
{
	const struct remote_fetch fetch = { .remote = repo_remote(repo),
					    .prune = 1 };

	return remote_fetch(repo, &fetch);
}

static struct error *move_remote(struct repo *repo, struct push *push)
{
	CLEANUP(free_str) char *what = NULL;
	enum push_end end;

	push->remote = repo_remote(repo);
	TRY(remote_push(&end, &what, repo, push));
	if (end == PUSH_STALE) {
		TRY(look_again(repo));
		return error_new(ERROR_STALE, "%s",
				 what ? what : "a ref was moved meanwhile");
	}
	if (end == PUSH_UNSUPPORTED)
		return error_hint(
			error_new(ERROR_FAILURE,
				  "remote '%s' cannot be shared by runners: %s",
				  push->remote, what ? what : "it refused"),
			"work in this clone alone: git config orch.remote .");
	return NULL;
}

struct error *shared_move(struct repo *repo, struct push *push, const char *why)
{
	if (!push->refs.len)
		return NULL;
	return repo_remote(repo) ? move_remote(repo, push)
				 : move_local(repo, push, why);
}

char *shell_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ@%+=:,./_-";
	struct buf out = BUF_INIT;

	if (*text && !text[strspn(text, plain)])
		return xstrdup(text);
	buf_ch(&out, '\'');
	for (; *text; text++)
		if (*text == '\'')
			buf_str(&out, "'\\''");
		else
			buf_ch(&out, *text);
	buf_ch(&out, '\'');
	return buf_steal(&out);
}

char *shared_removal(const struct repo *repo, const char *ref)
{
	CLEANUP(free_str) char *word = shell_word(ref);
	CLEANUP(free_str) char *remote = NULL;

	if (!repo_remote(repo))
		return xasprintf("git update-ref -d %s", word);
	remote = shell_word(repo_remote(repo));
	return xasprintf("git push %s --delete %s", remote, word);
}

/* `git orch cache push` and `pull`. */
#include "cmd/cache.h"

static struct error *remote_of(const char **out, const struct session *session)
{
	*out = session->project.base.remote;
	if (*out)
		return NULL;
	return error_hint(
		error_new(ERROR_NOT_FOUND, "there is no remote to share with"),
		"git remote add origin <url>, or name one with "
		"--remote");
}

static void print_share(struct out *out, const struct cache_share *share)
{
	char size[32];

	size_format(size, sizeof size, share->bytes);
	out_text(out, "%zu %s, %s, as %s\n", share->count,
		 share->count == 1 ? "reply" : "replies", size, share->ref);
	FOR_EACH (char *, stage, &share->stages)
		out_text(out, "    %s\n", *stage);
	if (share->left_out)
		out_text(out,
			 "%zu left out: verdicts, tests, expired, or "
			 "shared by others\n",
			 share->left_out);
}

struct error *cache_run_push(struct session *session)
{
	CLEANUP(cache_share_release) struct cache_share share = { .ref = NULL };
	struct project *project = &session->project;
	const char *remote;

	TRY(cache_gather(&share, project));
	print_share(&session->out, &share);
	if (!share.count) {
		say(&session->out, "there is nothing to share");
		return NULL;
	}
	if (args_flag(&session->args, "dry-run"))
		return NULL;
	TRY(remote_of(&remote, session));
	TRY(cache_push(&share, project, remote));
	say(&session->out, "shared with '%s'", remote);
	return NULL;
}

struct error *cache_run_pull(struct session *session)
{
	struct cache_pull pull;
	const char *remote;

	TRY(remote_of(&remote, session));
	TRY(cache_pull(&pull, &session->project, remote));
	out_text(&session->out, "%zu taken of %zu %s", pull.taken, pull.refs,
		 pull.refs == 1 ? "runner" : "runners");
	if (pull.known)
		out_text(&session->out, ", %zu here already", pull.known);
	if (pull.left_out)
		out_text(&session->out, ", %zu verdicts left out",
			 pull.left_out);
	if (pull.refused)
		out_text(&session->out,
			 ", %zu refused: damaged, too large or "
			 "of another form",
			 pull.refused);
	out_text(&session->out, "\n");
	return NULL;
}

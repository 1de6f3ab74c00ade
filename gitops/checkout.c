/*
 * HEAD files are read as gitrepository-layout(5) describes them, not through
 * `git worktree list`: that gives a wrong path for the main worktree of a
 * repository with a separate git directory.
 */
#include "gitops/checkout.h"

#include "core/file.h"
#include "gitops/ref.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LINE 65536

void checkouts_release(struct checkouts *list)
{
	FOR_EACH (struct checkout, it, list) {
		free(it->path);
		free(it->git_dir);
	}
	free(list->items);
	*list = (struct checkouts)CHECKOUTS_INIT;
}

/* A file of one line without its newline; 0 when it cannot be read. */
static int read_line(struct buf *out, const char *dir, const char *name)
{
	CLEANUP(free_str) char *path = path_join(dir, name);
	struct error *err = file_read(out, path, MAX_LINE);

	error_free(err);
	while (out->len && out->data[out->len - 1] == '\n')
		buf_setlen(out, out->len - 1);
	return !err;
}

/* A ref that cannot be read leads nowhere. */
static void follow(struct strings *out, const struct repo *repo,
		   const char *name)
{
	struct error *err = ref_chain(out, repo, name);

	error_free(err);
}

void head_refs(struct strings *out, const struct repo *repo,
	       const char *git_dir)
{
	CLEANUP(buf_release) struct buf head = BUF_INIT;

	if (read_line(&head, git_dir, "HEAD") &&
	    !strncmp(head.data, "ref: ", 5))
		follow(out, repo, head.data + 5);
}

int head_is(const struct repo *repo, const char *git_dir, const char *ref)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	head_refs(&names, repo, git_dir);
	return strings_has(&names, ref);
}

static int is_rebased(const struct repo *repo, const char *git_dir,
		      const char *ref)
{
	static const char *const folders[] = { "rebase-merge", "rebase-apply" };
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	for (size_t i = 0; i < 2; i++) {
		CLEANUP(free_str) char *dir = path_join(git_dir, folders[i]);
		CLEANUP(buf_release) struct buf name = BUF_INIT;

		if (read_line(&name, dir, "head-name"))
			follow(&names, repo, name.data);
	}
	return strings_has(&names, ref);
}

static int holds(const struct repo *repo, const char *git_dir, const char *ref)
{
	return head_is(repo, git_dir, ref) || is_rebased(repo, git_dir, ref);
}

static void push(struct checkouts *out, const struct repo *repo,
		 const char *path, const char *git_dir, const char *ref)
{
	struct checkout *it = PUSH(out);

	it->path = xstrdup(path);
	it->git_dir = xstrdup(git_dir);
	it->rebased = !head_is(repo, git_dir, ref);
}

/* Does the folder's .git lead to this git directory? */
static int leads_to(const char *work_dir, const char *git_dir)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *link = path_join(work_dir, ".git");
	CLEANUP(free_str) char *real = NULL;
	CLEANUP(free_str) char *target = NULL;

	if (file_is_dir(link))
		target = xstrdup(link);
	else if (read_line(&text, work_dir, ".git") &&
		 !strncmp(text.data, "gitdir: ", 8))
		target = text.data[8] == '/'
				 ? xstrdup(text.data + 8)
				 : path_join(work_dir, text.data + 8);
	if (!target)
		return 0;
	struct error *err = file_real(&real, target);
	error_free(err);
	return !err && !strcmp(real, git_dir);
}

static int has_key(const struct repo *repo, const char *key)
{
	CLEANUP(free_str) char *value = NULL;
	struct error *err = repo_config(&value, repo, key);

	error_free(err);
	return !err;
}

/* The main worktree, asked for from a linked one. */
static struct error *add_main(struct checkouts *out, const struct repo *repo,
			      const char *ref)
{
	CLEANUP(repo_release) struct repo *main_repo = NULL;
	const char *common = repo_common_dir(repo);
	const char *work;

	TRY(repo_open(&main_repo, common));
	work = repo_work_dir(main_repo);
	if (!work)
		return NULL;
	if (!leads_to(work, common) && !has_key(main_repo, "core.worktree"))
		return error_hint(
			error_new(ERROR_CONFLICT,
				  "the worktree of '%s' cannot be found from "
				  "here",
				  common),
			"run this in the main worktree");
	push(out, repo, work, common, ref);
	return NULL;
}

static void add_linked(struct checkouts *out, const struct repo *repo,
		       const char *git_dir, const char *ref)
{
	CLEANUP(buf_release) struct buf link = BUF_INIT;

	if (!read_line(&link, git_dir, "gitdir") || link.len < 6)
		return;
	buf_setlen(&link, link.len - strlen("/.git"));
	if (file_is_dir(link.data))
		push(out, repo, link.data, git_dir, ref);
}

struct error *checkouts_of(struct checkouts *out, struct repo *repo,
			   const char *ref)
{
	CLEANUP(checkouts_release) struct checkouts list = CHECKOUTS_INIT;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	const char *common = repo_common_dir(repo);
	CLEANUP(free_str) char *folder = path_join(common, "worktrees");
	int at_main = !strcmp(common, repo_git_dir(repo));

	if (holds(repo, common, ref) && !at_main)
		TRY(add_main(&list, repo, ref));
	else if (holds(repo, common, ref) && repo_work_dir(repo))
		push(&list, repo, repo_work_dir(repo), common, ref);
	TRY(file_list(&names, folder));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *git_dir = path_join(folder, *name);

		if (holds(repo, git_dir, ref))
			add_linked(&list, repo, git_dir, ref);
	}
	*out = list;
	list = (struct checkouts)CHECKOUTS_INIT;
	return NULL;
}

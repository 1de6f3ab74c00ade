/*
 * The index through `git ls-files -s`: libgit2 would read it as well, but not
 * the split and sparse forms git writes.
 */
#include "plans/staged.h"

#include "gitops/git.h"
#include "gitops/workspace.h"

#include <stdlib.h>
#include <string.h>

/* "<mode> <id> <stage>\t<path>" */
static struct error *put_line(struct workspace *work, char *line)
{
	char *path = strchr(line, '\t');
	char *end;
	struct oid oid;

	if (!path || path - line < 49)
		return error_new(ERROR_FAILURE,
				 "git ls-files wrote an unknown line: %s",
				 line);
	*path++ = '\0';
	unsigned long mode = strtoul(line, &end, 8);
	line[47] = '\0';
	if (line[48] != '0')
		return error_hint(error_new(ERROR_CONFLICT,
					    "'%s' is not merged yet", path),
				  "resolve it and git add it");
	TRY(oid_parse(&oid, line + 7));
	return workspace_put(work, path, &oid, (enum file_mode)mode);
}

struct error *staged_tree(struct oid *out, struct repo *repo)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(buf_release) struct buf list = BUF_INIT;
	const char *dir = repo_work_dir(repo);

	if (!dir)
		return error_hint(error_new(ERROR_FAILURE,
					    "a bare repository has no index"),
				  "name a revision with --at");
	TRY(workspace_open(&work, repo, &oid_zero));
	TRY(git_run(&list, repo, dir, "ls-files", "-s", "-z", "--", ".orch",
		    (char *)NULL));
	for (size_t at = 0; at < list.len;) {
		size_t len = strlen(list.data + at);

		if (len)
			TRY(put_line(work, list.data + at));
		at += len + 1;
	}
	return workspace_write_tree(out, work);
}

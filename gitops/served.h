/*
 * What libgit2 1.5 cannot serve without losing something is refused before
 * the repository is opened, by name and with what to do (repo.h).
 */
#ifndef GITOPS_SERVED_H
#define GITOPS_SERVED_H

#include "gitops/gitconfig.h"

/*
 * The extensions that served_check() vouches for, NULL at the end, spelled as
 * libgit2 compares them: in lower case.
 */
extern const char *const served_extensions[];

/* ERROR_FAILURE names the repository and the reason. */
struct error *served_check(const struct gitconfig *config,
			   const char *common_dir) MUST_USE;

#endif

/* Overrides for git children: which configuration must not run anything. */
#ifndef GITOPS_GIT_CONFIG_H
#define GITOPS_GIT_CONFIG_H

#include "core/array.h"

/* Appends one pair: key, value. */
void git_override(struct strings *pairs, const char *key, const char *value);

/*
 * Appends the pairs that make a configuration harmless; list is what
 * `git config --list --show-scope -z` printed of it.
 */
void git_overrides(struct strings *pairs, const struct buf *list);

#endif

/*
 * The one way to libgit2: included by gitops/*.c, never by a header.
 */
#ifndef GITOPS_GIT2_H
#define GITOPS_GIT2_H

#include <git2.h>

#endif

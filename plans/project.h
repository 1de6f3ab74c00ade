/*
 * An open project: the repository, its base and the configuration that
 * applies.  Documents, configuration, checks and policy are read from the
 * base's tip and never from a working tree.
 */
#ifndef PLANS_PROJECT_H
#define PLANS_PROJECT_H

#include "core/log.h"
#include "core/progress.h"
#include "plans/config.h"

struct project_options {
	const char *base; /* --base */
	const char *environment; /* --env */
	const char *trust; /* --trust <sha256> */
	const struct strings *set; /* flags that are settings, key=value */
	const char *program; /* this binary, for child processes */
	const char *record; /* --record: folder that requests go to */
	const char *replay; /* --replay: folder that answers come from */
	int no_cache; /* --no-cache: no reply of another run is taken */
	int fetch; /* a base that is missing is looked for on the remote */
	int no_base; /* it may have no commit yet: base and config are empty */
	int any_config; /* go on with one that is wrong: for validate */
};

struct project {
	struct repo *repo;
	struct base base;
	struct config config;
	struct project_options options;
	struct progress *progress; /* borrowed; may be NULL */
	struct log *log; /* may be NULL */
	const struct loop_tick *tick; /* for whoever waits; may be NULL */
	struct strings keys; /* what this process was given: model_open() */
	struct buf trusted; /* the question trust_require() last said yes to */
};
#define PROJECT_INIT                                                           \
	{                                                                      \
		.repo = NULL, .trusted = BUF_INIT                              \
	}

/* dir NULL: the current directory. */
struct error *project_open(struct project *out, const char *dir,
			   const struct project_options *options) MUST_USE;
/* Reads base and configuration again: the base may have moved. */
struct error *project_reload(struct project *project) MUST_USE;
void project_release(struct project *project);

#endif

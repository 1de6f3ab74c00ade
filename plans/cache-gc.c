/*
 * What of the store goes.  A run that was stopped and kept its phase goes on
 * from replies that it paid for, however old or large they are: they stay.  A
 * goal that is no plan yet has no claim that leads back to its replies, and
 * planning it again is another run, which takes none that has expired: of
 * these, only the recent ones stay.
 */
#include "plans/cache.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/journal.h"
#include "gitops/claim.h"
#include "plans/planner.h"
#include "plans/trust.h"

#include <string.h>

#define DAY ((int64_t)24 * 3600)

/* Adds the keys that a journal says were answered. */
static void add_keys(struct map *keep, const struct journal *journal)
{
	for (size_t i = 0; i < journal_len(journal); i++) {
		const struct value *line = journal_line(journal, i);
		const char *key = value_text(value_get(line, "key"), NULL);

		if (key &&
		    !strcmp(value_text(value_get(line, "type"), ""), "closed"))
			map_set(keep, key, keep);
	}
}

static struct error *add_run(struct map *keep, const char *dir, const char *run)
{
	CLEANUP(journal_close) struct journal *journal = NULL;
	struct error *err = journal_read(&journal, dir, run);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err); /* of another machine, or not begun */
		return NULL;
	}
	TRY(err);
	if (!journal_last(journal, "end", NULL))
		add_keys(keep, journal);
	return NULL;
}

/* What a run of planning is after: a goal, or the change of a plan. */
static const char *goal_of(const struct journal *journal)
{
	const struct value *start = journal_last(journal, "start", NULL);
	const char *plan = value_text(value_get(start, "plan"), NULL);

	if (value_text(value_get(start, "phase"), NULL))
		return NULL;
	return value_text(value_get(start, "goal"), plan);
}

static void add_planning(struct map *keep, struct map *done, const char *dir,
			 const char *run)
{
	CLEANUP(journal_close) struct journal *journal = NULL;
	struct error *err = journal_read(&journal, dir, run);
	const char *goal = err ? NULL : goal_of(journal);

	error_free(err); /* `cost` tells of a damaged one */
	if (!goal || map_get(done, goal))
		return;
	if (journal_last(journal, "end", "status=done", NULL))
		map_set(done, goal, done);
	else
		add_keys(keep, journal);
}

/* From the last run to the first: what was planned in the end needs none. */
static struct error *find_planning(struct map *keep, const char *dir,
				   int64_t since)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(map_release) struct map done = MAP_INIT;

	TRY(file_list(&names, dir));
	for (size_t i = names.len; i-- > 0;) {
		const char *name = names.items[i], *end = strrchr(name, '.');
		CLEANUP(free_str) char *path = path_join(dir, name);
		struct stat st;

		if (!end || strcmp(end, ".jsonl") != 0 || stat(path, &st) ||
		    st.st_mtime < since)
			continue;
		CLEANUP(free_str)
		char *run = xstrndup(name, (size_t)(end - name));
		add_planning(keep, &done, dir, run);
	}
	return NULL;
}

static struct error *find_kept(struct map *keep, struct project *project)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	const char *orch;

	TRY(repo_orch_dir(&orch, project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(claim_list(&claims, project->repo));
	FOR_EACH (struct claim, claim, &claims)
		if (claim->run)
			TRY(add_run(keep, dir, claim->run));
	return find_planning(keep, dir,
			     clock_now() - cache_longest(&project->config));
}

struct error *cache_gc(struct reply_gc *gc, struct project *project)
{
	const struct config *config = &project->config;
	const struct reply_expiry expiry = cache_expiry(config);
	CLEANUP(map_release) struct map keep = MAP_INIT;
	CLEANUP(free_str) char *dir = NULL;

	TRY(cache_dir(&dir, project));
	TRY(find_kept(&keep, project));
	*gc = (struct reply_gc){ .max_bytes = config->cache.max_bytes,
				 .expiry = &expiry,
				 .keep = &keep,
				 .now = clock_now() };
	struct error *err = replies_gc(dir, gc);
	gc->expiry = NULL;
	gc->keep = NULL;
	TRY(err);
	return planner_forget_goals(project);
}

static int is_due(const char *stamp)
{
	struct stat st;

	/* One from a clock that was ahead must not last for ever. */
	return stat(stamp, &st) || clock_now() - st.st_mtime >= DAY ||
	       st.st_mtime - clock_now() >= DAY;
}

struct error *cache_tidy(struct project *project)
{
	CLEANUP(free_str) char *dir = NULL;
	struct reply_gc gc;

	TRY(cache_dir(&dir, project));
	CLEANUP(free_str) char *stamp = path_join(dir, ".tidied");
	if (!file_is_dir(dir) || !is_due(stamp))
		return NULL;
	/* What is not trusted does not say how much is too much. */
	TRY(trust_require(project));
	TRY(file_write(stamp, "", 0, FILE_PLAIN));
	return cache_gc(&gc, project);
}

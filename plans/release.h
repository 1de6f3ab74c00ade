/*
 * A release: what was finished since the last one, said in a changelog entry
 * on the base, a tag, and a release on the forge.
 *
 * Each of these is looked for before it is made, so a run that was killed is
 * made again: an entry without its tag is gone on with.
 */
#ifndef PLANS_RELEASE_H
#define PLANS_RELEASE_H

#include "core/budget.h"
#include "plans/project.h"
#include "plans/semver.h"

struct release_options {
	const char *plan; /* only its phases are told; NULL: all */
	const char *version; /* NULL: as the types of the commits say */
	int draft; /* on the forge */
	int plain; /* no model is asked for words */
	int dry_run;
};

/* A phase that was finished. */
struct release_item {
	char *plan;
	char *phase;
	char *title;
	char *summary; /* NULL: none */
	char *type; /* "feat", without mark */
	char *scope; /* NULL: none */
	int breaks;
	char *words; /* Markdown, one line, for the changelog */
};
struct release_items {
	struct release_item *items;
	size_t len, cap;
};

struct release_report {
	char *version;
	char *tag; /* "v1.2.0" */
	char *previous; /* NULL: it is the first */
	struct release_items items; /* none when one was gone on with */
	char *summary; /* Markdown, one paragraph; NULL: none */
	char *notes; /* Markdown: what the changelog says below its heading */
	struct oid commit; /* that is tagged; zero: not yet */
	char *url; /* on the forge; NULL: none */
	char *pull; /* url of the one that has to be merged first; NULL */
	char *agent; /* who found the words; NULL: nobody */
	int64_t micros; /* what they cost */
};
#define RELEASE_REPORT_INIT                                                    \
	{                                                                      \
		.items = { NULL, 0, 0 }                                        \
	}
void release_report_release(struct release_report *report);

/*
 * ERROR_NOTHING: no phase was finished since the last release, whose release
 * on the forge is made if it was not.  ERROR_NO: the checks are red with the
 * entry.  ERROR_REFUSED: the base is protected and there is no forge to
 * propose it on; with one report->pull says where it waits.  ERROR_USAGE: no
 * version, or one that is not above the last.  ERROR_CONFLICT: the tag is
 * there and leads elsewhere.
 */
struct error *release_make(struct release_report *out, struct project *project,
			   const struct release_options *options) MUST_USE;

/* The parts of it, in release-notes.c. */

/*
 * The phases that are done on the base and were not in the commit of the last
 * release (zero: there is none), by plan and file.
 */
struct error *release_collect(struct release_items *out,
			      struct project *project, const struct oid *since,
			      const char *plan) MUST_USE;
void release_items_release(struct release_items *items);
/* What they raise. */
enum bump release_bump(const struct release_items *items);
/* "Added", "Fixed", ... */
const char *release_group(const struct release_item *item);
/* Their words, from title and scope. */
void release_words(struct release_items *items);
/*
 * The same by the integrator, with a summary, where one with a model is
 * configured; charged to the plan of the first.  Errors as in core/answer.h.
 */
struct error *release_ask(struct release_report *report,
			  struct project *project) MUST_USE;

#endif

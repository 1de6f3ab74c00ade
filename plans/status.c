/*
 * The status table.  Each row is a predicate over the facts; the first that
 * holds wins, so a row may rely on all above it having failed.
 */
#include "plans/status.h"

static int finished(enum phase_status status)
{
	return status == PHASE_DONE || status == PHASE_SKIPPED;
}

static int branch_done(const struct facts *f)
{
	return f->has_branch && f->branch_document &&
	       f->on_branch == PHASE_DONE;
}

static int is_draft(const struct facts *f)
{
	return f->draft;
}

static int is_done(const struct facts *f)
{
	return finished(f->on_base);
}

static int is_blocked(const struct facts *f)
{
	return f->on_base == PHASE_BLOCKED;
}

static int is_running(const struct facts *f)
{
	return f->claimed;
}

/*
 * The branch says done, and yet the base will never say so by itself: the
 * proposal was turned down, or it landed and was taken back.
 */
static int is_rejected(const struct facts *f)
{
	if (!branch_done(f))
		return 0;
	if (f->forge_local)
		return f->branch_landed;
	return f->pr == PR_CLOSED ||
	       (f->pr == PR_MERGED && f->pr_merge_in_base);
}

static int is_failed(const struct facts *f)
{
	return f->has_branch && f->branch_document &&
	       f->on_branch == PHASE_FAILED;
}

static int is_started(const struct facts *f)
{
	return f->has_branch;
}

static int is_ready(const struct facts *f)
{
	return !f->abandoned && (f->dependencies_done || f->stackable);
}

static int always(const struct facts *f)
{
	(void)f;
	return 1;
}

static const struct {
	enum status status;
	int (*holds)(const struct facts *f);
} rows[] = {
	{ STATUS_WAITING, is_draft },     { STATUS_DONE, is_done },
	{ STATUS_BLOCKED, is_blocked },   { STATUS_RUNNING, is_running },
	{ STATUS_REJECTED, is_rejected }, { STATUS_IN_REVIEW, branch_done },
	{ STATUS_FAILED, is_failed },     { STATUS_STARTED, is_started },
	{ STATUS_READY, is_ready },       { STATUS_WAITING, always },
};

enum status status_derive(const struct facts *facts)
{
	size_t i = 0;

	while (!rows[i].holds(facts))
		i++;
	return rows[i].status;
}

const char *status_name(enum status status)
{
	static const char *const names[STATUS_COUNT] = {
		[STATUS_DONE] = "done",
		[STATUS_BLOCKED] = "blocked",
		[STATUS_RUNNING] = "running",
		[STATUS_REJECTED] = "rejected",
		[STATUS_IN_REVIEW] = "in-review",
		[STATUS_FAILED] = "failed",
		[STATUS_STARTED] = "started",
		[STATUS_READY] = "ready",
		[STATUS_WAITING] = "waiting",
	};
	return names[status];
}

/* What came of one push: git's --porcelain lines, judged.  For remote*.c. */
#ifndef GITOPS_REMOTE_REPORT_H
#define GITOPS_REMOTE_REPORT_H

#include "gitops/remote-call.h"
#include "gitops/remote.h"

/* Where lines differ the later of these counts. */
enum push_report_end {
	REPORT_DONE,
	REPORT_UNSUPPORTED, /* no atomic push, or nothing but refs/orch/…
			       was refused */
	REPORT_UNSURE, /* look at the refs, then perhaps try again */
	REPORT_REFUSED, /* by a hook or rule of the server */
	REPORT_STALE, /* a lease did not hold: nothing was sent */
	REPORT_FAILED,
	REPORT_HOOK, /* refused by the pre-push hook here */
};

struct push_report {
	enum push_report_end end;
	enum remote_fault fault;
	char *why; /* NULL: done */
	char *said; /* the server's own text; NULL: none */
};
void push_report_release(struct push_report *report);

/* fault and line: of remote_once(). */
void push_report_read(struct push_report *out, const struct push *push,
		      const struct proc_result *result, enum remote_fault fault,
		      const char *line);

#endif

/*
 * git-push(1), OUTPUT: "<flag>\t<from>:<to>\t<summary> (<reason>)".  In an
 * atomic push one refused ref takes the others with it, and these lines say so;
 * what counts is the line of the one that began.
 */
#include "gitops/remote-report.h"

#include <string.h>

#define OWN      "refs/orch/"
#define SAID_MAX 300

/* Reasons of a server that may be others at the next try, in any case. */
static const char *const passing[] = {
	"failed to report status",
	"cannot lock ref",
	"failed to lock",
	"failed to update ref",
	"unable to create",
	"already exists", /* made since the server showed its refs */
	"but expected",
	"reference is missing",
	"transaction failed",
	"internal server error",
	"commit_refs",
	"unpacker error",
	"timeout",
};

/* A line of the report. */
struct row {
	char flag;
	char *to;
	char *summary;
};

static void row_release(struct row *row)
{
	free_str(&row->to);
	free_str(&row->summary);
}

void push_report_release(struct push_report *report)
{
	free_str(&report->why);
	free_str(&report->said);
	*report = (struct push_report){ .end = REPORT_DONE };
}

static int row_read(struct row *out, const char *line, size_t len)
{
	CLEANUP(free_str) char *text = xstrndup(line, len);
	char *tab, *to;

	if (len < 3 || text[1] != '\t' || !(tab = strchr(text + 2, '\t')))
		return 0;
	*tab = '\0';
	to = strrchr(text + 2, ':');
	if (!to)
		return 0;
	out->flag = *text;
	out->to = xstrdup(to + 1);
	out->summary = remote_clean(tab + 1, strlen(tab + 1));
	return 1;
}

static int is_consequence(const struct row *row)
{
	return strstr(row->summary, "atomic push fail") != NULL;
}

static int is_passing(const struct row *row)
{
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
		if (strcasestr(row->summary, passing[i]))
			return 1;
	return 0;
}

static enum push_report_end row_judge(const struct row *row)
{
	if (strncmp(row->summary, "[remote ", strlen("[remote ")) != 0)
		return strncmp(row->summary, "[rejected]", strlen("[rejected]"))
			       ? REPORT_FAILED
			       : REPORT_STALE;
	if (is_passing(row))
		return REPORT_UNSURE;
	return strncmp(row->to, OWN, strlen(OWN)) ? REPORT_REFUSED
						  : REPORT_UNSUPPORTED;
}

static void row_count(struct push_report *out, const struct row *row)
{
	enum push_report_end end;

	if (row->flag != '!' || is_consequence(row))
		return;
	end = row_judge(row);
	if (end <= out->end)
		return;
	free_str(&out->why);
	out->end = end;
	out->why = xasprintf("'%s': %s", row->to, row->summary);
}

static int is_moved(const struct row *row, const struct push *push)
{
	if (row->flag == '!')
		return 0;
	FOR_EACH (struct push_ref, ref, &push->refs)
		if (!strcmp(ref->ref, row->to))
			return 1;
	return 0;
}

/* Counts the refs that moved, or stood there already. */
static size_t read_rows(struct push_report *out, const struct push *push,
			const char *text)
{
	size_t moved = 0;

	for (const char *line = text; *line;) {
		CLEANUP(row_release) struct row row = { 0, NULL, NULL };
		size_t len = strcspn(line, "\n");

		if (row_read(&row, line, len)) {
			row_count(out, &row);
			moved += (size_t)is_moved(&row, push);
		}
		line += len + (line[len] == '\n');
	}
	return moved;
}

/* The first of what the server says; blank lines are its frame. */
static char *said_by_server(const char *text)
{
	struct buf out = BUF_INIT;

	for (const char *line = text; *line && out.len < SAID_MAX;) {
		size_t len = strcspn(line, "\n");
		CLEANUP(free_str) char *clean = remote_clean(line, len);
		const char *word = clean + strspn(clean, " ");

		if (*word && !strncmp(line, "remote: ", strlen("remote: ")))
			buf_addf(&out, "%s%s", out.len ? "; " : "", word);
		line += len + (line[len] == '\n');
	}
	return out.len ? buf_steal(&out) : NULL;
}

/*
 * Did the pre-push hook say no?  It may print anything, also what git prints
 * of a broken connection; but then git itself would end with "fatal".
 */
static int hook_refused(const struct push *push,
			const struct proc_result *result)
{
	const char *text = result->err.data;

	return push->run_hooks && strncmp(text, "fatal: ", 7) != 0 &&
	       !strstr(text, "\nfatal: ") &&
	       strstr(text, "error: failed to push some refs");
}

/* No ref has a line: the push ended before. */
static void judge_fault(struct push_report *out, const char *line)
{
	if (out->fault == FAULT_NO_ATOMIC)
		out->end = REPORT_UNSUPPORTED;
	else if (remote_transient(out->fault))
		out->end = REPORT_UNSURE;
	else
		out->end = REPORT_FAILED;
	out->why = xstrdup(line);
}

void push_report_read(struct push_report *out, const struct push *push,
		      const struct proc_result *result, enum remote_fault fault,
		      const char *line)
{
	size_t moved;

	push_report_release(out);
	out->fault = fault;
	moved = read_rows(out, push, result->out.data);
	out->said = said_by_server(result->err.data);
	if (out->end != REPORT_DONE)
		return;
	if (fault != FAULT_NONE && hook_refused(push, result)) {
		out->end = REPORT_HOOK;
		out->why = xstrdup("the pre-push hook");
	} else if (fault != FAULT_NONE) {
		judge_fault(out, line);
	} else if (moved != push->refs.len) {
		/* Success without a word on each is not to be relied on. */
		out->end = REPORT_UNSURE;
		out->why = xstrdup("git does not say what became of each ref");
	}
}

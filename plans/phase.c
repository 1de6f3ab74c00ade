/*
 * One phase as its document has it.  Filling is lenient: a field of the wrong
 * type is as good as absent, the schema has said so already.
 */
#include "plans/plan.h"

#include "core/clock.h"
#include "core/regex.h"
#include "gitops/path.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const statuses[] = {
	[PHASE_PLANNED] = "planned", [PHASE_DONE] = "done",
	[PHASE_FAILED] = "failed",   [PHASE_BLOCKED] = "blocked",
	[PHASE_SKIPPED] = "skipped",
};

const char *phase_status_name(enum phase_status status)
{
	return statuses[status];
}

/* 1 and *out, else 0. */
static int status_parse(enum phase_status *out, const char *name)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (!strcmp(name, statuses[i])) {
			*out = (enum phase_status)i;
			return 1;
		}
	return 0;
}

static char *text_of(const struct value *root, const char *key)
{
	return xstrdup(value_text(value_get(root, key), NULL));
}

/* The texts of a list and, where asked for, where each stands. */
static void fill_list(struct strings *out, struct places *at,
		      const struct value *list)
{
	VALUE_EACH(it, list)
	{
		if (!it->text)
			continue;
		strings_add(out, it->text);
		if (at)
			*PUSH(at) = place_of(it);
	}
}

static void fill_files(struct phase *out, const struct value *files)
{
	fill_list(&out->create, &out->create_at, value_get(files, "create"));
	fill_list(&out->modify, NULL, value_get(files, "modify"));
	fill_list(&out->del, NULL, value_get(files, "delete"));
}

void phase_fill(struct phase *out, const struct document *document)
{
	const struct value *root = document->tree.root;
	const struct value *checks = value_get(root, "checks");
	const struct value *commit = value_get(root, "commit");

	memset(out, 0, sizeof *out);
	out->id = text_of(root, "id");
	out->title = text_of(root, "title");
	out->summary = text_of(root, "summary");
	out->path = xstrdup(document->path);
	out->priority = (int)value_int(value_get(root, "priority"), 3);
	out->due = text_of(root, "due");
	out->agent = text_of(root, "agent");
	out->agent_at = place_of(value_get(root, "agent"));
	out->reason = text_of(root, "reason");
	out->complexity = value_int(value_path(root, "estimate.complexity"), 0);
	out->commit_type =
		xstrdup(value_text(value_get(commit, "type"), "feat"));
	out->commit_scope = text_of(commit, "scope");
	out->checks_given = checks != NULL;
	fill_list(&out->depends_on, &out->depends_at,
		  value_get(root, "depends_on"));
	fill_list(&out->checks, &out->checks_at, checks);
	fill_list(&out->acceptance, NULL, value_get(root, "acceptance"));
	fill_files(out, value_get(root, "files"));
	(void)status_parse(&out->status,
			   value_text(value_get(root, "status"), "planned"));
}

void phase_release(struct phase *phase)
{
	struct strings *lists[] = { &phase->depends_on, &phase->create,
				    &phase->modify,     &phase->del,
				    &phase->acceptance, &phase->checks };
	char *texts[] = { phase->id,          phase->title,
			  phase->summary,     phase->path,
			  phase->due,         phase->agent,
			  phase->commit_type, phase->commit_scope,
			  phase->reason };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (!phase->borrowed)
			strings_release(lists[i]);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!phase->borrowed)
			free(texts[i]);
	free(phase->depends_at.items);
	free(phase->create_at.items);
	free(phase->checks_at.items);
	memset(phase, 0, sizeof *phase);
}

static void check_reason(const struct document *document,
			 struct findings *findings)
{
	const struct value *root = document->tree.root;
	const struct value *status = value_get(root, "status");
	const char *text = value_text(status, "planned");
	enum phase_status read;

	if (!status_parse(&read, text) || read == PHASE_PLANNED ||
	    read == PHASE_DONE)
		return;
	if (*value_text(value_get(root, "reason"), ""))
		return;
	finding_hint(finding_put(findings, "missing-reason", document->path,
				 place_of(status), "status '%s' needs a reason",
				 text),
		     "add 'reason: <why>'");
}

/*
 * Compiling costs, and the schema refuses what is empty or absolute: only a
 * glob with brackets or a backslash can be bad still.
 */
static struct error *try_glob(const char *glob)
{
	struct strings one = { (char *[]){ (char *)glob }, 1, 1 };
	CLEANUP(globs_release) struct globs *globs = NULL;

	if (!strpbrk(glob, "[]{}\\"))
		return NULL;
	return globs_compile(&globs, &one);
}

/* A leading "./" is dropped wherever globs are matched. */
static const char *from_top(const char *glob)
{
	while (!strncmp(glob, "./", 2))
		glob += 2;
	return glob;
}

/*
 * By the rules of the path gate, which knows no globs: their own signs are
 * ordinary bytes to it, but for the backslash, and a '/' at the end means all
 * that is below.  An absolute one is the schema's.
 */
static void check_path(const struct document *document, const struct value *it,
		       struct findings *findings)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT;
	CLEANUP(error_release) struct error *err = NULL;

	for (const char *p = from_top(it->text); *p; p++)
		if (*p != '\\')
			buf_ch(&path, *p);
	if (path.len > 1 && path.data[path.len - 1] == '/')
		buf_setlen(&path, path.len - 1);
	if (!path.len || *path.data == '/')
		return;
	err = path_check(path.data);
	if (err)
		finding_hint(finding_put(findings, "bad-path", document->path,
					 place_of(it),
					 "no phase may touch it: %s",
					 err->message),
			     "%s", err->hint);
}

/* Below .orch/, where every other path is protected too. */
static int is_ours(const char *glob)
{
	static const char ours[] = ".orch";
	size_t len = strlen(ours);

	return !strncasecmp(glob, ours, len) &&
	       (!glob[len] || glob[len] == '/');
}

static void note_ours(const struct document *document, const struct value *it,
		      struct findings *findings)
{
	struct finding *finding = finding_put(
		findings, "protected-path", document->path, place_of(it),
		"'%s' is protected: only policy.protected lets a phase touch "
		"it",
		it->text);

	finding_hint(finding, "the documents of a plan are changed by people "
			      "and by git-orch itself");
	finding->note = 1;
}

static void check_glob(const struct document *document, const struct value *it,
		       struct findings *findings)
{
	CLEANUP(error_release) struct error *err = try_glob(it->text);

	if (err) {
		finding_put(findings, "bad-glob", document->path, place_of(it),
			    "%s", err->message);
		return;
	}
	check_path(document, it, findings);
	if (is_ours(from_top(it->text)))
		note_ours(document, it, findings);
}

/* The schema knows the form; the calendar it does not. */
static void check_due(const struct document *document,
		      struct findings *findings)
{
	const struct value *due = value_get(document->tree.root, "due");
	const char *text = value_text(due, "");
	int64_t when;

	if (strlen(text) != strlen("2026-12-01"))
		return;
	struct error *err = clock_parse(&when, text);
	if (err)
		finding_put(findings, "bad-date", document->path, place_of(due),
			    "'%s' is no day of the calendar", text);
	error_free(err);
}

void phase_check(const struct document *document, struct findings *findings)
{
	check_reason(document, findings);
	check_due(document, findings);
	VALUE_EACH(list, value_get(document->tree.root, "files"))
	if (list->kind == VALUE_LIST)
		VALUE_EACH(it, list)
	if (it->text)
		check_glob(document, it, findings);
}

static const char *type_of(const struct phase *phase)
{
	return phase->commit_type ? phase->commit_type : "feat";
}

int phase_breaks(const struct phase *phase)
{
	return strchr(type_of(phase), '!') != NULL;
}

int phase_is_type(const struct phase *phase, const char *type)
{
	size_t len = strcspn(type_of(phase), "!");

	return strlen(type) == len && !strncmp(type_of(phase), type, len);
}

void phase_subject(struct buf *out, const struct phase *phase, const char *type)
{
	const char *own = type_of(phase);

	if (type)
		buf_str(out, type);
	else
		buf_add(out, own, strcspn(own, "!"));
	if (phase->commit_scope)
		buf_addf(out, "(%s)", phase->commit_scope);
	if (phase_breaks(phase))
		buf_ch(out, '!');
}

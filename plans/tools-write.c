/*
 * The tools that change the workspace.  Whether a path may be changed is asked
 * of the gates, one change at a time; the one thing that is only known here is
 * what request_path has granted.
 */
#include "core/regex.h"
#include "plans/tools-row.h"

#include <stdlib.h>
#include <string.h>

int tool_listed(const struct strings *globs, const char *path)
{
	CLEANUP(globs_release) struct globs *compiled = NULL;
	struct error *err = globs_compile(&compiled, globs);
	int match = !err && globs_match(compiled, path);

	/* A glob that does not compile is a finding of validate, not ours. */
	error_free(err);
	return match;
}

static int may_extend(const struct toolbox *box, const char *path)
{
	const struct policy *policy = &box->task->project->config.policy;

	return policy->files == FILES_EXTEND &&
	       tool_listed(&policy->paths, path);
}

static int is_granted(const struct toolbox *box, const char *path)
{
	FOR_EACH (struct grant, grant, &box->task->report->grants) {
		struct strings one = { &grant->path, 1, 1 };

		if (tool_listed(&one, path))
			return may_extend(box, path);
	}
	return 0;
}

struct error *tool_change(struct change *out, const struct toolbox *box,
			  const char *path, int deletes)
{
	const struct oid *start = &box->task->start;

	*out = (struct change){ .path = (char *)path };
	if (!oid_is_zero(start))
		TRY(tree_entry(&out->old_mode, &out->old_oid,
			       workspace_repo(box->work), start, path));
	out->kind = out->old_mode == MODE_NONE ? CHANGE_CREATE
		    : deletes                  ? CHANGE_DELETE
					       : CHANGE_MODIFY;
	if (!deletes)
		out->new_mode = MODE_FILE;
	return NULL;
}

static struct candidate candidate_of(const struct toolbox *box,
				     struct change *change)
{
	return (struct candidate){
		.project = box->task->project,
		.plan = box->task->plan,
		.phase = box->task->phase,
		.start = box->task->start,
		.changes = { change, 1, 1 },
	};
}

static void tell(struct buf *out, int *is_error,
		 const struct findings *findings)
{
	FOR_EACH (struct finding, finding, findings)
		tool_refuse(out, is_error, "%s", finding->message);
}

static void tell_undeclared(struct buf *out, int *is_error,
			    const struct toolbox *box,
			    const struct change *change)
{
	tool_refuse(out, is_error,
		    "'%s' is not among the files this phase may %s",
		    change->path, change_name(change->kind));
	buf_str(out, may_extend(box, change->path)
			     ? "Do without it, or ask for it with "
			       "request_path.\n"
			     : "It cannot be asked for: do without it.\n");
}

/* Says in out why a change may not be made. */
static struct error *judge(struct buf *out, int *is_error,
			   const struct toolbox *box, struct change *change)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	const struct candidate candidate = candidate_of(box, change);

	TRY(gate_paths(&candidate, &findings));
	TRY(gate_names(&candidate, &findings));
	if (findings.len)
		tell(out, is_error, &findings);
	else if (!gate_declared(&candidate, change) &&
		 !is_granted(box, change->path))
		tell_undeclared(out, is_error, box, change);
	return NULL;
}

/* What the gates will say of the content that was written. */
static struct error *judge_content(struct buf *out, int *is_error,
				   const struct toolbox *box,
				   struct change *change)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	const struct candidate candidate = candidate_of(box, change);

	TRY(workspace_stat(&change->new_mode, &change->new_oid, box->work,
			   change->path));
	TRY(gate_size(&candidate, &findings));
	TRY(gate_secrets(&candidate, &findings));
	if (!findings.len)
		return NULL;
	tool_refuse(out, is_error,
		    "it was written, but the phase cannot pass like this:");
	tell(out, is_error, &findings);
	return NULL;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = len && text[len - 1] != '\n';

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static size_t count_marks(const char *text)
{
	size_t n = 0;

	while ((text = strstr(text, "[redacted:"))) {
		text++;
		n++;
	}
	return n;
}

/* Writing what a tool showed would put the mark where a secret was. */
static int has_marks(struct buf *out, int *is_error, const char *now,
		     const char *before)
{
	if (count_marks(now) <= count_marks(before))
		return 0;
	tool_refuse(out, is_error,
		    "the content holds '[redacted:', which stands where a "
		    "secret was taken out of what you were shown; change the "
		    "other lines with edit_file");
	return 1;
}

struct error *tool_put(struct buf *out, int *is_error, struct toolbox *box,
		       struct change *change, const struct buf *before,
		       const struct buf *now, enum file_mode mode)
{
	enum file_mode old_mode;
	struct oid old, oid;

	TRY(judge(out, is_error, box, change));
	if (*is_error || has_marks(out, is_error, now->data, before->data))
		return NULL;
	TRY(workspace_stat(&old_mode, &old, box->work, change->path));
	if (old_mode == MODE_LINK || old_mode == MODE_GITLINK) {
		tool_refuse(out, is_error, "'%s' is a %s", change->path,
			    old_mode == MODE_LINK ? "symbolic link"
						  : "submodule");
		return NULL;
	}
	struct error *err = workspace_write(box->work, change->path, now->data,
					    now->len, mode);
	if (err)
		return tool_soften(out, is_error, err);
	TRY(workspace_stat(&change->new_mode, &oid, box->work, change->path));
	if (old_mode == change->new_mode && oid_equal(&old, &oid)) {
		buf_addf(out, "'%s' was like this already\n", change->path);
		return NULL;
	}
	box->writes++;
	buf_addf(out, "%s '%s', %zu lines\n",
		 old_mode == MODE_NONE ? "created" : "wrote", change->path,
		 count_lines(now->data, now->len));
	return judge_content(out, is_error, box, change);
}

static struct error *read_before(struct buf *out, const struct toolbox *box,
				 const char *path)
{
	struct error *err = workspace_read(out, box->work, path);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

static struct error *write_file(struct buf *out, int *is_error,
				struct toolbox *box, const struct value *input)
{
	CLEANUP(buf_release) struct buf before = BUF_INIT;
	CLEANUP(buf_release) struct buf now = BUF_INIT;
	const struct value *content = value_get(input, "content");
	const char *path = tool_path(input);
	int executable = value_bool(value_get(input, "executable"), -1);
	struct change change;

	TRY(read_before(&before, box, path));
	TRY(tool_change(&change, box, path, 0));
	buf_add(&now, content->text, content->len);
	return tool_put(out, is_error, box, &change, &before, &now,
			executable < 0 ? MODE_NONE
			: executable   ? MODE_EXEC
				       : MODE_FILE);
}

const struct tool tool_write_file = {
	.name = "write_file",
	.description = "Creates a file, or replaces all of one. For a change "
		       "within a file edit_file is better.",
	.subject = "path",
	.run = write_file,
};

static struct error *delete_file(struct buf *out, int *is_error,
				 struct toolbox *box, const struct value *input)
{
	CLEANUP(buf_release) struct buf content = BUF_INIT;
	const char *path = tool_path(input);
	struct change change;
	enum file_mode mode;
	struct oid oid;

	TRY(workspace_stat(&mode, &oid, box->work, path));
	if (mode != MODE_FILE && mode != MODE_EXEC && mode != MODE_LINK)
		return tool_text(&content, out, is_error, box, path);
	TRY(tool_change(&change, box, path, 1));
	/* What the phase made itself may go as it came. */
	if (change.kind == CHANGE_DELETE)
		TRY(judge(out, is_error, box, &change));
	if (*is_error)
		return NULL;
	struct error *err = workspace_delete(box->work, path);
	if (err)
		return tool_soften(out, is_error, err);
	box->writes++;
	buf_addf(out, "deleted '%s'\n", path);
	return NULL;
}

const struct tool tool_delete_file = {
	.name = "delete_file",
	.description = "Deletes one file.",
	.subject = "path",
	.run = delete_file,
};

static int is_glob(const char *path)
{
	return strpbrk(path, "*?[{\\") != NULL;
}

/* One that names everything would leave the gate on paths nothing to do. */
static int is_all(const char *path)
{
	return is_glob(path) && !path[strspn(path, "*/.")];
}

/* Globs have to compile; paths have to be ones that could be granted. */
static struct error *judge_request(struct buf *out, int *is_error,
				   const struct toolbox *box, const char *path)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;
	CLEANUP(globs_release) struct globs *globs = NULL;
	struct change change;

	strings_add(&list, path);
	struct error *err = globs_compile(&globs, &list);
	if (err)
		return tool_soften(out, is_error, err);
	TRY(tool_change(&change, box, path, 0));
	const struct candidate candidate = candidate_of(box, &change);
	TRY(gate_paths(&candidate, &findings));
	TRY(gate_names(&candidate, &findings));
	tell(out, is_error, &findings);
	if (!*is_error && !is_glob(path) && !may_extend(box, path))
		tool_refuse(out, is_error,
			    "'%s' lies outside of what the project's policy "
			    "lets phases ask for: do without it",
			    path);
	return NULL;
}

static struct error *request_path(struct buf *out, int *is_error,
				  struct toolbox *box,
				  const struct value *input)
{
	const struct policy *policy = &box->task->project->config.policy;
	const char *path = tool_path(input);

	if (policy->files == FILES_STRICT) {
		tool_refuse(out, is_error,
			    "this project grants no paths beyond the declared "
			    "ones: do without '%s', and say in the notes of "
			    "finish what is missing",
			    path);
		return NULL;
	}
	if (is_all(path)) {
		tool_refuse(out, is_error,
			    "'%s' names everything: ask for the paths that "
			    "the work needs, one by one",
			    path);
		return NULL;
	}
	TRY(judge_request(out, is_error, box, path));
	if (*is_error)
		return NULL;
	struct grant *grant = PUSH(&box->task->report->grants);
	grant->path = xstrdup(path);
	grant->reason = xstrdup(value_text(value_get(input, "reason"), ""));
	buf_addf(out, "granted: '%s'; the reviewer is told why\n", path);
	return NULL;
}

const struct tool tool_request_path = {
	.name = "request_path",
	.description = "Asks for a path beyond the files this phase declares, "
		       "with the reason. Ask only for what the work cannot do "
		       "without.",
	.subject = "path",
	.run = request_path,
};

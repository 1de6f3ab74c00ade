/*
 * `git orch validate`: everything that is wrong with the documents.  Without
 * files the base's are read (--at, --staged: another tree); with files these,
 * from disk, also where there is no repository.
 */
#include "plans/validate.h"
#include "cmd/cmd.h"
#include "gitops/commit.h"
#include "plans/staged.h"

#include <string.h>

static struct error *validate_named(size_t *checked, struct findings *out,
				    struct session *session)
{
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	for (size_t i = 0; i < session->args.rest.len; i++)
		strings_add(&paths, operand(session, i));
	return validate_files(checked, out, &session->project, &paths);
}

/* The tree that the options mean. */
static struct error *choose_tree(struct oid *tree, struct session *session)
{
	const struct repo *repo = session->project.repo;
	const char *at = args_text(&session->args, "at");
	struct oid commit;

	if (args_flag(&session->args, "staged"))
		return staged_tree(tree, session->project.repo);
	if (!at) {
		*tree = session->project.base.tree;
		return NULL;
	}
	TRY(commit_resolve(&commit, repo, at));
	return commit_tree(tree, repo, &commit);
}

/*
 * Named files are read from disk: a repository only adds its settings.  What
 * is staged may become the first commit.
 */
static struct error *open_what_there_is(struct session *session)
{
	if (args_flag(&session->args, "staged"))
		return session_open(session, NEED_NO_BASE);
	if (!session->args.rest.len)
		return session_open(session, NEED_REPO | NEED_ANY_CONFIG);
	error_free(session_open(session, NEED_NO_BASE));
	return NULL;
}

/*
 * Where they were read: who has just edited one should not take "nothing
 * wrong" for an answer about that.
 */
static char *place(const struct session *session)
{
	const char *at = args_text(&session->args, "at");

	if (session->args.rest.len)
		return xstrdup("");
	if (args_flag(&session->args, "staged"))
		return xstrdup(" in the index");
	return xasprintf(" on %s", at ? at : session->project.base.branch);
}

static struct error *report(struct session *session, size_t checked,
			    const struct findings *findings)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	size_t wrong = findings_failing(findings);

	session->status = wrong ? 1 : 0;
	if (args_flag(&session->args, "sarif")) {
		findings_sarif(&tree, findings);
		out_json(&session->out, tree.root);
		return NULL;
	}
	if (session->out.json) {
		findings_json(&tree, checked, findings);
		out_json(&session->out, tree.root);
		return NULL;
	}
	out_findings(&session->out, findings);
	CLEANUP(free_str) char *where = place(session);
	const char *documents = checked == 1 ? "document" : "documents";

	if (wrong)
		say(&session->out, "%zu %s in %zu %s%s", wrong,
		    wrong == 1 ? "finding" : "findings", checked, documents,
		    where);
	else
		say(&session->out, "%zu %s%s, nothing wrong", checked,
		    documents, where);
	return NULL;
}

static struct error *run(struct session *session)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	static const char *const forms[] = { "json", "sarif", NULL };
	size_t checked = 0;
	struct oid tree;

	TRY(at_most_one(session, forms));
	if (args_flag(&session->args, "staged") +
		    args_given(&session->args, "at") +
		    (session->args.rest.len > 0) >
	    1)
		return error_new(ERROR_USAGE,
				 "files, --staged and --at exclude each other");
	TRY(open_what_there_is(session));
	if (session->args.rest.len) {
		TRY(validate_named(&checked, &findings, session));
	} else {
		TRY(choose_tree(&tree, session));
		TRY(validate_tree(&checked, &findings, &session->project, &tree,
				  global_text(session, "plan")));
	}
	return report(session, checked, &findings);
}

static const struct opt opts[] = {
	{ 0, "staged", NULL, "the documents in the index, for a hook" },
	{ 0, "at", "revision", "the documents of this revision" },
	{ 0, "sarif", NULL, "print SARIF 2.1.0, for code scanning" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_validate = {
	.name = "validate",
	.summary = "Print everything that is wrong with the documents",
	.args = "[<file>...]",
	.max = -1,
	.opts = opts,
	.complete = "files",
	.run = run,
};

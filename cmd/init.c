/* `git orch init`: the one command that writes into the working tree. */
#include "plans/init.h"
#include "cmd/cmd.h"

static void print_json(struct out *out, const struct init_report *report)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	value_add_maybe(&tree, root, "base", report->base);
	struct value *written = value_list(&tree, root, "written");
	FOR_EACH (char *, path, &report->written)
		value_add_string(&tree, written, NULL, *path);
	struct value *kept = value_list(&tree, root, "kept");
	FOR_EACH (char *, path, &report->kept)
		value_add_string(&tree, kept, NULL, *path);
	out_json(out, root);
}

static void print_text(struct out *out, const struct init_report *report)
{
	FOR_EACH (char *, path, &report->written)
		out_text(out, "wrote  %s\n", *path);
	FOR_EACH (char *, path, &report->kept)
		out_text(out, "kept   %s\n", *path);
	if (report->base)
		out_text(out, "base   %s\n", report->base);
	else
		hint(out, "HEAD is detached: name the base branch with git "
			  "config orch.base <branch>");
	if (!report->written.len && !report->unborn)
		return;
	out_text(out, "\nnext: git add .orch && git commit -m "
		      "'chore: set up git-orch'\n");
	out_text(out, "then: git orch plan --template cli-tool\n");
}

static struct error *run(struct session *session)
{
	CLEANUP(init_report_release)
	struct init_report report = INIT_REPORT_INIT;

	TRY(init_write(&report, &session->project,
		       args_flag(&session->args, "force")));
	if (session->out.json)
		print_json(&session->out, &report);
	else
		print_text(&session->out, &report);
	return NULL;
}

static const struct opt opts[] = {
	{ 'f', "force", NULL, "overwrite files that differ" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_init = {
	.name = "init",
	.summary = "Write .orch/ into the working tree",
	.opts = opts,
	.needs = NEED_NO_BASE,
	.run = run,
};

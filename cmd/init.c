/* `git orch init`: the one command that writes into the working tree. */
#include "plans/init.h"
#include "cmd/cmd.h"
#include "gitops/forge-admin.h"
#include "plans/init-forge.h"

#include <string.h>

struct shown {
	struct init_report files;
	struct setup_steps steps; /* none without --create */
	const char *forge; /* NULL: not named */
	int dry_run;
};
#define SHOWN_INIT                                                             \
	{                                                                      \
		.files = INIT_REPORT_INIT, .steps = { NULL, 0, 0 }             \
	}

static void shown_release(struct shown *shown)
{
	init_report_release(&shown->files);
	setup_steps_release(&shown->steps);
}

static void print_json(struct out *out, const struct shown *shown)
{
	const struct init_report *report = &shown->files;
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
	value_add_maybe(&tree, root, "forge", shown->forge);
	value_add_bool(&tree, root, "dry_run", shown->dry_run);
	struct value *steps = value_list(&tree, root, "steps");
	FOR_EACH (struct setup_step, step, &shown->steps) {
		struct value *row = value_object(&tree, steps, NULL);

		value_add_string(&tree, row, "name", step->name);
		value_add_string(&tree, row, "state",
				 setup_state_name(step->state));
		value_add_string(&tree, row, "text", step->text);
	}
	out_json(out, root);
}

static void print_steps(struct out *out, const struct shown *shown)
{
	static const enum colour colours[] = {
		[SETUP_LEFT] = COLOUR_DIM,
		[SETUP_DONE] = COLOUR_GREEN,
		[SETUP_KEPT] = COLOUR_NONE,
		[SETUP_FAILED] = COLOUR_RED,
	};
	CLEANUP(table_release) struct table table = TABLE_INIT(3);

	FOR_EACH (struct setup_step, step, &shown->steps) {
		table_cell(&table, colours[step->state], "%s",
			   shown->dry_run ? "would"
					  : setup_state_name(step->state));
		table_cell(&table, COLOUR_NONE, "%s", step->name);
		table_cell(&table, COLOUR_NONE, "%s", step->text);
	}
	table_print(out, &table, 0);
}

/* What is on its way to the base is the person's to commit and to push. */
static void print_then(struct out *out, const struct shown *shown)
{
	int forge = shown->forge && strcmp(shown->forge, "local");

	if (shown->files.written.len || shown->files.unborn)
		out_text(out,
			 "\nnext: git add .orch%s && git commit -m "
			 "'chore: set up git-orch'\n",
			 forge ? " .github" : "");
	else
		return;
	if (forge && shown->files.base)
		out_text(out, "then: git push -u origin %s\n",
			 shown->files.base);
	else
		out_text(out, "then: git orch plan --template cli-tool\n");
}

static void print_text(struct out *out, const struct shown *shown)
{
	const struct init_report *report = &shown->files;

	FOR_EACH (char *, path, &report->written)
		out_text(out, "%s  %s\n", shown->dry_run ? "would" : "wrote",
			 *path);
	FOR_EACH (char *, path, &report->kept)
		out_text(out, "kept   %s\n", *path);
	if (report->base)
		out_text(out, "base   %s\n", report->base);
	else
		hint(out, "HEAD is detached: name the base branch with git "
			  "config orch.base <branch>");
	print_steps(out, shown);
	if (!shown->dry_run)
		print_then(out, shown);
}

static struct error *check_args(const struct session *session,
				const char *forge)
{
	static const char *const seen[] = { "public", "private", NULL };
	static const char *const with[] = { "org", "name", "public", "private",
					    NULL };
	const struct forge *row;
	int create = args_flag(&session->args, "create");

	TRY(at_most_one(session, seen));
	for (const char *const *name = with; *name; name++)
		if (!create && args_given(&session->args, *name))
			return error_hint(error_new(ERROR_USAGE,
						    "--%s needs --create",
						    *name),
					  "git orch init --forge github "
					  "--create --%s",
					  *name);
	if (create && (!forge || !strcmp(forge, "local")))
		return error_hint(
			error_new(ERROR_USAGE, "--create needs a forge"),
			"git orch init --forge github --create");
	return forge && strcmp(forge, "local") ? forge_find(&row, forge) : NULL;
}

static struct error *write_and_create(struct shown *shown,
				      struct session *session)
{
	const struct args *args = &session->args;
	const struct init_options options = {
		.force = args_flag(args, "force"),
		.dry_run = shown->dry_run,
		.forge = shown->forge,
	};

	TRY(init_write(&shown->files, &session->project, &options));
	const struct forge_setup setup = {
		.forge = shown->forge,
		.organization = args_text(args, "org"),
		.name = args_text(args, "name"),
		.base = shown->files.base,
		.open = args_flag(args, "public"),
		.dry_run = shown->dry_run,
	};
	if (!args_flag(args, "create"))
		return NULL;
	return forge_set_up(&shown->steps, &session->project, &setup);
}

static struct error *run(struct session *session)
{
	CLEANUP(shown_release) struct shown shown = SHOWN_INIT;

	shown.forge = args_text(&session->args, "forge");
	shown.dry_run = args_flag(&session->args, "dry-run");
	TRY(check_args(session, shown.forge));
	struct error *err = write_and_create(&shown, session);
	if (err && !shown.steps.len)
		return err;
	/* What was done before an error is told all the same. */
	if (session->out.json)
		print_json(&session->out, &shown);
	else
		print_text(&session->out, &shown);
	return err;
}

static const struct opt opts[] = {
	{ 'f', "force", NULL, "overwrite files that differ" },
	{ 'n', "dry-run", NULL, "say what would be done, change nothing" },
	{ 0, "forge", "name", "use this forge: github, or local for none" },
	{ 0, "create", NULL, "set the forge up: repository, labels, rules" },
	{ 0, "org", "name", "the organization that is to own it" },
	{ 0, "name", "name", "its name; default: that of the folder" },
	{ 0, "private", NULL, "make it private, as is the default" },
	{ 0, "public", NULL, "make it public" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_init = {
	.name = "init",
	.summary = "Write .orch/ into the working tree, set a forge up",
	.opts = opts,
	.needs = NEED_NO_BASE,
	.run = run,
};

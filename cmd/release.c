/* `git orch release`: changelog entry, tag and release of what is done. */
#include "plans/release.h"
#include "cmd/cmd.h"

static void print_items(struct tree *tree, struct value *root,
			const struct release_report *report)
{
	struct value *rows = value_list(tree, root, "phases");

	FOR_EACH (const struct release_item, item, &report->items) {
		struct value *row = value_object(tree, rows, NULL);

		value_add_string(tree, row, "plan", item->plan);
		value_add_string(tree, row, "phase", item->phase);
		value_add_string(tree, row, "title", item->title);
		value_add_string(tree, row, "type", item->type);
		value_add_bool(tree, row, "breaks", item->breaks);
		value_add_string(tree, row, "group", release_group(item));
	}
}

static void print_json(struct out *out, const struct release_report *report,
		       int dry_run)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	char hex[OID_HEX];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "release", report->version);
	value_add_string(&tree, root, "tag", report->tag);
	value_add_maybe(&tree, root, "previous", report->previous);
	value_add_bool(&tree, root, "dry_run", dry_run);
	value_add_maybe(&tree, root, "commit",
			oid_is_zero(&report->commit)
				? NULL
				: oid_hex(hex, &report->commit));
	value_add_maybe(&tree, root, "notes", report->notes);
	print_items(&tree, root, report);
	value_add_maybe(&tree, root, "agent", report->agent);
	value_add_maybe(&tree, root, "url", report->url);
	value_add_maybe(&tree, root, "pull", report->pull);
	out_json(out, root);
}

static void print_text(struct out *out, const struct release_report *report,
		       int dry_run)
{
	if (report->previous)
		out_text(out, "%s, after %s\n", report->tag, report->previous);
	else
		out_text(out, "%s, the first release\n", report->tag);
	if (report->notes && *report->notes)
		out_text(out, "\n%s\n\n", report->notes);
	if (dry_run)
		out_text(out, "nothing was changed\n");
	else if (report->pull)
		out_text(out,
			 "the base is protected: merge %s\n"
			 "then: git orch release\n",
			 report->pull);
	else if (report->url)
		out_text(out, "released: %s\n", report->url);
	else
		out_text(out, "tagged: %s\n", report->tag);
}

static struct error *run(struct session *session)
{
	const struct args *args = &session->args;
	CLEANUP(release_report_release)
	struct release_report report = RELEASE_REPORT_INIT;
	const struct release_options options = {
		.plan = plan_operand(session),
		.version = args_text(args, "version"),
		.draft = args_flag(args, "draft"),
		.plain = args_flag(args, "plain"),
		.dry_run = args_flag(args, "dry-run"),
	};
	struct error *err = release_make(&report, &session->project, &options);

	end_progress(session);
	TRY(err);
	if (session->out.json)
		print_json(&session->out, &report, options.dry_run);
	else
		print_text(&session->out, &report, options.dry_run);
	return NULL;
}

static const struct opt opts[] = {
	{ 'n', "dry-run", NULL, "show version and notes, change nothing" },
	{ 0, "version", "x.y.z", "this version, not what the commits say" },
	{ 0, "draft", NULL, "leave it a draft on the forge" },
	{ 0, "plain", NULL, "list the phases, ask no model for words" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_release = {
	.name = "release",
	.summary = "Release what is done: changelog entry, tag, notes",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_TRUST | NEED_PROGRESS | MOVES_REFS,
	.complete = "plans",
	.run = run,
};

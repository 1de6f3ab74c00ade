/* `git orch plan`: a goal becomes documents on a branch of their own. */
#include "cmd/cmd.h"
#include "plans/planner.h"

#include <string.h>

static struct error *need_template(struct project *project)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	TRY(template_names(&names, project));
	strings_join(&list, &names, ", ");
	return error_hint(error_new(ERROR_USAGE,
				    "no agent is configured that could plan"),
			  "begin from a template with --template <name>: %s",
			  list.data);
}

static void print_json(struct out *out, const struct draft *draft)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	char hex[OID_HEX];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", draft->plan);
	value_add_maybe(&tree, root, "title", draft->title);
	value_add_string(&tree, root, "branch", draft->branch);
	value_add_maybe(&tree, root, "commit",
			oid_is_zero(&draft->commit)
				? NULL
				: oid_hex(hex, &draft->commit));
	value_add_bool(&tree, root, "trusted", draft->pinned);
	struct value *phases = value_list(&tree, root, "phases");
	FOR_EACH (char *, phase, &draft->phases)
		value_add_string(&tree, phases, NULL, *phase);
	out_json(out, root);
}

static void print_text(struct out *out, const struct draft *draft)
{
	char hex[OID_HEX];

	out_colour(out, COLOUR_BOLD, "%s", draft->plan);
	out_text(out, "  %s\n", draft->title);
	FOR_EACH (char *, phase, &draft->phases)
		out_text(out, "  %s\n", *phase);
	if (oid_is_zero(&draft->commit))
		out_text(out, "%zu phases; nothing was written\n",
			 draft->phases.len);
	else
		out_text(out,
			 "%zu phases, a draft on %s (%.7s)\n"
			 "next: git orch approve %s\n",
			 draft->phases.len, draft->branch,
			 oid_hex(hex, &draft->commit), draft->plan);
}

static void collect_vars(struct strings *out, const struct args *args)
{
	FOR_EACH (struct arg_value, value, &args->values)
		if (!strcmp(value->opt->name, "var"))
			strings_add(out, value->text);
}

static struct error *run(struct session *session)
{
	CLEANUP(strings_release) struct strings vars = STRINGS_INIT;
	CLEANUP(draft_release) struct draft draft = DRAFT_INIT;
	const struct plan_request request = {
		.template = args_text(&session->args, "template"),
		.id = args_text(&session->args, "id"),
		.goal = operand(session, 0),
		.vars = &vars,
		.dry_run = args_flag(&session->args, "dry-run"),
	};

	if (!request.template)
		return need_template(&session->project);
	collect_vars(&vars, &session->args);
	TRY(planner_template(&draft, &session->project, &request));
	if (findings_failing(&draft.findings)) {
		out_findings(&session->out, &draft.findings);
		return error_hint(error_new(ERROR_NO,
					    "the documents of template '%s' "
					    "do not hold together",
					    request.template),
				  "nothing was written");
	}
	if (session->out.json)
		print_json(&session->out, &draft);
	else
		print_text(&session->out, &draft);
	return NULL;
}

static const struct opt opts[] = {
	{ 0, "template", "template", "the project template to begin from" },
	{ 0, "var", "name=value", "a variable of the template" },
	{ 0, "id", "id", "the id of the plan" },
	{ 'n', "dry-run", NULL, "show the phases, write nothing" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_plan = {
	.name = "plan",
	.summary = "Write the documents of a plan on a branch of their own",
	.args = "[<goal>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | MOVES_REFS,
	.run = run,
};

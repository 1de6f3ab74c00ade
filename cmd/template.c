/* `git orch template`: the project templates there are. */
#include "plans/template.h"
#include "cmd/cmd.h"

static void add_vars(struct tree *tree, struct value *parent,
		     const struct template *template)
{
	struct value *vars = value_list(tree, parent, "vars");

	FOR_EACH (struct template_var, var, &template->vars) {
		struct value *row = value_object(tree, vars, NULL);

		value_add_string(tree, row, "name", var->name);
		value_add_maybe(tree, row, "default", var->value);
		value_add_maybe(tree, row, "pattern", var->pattern);
		value_add_maybe(tree, row, "help", var->help);
	}
}

static struct value *add_template(struct tree *tree, struct value *parent,
				  const struct template *template)
{
	struct value *row = value_object(tree, parent, NULL);

	value_add_string(tree, row, "name", template->name);
	value_add_string(tree, row, "title", template->title);
	value_add_maybe(tree, row, "summary", template->summary);
	value_add_bool(tree, row, "builtin", template->builtin);
	return row;
}

static struct error *list_one(struct session *session, const char *name,
			      struct tree *tree, struct value *rows,
			      struct table *table)
{
	CLEANUP(template_release) struct template template = { 0 };

	TRY(template_open(&template, &session->project, name));
	add_template(tree, rows, &template);
	table_cell(table, COLOUR_BOLD, "%s", template.name);
	table_cell(table, COLOUR_DIM, "%s",
		   template.builtin ? "built in" : ".orch/templates");
	table_cell(table, COLOUR_NONE, "%s", template.title);
	return NULL;
}

static struct error *run_list(struct session *session)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(table_release) struct table table = TABLE_INIT(3);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	struct value *rows = value_list(&tree, root, "templates");
	TRY(template_names(&names, &session->project));
	FOR_EACH (char *, name, &names)
		TRY(list_one(session, *name, &tree, rows, &table));
	if (session->out.json)
		out_json(&session->out, root);
	else
		table_print(&session->out, &table, 0);
	return NULL;
}

static void show_text(struct out *out, const struct template *template)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(3);

	table.wrap = 1;
	out_colour(out, COLOUR_BOLD, "%s", template->name);
	out_text(out, "  %s\n", template->title);
	if (template->summary) {
		out_text(out, "\n");
		out_wrap(out, 0, 0, "%s", template->summary);
		out_text(out, "\n");
	}
	if (template->vars.len)
		out_text(out, "\nvariables (--var name=value)\n");
	FOR_EACH (struct template_var, var, &template->vars) {
		table_cell(&table, COLOUR_CYAN, "%s", var->name);
		table_cell(&table, COLOUR_NONE, "%s",
			   var->value ? var->value : "(must be given)");
		table_cell(&table, COLOUR_DIM, "%s",
			   var->help ? var->help : "");
	}
	table_print(out, &table, 2);
}

static void show_phases(struct out *out, const struct strings *phases)
{
	out_text(out, "\nphases\n");
	FOR_EACH (char *, phase, phases)
		out_text(out, "  %s\n", *phase);
}

static struct error *run_show(struct session *session)
{
	CLEANUP(template_release) struct template template = { 0 };
	CLEANUP(strings_release) struct strings phases = STRINGS_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	TRY(template_open(&template, &session->project, operand(session, 0)));
	TRY(template_phases(&phases, &template));
	if (!session->out.json) {
		show_text(&session->out, &template);
		show_phases(&session->out, &phases);
		return NULL;
	}
	struct value *root = add_template(&tree, NULL, &template);
	value_add_int(&tree, root, "version", 1);
	add_vars(&tree, root, &template);
	struct value *list = value_list(&tree, root, "phases");
	FOR_EACH (char *, phase, &phases)
		value_add_string(&tree, list, NULL, *phase);
	out_json(&session->out, root);
	return NULL;
}

static const struct opt opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };

static const struct cmd list = {
	.name = "list",
	.summary = "List the templates, those of the repository too",
	.opts = opts,
	.needs = NEED_REPO,
	.run = run_list,
};
static const struct cmd show = {
	.name = "show",
	.summary = "Show the variables and phases of a template",
	.args = "<template>",
	.min = 1,
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO,
	.complete = "templates",
	.run = run_show,
};
static const struct cmd *const subs[] = { &list, &show, NULL };

const struct cmd cmd_template = {
	.name = "template",
	.summary = "List and show project templates",
	.args = "list|show",
	.subs = subs,
};

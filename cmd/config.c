/* `git orch config`: what applies, who said so, and what is wrong with it. */
#include "cmd/cmd.h"
#include "core/secret.h"
#include "plans/document.h"

#include <stdlib.h>
#include <string.h>

static struct value *add_setting(struct tree *tree, struct value *parent,
				 const struct setting *setting)
{
	struct value *row = value_object(tree, parent, NULL);

	value_add_string(tree, row, "key", setting->key);
	value_add_string(tree, row, "value", setting->value);
	value_add_string(tree, row, "origin", setting->origin);
	return row;
}

static void list_json(struct out *out, const struct settings *settings)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	struct value *rows = value_list(&tree, root, "settings");
	FOR_EACH (struct setting, setting, settings)
		add_setting(&tree, rows, setting);
	out_json(out, root);
}

/* A list is what is shown to others: a key that stands in it is not. */
static struct error *hide_secrets(struct settings *settings)
{
	CLEANUP(secrets_free) struct secrets *secrets = NULL;

	TRY(secrets_load(&secrets, NULL));
	FOR_EACH (struct setting, setting, settings) {
		CLEANUP(buf_release) struct buf clean = BUF_INIT;

		TRY(secrets_redact(&clean, secrets, setting->value,
				   strlen(setting->value)));
		free(setting->value);
		setting->value = buf_steal(&clean);
	}
	return NULL;
}

static struct error *run_list(struct session *session)
{
	int origin = args_flag(&session->args, "show-origin");
	CLEANUP(settings_release) struct settings settings = { NULL, 0, 0 };
	CLEANUP(table_release) struct table table = TABLE_INIT(2);

	TRY(config_settings(&settings, &session->project.config));
	TRY(hide_secrets(&settings));
	if (session->out.json) {
		list_json(&session->out, &settings);
		return NULL;
	}
	FOR_EACH (struct setting, setting, &settings) {
		if (origin)
			table_cell(&table, COLOUR_DIM, "%s", setting->origin);
		else
			out_text(&session->out, "%s=%s\n", setting->key,
				 setting->value);
		if (origin)
			table_cell(&table, COLOUR_NONE, "%s=%s", setting->key,
				   setting->value);
	}
	table_print(&session->out, &table, 0);
	return NULL;
}

static struct error *run_get(struct session *session)
{
	CLEANUP(setting_release) struct setting setting = { NULL, NULL, NULL };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	TRY(config_get(&setting, &session->project.config,
		       operand(session, 0)));
	if (!session->out.json) {
		out_text(&session->out, "%s\n", setting.value);
		return NULL;
	}
	struct value *row = add_setting(&tree, NULL, &setting);
	value_add_int(&tree, row, "version", 1);
	out_json(&session->out, row);
	return NULL;
}

/* The project does not open with a broken configuration: this reads it. */
static struct error *run_validate(struct session *session)
{
	struct project *project = &session->project;
	CLEANUP(config_release) struct config config = { 0 };
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	const struct config_flags flags = {
		.environment = session->options.environment,
		.set = session->options.set,
	};

	TRY(config_load(&config, project->repo, &project->base, &flags,
			&findings));
	TRY(config_lint(&findings, project->repo));
	findings_sort(&findings);
	TRY(findings_hide(&findings));
	out_findings(&session->out, &findings);
	if (findings_failing(&findings))
		session->status = 1;
	else
		say(&session->out, "the configuration is valid");
	return NULL;
}

static const struct opt list_opts[] = {
	{ 0, "show-origin", NULL, "show who said so" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};
static const struct opt json_opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };

static const struct cmd list = {
	.name = "list",
	.summary = "Print every setting that applies",
	.opts = list_opts,
	.needs = NEED_REPO,
	.run = run_list,
};
static const struct cmd get = {
	.name = "get",
	.summary = "Print one setting",
	.args = "<key>",
	.min = 1,
	.max = 1,
	.opts = json_opts,
	.needs = NEED_REPO,
	.complete = "keys",
	.run = run_get,
};
static const struct cmd validate = {
	.name = "validate",
	.summary = "Print what is wrong with the configuration",
	.needs = NEED_REPO | NEED_ANY_CONFIG,
	.run = run_validate,
};
static const struct cmd *const subs[] = { &list, &get, &validate, NULL };

const struct cmd cmd_config = {
	.name = "config",
	.summary = "Show and check the configuration that applies",
	.args = "list|get|validate",
	.subs = subs,
};

/* `git orch integrate`: land what is in review, in dependency order. */
#include "plans/integrate.h"
#include "cmd/cmd.h"
#include "cmd/integration.h"
#include "cmd/landings.h"
#include "plans/integrate-forge.h"

#include <string.h>

static void print_json(struct session *session, const char *plan,
		       const struct landings *landings,
		       const struct integration *report)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	char hex[OID_HEX];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", plan);
	value_add_string(&tree, root, "branch", session->project.base.branch);
	value_add_string(&tree, root, "commit",
			 oid_hex(hex, &session->project.base.commit));
	value_add_string(&tree, root, "guarantee",
			 landing_guarantee(&session->project));
	landings_json(&tree, root, landings);
	integration_json(&tree, root, report);
	out_json(&session->out, root);
}

static int any_landed(const struct landings *landings)
{
	FOR_EACH (struct landing, landing, landings)
		if (landing->end == LANDING_LANDED)
			return 1;
	return 0;
}

static struct error *report_on(struct integration *out, struct session *session,
			       const char *plan,
			       const struct landings *landings)
{
	struct project *project = &session->project;
	int due = args_flag(&session->args, "final");

	TRY(project_reload(project));
	if (!due)
		TRY(integration_due(&due, project, plan, any_landed(landings)));
	return due ? integration_make(out, project, plan) : NULL;
}

/* On a forge it depends on the configuration. */
static void say_guarantee(struct session *session,
			  const struct landings *landings)
{
	const struct delivery *delivery = &session->project.config.delivery;
	const char *base = session->project.base.branch;

	if (!any_landed(landings) || !strcmp(delivery->forge, "local"))
		return;
	if (delivery->land == LAND_PUSH)
		say(&session->out,
		    "guarantee: checked; %s moves only to what was checked",
		    base);
	else
		say(&session->out,
		    "guarantee: compared; what the forge made of %s was "
		    "compared with what was checked",
		    base);
}

static struct error *run(struct session *session)
{
	struct project *project = &session->project;
	CLEANUP(integration_release) struct integration report = { 0 };
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(landings_release) struct landings landings = { NULL, 0, 0 };

	TRY(board_choose(&plan, project, plan_operand(session)));
	/* What a person has closed since must not land. */
	TRY(pulls_refresh(project));
	struct error *err = integrate(&landings, project, plan, NULL);
	if (!err)
		err = report_on(&report, session, plan, &landings);
	end_progress(session);
	/* What has landed before an error is told all the same. */
	if (session->out.json)
		print_json(session, plan, &landings, &report);
	else
		landings_print(&session->out, &landings);
	say_guarantee(session, &landings);
	TRY(err);
	session->status = landings_status(&landings);
	if (integration_status(&report) > session->status)
		session->status = integration_status(&report);
	if (session->out.json)
		return NULL;
	integration_print(&session->out, &report);
	TRY(project_reload(project));
	if (!landings.len && !report.path)
		return error_hint(error_new(ERROR_NOTHING,
					    "no phase of '%s' is in review",
					    plan),
				  "git orch run %s works on those that are "
				  "ready",
				  plan);
	return print_next(session, plan);
}

static const struct opt opts[] = {
	{ 0, "final", NULL, "report on the plan, finished or not" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_integrate = {
	.name = "integrate",
	.summary = "Land the phases in review, each checked on what it meets",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_TRUST | NEED_PROGRESS | MOVES_REFS,
	.complete = "plans",
	.run = run,
};

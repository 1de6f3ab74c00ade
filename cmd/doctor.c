/* `git orch doctor`: what keeps git-orch from working here. */
#include "plans/doctor.h"
#include "cmd/cmd.h"

static const struct {
	const char *name;
	enum colour colour;
} levels[] = {
	[DIAGNOSIS_OK] = { "ok", COLOUR_GREEN },
	[DIAGNOSIS_WARNING] = { "warning", COLOUR_YELLOW },
	[DIAGNOSIS_BAD] = { "wrong", COLOUR_RED },
};

static void print_json(struct out *out, const struct diagnoses *diagnoses)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "program", GIT_ORCH_VERSION);
	struct value *rows = value_list(&tree, root, "diagnoses");
	FOR_EACH (struct diagnosis, diagnosis, diagnoses) {
		struct value *row = value_object(&tree, rows, NULL);

		value_add_string(&tree, row, "name", diagnosis->name);
		value_add_string(&tree, row, "level",
				 levels[diagnosis->level].name);
		value_add_string(&tree, row, "text", diagnosis->text);
		value_add_maybe(&tree, row, "fix", diagnosis->fix);
	}
	out_json(out, root);
}

static void print_text(struct out *out, const struct diagnoses *diagnoses)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(3);

	table_cell(&table, COLOUR_GREEN, "ok");
	table_cell(&table, COLOUR_BOLD, "git-orch");
	table_cell(&table, COLOUR_NONE, "version %s", GIT_ORCH_VERSION);
	FOR_EACH (struct diagnosis, diagnosis, diagnoses) {
		table_cell(&table, levels[diagnosis->level].colour, "%s",
			   levels[diagnosis->level].name);
		table_cell(&table, COLOUR_BOLD, "%s", diagnosis->name);
		table_cell(&table, COLOUR_NONE, "%s", diagnosis->text);
		if (!diagnosis->fix)
			continue;
		table_cell(&table, COLOUR_NONE, "%s", "");
		table_cell(&table, COLOUR_NONE, "%s", "");
		table_cell(&table, COLOUR_NONE, "fix: %s", diagnosis->fix);
	}
	table_print(out, &table, 0);
}

static struct error *run(struct session *session)
{
	CLEANUP(diagnoses_release) struct diagnoses diagnoses = DIAGNOSES_INIT;

	unsigned flags = 0;

	flags |= args_flag(&session->args, "fix") ? DOCTOR_MEND : 0;
	flags |= args_flag(&session->args, "online") ? DOCTOR_ONLINE : 0;
	flags |= args_flag(&session->args, "forge") ? DOCTOR_FORGE : 0;
	TRY(doctor(&diagnoses, &session->options, flags));
	FOR_EACH (struct diagnosis, diagnosis, &diagnoses)
		if (diagnosis->level == DIAGNOSIS_BAD)
			session->status = 1;
	if (session->out.json)
		print_json(&session->out, &diagnoses);
	else
		print_text(&session->out, &diagnoses);
	return NULL;
}

static const struct opt opts[] = {
	{ 0, "fix", NULL, "remove what dead runs left behind" },
	{ 0, "online", NULL, "ask whether the servers of providers are there" },
	{ 0, "forge", NULL, "ask the remote and its forge what is in the way" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_doctor = {
	.name = "doctor",
	.summary = "Look for what keeps git-orch from working here",
	.opts = opts,
	.run = run,
};

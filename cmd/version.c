/* `git orch version`: opens nothing, reads nothing. */
#include "cmd/cmd.h"

static struct error *run(struct session *session)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	if (!session->out.json) {
		out_text(&session->out, "git-orch version %s\n",
			 GIT_ORCH_VERSION);
		return NULL;
	}
	struct value *root = value_object(&tree, NULL, NULL);
	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "program", GIT_ORCH_VERSION);
	out_json(&session->out, root);
	return NULL;
}

static const struct opt opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };

const struct cmd cmd_version = {
	.name = "version",
	.summary = "Print the version",
	.opts = opts,
	.run = run,
};

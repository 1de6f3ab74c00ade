/*
 * `git orch trust`: shows what of the base would run, and pins it once the
 * user has said yes.
 */
#include "plans/trust.h"
#include "cmd/cmd.h"

#include <string.h>

static size_t unpinned(const struct trust *trust)
{
	size_t n = 0;

	FOR_EACH (struct trust_item, item, trust)
		n += !item->pinned;
	return n;
}

static void print_json(struct out *out, const struct trust *trust)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "sha256", trust->digest);
	value_add_bool(&tree, root, "trusted", !unpinned(trust));
	struct value *items = value_list(&tree, root, "items");
	FOR_EACH (struct trust_item, item, trust) {
		struct value *row = value_object(&tree, items, NULL);

		value_add_string(&tree, row, "path", item->path);
		value_add_string(&tree, row, "sha256", item->digest);
		value_add_bool(&tree, row, "pinned", item->pinned);
		struct value *runs = value_list(&tree, row, "runs");
		FOR_EACH (char *, run, &item->runs)
			value_add_string(&tree, runs, NULL, *run);
	}
	out_json(out, root);
}

/* No line of a command may look like one of ours. */
static void print_command(struct out *out, const char *command)
{
	const char *label = "runs:";

	for (;; label = "") {
		int len = (int)strcspn(command, "\n");

		out_text(out, "           %-5s %.*s\n", label, len, command);
		command += len;
		if (!*command || !*++command)
			return;
	}
}

/* As git quotes one: no path may look like two rows. */
static void add_path(struct buf *out, const char *path)
{
	for (; *path; path++)
		if (*path == '\n')
			buf_str(out, "\\n");
		else if (*path == '\t')
			buf_str(out, "\\t");
		else
			buf_ch(out, *path);
}

static void print_items(struct out *out, const struct trust *trust)
{
	FOR_EACH (struct trust_item, item, trust) {
		CLEANUP(buf_release) struct buf path = BUF_INIT;

		add_path(&path, item->path);
		out_colour(out, item->pinned ? COLOUR_GREEN : COLOUR_YELLOW,
			   "%s", item->pinned ? "trusted  " : "unknown  ");
		out_text(out, "%s  %.12s\n", path.data, item->digest);
		FOR_EACH (char *, run, &item->runs)
			print_command(out, *run);
	}
	if (!trust->len)
		out_text(out, "nothing here can run a command\n");
	else
		out_text(out, "\nsha256 of all: %s\n", trust->digest);
}

static struct error *pin(struct session *session, const struct trust *trust)
{
	size_t n = unpinned(trust);

	if (!n)
		return NULL;
	if (!confirmed(session, "Trust it?"))
		return error_hint(error_new(ERROR_REFUSED,
					    "%zu of %zu items stay untrusted",
					    n, trust->len),
				  "read them, then git orch trust --yes");
	TRY(trust_pin(trust, &session->project));
	say(&session->out, "%zu %s trusted on this machine", n,
	    n == 1 ? "item is now" : "items are now");
	return NULL;
}

static struct error *run(struct session *session)
{
	struct project *project = &session->project;
	CLEANUP(trust_release) struct trust trust = TRUST_INIT;
	static const char *const one[] = { "show", "yes", "revoke", NULL };

	TRY(at_most_one(session, one));
	if (args_flag(&session->args, "revoke")) {
		TRY(trust_revoke(project));
		say(&session->out, "nothing of this repository is trusted now");
		return NULL;
	}
	TRY(trust_read(&trust, project, &project->base.tree));
	if (session->out.json)
		print_json(&session->out, &trust);
	else
		print_items(&session->out, &trust);
	if (args_flag(&session->args, "show") ||
	    (session->out.json && !args_flag(&session->args, "yes"))) {
		session->status = unpinned(&trust) ? 4 : 0;
		return NULL;
	}
	return pin(session, &trust);
}

static const struct opt opts[] = {
	{ 0, "show", NULL, "only show it; exit 4 when some is not trusted" },
	{ 'y', "yes", NULL, "trust it without a question" },
	{ 0, "revoke", NULL, "trust nothing of this repository any more" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_trust = {
	.name = "trust",
	.summary = "Pin what the repository may run on this machine",
	.opts = opts,
	.needs = NEED_REPO,
	.run = run,
};

/* `git orch restack`: put branches onto what has become of what is below. */
#include "plans/restack.h"
#include "cmd/cmd.h"
#include "cmd/landings.h"

static void print_json(struct session *session, const char *plan,
		       const struct restacks *restacks)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	char hex[OID_HEX];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", plan);
	value_add_string(&tree, root, "base", session->project.base.branch);
	struct value *rows = value_list(&tree, root, "phases");
	FOR_EACH (struct restacked, it, restacks) {
		struct value *row = value_object(&tree, rows, NULL);

		value_add_string(&tree, row, "phase", it->phase);
		value_add_maybe(&tree, row, "title", it->title);
		value_add_string(&tree, row, "end", restack_end_name(it->end));
		value_add_string(&tree, row, "onto", it->onto);
		value_add_string(&tree, row, "commit",
				 oid_hex(hex, &it->commit));
		value_add_int(&tree, row, "commits", (int64_t)it->commits);
		value_add_bool(&tree, row, "evidence", it->evidence);
		checks_json(&tree, row, &it->checks);
		struct value *paths = value_list(&tree, row, "conflicts");
		FOR_EACH (char *, path, &it->conflicts)
			value_add_string(&tree, paths, NULL, *path);
		messages_json(&tree, row, &it->findings);
	}
	out_json(&session->out, root);
}

static void print_why(struct out *out, const struct restacked *row)
{
	FOR_EACH (char *, path, &row->conflicts)
		out_text(out, "  both sides changed %s\n", *path);
	FOR_EACH (struct finding, finding, &row->findings) {
		out_text(out, "  %s\n", finding->message);
		/* Of a check that is its output, which follows. */
		if (finding->hint && row->end != RESTACK_RED)
			out_text(out, "    %s\n", finding->hint);
	}
	FOR_EACH (struct check_outcome, check, &row->checks)
		if (check->tail)
			out_text(out, "  the end of check '%s' (%s):\n%s\n",
				 check->name, check->ended, check->tail);
}

static void print(struct out *out, const struct restacks *restacks)
{
	static const enum colour colours[] = {
		[RESTACK_DONE] = COLOUR_GREEN,
		[RESTACK_CURRENT] = COLOUR_DIM,
		[RESTACK_RED] = COLOUR_RED,
		[RESTACK_CONFLICT] = COLOUR_RED,
		[RESTACK_CLAIMED] = COLOUR_YELLOW,
	};

	FOR_EACH (struct restacked, row, restacks) {
		out_colour(out, colours[row->end], "%-9s",
			   restack_end_name(row->end));
		out_text(out, "  %s  on %s", row->phase, row->onto);
		if (row->end == RESTACK_DONE)
			out_text(out, ", %s",
				 row->evidence ? "checked again"
					       : "its result stands");
		out_text(out, "\n");
		print_why(out, row);
	}
}

static int status_of(const struct restacks *restacks)
{
	static const int statuses[] = {
		[RESTACK_DONE] = 0,     [RESTACK_CURRENT] = 0,
		[RESTACK_RED] = 1,      [RESTACK_CLAIMED] = 5,
		[RESTACK_CONFLICT] = 6,
	};
	int status = 0;

	FOR_EACH (struct restacked, row, restacks)
		if (statuses[row->end] > status)
			status = statuses[row->end];
	return status;
}

static struct error *run(struct session *session)
{
	struct project *project = &session->project;
	const char *phase = operand(session, 0);
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(restacks_release) struct restacks restacks = { NULL, 0, 0 };

	TRY(board_choose(&plan, project, global_text(session, "plan")));
	struct error *err = restack(&restacks, project, plan, phase);
	end_progress(session);
	/* What has moved before an error is told all the same. */
	if (session->out.json)
		print_json(session, plan, &restacks);
	else
		print(&session->out, &restacks);
	TRY(err);
	session->status = status_of(&restacks);
	if (restacks.len || session->out.json)
		return NULL;
	return error_hint(error_new(ERROR_NOTHING,
				    "every phase of '%s' stands where it "
				    "should",
				    plan),
			  "a named one is put onto the tip of what it stands "
			  "on: git orch restack <phase>");
}

static const struct opt opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };

const struct cmd cmd_restack = {
	.name = "restack",
	.summary = "Put phases onto what has become of those they stand on",
	.args = "[<phase>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_TRUST | NEED_PROGRESS | MOVES_REFS,
	.complete = "phases",
	.run = run,
};

/* `git orch show`: one document, rendered, with where it stands and came from.
 */
#include "plans/show.h"
#include "cmd/cmd.h"
#include "cmd/page.h"
#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

static void print_head(struct out *out, const struct sheet *sheet)
{
	const struct value *root = sheet->document.tree.root;
	const struct card *card = sheet->card;
	CLEANUP(buf_release) struct buf why = BUF_INIT;

	out_colour(out, COLOUR_BOLD, "%s%s%s", sheet->plan->plan.id,
		   card ? "/" : "", card ? card->phase->id : "");
	out_text(out, "  ");
	out_wrap(out, 20, 2, "%s", value_text(value_get(root, "title"), ""));
	out_text(out, "\n");
	if (card)
		card_why(&why, card);
	out_colour(out, COLOUR_YELLOW, "%s",
		   card ? status_name(card->status)
			: plan_state_name(sheet->plan->state));
	if (card && strcmp(why.data, status_name(card->status)) != 0)
		out_text(out, ": %s", why.data);
	if (card && card->branch)
		out_text(out, "  on %s", card->branch);
	out_text(out, "\n\n");
}

static void print_history(struct out *out, const struct sheet *sheet)
{
	out_text(out, "\nhistory\n");
	FOR_EACH (struct commit_line, line, &sheet->history) {
		char hex[OID_HEX], when[CLOCK_TEXT];

		clock_format(when, line->when);
		out_colour(out, COLOUR_YELLOW, "  %.7s",
			   oid_hex(hex, &line->oid));
		out_text(out, "  %.10s  ", when);
		out_wrap(out, 23, 23, "%s: %s", line->author, line->subject);
		out_text(out, "\n");
	}
}

static void print_json(struct out *out, const struct sheet *sheet)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	const struct card *card = sheet->card;
	char hex[OID_HEX], when[CLOCK_TEXT];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", sheet->plan->plan.id);
	value_add_maybe(&tree, root, "phase", card ? card->phase->id : NULL);
	value_add_string(&tree, root, "status",
			 card ? status_name(card->status)
			      : plan_state_name(sheet->plan->state));
	value_add_string(&tree, root, "path", sheet->document.path);
	value_add_string(&tree, root, "commit", oid_hex(hex, &sheet->commit));
	value_add_copy(&tree, root, "document", sheet->document.tree.root);
	struct value *rows = value_list(&tree, root, "history");
	FOR_EACH (struct commit_line, line, &sheet->history) {
		struct value *row = value_object(&tree, rows, NULL);

		clock_format(when, line->when);
		value_add_string(&tree, row, "commit",
				 oid_hex(hex, &line->oid));
		value_add_string(&tree, row, "when", when);
		value_add_string(&tree, row, "author", line->author);
		value_add_string(&tree, row, "subject", line->subject);
	}
	out_json(out, root);
}

static struct error *run(struct session *session)
{
	CLEANUP(sheet_release) struct sheet sheet = SHEET_INIT;
	CLEANUP(free_str) char *plan = xstrdup(operand(session, 0));
	char *phase = strchr(plan, '/');

	if (phase)
		*phase++ = '\0';
	TRY(sheet_load(&sheet, &session->project, plan, phase));
	if (session->out.json) {
		print_json(&session->out, &sheet);
		return NULL;
	}
	start_pager(session);
	print_head(&session->out, &sheet);
	page_document(&session->out, sheet.document.tree.root);
	page_result(&session->out, sheet.document.tree.root);
	print_history(&session->out, &sheet);
	return NULL;
}

static const struct opt opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };

const struct cmd cmd_show = {
	.name = "show",
	.summary = "Show a plan or a phase, with its history",
	.args = "<plan>[/<phase>]",
	.min = 1,
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO,
	.complete = "documents",
	.run = run,
};

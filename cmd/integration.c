/* What final integration found, for integrate. */
#include "cmd/integration.h"
#include "cmd/landings.h"
#include "cmd/outcome.h"

int integration_status(const struct integration *report)
{
	return report->path && !report->ready;
}

static void print_where(struct out *out, const struct integration *report)
{
	char hex[OID_HEX];

	if (report->pull)
		out_text(out, "  (waits as #%lld %s)\n",
			 (long long)report->pull, report->pull_url);
	else if (oid_is_zero(&report->commit))
		out_text(out, "  (as it was)\n");
	else
		out_text(out, "  (%.7s)\n", oid_hex(hex, &report->commit));
}

void integration_print(struct out *out, const struct integration *report)
{
	if (!report->path)
		return;
	out_colour(out, report->ready ? COLOUR_GREEN : COLOUR_RED, "%-8s",
		   report->ready ? "ready" : "open");
	out_text(out, "  %s", report->path);
	print_where(out, report);
	FOR_EACH (char *, line, &report->open) {
		out_text(out, "  ");
		out_wrap(out, 2, 4, "%s", *line);
		out_text(out, "\n");
	}
	FOR_EACH (struct check_outcome, check, &report->checks)
		if (check->tail)
			out_text(out, "  the end of check '%s' (%s):\n%s\n",
				 check->name, check->ended, check->tail);
	if (report->silent)
		say(out, "the integrator has no words for it: %s",
		    report->silent);
}

void integration_json(struct tree *tree, struct value *parent,
		      const struct integration *report)
{
	int brought = !oid_is_zero(&report->commit);
	char hex[OID_HEX];

	if (!report->path) {
		value_add_null(tree, parent, "report");
		return;
	}
	struct value *row = value_object(tree, parent, "report");
	value_add_string(tree, row, "path", report->path);
	value_add_bool(tree, row, "ready", report->ready);
	value_add_maybe(tree, row, "commit",
			brought ? oid_hex(hex, &report->commit) : NULL);
	struct value *open = value_list(tree, row, "open");
	FOR_EACH (char *, line, &report->open)
		value_add_string(tree, open, NULL, *line);
	value_add_maybe(tree, row, "agent", report->agent);
	checks_json(tree, row, &report->checks);
	pull_json(tree, row,
		  &(struct pull){ .number = report->pull,
				  .url = report->pull_url });
}

/* What landing brought, for run and integrate: as text and as JSON. */
#include "cmd/landings.h"

#include <string.h>

int landings_status(const struct landings *landings)
{
	static const int statuses[] = {
		[LANDING_LANDED] = 0,   [LANDING_RED] = 1,
		[LANDING_LATE] = 1,     [LANDING_REFUSED] = 4,
		[LANDING_CONFLICT] = 6, [LANDING_WAITING] = 0,
		[LANDING_QUEUED] = 0,   [LANDING_SPOILT] = 1,
	};
	int status = 0, waiting = landings->len != 0;

	FOR_EACH (struct landing, landing, landings) {
		if (statuses[landing->end] > status)
			status = statuses[landing->end];
		waiting &= landing->end == LANDING_WAITING;
	}
	return waiting ? 3 : status;
}

static void print_line(struct out *out, int indent, const char *text)
{
	out_text(out, "%*s", indent, "");
	out_wrap(out, (size_t)indent, (size_t)indent, "%s", text);
	out_text(out, "\n");
}

static void print_note(struct out *out, const struct landing *landing)
{
	FOR_EACH (char *, path, &landing->conflicts)
		out_text(out, "  both sides changed %s\n", *path);
	FOR_EACH (struct finding, finding, &landing->findings) {
		print_line(out, 2, finding->message);
		/* Of a check that is its output, which follows. */
		if (finding->hint && strcmp(finding->rule, "check") != 0)
			print_line(out, 4, finding->hint);
	}
	FOR_EACH (struct check_outcome, check, &landing->checks) {
		if (check->flaky)
			out_text(out, "  flaky: %s was red once\n",
				 check->name);
		if (check->tail)
			out_text(out, "  the end of check '%s' (%s):\n%s\n",
				 check->name, check->ended, check->tail);
	}
}

void landings_print(struct out *out, const struct landings *landings)
{
	static const enum colour colours[] = {
		[LANDING_LANDED] = COLOUR_GREEN, [LANDING_RED] = COLOUR_RED,
		[LANDING_LATE] = COLOUR_RED,     [LANDING_REFUSED] = COLOUR_RED,
		[LANDING_CONFLICT] = COLOUR_RED, [LANDING_SPOILT] = COLOUR_RED,
		[LANDING_WAITING] = COLOUR_NONE, [LANDING_QUEUED] = COLOUR_NONE,
	};

	FOR_EACH (struct landing, landing, landings) {
		char hex[OID_HEX] = "";

		out_colour(out, colours[landing->end], "%-8s",
			   landing_end_name(landing->end));
		out_text(out, "  %s  %s", landing->phase, landing->title);
		if (landing->end == LANDING_LANDED ||
		    landing->end == LANDING_SPOILT)
			out_text(out, "  (%.7s)",
				 oid_hex(hex, &landing->commit));
		out_text(out, "\n");
		print_note(out, landing);
	}
}

void landings_json(struct tree *tree, struct value *parent,
		   const struct landings *landings)
{
	struct value *rows = value_list(tree, parent, "landings");

	FOR_EACH (struct landing, landing, landings) {
		struct value *row = value_object(tree, rows, NULL);
		int landed = landing->end == LANDING_LANDED ||
			     landing->end == LANDING_SPOILT;
		char hex[OID_HEX];

		value_add_string(tree, row, "phase", landing->phase);
		value_add_string(tree, row, "title", landing->title);
		value_add_string(tree, row, "end",
				 landing_end_name(landing->end));
		value_add_maybe(tree, row, "commit",
				landed ? oid_hex(hex, &landing->commit) : NULL);
		checks_json(tree, row, &landing->checks);
		struct value *paths = value_list(tree, row, "conflicts");
		FOR_EACH (char *, path, &landing->conflicts)
			value_add_string(tree, paths, NULL, *path);
		messages_json(tree, row, &landing->findings);
	}
}

void checks_json(struct tree *tree, struct value *parent,
		 const struct check_outcomes *checks)
{
	struct value *rows = value_list(tree, parent, "checks");

	FOR_EACH (struct check_outcome, check, checks) {
		struct value *row = value_object(tree, rows, NULL);

		value_add_string(tree, row, "name", check->name);
		value_add_int(tree, row, "exit", check->exit);
		value_add_number(tree, row, "seconds",
				 (double)check->millis / 1000);
		value_add_string(tree, row, "sandbox",
				 sandbox_name(check->sandbox));
		value_add_string(tree, row, "output", check->output);
		value_add_maybe(tree, row, "tail", check->tail);
		value_add_bool(tree, row, "cached", check->cached);
		value_add_bool(tree, row, "flaky", check->flaky);
	}
}

void messages_json(struct tree *tree, struct value *parent,
		   const struct findings *findings)
{
	struct value *rows = value_list(tree, parent, "findings");

	FOR_EACH (struct finding, finding, findings) {
		struct value *row = value_object(tree, rows, NULL);

		value_add_string(tree, row, "rule", finding->rule);
		value_add_maybe(tree, row, "path", finding->path);
		value_add_string(tree, row, "message", finding->message);
		value_add_maybe(tree, row, "hint", finding->hint);
	}
}

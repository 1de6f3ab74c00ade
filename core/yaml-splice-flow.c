/*
 * Edits inside `{...}` and `[a: b]`, where commas part the members and line
 * breaks mean nothing: a member comes and goes with a comma.
 */
#include "core/yaml-splice.h"

#include "core/yaml-text.h"

#include <string.h>

/* A key with a value for the inside of a flow mapping. */
static void add_pair(struct buf *out, const char *key,
		     const struct value *value)
{
	yaml_print_scalar(out, key);
	buf_str(out, ": ");
	yaml_print_flow(out, value);
}

void splice_replace_in_flow(struct splices *plan, const struct value *member,
			    const struct value *value)
{
	size_t colon = splice_behind_colon(plan, member);
	struct buf *out =
		splice_cut(plan, member->span.start, member->span.end);

	if (member->span.start == member->span.end)
		buf_str(out, colon == member->key_span.end ? ": " : " ");
	yaml_print_flow(out, value);
	splice_apart(plan, out, member->span.end);
}

/* Behind the last member, or behind the bracket; [a: b] gets brackets first. */
void splice_add_in_flow(struct splices *plan, const struct value *object,
			const char *key, const struct value *value)
{
	int bare = plan->text[object->span.start] != '{';
	size_t at = object->span.start + 1;

	if (bare)
		buf_ch(splice_cut(plan, object->span.start, object->span.start),
		       '{');
	if (object->last)
		at = object->last->span.end;
	struct buf *out = splice_cut(plan, at, at);
	/* libyaml does not read `key:,`. */
	if (object->last && plan->text[at - 1] == ':')
		buf_ch(out, ' ');
	if (object->last)
		buf_str(out, ", ");
	add_pair(out, key, value);
	if (bare)
		buf_ch(out, '}');
	splice_apart(plan, out, at);
}

/* The comma from at on, over blanks, line breaks and comments, or len. */
static size_t find_comma(const struct splices *plan, size_t at)
{
	while (at < plan->len && strchr(" \t\r\n#", plan->text[at]))
		at = plan->text[at] == '#'
			     ? yaml_line_end(plan->text, plan->len, at)
			     : at + 1;
	return at < plan->len && plan->text[at] == ',' ? at : plan->len;
}

/* Takes a member away, with the comma and the blanks behind it. */
static void cut_with_comma(struct splices *plan, size_t start, size_t end)
{
	size_t comma = find_comma(plan, end);

	if (comma == splice_skip_blanks(plan, end) && comma < plan->len) {
		splice_cut(plan, start, splice_skip_blanks(plan, comma + 1));
		return;
	}
	splice_cut(plan, start, end);
	if (comma < plan->len)
		splice_cut(plan, comma, comma + 1);
}

/* A member goes with its comma: the one behind it, or the one before. */
void splice_remove_in_flow(struct splices *plan, const struct value *member,
			   const struct value *above)
{
	size_t start = member->key_span.start;
	size_t end = member->span.end;

	if (member->next || !above) {
		cut_with_comma(plan, start, end);
		return;
	}
	size_t comma = find_comma(plan, above->span.end);
	if (splice_skip_blanks(plan, comma + 1) == start) {
		splice_cut(plan, comma, end);
	} else {
		splice_cut(plan, comma, comma + 1);
		splice_cut(plan, start, end);
	}
}

/*
 * Where an edit touches the text.  Comments are never inside a splice of a
 * replaced scalar: what stands between key and value, or behind the value on
 * its line, stays.
 *
 * Two traps decide the shape of this file.  A block scalar takes in every line
 * below it that is indented as deep, comments and blanks included; so none is
 * written or left standing above such a line.  And a last line without a
 * newline cannot get one when it belongs to a block scalar.
 */
#include "core/yaml-splice.h"

#include "core/yaml-text.h"

#include <string.h>

void splices_init(struct splices *plan, const struct buf *text)
{
	size_t end = yaml_line_end(text->data, text->len, 0);

	*plan = (struct splices){ .text = text->data,
				  .len = text->len,
				  .eol = "\n" };
	if (end < text->len && text->data[end] == '\r')
		plan->eol = text->data[end + 1] == '\n' ? "\r\n" : "\r";
}

void splices_release(struct splices *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		buf_release(&plan->items[i].with);
	plan->count = 0;
}

void splices_apply(struct buf *out, const struct splices *plan)
{
	size_t at = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct splice *it = &plan->items[i];

		buf_add(out, plan->text + at, it->pos - at);
		buf_add(out, it->with.data, it->with.len);
		at = it->pos + it->len;
	}
	buf_add(out, plan->text + at, plan->len - at);
}

struct buf *splice_cut(struct splices *plan, size_t start, size_t end)
{
	struct splice *it = &plan->items[plan->count++];

	*it = (struct splice){ start, end - start, BUF_INIT };
	return &it->with;
}

static size_t line_end(const struct splices *plan, size_t at)
{
	return yaml_line_end(plan->text, plan->len, at);
}

static size_t line_next(const struct splices *plan, size_t at)
{
	return yaml_line_next(plan->text, plan->len, at);
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t splice_skip_blanks(const struct splices *plan, size_t at)
{
	while (at < plan->len && is_blank(plan->text[at]))
		at++;
	return at;
}

static size_t line_start(const struct splices *plan, size_t at)
{
	while (at && !strchr("\r\n", plan->text[at - 1]))
		at--;
	return at || strncmp(plan->text, "\xef\xbb\xbf", 3) ? at : 3;
}

/* Is there nothing but blanks from here to the end of the line? */
static int rest_is_blank(const struct splices *plan, size_t at)
{
	return splice_skip_blanks(plan, at) == line_end(plan, at);
}

static int is_block_scalar(const struct value *value)
{
	return value->style == STYLE_LITERAL || value->style == STYLE_FOLDED;
}

static const struct value *last_leaf(const struct value *value)
{
	while (value->last)
		value = value->last;
	return value;
}

/*
 * Would a block scalar that ends above the line at pos take in what is below?
 * It does so with comments and blanks that are indented; the scalars written
 * here drop empty lines.
 */
static int swallows(const struct splices *plan, size_t pos)
{
	while (pos < plan->len) {
		size_t first = splice_skip_blanks(plan, pos);
		size_t end = line_end(plan, pos);

		if (first == end && first == pos) {
			pos = line_next(plan, pos);
			continue;
		}
		return first > pos &&
		       (first == end || plan->text[first] == '#');
	}
	return 0;
}

/*
 * May a block scalar be written to end above pos?  Not as the last line of a
 * text without a newline at its end either: it would need one.
 */
static int has_room(const struct splices *plan, size_t pos)
{
	return !swallows(plan, pos) &&
	       (pos < plan->len || line_end(plan, pos - 1) < pos);
}

void splice_apart(const struct splices *plan, struct buf *out, size_t at)
{
	if (out->len && at < plan->len && plan->text[at] == '#')
		buf_ch(out, ' ');
}

/* Adds lines with the document's own line ending. */
static void add_lines(const struct splices *plan, struct buf *out,
		      const char *lines)
{
	for (const char *s = lines; *s; s++)
		if (*s == '\n')
			buf_str(out, plan->eol);
		else
			buf_ch(out, *s);
}

/* What follows the colon: on the key's line, and on the lines below. */
struct rendered {
	struct buf beside; /* without the blank before it; may be empty */
	struct buf below; /* each line begins with a line break */
};

static void rendered_release(struct rendered *parts)
{
	buf_release(&parts->beside);
	buf_release(&parts->below);
}

/* How deep the document indents below the keys of this object. */
static int step_of(const struct value *object)
{
	VALUE_EACH(it, object)
	{
		unsigned in = it->span.column - it->key_span.column;

		if (it->style == STYLE_BLOCK &&
		    it->span.column > it->key_span.column && in < 10)
			return (int)in;
	}
	return 2;
}

static void render(struct rendered *parts, const struct splices *plan,
		   const struct value *object, const struct value *value,
		   int literals)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct yaml_form form = {
		.indent = (int)object->child->key_span.column - 1,
		.step = step_of(object),
		.literals = literals,
	};

	yaml_print_member(&text, value, form);
	buf_setlen(&text, text.len - 1);
	size_t beside = strcspn(text.data, "\n");
	if (beside)
		buf_add(&parts->beside, text.data + 1, beside - 1);
	add_lines(plan, &parts->below, text.data + beside);
}

size_t splice_behind_colon(const struct splices *plan,
			   const struct value *member)
{
	size_t at = splice_skip_blanks(plan, member->key_span.end);

	if (at < plan->len && plan->text[at] == ':')
		return at + 1;
	return member->key_span.end;
}

/*
 * The bytes of a value: a first part, and for a block scalar a second one
 * behind the comment that may follow its header.
 */
struct extent {
	size_t start;
	size_t end;
	size_t body; /* body == tail: no second part */
	size_t tail;
};

static struct extent extent_of(const struct splices *plan,
			       const struct value *value)
{
	struct extent at = { value->span.start, value->span.end, 0, 0 };

	if (is_block_scalar(value)) {
		at.end = yaml_header_end(plan->text, plan->len, at.start);
		at.tail = value->span.end;
	}
	at.body = line_end(plan, at.end);
	if (at.tail < at.body)
		at.tail = at.body;
	return at;
}

/* The value begins on the line of its key. */
static void replace_beside(struct splices *plan, const struct value *member,
			   const struct value *value)
{
	struct extent at = extent_of(plan, member);
	size_t colon = splice_behind_colon(plan, member);
	CLEANUP(rendered_release)
	struct rendered parts = { BUF_INIT, BUF_INIT };

	render(&parts, plan, member->parent, value,
	       has_room(plan, line_next(plan, at.tail)));
	struct buf *out =
		splice_cut(plan, parts.beside.len ? at.start : colon, at.end);
	if (at.start == colon && parts.beside.len)
		buf_ch(out, ' ');
	buf_add(out, parts.beside.data, parts.beside.len);
	splice_apart(plan, out, at.end);
	out = splice_cut(plan, at.body, at.tail);
	buf_add(out, parts.below.data, parts.below.len);
}

/* Takes the bytes of a value away, and its lines when nothing else is there. */
static void cut_lines(struct splices *plan, const struct extent *at)
{
	size_t first = line_start(plan, at->start);

	if (!rest_is_blank(plan, at->end)) {
		splice_cut(plan, at->start, at->end);
		splice_cut(plan, at->body, at->tail);
	} else {
		splice_cut(plan, first, line_next(plan, at->tail));
	}
}

/*
 * The value begins on a line below its key, with comments between perhaps.  A
 * scalar moves up to the key; lists and objects stay below the comments.
 */
static void replace_below(struct splices *plan, const struct value *member,
			  const struct value *value)
{
	struct extent at = extent_of(plan, member);
	size_t colon = splice_behind_colon(plan, member);
	CLEANUP(rendered_release)
	struct rendered parts = { BUF_INIT, BUF_INIT };

	render(&parts, plan, member->parent, value,
	       value->child && has_room(plan, line_next(plan, at.tail)));
	if (!parts.below.len) {
		struct buf *out = splice_cut(plan, colon, colon);

		if (parts.beside.len)
			buf_addf(out, " %s", parts.beside.data);
		cut_lines(plan, &at);
	} else if (rest_is_blank(plan, at.end)) {
		size_t eol = strlen(plan->eol);
		struct buf *out =
			splice_cut(plan, line_start(plan, at.start), at.tail);

		buf_add(out, parts.below.data + eol, parts.below.len - eol);
	} else {
		splice_cut(plan, at.start, at.end);
		struct buf *out = splice_cut(plan, at.body, at.tail);

		buf_add(out, parts.below.data, parts.below.len);
	}
}

void splice_replace(struct splices *plan, const struct value *member,
		    const struct value *value)
{
	if (member->parent->style == STYLE_FLOW)
		splice_replace_in_flow(plan, member, value);
	else if (member->span.line == member->key_span.line)
		replace_beside(plan, member, value);
	else
		replace_below(plan, member, value);
}

/* Key and value as lines for this object, without a break before or behind. */
static void add_member_lines(struct buf *out, const struct splices *plan,
			     const struct value *object, const char *key,
			     const struct value *value, int literals)
{
	CLEANUP(rendered_release)
	struct rendered parts = { BUF_INIT, BUF_INIT };

	render(&parts, plan, object, value, literals);
	yaml_print_scalar(out, key);
	buf_ch(out, ':');
	if (parts.beside.len)
		buf_addf(out, " %s", parts.beside.data);
	buf_add(out, parts.below.data, parts.below.len);
}

static void indent(struct buf *out, const struct value *object)
{
	buf_addf(out, "%*s", (int)object->child->key_span.column - 1, "");
}

int splice_add(struct splices *plan, const struct value *object,
	       const char *key, const struct value *value)
{
	if (object->style == STYLE_FLOW) {
		splice_add_in_flow(plan, object, key, value);
		return 0;
	}
	size_t end = line_end(plan, object->span.end);
	int before = end == plan->len && is_block_scalar(last_leaf(object));
	size_t at = before ? object->last->key_span.start : end;
	struct buf *out = splice_cut(plan, at, at);

	if (!before) {
		buf_str(out, plan->eol);
		indent(out, object);
	}
	add_member_lines(out, plan, object, key, value,
			 before || has_room(plan, line_next(plan, end)));
	if (before) {
		buf_str(out, plan->eol);
		indent(out, object);
	}
	return before;
}

static const struct value *before(const struct value *member)
{
	const struct value *found = NULL;

	VALUE_EACH(it, member->parent)
	{
		if (it == member)
			break;
		found = it;
	}
	return found;
}

/*
 * The leaf that ends above the member: with the member gone, what is below
 * must not become a part of it.
 */
static int joins_below(const struct splices *plan, const struct value *member,
		       size_t below)
{
	const struct value *above = before(member);

	if (!above || !is_block_scalar(last_leaf(above)))
		return 0;
	size_t header = last_leaf(above)->span.start;
	size_t end = yaml_header_end(plan->text, plan->len, header);
	if (memchr(plan->text + header, '+', end - header) &&
	    below < plan->len &&
	    splice_skip_blanks(plan, below) == line_end(plan, below))
		return 1;
	return swallows(plan, below);
}

/*
 * Whole lines, and the comments on them.  Where the lines below would join the
 * block scalar above, an empty comment takes the member's place.
 */
static void remove_lines(struct splices *plan, const struct value *member)
{
	size_t start = member->key_span.start;
	size_t first = line_start(plan, start);
	size_t below = line_next(plan, member->span.end);

	if (splice_skip_blanks(plan, first) < start) {
		splice_cut(plan, start, member->next->key_span.start);
		return;
	}
	struct buf *out = splice_cut(plan, first, below);
	if (joins_below(plan, member, below)) {
		indent(out, member->parent);
		buf_addf(out, "#%s", plan->eol);
	}
}

void splice_remove(struct splices *plan, const struct value *member)
{
	const struct value *object = member->parent;

	if (object->style == STYLE_FLOW &&
	    plan->text[object->span.start] == '{')
		splice_remove_in_flow(plan, member, before(member));
	else if (object->count == 1)
		buf_str(splice_cut(plan, object->span.start, object->span.end),
			"{}");
	else
		remove_lines(plan, member);
}

void splice_bytes(struct splices *plan, const struct value *object,
		  const struct value *member, const char *bytes, size_t len)
{
	size_t end = line_end(plan, object->span.end);
	struct buf *out;

	if (member) {
		out = splice_cut(plan, member->key_span.start,
				 member->span.end);
	} else {
		out = splice_cut(plan, end, end);
		buf_str(out, plan->eol);
		indent(out, object);
	}
	buf_add(out, bytes, len);
}

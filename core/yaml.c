/*
 * libyaml's events to the value tree.  The event interface, not its loader:
 * the loader builds first and lets nobody stop it.  Each event is checked
 * before the next is asked for, so a hostile text costs what stands before its
 * first fault.
 */
#include "core/yaml.h"

#include "core/yaml-text.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct builder {
	yaml_parser_t parser;
	struct yaml_text text;
	struct yaml_fault *fault;
	struct tree tree;
	struct value *open; /* the innermost open list or object */
	size_t depth;
	size_t indents[YAML_MAX_DEPTH + 1]; /* of block collections; 0: none */
	char *key; /* read, and waiting for its value */
	struct span key_span;
	size_t seen; /* behind the last scalar or bracket */
	size_t index; /* one mark in characters, and the same in bytes */
	size_t offset;
	int done;
};

static void builder_release(struct builder *in)
{
	yaml_parser_delete(&in->parser);
	yaml_text_release(&in->text);
	tree_release(&in->tree);
}

/*
 * The byte of a mark, by walking from the one before: marks come nearly in
 * order, so the walks are short.
 */
static size_t offset_of(struct builder *in, const yaml_mark_t *mark)
{
	const char *s = in->text.data;

	if (in->text.ascii)
		return mark->index;
	for (; in->index < mark->index; in->index++)
		do
			in->offset++;
		while (in->offset < in->text.len &&
		       (s[in->offset] & 0xc0) == 0x80);
	for (; in->index > mark->index; in->index--)
		do
			in->offset--;
		while ((s[in->offset] & 0xc0) == 0x80);
	return in->offset;
}

static struct error *fail_mark(struct builder *in, const yaml_mark_t *mark,
			       const char *message, const char *hint)
{
	return yaml_fail(in->fault, (unsigned)mark->line + 1,
			 (unsigned)mark->column + 1, message, hint);
}

/* What libyaml says, with what to do about the usual causes. */
static struct error *fail_syntax(struct builder *in)
{
	static const char *const hints[][2] = {
		{ "mapping values are not", "quote a text that contains ': '" },
		{ "cannot start any token",
		  "indent with spaces, and quote a text that begins with "
		  "@, ` or %" },
		{ "could not find expected ':'",
		  "is the line indented like the ones it belongs to?" },
		{ "did not find expected key",
		  "is the line indented like the ones it belongs to?" },
		{ "tab character", "indent with spaces" },
		{ "undefined tag handle", "tags are not allowed" },
		{ "did not find expected alphabetic",
		  "quote a text that begins with & or *" },
	};
	const char *problem = in->parser.problem;
	const char *hint = NULL;

	if (in->parser.error == YAML_MEMORY_ERROR || !problem)
		return error_new(ERROR_FAILURE, "libyaml ran out of memory");
	for (size_t i = 0; i < sizeof hints / sizeof *hints && !hint; i++)
		if (strstr(problem, hints[i][0]))
			hint = hints[i][1];
	return fail_mark(in, &in->parser.problem_mark, problem, hint);
}

static struct span span_at(struct builder *in, const yaml_event_t *event)
{
	struct span span = {
		.start = offset_of(in, &event->start_mark),
		.line = (unsigned)event->start_mark.line + 1,
		.column = (unsigned)event->start_mark.column + 1,
	};

	return span;
}

/* Where the value of a key stands that has none: behind the colon. */
static size_t empty_value(const struct builder *in)
{
	size_t at = in->key_span.end;

	while (at < in->text.len && strchr(" \t", in->text.data[at]))
		at++;
	if (at < in->text.len && in->text.data[at] == ':')
		return at + 1;
	return in->key_span.end;
}

static size_t spaces_at(const struct builder *in, size_t at, size_t most)
{
	size_t n = 0;

	while (n < most && at + n < in->text.len &&
	       in->text.data[at + n] == ' ')
		n++;
	return n;
}

/* The indentation of a block scalar's text, as libyaml finds it. */
static size_t block_indent(const struct builder *in, size_t start, size_t limit)
{
	const char *s = in->text.data;
	size_t outer = in->depth ? in->indents[in->depth] : 0;
	size_t indent = in->depth ? outer + 1 : 1;

	for (size_t at = start + 1; at < start + 3; at++)
		if (at < in->text.len && s[at] >= '1' && s[at] <= '9')
			return outer + (size_t)(s[at] - '0');
	for (size_t at = yaml_line_next(s, in->text.len, start); at < limit;
	     at = yaml_line_next(s, in->text.len, at)) {
		size_t n = spaces_at(in, at, SIZE_MAX);

		if (n > indent)
			indent = n;
		if (at + n < limit && !strchr("\r\n", s[at + n]))
			break;
	}
	return indent;
}

/*
 * libyaml ends a block scalar at the next token.  Its own last byte is that of
 * the last line with content, or of the blank lines that `+` keeps.
 */
static size_t block_end(const struct builder *in, size_t start, size_t limit)
{
	const char *s = in->text.data;
	size_t end = yaml_header_end(s, in->text.len, start);
	size_t indent = block_indent(in, start, limit);
	int keep = memchr(s + start, '+', end - start) != NULL;

	for (size_t at = yaml_line_next(s, in->text.len, start); at < limit;
	     at = yaml_line_next(s, in->text.len, at)) {
		size_t stop = yaml_line_end(s, in->text.len, at);

		if (keep || at + spaces_at(in, at, indent) < stop)
			end = stop;
	}
	return end;
}

static size_t scalar_end(struct builder *in, const struct span *span,
			 const yaml_event_t *event)
{
	size_t end = offset_of(in, &event->end_mark);
	yaml_scalar_style_t style = event->data.scalar.style;

	if (style == YAML_LITERAL_SCALAR_STYLE ||
	    style == YAML_FOLDED_SCALAR_STYLE)
		return block_end(in, span->start, end);
	return end;
}

static enum value_style scalar_style(const yaml_event_t *event)
{
	switch (event->data.scalar.style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return STYLE_FOLDED;
	default:
		return STYLE_PLAIN;
	}
}

static char *copy_text(struct builder *in, const yaml_event_t *event)
{
	size_t len = event->data.scalar.length;
	const char *text = (const char *)event->data.scalar.value;
	char *copy = arena_strndup(&in->tree.arena, text, len);

	yaml_text_restore(&in->text, copy, len);
	return copy;
}

/* Between tokens stand indicators and comments: is there a `?`? */
static struct error *no_question(struct builder *in, size_t until)
{
	const char *s = in->text.data;

	for (size_t at = in->seen; at < until; at++) {
		if (s[at] == '#')
			at = yaml_line_end(s, in->text.len, at);
		else if (s[at] == '?')
			return yaml_fail_at(in->fault, s, at,
					    "a key written with '?'",
					    "write it as 'key: value'");
	}
	return NULL;
}

static struct error *read_key(struct builder *in, const yaml_event_t *event)
{
	struct span span = span_at(in, event);

	TRY(no_question(in, span.start));
	span.end = offset_of(in, &event->end_mark);
	in->seen = span.end;
	in->key = copy_text(in, event);
	in->key_span = span;
	return NULL;
}

/* Adds a value to the open collection, under the key that waits. */
static struct value *add(struct builder *in, enum value_kind kind,
			 struct span span)
{
	struct value *value = value_add(&in->tree, in->open, NULL, kind);

	value->key = in->key;
	if (in->key) {
		value->key_span = in->key_span;
		value->key_span.start += in->text.bom;
		value->key_span.end += in->text.bom;
	}
	in->key = NULL;
	value->span = span;
	value->span.start += in->text.bom;
	value->span.end += in->text.bom;
	return value;
}

static struct error *read_scalar(struct builder *in, const yaml_event_t *event)
{
	size_t len = event->data.scalar.length;
	struct span span = span_at(in, event);
	enum value_style style = scalar_style(event);

	if (memchr(event->data.scalar.value, '\0', len))
		return fail_mark(in, &event->start_mark, "a NUL character",
				 "remove the escape \\0");
	if (in->open && in->open->kind == VALUE_OBJECT && !in->key)
		return read_key(in, event);
	if (len || style != STYLE_PLAIN)
		in->seen = span.end = scalar_end(in, &span, event);
	else if (in->key)
		span.start = span.end = empty_value(in);
	else
		span.end = span.start;
	if (!len && style == STYLE_PLAIN && !in->open)
		return NULL;
	struct value *value = add(in, VALUE_STRING, span);
	value->style = style;
	value->text = copy_text(in, event);
	value->len = len;
	return NULL;
}

static struct error *begin(struct builder *in, const yaml_event_t *event,
			   enum value_kind kind, int flow)
{
	struct span span = span_at(in, event);
	size_t outer = in->indents[in->depth];

	if (in->open && in->open->kind == VALUE_OBJECT && !in->key)
		return fail_mark(in, &event->start_mark,
				 "a key that is no text",
				 "a key is a single word or a quoted text");
	if (in->depth == YAML_MAX_DEPTH)
		return fail_mark(in, &event->start_mark, "more than 64 levels",
				 NULL);
	in->depth++;
	in->indents[in->depth] = flow ? outer : event->start_mark.column;
	/* One pair in [a: b] is an object without a bracket of its own. */
	if (flow && strchr("[{", in->text.data[span.start]))
		in->seen = span.start + 1;
	in->open = add(in, kind, span);
	in->open->style = flow ? STYLE_FLOW : STYLE_BLOCK;
	return NULL;
}

static struct error *end(struct builder *in, const yaml_event_t *event)
{
	struct value *value = in->open;
	const struct value *twice =
		value->kind == VALUE_OBJECT ? value_duplicate(value) : NULL;

	if (twice) {
		CLEANUP(free_str)
		char *what = xasprintf("duplicate key '%s'", twice->key);

		return yaml_fail(in->fault, twice->key_span.line,
				 twice->key_span.column, what,
				 "keep one of the two");
	}
	if (event->end_mark.index > event->start_mark.index)
		in->seen = offset_of(in, &event->end_mark);
	if (value->style == STYLE_FLOW &&
	    event->end_mark.index > event->start_mark.index)
		value->span.end = in->seen + in->text.bom;
	else
		value->span.end = value->last->span.end;
	in->open = value->parent;
	in->depth--;
	return NULL;
}

static struct error *no_decoration(struct builder *in,
				   const yaml_event_t *event,
				   const yaml_char_t *anchor,
				   const yaml_char_t *tag)
{
	if (anchor)
		return fail_mark(in, &event->start_mark, "an anchor",
				 "write the value out where it is needed, or "
				 "quote a text that begins with &");
	if (tag)
		return fail_mark(in, &event->start_mark, "a tag",
				 "remove it, or quote a text that begins "
				 "with !");
	return NULL;
}

/* Behind the document only blank lines, comments and `...` may stand. */
static struct error *no_second(struct builder *in, const yaml_event_t *event)
{
	const char *s = in->text.data;
	size_t len = in->text.len;
	size_t at = offset_of(in, &event->end_mark);

	in->done = 1;
	for (; at < len; at = yaml_line_next(s, len, at)) {
		while (at < len && strchr(" \t", s[at]))
			at++;
		if (at == len || strchr("#\r\n", s[at]))
			continue;
		if (len - at > 2 && !memcmp(s + at, "...", 3))
			continue;
		return yaml_fail_at(in->fault, s, at,
				    len - at > 2 && !memcmp(s + at, "---", 3)
					    ? "a second document"
					    : "text behind the document's end",
				    "a file holds one document");
	}
	return NULL;
}

static struct error *take(struct builder *in, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		TRY(no_decoration(in, event, event->data.scalar.anchor,
				  event->data.scalar.tag));
		return read_scalar(in, event);
	case YAML_SEQUENCE_START_EVENT:
		TRY(no_decoration(in, event, event->data.sequence_start.anchor,
				  event->data.sequence_start.tag));
		return begin(in, event, VALUE_LIST,
			     event->data.sequence_start.style ==
				     YAML_FLOW_SEQUENCE_STYLE);
	case YAML_MAPPING_START_EVENT:
		TRY(no_decoration(in, event, event->data.mapping_start.anchor,
				  event->data.mapping_start.tag));
		return begin(in, event, VALUE_OBJECT,
			     event->data.mapping_start.style ==
				     YAML_FLOW_MAPPING_STYLE);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return end(in, event);
	case YAML_ALIAS_EVENT:
		return fail_mark(in, &event->start_mark, "an alias",
				 "write the value out where it is needed, or "
				 "quote a text that begins with *");
	case YAML_DOCUMENT_END_EVENT:
		return no_second(in, event);
	case YAML_STREAM_END_EVENT:
		in->done = 1;
		return NULL;
	default:
		return NULL;
	}
}

static struct error *build(struct builder *in)
{
	while (!in->done) {
		yaml_event_t event;

		if (!yaml_parser_parse(&in->parser, &event))
			return fail_syntax(in);
		struct error *err = take(in, &event);
		yaml_event_delete(&event);
		TRY(err);
	}
	return NULL;
}

struct error *yaml_parse(struct tree *out, const char *text, size_t len,
			 struct yaml_fault *fault)
{
	CLEANUP(builder_release) struct builder in = { .fault = fault };

	TRY(yaml_text_open(&in.text, text, len, fault));
	if (!yaml_parser_initialize(&in.parser))
		return error_new(ERROR_FAILURE, "libyaml ran out of memory");
	yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&in.parser, (const unsigned char *)in.text.data, in.text.len);
	TRY(build(&in));
	*out = in.tree;
	in.tree = (struct tree)TREE_INIT;
	return NULL;
}

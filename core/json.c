/*
 * JSON through cJSON, which is lenient: it takes duplicate keys, control
 * characters in strings, numbers like 01, and cuts a string at \u0000.  So a
 * scan over the bytes comes first.  It refuses all that, and notes where each
 * value and key stands; cJSON's items come in the same order, so that every
 * value gets its place and every number its exact text.
 */
#include "core/json.h"
#include "core/json-text.h"

#include "core/utf8.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define JSON_MAX_DEPTH 64

struct scan {
	const char *text;
	size_t len;
	size_t at;
	unsigned line;
	unsigned column;
	size_t open[JSON_MAX_DEPTH]; /* the tokens of open brackets */
	size_t depth;
	ARRAY(struct span) tokens; /* keys and values, in order */
};

static struct error *fail(unsigned line, unsigned column, const char *what)
{
	return error_new(ERROR_INVALID, "line %u, column %u: %s", line, column,
			 what);
}

static struct error *bad(const struct scan *scan, const char *what)
{
	return fail(scan->line, scan->column, what);
}

/* The byte here; 0 behind the end: a NUL within is refused before. */
static int peek(const struct scan *scan)
{
	if (scan->at == scan->len)
		return 0;
	return (unsigned char)scan->text[scan->at];
}

/* Steps over one character. */
static struct error *step(struct scan *scan)
{
	uint32_t point;
	size_t n =
		utf8_next(&point, scan->text + scan->at, scan->len - scan->at);

	if (!n)
		return bad(scan, "invalid UTF-8");
	if (!point)
		return bad(scan, "a NUL character");
	scan->at += n;
	scan->column++;
	if (point == '\n') {
		scan->line++;
		scan->column = 1;
	}
	return NULL;
}

static struct span *token_begin(struct scan *scan)
{
	struct span *token = PUSH(&scan->tokens);

	token->start = scan->at;
	token->line = scan->line;
	token->column = scan->column;
	return token;
}

/*
 * At a backslash: steps onto what follows, which has to be an escape of RFC
 * 8259.  cJSON ends a string silently at a \u without its four digits.
 */
static struct error *check_escape(struct scan *scan)
{
	const char *text = scan->text + scan->at;
	size_t left = scan->len - scan->at;

	if (left < 2) {
		TRY(step(scan));
		return bad(scan, "a string does not end");
	}
	if (!text[1] || !strchr("\"\\/bfnrtu", text[1]))
		return bad(scan, "an escape that JSON does not have");
	if (text[1] == 'u') {
		size_t n = 2;

		while (n < 6 && n < left && isxdigit((unsigned char)text[n]))
			n++;
		if (n < 6)
			return bad(scan, "\\u without four hex digits");
		if (!memcmp(text + 2, "0000", 4))
			return bad(scan, "a NUL character");
	}
	return step(scan);
}

static struct error *scan_string(struct scan *scan)
{
	struct span *token = token_begin(scan);

	TRY(step(scan));
	for (;;) {
		size_t n =
			json_plain(scan->text + scan->at, scan->len - scan->at);

		scan->at += n;
		scan->column += (unsigned)n;
		if (peek(scan) == '"')
			break;
		if (scan->at == scan->len)
			return bad(scan, "a string does not end");
		if (peek(scan) < ' ' && peek(scan))
			return bad(scan, "a control character in a string");
		if (peek(scan) == '\\')
			TRY(check_escape(scan));
		TRY(step(scan));
	}
	TRY(step(scan));
	token->end = scan->at;
	return NULL;
}

static size_t digits(struct scan *scan)
{
	size_t n = 0;

	for (; peek(scan) >= '0' && peek(scan) <= '9'; n++)
		scan->at++, scan->column++;
	return n;
}

static int skip(struct scan *scan, const char *any)
{
	if (!peek(scan) || !strchr(any, peek(scan)))
		return 0;
	scan->at++, scan->column++;
	return 1;
}

/* RFC 8259, section 6. */
static struct error *scan_number(struct scan *scan)
{
	struct span *token = token_begin(scan);
	struct scan begin = *scan;

	skip(scan, "-");
	int zero = peek(scan) == '0';
	size_t whole = digits(scan);
	int good = whole == 1 || (whole && !zero);
	if (good && skip(scan, "."))
		good = digits(scan) > 0;
	if (good && skip(scan, "eE")) {
		skip(scan, "+-");
		good = digits(scan) > 0;
	}
	if (!good)
		return bad(&begin, "not a number as JSON has it");
	token->end = scan->at;
	return NULL;
}

static struct error *scan_bracket(struct scan *scan)
{
	int c = peek(scan);

	if (c == '{' || c == '[') {
		if (scan->depth == JSON_MAX_DEPTH)
			return bad(scan, "more than 64 levels");
		token_begin(scan);
		scan->open[scan->depth++] = scan->tokens.len - 1;
		return step(scan);
	}
	if (!scan->depth)
		return bad(scan, "a closing bracket that nothing opened");
	TRY(step(scan));
	scan->tokens.items[scan->open[--scan->depth]].end = scan->at;
	return NULL;
}

static struct error *scan_token(struct scan *scan)
{
	static const char *const words[] = { "true", "false", "null" };
	const char *text = scan->text + scan->at;
	int c = peek(scan);

	if (c == ' ' || c == '\t' || c == '\r' || c == ',' || c == ':') {
		scan->at++, scan->column++;
		return NULL;
	}
	if (c == '\n')
		return step(scan);
	if (c == '{' || c == '}' || c == '[' || c == ']')
		return scan_bracket(scan);
	if (c == '"')
		return scan_string(scan);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(scan);
	for (int i = 0; i < 3; i++) {
		size_t len = strlen(words[i]);

		if (scan->len - scan->at < len || memcmp(text, words[i], len))
			continue;
		token_begin(scan);
		scan->at += len;
		scan->column += (unsigned)len;
		scan->tokens.items[scan->tokens.len - 1].end = scan->at;
		return NULL;
	}
	TRY(step(&(struct scan){ .text = text,
				 .len = scan->len - scan->at,
				 .line = scan->line,
				 .column = scan->column }));
	return bad(scan, "not a value as JSON has it");
}

/* Turns cJSON items into values, taking one token for each. */
struct reader {
	struct tree *tree;
	const char *text;
	const struct span *token;
};

static struct error *read_number(struct reader *in, struct value *value,
				 const struct span *token)
{
	const char *text = in->text + token->start;

	value->len = token->end - token->start;
	value->text = arena_strndup(&in->tree->arena, text, value->len);
	value->number = strtod(value->text, NULL);
	if (!isfinite(value->number))
		return fail(token->line, token->column,
			    "a number beyond what a double holds");
	value->kind = VALUE_NUMBER;
	if (strpbrk(value->text, ".eE"))
		return NULL;
	errno = 0;
	value->integer = strtoll(value->text, NULL, 10);
	if (!errno)
		value->kind = VALUE_INT;
	return NULL;
}

static struct value *add_scalar(struct reader *in, struct value *parent,
				const char *key, const cJSON *item)
{
	if (cJSON_IsString(item))
		return value_add_string(in->tree, parent, key,
					item->valuestring);
	if (cJSON_IsBool(item))
		return value_add_bool(in->tree, parent, key,
				      cJSON_IsTrue(item));
	if (cJSON_IsNull(item))
		return value_add_null(in->tree, parent, key);
	return value_add(in->tree, parent, key, VALUE_NUMBER);
}

static struct error *no_duplicate(const struct value *object)
{
	const struct value *twice = value_duplicate(object);

	if (!twice)
		return NULL;
	return error_new(
		ERROR_INVALID, "line %u, column %u: duplicate key '%s'",
		twice->key_span.line, twice->key_span.column, twice->key);
}

static struct error *read_item(struct reader *in, struct value *parent,
			       const cJSON *item)
{
	int keyed = parent && parent->kind == VALUE_OBJECT;
	const char *key = keyed ? item->string : NULL;
	const struct span *key_token = keyed ? in->token++ : NULL;
	const struct span *token = in->token++;
	struct value *value;

	if (cJSON_IsObject(item) || cJSON_IsArray(item))
		value = value_add(in->tree, parent, key,
				  cJSON_IsObject(item) ? VALUE_OBJECT
						       : VALUE_LIST);
	else
		value = add_scalar(in, parent, key, item);
	value->span = *token;
	if (key_token)
		value->key_span = *key_token;
	if (cJSON_IsNumber(item))
		return read_number(in, value, token);
	for (const cJSON *it = item->child; it; it = it->next)
		TRY(read_item(in, value, it));
	return value->kind == VALUE_OBJECT ? no_duplicate(value) : NULL;
}

/* Where cJSON stopped, in lines and columns. */
static struct error *syntax(const char *text, size_t at)
{
	struct scan scan = { .text = text, .len = at, .line = 1, .column = 1 };

	while (scan.at < at)
		TRY(step(&scan));
	return bad(&scan, at && !text[at] ? "the text ends too early"
					  : "not the JSON expected here");
}

static void scan_release(struct scan *scan)
{
	free(scan->tokens.items);
}

static void item_release(cJSON **item)
{
	cJSON_Delete(*item);
}

/* cJSON asks for the text with a NUL behind it to see that it ends there. */
static struct error *parse(struct tree *out, const char *text, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(free_str) char *copy = xstrndup(text, len);
	CLEANUP(scan_release)
	struct scan scan = { .text = copy, .len = len, .line = 1, .column = 1 };
	const char *stop = copy;

	while (scan.at < len)
		TRY(scan_token(&scan));
	CLEANUP(item_release)
	cJSON *item = cJSON_ParseWithLengthOpts(copy, len + 1, &stop, 1);
	if (!item || !scan.tokens.len)
		return syntax(copy, (size_t)(stop - copy) < len
					    ? (size_t)(stop - copy)
					    : len);
	struct reader in = { &tree, copy, scan.tokens.items };
	TRY(read_item(&in, NULL, item));
	*out = tree;
	tree = (struct tree)TREE_INIT;
	return NULL;
}

struct error *json_parse(struct tree *out, const char *text, size_t len)
{
	const char *nul = memchr(text, '\0', len);

	/* A copy ends at the first NUL: say where, as for all else. */
	if (nul) {
		struct scan scan = { .text = text, .line = 1, .column = 1 };

		scan.len = len;
		for (struct error *err;;)
			if ((err = step(&scan)))
				return err;
	}
	return parse(out, text, len);
}

/*
 * Patterns through PCRE2.  No JIT: compiling for it costs more than most of
 * our short texts take to match, and start-up counts.  A glob becomes an
 * anchored pattern of its own, because one alternation over hundreds of paths
 * passes PCRE2's 64 KiB limit; globs without special characters, which is most
 * of them, are looked up in a map.
 */
#include "core/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>
#include <string.h>

#define MAX_STEPS    1000000
#define MAX_DEPTH    100000
#define MAX_HEAP_KIB 32768

struct regex {
	char *pattern;
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

static struct error *compile(struct regex **out, const char *pattern,
			     uint32_t flags)
{
	int number;
	PCRE2_SIZE offset;
	PCRE2_UCHAR why[128];
	pcre2_code *code = pcre2_compile(
		(PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		flags | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &number,
		&offset, NULL);

	if (!code) {
		pcre2_get_error_message(number, why, sizeof why);
		return error_new(ERROR_INVALID, "pattern '%s', offset %zu: %s",
				 pattern, offset, (const char *)why);
	}
	struct regex *regex = xcalloc(1, sizeof *regex);
	regex->pattern = xstrdup(pattern);
	regex->code = code;
	regex->match = pcre2_match_data_create(1, NULL);
	regex->context = pcre2_match_context_create(NULL);
	if (!regex->match || !regex->context) {
		regex_free(regex);
		return error_new(ERROR_FAILURE, "no memory for a pattern");
	}
	pcre2_set_match_limit(regex->context, MAX_STEPS);
	pcre2_set_depth_limit(regex->context, MAX_DEPTH);
	pcre2_set_heap_limit(regex->context, MAX_HEAP_KIB);
	*out = regex;
	return NULL;
}

struct error *regex_compile(struct regex **out, const char *pattern)
{
	return compile(out, pattern, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF);
}

void regex_free(struct regex *regex)
{
	if (!regex)
		return;
	free(regex->pattern);
	pcre2_code_free(regex->code);
	pcre2_match_data_free(regex->match);
	pcre2_match_context_free(regex->context);
	free(regex);
}

void regex_release(struct regex **regex)
{
	regex_free(*regex);
	*regex = NULL;
}

struct error *regex_search(int *found, size_t *start, size_t *end,
			   const struct regex *regex, const char *text,
			   size_t len, size_t from)
{
	PCRE2_UCHAR why[128];

	if (from > len) {
		*found = 0;
		return NULL;
	}
	int n = pcre2_match(regex->code, (PCRE2_SPTR)text, len, from, 0,
			    regex->match, regex->context);
	if (n == PCRE2_ERROR_MATCHLIMIT || n == PCRE2_ERROR_DEPTHLIMIT ||
	    n == PCRE2_ERROR_HEAPLIMIT)
		return error_hint(error_new(ERROR_INVALID,
					    "pattern '%s' takes too many steps",
					    regex->pattern),
				  "repeat less within what is repeated");
	if (n < 0 && n != PCRE2_ERROR_NOMATCH) {
		pcre2_get_error_message(n, why, sizeof why);
		return error_new(ERROR_INVALID, "pattern '%s': %s",
				 regex->pattern, (const char *)why);
	}
	*found = n >= 0;
	if (n < 0)
		return NULL;
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex->match);
	if (start)
		*start = at[0];
	if (end)
		*end = at[1];
	return NULL;
}

struct globs {
	struct map literals;
	ARRAY(struct regex *) patterns;
};

/* A glob while it is turned into a pattern. */
struct glob {
	struct buf pattern;
	const char *text;
	const char *at;
	int braces; /* open ones */
	int special; /* anything but plain characters was seen */
};

/* Does a part of the path begin (end) at this place of the glob? */
static int part_begins(const struct glob *glob)
{
	return glob->at == glob->text || glob->at[-1] == '/' ||
	       (glob->braces && strchr("{,", glob->at[-1]));
}

static int part_ends(const struct glob *glob, const char *at)
{
	return !*at || *at == '/' || (glob->braces && strchr("},", *at));
}

static void glob_literal(struct glob *glob, char c)
{
	if (strchr("\\^$.[]|()?*+{}#", c))
		buf_ch(&glob->pattern, '\\');
	buf_ch(&glob->pattern, c);
}

static void glob_star(struct glob *glob)
{
	int whole = part_begins(glob);
	size_t stars = strspn(glob->at, "*");

	glob->special = 1;
	if (stars != 2 || !whole || !part_ends(glob, glob->at + 2)) {
		buf_str(&glob->pattern, "[^/]*");
		glob->at += stars;
		return;
	}
	glob->at += 2;
	if (*glob->at != '/') {
		buf_str(&glob->pattern, ".+");
		return;
	}
	/* A row of them means the same as one, and costs far less. */
	while (!strncmp(glob->at, "/**/", 4))
		glob->at += 3;
	glob->at++;
	buf_str(&glob->pattern, "(?:[^/]+/)*");
}

static struct error *glob_class(struct glob *glob)
{
	const char *from = glob->at + 1;
	int inverted = *from == '!' || *from == '^';

	from += inverted;
	const char *end = *from ? strchr(from + 1, ']') : NULL;
	if (!end)
		return error_new(ERROR_INVALID, "glob '%s' has an unclosed '['",
				 glob->text);
	buf_str(&glob->pattern, inverted ? "(?!/)[^" : "(?!/)[");
	for (const char *at = from; at < end; at++) {
		if ((unsigned char)*at >= 0x80)
			return error_new(ERROR_INVALID,
					 "glob '%s' has a character class "
					 "beyond ASCII",
					 glob->text);
		if (strchr("\\[]^", *at))
			buf_ch(&glob->pattern, '\\');
		buf_ch(&glob->pattern, *at);
	}
	buf_ch(&glob->pattern, ']');
	glob->at = end + 1;
	glob->special = 1;
	return NULL;
}

static struct error *glob_brace(struct glob *glob)
{
	char c = *glob->at++;

	glob->special = 1;
	glob->braces += c == '{' ? 1 : c == '}' ? -1 : 0;
	buf_str(&glob->pattern, c == '{' ? "(?:" : c == '}' ? ")" : "|");
	return NULL;
}

static struct error *glob_step(struct glob *glob)
{
	switch (*glob->at) {
	case '*':
		glob_star(glob);
		return NULL;
	case '?':
		/* One character, though the pattern works on bytes. */
		buf_str(&glob->pattern,
			"(?>[\\xc2-\\xf4][\\x80-\\xbf]{1,3}|[^/])");
		glob->special = 1;
		glob->at++;
		return NULL;
	case '[':
		return glob_class(glob);
	case '{':
		return glob_brace(glob);
	case '}':
	case ',':
		if (glob->braces)
			return glob_brace(glob);
		break;
	case '\\':
		glob->special = 1;
		if (!glob->at[1])
			return error_new(ERROR_INVALID,
					 "glob '%s' ends in a '\\'",
					 glob->text);
		glob->at++;
		break;
	}
	glob_literal(glob, *glob->at++);
	return NULL;
}

/*
 * Globs work on bytes, so that `*` covers names that are not UTF-8 as well:
 * git has them.
 */
static struct error *glob_add(struct globs *globs, struct glob *glob)
{
	struct regex *regex = NULL;

	buf_str(&glob->pattern, "\\A(?:");
	for (glob->at = glob->text; *glob->at;)
		TRY(glob_step(glob));
	if (glob->braces)
		return error_new(ERROR_INVALID, "glob '%s' has an unclosed '{'",
				 glob->text);
	size_t len = strlen(glob->text);
	if (glob->text[len - 1] == '/') {
		glob->special = 1;
		buf_str(&glob->pattern, ".+");
	}
	if (!glob->special) {
		map_set(&globs->literals, glob->text, globs);
		return NULL;
	}
	buf_str(&glob->pattern, ")\\z");
	TRY(error_wrap(compile(&regex, glob->pattern.data, PCRE2_DOTALL),
		       "glob '%s'", glob->text));
	*PUSH(&globs->patterns) = regex;
	return NULL;
}

static struct error *glob_parse(struct globs *globs, const char *text)
{
	while (!strncmp(text, "./", 2))
		text += 2;
	if (!*text)
		return error_hint(error_new(ERROR_INVALID, "empty glob"),
				  "write '**' for every path");
	if (*text == '/')
		return error_hint(
			error_new(ERROR_INVALID, "glob '%s' is absolute", text),
			"paths begin at the top of the repository: '%s'",
			text + 1);
	struct glob glob = { BUF_INIT, text, text, 0, 0 };
	struct error *err = glob_add(globs, &glob);
	buf_release(&glob.pattern);
	return err;
}

struct error *globs_compile(struct globs **out, const struct strings *globs)
{
	CLEANUP(globs_release)
	struct globs *made = xcalloc(1, sizeof *made);

	for (size_t i = 0; i < globs->len; i++)
		TRY(glob_parse(made, globs->items[i]));
	*out = made;
	made = NULL;
	return NULL;
}

void globs_free(struct globs *globs)
{
	if (!globs)
		return;
	FOR_EACH (struct regex *, regex, &globs->patterns)
		regex_free(*regex);
	free(globs->patterns.items);
	map_release(&globs->literals);
	free(globs);
}

void globs_release(struct globs **globs)
{
	globs_free(*globs);
	*globs = NULL;
}

int globs_match(const struct globs *globs, const char *path)
{
	size_t len = strlen(path);

	if (map_getn(&globs->literals, path, len))
		return 1;
	FOR_EACH (struct regex *, regex, &globs->patterns) {
		int found = 0;

		error_free(
			regex_search(&found, NULL, NULL, *regex, path, len, 0));
		if (found)
			return 1;
	}
	return 0;
}

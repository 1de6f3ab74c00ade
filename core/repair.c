/*
 * Finding the candidates in a text and choosing among them.  The scan goes
 * over the text once, and over a bracket that turns out to be prose or broken
 * never again, so that a megabyte of brackets is answered at once.  A broken
 * object hides none of its parts: an inner object must not pass for the whole.
 */
#include "core/repair.h"

#include "core/repair-read.h"
#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where a candidate stands; the best place that has one counts. */
enum rank {
	RANK_NONE,
	RANK_TEXT,
	RANK_FENCE, /* of no language, or of JSON */
};

struct search {
	const char *text;
	size_t len;
	size_t at;
	enum rank place; /* of what is at `at` */
	int fenced;
	char bracket; /* what is looked for */

	enum rank rank; /* of what follows; RANK_NONE: nothing found */
	size_t where; /* offset of the first candidate */
	size_t end; /* behind the last candidate */
	size_t found;
	struct tree tree;
	int half;
	int cut;
	unsigned steps;
	struct error *wrong; /* why this rank cannot be used */
};

static void search_release(struct search *search)
{
	tree_release(&search->tree);
	error_free(search->wrong);
}

void repair_release(struct repair *repair)
{
	strings_release(&repair->steps);
	*repair = (struct repair){ 0 };
}

static unsigned line_of(const struct search *search, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += search->text[i] == '\n';
	return line;
}

/* Begins the findings anew, with those of a better place. */
static void begin_rank(struct search *search, enum rank rank)
{
	search_release(search);
	search->tree = (struct tree)TREE_INIT;
	search->wrong = NULL;
	search->rank = rank;
	search->found = 0;
	search->half = search->cut = 0;
	search->steps = 0;
}

static void set_broken(struct search *search, size_t at, const char *why)
{
	search->wrong = error_new(ERROR_INVALID, "line %u: %s",
				  line_of(search, at), why);
}

/* One candidate more, which has to say the same as those before. */
static void add_candidate(struct search *search, const struct lenient *read,
			  size_t from)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct error *err = json_parse(&tree, read->out->data, read->out->len);

	if (err) {
		search->wrong = error_wrap(err, "what was read as JSON");
		return;
	}
	if (search->found++) {
		if (!value_equal(search->tree.root, tree.root))
			search->wrong = error_new(
				ERROR_INVALID,
				"two candidates that differ, in lines %u and "
				"%u",
				line_of(search, search->where),
				line_of(search, from));
		search->steps |= read->steps | 1u << REPAIR_AGAIN;
		return;
	}
	search->where = from;
	search->steps |= read->steps;
	search->half = read->half;
	search->tree = tree;
	tree = (struct tree)TREE_INIT;
}

/* A comma and a quote behind it: the object was closed too early. */
static int goes_on(const struct search *search, size_t at)
{
	const char *text = search->text + at;
	size_t len = search->len - at, i = 0, n;
	int comma = 0;

	for (; i < len; i += n) {
		n = lenient_blank(text + i, len - i);
		if (n)
			continue;
		n = 1;
		if (text[i] != ',' && text[i] != '}' && text[i] != ']')
			return comma && text[i] == '"';
		comma = text[i] == ',';
	}
	return 0;
}

static void take_result(struct search *search, struct lenient *read,
			enum lenient_end end, size_t from)
{
	if (search->place > search->rank)
		begin_rank(search, search->place);
	if (search->place < search->rank || search->wrong)
		return;
	if (end == LENIENT_BROKEN) {
		set_broken(search, read->at, read->why);
	} else if (search->text[from] != search->bracket) {
		set_broken(search, from,
			   "an object, where a list is asked for");
	} else if (end == LENIENT_WHOLE && goes_on(search, read->at)) {
		set_broken(search, read->at,
			   "the object goes on behind its "
			   "end");
	} else {
		search->cut |= end == LENIENT_CUT;
		add_candidate(search, read, from);
		search->end = read->at;
	}
}

/* Reads from a bracket on, which may be the beginning of a candidate. */
static void try_bracket(struct search *search)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	struct lenient read = { .text = search->text,
				.len = search->len,
				.at = search->at,
				.out = &out };
	size_t from = search->at;
	enum lenient_end end = lenient_read(&read);

	search->at = read.at;
	if (end != LENIENT_PROSE)
		take_result(search, &read, end, from);
}

/* Over a fence and, when it opens a block, the language behind it. */
static void pass_fence(struct search *search)
{
	const char *language;
	size_t n = 0;

	while (search->at < search->len && search->text[search->at] == '`')
		search->at++;
	search->fenced = !search->fenced;
	search->place = RANK_TEXT;
	if (!search->fenced)
		return;
	language = search->text + search->at;
	while (search->at + n < search->len &&
	       strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		      "0123456789+#-_.",
		      language[n]))
		n++;
	if (!n || (n >= 4 && !strncasecmp(language, "json", 4)))
		search->place = RANK_FENCE;
	search->at += n;
}

/* The tags models think in, outside of what they answer. */
static const char *const thoughts[] = {
	"think", "thinking", "thought", "reasoning", "reflection", "scratchpad"
};

static int is_tag(const char *text, size_t len, const char *before,
		  const char *name)
{
	size_t a = strlen(before), b = strlen(name);

	return len > a + b && !memcmp(text, before, a) &&
	       !strncasecmp(text + a, name, b) && text[a + b] == '>';
}

/* Behind the closing tag, or the end where there is none. */
static size_t behind_thought(const struct search *search, const char *name)
{
	for (size_t at = search->at; at < search->len; at++)
		if (search->text[at] == '<' &&
		    is_tag(search->text + at, search->len - at, "</", name))
			return at + strlen(name) + 3;
	return search->len;
}

/*
 * Over thoughts.  A closing tag alone, as some servers leave it, makes a
 * thought of all that stands before.
 */
static int pass_thought(struct search *search)
{
	const char *text = search->text + search->at;
	size_t left = search->len - search->at;

	for (size_t i = 0; i < sizeof thoughts / sizeof *thoughts; i++) {
		if (is_tag(text, left, "<", thoughts[i])) {
			search->at = behind_thought(search, thoughts[i]);
		} else if (is_tag(text, left, "</", thoughts[i])) {
			begin_rank(search, RANK_NONE);
			search->at += strlen(thoughts[i]) + 3;
			search->fenced = 0;
			search->place = RANK_TEXT;
		} else {
			continue;
		}
		search->steps |= 1u << REPAIR_THOUGHT;
		return 1;
	}
	return 0;
}

static void find_all(struct search *search)
{
	unsigned thought = 0;

	search->place = RANK_TEXT;
	while (search->at < search->len) {
		char c = search->text[search->at];

		if (c == '{' || c == search->bracket)
			try_bracket(search);
		else if (lenient_fence(search->text + search->at,
				       search->len - search->at))
			pass_fence(search);
		else if (c == '<' && pass_thought(search))
			thought = search->steps & 1u << REPAIR_THOUGHT;
		else
			search->at++;
	}
	search->steps |= thought;
}

/* Notes blanks that JSON does not have; gives what is behind all blanks. */
static size_t pass_blanks(struct search *search, size_t at)
{
	size_t n;

	while ((n = lenient_blank(search->text + at, search->len - at))) {
		if (n > 1)
			search->steps |= 1u << (at ? REPAIR_BLANK : REPAIR_BOM);
		at += n;
	}
	return at;
}

static void note_around(struct search *search)
{
	size_t begin = pass_blanks(search, 0);
	size_t end = pass_blanks(search, search->end);

	if (search->rank == RANK_FENCE)
		search->steps |= 1u << REPAIR_FENCE;
	else if (end < search->len)
		search->steps |= 1u << REPAIR_PROSE;
	if (begin < search->where)
		search->steps |= 1u << REPAIR_PROSE;
}

static void name_steps(struct strings *out, unsigned steps)
{
	static const char *const names[REPAIR_STEPS] = {
		[REPAIR_BOM] = "byte order mark",
		[REPAIR_FENCE] = "code fence",
		[REPAIR_THOUGHT] = "thoughts",
		[REPAIR_PROSE] = "text around it",
		[REPAIR_UNWRAP] = "JSON within a string",
		[REPAIR_AGAIN] = "the same twice",
		[REPAIR_COMMENT] = "comment",
		[REPAIR_COMMA] = "trailing comma",
		[REPAIR_QUOTE] = "other quotes",
		[REPAIR_KEY] = "unquoted key",
		[REPAIR_WORD] = "words of Python",
		[REPAIR_NUMBER] = "number",
		[REPAIR_ESCAPE] = "escape",
		[REPAIR_CONTROL] = "control character in a string",
		[REPAIR_BLANK] = "unusual blank",
		[REPAIR_TAIL] = "missing tail",
	};

	for (int i = 0; i < REPAIR_STEPS; i++)
		if (steps & 1u << i)
			strings_add(out, names[i]);
}

/* Tells whether these last bytes are the beginning of a character. */
static int is_cut_character(const char *bytes, size_t len)
{
	unsigned char lead = (unsigned char)*bytes;
	size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

	if (lead < 0xc2 || lead > 0xf4 || len >= want)
		return 0;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return 0;
	return 1;
}

/*
 * The length without a character that was cut, or an error: text that is not
 * UTF-8 elsewhere, or has a NUL, is nobody's JSON.
 */
static struct error *check_text(size_t *len, const char *text)
{
	size_t at = 0, n;
	unsigned line = 1;

	for (; at < *len; at += n) {
		n = utf8_next(NULL, text + at, *len - at);
		line += text[at] == '\n';
		if (n && text[at])
			continue;
		if (n)
			return error_new(ERROR_INVALID,
					 "line %u: a NUL character", line);
		if (!is_cut_character(text + at, *len - at))
			return error_new(ERROR_INVALID,
					 "line %u: invalid UTF-8", line);
		*len = at;
		return NULL;
	}
	return NULL;
}

static struct error *choose(struct tree *out, struct repair *how,
			    struct search *search, unsigned steps)
{
	if (search->wrong) {
		struct error *err = search->wrong;

		search->wrong = NULL;
		return err;
	}
	if (!search->found)
		return error_new(ERROR_INVALID, "no JSON %s in it",
				 search->bracket == '{' ? "object" : "list");
	note_around(search);
	name_steps(&how->steps, search->steps | steps);
	how->changed = how->steps.len > 0;
	how->cut = search->cut;
	how->half = search->half;
	*out = search->tree;
	search->tree = (struct tree)TREE_INIT;
	return NULL;
}

static struct error *repair(struct tree *out, struct repair *how,
			    const char *text, size_t len, int list,
			    unsigned steps)
{
	CLEANUP(search_release)
	struct search search = { .text = text,
				 .len = len,
				 .bracket = list ? '[' : '{',
				 .tree = TREE_INIT };

	find_all(&search);
	return choose(out, how, &search, steps);
}

struct error *json_repair(struct tree *out, struct repair *how,
			  const char *text, size_t len, int list)
{
	CLEANUP(tree_release) struct tree string = TREE_INIT;
	CLEANUP(error_release) struct error *err = NULL;
	size_t blanks = 0;

	*how = (struct repair){ 0 };
	TRY(check_text(&len, text));
	while (blanks < len && strchr(" \t\r\n", text[blanks]))
		blanks++;
	/* One level only: a string within a string is content. */
	if (blanks < len && text[blanks] == '"')
		err = json_parse(&string, text, len);
	if (!err && string.root && string.root->kind == VALUE_STRING)
		return repair(out, how, string.root->text, string.root->len,
			      list, 1u << REPAIR_UNWRAP);
	return repair(out, how, text, len, list, 0);
}

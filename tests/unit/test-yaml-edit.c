#include "tests/unit/test.h"

#include "core/json.h"
#include "core/yaml-edit.h"
#include "core/yaml.h"

enum action { SET, BLOCK, REMOVE };

/* {spec: 12ab, notes: [one, "a: b"], tail: "x\n  y\n"}: all there is to print.
 */
static struct value *result_of(struct tree *tree)
{
	struct value *root = value_object(tree, NULL, NULL);

	value_add_string(tree, root, "spec", "12ab");
	struct value *notes = value_list(tree, root, "notes");
	value_add_string(tree, notes, NULL, "one");
	value_add_string(tree, notes, NULL, "a: b");
	value_add_string(tree, root, "tail", "x\n  y\n");
	return root;
}

#define RESULT_LINES                                                           \
	"  spec: 12ab\n  notes:\n    - one\n    - \"a: b\"\n  tail: |\n"       \
	"    x\n      y\n"
#define RESULT_FLOW "{spec: 12ab, notes: [one, \"a: b\"], tail: \"x\\n  y\\n\"}"

static void act(struct buf *text, enum action action, const char *path)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	if (action == SET)
		ok(yaml_edit_set(text, path, "done"));
	else if (action == BLOCK)
		ok(yaml_edit_block(text, path, result_of(&tree)));
	else
		ok(yaml_edit_remove(text, path));
}

struct row {
	enum action action;
	const char *path;
	const char *before;
	const char *after;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		buf_str(&text, rows[i].before);
		act(&text, rows[i].action, rows[i].path);
		same(text.data, rows[i].after);
	}
}
#define ROWS(rows) check_rows(rows, sizeof rows / sizeof *rows)

static void a_scalar_is_set_where_it_stands(void **state)
{
	static const struct row rows[] = {
		{ SET, "s", "s: planned\n", "s: done\n" },
		{ SET, "s", "s:   planned   # c\nb: 1",
		  "s:   done   # c\nb: 1" },
		{ SET, "s", "a: 1\ns:\n# c\nb: 1\n",
		  "a: 1\ns: done\n# c\nb: 1\n" },
		{ SET, "s", "s:   # c\n", "s: done   # c\n" },
		{ SET, "s", "\"s\" : 'x''y' # c\n", "\"s\" : done # c\n" },
		{ SET, "s", "s: x\n  y\n\n  z # c\nb: 1\n",
		  "s: done # c\nb: 1\n" },
		{ SET, "s", "s: \"x\n  y\" # c\n", "s: done # c\n" },
		{ SET, "s", "s: | # c\n  x\n\n\nb: 1\n",
		  "s: done # c\n\n\nb: 1\n" },
		{ SET, "s", "s: >-\n  x\n  y", "s: done" },
		{ SET, "s", "s: |+\n  x\n\n\nb: 1\n", "s: done\nb: 1\n" },
		{ SET, "s", "s: [a, # c\n  b] # d\n", "s: done # d\n" },
		{ SET, "s", "s: # c\n  x # d\nb: 1\n",
		  "s: done # c\n   # d\nb: 1\n" },
		{ SET, "s", "s:\n  - a\n  - b\nb: 1\n", "s: done\nb: 1\n" },
		{ SET, "s", "s:\n- a\n# c\n- b # d\nb: 1\n",
		  "s: done\n # d\nb: 1\n" },
		{ SET, "s", "s:\n  # c\n  a: 1\n  b: 2", "s: done\n  # c\n" },
		{ SET, "s", "s: done # c\n", "s: done # c\n" },
		{ SET, "a.b.s", "a:\n    b:\n        s: x\n",
		  "a:\n    b:\n        s: done\n" },
		{ SET, "s", "\xef\xbb\xbf---\r\ns: x\r\n...\r\n",
		  "\xef\xbb\xbf---\r\ns: done\r\n...\r\n" },
	};

	(void)state;
	ROWS(rows);
}

static void nel_ls_and_ps_do_not_move_an_edit(void **state)
{
	static const struct row rows[] = {
		{ SET, "s",
		  "a: \xe2\x80\xa8x\xc2\x85\ns: y\xe2\x80\xa9z # \xc2\x85\n",
		  "a: \xe2\x80\xa8x\xc2\x85\ns: done # \xc2\x85\n" },
		{ SET, "s", "a: |\n  \xc2\x85\n\n# \xe2\x80\xa8 s: 1\ns: y",
		  "a: |\n  \xc2\x85\n\n# \xe2\x80\xa8 s: 1\ns: done" },
	};

	(void)state;
	ROWS(rows);
}

static void a_key_is_added_behind_the_last(void **state)
{
	static const struct row rows[] = {
		{ SET, "s", "a: 1 # c\n# d\n", "a: 1 # c\ns: done\n# d\n" },
		{ SET, "s", "a: 1", "a: 1\ns: done" },
		{ SET, "s", "a: 1\r\n...\r\n", "a: 1\r\ns: done\r\n...\r\n" },
		{ SET, "s", "  a: |\n    x\n\n\n",
		  "  a: |\n    x\n  s: done\n\n\n" },
		{ SET, "s", "a: |+\n  x\n\n", "a: |+\n  x\n\ns: done\n" },
		{ SET, "s", "b: 1\na: |\n  x", "b: 1\ns: done\na: |\n  x" },
		{ SET, "r.s", "r:\n    a: 1\nb: 2\n",
		  "r:\n    a: 1\n    s: done\nb: 2\n" },
		{ SET, "r.s", "a: 1\n", "a: 1\nr:\n  s: done\n" },
		{ SET, "r.s", "r: # c\na: 1\n", "r: # c\n  s: done\na: 1\n" },
		{ SET, "r.p.s", "r: {}\n", "r: {p: {s: done}}\n" },
		{ BLOCK, "r", "a: 1\n", "a: 1\nr:\n" RESULT_LINES },
	};

	(void)state;
	ROWS(rows);
}

static void a_block_takes_the_place_of_what_was_there(void **state)
{
	static const struct row rows[] = {
		{ BLOCK, "r", "r: x # c\nb: 1\n",
		  "r: # c\n" RESULT_LINES "b: 1\n" },
		{ BLOCK, "r", "r:\n  a: 1\n\n# c\nb: 1\n",
		  "r:\n" RESULT_LINES "\n# c\nb: 1\n" },
		{ BLOCK, "r", "r: # c\n  # d\n  - x # e\n",
		  "r: # c\n  # d\n   # e\n" RESULT_LINES },
		{ BLOCK, "r", "r: | # c\n  x\n\nb: 1\n",
		  "r: # c\n" RESULT_LINES "\nb: 1\n" },
		{ BLOCK, "r", "r:\n- x\nb: 1\n", "r:\n" RESULT_LINES "b: 1\n" },
		{ BLOCK, "r", "a:\n    b: 1\nr: {x: 1}\n",
		  "a:\n    b: 1\nr:\n    spec: 12ab\n    notes:\n        - one\n"
		  "        - \"a: b\"\n    tail: |\n        x\n          y\n" },
		{ BLOCK, "r", "r: x",
		  "r:\n  spec: 12ab\n  notes:\n    - one\n    - \"a: b\"\n"
		  "  tail: \"x\\n  y\\n\"" },
		{ BLOCK, "r", "r: x\n    # c\nb: 1\n",
		  "r:\n  spec: 12ab\n  notes:\n    - one\n    - \"a: b\"\n"
		  "  tail: \"x\\n  y\\n\"\n    # c\nb: 1\n" },
	};

	(void)state;
	ROWS(rows);
}

static void flow_style_stays_flow_style(void **state)
{
	static const struct row rows[] = {
		{ SET, "s", "{a: 1, s: x, b: 2}\n", "{a: 1, s: done, b: 2}\n" },
		{ SET, "s", "{a: 1}", "{a: 1, s: done}" },
		{ SET, "s", "{}", "{s: done}" },
		{ SET, "s", "{ # c\n}", "{s: done # c\n}" },
		{ SET, "s", "{#c\n}", "{s: done #c\n}" },
		{ SET, "s", "{s}", "{s: done}" },
		{ SET, "s", "{s: }", "{s: done }" },
		{ SET, "s", "{\"s\":x,b: 1}", "{\"s\":done,b: 1}" },
		{ SET, "s", "{a: 1, # c\n b: 2 # d\n}",
		  "{a: 1, # c\n b: 2, s: done # d\n}" },
		{ SET, "s", "{a: 1,}", "{a: 1, s: done,}" },
		{ SET, "a.s", "a: {b: 1} # c\n", "a: {b: 1, s: done} # c\n" },
		{ BLOCK, "r", "{a: 1, r: x}", "{a: 1, r: " RESULT_FLOW "}" },
		{ BLOCK, "a.r", "a: {}\n", "a: {r: " RESULT_FLOW "}\n" },
		{ REMOVE, "s", "{s: 1, b: 2}", "{b: 2}" },
		{ REMOVE, "s", "{a: 1, s: 2}", "{a: 1}" },
		{ REMOVE, "s", "{a: 1, s: 2,}", "{a: 1,}" },
		{ REMOVE, "s", "{s: 2}", "{}" },
		{ REMOVE, "s", "{a: 1, # c\n s: 2 # d\n}",
		  "{a: 1 # c\n  # d\n}" },
		{ REMOVE, "s", "{a: 1,\n s: 2 # d\n , b: 3}",
		  "{a: 1,\n  # d\n  b: 3}" },
	};

	(void)state;
	ROWS(rows);
}

static void a_key_is_removed_with_its_lines(void **state)
{
	static const struct row rows[] = {
		{ REMOVE, "s", "a: 1\ns: x # c\nb: 2\n", "a: 1\nb: 2\n" },
		{ REMOVE, "s", "a: 1\ns:\n  - x\n\n# c\nb: 2\n",
		  "a: 1\n\n# c\nb: 2\n" },
		{ REMOVE, "s", "a: 1\ns: x", "a: 1\n" },
		{ REMOVE, "s", "\xef\xbb\xbfs: x\na: 1\n",
		  "\xef\xbb\xbf"
		  "a: 1\n" },
		{ REMOVE, "s", "s: x # c\n", "{} # c\n" },
		{ REMOVE, "r.s", "r:\n  s: x\nb: 1\n", "r:\n  {}\nb: 1\n" },
		{ REMOVE, "none", "a: 1", "a: 1" },
		{ REMOVE, "a.b.c", "a: 1", "a: 1" },
		{ REMOVE, "s", "a: |+\n  x\ns: 1\n\nb: 2\n",
		  "a: |+\n  x\n#\n\nb: 2\n" },
		{ REMOVE, "s", "a: |\n  x\ns: 1\n   # c\nb: 2\n",
		  "a: |\n  x\n#\n   # c\nb: 2\n" },
		{ REMOVE, "s", "a: |\n  x\ns: 1", "a: |\n  x\n" },
	};

	(void)state;
	ROWS(rows);
}

static void what_would_read_as_another_type_is_quoted(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)state;
	buf_str(&text, "a: x\nb: y\n");
	ok(yaml_edit_set(&text, "a", "no"));
	ok(yaml_edit_set(&text, "b", ""));
	ok(yaml_edit_block(&text, "c", value_add_int(&tree, NULL, NULL, 3)));
	ok(yaml_edit_block(&text, "d", value_list(&tree, NULL, NULL)));
	ok(yaml_edit_set(&text, "a", "two\nlines"));
	same(text.data, "a: |-\n  two\n  lines\nb: \"\"\nc: 3\nd: []\n");
}

static void what_cannot_be_edited_is_left_as_it_was(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} rows[] = {
		{ "", "the document is no mapping" },
		{ "- a\n", "the document is no mapping" },
		{ "a: [\n", "line 2, column 1" },
		{ "a: &x 1\n", "an anchor" },
		{ "b: 1\na: x\n", "line 2, column 1: 'a' is no mapping" },
		{ "a: [x]\n", "'a' is no mapping" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		buf_str(&text, rows[i].text);
		fails(ERROR_INVALID, rows[i].message,
		      yaml_edit_set(&text, "a.b", "x"));
		same(text.data, rows[i].text);
	}
}

/* The merge of three texts as text; base NULL: none. */
static void merges_to(const char *base, const char *ours, const char *theirs,
		      const char *after)
{
	static const char *const fields[] = { "status", "result", NULL };
	CLEANUP(buf_release) struct buf b = BUF_INIT;
	CLEANUP(buf_release) struct buf o = BUF_INIT;
	CLEANUP(buf_release) struct buf t = BUF_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	CLEANUP(strings_release) struct strings conflicts = STRINGS_INIT;

	if (base)
		buf_str(&b, base);
	buf_str(&o, ours);
	buf_str(&t, theirs);
	buf_str(&out, "untouched");
	ok(yaml_merge_fields(&out, base ? &b : NULL, &o, &t, fields,
			     &conflicts));
	if (conflicts.len) {
		same(out.data, "untouched");
		buf_clear(&out);
		buf_str(&out, "! ");
		strings_join(&out, &conflicts, " ");
	}
	same(out.data, after);
}

static void versions_are_merged_by_field(void **state)
{
	const char *base = "# c\nid: a\ntitle: A\nstatus: planned # s\n";

	(void)state;
	merges_to(base, base, base, base);
	merges_to(base, "# d\nid: a\ntitle: B\nstatus: planned # s\n",
		  "# c\nid: a\ntitle: A\nstatus: done\nresult:\n  n: 1 # x\n"
		  "  m: [1,2]\n",
		  "# d\nid: a\ntitle: B\nstatus: done # s\nresult:\n"
		  "  n: 1 # x\n  m: [1,2]\n");
	merges_to(base, "id: a\ntitle: B\nstatus: planned\n",
		  "id: a\ntitle: C\nstatus: failed\n", "! title");
	merges_to(base, "id: a\ntitle: B\nstatus: done\n",
		  "id: a\ntitle: B\nstatus: done\n",
		  "id: a\ntitle: B\nstatus: done\n");
	merges_to(base, "id: a\ntitle: A\nstatus: planned\nnew: 1\n",
		  "id: a\nstatus: planned\nnew: 2\n", "! new");
	merges_to(base, base, "id: a\nstatus: planned\n",
		  "# c\nid: a\nstatus: planned # s\n");
	merges_to(NULL, base, "id: b\ntitle: C\nstatus: done\nresult: {n: 1}\n",
		  "# c\nid: a\ntitle: A\nstatus: done # s\nresult: {n: 1}\n");
	merges_to(NULL, "{id: a, status: x}\n",
		  "id: a\nstatus: |\n  done\nresult:\n  - i: 1\n",
		  "{id: a, status: \"done\\n\", result: [{i: 1}]}\n");
	merges_to(NULL, "id: a\r\nstatus: x\r\n",
		  "id: a\nresult:\n  - i: no\n  - \"no\"\n",
		  "id: a\r\nresult:\r\n  - i: no\r\n  - \"no\"\r\n");
	merges_to(NULL, "a.b: 1\n", "a.b: 1\nstatus: x\n",
		  "a.b: 1\nstatus: x\n");
}

static void a_merge_names_the_version_that_is_broken(void **state)
{
	static const char *const none[] = { NULL };
	CLEANUP(buf_release) struct buf good = BUF_INIT;
	CLEANUP(buf_release) struct buf bad = BUF_INIT;
	CLEANUP(strings_release) struct strings conflicts = STRINGS_INIT;

	(void)state;
	buf_str(&good, "a: 1\n");
	buf_str(&bad, "a: [\n");
	fails(ERROR_INVALID, "their version: line 2",
	      yaml_merge_fields(&good, &good, &good, &bad, none, &conflicts));
	fails(ERROR_INVALID, "our version: line 2",
	      yaml_merge_fields(&good, &good, &bad, &good, none, &conflicts));
	fails(ERROR_INVALID, "common ancestor: line 2",
	      yaml_merge_fields(&good, &bad, &good, &good, none, &conflicts));
	same(good.data, "a: 1\n");
}

/* Generated documents: every way of writing a value, with numbered comments. */
struct maker {
	struct buf out;
	uint32_t seed;
	int comments;
	const char *eol;
};

static uint32_t dice(struct maker *make, uint32_t sides)
{
	make->seed ^= make->seed << 13;
	make->seed ^= make->seed >> 17;
	make->seed ^= make->seed << 5;
	return make->seed % sides;
}

static void put(struct maker *make, const char *s)
{
	for (; *s; s++)
		if (*s == '\n')
			buf_str(&make->out, make->eol);
		else if (*s == '@')
			buf_addf(&make->out, "#c%d.", make->comments++);
		else
			buf_ch(&make->out, *s);
}

/* What may follow "key:", at column 0; '@' is a comment of its own. */
static const char *const values[] = {
	" x",
	" x @",
	"",
	" @",
	" x\n  y",
	" x\n\n   y @",
	" 'it''s'",
	" \"a\\\"b\"",
	" \"x\n  y\" @",
	" |\n  x",
	" | @\n  x\n  # no comment\n",
	" |-\n  x\n\n",
	" |+\n  x\n\n",
	" |+ @\n\n  x\n \n",
	" >\n  x\n  y\n\n    z\n",
	" >2-\n    x",
	" |\n  x\n  \n",
	" |\n\n\n",
	" []",
	" [a, @\n  b: c, 'd'] @",
	" {}",
	" {a: b, \"c\":d, e} @",
	"\n  - a\n  @\n  - b @",
	"\n- a\n- b: 1\n  c: |\n   x",
	"\n- |+\n x\n\n",
	"\n  a: 1\n  b:\n    c: 2 @\n  @",
	" @\n  @\n  a: 1 @",
	"\n  @\n  x @",
	"\n  | @\n  x",
	" @\n  'y'",
	" \xc3\xa9\xe2\x80\xa8z @ \xc2\x85",
	" |\n  \xc2\x85p\n  \xe2\x80\xa9\n",
	"\n    @\n    - - x\n      - |-\n        y",
	" no",
	" \"1\"",
	" ~",
	"\n    a: x\n    b: {c: [1, 2]} @",
};
static const char *const gaps[] = { "",       "",     "",
				    "\n",     "@\n",  "\n@\n\n",
				    "   @\n", "  \n", "@ \xe2\x80\xa8 k0: x\n",
				    "\n\n" };
static const char *const flows[] = {
	"x",
	"'y' ",
	"\"z\\n\"",
	"[a, {b: c}]",
	"{}",
	"",
	" @\n ",
	"x @\n ",
	"[a: b]",
	"{p: , q}",
	"\xc3\xa9\xe2\x80\xa8",
};
#define COUNT(a) (uint32_t)(sizeof(a) / sizeof *(a))

static void make_block(struct maker *make)
{
	uint32_t n = 1 + dice(make, 5);

	for (uint32_t i = 0; i < n; i++) {
		put(make, gaps[dice(make, COUNT(gaps))]);
		buf_addf(&make->out, dice(make, 6) ? "k%u:" : "'k%u' :", i);
		put(make, values[dice(make, COUNT(values))]);
		if (i + 1 < n || dice(make, 3))
			put(make, "\n");
	}
	if (dice(make, 3) || !strchr("\r\n", make->out.data[make->out.len - 1]))
		return;
	put(make, gaps[dice(make, COUNT(gaps))]);
	if (!dice(make, 3))
		put(make, "...\n@\n");
}

static void make_flow(struct maker *make)
{
	uint32_t n = dice(make, 4);

	put(make, dice(make, 3) ? "{" : "{ @\n ");
	for (uint32_t i = 0; i < n; i++) {
		buf_addf(&make->out, "k%u: ", i);
		put(make, flows[dice(make, COUNT(flows))]);
		if (i + 1 < n || !dice(make, 4))
			put(make, dice(make, 3) ? ", " : ", @\n ");
	}
	put(make, dice(make, 3) ? "} @\n" : "}");
}

static void make_document(struct maker *make)
{
	static const char *const eols[] = { "\n", "\n", "\r\n", "\r" };

	buf_clear(&make->out);
	make->comments = 0;
	make->eol = eols[dice(make, 4)];
	if (!dice(make, 4))
		buf_str(&make->out, "\xef\xbb\xbf");
	if (!dice(make, 4))
		put(make, "@\n---\n");
	if (dice(make, 4))
		make_block(make);
	else
		make_flow(make);
}

/* Same content and, for all but one member, the same bytes. */
static void others_survive(const struct buf *before, const struct buf *after,
			   const char *key)
{
	CLEANUP(tree_release) struct tree was = TREE_INIT;
	CLEANUP(tree_release) struct tree is = TREE_INIT;
	size_t count = 0;

	ok(yaml_parse(&was, before->data, before->len, NULL));
	ok(yaml_parse(&is, after->data, after->len, NULL));
	VALUE_EACH(it, was.root)
	{
		const struct value *now = value_get(is.root, it->key);

		if (!strcmp(it->key, key))
			continue;
		count++;
		assert_non_null(now);
		assert_true(value_equal(it, now));
		size_t len = it->span.end - it->span.start;
		assert_int_equal(now->span.end - now->span.start, len);
		assert_memory_equal(before->data + it->span.start,
				    after->data + now->span.start, len);
	}
	assert_int_equal(is.root->count, count + !!value_get(is.root, key));
}

/* Comments outside [start, end) of the text before are there, in order. */
static void comments_survive(const struct buf *before, const struct buf *after,
			     size_t start, size_t end)
{
	const char *at = before->data;
	const char *found = after->data;

	while ((at = strstr(at, "#c"))) {
		size_t len = strcspn(at, ".") + 1;
		size_t offset = (size_t)(at - before->data);

		at += len;
		if (offset >= start && offset < end)
			continue;
		char *comment = xstrndup(at - len, len);
		found = strstr(found, comment);
		if (!found)
			fail_msg("%s lost of\n%s\nin\n%s", comment,
				 before->data, after->data);
		free(comment);
	}
}

static size_t common_head(const struct buf *a, const struct buf *b)
{
	size_t n = 0;

	while (n < a->len && n < b->len && a->data[n] == b->data[n])
		n++;
	return n;
}

static size_t common_tail(const struct buf *a, const struct buf *b)
{
	size_t n = 0;

	while (n < a->len && n < b->len &&
	       a->data[a->len - 1 - n] == b->data[b->len - 1 - n])
		n++;
	return n;
}

static size_t line_of(const struct buf *text, size_t at)
{
	while (at && !strchr("\r\n", text->data[at - 1]))
		at--;
	return at;
}

static size_t line_behind(const struct buf *text, size_t at)
{
	at += strcspn(text->data + at, "\r\n");
	if (!strncmp(text->data + at, "\r\n", 2))
		return at + 2;
	return at < text->len ? at + 1 : at;
}

/* Bytes before and behind the lines of the edit are what they were. */
static void bytes_survive(const struct buf *before, const struct buf *after,
			  const struct value *member, enum action action)
{
	size_t head = common_head(before, after);
	size_t tail = common_tail(before, after);

	if (!member) {
		assert_true(head + tail >= before->len);
		return;
	}
	size_t from = action == REMOVE ? line_of(before, member->key_span.start)
				       : member->key_span.end;
	if (member->parent->style == STYLE_FLOW)
		from = action == REMOVE ? 0 : member->key_span.end;
	assert_true(head >= from);
	if (member->parent->style == STYLE_FLOW && action == REMOVE) {
		comments_survive(before, after, member->span.start,
				 member->span.end);
		return;
	}
	if (tail < before->len - line_behind(before, member->span.end))
		fail_msg("%d %s\n%s\n--\n%s", action, member->key, before->data,
			 after->data);
}

static void became(const struct buf *after, enum action action, const char *key)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(tree_release) struct tree want = TREE_INIT;

	ok(yaml_parse(&tree, after->data, after->len, NULL));
	const struct value *value = value_get(tree.root, key);
	if (action == REMOVE)
		assert_null(value);
	else if (action == SET)
		same(value_text(value, "none"), "done");
	else
		assert_true(value_equal(value, result_of(&want)));
}

static void edit_and_check(const struct buf *before, enum action action,
			   const char *key)
{
	CLEANUP(tree_release) struct tree was = TREE_INIT;
	CLEANUP(buf_release) struct buf after = BUF_INIT;

	ok(yaml_parse(&was, before->data, before->len, NULL));
	const struct value *member = value_get(was.root, key);
	buf_add(&after, before->data, before->len);
	act(&after, action, key);
	became(&after, action, key);
	others_survive(before, &after, key);
	if (action == REMOVE && !member) {
		same(after.data, before->data);
		return;
	}
	bytes_survive(before, &after, member, action);
	if (member && action != REMOVE)
		comments_survive(before, &after, member->span.start,
				 member->span.end);
}

static int loops(int reduced)
{
	const char *text = getenv("ORCH_LOOPS");

	return text ? atoi(text) : reduced;
}

static void random_documents_keep_every_byte_outside_an_edit(void **state)
{
	struct maker make = { .out = BUF_INIT, .seed = 20261120 };
	int total = loops(4000), n = 0;
	char key[8];

	(void)state;
	for (; n < total; n++) {
		make_document(&make);
		for (int action = SET; action <= REMOVE; action++)
			for (int k = 0; k < 6; k++) {
				snprintf(key, sizeof key, "k%d", k);
				edit_and_check(&make.out, action, key);
			}
	}
	print_message("documents edited in 18 ways: %d/%d\n", n, total);
	buf_release(&make.out);
}

static void merge_and_check(const struct buf *ours, const struct buf *theirs)
{
	static const char *const fields[] = { "k1", "k2", NULL };
	CLEANUP(strings_release) struct strings conflicts = STRINGS_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	CLEANUP(tree_release) struct tree a = TREE_INIT;
	CLEANUP(tree_release) struct tree b = TREE_INIT;
	CLEANUP(tree_release) struct tree is = TREE_INIT;
	char key[8];

	ok(yaml_merge_fields(&out, NULL, ours, theirs, fields, &conflicts));
	ok(yaml_parse(&a, ours->data, ours->len, NULL));
	ok(yaml_parse(&b, theirs->data, theirs->len, NULL));
	ok(yaml_parse(&is, out.data, out.len, NULL));
	for (int k = 0; k < 6; k++) {
		struct tree *from = k == 1 || k == 2 ? &b : &a;

		snprintf(key, sizeof key, "k%d", k);
		assert_true(value_equal(value_get(is.root, key),
					value_get(from->root, key)));
	}
}

static void random_documents_merge_by_field(void **state)
{
	struct maker ours = { .out = BUF_INIT, .seed = 1 };
	struct maker theirs = { .out = BUF_INIT, .seed = 2 };
	int total = loops(4000), n = 0;

	(void)state;
	for (; n < total; n++) {
		make_document(&ours);
		make_document(&theirs);
		merge_and_check(&ours.out, &theirs.out);
	}
	print_message("pairs of documents merged: %d/%d\n", n, total);
	buf_release(&ours.out);
	buf_release(&theirs.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scalar_is_set_where_it_stands),
		cmocka_unit_test(nel_ls_and_ps_do_not_move_an_edit),
		cmocka_unit_test(a_key_is_added_behind_the_last),
		cmocka_unit_test(a_block_takes_the_place_of_what_was_there),
		cmocka_unit_test(flow_style_stays_flow_style),
		cmocka_unit_test(a_key_is_removed_with_its_lines),
		cmocka_unit_test(what_would_read_as_another_type_is_quoted),
		cmocka_unit_test(what_cannot_be_edited_is_left_as_it_was),
		cmocka_unit_test(versions_are_merged_by_field),
		cmocka_unit_test(a_merge_names_the_version_that_is_broken),
		cmocka_unit_test(
			random_documents_keep_every_byte_outside_an_edit),
		cmocka_unit_test(random_documents_merge_by_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

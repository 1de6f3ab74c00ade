/*
 * tests/corpus/replies/ has one malformed reply a file, named for what is
 * wrong with it.  The first line says what to make of it: "object" or "list",
 * then "cut" and "half" as in struct repair, then the JSON or "refuse"; all
 * behind it is the reply, byte for byte.
 */
#include "tests/unit/test.h"

#include "core/clock.h"
#include "core/repair.h"

#include <dirent.h>

#define CORPUS "tests/corpus/replies"

struct expected {
	int list, cut, half, refuse;
	const char *json; /* with the reply behind its line */
	size_t len;
};

/* Takes a word off the front of the line. */
static int word(const char **line, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(*line, name, len) || !strchr(" \n", (*line)[len]))
		return 0;
	*line += len + ((*line)[len] == ' ');
	return 1;
}

static void read_expected(struct expected *out, const char *file,
			  const char *line)
{
	*out = (struct expected){ 0 };
	out->list = word(&line, "list");
	if (!out->list && !word(&line, "object"))
		fail_msg("%s: neither object nor list", file);
	out->cut = word(&line, "cut");
	out->half = word(&line, "half");
	out->refuse = word(&line, "refuse");
	out->json = line;
	out->len = strcspn(line, "\n");
}

static void read_file(struct buf *out, const char *name)
{
	CLEANUP(free_str) char *path = xasprintf("%s/%s", CORPUS, name);
	FILE *file = fopen(path, "rb");
	char bytes[4096];
	size_t n;

	assert_non_null(file);
	while ((n = fread(bytes, 1, sizeof bytes, file)))
		buf_add(out, bytes, n);
	fclose(file);
}

static void check_file(const char *name)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(tree_release) struct tree want = TREE_INIT;
	CLEANUP(repair_release) struct repair how = { 0 };
	CLEANUP(error_release) struct error *err = NULL;
	struct expected expected;

	read_file(&file, name);
	read_expected(&expected, name, file.data);
	const char *reply = strchr(file.data, '\n') + 1;
	size_t len = file.len - (size_t)(reply - file.data);
	/* A copy of its own, so that one byte too far is seen. */
	CLEANUP(free_str) char *exact = xmalloc(len + !len);
	memcpy(exact, reply, len);
	err = json_repair(&tree, &how, exact, len, expected.list);
	if (err && !expected.refuse)
		fail_msg("%s: %s", name, err->message);
	if (err) {
		assert_int_equal(err->code, ERROR_INVALID);
		assert_null(strchr(err->message, '\n'));
		return;
	}
	json_print(&got, tree.root);
	if (expected.refuse)
		fail_msg("%s: taken for %s", name, got.data);
	ok(json_parse(&want, expected.json, expected.len));
	if (!value_equal(tree.root, want.root))
		fail_msg("%s: taken for %s", name, got.data);
	if (how.cut != expected.cut || how.half != expected.half)
		fail_msg("%s: cut %d, half %d", name, how.cut, how.half);
	if (how.changed != (strncmp(name, "valid-", 6) != 0))
		fail_msg("%s: changed %d", name, how.changed);
	if (how.changed != (how.steps.len > 0))
		fail_msg("%s: %zu steps", name, how.steps.len);
}

static int by_name(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

static void every_reply_of_the_corpus_is_read_as_it_says(void **state)
{
	struct dirent **entries;
	int n = scandir(CORPUS, &entries, by_name, alphasort);

	(void)state;
	assert_true(n >= 120);
	for (int i = 0; i < n; i++) {
		check_file(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	printf("%d/%d replies\n", n, n);
}

static struct error *read_text(struct tree *tree, struct repair *how,
			       const char *text)
{
	return json_repair(tree, how, text, strlen(text), 0);
}

static void the_steps_say_what_was_done(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(repair_release) struct repair how = { 0 };
	CLEANUP(buf_release) struct buf steps = BUF_INIT;

	(void)state;
	ok(read_text(&tree, &how,
		     "<think>x</think>Here:\n```json\n{a: True, // yes\n"
		     "'b': +1, \"c\": [\"x\ty\",], \"d"));
	strings_join(&steps, &how.steps, ", ");
	same(steps.data, "code fence, thoughts, text around it, comment, "
			 "trailing comma, other quotes, unquoted key, words "
			 "of Python, number, control character in a string, "
			 "missing tail");
}

static const struct {
	const char *text;
	const char *message;
} refusals[] = {
	{ "no", "no JSON object in it" },
	{ "{\"a\":1}\n{\"a\":2}",
	  "two candidates that differ, in lines 1 and 2" },
	{ "x\n{\"a\":1,\n\"b\" 2}", "line 3: a key without a colon" },
	{ "{\"a\":1,\n\"a\":2}", "duplicate key 'a'" },
	{ "a\n\xff", "line 2: invalid UTF-8" },
	{ "{\"a\":[\n[1 2]]}", "line 2: neither a comma" },
	{ "{\"a\":\"b\"c\"}", "neither a comma nor a bracket" },
};

static void a_refusal_names_the_line(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		CLEANUP(repair_release) struct repair how = { 0 };

		fails(ERROR_INVALID, refusals[i].message,
		      read_text(&tree, &how, refusals[i].text));
		assert_null(tree.root);
	}
}

/* What is quadratic takes minutes for these; linear, some milliseconds. */
static void a_megabyte_of_anything_is_answered_at_once(void **state)
{
	static const char *const pieces[] = {
		"{",
		"[",
		"{}",
		"{\"a\":",
		"{\"a\":1}",
		"{a",
		"{\"",
		"{'",
		"{/*",
		"{\"a\":1 ",
		"{\"a\":[1,",
		"```json\n{",
		"<think>",
		"</think>",
		"\xe2\x80\x9c{",
		"{\"a\":1},",
		"{\"a\":1}}",
		"\\",
		"{#",
		"{\"a\":{\"a\":1},",
	};

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		while (text.len < 1 << 20)
			buf_str(&text, pieces[i]);
		for (int list = 0; list < 2; list++) {
			CLEANUP(tree_release) struct tree tree = TREE_INIT;
			CLEANUP(repair_release) struct repair how = { 0 };
			int64_t begin = clock_ms();

			error_free(json_repair(&tree, &how, text.data, text.len,
					       list));
			if (clock_ms() - begin > 5000)
				fail_msg("%s: too slow", pieces[i]);
		}
	}
}

/*
 * Everything of part is in whole: members, a beginning of each list, scalars
 * that are equal; but *half, the last string, may be the beginning of one.
 */
static int is_part(const struct value *part, const struct value *whole,
		   const struct value *half)
{
	const struct value *beside = whole ? whole->child : NULL;

	if (!whole || part->kind != whole->kind)
		return 0;
	if (part->kind != VALUE_OBJECT && part->kind != VALUE_LIST) {
		if (part == half)
			return part->kind == VALUE_STRING &&
			       part->len <= whole->len &&
			       !memcmp(part->text, whole->text, part->len);
		return value_equal(part, whole);
	}
	VALUE_EACH(it, part)
	{
		if (part->kind == VALUE_OBJECT)
			beside = value_get(whole, it->key);
		if (!is_part(it, beside, half))
			return 0;
		beside = beside->next;
	}
	return 1;
}

static const struct value *last_scalar(const struct value *value)
{
	while (value->last)
		value = value->last;
	return value;
}

static const char *const documents[] = {
	"{\"a\":1}",
	"{\"a\":-12.5e+10,\"b\":120}",
	"{\"a\":true,\"b\":false,\"c\":null,\"d\":[true,false,null]}",
	"{\"a\":\"text\",\"b\":\"\",\"c\":\"more text\"}",
	"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"b\":\"\\\\\"}",
	"{\"a\":\"\\u00e9\\ud83d\\ude00x\",\"\\ud83d\\ude00\":\"\\\\ud83d\"}",
	"{\"caf\xc3\xa9\":\"na\xc3\xafve \xf0\x9f\x98\x80 \xe2\x82\xac\"}",
	"[1,22,333,[4444,[55555,[]]],{}]",
	"[[],[[]],[[],[[]]],{\"a\":{}}]",
	"[\"a\",\"b\",[\"c\"],{\"d\":\"e\"}]",
	"{\"a\":{\"b\":{\"c\":{\"d\":[1,2,{\"e\":\"f\"}]}}},\"g\":0}",
	"{ \"a\" : [ 1 , 2.5 ] , \"b\" : { } }\n",
	"{\n  \"success\": true,\n  \"score\": 0.93,\n  \"notes\": [\n"
	"    \"one\",\n    \"two\"\n  ]\n}",
	"{\"code\":\"int main(void)\\n{\\n\\treturn 0;\\n}\\n\",\"n\":3}",
	"{\"a\":\"} ] { [ , : \\\" // # /*\",\"b\":\"```json\\n{}\\n```\"}",
	"{\"true\":true,\"null\":null,\"1\":1,\"\":\"\"}",
	"{\"a\":9007199254740993,\"b\":0.1000,\"c\":1E5,\"d\":-0}",
	"{\"think\":\"<think>no</think>\",\"x\":\"it's \xe2\x80\x9cit\xe2\x80\x9d\"}",
	"[{\"id\":\"a\",\"n\":[]},{\"id\":\"b\",\"n\":[{}]},{\"id\":\"c\"}]",
	"{\"files\":[{\"path\":\"src/a.c\",\"change\":\"create\"}],\"met\":"
	"[{\"criterion\":\"x\",\"met\":true,\"evidence\":null}]}",
};

static void check_cut(const char *text, size_t len, const struct value *whole)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(repair_release) struct repair how = { 0 };
	CLEANUP(free_str) char *exact = xmalloc(len + !len);
	CLEANUP(error_release) struct error *err = NULL;

	memcpy(exact, text, len);
	err = json_repair(&tree, &how, exact, len, *text == '[');
	if (err)
		return;
	if (!how.cut && !value_equal(tree.root, whole))
		fail_msg("%.*s: the cut was not seen", (int)len, text);
	if (!is_part(tree.root, whole,
		     how.half ? last_scalar(tree.root) : NULL))
		fail_msg("%.*s: has what the whole has not", (int)len, text);
}

static void a_text_cut_anywhere_has_nothing_the_whole_has_not(void **state)
{
	size_t cuts = 0;

	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		CLEANUP(tree_release) struct tree whole = TREE_INIT;
		size_t len = strlen(documents[i]);

		ok(json_parse(&whole, documents[i], len));
		for (size_t cut = 0; cut <= len; cut++, cuts++)
			check_cut(documents[i], cut, whole.root);
	}
	printf("%zu/%zu cuts\n", cuts, cuts);
}

/* A small generator: the same mutations in every run. */
static unsigned next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33);
}

static void mutate(struct buf *text, uint64_t *seed)
{
	static const char *const tokens[] = {
		"{",        "}",
		"[",        "]",
		"\"",       "'",
		",",        ":",
		"\\",       "\\u",
		"```",      "//",
		"/*",       "*/",
		"#",        "\n",
		"1",        "-",
		"true",     "NaN",
		"{}",       "\xe2\x80\x9c",
		"\xff",     "<think>",
		"</think>", "\xef\xbb\xbf",
		"\\ud83d",
	};
	const char *token =
		tokens[next_random(seed) % (sizeof tokens / sizeof *tokens)];
	size_t at = next_random(seed) % (text->len + 1);
	size_t most = text->len - at;
	size_t gone = next_random(seed) % 4;

	if (next_random(seed) % 8 == 0)
		buf_setlen(text, at);
	else
		buf_splice(text, at, gone < most ? gone : most, token,
			   next_random(seed) % 3 ? strlen(token) : 0);
}

/* Whatever comes: an error, or a tree that is JSON of the kind asked for. */
static void mutated_replies_give_json_or_an_error(void **state)
{
	const char *loops = getenv("ORCH_LOOPS");
	long all = loops && !strcmp(loops, "all") ? 2000000
		   : loops                        ? atol(loops)
						  : 20000;
	uint64_t seed = 3;
	long taken = 0;

	(void)state;
	for (long n = 0; n < all; n++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT;
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		CLEANUP(tree_release) struct tree again = TREE_INIT;
		CLEANUP(repair_release) struct repair how = { 0 };
		CLEANUP(error_release) struct error *err = NULL;
		const char *document = documents[next_random(&seed) % 20];

		buf_str(&text, document);
		for (unsigned k = next_random(&seed) % 6; k; k--)
			mutate(&text, &seed);
		err = json_repair(&tree, &how, text.data, text.len,
				  *document == '[');
		if (err)
			continue;
		taken++;
		assert_int_equal(tree.root->kind,
				 *document == '[' ? VALUE_LIST : VALUE_OBJECT);
		json_print(&out, tree.root);
		ok(json_parse(&again, out.data, out.len));
	}
	printf("%ld/%ld mutations, %ld of them taken\n", all, all, taken);
	assert_true(all < 100 || (taken > all / 10 && taken < all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reply_of_the_corpus_is_read_as_it_says),
		cmocka_unit_test(the_steps_say_what_was_done),
		cmocka_unit_test(a_refusal_names_the_line),
		cmocka_unit_test(a_megabyte_of_anything_is_answered_at_once),
		cmocka_unit_test(
			a_text_cut_anywhere_has_nothing_the_whole_has_not),
		cmocka_unit_test(mutated_replies_give_json_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

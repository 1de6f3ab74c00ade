/*
 * The secret scan: every rule finds what was made up for it, and nothing else
 * is found in what only looks like it.
 *
 * No secret stands here: a row says how one is made (tests/unit/secrets.h).
 */
#include "tests/unit/test.h"

#include "core/clock.h"
#include "core/embed.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/secret.h"
#include "core/yaml.h"
#include "tests/unit/secrets.h"

#define TIMES 3 /* each row is made so often, and stands elsewhere */

static struct secrets *secrets;

static int load(void **state)
{
	(void)state;
	ok(secrets_load(&secrets, NULL));
	return 0;
}

static int unload(void **state)
{
	(void)state;
	secrets_free(&secrets);
	return 0;
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static const char *class_of(char c)
{
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (classes[i].name == c)
			return classes[i].characters;
	fail_msg("no class '%c'", c);
	return "";
}

/* "<a36>": so many of a class; the row goes on behind it. */
static const char *add_random(struct buf *out, const char *row, unsigned *seed)
{
	const char *class = class_of(row[1]);
	char *end;
	unsigned long n = strtoul(row + 2, &end, 10);

	while (n--)
		buf_ch(out, class[next_random(seed) % strlen(class)]);
	return end + 1;
}

/* What a row says; at: where its bars stood, NULL: they are its own. */
static void make(struct buf *out, size_t at[2], const char *row, unsigned seed)
{
	while (*row) {
		if (*row == '<' && row[1] && row[2] >= '0' && row[2] <= '9')
			row = add_random(out, row, &seed);
		else if (*row == '|' && at)
			row++, *at++ = out->len;
		else
			buf_ch(out, *row++);
	}
}

static const struct {
	const char *before, *after;
} places[TIMES] = {
	{ "", "\n" },
	{ "a first line\n\t", "\nand one more\n" },
	{ "at the end of a text: ", "" },
};

static void expect(const struct planted *row, size_t place)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT, clean = BUF_INIT;
	size_t at[2] = { 0, 0 };

	buf_str(&text, places[place].before);
	make(&text, at, row->text, (unsigned)place * 77 + 5);
	buf_str(&text, places[place].after);
	ok(secrets_scan(&hits, secrets, NULL, text.data, text.len));
	if (hits.len != 1)
		fail_msg("%s: %zu found in: %s", row->rule, hits.len,
			 text.data);
	if (strcmp(hits.items[0].rule, row->rule) != 0)
		fail_msg("%s: called %s: %s", row->rule, hits.items[0].rule,
			 text.data);
	if (hits.items[0].start != at[0] || hits.items[0].end != at[1])
		fail_msg("%s: %zu to %zu, not %zu to %zu: %s", row->rule,
			 hits.items[0].start, hits.items[0].end, at[0], at[1],
			 text.data);
	ok(secrets_redact(&clean, secrets, text.data, text.len));
	text.data[at[1]] = '\0';
	assert_null(strstr(clean.data, text.data + at[0]));
	assert_non_null(strstr(clean.data, "[redacted:"));
}

static void every_rule_finds_what_it_is_for(void **state)
{
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < planted_len; i++)
		for (size_t place = 0; place < TIMES; place++, n++)
			expect(&planted[i], place);
	printf("# %zu planted secrets found\n", n);
}

static struct tree rules(void)
{
	struct tree tree = TREE_INIT;
	struct embed file;

	assert_true(embed_find(&file, "secrets.yaml"));
	ok(yaml_parse(&tree, file.data, file.len, NULL));
	return tree;
}

static void every_rule_has_its_planted_secrets(void **state)
{
	CLEANUP(tree_release) struct tree tree = rules();
	size_t n = 0;

	(void)state;
	VALUE_EACH(rule, value_get(tree.root, "rules"))
	{
		const char *id = value_text(value_get(rule, "id"), "");
		size_t have = 0;

		for (size_t i = 0; i < planted_len; i++)
			have += !strcmp(planted[i].rule, id) ? TIMES : 0;
		if (have < 3)
			fail_msg("%s: %zu planted", id, have);
		n++;
	}
	assert_true(n >= 40);
	printf("# %zu rules\n", n);
}

static void the_rules_are_of_their_schema(void **state)
{
	CLEANUP(tree_release) struct tree tree = rules();
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(schema_release) struct schema *schema = NULL;
	struct embed file;

	(void)state;
	assert_true(embed_find(&file, "schema/secrets.json"));
	ok(schema_parse(&schema, "secrets", file.data, file.len));
	schema_check(schema, tree.root, &findings);
	if (findings.len)
		fail_msg("line %u: %s", findings.items[0].line,
			 findings.items[0].message);
}

static void keywords_are_in_lower_case(void **state)
{
	CLEANUP(tree_release) struct tree tree = rules();

	(void)state;
	VALUE_EACH(rule, value_get(tree.root, "rules"))
	VALUE_EACH(keyword, value_get(rule, "keywords"))
	for (const char *c = keyword->text; *c; c++)
		assert_false(*c >= 'A' && *c <= 'Z');
}

/* How many are found in a text that has none; the first is shown. */
static size_t found_in(const char *path, const char *text, size_t len)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;

	ok(secrets_scan(&hits, secrets, path, text, len));
	FOR_EACH (struct secret, hit, &hits)
		printf("# %s:%u:%u: %s\n", path, hit->line, hit->column,
		       hit->rule);
	return hits.len;
}

static void what_only_looks_like_one_is_none(void **state)
{
	size_t n = 0, wrong = 0;

	(void)state;
	for (size_t i = 0; i < innocent_len; i++, n++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		make(&text, NULL, innocent[i], 3 + (unsigned)i);
		wrong += found_in(text.data, text.data, text.len);
	}
	printf("# %zu of %zu harmless lines found\n", wrong, n);
	assert_true(n >= 100);
	assert_int_equal(wrong, 0);
}

static void none_is_found_in_this_repository(void **state)
{
	size_t n = 0, bytes = 0, wrong = 0;
	char path[4096];
	FILE *list = popen("git ls-files 2>/dev/null", "r");

	(void)state;
	assert_non_null(list);
	while (fgets(path, sizeof path, list)) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		path[strcspn(path, "\n")] = '\0';
		struct error *err = file_read(&text, path, 1 << 28);
		if (err) {
			error_free(err);
			continue;
		}
		wrong += found_in(path, text.data, text.len);
		bytes += text.len;
		n++;
	}
	pclose(list);
	if (!n)
		skip();
	printf("# %zu found in %zu files, %zu bytes\n", wrong, n, bytes);
	assert_int_equal(wrong, 0);
}

static void ten_megabytes_take_well_under_a_second(void **state)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	int64_t began;
	unsigned seed = 1;

	(void)state;
	/* Lines as code has them: keywords in most, secrets in none. */
	while (text.len < 10 << 20)
		buf_addf(
			&text,
			"static char *token_%u = get_secret(key, \"pat%x\");\n",
			next_random(&seed), next_random(&seed));
	began = clock_ms();
	ok(secrets_scan(&hits, secrets, NULL, text.data, text.len));
	began = clock_ms() - began;
	printf("# 10 MiB in %lld ms\n", (long long)began);
	assert_int_equal(hits.len, 0);
#ifndef __SANITIZE_ADDRESS__
	assert_true(began < 3000);
#endif
}

static char *token(void)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	make(&text, NULL, "ghp_<a36>", 9);
	return buf_steal(&text);
}

/* How often the token is found in the file, with one row allowed. */
static size_t found_when(const char *path_glob, const char *pattern,
			 const char *path)
{
	CLEANUP(free_str) char *text = token();
	CLEANUP(secrets_free) struct secrets *some = NULL;
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	struct secret_allows allows = ARRAY_INIT;
	struct secret_allow *row = PUSH(&allows);

	row->path = xstrdup(path_glob);
	row->pattern = xstrdup(pattern);
	row->reason = xstrdup("made up");
	ok(secrets_load(&some, &allows));
	/* What it needs is its own by now. */
	secret_allows_release(&allows);
	ok(secrets_scan(&hits, some, path, text, strlen(text)));
	return hits.len;
}

static void what_is_allowed_is_not_found(void **state)
{
	(void)state;
	assert_int_equal(found_when("tests/**", NULL, "tests/a"), 0);
	assert_int_equal(found_when("tests/**", NULL, "src/a"), 1);
	assert_int_equal(found_when("tests/**", NULL, NULL), 1);
	assert_int_equal(found_when(NULL, "^ghp_", "src/a"), 0);
	assert_int_equal(found_when(NULL, "^gho_", "src/a"), 1);
	assert_int_equal(found_when("src/a", "^ghp_", "src/a"), 0);
	assert_int_equal(found_when("src/a", "^gho_", "src/a"), 1);
	assert_int_equal(found_when("src/b", "^ghp_", "src/a"), 1);
}

static void a_wrong_allowance_is_named(void **state)
{
	CLEANUP(secrets_free) struct secrets *some = NULL;
	struct secret_allow row = { .pattern = (char *)"(", .reason = NULL };
	const struct secret_allows allows = { &row, 1, 1 };

	(void)state;
	fails(ERROR_INVALID, "secrets.allow: pattern '('",
	      secrets_load(&some, &allows));
	assert_null(some);
}

static void a_key_in_use_is_taken_out_wherever_it_stands(void **state)
{
	static const char text[] = "say open-sesame-1, 'open-sesame-1'.";
	CLEANUP(secrets_free) struct secrets *some = NULL;
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	ok(secrets_load(&some, NULL));
	secrets_know(some, "open-sesame-1");
	secrets_know(some, "say"); /* too short to be one */
	secrets_know(some, NULL);
	ok(secrets_redact(&out, some, text, strlen(text)));
	same(out.data, "say [redacted:known], '[redacted:known]'.");
}

static void of_what_is_known_alone_nothing_else_is_taken_out(void **state)
{
	CLEANUP(free_str) char *likely = token();
	CLEANUP(free_str)
	char *text = xasprintf("%s open-sesame-1 open-ses open-sesa", likely);
	CLEANUP(free_str)
	char *clean = xasprintf("%s [redacted:known] open-ses [redacted:known]",
				likely);
	CLEANUP(secrets_free) struct secrets *some = NULL;
	CLEANUP(buf_release) struct buf out = BUF_INIT, as_is = BUF_INIT;

	(void)state;
	ok(secrets_load(&some, NULL));
	secrets_know(some, "open-sesame-1");
	secrets_redact_known(&out, some, text, strlen(text));
	same(out.data, clean);
	secrets_redact_known(&as_is, NULL, text, strlen(text));
	same(as_is.data, text);
}

static void what_overlaps_is_taken_out_once(void **state)
{
	CLEANUP(free_str) char *key = token();
	CLEANUP(free_str)
	char *text = xasprintf("token = \"%s\"; x = '%s'", key, key);
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	ok(secrets_redact(&out, secrets, text, strlen(text)));
	same(out.data, "token = \"[redacted:github-token]\"; "
		       "x = '[redacted:github-token]'");
}

static void text_without_one_stays_as_it_is(void **state)
{
	static const char text[] = "nothing\0 to see \xff here \xe2\x82";
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	(void)state;
	ok(secrets_redact(&out, secrets, text, sizeof text - 1));
	assert_int_equal(out.len, sizeof text - 1);
	assert_memory_equal(out.data, text, out.len);
	buf_clear(&out);
	ok(secrets_redact(&out, secrets, "", 0));
	assert_int_equal(out.len, 0);
}

static void binary_content_gives_none_but_is_redacted(void **state)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT, out = BUF_INIT;
	CLEANUP(free_str) char *key = token();

	(void)state;
	buf_add(&text, "\0\n", 2);
	buf_str(&text, key);
	ok(secrets_scan(&hits, secrets, NULL, text.data, text.len));
	assert_int_equal(hits.len, 0);
	ok(secrets_redact(&out, secrets, text.data, text.len));
	assert_memory_equal(out.data, "\0\n[redacted:github-token]", out.len);
}

static void lines_and_columns_are_an_editors(void **state)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	CLEANUP(free_str) char *key = token();
	CLEANUP(free_str)
	char *text = xasprintf("\xc3\xa4\n\n\xe2\x82\xac %s %s\n", key, key);

	(void)state;
	ok(secrets_scan(&hits, secrets, NULL, text, strlen(text)));
	assert_int_equal(hits.len, 2);
	assert_int_equal(hits.items[0].line, 3);
	assert_int_equal(hits.items[0].column, 3);
	assert_int_equal(hits.items[1].line, 3);
	assert_int_equal(hits.items[1].column, 44);
}

/* Longer than what is looked at behind a keyword. */
static void a_long_secret_is_taken_out_whole(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT, out = BUF_INIT;

	(void)state;
	make(&text, NULL, "a eyJ<w900>.eyJ<w4000>.<w9000> b", 4);
	ok(secrets_redact(&out, secrets, text.data, text.len));
	same(out.data, "a [redacted:jwt] b");
	buf_clear(&text);
	buf_clear(&out);
	make(&text, NULL,
	     "a\n-----BEGIN RSA PRIVATE "
	     "KEY-----\n<b20000>\n-----END RSA PRIVATE KEY-----\nb",
	     4);
	ok(secrets_redact(&out, secrets, text.data, text.len));
	same(out.data, "a\n[redacted:private-key]\nb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rules_are_of_their_schema),
		cmocka_unit_test(keywords_are_in_lower_case),
		cmocka_unit_test(every_rule_has_its_planted_secrets),
		cmocka_unit_test(every_rule_finds_what_it_is_for),
		cmocka_unit_test(what_only_looks_like_one_is_none),
		cmocka_unit_test(none_is_found_in_this_repository),
		cmocka_unit_test(ten_megabytes_take_well_under_a_second),
		cmocka_unit_test(what_is_allowed_is_not_found),
		cmocka_unit_test(a_wrong_allowance_is_named),
		cmocka_unit_test(a_key_in_use_is_taken_out_wherever_it_stands),
		cmocka_unit_test(
			of_what_is_known_alone_nothing_else_is_taken_out),
		cmocka_unit_test(what_overlaps_is_taken_out_once),
		cmocka_unit_test(text_without_one_stays_as_it_is),
		cmocka_unit_test(binary_content_gives_none_but_is_redacted),
		cmocka_unit_test(lines_and_columns_are_an_editors),
		cmocka_unit_test(a_long_secret_is_taken_out_whole),
	};

	return cmocka_run_group_tests(tests, load, unload);
}

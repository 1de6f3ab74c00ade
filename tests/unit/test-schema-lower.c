#include "tests/unit/test.h"

#include "core/embed.h"
#include "core/json.h"
#include "core/schema-lower.h"
#include "core/schema.h"

static const char *const drivers[] = { "openai", "anthropic" };

static void parse(struct tree *out, const char *json)
{
	ok(json_parse(out, json, strlen(json)));
}

#define OBJECT(properties, required)                                           \
	"{\"type\":\"object\",\"properties\":{" properties                     \
	"},\"required\":[" required "],\"additionalProperties\":false"
#define ROOT(properties, required) OBJECT(properties, required) "}"

/* In ours, out openai's, out anthropic's; NULL: as openai's. */
static const struct {
	const char *schema;
	const char *openai;
	const char *anthropic;
} rows[] = {
	{ /* an optional property */
	  ROOT("\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"integer\"}",
	       "\"a\""),
	  ROOT("\"a\":{\"type\":\"string\"},\"b\":{\"type\":[\"integer\","
	       "\"null\"]}",
	       "\"a\",\"b\""),
	  ROOT("\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"integer\"}",
	       "\"a\"") },
	{ /* no list of required, open keys, what is for people only */
	  "{\"$schema\":\"x\",\"$id\":\"y\",\"title\":\"T\",\"type\":"
	  "\"object\",\"properties\":{\"a\":{\"type\":\"boolean\",\"default\":"
	  "true,\"x-volatile\":true,\"examples\":[true]}}}",
	  ROOT("\"a\":{\"type\":[\"boolean\",\"null\"]}", "\"a\""),
	  ROOT("\"a\":{\"type\":\"boolean\"}", "") },
	{ /* limits that are not taken are said */
	  ROOT("\"a\":{\"type\":\"string\",\"description\":\"A name\","
	       "\"minLength\":1,\"maxLength\":80}",
	       "\"a\""),
	  ROOT("\"a\":{\"type\":\"string\",\"description\":\"A name "
	       "(minLength: 1, maxLength: 80)\"}",
	       "\"a\""),
	  NULL },
	{ ROOT("\"a\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}",
	       "\"a\""),
	  ROOT("\"a\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}",
	       "\"a\""),
	  ROOT("\"a\":{\"type\":\"integer\",\"description\":\"(minimum: 1, "
	       "maximum: 5)\"}",
	       "\"a\"") },
	{ ROOT("\"a\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
	       "\"minItems\":2,\"maxItems\":3,\"uniqueItems\":true}",
	       "\"a\""),
	  ROOT("\"a\":{\"type\":\"array\",\"description\":\"(uniqueItems: "
	       "true)\",\"minItems\":2,\"maxItems\":3,\"items\":{\"type\":"
	       "\"string\"}}",
	       "\"a\""),
	  ROOT("\"a\":{\"type\":\"array\",\"description\":\"(maxItems: 3, "
	       "uniqueItems: true)\",\"minItems\":1,\"items\":{\"type\":"
	       "\"string\"}}",
	       "\"a\"") },
	{ /* constants, with and without a type */
	  ROOT("\"a\":{\"const\":1},\"b\":{\"enum\":[\"x\",\"y\"]}", "\"a\""),
	  ROOT("\"a\":{\"type\":\"integer\",\"enum\":[1]},\"b\":{\"type\":["
	       "\"string\",\"null\"],\"enum\":[\"x\",\"y\",null]}",
	       "\"a\",\"b\""),
	  ROOT("\"a\":{\"type\":\"integer\",\"enum\":[1]},\"b\":{\"type\":"
	       "\"string\",\"enum\":[\"x\",\"y\"]}",
	       "\"a\"") },
	{ /* what is nullable already stays as it is */
	  ROOT("\"a\":{\"type\":[\"string\",\"null\"]},\"b\":{\"anyOf\":[{"
	       "\"type\":\"string\"},{\"type\":\"null\"}]}",
	       ""),
	  ROOT("\"a\":{\"type\":[\"string\",\"null\"]},\"b\":{\"anyOf\":[{"
	       "\"type\":\"string\"},{\"type\":\"null\"}]}",
	       "\"a\",\"b\""),
	  ROOT("\"a\":{\"type\":[\"string\",\"null\"]},\"b\":{\"anyOf\":[{"
	       "\"type\":\"string\"},{\"type\":\"null\"}]}",
	       "") },
	{ /* references, required and not */
	  OBJECT("\"a\":{\"$ref\":\"#/$defs/x\",\"description\":\"gone\"},"
		 "\"b\":{\"$ref\":\"#/$defs/x\"}",
		 "\"a\"") ",\"$defs\":{\"x\":{\"type\":\"string\",\"pattern\":"
			  "\"^a$\"}}}",
	  OBJECT("\"a\":{\"$ref\":\"#/$defs/x\"},\"b\":{\"anyOf\":[{\"$ref\":"
		 "\"#/$defs/x\"},{\"type\":\"null\"}]}",
		 "\"a\",\"b\"") ",\"$defs\":{\"x\":{\"type\":\"string\","
				"\"pattern\":\"^a$\"}}}",
	  OBJECT("\"a\":{\"$ref\":\"#/$defs/x\"},\"b\":{\"$ref\":"
		 "\"#/$defs/x\"}",
		 "\"a\"") ",\"$defs\":{\"x\":{\"type\":\"string\","
			  "\"description\":\"(pattern: \\\"^a$\\\")\"}}}" },
	{ /* a root that is a reference */
	  "{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":" ROOT(
		  "\"a\":{\"type\":\"null\"}", "\"a\"") "}}",
	  OBJECT("\"a\":{\"type\":\"null\"}",
		 "\"a\"") ",\"$defs\":{\"x\":" ROOT("\"a\":{\"type\":\"null\"}",
						    "\"a\"") "}}",
	  NULL },
	{ /* alternatives within */
	  ROOT("\"a\":{\"description\":\"D\",\"anyOf\":[{\"type\":\"string\"},"
	       "{\"type\":\"number\"}]}",
	       ""),
	  ROOT("\"a\":{\"description\":\"D\",\"anyOf\":[{\"type\":\"string\"},"
	       "{\"type\":\"number\"},{\"type\":\"null\"}]}",
	       "\"a\""),
	  ROOT("\"a\":{\"description\":\"D\",\"anyOf\":[{\"type\":\"string\"},"
	       "{\"type\":\"number\"}]}",
	       "") },
	{ /* an object that may have no keys at all */
	  ROOT("", ""), ROOT("", ""), NULL },
};
#define ROWS (sizeof rows / sizeof *rows)

static void schemas_are_lowered_as_each_strict_mode_wants(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ROWS; i++) {
		CLEANUP(tree_release) struct tree in = TREE_INIT;
		CLEANUP(tree_release) struct tree out = TREE_INIT;
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		const char *want = rows[i / 2].openai;

		if (i % 2 && rows[i / 2].anthropic)
			want = rows[i / 2].anthropic;
		parse(&in, rows[i / 2].schema);
		ok(schema_lower(&out, in.root, drivers[i % 2]));
		ok(schema_lowered(out.root, drivers[i % 2]));
		json_print(&text, out.root);
		same(text.data, want);
	}
}

#define RECURSIVE                                                              \
	OBJECT("\"a\":{\"$ref\":\"#/$defs/x\"}", "\"a\"")                      \
	",\"$defs\":{\"x\":" OBJECT(                                           \
		"\"more\":{\"type\":\"array\",\"items\":{\"$ref\":"            \
		"\"#/$defs/x\"}}",                                             \
		"\"more\"") "}}}"

static const struct {
	const char *driver;
	const char *schema;
	const char *message;
} beyond[] = {
	{ "openai", ROOT("\"a\":{}", "\"a\""),
	  "a: the strict mode of openai has no values of any kind" },
	{ "anthropic", ROOT("\"a\":{\"description\":\"x\"}", ""),
	  "a: the strict mode of anthropic has no values of any" },
	{ "openai",
	  ROOT("\"a\":{\"type\":\"array\",\"items\":{\"type\":"
	       "\"object\"}}",
	       ""),
	  "a.[]: the strict mode of openai has no objects with free" },
	{ "openai",
	  ROOT("\"a\":{\"type\":\"object\",\"properties\":{\"b\":{"
	       "\"type\":\"null\"}},\"additionalProperties\":{"
	       "\"type\":\"string\"}}",
	       ""),
	  "no objects with free keys" },
	{ "openai", ROOT("\"a\":{\"type\":\"array\"}", ""),
	  "a: the strict mode of openai has no lists of anything" },
	{ "openai", ROOT("\"a\":{\"$ref\":\"#/x\"}", ""), "references beyond" },
	{ "openai", ROOT("\"a\":{\"enum\":[[]]}", ""), "as constants" },
	{ "openai", "{\"type\":\"string\"}", "the root is no object" },
	{ "openai",
	  "{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"a\":{"
	  "\"type\":\"null\"}}}]}",
	  "the root is no object" },
	{ "openai",
	  "{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"$ref\""
	  ":\"#/$defs/x\"}}}",
	  "references beyond $defs" },
	{ "openai", "true", "values of any kind" },
	{ "anthropic", RECURSIVE, "recursion by '#/$defs/x'" },
	{ "command", ROOT("", ""), "has no strict mode" },
};

static void what_a_strict_mode_cannot_say_is_an_error(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
		CLEANUP(tree_release) struct tree in = TREE_INIT;
		CLEANUP(tree_release) struct tree out = TREE_INIT;

		parse(&in, beyond[i].schema);
		fails(ERROR_INVALID, beyond[i].message,
		      schema_lower(&out, in.root, beyond[i].driver));
		assert_null(out.root);
	}
}

static void recursion_is_let_through_where_it_is_taken(void **state)
{
	CLEANUP(tree_release) struct tree in = TREE_INIT;
	CLEANUP(tree_release) struct tree out = TREE_INIT;

	(void)state;
	parse(&in, RECURSIVE);
	ok(schema_lower(&out, in.root, "openai"));
}

/* n times text, "%d" in it replaced by the number, with commas between. */
static void repeat(struct buf *out, int n, const char *text)
{
	for (int i = 0; i < n; i++) {
		const char *at = strstr(text, "%d");

		buf_addf(out, "%s%.*s%d%s", i ? "," : "", (int)(at - text),
			 text, i, at + 2);
	}
}

static struct error *lower_many(const char *driver, int n, const char *text)
{
	CLEANUP(tree_release) struct tree in = TREE_INIT;
	CLEANUP(tree_release) struct tree out = TREE_INIT;
	CLEANUP(buf_release) struct buf json = BUF_INIT;

	buf_str(&json, "{\"type\":\"object\",\"properties\":{");
	repeat(&json, n, text);
	buf_str(&json, "}}");
	parse(&in, json.data);
	return schema_lower(&out, in.root, driver);
}

static void the_limits_of_size_are_kept(void **state)
{
	static const char *const plain = "\"p%d\":{\"type\":\"null\"}";
	static const char *const many = "\"p%d\":{\"type\":[\"string\","
					"\"null\"]}";
	CLEANUP(buf_release) struct buf values = BUF_INIT;

	(void)state;
	ok(lower_many("openai", 5000, plain));
	fails(ERROR_INVALID, "5001 properties, at most 5000",
	      lower_many("openai", 5001, plain));
	ok(lower_many("anthropic", 16, many));
	fails(ERROR_INVALID, "17 unions, at most 16",
	      lower_many("anthropic", 17, many));
	ok(lower_many("anthropic", 24, plain));
	fails(ERROR_INVALID, "25 optional properties, at most 24",
	      lower_many("anthropic", 25, plain));
	buf_str(&values, "\"p%d\":{\"enum\":[");
	repeat(&values, 334, "%d");
	buf_str(&values, ",null]}");
	ok(lower_many("openai", 2, values.data));
	fails(ERROR_INVALID, "1005 values of enum, at most 1000",
	      lower_many("openai", 3, values.data));
}

static void nested(struct buf *out, int levels)
{
	for (int i = 0; i < levels; i++)
		buf_str(out, "{\"type\":\"object\",\"properties\":{\"a\":");
	buf_str(out, "{\"type\":\"null\"}");
	for (int i = 0; i < levels; i++)
		buf_str(out, "}}");
}

static void ten_levels_are_taken_and_eleven_are_not(void **state)
{
	CLEANUP(tree_release) struct tree ten = TREE_INIT;
	CLEANUP(tree_release) struct tree eleven = TREE_INIT;
	CLEANUP(tree_release) struct tree out = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	nested(&text, 10);
	parse(&ten, text.data);
	ok(schema_lower(&out, ten.root, "openai"));
	buf_clear(&text);
	nested(&text, 11);
	parse(&eleven, text.data);
	fails(ERROR_INVALID, "too many levels",
	      schema_lower(&out, eleven.root, "openai"));
}

/* Each of thirty definitions names the next one twice. */
static void references_that_fan_out_are_answered_at_once(void **state)
{
	CLEANUP(tree_release) struct tree in = TREE_INIT;
	CLEANUP(tree_release) struct tree out = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	buf_str(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
	for (int i = 0; i < 30; i++)
		buf_addf(&text,
			 "\"d%d\":{\"type\":\"array\",\"items\":{\"anyOf\":[{"
			 "\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}"
			 "]}},",
			 i, i + 1, i + 1);
	buf_str(&text, "\"d30\":{\"type\":\"null\"},\"r\":{\"type\":\"null\"}"
		       "}}");
	parse(&in, text.data);
	error_free(schema_lower(&out, in.root, "openai"));
	tree_release(&in);
	buf_splice(&text, 0, strlen("{\"$ref\":\"#/$defs/d0\""),
		   ROOT("\"a\":{\"$ref\":\"#/$defs/d0\"}", "\"a\""),
		   strlen(ROOT("\"a\":{\"$ref\":\"#/$defs/d0\"}", "\"a\"")) -
			   1);
	parse(&in, text.data);
	fails(ERROR_INVALID, "too many references",
	      schema_lower(&out, in.root, "openai"));
}

static const struct {
	const char *driver;
	const char *schema;
	const char *message;
} violations[] = {
	{ "openai", ROOT("\"a\":{\"type\":\"null\"}", ""),
	  "not required: 'a'" },
	{ "openai", ROOT("", "\"a\""), "required but no property" },
	{ "openai", "{\"type\":\"object\",\"properties\":{},\"required\":[]}",
	  "additionalProperties is not false" },
	{ "openai",
	  "{\"type\":\"object\",\"properties\":{},\"required\":[],"
	  "\"additionalProperties\":true}",
	  "additionalProperties is not false" },
	{ "openai",
	  ROOT("\"a\":{\"type\":\"string\",\"minLength\":1}", "\"a\""),
	  "does not take: 'minLength'" },
	{ "anthropic", ROOT("\"a\":{\"type\":\"integer\",\"minimum\":1}", ""),
	  "does not take: 'minimum'" },
	{ "anthropic",
	  ROOT("\"a\":{\"type\":\"array\",\"items\":{\"type\":"
	       "\"null\"},\"minItems\":2}",
	       ""),
	  "minItems beyond 1" },
	{ "openai", ROOT("\"a\":{\"type\":\"text\"}", "\"a\""),
	  "an unknown one" },
	{ "openai", ROOT("\"a\":{\"type\":[\"null\",\"x\"]}", "\"a\""),
	  "an unknown one" },
	{ "openai", ROOT("\"a\":{\"enum\":[1]}", "\"a\""), "no type" },
	{ "openai", ROOT("\"a\":{\"type\":\"array\"}", "\"a\""), "no items" },
	{ "openai", ROOT("\"a\":{\"type\":\"null\",\"anyOf\":[]}", "\"a\""),
	  "anyOf is empty or beside" },
	{ "openai", ROOT("\"a\":{\"$ref\":\"#/$defs/x\"}", "\"a\""),
	  "a reference to nothing" },
	{ "openai",
	  OBJECT("\"a\":{\"$ref\":\"#/$defs/x\",\"description\":"
		 "\"\"}",
		 "\"a\"") ",\"$defs\":{\"x\":{\"type\":\"null\"}}}",
	  "keywords beside" },
	{ "openai", ROOT("\"a\":{\"type\":\"string\",\"enum\":[]}", "\"a\""),
	  "an empty enum" },
	{ "openai", ROOT("\"a\":true", "\"a\""), "no schema: 'a'" },
	{ "openai", "{\"type\":[\"object\",\"null\"]}",
	  "the root is no object" },
};

static void the_linter_sees_each_violation(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof violations / sizeof *violations; i++) {
		CLEANUP(tree_release) struct tree in = TREE_INIT;

		parse(&in, violations[i].schema);
		fails(ERROR_INVALID, violations[i].message,
		      schema_lowered(in.root, violations[i].driver));
	}
}

static const struct {
	const char *reply;
	const char *want;
} nulls[] = {
	{ "{\"a\":\"s\",\"b\":null,\"n\":null,\"o\":null,\"l\":null,"
	  "\"u\":null}",
	  "{\"a\":\"s\",\"n\":null}" },
	{ "{\"b\":null,\"a\":\"s\",\"o\":{\"x\":null,\"y\":1}}",
	  "{\"a\":\"s\",\"o\":{\"y\":1}}" },
	{ "{\"a\":\"s\",\"l\":[{\"x\":null,\"y\":1},{\"x\":2,\"y\":1}]"
	  "}",
	  "{\"a\":\"s\",\"l\":[{\"y\":1},{\"x\":2,\"y\":1}]}" },
	{ "{\"a\":\"s\",\"u\":{\"y\":1,\"x\":null}}",
	  "{\"a\":\"s\",\"u\":{\"y\":1}}" },
	/* what is required, or unknown, is the validator's */
	{ "{\"a\":null,\"zzz\":null}", "{\"a\":null,\"zzz\":null}" },
	{ "[null]", "[null]" },
	{ "null", "null" },
};

static void nulls_for_absent_members_are_taken_out(void **state)
{
	static const char *const schema = OBJECT(
		"\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"integer\"},"
		"\"n\":{\"type\":[\"string\",\"null\"]},"
		"\"o\":{\"$ref\":\"#/$defs/o\"},"
		"\"l\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/o\"}"
		"},\"u\":{\"anyOf\":[{\"type\":\"string\"},{\"$ref\":"
		"\"#/$defs/o\"}]}",
		"\"a\"") ",\"$defs\":{\"o\":" ROOT("\"x\":{\"type\":"
						   "\"number\"},\"y\":{"
						   "\"enum\":[1]}",
						   "\"y\"") "}}";
	CLEANUP(tree_release) struct tree full = TREE_INIT;

	(void)state;
	parse(&full, schema);
	for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++) {
		CLEANUP(tree_release) struct tree reply = TREE_INIT;
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		parse(&reply, nulls[i].reply);
		schema_unlower(&reply, full.root);
		json_print(&text, reply.root);
		same(text.data, nulls[i].want);
		/* The list is whole: one more member lands behind the last. */
		if (reply.root->kind != VALUE_OBJECT)
			continue;
		value_add_null(&reply, reply.root, "last");
		same(reply.root->last->key, "last");
	}
}

static void every_reply_schema_fits_every_strict_mode(void **state)
{
	struct embed file;
	size_t n = 0;

	(void)state;
	for (; embed_at(&file, "schema/reply/", n); n++)
		for (int k = 0; k < 2; k++) {
			CLEANUP(tree_release) struct tree in = TREE_INIT;
			CLEANUP(tree_release) struct tree out = TREE_INIT;
			struct error *err = NULL;

			ok(json_parse(&in, file.data, file.len));
			err = schema_lower(&out, in.root, drivers[k]);
			if (err)
				fail_msg("%s: %s", file.path, err->message);
			ok(schema_lowered(out.root, drivers[k]));
		}
	assert_true(n > 0);
	printf("%zu/%zu reply schemas\n", n, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemas_are_lowered_as_each_strict_mode_wants),
		cmocka_unit_test(what_a_strict_mode_cannot_say_is_an_error),
		cmocka_unit_test(recursion_is_let_through_where_it_is_taken),
		cmocka_unit_test(the_limits_of_size_are_kept),
		cmocka_unit_test(ten_levels_are_taken_and_eleven_are_not),
		cmocka_unit_test(references_that_fan_out_are_answered_at_once),
		cmocka_unit_test(the_linter_sees_each_violation),
		cmocka_unit_test(nulls_for_absent_members_are_taken_out),
		cmocka_unit_test(every_reply_schema_fits_every_strict_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

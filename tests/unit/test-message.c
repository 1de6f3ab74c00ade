#include "tests/unit/test.h"

#include "core/json.h"
#include "core/message.h"

static void is_json(const struct value *value, const char *expected)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	json_print(&text, value);
	same(text.data, expected);
}

static void schema_of(struct tree *out, const char *json)
{
	ok(json_parse(out, json, strlen(json)));
}

static void a_request_has_the_shape_the_header_gives(void **state)
{
	CLEANUP(request_release) struct request request;
	CLEANUP(tree_release) struct tree schema = TREE_INIT;

	(void)state;
	request_init(&request);
	schema_of(&schema, "{\"type\":\"object\"}");
	request_system(&request, "Be brief.", 1);
	request_system(&request, "Today is new.", 0);
	request_user(&request, "hello");
	request_user(&request, "again");
	request_tool(&request, "look", "Looks.", schema.root);
	request_choice(&request, "required");
	request_output(&request, "verdict", schema.root);
	request_set_string(&request, "model", "m");
	request_set_int(&request, "max_tokens", 100);
	request_set_number(&request, "temperature", 0.5);
	is_json(request.tree.root,
		"{\"system\":[{\"text\":\"Be brief.\",\"stable\":true},"
		"{\"text\":\"Today is new.\"}],\"messages\":[{\"role\":\"user\""
		",\"parts\":[{\"type\":\"text\",\"text\":\"hello\"},{\"type\":"
		"\"text\",\"text\":\"again\"}]}],\"tools\":[{\"name\":\"look\","
		"\"description\":\"Looks.\",\"schema\":{\"type\":\"object\"}}],"
		"\"choice\":\"required\",\"output\":{\"name\":\"verdict\","
		"\"schema\":{\"type\":\"object\"}},\"model\":\"m\","
		"\"max_tokens\":100,\"temperature\":0.5}");
}

static void what_is_set_again_is_replaced_wherever_it_stands(void **state)
{
	CLEANUP(request_release) struct request request;

	(void)state;
	request_init(&request);
	request_set_string(&request, "model", "a");
	request_set_int(&request, "max_tokens", 1);
	request_set_string(&request, "effort", "low");
	request_set_string(&request, "effort", "high");
	request_set_string(&request, "model", "b");
	request_set_int(&request, "max_tokens", 2);
	is_json(request.tree.root,
		"{\"effort\":\"high\",\"model\":\"b\",\"max_tokens\":2}");
	assert_int_equal(request.tree.root->count, 3);
}

static void a_copy_goes_its_own_way(void **state)
{
	CLEANUP(request_release) struct request request, copy;

	(void)state;
	request_init(&request);
	request_user(&request, "one");
	request.calls = 7;
	request_copy(&copy, &request);
	request_user(&copy, "two");
	assert_int_equal(copy.calls, 7);
	is_json(request.tree.root,
		"{\"messages\":[{\"role\":\"user\",\"parts\":[{\"type\":"
		"\"text\",\"text\":\"one\"}]}]}");
}

static void calls_are_numbered_through_the_conversation(void **state)
{
	CLEANUP(request_release) struct request request;
	CLEANUP(reply_release) struct reply first, second;

	(void)state;
	request_init(&request);
	request_user(&request, "go");
	reply_init(&first);
	reply_add_text(&first, "Well.", 5);
	reply_add_call(&first, &request, "look", "{\"path\":\"a\"}", 12);
	reply_add_call(&first, &request, "look", "", 0);
	request_reply(&request, &first);
	request_result(&request, "call-1", "found", 0);
	request_result(&request, "call-2", "no path", 1);
	reply_init(&second);
	reply_add_call(&second, &request, "done", " {} ", 4);
	request_reply(&request, &second);
	assert_int_equal(request.calls, 3);
	is_json(request.tree.root,
		"{\"messages\":[{\"role\":\"user\",\"parts\":[{\"type\":"
		"\"text\",\"text\":\"go\"}]},{\"role\":\"assistant\",\"parts\":"
		"[{\"type\":\"text\",\"text\":\"Well.\"},{\"type\":\"call\","
		"\"id\":\"call-1\",\"name\":\"look\",\"input\":{\"path\":\"a\"}"
		"},{\"type\":\"call\",\"id\":\"call-2\",\"name\":\"look\","
		"\"input\":{}}]},{\"role\":\"user\",\"parts\":[{\"type\":"
		"\"result\",\"id\":\"call-1\",\"text\":\"found\",\"error\":"
		"false},{\"type\":\"result\",\"id\":\"call-2\",\"text\":"
		"\"no path\",\"error\":true}]},{\"role\":\"assistant\","
		"\"parts\":[{\"type\":\"call\",\"id\":\"call-3\",\"name\":"
		"\"done\",\"input\":{}}]}]}");
}

static void input_that_is_no_object_is_kept_as_broken(void **state)
{
	static const char *const inputs[] = { "{\"path\":\"a", "[1]", "\"a\"",
					      "{} {}", "{\"a\":1,\"a\":2}" };

	(void)state;
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
		CLEANUP(request_release) struct request request;
		CLEANUP(reply_release) struct reply reply;

		request_init(&request);
		reply_init(&reply);
		reply_add_call(&reply, &request, "t", inputs[i],
			       strlen(inputs[i]));
		const struct value *call = reply_call(&reply);
		assert_int_equal(value_get(call, "input")->kind, VALUE_OBJECT);
		assert_int_equal(value_get(call, "input")->count, 0);
		same(value_text(value_get(call, "broken"), ""), inputs[i]);
	}
}

static void texts_are_joined_and_calls_walked(void **state)
{
	CLEANUP(request_release) struct request request;
	CLEANUP(reply_release) struct reply reply;
	CLEANUP(tree_release) struct tree thought = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	request_init(&request);
	reply_init(&reply);
	assert_null(reply_call(&reply));
	schema_of(&thought, "{\"type\":\"thinking\"}");
	reply_add_opaque(&reply, &request, "anthropic", thought.root);
	reply_add_text(&reply, "one ", 4);
	reply_add_text(&reply, "", 0);
	reply_add_call(&reply, &request, "a", "{}", 2);
	reply_add_text(&reply, "two", 3);
	reply_add_call(&reply, &request, "b", "{}", 2);
	reply_text(&text, &reply);
	same(text.data, "one two");
	const struct value *call = reply_call(&reply);
	same(value_text(value_get(call, "name"), ""), "a");
	call = reply_next_call(call);
	same(value_text(value_get(call, "name"), ""), "b");
	assert_null(reply_next_call(call));
	assert_int_equal(value_get(reply.tree.root, "parts")->count, 5);
}

static void an_empty_reply_adds_nothing(void **state)
{
	CLEANUP(request_release) struct request request;
	CLEANUP(reply_release) struct reply reply;

	(void)state;
	request_init(&request);
	request_user(&request, "a");
	reply_init(&reply);
	request_reply(&request, &reply);
	request_user(&request, "b");
	assert_int_equal(value_get(request.tree.root, "messages")->count, 1);
}

static void a_pause_goes_on_in_the_same_message(void **state)
{
	CLEANUP(request_release) struct request request;
	CLEANUP(reply_release) struct reply reply;

	(void)state;
	request_init(&request);
	request_user(&request, "a");
	reply_init(&reply);
	reply_add_text(&reply, "b", 1);
	request_reply(&request, &reply);
	request_reply(&request, &reply);
	assert_int_equal(value_get(request.tree.root, "messages")->count, 2);
}

static const char whole[] =
	"{\"model\":\"m-1\",\"stop\":\"tool\",\"parts\":[{\"type\":\"opaque\","
	"\"driver\":\"anthropic\",\"model\":\"m\",\"value\":{\"type\":\"thinking\"}},{\"type\":"
	"\"text\",\"text\":\"so\"},{\"type\":\"call\",\"id\":\"call-1\","
	"\"name\":\"look\",\"input\":{\"n\":1.50}}],\"usage\":{\"input\":1,"
	"\"cached\":2,\"cache_write\":3,\"output\":4,\"reasoning\":5},"
	"\"id\":\"msg_1\"}";

static void a_reply_is_read_back_as_it_was_printed(void **state)
{
	CLEANUP(reply_release) struct reply reply;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	ok(reply_parse(&reply, whole, strlen(whole)));
	assert_int_equal(reply.stop, STOP_TOOL);
	assert_int_equal(reply.usage.input, 1);
	assert_int_equal(reply.usage.cached, 2);
	assert_int_equal(reply.usage.cache_write, 3);
	assert_int_equal(reply.usage.output, 4);
	assert_int_equal(reply.usage.reasoning, 5);
	reply_print(&text, &reply);
	same(text.data, whole);
}

static void what_is_no_reply_is_refused(void **state)
{
	static const struct {
		const char *was, *becomes, *message;
	} rows[] = {
		{ "\"stop\":\"tool\"", "\"stop\":\"tired\"", "'tired'" },
		{ "\"stop\":\"tool\",", "", "''" },
		{ "\"parts\"", "\"bits\"", "no parts" },
		{ "\"text\":\"so\"", "\"text\":7", "'text'" },
		{ "\"type\":\"text\"", "\"type\":\"song\"", "'song'" },
		{ "\"input\":{\"n\":1.50}", "\"input\":[]", "'input'" },
		{ "\"name\":\"look\",", "", "'name'" },
		{ "\"value\":{\"type\":\"thinking\"}", "\"value\":\"x\"",
		  "'value'" },
		{ "\"cached\":2", "\"cached\":-2", "'cached'" },
		{ "\"cached\":2,", "", "'cached'" },
		{ "\"id\":\"msg_1\"", "\"id\":4", "'id'" },
		{ "\"model\":\"m-1\",", "", "'model'" },
		{ "\"usage\"", "usage", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		struct reply reply;

		buf_str(&text, whole);
		char *at = strstr(text.data, rows[i].was);
		assert_non_null(at);
		buf_splice(&text, (size_t)(at - text.data), strlen(rows[i].was),
			   rows[i].becomes, strlen(rows[i].becomes));
		fails(ERROR_INVALID, rows[i].message,
		      reply_parse(&reply, text.data, text.len));
	}
	struct reply reply;
	fails(ERROR_INVALID, "no parts", reply_parse(&reply, "[]", 2));
}

static void every_stop_has_a_name_that_is_read_back(void **state)
{
	int n = 0;

	(void)state;
	for (int i = STOP_END; i <= STOP_PAUSE; i++, n++) {
		enum stop stop = STOP_END;

		ok(stop_parse(&stop, stop_name((enum stop)i)));
		assert_int_equal(stop, i);
	}
	assert_int_equal(n, 7);
}

static void usage_is_summed_by_member(void **state)
{
	struct usage sum = { 1, 2, 3, 4, 5 };
	struct usage more = { 10, 20, 30, 40, 50 };

	(void)state;
	usage_add(&sum, &more);
	assert_int_equal(sum.input, 11);
	assert_int_equal(sum.cached, 22);
	assert_int_equal(sum.cache_write, 33);
	assert_int_equal(sum.output, 44);
	assert_int_equal(sum.reasoning, 55);
}

static void usage_is_read_as_it_was_printed(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const struct usage usage = { 1, 2, 3, 4, 5 };
	struct usage read = { 0 };

	(void)state;
	usage_print(&tree, value_object(&tree, NULL, NULL), &usage);
	is_json(tree.root, "{\"usage\":{\"input\":1,\"cached\":2,"
			   "\"cache_write\":3,\"output\":4,"
			   "\"reasoning\":5}}");
	usage_read(&read, value_get(tree.root, "usage"));
	assert_memory_equal(&read, &usage, sizeof usage);
}

static void usage_that_no_model_has_is_cut_down(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const char *json = "{\"input\":9223372036854775807,\"cached\":-7,"
			   "\"output\":9223372036854775807}";
	const struct usage cut = { .input = (int64_t)1 << 40,
				   .output = (int64_t)1 << 40 };
	struct usage read = { 0 }, sum = { 0 };

	(void)state;
	ok(json_parse(&tree, json, strlen(json)));
	usage_read(&read, tree.root);
	assert_memory_equal(&read, &cut, sizeof cut);
	for (int i = 0; i < 1000; i++)
		usage_add(&sum, &read);
	assert_int_equal(sum.input, 1000 * cut.input);
}

static void usage_that_is_absent_counts_nothing(void **state)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const struct usage some = { .output = 7 }, none = { 0 };
	struct usage read = { 1, 2, 3, 4, 5 };

	(void)state;
	ok(json_parse(&tree, "{\"output\":7}", 12));
	usage_read(&read, tree.root);
	assert_memory_equal(&read, &some, sizeof some);
	usage_read(&read, NULL);
	assert_memory_equal(&read, &none, sizeof none);
}

/* A conversation of two turns; id and usage are what a service makes up. */
static void converse(struct request *request, const char *id, int64_t tokens,
		     const char *answer)
{
	CLEANUP(reply_release) struct reply reply;

	request_init(request);
	request_user(request, "go");
	reply_init(&reply);
	reply_set(&reply, "m", id);
	reply.usage.output = tokens;
	reply_add_text(&reply, answer, strlen(answer));
	reply_add_call(&reply, request, "look", "{\"b\":1,\"a\":2}", 13);
	request_reply(request, &reply);
	request_result(request, "call-1", "found", 0);
}

static void equal_work_has_the_same_key_whatever_the_service_made_up(void **s)
{
	CLEANUP(request_release) struct request a, b, c;
	char key_a[SHA256_HEX], key_b[SHA256_HEX], key_c[SHA256_HEX];

	(void)s;
	converse(&a, "msg_1", 10, "yes");
	converse(&b, "msg_2", 99, "yes");
	converse(&c, "msg_1", 10, "no");
	request_key(key_a, &a, "anthropic");
	request_key(key_b, &b, "anthropic");
	request_key(key_c, &c, "anthropic");
	same(key_a, key_b);
	assert_string_not_equal(key_a, key_c);
	request_key(key_b, &b, "openai");
	assert_string_not_equal(key_a, key_b);
}

static void a_key_does_not_depend_on_the_order_of_members(void **state)
{
	CLEANUP(request_release) struct request a, b;
	char key_a[SHA256_HEX], key_b[SHA256_HEX];

	(void)state;
	request_init(&a);
	request_set_string(&a, "model", "m");
	request_set_int(&a, "max_tokens", 5);
	request_user(&a, "go");
	request_init(&b);
	request_user(&b, "go");
	request_set_int(&b, "max_tokens", 5);
	request_set_string(&b, "model", "m");
	request_key(key_a, &a, "openai");
	request_key(key_b, &b, "openai");
	same(key_a, key_b);
	request_set_int(&b, "max_tokens", 6);
	request_key(key_b, &b, "openai");
	assert_string_not_equal(key_a, key_b);
}

static void opaque_parts_that_are_not_sent_do_not_count(void **state)
{
	CLEANUP(request_release) struct request with, without;
	CLEANUP(reply_release) struct reply reply;
	CLEANUP(tree_release) struct tree thought = TREE_INIT;
	char key_a[SHA256_HEX], key_b[SHA256_HEX];

	(void)state;
	schema_of(&thought, "{\"type\":\"thinking\"}");
	converse(&with, "msg_1", 1, "yes");
	request_set_string(&with, "model", "m");
	request_copy(&without, &with);
	reply_init(&reply);
	reply_add_text(&reply, "end", 3);
	request_reply(&without, &reply);
	reply_add_opaque(&reply, &with, "anthropic", thought.root);
	request_reply(&with, &reply);
	request_key(key_a, &with, "openai");
	request_key(key_b, &without, "openai");
	same(key_a, key_b);
	request_key(key_a, &with, "anthropic");
	request_key(key_b, &without, "anthropic");
	assert_string_not_equal(key_a, key_b);
	request_set_string(&with, "model", "other");
	request_set_string(&without, "model", "other");
	request_key(key_a, &with, "anthropic");
	request_key(key_b, &without, "anthropic");
	same(key_a, key_b);
}

/* The name of a reply in every store there is: it must not change by chance. */
static void a_key_is_what_it_was(void **state)
{
	CLEANUP(request_release) struct request request;
	char key[SHA256_HEX], expected[SHA256_HEX];
	const char *text =
		"{\"driver\":\"anthropic\",\"request\":{\"messages\":"
		"[{\"parts\":[{\"text\":\"go\",\"type\":\"text\"}],"
		"\"role\":\"user\"}],\"model\":\"m\"}}";

	(void)state;
	request_init(&request);
	request_set_string(&request, "model", "m");
	request_user(&request, "go");
	request_key(key, &request, "anthropic");
	sha256_of(text, strlen(text), expected);
	same(key, expected);
}

static void tokens_are_a_fourth_of_the_bytes_rounded_up(void **state)
{
	CLEANUP(request_release) struct request request;

	(void)state;
	assert_int_equal(token_estimate(0), 1);
	assert_int_equal(token_estimate(1), 1);
	assert_int_equal(token_estimate(4), 1);
	assert_int_equal(token_estimate(5), 2);
	request_init(&request);
	assert_int_equal(request_tokens(&request), 1);
	request_set_string(&request, "model", "12345678");
	assert_int_equal(request_tokens(&request), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_the_shape_the_header_gives),
		cmocka_unit_test(
			what_is_set_again_is_replaced_wherever_it_stands),
		cmocka_unit_test(a_copy_goes_its_own_way),
		cmocka_unit_test(calls_are_numbered_through_the_conversation),
		cmocka_unit_test(input_that_is_no_object_is_kept_as_broken),
		cmocka_unit_test(texts_are_joined_and_calls_walked),
		cmocka_unit_test(an_empty_reply_adds_nothing),
		cmocka_unit_test(a_pause_goes_on_in_the_same_message),
		cmocka_unit_test(a_reply_is_read_back_as_it_was_printed),
		cmocka_unit_test(what_is_no_reply_is_refused),
		cmocka_unit_test(every_stop_has_a_name_that_is_read_back),
		cmocka_unit_test(usage_is_summed_by_member),
		cmocka_unit_test(usage_is_read_as_it_was_printed),
		cmocka_unit_test(usage_that_no_model_has_is_cut_down),
		cmocka_unit_test(usage_that_is_absent_counts_nothing),
		cmocka_unit_test(
			equal_work_has_the_same_key_whatever_the_service_made_up),
		cmocka_unit_test(a_key_does_not_depend_on_the_order_of_members),
		cmocka_unit_test(opaque_parts_that_are_not_sent_do_not_count),
		cmocka_unit_test(a_key_is_what_it_was),
		cmocka_unit_test(tokens_are_a_fourth_of_the_bytes_rounded_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Keys that a model says: gone before the reply is used or kept, and a resume
 * asks what the first run asked.
 */
#include "tests/unit/asking.h"

#include "core/record.h"

#define KEY "the-key-in-use"
/* In two pieces, or the search would find it in this file. */
#define LIKELY                                                                 \
	"ghp"                                                                  \
	"_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX"

static void know(void)
{
	ok(secrets_load(&world.caller.secrets, NULL));
	secrets_know(world.caller.secrets, KEY);
}

/* In any file of the run, or in what was told. */
static int is_anywhere(const char *text)
{
	CLEANUP(free_str)
	char *grep = xasprintf("grep -rqF -e '%s' replies journal tape", text);

	return system(grep) == 0 || noticed(text);
}

static void record(void)
{
	ok(file_mkdirs("tape"));
	free(world.caller.record);
	world.caller.record = xstrdup("tape");
}

static void a_key_that_a_model_says_is_taken_out(void **state)
{
	(void)state;
	know();
	record();
	write_file("answer", "I was given " KEY ", and " LIKELY);
	answers("I was given [redacted:known], and " LIKELY);
	assert_false(is_anywhere(KEY));
	assert_true(is_anywhere("[redacted:known], and"));
	assert_true(noticed("a key was taken out of what agent 'script'"));
}

/* A question, and one more that has the answer in it. */
static void converse(void)
{
	answers("[redacted:known]!");
	request_reply(&world.request, &world.result.reply);
	request_user(&world.request, "go on");
	answers("[redacted:known]!");
}

static void a_resume_asks_the_same(void **state)
{
	(void)state;
	know();
	write_file("answer", KEY "!");
	converse();
	assert_int_equal(asked(), 2);
	assert_false(was_told(KEY));
	next_run(RUN);
	know();
	request_release(&world.request);
	request_init(&world.request);
	request_user(&world.request, "a question");
	converse();
	assert_int_equal(asked(), 2);
}

/* A recording of the question, with this answer, from now on plays. */
static void play(const struct reply *reply)
{
	CLEANUP(request_release) struct request request;

	request_copy(&request, &world.request);
	request_set_string(&request, "model", "model-1");
	request_set_int(&request, "max_tokens", 100);
	world.model.max_tokens = 100;
	ok(file_mkdirs("old"));
	ok(record_write("old", "anthropic", "implement", &request, reply));
	free(world.model.endpoint.driver);
	world.model.endpoint.driver = xstrdup("replay");
	world.model.endpoint.folder = xstrdup("old");
}

static void is_reply(const char *expected)
{
	CLEANUP(buf_release) struct buf json = BUF_INIT;

	reply_print(&json, &world.result.reply);
	if (!strstr(json.data, expected))
		fail_msg("%s", json.data);
	assert_null(strstr(json.data, KEY));
}

static void a_recorded_key_is_taken_out_of_calls(void **state)
{
	CLEANUP(reply_release) struct reply reply;
	static const char input[] =
		"{\"path\":\"a\",\"" KEY "\":[\"" KEY "\"]}";
	static const char broken[] = "{\"path\": \"" KEY;

	(void)state;
	reply_init(&reply);
	reply_add_call(&reply, &world.request, "write", input,
		       sizeof input - 1);
	reply_add_call(&reply, &world.request, "write", broken,
		       sizeof broken - 1);
	play(&reply);
	know();
	record();
	ok(ask());
	is_reply("\"input\":{\"path\":\"a\",\"[redacted:known]\":"
		 "[\"[redacted:known]\"]}");
	is_reply("\"broken\":\"{\\\"path\\\": \\\"[redacted:known]\"");
	assert_false(is_anywhere(KEY));
}

static size_t sent_parts(const struct request *request)
{
	const struct value *messages =
		value_get(request->tree.root, "messages");
	size_t n = 0;

	VALUE_EACH(message, messages)
	VALUE_EACH(part, value_get(message, "parts"))
	n += (size_t)request_sends(request, "anthropic", part);
	return n;
}

/* One that is changed would be refused: its maker has signed it. */
static void thinking_with_a_key_in_it_goes_back_to_nobody(void **state)
{
	CLEANUP(reply_release) struct reply reply;
	CLEANUP(tree_release) struct tree thinking = TREE_INIT;
	struct value *root = value_object(&thinking, NULL, NULL);

	(void)state;
	value_add_string(&thinking, root, "thinking", "is it " KEY "?");
	reply_init(&reply);
	request_set_string(&world.request, "model", "model-1");
	reply_add_opaque(&reply, &world.request, "anthropic", root);
	reply_add_text(&reply, "done", 4);
	request_reply(&world.request, &reply);
	assert_int_equal(sent_parts(&world.request), 3);
	request_release(&world.request);
	request_init(&world.request);
	request_user(&world.request, "a question");
	play(&reply);
	know();
	ok(ask());
	is_reply("is it [redacted:known]?");
	request_reply(&world.request, &world.result.reply);
	assert_int_equal(sent_parts(&world.request), 2);
}

static void a_program_that_fails_does_not_tell_the_key(void **state)
{
	(void)state;
	know();
	world.caller.retry.tries = 1;
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] =
		xstrdup("echo no luck with " KEY " >&2; exit 3");
	fails(ERROR_AGAIN, "no luck with [redacted:known]", ask());
}

static void a_reply_that_was_cut_ends_with_no_half_of_a_key(void **state)
{
	(void)state;
	know();
	write_file("answer", "it is the-key-in");
	answers("it is [redacted:known]");
	request_user(&world.request, "and now");
	write_file("answer", "it is the-key");
	answers("it is the-key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(a_key_that_a_model_says_is_taken_out),
		CALL_TEST(a_resume_asks_the_same),
		CALL_TEST(a_recorded_key_is_taken_out_of_calls),
		CALL_TEST(thinking_with_a_key_in_it_goes_back_to_nobody),
		CALL_TEST(a_program_that_fails_does_not_tell_the_key),
		CALL_TEST(a_reply_that_was_cut_ends_with_no_half_of_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

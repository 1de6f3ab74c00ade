/* Recordings: what was asked plays again; what was not is told apart. */
#include "tests/unit/asking.h"

#include "core/record.h"

/* Asks the script, and from then on the recording of it. */
static void play(void)
{
	world.caller.record = xstrdup("tape");
	answers("an answer");
	next_run("20261122T103000Z-00000000");
	free_str(&world.caller.replies);
	world.caller.replies = NULL;
	free(world.model.endpoint.driver);
	world.model.endpoint.driver = xstrdup("replay");
	world.model.endpoint.folder = xstrdup("tape");
}

static void a_recording_answers_what_was_asked(void **state)
{
	(void)state;
	play();
	answers("an answer");
	answers("an answer");
	assert_int_equal(asked(), 1);
	same(value_text(value_get(last_line("closed"), "stop"), ""), "end");
}

static void it_can_be_read_by_people(void **state)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)state;
	play();
	ok(file_list(&names, "tape"));
	assert_int_equal(names.len, 1);
	assert_int_equal(strlen(names.items[0]), 64 + 5);
	CLEANUP(free_str) char *path = path_join("tape", names.items[0]);
	ok(file_read(&text, path, 1 << 20));
	assert_non_null(strstr(text.data, "\n  \"driver\": \"command\""));
	ok(json_parse(&tree, text.data, text.len));
	assert_int_equal(value_int(value_get(tree.root, "version"), 0), 1);
	same(value_text(value_get(tree.root, "stage"), ""), "implement");
	same(value_text(value_path(tree.root, "request.model"), ""), "model-1");
	assert_non_null(value_path(tree.root, "reply.usage"));
}

static void differs(const char *where, const char *was, const char *is)
{
	struct error *err = ask();

	assert_non_null(err);
	assert_int_equal(err->code, ERROR_NOT_FOUND);
	if (!strstr(err->message, where) || !strstr(err->message, was) ||
	    !strstr(err->message, is))
		fail_msg("%s", err->message);
	assert_non_null(err->hint);
	error_free(err);
}

static void another_text_is_shown_beside_what_was_recorded(void **state)
{
	(void)state;
	play();
	request_release(&world.request);
	request_init(&world.request);
	request_user(&world.request, "a quest for the cup");
	differs("at messages.0.parts.0.text, from byte 7:",
		"'ion' was recorded", "' for the cup' is asked");
	assert_int_equal(asked(), 1);
}

static void another_parameter_is_named(void **state)
{
	(void)state;
	play();
	world.model.max_tokens = 77;
	differs("at max_tokens", " was recorded", "77 is asked");
}

static void what_is_asked_beyond_it_is_named(void **state)
{
	(void)state;
	play();
	request_user(&world.request, "and more");
	differs("at messages.0.parts", "nothing was recorded", "and more");
}

static void a_member_that_was_not_there_is_named(void **state)
{
	(void)state;
	play();
	world.model.effort = xstrdup("high");
	differs("at effort", "nothing was recorded", "\"high\" is asked");
}

static void the_nearest_of_several_is_compared_with(void **state)
{
	struct reply reply;
	struct request one;

	(void)state;
	play();
	request_init(&one);
	request_system(&one, "you are another", 1);
	reply_init(&reply);
	ok(record_write("tape", "command", "x", &one, &reply));
	request_release(&one);
	reply_release(&reply);
	world.model.max_tokens = 77;
	differs("at max_tokens", " was recorded", "77 is asked");
}

static void an_empty_recording_says_so(void **state)
{
	struct reply reply;

	(void)state;
	reply_init(&reply);
	fails(ERROR_NOT_FOUND, "'nowhere' has no recorded request",
	      record_read(&reply, "nowhere", &world.request));
	reply_release(&reply);
}

static void a_file_that_is_no_recording_is_named(void **state)
{
	struct reply reply;

	(void)state;
	reply_init(&reply);
	ok(file_mkdirs("tape"));
	write_file("tape/odd.json", "{");
	fails(ERROR_INVALID, "tape/odd.json",
	      record_read(&reply, "tape", &world.request));
	reply_release(&reply);
}

static void without_a_recording_nothing_is_answered(void **state)
{
	(void)state;
	free(world.model.endpoint.driver);
	world.model.endpoint.driver = xstrdup("replay");
	fails(ERROR_INVALID, "has no recording to answer from", ask());
	assert_int_equal(asked(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(a_recording_answers_what_was_asked),
		CALL_TEST(it_can_be_read_by_people),
		CALL_TEST(another_text_is_shown_beside_what_was_recorded),
		CALL_TEST(another_parameter_is_named),
		CALL_TEST(what_is_asked_beyond_it_is_named),
		CALL_TEST(a_member_that_was_not_there_is_named),
		CALL_TEST(the_nearest_of_several_is_compared_with),
		CALL_TEST(an_empty_recording_says_so),
		CALL_TEST(a_file_that_is_no_recording_is_named),
		CALL_TEST(without_a_recording_nothing_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

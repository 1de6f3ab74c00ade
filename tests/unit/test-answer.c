/* Answers that are data: taken as they are, asked for again, or refused. */
#include "tests/unit/asking.h"

#include "core/answer.h"

#define GOOD  "{\"approved\": true, \"issues\": [], \"notes\": [\"fine\"]}"
#define WRONG "{\"approved\": \"perhaps\", \"issues\": []}"

static struct answer answer;

static int end(void **state)
{
	answer_release(&answer);
	return leave(state);
}

static struct error *get(answer_judge_fn judge, void *data)
{
	answer_release(&answer);
	return answer_run(&answer, &world.caller, &world.spec, "reply/review",
			  judge, data);
}

static int approved(void)
{
	return value_bool(value_get(answer.tree.root, "approved"), -1);
}

static void an_answer_is_taken_as_it_is(void **state)
{
	(void)state;
	write_file("answer", GOOD);
	ok(get(NULL, NULL));
	assert_int_equal(approved(), 1);
	assert_int_equal(answer.calls.len, 1);
	assert_ptr_equal(answer.model, &world.model);
	/* This model takes no schema: it was told. */
	assert_true(was_told("JSON Schema"));
	assert_true(was_told("\"approved\""));
}

static void fences_and_prose_around_it_do_no_harm(void **state)
{
	(void)state;
	write_file("answer", "Sure! Here it is:\n\n```json\n" GOOD
			     "\n```\n\nI hope this helps.\n");
	ok(get(NULL, NULL));
	assert_int_equal(approved(), 1);
	assert_int_equal(asked(), 1);
}

static void a_wrong_one_is_asked_for_again_with_what_is_wrong(void **state)
{
	(void)state;
	write_file("answer-1", WRONG);
	write_file("answer", GOOD);
	ok(get(NULL, NULL));
	assert_int_equal(approved(), 1);
	assert_int_equal(answer.calls.len, 2);
	assert_string_not_equal(answer.calls.items[0].key,
				answer.calls.items[1].key);
	assert_true(was_told("This answer cannot be used:"));
	assert_true(was_told("approved"));
	assert_true(was_told("notes"));
	assert_true(was_told("perhaps"));
}

static void what_is_no_json_is_asked_for_again(void **state)
{
	(void)state;
	write_file("answer-1", "I would rather not say.");
	write_file("answer", GOOD);
	ok(get(NULL, NULL));
	assert_int_equal(answer.calls.len, 2);
}

static void three_wrong_ones_are_enough(void **state)
{
	(void)state;
	write_file("answer", WRONG);
	fails(ERROR_INVALID,
	      "agent 'script' gave no usable answer in 3 rounds: ",
	      get(NULL, NULL));
	assert_int_equal(asked(), ANSWER_ROUNDS);
	assert_int_equal(world.caller.calls.len, 0);
}

static void what_was_of_no_use_is_not_kept(void **state)
{
	(void)state;
	write_file("answer", WRONG);
	fails(ERROR_INVALID, "no usable answer", get(NULL, NULL));
	assert_int_equal(asked(), ANSWER_ROUNDS);
	/* A resume asks anew, and so does another run. */
	next_run(RUN);
	fails(ERROR_INVALID, "no usable answer", get(NULL, NULL));
	assert_int_equal(asked(), 2 * ANSWER_ROUNDS);
	next_run("20261122T103000Z-00000000");
	write_file("answer", GOOD);
	ok(get(NULL, NULL));
	assert_int_equal(asked(), 2 * ANSWER_ROUNDS + 1);
	assert_int_equal(approved(), 1);
}

static void a_resume_asks_for_no_round_again(void **state)
{
	(void)state;
	write_file("answer-1", WRONG);
	write_file("answer-2", "nothing");
	write_file("answer", GOOD);
	ok(get(NULL, NULL));
	assert_int_equal(asked(), 3);
	next_run(RUN);
	ok(get(NULL, NULL));
	assert_int_equal(asked(), 3);
	assert_int_equal(answer.calls.len, 3);
	assert_int_equal(approved(), 1);
}

struct judging {
	int calls;
	int from; /* which call is content */
};

static struct error *judge(struct findings *findings, const struct value *value,
			   void *data)
{
	struct judging *judging = data;

	assert_non_null(value_get(value, "approved"));
	if (++judging->calls < judging->from)
		finding_hint(finding_add(findings, "mine", NULL,
					 "the answer does not suit me"),
			     "say more");
	return NULL;
}

static void a_judge_has_findings_of_its_own(void **state)
{
	struct judging judging = { 0, 2 };

	(void)state;
	write_file("answer", GOOD);
	ok(get(judge, &judging));
	assert_int_equal(judging.calls, 2);
	assert_int_equal(answer.calls.len, 2);
	assert_true(was_told("- the answer does not suit me (say more)"));
}

static void a_judge_sees_only_what_fits_the_schema(void **state)
{
	struct judging judging = { 0, 1 };

	(void)state;
	write_file("answer-1", WRONG);
	write_file("answer", GOOD);
	ok(get(judge, &judging));
	assert_int_equal(judging.calls, 1);
}

static void a_judge_that_is_never_content_ends_it(void **state)
{
	struct judging judging = { 0, 100 };

	(void)state;
	write_file("answer", GOOD);
	fails(ERROR_INVALID, "the answer does not suit me",
	      get(judge, &judging));
	assert_int_equal(judging.calls, ANSWER_ROUNDS);
}

static struct error *judge_fails(struct findings *findings,
				 const struct value *value, void *data)
{
	(void)findings;
	(void)value;
	(void)data;
	return error_new(ERROR_FAILURE, "the disk is gone");
}

static void an_error_of_the_judge_is_the_callers(void **state)
{
	(void)state;
	write_file("answer", GOOD);
	fails(ERROR_FAILURE, "the disk is gone", get(judge_fails, NULL));
	assert_int_equal(asked(), 1);
}

static void an_error_of_the_call_is_the_callers(void **state)
{
	(void)state;
	world.caller.retry.tries = 1;
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] = xstrdup("exit 1");
	fails(ERROR_AGAIN, "agent 'script'", get(NULL, NULL));
}

/* The store's n-th reply of the answer that was given becomes this one. */
static void rewrite(size_t n, const char *text, enum stop stop)
{
	struct reply_entry entry;
	struct reply reply, old;

	reply_init(&reply);
	reply_add_text(&reply, text, strlen(text));
	reply.stop = stop;
	reply_init(&old);
	ok(replies_get(&old, &entry, "replies", answer.calls.items[n].key, NULL,
		       0));
	ok(replies_put("replies", &entry, &reply));
	reply_release(&old);
	reply_release(&reply);
	reply_entry_release(&entry);
	next_run("20261122T103000Z-00000000");
}

/* What a model says and how it stops, through a recording of it. */
static void recorded(const char *text, enum stop stop)
{
	write_file("answer", GOOD);
	ok(get(NULL, NULL));
	rewrite(0, text, stop);
}

static void a_refusal_is_not_argued_with(void **state)
{
	(void)state;
	recorded("I cannot help with that.", STOP_REFUSAL);
	fails(ERROR_NO, "agent 'script' refused to answer", get(NULL, NULL));
	assert_int_equal(asked(), 1);
	request_user(&world.request, "please");
	recorded("", STOP_FILTER);
	fails(ERROR_NO, "refused to answer", get(NULL, NULL));
}

/* Another script for an agent to fall back on. */
static struct model *other(const char *agent, const char *answer_file)
{
	struct model *model = xcalloc(1, sizeof *model);

	*model = model_new(agent, "command");
	free(model->model);
	model->model = xstrdup("model-2");
	strings_addv(&model->endpoint.command, "sh", "-c", NULL);
	strings_addf(&model->endpoint.command,
		     "cat >>asked; echo >>count; cat %s", answer_file);
	return model;
}

static void who_refuses_is_followed_by_its_fallback(void **state)
{
	(void)state;
	recorded("I cannot help with that.", STOP_REFUSAL);
	world.model.fallback = other("second", "answer");
	ok(get(NULL, NULL));
	assert_int_equal(approved(), 1);
	assert_int_equal(asked(), 2);
	assert_ptr_equal(answer.model, world.model.fallback);
	assert_true(noticed("agent 'script' refused to answer; asking agent "
			    "'second' instead"));
	/* Both calls are told, each with who was asked. */
	assert_int_equal(answer.calls.len, 2);
	assert_ptr_equal(answer.calls.items[0].model, &world.model);
	assert_ptr_equal(answer.calls.items[1].model, world.model.fallback);
	/* A resume walks the same way, and so does another run. */
	next_run("20261122T103000Z-00000000");
	ok(get(NULL, NULL));
	next_run("20261123T103000Z-00000000");
	ok(get(NULL, NULL));
	assert_int_equal(approved(), 1);
	assert_int_equal(asked(), 2);
}

static void when_all_refuse_each_is_named(void **state)
{
	(void)state;
	recorded("I cannot help with that.", STOP_REFUSAL);
	world.model.fallback = other("second", "answer");
	ok(get(NULL, NULL));
	rewrite(1, "Nor can I.", STOP_REFUSAL);
	struct error *err = get(NULL, NULL);
	assert_non_null(strstr(err->hint, "agent 'script'"));
	assert_non_null(strstr(err->hint, "fallback"));
	fails(ERROR_NO,
	      "agent 'script' refused to answer; then: agent 'second' refused "
	      "to answer",
	      err);
	/* What was of no use is found by nobody. */
	ok(get(NULL, NULL));
	assert_int_equal(asked(), 3);
}

static void one_that_was_cut_off_is_asked_for_again(void **state)
{
	(void)state;
	recorded("{\"approved\": true, \"issues\": [], \"notes\": [\"fi",
		 STOP_LENGTH);
	ok(get(NULL, NULL));
	assert_int_equal(answer.calls.len, 2);
	assert_true(was_told("the answer was cut off at its end"));
	same(value_text(value_get(answer.tree.root, "notes")->child, ""),
	     "fine");
}

static void whole_but_at_its_limit_is_asked_for_again(void **state)
{
	(void)state;
	recorded(GOOD, STOP_LENGTH);
	ok(get(NULL, NULL));
	assert_int_equal(answer.calls.len, 2);
}

static void a_second_one_that_was_cut_off_is_enough(void **state)
{
	(void)state;
	recorded("{\"approved\": true, \"iss", STOP_LENGTH);
	ok(get(NULL, NULL));
	assert_int_equal(answer.calls.len, 2);
	rewrite(1, GOOD, STOP_LENGTH);
	fails(ERROR_INVALID,
	      "agent 'script' gave answers longer than its max_tokens",
	      get(NULL, NULL));
	assert_int_equal(asked(), 2);
}

static void a_full_context_window_is_not_asked_about_again(void **state)
{
	(void)state;
	recorded("", STOP_CONTEXT);
	fails(ERROR_NO, "the prompt is too long for its model",
	      get(NULL, NULL));
	assert_int_equal(asked(), 1);
	/* Nor does the next run find it: the model may be another by then. */
	ok(get(NULL, NULL));
	assert_int_equal(asked(), 2);
}

static void a_pause_is_gone_on_from(void **state)
{
	(void)state;
	recorded("{\"approved\": true, \"iss", STOP_PAUSE);
	write_file("answer", "ues\": [], \"notes\": [\"fine\"]}");
	ok(get(NULL, NULL));
	assert_int_equal(answer.calls.len, 2);
	assert_int_equal(approved(), 1);
	same(value_text(value_get(answer.tree.root, "notes")->child, ""),
	     "fine");
	assert_false(was_told("cannot be used"));
}

static void one_that_only_pauses_is_left(void **state)
{
	(void)state;
	/* Without a word the next request is the same, and so is the reply. */
	recorded("", STOP_PAUSE);
	fails(ERROR_NO, "agent 'script' paused again and again",
	      get(NULL, NULL));
	assert_int_equal(asked(), 1);
}

static void what_an_unusable_answer_cost_is_told(void **state)
{
	(void)state;
	write_file("answer", WRONG);
	fails(ERROR_INVALID, "no usable answer", get(NULL, NULL));
	assert_int_equal(answer.calls.len, ANSWER_ROUNDS);
	assert_ptr_equal(answer.model, &world.model);
	assert_null(answer.tree.root);
}

static struct peer peer;
static struct model remote;

static void talk(int fd, struct tally *tally)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT;

	if (hear(fd, &request, tally))
		say(fd, "HTTP/1.1 413 Content Too Large\r\n"
			"Content-Length: 0\r\nConnection: close\r\n\r\n");
}

static int enter_with_peer(void **state)
{
	/* First, or it would hold the journal's lock as well. */
	peer_start(&peer, talk);
	return enter(state);
}

static int end_with_peer(void **state)
{
	int failed = end(state);

	model_release(&remote);
	peer_stop(&peer);
	return failed;
}

static void a_prompt_the_service_finds_too_long_is_said_to_be(void **state)
{
	(void)state;
	remote = model_new("main", "anthropic");
	remote.endpoint.base_url = xstrdup(peer.url);
	remote.endpoint.key = xstrdup("the-key-in-use");
	world.spec.model = &remote;
	fails(ERROR_NO,
	      "agent 'main' cannot answer: the prompt is too long for its "
	      "model",
	      get(NULL, NULL));
	assert_int_equal(peer.tally->requests, 1);
	/* A model with more room may be among its fallbacks. */
	next_run("20261122T103000Z-00000000");
	write_file("answer", GOOD);
	remote.fallback = other("roomy", "answer");
	ok(get(NULL, NULL));
	assert_int_equal(approved(), 1);
	assert_int_equal(peer.tally->requests, 2);
	assert_ptr_equal(answer.model, remote.fallback);
	assert_true(noticed("agent 'main' cannot answer: the prompt is too "
			    "long for its model; asking agent 'roomy' "
			    "instead"));
}

#define ANSWER_TEST(name) cmocka_unit_test_setup_teardown(name, enter, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ANSWER_TEST(an_answer_is_taken_as_it_is),
		ANSWER_TEST(fences_and_prose_around_it_do_no_harm),
		ANSWER_TEST(a_wrong_one_is_asked_for_again_with_what_is_wrong),
		ANSWER_TEST(what_is_no_json_is_asked_for_again),
		ANSWER_TEST(three_wrong_ones_are_enough),
		ANSWER_TEST(what_was_of_no_use_is_not_kept),
		ANSWER_TEST(a_resume_asks_for_no_round_again),
		ANSWER_TEST(a_judge_has_findings_of_its_own),
		ANSWER_TEST(a_judge_sees_only_what_fits_the_schema),
		ANSWER_TEST(a_judge_that_is_never_content_ends_it),
		ANSWER_TEST(an_error_of_the_judge_is_the_callers),
		ANSWER_TEST(an_error_of_the_call_is_the_callers),
		ANSWER_TEST(a_refusal_is_not_argued_with),
		ANSWER_TEST(who_refuses_is_followed_by_its_fallback),
		ANSWER_TEST(when_all_refuse_each_is_named),
		ANSWER_TEST(one_that_was_cut_off_is_asked_for_again),
		ANSWER_TEST(whole_but_at_its_limit_is_asked_for_again),
		ANSWER_TEST(a_second_one_that_was_cut_off_is_enough),
		ANSWER_TEST(a_full_context_window_is_not_asked_about_again),
		ANSWER_TEST(a_pause_is_gone_on_from),
		ANSWER_TEST(one_that_only_pauses_is_left),
		ANSWER_TEST(what_an_unusable_answer_cost_is_told),
		cmocka_unit_test_setup_teardown(
			a_prompt_the_service_finds_too_long_is_said_to_be,
			enter_with_peer, end_with_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * From a request to a reply that was paid for once: what is asked, what is
 * taken from before, what the journal says of it.
 */
#include "tests/unit/asking.h"

#define OTHER "20261121T103000Z-89abcdef"
#define THIRD "20261122T103000Z-89abcdef"

static void a_reply_comes_between_open_and_closed(void **state)
{
	(void)state;
	answers("an answer");
	assert_int_equal(asked(), 1);
	assert_true(was_told("a question"));
	journalled("open closed");
	same(value_text(value_get(last_line("open"), "key"), ""),
	     world.result.key);
	same(value_text(value_get(last_line("closed"), "key"), ""),
	     world.result.key);
	same(value_text(value_get(last_line("closed"), "stop"), ""), "end");
	assert_true(value_bool(value_get(last_line("closed"), "unpriced"), 0));
	assert_false(world.result.cached);
	assert_int_equal(world.result.tries, 1);
	assert_int_equal(world.result.micros, UNPRICED);
	assert_ptr_equal(world.result.model, &world.model);
}

static void a_resume_takes_what_is_closed_without_asking(void **state)
{
	(void)state;
	answers("an answer");
	next_run(RUN);
	write_file("answer", "another");
	answers("an answer");
	assert_int_equal(asked(), 1);
	journalled("open closed");
	assert_true(world.result.cached);
	assert_int_equal(world.result.micros, UNPRICED);
	assert_int_equal(world.result.tries, 1);
}

/* Everything in the store becomes a month old. */
static void let_time_pass(void)
{
	CLEANUP(reply_entries_release) struct reply_entries all = { .len = 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;

	ok(replies_list(&all, &damaged, "replies"));
	assert_true(all.len > 0);
	FOR_EACH (struct reply_entry, it, &all) {
		struct reply_entry entry;
		struct reply reply;

		reply_init(&reply);
		ok(replies_get(&reply, &entry, "replies", it->key, NULL, 0));
		entry.at -= 30 * 86400;
		ok(replies_put("replies", &entry, &reply));
		reply_release(&reply);
		reply_entry_release(&entry);
	}
}

static void nothing_expires_for_a_resume(void **state)
{
	(void)state;
	answers("an answer");
	let_time_pass();
	next_run(RUN);
	answers("an answer");
	assert_int_equal(asked(), 1);
}

static void another_run_takes_it_from_the_cache(void **state)
{
	(void)state;
	answers("an answer");
	next_run(OTHER);
	answers("an answer");
	assert_int_equal(asked(), 1);
	assert_true(world.result.cached);
	assert_int_equal(world.result.micros, 0);
	journalled("closed");
	same(value_text(value_get(last_line("closed"), "cached"), ""), "cache");
}

static void what_came_from_the_cache_is_there_for_a_resume(void **state)
{
	(void)state;
	answers("an answer");
	next_run(OTHER);
	answers("an answer");
	let_time_pass();
	next_run(OTHER);
	answers("an answer");
	assert_int_equal(asked(), 1);
	journalled("closed");
	assert_int_equal(world.result.micros, 0);
}

static void another_run_asks_for_what_expired(void **state)
{
	(void)state;
	answers("an answer");
	let_time_pass();
	next_run(OTHER);
	write_file("answer", "a fresh one");
	answers("a fresh one");
	assert_int_equal(asked(), 2);
	assert_false(world.result.cached);
}

static void no_cache_asks_again_but_a_resume_does_not(void **state)
{
	(void)state;
	answers("an answer");
	next_run(OTHER);
	world.caller.no_cache = 1;
	write_file("answer", "a second");
	answers("a second");
	assert_int_equal(asked(), 2);
	next_run(OTHER);
	world.caller.no_cache = 1;
	answers("a second");
	assert_int_equal(asked(), 2);
}

static void a_call_may_refuse_the_cache_for_itself(void **state)
{
	(void)state;
	answers("an answer");
	next_run(OTHER);
	world.spec.no_cache = 1;
	answers("an answer");
	assert_int_equal(asked(), 2);
}

/* As if every entry had come from somebody else's store. */
static void share_all(void)
{
	CLEANUP(reply_entries_release) struct reply_entries all = { .len = 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;

	ok(replies_list(&all, &damaged, "replies"));
	assert_true(all.len > 0);
	FOR_EACH (struct reply_entry, it, &all) {
		struct reply_entry entry;
		struct reply reply;

		reply_init(&reply);
		ok(replies_get(&reply, &entry, "replies", it->key, NULL, 0));
		entry.shared = 1;
		ok(replies_put("replies", &entry, &reply));
		reply_release(&reply);
		reply_entry_release(&entry);
	}
}

static void a_call_may_refuse_what_was_pulled(void **state)
{
	(void)state;
	answers("an answer");
	next_run(OTHER);
	world.spec.own = 1;
	answers("an answer");
	assert_int_equal(asked(), 1);
	share_all();
	next_run(THIRD);
	answers("an answer");
	assert_int_equal(asked(), 2);
}

static void another_question_is_another_call(void **state)
{
	(void)state;
	answers("an answer");
	request_user(&world.request, "and more");
	answers("an answer");
	assert_int_equal(asked(), 2);
	world.model.max_tokens = 100;
	answers("an answer");
	assert_int_equal(asked(), 3);
	free(world.model.model);
	world.model.model = xstrdup("model-2");
	answers("an answer");
	assert_int_equal(asked(), 4);
}

static void a_damaged_reply_is_asked_for_again(void **state)
{
	(void)state;
	answers("an answer");
	CLEANUP(free_str)
	char *path = xasprintf("replies/%.2s/%s", world.result.key,
			       world.result.key + 2);
	write_file(path, "junk");
	next_run(RUN);
	answers("an answer");
	assert_int_equal(asked(), 2);
	journalled("open closed open closed");
}

static void without_store_and_journal_it_is_asked_all_the_same(void **state)
{
	(void)state;
	free_str(&world.caller.replies);
	world.caller.replies = NULL;
	free_str(&world.caller.limits);
	world.caller.limits = NULL;
	journal_close(&world.caller.journal);
	answers("an answer");
	answers("an answer");
	assert_int_equal(asked(), 2);
}

static void the_store_knows_where_it_comes_from(void **state)
{
	CLEANUP(strings_release) struct strings depends = STRINGS_INIT;
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	struct reply reply;

	(void)state;
	strings_add(&depends, "a key");
	world.spec.depends = &depends;
	answers("an answer");
	reply_init(&reply);
	ok(replies_get(&reply, &entry, "replies", world.result.key, NULL, 0));
	same(entry.stage, "implement");
	same(entry.plan, "shop");
	same(entry.phase, "cart");
	same(entry.agent, "script");
	same(entry.model, "model-1");
	assert_int_equal(entry.depends.len, 1);
	reply_release(&reply);
}

/* The loop runs on while the script does; then somebody interrupts. */
static struct error *interrupt(struct loop *loop, void *data)
{
	(void)loop;
	(void)data;
	interrupted = SIGINT;
	return NULL;
}

static void an_interrupted_call_stays_open_and_is_sent_again(void **state)
{
	int64_t began = clock_ms();

	(void)state;
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] =
		xstrdup("echo >>count; exec sleep 60");
	loop_timer(world.caller.loop, 300, interrupt, NULL);
	fails(ERROR_INTERRUPT, "interrupted", ask());
	interrupted = 0;
	assert_true(clock_ms() - began < 20000);
	assert_int_equal(asked(), 1);
	journalled("open");
	assert_int_equal(world.caller.calls.len, 0);
	/* The program was reaped: there is no child of ours left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	next_run(RUN);
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] = xstrdup(SCRIPT);
	answers("an answer");
	assert_int_equal(asked(), 2);
	journalled("open open closed");
}

static struct error *must_not_be_called(struct error *err,
					struct call_result *result, void *data)
{
	(void)err;
	(void)result;
	(void)data;
	fail_msg("done was called");
	return NULL;
}

static void a_call_that_is_cancelled_is_never_done(void **state)
{
	struct call *call = NULL;

	(void)state;
	ok(call_start(&call, &world.caller, &world.spec, must_not_be_called,
		      NULL));
	assert_non_null(call);
	call_cancel(call);
	assert_null(call);
	call_cancel(NULL);
	ok(loop_run(world.caller.loop));
	assert_int_equal(asked(), 0);
}

static struct error *keep_error(struct error *err, struct call_result *result,
				void *data)
{
	assert_null(result);
	*(struct error **)data = err;
	return NULL;
}

static void cancelling_all_tells_each(void **state)
{
	struct error *a = NULL, *b = NULL;

	(void)state;
	ok(call_start(NULL, &world.caller, &world.spec, keep_error, &a));
	ok(call_start(NULL, &world.caller, &world.spec, keep_error, &b));
	caller_cancel(&world.caller);
	assert_true(error_is(a, ERROR_INTERRUPT));
	assert_true(error_is(b, ERROR_INTERRUPT));
	error_free(a);
	error_free(b);
}

static void open_budget(int64_t calls, int64_t micros)
{
	const struct amount no = { UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED,
				   0 };
	struct budget_limits limits = { no, no, no };

	limits.phase.calls = calls;
	limits.phase.micros = micros;
	ok(budget_open(&world.caller.budget, "spend", NULL, "shop", "cart",
		       &limits));
}

static void what_the_budget_refuses_is_not_sent(void **state)
{
	(void)state;
	open_budget(1, UNLIMITED);
	answers("an answer");
	request_user(&world.request, "and more");
	fails(ERROR_REFUSED, "", ask());
	assert_int_equal(asked(), 1);
	journalled("open closed");
}

static void an_unpriced_call_is_refused_by_a_limit_of_money(void **state)
{
	(void)state;
	open_budget(UNLIMITED, 1000000);
	fails(ERROR_REFUSED, "", ask());
	assert_int_equal(asked(), 0);
	world.caller.allow_unpriced = 1;
	answers("an answer");
}

static void what_is_known_charges_no_budget(void **state)
{
	(void)state;
	answers("an answer");
	next_run(OTHER);
	open_budget(0, UNLIMITED);
	answers("an answer");
	assert_int_equal(asked(), 1);
}

static void what_a_recording_answers_charges_no_budget(void **state)
{
	struct budget_limits now;

	(void)state;
	world.caller.record = xstrdup("recorded");
	answers("an answer");
	next_run(OTHER);
	world.caller.no_cache = 1;
	open_budget(0, UNLIMITED);
	free(world.model.endpoint.driver);
	world.model.endpoint.driver = xstrdup("replay");
	world.model.endpoint.folder = xstrdup("recorded");
	world.model.limits.requests_per_hour = 1;
	answers("an answer");
	next_run(THIRD);
	world.caller.no_cache = 1;
	open_budget(0, UNLIMITED);
	answers("an answer");
	assert_int_equal(asked(), 1);
	ok(budget_used(&now, world.caller.budget));
	assert_int_equal(now.plan.calls, 0);
	assert_int_equal(now.plan.tokens, 0);
}

static void used(int64_t calls, int64_t least_tokens, int64_t most_tokens)
{
	struct budget_limits now;

	ok(budget_used(&now, world.caller.budget));
	assert_int_equal(now.phase.calls, calls);
	assert_in_range(now.phase.tokens, least_tokens, most_tokens);
}

static void a_killed_calls_reservation_stays_charged(void **state)
{
	(void)state;
	open_budget(10, UNLIMITED);
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] = xstrdup("exec sleep 60");
	loop_timer(world.caller.loop, 200, interrupt, NULL);
	fails(ERROR_INTERRUPT, "interrupted", ask());
	interrupted = 0;
	used(1, 1000, 100000);
	next_run(RUN);
	open_budget(10, UNLIMITED);
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] = xstrdup(SCRIPT);
	answers("an answer");
	used(2, 1000, 100000);
}

static void our_own_limit_is_waited_for_with_a_word_to_people(void **state)
{
	int64_t before = clock_ms();

	(void)state;
	world.model.limits.requests_per_minute = 1;
	answers("an answer");
	request_user(&world.request, "and more");
	loop_timer(world.caller.loop, 200, interrupt, NULL);
	fails(ERROR_INTERRUPT, "interrupted", ask());
	interrupted = 0;
	assert_true(clock_ms() - before < 20000);
	assert_int_equal(asked(), 1);
	assert_int_equal(world.notices.len, 1);
	assert_true(noticed("agent 'script': waiting 6"));
	assert_true(noticed(" s, until 20"));
	assert_true(noticed(
		"Z: requests_per_minute of provider 'script' are used up"));
}

/* Who comes back later pays for nothing twice. */
static void who_had_to_wait_for_long_is_told_when_to_come_back(void **state)
{
	(void)state;
	open_budget(10, UNLIMITED);
	world.model.limits.requests_per_hour = 1;
	answers("an answer");
	used(1, 0, 0);
	request_user(&world.request, "and more");
	struct error *err = ask();
	assert_non_null(err);
	assert_int_equal(err->code, ERROR_AGAIN);
	assert_non_null(strstr(err->message,
			       "agent 'script': 'script' gave no answer: its "
			       "requests_per_hour are used up; it is asked "
			       "again in 36"));
	assert_non_null(strstr(err->message, " s, at 20"));
	assert_non_null(strstr(err->hint, "try again later"));
	error_free(err);
	assert_int_equal(asked(), 1);
	used(1, 0, 0);
	same(value_text(value_get(last_line("closed"), "failed"), ""),
	     "own-limit");
	next_run(RUN);
	world.model.limits.requests_per_hour = 2;
	answers("an answer");
	assert_int_equal(asked(), 2);
}

static void who_would_have_to_wait_for_long_is_passed_over(void **state)
{
	(void)state;
	world.model.limits.requests_per_hour = 1;
	answers("an answer");
	request_user(&world.request, "and more");
	world.model.fallback = xcalloc(1, sizeof *world.model.fallback);
	*world.model.fallback = model_new("second", "command");
	strings_addv(&world.model.fallback->endpoint.command, "sh", "-c",
		     SCRIPT, NULL);
	answers("an answer");
	assert_ptr_equal(world.result.model, world.model.fallback);
	assert_true(noticed("asking agent 'second' instead"));
}

/* Of the last call; the answer has 100. */
static int64_t reserved_for_the_prompt(void)
{
	return value_int(value_get(last_line("open"), "tokens"), 0) - 100;
}

static void a_prompt_is_rather_thought_too_long(void **state)
{
	/*
	 * A token for each word, mark, indent and pair of digits, and one and a
	 * half for an ideograph, in a hundred of each piece.
	 */
	static const struct {
		const char *piece;
		int64_t tokens;
	} rows[] = {
		{ "It is a truth. ", 500 },
		{ "\tif (!x)\n\t\treturn -1;\n", 1200 },
		{ "{\"name\": \"list\", \"value\": 12}\n", 1600 },
		{ "4f9c0b2e", 400 },
		{ "\xe6\xbc\xa2\xe5\xad\x97", 300 },
		{ "\xd1\x81\xd0\xbb\xd0\xbe\xd0\xb2\xd0\xbe", 300 },
	};

	(void)state;
	world.model.max_tokens = 100;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		for (int n = 0; n < 100; n++)
			buf_str(&text, rows[i].piece);
		request_release(&world.request);
		request_init(&world.request);
		request_user(&world.request, text.data);
		answers("an answer");
		assert_in_range(reserved_for_the_prompt(), rows[i].tokens,
				text.len + 60);
	}
}

static void secrets_are_taken_out_of_what_is_sent(void **state)
{
	(void)state;
	ok(secrets_load(&world.caller.secrets, NULL));
	secrets_know(world.caller.secrets, "the-key-in-use");
	request_user(&world.request, "mine is the-key-in-use, keep it");
	answers("an answer");
	assert_false(was_told("the-key-in-use"));
	assert_true(was_told("mine is [redacted:known], keep it"));
	assert_true(noticed("a secret was taken out"));
}

static void a_failing_program_is_tried_again_and_given_up(void **state)
{
	(void)state;
	world.caller.retry.tries = 3;
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] =
		xstrdup("echo >>count; echo no luck >&2; exit 3");
	struct error *err = ask();
	assert_non_null(err);
	assert_int_equal(err->code, ERROR_AGAIN);
	assert_non_null(strstr(err->message, "agent 'script'"));
	assert_non_null(strstr(err->message, "asked 3 times"));
	assert_non_null(strstr(err->message, "no luck"));
	error_free(err);
	assert_int_equal(asked(), 3);
	journalled("open closed");
	assert_non_null(value_get(last_line("closed"), "failed"));
}

static void what_failed_is_asked_again_by_a_resume(void **state)
{
	(void)state;
	world.caller.retry.tries = 1;
	free(world.model.endpoint.command.items[2]);
	world.model.endpoint.command.items[2] =
		xstrdup("echo >>count; test $(wc -l <count) -gt 1 && echo ok");
	fails(ERROR_AGAIN, "agent 'script'", ask());
	next_run(RUN);
	answers("ok");
	assert_int_equal(asked(), 2);
}

static void a_driver_that_is_none_is_named(void **state)
{
	(void)state;
	free(world.model.endpoint.driver);
	world.model.endpoint.driver = xstrdup("pigeon");
	fails(ERROR_INVALID, "no driver is called 'pigeon'", ask());
	journalled("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(a_reply_comes_between_open_and_closed),
		CALL_TEST(a_resume_takes_what_is_closed_without_asking),
		CALL_TEST(nothing_expires_for_a_resume),
		CALL_TEST(another_run_takes_it_from_the_cache),
		CALL_TEST(what_came_from_the_cache_is_there_for_a_resume),
		CALL_TEST(another_run_asks_for_what_expired),
		CALL_TEST(no_cache_asks_again_but_a_resume_does_not),
		CALL_TEST(a_call_may_refuse_the_cache_for_itself),
		CALL_TEST(a_call_may_refuse_what_was_pulled),
		CALL_TEST(another_question_is_another_call),
		CALL_TEST(a_damaged_reply_is_asked_for_again),
		CALL_TEST(without_store_and_journal_it_is_asked_all_the_same),
		CALL_TEST(the_store_knows_where_it_comes_from),
		CALL_TEST(an_interrupted_call_stays_open_and_is_sent_again),
		CALL_TEST(a_call_that_is_cancelled_is_never_done),
		CALL_TEST(cancelling_all_tells_each),
		CALL_TEST(what_the_budget_refuses_is_not_sent),
		CALL_TEST(an_unpriced_call_is_refused_by_a_limit_of_money),
		CALL_TEST(what_is_known_charges_no_budget),
		CALL_TEST(what_a_recording_answers_charges_no_budget),
		CALL_TEST(a_killed_calls_reservation_stays_charged),
		CALL_TEST(our_own_limit_is_waited_for_with_a_word_to_people),
		CALL_TEST(who_had_to_wait_for_long_is_told_when_to_come_back),
		CALL_TEST(who_would_have_to_wait_for_long_is_passed_over),
		CALL_TEST(a_prompt_is_rather_thought_too_long),
		CALL_TEST(secrets_are_taken_out_of_what_is_sent),
		CALL_TEST(a_failing_program_is_tried_again_and_given_up),
		CALL_TEST(what_failed_is_asked_again_by_a_resume),
		CALL_TEST(a_driver_that_is_none_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Calls over a connection: what is tried again and when, who is asked instead,
 * what the service gets to see, many at once.  The peer speaks the Messages
 * API in canned lines and does as the model's name says.
 */
#include "tests/unit/asking.h"

#define OK_SSE                                                                 \
	"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"               \
	"Connection: close\r\n\r\n"                                            \
	"data: {'type':'message_start','message':{'id':'msg_1',"               \
	"'model':'claude-x','usage':{'input_tokens':3,'output_tokens':1}}}"    \
	"\n\n"                                                                 \
	"data: {'type':'content_block_start','index':0,'content_block':"       \
	"{'type':'text','text':''}}\n\n"                                       \
	"data: {'type':'content_block_delta','index':0,'delta':"               \
	"{'type':'text_delta','text':'%s'}}\n\n"
#define OK_END                                                                 \
	"data: {'type':'content_block_stop','index':0}\n\n"                    \
	"data: {'type':'message_delta','delta':{'stop_reason':'end_turn'},"    \
	"'usage':{'output_tokens':2}}\n\ndata: {'type':'message_stop'}\n\n"
#define FAILED(status, more, type, message)                                    \
	"HTTP/1.1 " status "\r\nContent-Type: application/json\r\n" more       \
	"Connection: close\r\n\r\n{'type':'error','error':{'type':'" type      \
	"','message':'" message "'}}"

static struct peer peer;
static struct model other;

static void say_quoted(int fd, const char *answer)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	for (; *answer; answer++)
		buf_ch(&text, (char)(*answer == '\'' ? '"' : *answer));
	say(fd, text.data);
}

static void reply_with(int fd, const char *text)
{
	CLEANUP(free_str) char *begin = xasprintf(OK_SSE, text);

	say_quoted(fd, begin);
	say_quoted(fd, OK_END);
}

/* What the peer does at the n-th request, by the name of the model. */
static void serve(int fd, const char *request, int n)
{
	if (strstr(request, "claude-spent"))
		say_quoted(fd, FAILED("429 Too Many Requests", "",
				      "billing_error", "no credit is left"));
	else if (strstr(request, "claude-nokey"))
		say_quoted(fd, FAILED("401 Unauthorized", "",
				      "authentication_error", "no such key"));
	else if (strstr(request, "claude-busy") && n == 1)
		say_quoted(fd, FAILED("529 Overloaded", "retry-after: 1\r\n",
				      "overloaded_error", "Overloaded"));
	else if (strstr(request, "claude-limited") && n <= 2)
		say_quoted(fd, FAILED("429 Too Many Requests",
				      "retry-after-ms: 20\r\n",
				      "rate_limit_error", "slow down"));
	else if (strstr(request, "claude-cut") && n == 1)
		say_quoted(fd, OK_SSE);
	else if (strstr(request, "claude-slow"))
		nap(60000);
	else
		reply_with(fd, strstr(request, "[the-key-in-use]") ? "leaked"
								   : "hello");
}

static void talk(int fd, struct tally *tally)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT;

	if (!hear(fd, &request, tally))
		return;
	serve(fd, request.data,
	      __atomic_load_n(&tally->requests, __ATOMIC_SEQ_CST));
}

static struct model remote(const char *agent, const char *name)
{
	struct model model = model_new(agent, "anthropic");

	free(model.model);
	model.model = xstrdup(name);
	model.endpoint.base_url = xstrdup(peer.url);
	model.endpoint.key = xstrdup("the-key-in-use");
	return model;
}

static int begin(void **state)
{
	/* First, or it would hold the journal's lock as well. */
	peer_start(&peer, talk);
	return enter(state);
}

static int end(void **state)
{
	int failed = leave(state);

	model_release(&other);
	peer_stop(&peer);
	return failed;
}

/* The call's model from here on. */
static void ask_model(const char *name)
{
	model_release(&other);
	other = remote("main", name);
	world.spec.model = &other;
}

static void a_reply_comes_over_the_wire(void **state)
{
	(void)state;
	ask_model("claude-good");
	answers("hello");
	assert_int_equal(world.result.reply.usage.input, 3);
	assert_int_equal(world.result.reply.usage.output, 2);
	journalled("open closed");
	next_run(RUN);
	answers("hello");
	assert_int_equal(peer.tally->requests, 1);
	assert_int_equal(world.result.reply.usage.output, 2);
}

static void what_it_cost_is_the_same_after_a_resume(void **state)
{
	CLEANUP(prices_free) struct prices *prices = NULL;
	int64_t micros;

	(void)state;
	ok(prices_load(&prices, NULL, 0, NULL));
	ask_model("claude-fable-5-1");
	world.caller.prices = prices;
	answers("hello");
	micros = world.result.micros;
	assert_int_equal(micros, 3 * 10 + 2 * 50);
	assert_int_equal(
		value_int(value_get(last_line("closed"), "micros"), -1),
		micros);
	assert_non_null(
		value_text(value_get(last_line("closed"), "price"), NULL));
	next_run(RUN);
	world.caller.prices = prices;
	answers("hello");
	assert_int_equal(world.result.micros, micros);
	next_run("20261122T103000Z-00000000");
	world.caller.prices = prices;
	answers("hello");
	assert_int_equal(world.result.micros, 0);
	assert_int_equal(value_int(value_get(last_line("closed"), "saved"), -1),
			 micros);
	assert_int_equal(peer.tally->requests, 1);
	world.caller.prices = NULL;
}

static void an_overloaded_service_is_asked_again_when_it_says(void **state)
{
	int64_t began = clock_ms();

	(void)state;
	ask_model("claude-busy");
	answers("hello");
	assert_int_equal(peer.tally->requests, 2);
	assert_int_equal(world.result.tries, 2);
	assert_true(clock_ms() - began >= 1000);
	journalled("open closed");
	assert_int_equal(value_int(value_get(last_line("closed"), "tries"), 0),
			 2);
}

static void a_limit_is_waited_for_as_often_as_it_takes(void **state)
{
	(void)state;
	ask_model("claude-limited");
	answers("hello");
	assert_int_equal(peer.tally->requests, 3);
	assert_int_equal(world.result.tries, 3);
}

static void an_answer_that_broke_off_may_have_been_paid(void **state)
{
	const struct amount no = { UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED,
				   0 };
	const struct budget_limits limits = { no, no, no };
	struct budget_limits used;

	(void)state;
	ok(budget_open(&world.caller.budget, "spend", NULL, "shop", "cart",
		       &limits));
	ask_model("claude-cut");
	answers("hello");
	assert_int_equal(
		value_int(value_get(last_line("closed"), "maybe_paid"), 0), 1);
	ok(budget_used(&used, world.caller.budget));
	assert_int_equal(used.phase.calls, 2);
	assert_true(used.phase.tokens > 1000);
}

static void where_no_credit_is_left_another_is_asked(void **state)
{
	(void)state;
	ask_model("claude-spent");
	other.fallback = xcalloc(1, sizeof *other.fallback);
	*other.fallback = remote("second", "claude-good");
	answers("hello");
	assert_ptr_equal(world.result.model, other.fallback);
	assert_int_equal(peer.tally->requests, 2);
	assert_true(noticed("asking agent 'second' instead"));
	journalled("open closed open closed");
	same(value_text(value_get(last_line("closed"), "agent"), ""), "second");
}

static void a_resume_does_not_ask_who_was_given_up(void **state)
{
	(void)state;
	ask_model("claude-spent");
	other.fallback = xcalloc(1, sizeof *other.fallback);
	*other.fallback = remote("second", "claude-good");
	answers("hello");
	next_run(RUN);
	answers("hello");
	assert_ptr_equal(world.result.model, other.fallback);
	assert_int_equal(peer.tally->requests, 2);
	assert_true(world.result.cached);
}

static void fail_times(const char *provider, int n)
{
	const struct limiter limiter = { "limits", provider, NULL };

	for (int i = 0; i < n; i++)
		ok(limit_report(&limiter, 1));
}

static void where_the_breaker_is_open_another_is_asked_at_once(void **state)
{
	enum retry_cause cause = CAUSE_SETUP;
	int64_t before = clock_ms();

	(void)state;
	ask_model("claude-good");
	other.fallback = xcalloc(1, sizeof *other.fallback);
	*other.fallback = remote("second", "claude-good");
	fail_times(other.endpoint.provider, 5);
	world.spec.cause = &cause;
	answers("hello");
	assert_ptr_equal(world.result.model, other.fallback);
	assert_int_equal(peer.tally->requests, 1);
	assert_true(clock_ms() - before < 10000);
	assert_int_equal(cause, CAUSE_OUTAGE);
	assert_true(noticed("asking agent 'second' instead"));
	journalled("closed open closed");
	same(value_text(
		     value_get(journal_line(world.caller.journal, 0), "failed"),
		     ""),
	     "breaker-open");
	next_run(RUN);
	answers("hello");
	assert_int_equal(peer.tally->requests, 1);
}

static void an_open_breaker_is_not_waited_for_too_long(void **state)
{
	(void)state;
	ask_model("claude-good");
	fail_times(other.endpoint.provider, 5);
	world.caller.retry.longest_ms = 20000;
	struct error *err = ask();
	assert_non_null(err);
	assert_int_equal(err->code, ERROR_AGAIN);
	assert_non_null(strstr(err->message, "asked again in 30 s"));
	error_free(err);
	assert_int_equal(peer.tally->requests, 0);
}

static void a_wrong_key_says_nothing_about_the_service(void **state)
{
	(void)state;
	ask_model("claude-nokey");
	fail_times(other.endpoint.provider, 4);
	fails(ERROR_FAILURE, "agent 'main': ", ask());
	fail_times(other.endpoint.provider, 1);
	world.caller.retry.longest_ms = 20000;
	fails(ERROR_AGAIN, "agent 'main': ", ask());
	assert_int_equal(peer.tally->requests, 1);
}

static int64_t reserved(void)
{
	return value_int(value_get(last_line("open"), "tokens"), 0);
}

/* One more turn of a conversation, of about 1,000 bytes. */
static void go_on(void)
{
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	request_reply(&world.request, &world.result.reply);
	request_user(&world.request, text);
	answers("hello");
}

static void what_was_counted_is_not_estimated_again(void **state)
{
	(void)state;
	ask_model("claude-good");
	other.max_tokens = 1;
	answers("hello");
	go_on();
	assert_in_range(reserved(), 500, 600);
	go_on();
	assert_in_range(reserved(), 500, 600);
	/* Nor by a run that goes on. */
	next_run(RUN);
	request_release(&world.request);
	request_init(&world.request);
	request_user(&world.request, "a question");
	answers("hello");
	go_on();
	go_on();
	assert_int_equal(peer.tally->requests, 3);
	go_on();
	assert_int_equal(peer.tally->requests, 4);
	assert_in_range(reserved(), 500, 600);
}

static void without_another_it_says_what_everyone_said(void **state)
{
	(void)state;
	ask_model("claude-spent");
	fails(ERROR_REFUSED, "agent 'main': ", ask());
	assert_int_equal(peer.tally->requests, 1);
	other.fallback = xcalloc(1, sizeof *other.fallback);
	*other.fallback = remote("second", "claude-spent-2");
	next_run("20261122T103000Z-00000000");
	struct error *err = ask();
	assert_non_null(err);
	assert_non_null(strstr(err->message, "agent 'main': "));
	assert_non_null(strstr(err->message, "; then: agent 'second': "));
	error_free(err);
}

static void the_service_never_sees_a_key_in_the_prompt(void **state)
{
	(void)state;
	ask_model("claude-good");
	ok(secrets_load(&world.caller.secrets, NULL));
	request_user(&world.request, "it is [the-key-in-use]");
	answers("leaked");
	secrets_know(world.caller.secrets, "the-key-in-use");
	answers("hello");
}

static struct error *stop_when_asked(struct loop *loop, void *data)
{
	if (__atomic_load_n(&peer.tally->requests, __ATOMIC_SEQ_CST))
		loop_stop(loop);
	else
		loop_timer(loop, 5, stop_when_asked, data);
	return NULL;
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

static void a_call_is_cancelled_on_the_wire(void **state)
{
	struct call *call = NULL;

	(void)state;
	ask_model("claude-slow");
	ok(call_start(&call, &world.caller, &world.spec, must_not_be_called,
		      NULL));
	loop_timer(world.caller.loop, 5, stop_when_asked, NULL);
	ok(loop_run(world.caller.loop));
	assert_non_null(call);
	call_cancel(call);
	assert_null(call);
	assert_int_equal(world.caller.calls.len, 0);
	ok(loop_run(world.caller.loop));
	journalled("open");
}

#define MANY 50

struct counted {
	int done;
	int right;
};

static struct error *count(struct error *err, struct call_result *result,
			   void *data)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct counted *counted = data;

	if (!err)
		reply_text(&text, &result->reply);
	counted->right += !strcmp(text.data, "hello");
	counted->done++;
	error_free(err);
	return NULL;
}

static void fifty_calls_go_at_once(void **state)
{
	struct request requests[MANY];
	struct counted counted = { 0, 0 };

	(void)state;
	ask_model("claude-good");
	for (int i = 0; i < MANY; i++) {
		struct call_spec spec = world.spec;
		CLEANUP(free_str) char *words = xasprintf("question %d", i);

		request_init(&requests[i]);
		request_user(&requests[i], words);
		spec.request = &requests[i];
		ok(call_start(NULL, &world.caller, &spec, count, &counted));
	}
	ok(loop_run(world.caller.loop));
	for (int i = 0; i < MANY; i++)
		request_release(&requests[i]);
	assert_int_equal(counted.done, MANY);
	assert_int_equal(counted.right, MANY);
	assert_int_equal(peer.tally->requests, MANY);
	assert_true(peer.tally->most > 1);
	assert_int_equal(journal_len(world.caller.journal), 2 * MANY);
}

#define WIRE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(a_reply_comes_over_the_wire),
		WIRE_TEST(what_it_cost_is_the_same_after_a_resume),
		WIRE_TEST(an_overloaded_service_is_asked_again_when_it_says),
		WIRE_TEST(a_limit_is_waited_for_as_often_as_it_takes),
		WIRE_TEST(an_answer_that_broke_off_may_have_been_paid),
		WIRE_TEST(where_no_credit_is_left_another_is_asked),
		WIRE_TEST(a_resume_does_not_ask_who_was_given_up),
		WIRE_TEST(where_the_breaker_is_open_another_is_asked_at_once),
		WIRE_TEST(an_open_breaker_is_not_waited_for_too_long),
		WIRE_TEST(what_was_counted_is_not_estimated_again),
		WIRE_TEST(a_wrong_key_says_nothing_about_the_service),
		WIRE_TEST(without_another_it_says_what_everyone_said),
		WIRE_TEST(the_service_never_sees_a_key_in_the_prompt),
		WIRE_TEST(a_call_is_cancelled_on_the_wire),
		WIRE_TEST(fifty_calls_go_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

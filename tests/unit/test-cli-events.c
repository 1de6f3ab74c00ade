/*
 * Events of coding agents.  The streams are ours: shortened from what the
 * programs were seen to write, with what they cannot be made to write added.
 */
#include "tests/unit/test.h"

#include "plans/cli-events.h"

static const char claude[] =
	"{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s-1\","
	"\"model\":\"claude-opus-5-5\"}\n"
	"{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\","
	"\"text\":\"on my way\"}]},\"session_id\":\"s-1\"}\n"
	"{\"type\":\"future\",\"what\":[1,2]}\n"
	"{\"usage\":{\"input_tokens\":100,\"cache_creation_input_tokens\":20,"
	"\"cache_read_input_tokens\":300,\"output_tokens\":40},"
	"\"total_cost_usd\":0.0123456,\"is_error\":false,"
	"\"subtype\":\"success\",\"result\":\"gr\xc3\xbc\xc3\x9f dich\","
	"\"type\":\"result\",\"session_id\":\"s-1\"}\n";

static const char claude_401[] =
	"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,"
	"\"api_error_status\":401,\"result\":\"Invalid API key\","
	"\"total_cost_usd\":0}\n";

static const char codex[] =
	"{\"type\":\"thread.started\",\"thread_id\":\"t-1\"}\n"
	"{\"type\":\"item.completed\",\"item\":{\"id\":\"item_0\",\"type\":"
	"\"error\",\"message\":\"Model metadata not found\"}}\n"
	"{\"type\":\"turn.started\"}\n"
	"{\"type\":\"error\",\"message\":\"Reconnecting... 1/4\"}\n"
	"{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\","
	"\"text\":\"first\"}}\n"
	"{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\","
	"\"text\":\"last\"}}\n"
	"{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":500,"
	"\"cached_input_tokens\":300,\"cache_write_input_tokens\":50,"
	"\"output_tokens\":70,\"reasoning_output_tokens\":30}}\n";

static const char codex_failed[] =
	"{\"type\":\"thread.started\",\"thread_id\":\"t-2\"}\n"
	"{\"type\":\"turn.started\"}\n"
	"{\"type\":\"turn.failed\",\"error\":{\"message\":\"unexpected status "
	"503 Service Unavailable: busy\"}}\n";

static const char gemini[] =
	"{\"type\":\"init\",\"session_id\":\"g-1\",\"model\":\"gemini-2.5\"}\n"
	"{\"type\":\"message\",\"role\":\"user\",\"content\":\"the prompt\"}\n"
	"{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"I look\","
	"\"delta\":true}\n"
	"{\"type\":\"tool_use\",\"tool_name\":\"read_file\"}\n"
	"{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"all \","
	"\"delta\":true}\n"
	"{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"done\","
	"\"delta\":true}\n"
	"{\"type\":\"result\",\"status\":\"success\",\"stats\":{"
	"\"input_tokens\":90,\"cached\":30,\"output_tokens\":12}}\n";

static const char opencode[] =
	"{\"type\":\"step_start\",\"sessionID\":\"o-1\",\"part\":{}}\n"
	"{\"type\":\"step_finish\",\"sessionID\":\"o-1\",\"part\":{\"reason\":"
	"\"tool-calls\",\"cost\":0.25,\"tokens\":{\"input\":10,\"output\":2,"
	"\"reasoning\":3,\"cache\":{\"read\":4,\"write\":5}}}}\n"
	"{\"type\":\"step_start\",\"sessionID\":\"o-1\",\"part\":{}}\n"
	"{\"type\":\"text\",\"sessionID\":\"o-1\",\"part\":{\"text\":\"yes\"}}\n"
	"{\"type\":\"step_finish\",\"sessionID\":\"o-1\",\"part\":{\"reason\":"
	"\"stop\",\"cost\":0.5,\"tokens\":{\"input\":1,\"output\":1,"
	"\"reasoning\":0,\"cache\":{\"read\":0,\"write\":0}}}}\n";

static struct cli_events events;

static int release(void **state)
{
	(void)state;
	cli_events_release(&events);
	return 0;
}

static void feed(cli_event_fn take, const char *text, size_t step)
{
	size_t len = strlen(text);

	cli_events_release(&events);
	cli_events_init(&events, take);
	for (size_t at = 0; at < len; at += step)
		cli_events_feed(&events, text + at,
				len - at < step ? len - at : step);
	cli_events_end(&events);
}

static void expect_usage(int64_t input, int64_t cached, int64_t written,
			 int64_t output, int64_t reasoning)
{
	assert_int_equal(events.usage.input, input);
	assert_int_equal(events.usage.cached, cached);
	assert_int_equal(events.usage.cache_write, written);
	assert_int_equal(events.usage.output, output);
	assert_int_equal(events.usage.reasoning, reasoning);
}

static void expect_done(const char *session, const char *answer)
{
	assert_true(events.finished);
	assert_false(events.failed);
	same(events.session, session);
	same(events.answer.data, answer);
}

static void claude_tells_answer_usage_and_cost(void **state)
{
	(void)state;
	feed(cli_take_claude, claude, 4096);
	expect_done("s-1", "gr\xc3\xbc\xc3\x9f dich");
	same(events.model, "claude-opus-5-5");
	assert_int_equal(events.micros, 12346);
	expect_usage(100, 300, 20, 40, 0);
	assert_int_equal(events.taken, 4);
	assert_int_equal(events.passed, 0);
}

static void a_claude_result_that_says_success_may_be_an_error(void **state)
{
	(void)state;
	feed(cli_take_claude, claude_401, 4096);
	assert_true(events.finished);
	assert_true(events.failed);
	assert_int_equal(events.status, 401);
	same(events.why, "Invalid API key");
	assert_int_equal(events.micros, 0);
}

static void codex_counts_what_its_cache_had_in_its_input(void **state)
{
	(void)state;
	feed(cli_take_codex, codex, 4096);
	expect_done("t-1", "last");
	expect_usage(150, 300, 50, 70, 30);
	assert_int_equal(events.micros, UNPRICED);
}

static void a_turn_of_codex_that_failed_tells_the_status(void **state)
{
	(void)state;
	feed(cli_take_codex, codex_failed, 4096);
	assert_true(events.finished);
	assert_true(events.failed);
	assert_int_equal(events.status, 503);
}

static void an_error_of_codex_without_an_end_is_no_end(void **state)
{
	(void)state;
	feed(cli_take_codex,
	     "{\"type\":\"error\",\"message\":\"Reconnecting... 1/4\"}\n", 99);
	assert_false(events.finished);
	assert_false(events.failed);
	same(events.why, "Reconnecting... 1/4");
}

static void gemini_speaks_in_pieces(void **state)
{
	(void)state;
	feed(cli_take_gemini, gemini, 4096);
	expect_done("g-1", "all done");
	expect_usage(60, 30, 0, 12, 0);
	feed(cli_take_gemini,
	     "{\"type\":\"result\",\"status\":\"error\",\"error\":{"
	     "\"message\":\"quota\"}}",
	     4096);
	assert_true(events.failed);
	same(events.why, "quota");
}

static void opencode_adds_up_over_steps(void **state)
{
	(void)state;
	feed(cli_take_opencode, opencode, 4096);
	expect_done("o-1", "yes");
	expect_usage(11, 4, 5, 6, 3);
	assert_int_equal(events.micros, 750000);
	feed(cli_take_opencode,
	     "{\"type\":\"error\",\"error\":{\"name\":\"APIError\",\"data\":{"
	     "\"message\":\"no\",\"statusCode\":429}}}\n",
	     4096);
	assert_true(events.failed);
	assert_int_equal(events.status, 429);
	same(events.why, "no");
}

static void a_step_that_ends_in_tools_is_not_the_end(void **state)
{
	(void)state;
	feed(cli_take_opencode,
	     "{\"type\":\"step_finish\",\"part\":{\"reason\":\"tool-calls\"}}\n",
	     4096);
	assert_false(events.finished);
	assert_int_equal(events.micros, UNPRICED);
}

/* A price nobody knows is written as 0. */
static void a_cost_of_nothing_from_opencode_is_no_cost(void **state)
{
	(void)state;
	feed(cli_take_opencode,
	     "{\"type\":\"step_finish\",\"part\":{\"reason\":\"stop\","
	     "\"cost\":0}}\n",
	     4096);
	assert_int_equal(events.micros, UNPRICED);
}

static const struct {
	cli_event_fn take;
	const char *stream;
} streams[] = {
	{ cli_take_claude, claude }, { cli_take_claude, claude_401 },
	{ cli_take_codex, codex },   { cli_take_codex, codex_failed },
	{ cli_take_gemini, gemini }, { cli_take_opencode, opencode },
};

static void split_anywhere_they_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		feed(streams[i].take, streams[i].stream, 1 << 20);
		size_t taken = events.taken;
		char *answer = xstrdup(events.answer.data);

		for (size_t step = 1; step < 40; step++) {
			feed(streams[i].take, streams[i].stream, step);
			assert_int_equal(events.taken, taken);
			assert_int_equal(events.passed, 0);
			same(events.answer.data, answer);
		}
		free(answer);
	}
}

static void torn_anywhere_they_never_end_well(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		/* The last event, whole, but for its closing brace. */
		for (size_t len = strlen(streams[i].stream) - 2; len; len--) {
			char *torn = xstrndup(streams[i].stream, len);

			feed(streams[i].take, torn, 64);
			free(torn);
			assert_false(events.finished);
			assert_true(events.passed <= 1);
		}
	}
}

static void lines_that_are_no_events_are_counted(void **state)
{
	(void)state;
	feed(cli_take_codex,
	     "Reading additional input from stdin...\n"
	     "[1,2]\n\"text\"\n\n  \r\n"
	     "{\"type\":7}\n"
	     "{\"type\":\"item.completed\"}\n"
	     "{\"type\":\"item.completed\",\"item\":{\"type\":"
	     "\"agent_message\",\"text\":[1]}}\n"
	     "{\"type\":\"turn.completed\",\"usage\":\"none\"}\n"
	     "{\"type\":\"turn.failed\"}\r\n",
	     7);
	assert_int_equal(events.passed, 3);
	assert_int_equal(events.taken, 5);
	assert_true(events.failed);
	same(events.why, "it does not say why");
	expect_usage(0, 0, 0, 0, 0);
}

static void a_line_without_end_is_passed_over(void **state)
{
	struct buf line = BUF_INIT;

	(void)state;
	cli_events_init(&events, cli_take_claude);
	for (size_t i = 0; i < 5000; i++)
		buf_addf(&line, "%01000d", 0);
	cli_events_feed(&events, line.data, line.len);
	assert_true(events.line.len <= 4u << 20);
	cli_events_feed(&events, "\n", 1);
	cli_events_feed(&events, claude, strlen(claude));
	cli_events_end(&events);
	expect_done("s-1", "gr\xc3\xbc\xc3\x9f dich");
	assert_int_equal(events.passed, 1);
	buf_release(&line);
}

static void costs_that_are_none_are_not_taken(void **state)
{
	static const char *const costs[] = { "-1", "\"x\"", "1e300", "null" };

	(void)state;
	for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
		char *text = xasprintf("{\"type\":\"result\",\"result\":\"\","
				       "\"total_cost_usd\":%s,\"usage\":{"
				       "\"input_tokens\":-5}}\n",
				       costs[i]);
		feed(cli_take_claude, text, 4096);
		free(text);
		assert_true(events.finished);
		assert_int_equal(events.micros, UNPRICED);
		assert_int_equal(events.usage.input, 0);
	}
}

static void plain_text_is_all_answer_and_keeps_its_end(void **state)
{
	(void)state;
	feed(NULL, "{\"type\":\"result\"}\nfine\n", 3);
	same(events.answer.data, "{\"type\":\"result\"}\nfine\n");
	assert_false(events.finished);
	cli_events_release(&events);
	cli_events_init(&events, NULL);
	for (int i = 0; i < 1000; i++) {
		char *text = xasprintf("%d%01000d", i, 0);
		cli_events_feed(&events, text, strlen(text));
		free(text);
	}
	cli_events_feed(&events, "the end", 7);
	cli_events_end(&events);
	assert_true(events.answer.len <= 64u << 10);
	same(events.answer.data + events.answer.len - 7, "the end");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, release)
	const struct CMUnitTest tests[] = {
		TEST(claude_tells_answer_usage_and_cost),
		TEST(a_claude_result_that_says_success_may_be_an_error),
		TEST(codex_counts_what_its_cache_had_in_its_input),
		TEST(a_turn_of_codex_that_failed_tells_the_status),
		TEST(an_error_of_codex_without_an_end_is_no_end),
		TEST(gemini_speaks_in_pieces),
		TEST(opencode_adds_up_over_steps),
		TEST(a_step_that_ends_in_tools_is_not_the_end),
		TEST(a_cost_of_nothing_from_opencode_is_no_cost),
		TEST(split_anywhere_they_say_the_same),
		TEST(torn_anywhere_they_never_end_well),
		TEST(lines_that_are_no_events_are_counted),
		TEST(a_line_without_end_is_passed_over),
		TEST(costs_that_are_none_are_not_taken),
		TEST(plain_text_is_all_answer_and_keeps_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

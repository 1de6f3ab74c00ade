/* Each row of the decision table, and each way to say how long to wait. */
#include "tests/unit/test.h"

#include "core/retry.h"

/* 2026-11-20T10:30:00Z */
#define NOW 1795170600

struct row {
	const char *rule; /* what is expected */
	enum retry_action action;
	enum error_code code;
	enum retry_cause cause;
	enum http_end end; /* what is given */
	int status;
	const char *type;
	const char *word; /* the code */
	const char *message;
	int answering;
	int said; /* x-should-retry, plus 1: 0 is not said */
	int64_t after; /* retry-after in ms, plus 1 */
};

#define WAITS    RETRY_WAIT, ERROR_AGAIN
#define SWITCHES RETRY_SWITCH
#define GIVES_UP RETRY_GIVE_UP

static const struct row rows[] = {
	{ "spent", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 429,
	  "insufficient_quota", "insufficient_quota", "You exceeded", 0, 0, 0 },
	{ "spent", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 429, NULL,
	  "credit_balance_exhausted", NULL, 0, 0, 0 },
	{ "spent", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 429, NULL,
	  "billing_hard_limit_reached", NULL, 0, 0, 2001 },
	{ "spent", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 429,
	  "rate_limit_error", "enforced_spend_limit_reached", NULL, 0, 2, 0 },
	{ "spent", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 400,
	  "invalid_request_error", NULL,
	  "Your credit balance is too low to ask", 0, 0, 0 },
	{ "spent", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 429,
	  "rate_limit_error", NULL, "The monthly Spend Limit is used up", 0, 0,
	  0 },
	{ "spent", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 403,
	  "billing_error", NULL, NULL, 0, 0, 0 },
	{ "payment", SWITCHES, ERROR_REFUSED, CAUSE_SPENT, HTTP_OK, 402, NULL,
	  NULL, NULL, 0, 0, 0 },
	{ "told-to-retry", WAITS, CAUSE_LIMIT, HTTP_OK, 400, NULL, NULL, NULL,
	  0, 2, 0 },
	{ "told-to-retry", WAITS, CAUSE_LIMIT, HTTP_OK, 429, NULL, NULL, NULL,
	  0, 2, 0 },
	{ "told-to-retry-5xx", WAITS, CAUSE_OUTAGE, HTTP_OK, 529,
	  "overloaded_error", NULL, NULL, 0, 2, 0 },
	{ "too-long", GIVES_UP, ERROR_INVALID, CAUSE_TOO_LONG, HTTP_OK, 400,
	  "invalid_request_error", NULL,
	  "prompt is too long: 210000 tokens > 200000 maximum", 0, 0, 0 },
	{ "too-long", GIVES_UP, ERROR_INVALID, CAUSE_TOO_LONG, HTTP_OK, 400,
	  "invalid_request_error", "context_length_exceeded", NULL, 0, 0, 0 },
	{ "too-long", GIVES_UP, ERROR_INVALID, CAUSE_TOO_LONG, HTTP_OK, 413,
	  "request_too_large", NULL, NULL, 0, 0, 0 },
	{ "too-large", GIVES_UP, ERROR_INVALID, CAUSE_TOO_LONG, HTTP_OK, 413,
	  NULL, NULL, NULL, 0, 0, 0 },
	{ "no-model", SWITCHES, ERROR_INVALID, CAUSE_MODEL, HTTP_OK, 400,
	  "invalid_request_error", "model_not_found", NULL, 0, 0, 0 },
	{ "not-found", SWITCHES, ERROR_INVALID, CAUSE_MODEL, HTTP_OK, 404,
	  "not_found_error", NULL, "model: claude-x", 0, 0, 0 },
	{ "forbidden-for-now", WAITS, CAUSE_LIMIT, HTTP_OK, 403, NULL, NULL,
	  NULL, 0, 0, 1001 },
	{ "no-key", GIVES_UP, ERROR_FAILURE, CAUSE_KEY, HTTP_OK, 401, NULL,
	  NULL, NULL, 0, 0, 0 },
	{ "no-key", GIVES_UP, ERROR_FAILURE, CAUSE_KEY, HTTP_OK, 200,
	  "authentication_error", NULL, NULL, 0, 0, 0 },
	{ "forbidden", GIVES_UP, ERROR_FAILURE, CAUSE_KEY, HTTP_OK, 403,
	  "permission_error", NULL, NULL, 0, 0, 0 },
	{ "bad-request", GIVES_UP, ERROR_INVALID, CAUSE_REQUEST, HTTP_OK, 400,
	  "invalid_request_error", NULL, NULL, 0, 0, 0 },
	{ "bad-request", GIVES_UP, ERROR_INVALID, CAUSE_REQUEST, HTTP_OK, 400,
	  NULL, NULL, NULL, 0, 1, 0 },
	{ "unprocessable", GIVES_UP, ERROR_INVALID, CAUSE_REQUEST, HTTP_OK, 422,
	  NULL, NULL, NULL, 0, 0, 0 },
	{ "told-not-to-retry", SWITCHES, ERROR_AGAIN, CAUSE_LIMIT, HTTP_OK, 429,
	  "rate_limit_error", NULL, NULL, 0, 1, 0 },
	{ "told-not-to-retry-5xx", SWITCHES, ERROR_AGAIN, CAUSE_OUTAGE, HTTP_OK,
	  500, NULL, NULL, NULL, 0, 1, 0 },
	{ "request-timeout", WAITS, CAUSE_OUTAGE, HTTP_OK, 408, NULL, NULL,
	  NULL, 0, 0, 0 },
	{ "request-timeout", WAITS, CAUSE_OUTAGE, HTTP_OK, 200, "timeout_error",
	  NULL, NULL, 1, 0, 0 },
	{ "conflict", WAITS, CAUSE_LIMIT, HTTP_OK, 409, NULL, NULL, NULL, 0, 0,
	  0 },
	{ "too-early", WAITS, CAUSE_LIMIT, HTTP_OK, 425, NULL, NULL, NULL, 0, 0,
	  0 },
	{ "rate-limit", WAITS, CAUSE_LIMIT, HTTP_OK, 429, "rate_limit_error",
	  NULL, NULL, 0, 0, 0 },
	{ "rate-limit", WAITS, CAUSE_LIMIT, HTTP_OK, 200, NULL,
	  "rate_limit_exceeded", NULL, 1, 0, 0 },
	/* The status of a refusal says more than a word that goes with it. */
	{ "rate-limit", WAITS, CAUSE_LIMIT, HTTP_OK, 429,
	  "invalid_request_error", NULL, NULL, 0, 0, 0 },
	{ "overloaded", WAITS, CAUSE_OUTAGE, HTTP_OK, 529, NULL, NULL, NULL, 0,
	  0, 0 },
	{ "overloaded", WAITS, CAUSE_OUTAGE, HTTP_OK, 200, "overloaded_error",
	  NULL, "Overloaded", 1, 0, 0 },
	/* The driver stopped reading at the error it found in the stream. */
	{ "overloaded", WAITS, CAUSE_OUTAGE, HTTP_STOPPED, 200,
	  "overloaded_error", NULL, "Overloaded", 1, 0, 0 },
	{ "server-error", WAITS, CAUSE_OUTAGE, HTTP_OK, 500, "api_error", NULL,
	  NULL, 0, 0, 0 },
	{ "server-error", WAITS, CAUSE_OUTAGE, HTTP_OK, 502, NULL, NULL, NULL,
	  0, 0, 0 },
	{ "server-error", WAITS, CAUSE_OUTAGE, HTTP_OK, 503, NULL, NULL, NULL,
	  0, 0, 0 },
	{ "server-error", WAITS, CAUSE_OUTAGE, HTTP_CUT, 504, NULL, NULL, NULL,
	  0, 0, 0 },
	{ "server-error", WAITS, CAUSE_OUTAGE, HTTP_OK, 200, NULL,
	  "server_error", NULL, 1, 0, 0 },
	{ "client-error", GIVES_UP, ERROR_INVALID, CAUSE_REQUEST, HTTP_OK, 418,
	  NULL, NULL, NULL, 0, 0, 0 },
	{ "redirect", GIVES_UP, ERROR_INVALID, CAUSE_SETUP, HTTP_OK, 307, NULL,
	  NULL, NULL, 0, 0, 0 },
	{ "broken-answer", WAITS, CAUSE_OUTAGE, HTTP_OK, 200, "odd_error", NULL,
	  NULL, 1, 0, 0 },
	{ "strange-status", SWITCHES, ERROR_FAILURE, CAUSE_OUTAGE, HTTP_OK, 0,
	  NULL, NULL, NULL, 0, 0, 0 },
	{ "strange-status", SWITCHES, ERROR_FAILURE, CAUSE_OUTAGE, HTTP_OK, 999,
	  NULL, NULL, NULL, 0, 0, 0 },
	{ "no-host", WAITS, CAUSE_OUTAGE, HTTP_RESOLVE, 0, NULL, NULL, "no", 0,
	  0, 0 },
	{ "no-connection", WAITS, CAUSE_OUTAGE, HTTP_CONNECT, 0, NULL, NULL,
	  NULL, 0, 0, 0 },
	{ "tls", GIVES_UP, ERROR_FAILURE, CAUSE_SETUP, HTTP_TLS, 0, NULL, NULL,
	  "expired", 0, 0, 0 },
	{ "idle", WAITS, CAUSE_OUTAGE, HTTP_IDLE, 0, NULL, NULL, NULL, 0, 0,
	  0 },
	{ "idle", WAITS, CAUSE_OUTAGE, HTTP_IDLE, 200, NULL, NULL, NULL, 1, 0,
	  0 },
	{ "timeout-before", WAITS, CAUSE_OUTAGE, HTTP_TIMEOUT, 0, NULL, NULL,
	  NULL, 0, 0, 0 },
	{ "timeout-inside", SWITCHES, ERROR_AGAIN, CAUSE_REQUEST, HTTP_TIMEOUT,
	  200, NULL, NULL, NULL, 1, 0, 0 },
	{ "cut-before", WAITS, CAUSE_OUTAGE, HTTP_CUT, 0, NULL, NULL, NULL, 0,
	  0, 0 },
	{ "cut-inside", WAITS, CAUSE_OUTAGE, HTTP_CUT, 200, NULL, NULL, NULL, 1,
	  0, 0 },
	{ "answer-too-large", SWITCHES, ERROR_FAILURE, CAUSE_REQUEST,
	  HTTP_TOO_LARGE, 200, NULL, NULL, NULL, 1, 0, 0 },
	{ "bad-address", GIVES_UP, ERROR_INVALID, CAUSE_SETUP, HTTP_REFUSED, 0,
	  NULL, NULL, NULL, 0, 0, 0 },
	{ "unreadable", WAITS, CAUSE_OUTAGE, HTTP_STOPPED, 200, NULL, NULL,
	  NULL, 1, 0, 0 },
};
#define ROWS (sizeof rows / sizeof *rows)

static const struct retry_policy plain_policy = { 0, 0, 0, 0 };

static char *word(const char *text)
{
	/* Only read, but the field is not const. */
	return text ? strchr(text, *text) : NULL;
}

static struct failure failure_of(const struct row *row)
{
	return (struct failure){ .end = row->end,
				 .status = row->status,
				 .type = word(row->type),
				 .code = word(row->word),
				 .message = word(row->message),
				 .retry_after_ms = row->after - 1,
				 .reset_ms = -1,
				 .should_retry = row->said - 1,
				 .answering = row->answering };
}

static void every_row_decides_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct failure failure = failure_of(&rows[i]);
		struct decision got;

		retry_decide(&got, &failure, 1, &plain_policy, 0.5);
		if (strcmp(got.rule, rows[i].rule))
			fail_msg("row %zu: '%s', not '%s'", i, got.rule,
				 rows[i].rule);
		if (got.action != rows[i].action || got.code != rows[i].code ||
		    got.cause != rows[i].cause)
			fail_msg("row %zu, '%s': action %d, code %d, cause %d",
				 i, got.rule, (int)got.action, (int)got.code,
				 (int)got.cause);
		assert_null(got.limit);
	}
	print_message("rows: %zu/%zu\n", ROWS, ROWS);
}

static void every_rule_is_reached_by_a_row(void **state)
{
	size_t len, seen = 0;
	const struct retry_rule *rules = retry_rules(&len);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		size_t before = seen;

		for (size_t j = 0; j < ROWS && seen == before; j++)
			seen += !strcmp(rules[i].name, rows[j].rule);
		if (seen == before)
			fail_msg("no row of the test reaches rule '%s'",
				 rules[i].name);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rules[i].name, rules[j].name);
	}
	print_message("rules: %zu/%zu\n", seen, len);
}

static void money_that_ran_out_is_never_waited_for(void **state)
{
	static const char *const words[] = { "insufficient_quota",
					     "credit_balance_exhausted",
					     "billing_hard_limit_reached",
					     "enforced_spend_limit_reached" };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (int status = 400; status < 600; status++)
			for (int said = -1; said <= 1; said++) {
				struct failure failure = FAILURE_INIT;
				struct decision got;

				failure.status = status;
				failure.code = word(words[i]);
				failure.should_retry = said;
				failure.retry_after_ms = 1;
				retry_decide(&got, &failure, 1, &plain_policy,
					     0);
				assert_int_equal(got.action, RETRY_SWITCH);
				assert_int_equal(got.code, ERROR_REFUSED);
			}
}

static void the_last_try_and_too_long_a_wait_switch(void **state)
{
	struct failure failure = FAILURE_INIT;
	struct retry_policy policy = { .tries = 3, .longest_ms = 1000 };
	struct decision got;

	(void)state;
	failure.status = 529;
	retry_decide(&got, &failure, 2, &policy, 0.5);
	assert_int_equal(got.action, RETRY_WAIT);
	retry_decide(&got, &failure, 3, &policy, 0.5);
	assert_int_equal(got.action, RETRY_SWITCH);
	same(got.limit, "tries");
	assert_int_equal(got.code, ERROR_AGAIN);
	failure.retry_after_ms = 1000;
	retry_decide(&got, &failure, 1, &policy, 0.5);
	assert_int_equal(got.action, RETRY_WAIT);
	failure.retry_after_ms = 1001;
	retry_decide(&got, &failure, 1, &policy, 0.5);
	assert_int_equal(got.action, RETRY_SWITCH);
	same(got.limit, "wait");
}

static void the_defaults_are_five_tries_and_two_minutes(void **state)
{
	struct failure failure = FAILURE_INIT;
	struct decision got;

	(void)state;
	failure.status = 500;
	retry_decide(&got, &failure, 4, &plain_policy, 0.5);
	assert_int_equal(got.action, RETRY_WAIT);
	retry_decide(&got, &failure, 5, &plain_policy, 0.5);
	assert_int_equal(got.action, RETRY_SWITCH);
	failure.reset_ms = 120000;
	retry_decide(&got, &failure, 1, &plain_policy, 0);
	assert_int_equal(got.wait_ms, 120000);
	failure.reset_ms = 120001;
	retry_decide(&got, &failure, 1, &plain_policy, 0);
	assert_int_equal(got.action, RETRY_SWITCH);
}

/* xorshift64: the same chances each time. */
static double chance_of(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (double)(*seed >> 11) / (double)((uint64_t)1 << 53);
}

static void the_backoff_uses_its_whole_range_and_no_more(void **state)
{
	static const int64_t bounds[] = { 500, 1000, 2000, 4000, 5000, 5000 };
	struct retry_policy policy = { .tries = 99, .cap_ms = 5000 };
	struct failure failure = FAILURE_INIT;
	uint64_t seed = 20261120;

	(void)state;
	failure.end = HTTP_CUT;
	for (int tries = 1; tries <= 6; tries++) {
		int64_t bound = bounds[tries - 1], low = bound, high = 0;

		for (int i = 0; i < 1000; i++) {
			struct decision got;

			retry_decide(&got, &failure, tries, &policy,
				     chance_of(&seed));
			assert_in_range(got.wait_ms, 0, bound - 1);
			low = got.wait_ms < low ? got.wait_ms : low;
			high = got.wait_ms > high ? got.wait_ms : high;
		}
		assert_true(low < bound / 50 && high > bound - bound / 50);
	}
	policy.tries = 2000;
	struct decision got;
	retry_decide(&got, &failure, 1999, &policy, 0.999);
	assert_in_range(got.wait_ms, 4900, 4999);
}

static void a_wait_of_the_service_is_kept_and_spread(void **state)
{
	struct failure failure = FAILURE_INIT;
	struct decision got;

	(void)state;
	failure.status = 429;
	failure.retry_after_ms = 2000;
	failure.reset_ms = 60000;
	retry_decide(&got, &failure, 4, &plain_policy, 0);
	assert_int_equal(got.wait_ms, 2000);
	retry_decide(&got, &failure, 4, &plain_policy, 0.999);
	assert_in_range(got.wait_ms, 2490, 2499);
	/* "At once" is no reason to hammer: the backoff holds. */
	failure.retry_after_ms = 0;
	retry_decide(&got, &failure, 3, &plain_policy, 0.5);
	assert_int_equal(got.wait_ms, 1000);
}

static void chances_are_in_range_and_differ(void **state)
{
	double first = retry_chance();
	int differ = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		double chance = retry_chance();

		assert_true(chance >= 0 && chance < 1);
		differ |= chance != first;
	}
	assert_true(differ);
}

/* Reads up to three headers, "Name: value". */
static struct failure read_headers(const char *const lines[3])
{
	struct http_response response = { .status = 429 };
	struct failure failure = FAILURE_INIT;

	for (int i = 0; i < 3 && lines[i]; i++) {
		const char *colon = strstr(lines[i], ": ");
		struct http_header *header = PUSH(&response.headers);

		header->name = xstrndup(lines[i], (size_t)(colon - lines[i]));
		header->value = xstrdup(colon + 2);
	}
	failure_from_response(&failure, &response, NOW);
	FOR_EACH (struct http_header, it, &response.headers) {
		free(it->name);
		free(it->value);
	}
	free(response.headers.items);
	return failure;
}

static void retry_after_is_read_in_every_form(void **state)
{
	static const struct {
		const char *lines[3];
		int64_t ms;
	} cases[] = {
		{ { "retry-after: 2" }, 2000 },
		{ { "Retry-After: 0" }, 0 },
		{ { "retry-after: 1.5" }, 1500 },
		{ { "retry-after: 0.0625" }, 62 },
		{ { "retry-after-ms: 250" }, 250 },
		{ { "retry-after-ms: 250.75" }, 250 },
		{ { "retry-after: 9", "retry-after-ms: 250" }, 250 },
		{ { "retry-after: 9", "retry-after-ms: soon" }, 9000 },
		{ { "retry-after: 9", "retry-after: 3" }, 3000 },
		{ { "retry-after: Fri, 20 Nov 2026 10:30:07 GMT" }, 7000 },
		{ { "retry-after: Friday, 20-Nov-26 10:31:00 GMT" }, 60000 },
		{ { "retry-after: Fri Nov 20 10:30:01 2026" }, 1000 },
		{ { "retry-after: Tue Dec  1 10:30:00 2026" }, 950400000 },
		{ { "retry-after: Sun, 06 Nov 1994 08:49:37 GMT" }, 0 },
		{ { "retry-after: Sunday, 06-Nov-94 08:49:37 GMT" }, 0 },
		{ { "retry-after: Sun Nov  6 08:49:37 1994" }, 0 },
		{ { "retry-after: Fri, 31 Dec 9999 23:59:59 GMT" },
		  100000000000000 },
		{ { "retry-after: 99999999999999999999999999" },
		  100000000000000 },
		{ { "retry-after-ms: 99999999999999999999999999" },
		  100000000000000 },
		{ { "retry-after: -1" }, -1 },
		{ { "retry-after: 1e3" }, -1 },
		{ { "retry-after: 0x10" }, -1 },
		{ { "retry-after: inf" }, -1 },
		{ { "retry-after: nan" }, -1 },
		{ { "retry-after: soon" }, -1 },
		{ { "retry-after: " }, -1 },
		{ { "retry-after: 2 s" }, -1 },
		{ { "retry-after: Fri, 31 Feb 2026 10:30:07 GMT" }, -1 },
		{ { "retry-after: Fri, 20 Nox 2026 10:30:07 GMT" }, -1 },
		{ { "retry-after: Fri, 20 Nov 2026 10:30:07 GMT+2" }, -1 },
		{ { "retry-after: Fri, 20 Nov 2026 10:30:07" }, -1 },
		{ { "x-other: 2" }, -1 },
	};
	size_t n = sizeof cases / sizeof *cases;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct failure got = read_headers(cases[i].lines);

		if (got.retry_after_ms != cases[i].ms)
			fail_msg("%s: %lld", cases[i].lines[0],
				 (long long)got.retry_after_ms);
		failure_release(&got);
	}
	print_message("forms: %zu/%zu\n", n, n);
}

static const struct {
	const char *lines[3];
	int64_t ms;
} resets[] = {
	{ { "x-ratelimit-remaining-requests: 0",
	    "x-ratelimit-reset-requests: 6m0s" },
	  360000 },
	{ { "x-ratelimit-remaining-tokens: 0",
	    "X-RateLimit-Reset-Tokens: 250ms" },
	  250 },
	{ { "x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: 1s" },
	  1000 },
	{ { "x-ratelimit-remaining-tokens: 0",
	    "x-ratelimit-reset-tokens: 1h2m3.5s" },
	  3723500 },
	{ { "x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: 1d" },
	  86400000 },
	{ { "x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: 12" },
	  12000 },
	{ { "x-ratelimit-remaining-tokens: 0",
	    "x-ratelimit-reset-tokens: 2026-11-20T10:30:05Z" },
	  5000 },
	{ { "x-ratelimit-remaining: 0", "x-ratelimit-reset: "
					"1795170609" },
	  9000 },
	{ { "x-ratelimit-remaining: 0", "x-ratelimit-reset: 1795170609000" },
	  9000 },
	{ { "x-ratelimit-remaining: 0", "x-ratelimit-reset: "
					"1795170000" },
	  0 },
	{ { "anthropic-ratelimit-requests-remaining: 0",
	    "anthropic-ratelimit-requests-reset: "
	    "2026-11-20T10:30:30Z" },
	  30000 },
	{ { "anthropic-ratelimit-input-tokens-remaining: 0",
	    "anthropic-ratelimit-input-tokens-reset: "
	    "2026-11-20T11:30:30+01:00" },
	  30000 },
	{ { "x-ratelimit-remaining-tokens: 1", "x-ratelimit-reset-tokens: 1s" },
	  -1 },
	{ { "x-ratelimit-reset-tokens: 1s" }, -1 },
	{ { "x-ratelimit-remaining-requests: 0",
	    "x-ratelimit-reset-tokens: 1s" },
	  -1 },
	{ { "x-ratelimit-remaining-tokens: 0",
	    "x-ratelimit-reset-tokens: 6 minutes" },
	  -1 },
	{ { "x-ratelimit-remaining-tokens: 0", "x-ratelimit-reset-tokens: " },
	  -1 },
	{ { "x-ratelimit-remaining-tokens: 0",
	    "x-ratelimit-reset-tokens: 99999999999999999999d9h" },
	  100000000000000 },
	{ { "x-other-remaining: 0", "x-other-reset: 1s" }, -1 },
};

static void resets_count_when_nothing_remains(void **state)
{
	size_t n = sizeof resets / sizeof *resets;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct failure got = read_headers(resets[i].lines);

		if (got.reset_ms != resets[i].ms)
			fail_msg("%s: %lld", resets[i].lines[1],
				 (long long)got.reset_ms);
		failure_release(&got);
	}
	print_message("resets: %zu/%zu\n", n, n);
}

static void of_two_exhausted_limits_the_longer_counts(void **state)
{
	struct http_header headers[] = {
		{ word("x-ratelimit-remaining-tokens"), word("0") },
		{ word("x-ratelimit-reset-tokens"), word("2s") },
		{ word("x-ratelimit-remaining-requests"), word("0") },
		{ word("x-ratelimit-reset-requests"), word("9s") },
		{ word("x-ratelimit-remaining-project"), word("7") },
		{ word("x-ratelimit-reset-project"), word("99s") },
	};
	struct http_response response = { .status = 429 };
	struct failure failure = FAILURE_INIT;

	(void)state;
	response.headers.items = headers;
	response.headers.len = 6;
	failure_from_response(&failure, &response, NOW);
	assert_int_equal(failure.reset_ms, 9000);
	failure_release(&failure);
}

static void the_rest_of_a_response_is_kept(void **state)
{
	struct failure got = read_headers((const char *const[3]){
		"x-should-retry: true", "request-id: req_011", NULL });

	(void)state;
	assert_int_equal(got.status, 429);
	assert_int_equal(got.should_retry, 1);
	same(got.request_id, "req_011");
	failure_release(&got);
	got = read_headers((const char *const[3]){
		"x-should-retry: FALSE", "X-Request-ID: a:b.c-1", NULL });
	assert_int_equal(got.should_retry, 0);
	same(got.request_id, "a:b.c-1");
	failure_release(&got);
	got = read_headers((const char *const[3]){
		"x-should-retry: maybe", "request-id: \033[2J", NULL });
	assert_int_equal(got.should_retry, -1);
	assert_null(got.request_id);
	failure_release(&got);

	struct http_response cut = { .end = HTTP_CUT,
				     .detail = word("reset by peer") };
	failure_from_response(&got, &cut, NOW);
	assert_int_equal(got.end, HTTP_CUT);
	same(got.message, "reset by peer");
	failure_release(&got);
}

static void what_is_given_up_says_who_and_what_to_do(void **state)
{
	struct failure failure = FAILURE_INIT;
	struct decision decision;

	(void)state;
	failure.status = 401;
	failure.type = word("authentication_error");
	failure.message = word("invalid x-api-key\nmore");
	failure.request_id = word("req_1");
	retry_decide(&decision, &failure, 1, &plain_policy, 0);
	struct error *err =
		retry_error(&failure, &decision, "main", "ANTHROPIC_API_KEY");
	same(err->message, "'main' answered 401, authentication_error: "
			   "invalid x-api-key (request req_1)");
	same(err->hint, "check the key in ANTHROPIC_API_KEY");
	assert_int_equal(err->code, ERROR_FAILURE);
	error_free(err);
	err = retry_error(&failure, &decision, "main", NULL);
	same(err->hint, "give provider 'main' a key_env");
	error_free(err);

	failure = (struct failure)FAILURE_INIT;
	failure.end = HTTP_CONNECT;
	failure.message = word("connection refused");
	retry_decide(&decision, &failure, 9, &plain_policy, 0);
	err = retry_error(&failure, &decision, "main", NULL);
	same(err->message, "'main' gave no answer: connection refused");
	assert_int_equal(err->code, ERROR_AGAIN);
	assert_non_null(strstr(err->hint, "try again later"));
	error_free(err);
}

static void every_cause_of_an_error_has_its_hint(void **state)
{
	size_t hinted = 0;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct failure failure = failure_of(&rows[i]);
		struct decision decision;

		retry_decide(&decision, &failure, 1, &plain_policy, 0);
		struct error *err =
			retry_error(&failure, &decision, "main", NULL);
		int own = decision.cause == CAUSE_TOO_LONG ||
			  decision.cause == CAUSE_REQUEST;
		assert_int_equal(!err->hint, own);
		assert_null(strchr(err->message, '\n'));
		hinted += !own;
		error_free(err);
	}
	assert_true(hinted > 0);
}

static void a_long_message_is_cut_between_characters(void **state)
{
	struct failure failure = FAILURE_INIT;
	struct decision decision;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	(void)state;
	buf_ch(&text, 'x');
	for (int i = 0; i < 400; i++)
		buf_str(&text, "\xc3\xa4");
	failure.status = 500;
	failure.message = text.data;
	retry_decide(&decision, &failure, 1, &plain_policy, 0);
	struct error *err = retry_error(&failure, &decision, "main", NULL);
	size_t len = strlen(err->message) - strlen("'main' answered 500: ");
	assert_int_equal(len, 299);
	error_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_decides_as_the_table_says),
		cmocka_unit_test(every_rule_is_reached_by_a_row),
		cmocka_unit_test(money_that_ran_out_is_never_waited_for),
		cmocka_unit_test(the_last_try_and_too_long_a_wait_switch),
		cmocka_unit_test(the_defaults_are_five_tries_and_two_minutes),
		cmocka_unit_test(the_backoff_uses_its_whole_range_and_no_more),
		cmocka_unit_test(a_wait_of_the_service_is_kept_and_spread),
		cmocka_unit_test(chances_are_in_range_and_differ),
		cmocka_unit_test(retry_after_is_read_in_every_form),
		cmocka_unit_test(resets_count_when_nothing_remains),
		cmocka_unit_test(of_two_exhausted_limits_the_longer_counts),
		cmocka_unit_test(the_rest_of_a_response_is_kept),
		cmocka_unit_test(what_is_given_up_says_who_and_what_to_do),
		cmocka_unit_test(every_cause_of_an_error_has_its_hint),
		cmocka_unit_test(a_long_message_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The decisions.  Words that say money ran out come before everything, also
 * before x-should-retry: a service that says "retry" to an empty account would
 * keep us asking until the month is over.
 */
#include "core/retry.h"

#include "core/hash.h"

#include <string.h>
#include <strings.h>

#define WORDS(...)                                                             \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

#define SPENT_WORDS                                                            \
	WORDS("insufficient_quota", "credit_balance_exhausted",                \
	      "billing_hard_limit_reached", "enforced_spend_limit_reached",    \
	      "spend_limit_reached", "billing_not_active", "billing_error",    \
	      "credit balance is too low", "spend limit",                      \
	      "reached your specified api usage limits")
#define LONG_WORDS                                                             \
	WORDS("context_length_exceeded", "model_context_window_exceeded",      \
	      "request_too_large", "string_above_max_length",                  \
	      "prompt is too long", "maximum context length",                  \
	      "exceeds the context window", "exceed context limit")
#define MODEL_WORDS WORDS("model_not_found", "DeploymentNotFound")
#define KEY_WORDS                                                              \
	WORDS("authentication_error", "invalid_api_key", "permission_error",   \
	      "permission_denied")
#define REQUEST_WORDS                                                          \
	WORDS("invalid_request_error", "invalid_prompt", "bad_request")
#define RATE_WORDS                                                             \
	WORDS("rate_limit_error", "rate_limit_exceeded", "too_many_requests",  \
	      "slow_down")
#define OVERLOADED_WORDS WORDS("overloaded_error", "server_is_overloaded")
#define SERVER_WORDS     WORDS("api_error", "server_error", "internal_error")

/* A row by status or word: answering, stated, should_retry do not matter. */
#define ANSWER(min, max, words) HTTP_OK, min, max, words, -1, 0, -1
#define SAID(said, min, max)    HTTP_OK, min, max, NULL, -1, 0, said
#define ENDED(end, answering)   end, 0, 0, NULL, answering, 0, -1
#define AGAIN                   RETRY_WAIT, ERROR_AGAIN

static const struct retry_rule rules[] = {
	{ "spent", ANSWER(0, 0, SPENT_WORDS), RETRY_SWITCH, ERROR_REFUSED,
	  CAUSE_SPENT },
	{ "payment", ANSWER(402, 402, NULL), RETRY_SWITCH, ERROR_REFUSED,
	  CAUSE_SPENT },
	{ "told-to-retry", SAID(1, 300, 499), AGAIN, CAUSE_LIMIT },
	{ "told-to-retry-5xx", SAID(1, 500, 599), AGAIN, CAUSE_OUTAGE },
	{ "too-long", ANSWER(0, 0, LONG_WORDS), RETRY_GIVE_UP, ERROR_INVALID,
	  CAUSE_TOO_LONG },
	{ "too-large", ANSWER(413, 413, NULL), RETRY_GIVE_UP, ERROR_INVALID,
	  CAUSE_TOO_LONG },
	{ "no-model", ANSWER(0, 0, MODEL_WORDS), RETRY_SWITCH, ERROR_INVALID,
	  CAUSE_MODEL },
	{ "not-found", ANSWER(404, 404, WORDS("not_found_error")), RETRY_SWITCH,
	  ERROR_INVALID, CAUSE_MODEL },
	/* GitHub's limits come as 403 with retry-after or a reset. */
	{ "forbidden-for-now", HTTP_OK, 403, 403, NULL, -1, 1, -1, AGAIN,
	  CAUSE_LIMIT },
	{ "no-key", ANSWER(401, 401, KEY_WORDS), RETRY_GIVE_UP, ERROR_FAILURE,
	  CAUSE_KEY },
	{ "forbidden", ANSWER(403, 403, NULL), RETRY_GIVE_UP, ERROR_FAILURE,
	  CAUSE_KEY },
	{ "bad-request", ANSWER(400, 400, REQUEST_WORDS), RETRY_GIVE_UP,
	  ERROR_INVALID, CAUSE_REQUEST },
	{ "unprocessable", ANSWER(422, 422, NULL), RETRY_GIVE_UP, ERROR_INVALID,
	  CAUSE_REQUEST },
	{ "told-not-to-retry", SAID(0, 300, 499), RETRY_SWITCH, ERROR_AGAIN,
	  CAUSE_LIMIT },
	{ "told-not-to-retry-5xx", SAID(0, 500, 599), RETRY_SWITCH, ERROR_AGAIN,
	  CAUSE_OUTAGE },
	{ "request-timeout", ANSWER(408, 408, WORDS("timeout_error")), AGAIN,
	  CAUSE_OUTAGE },
	{ "conflict", ANSWER(409, 409, WORDS("conflict_error")), AGAIN,
	  CAUSE_LIMIT },
	{ "too-early", ANSWER(425, 425, NULL), AGAIN, CAUSE_LIMIT },
	{ "rate-limit", ANSWER(429, 429, RATE_WORDS), AGAIN, CAUSE_LIMIT },
	{ "overloaded", ANSWER(529, 529, OVERLOADED_WORDS), AGAIN,
	  CAUSE_OUTAGE },
	{ "server-error", ANSWER(500, 599, SERVER_WORDS), AGAIN, CAUSE_OUTAGE },
	{ "client-error", ANSWER(400, 499, NULL), RETRY_GIVE_UP, ERROR_INVALID,
	  CAUSE_REQUEST },
	{ "redirect", ANSWER(300, 399, NULL), RETRY_GIVE_UP, ERROR_INVALID,
	  CAUSE_SETUP },
	/* An error inside an answer that no word above names. */
	{ "broken-answer", ANSWER(1, 299, NULL), AGAIN, CAUSE_OUTAGE },
	{ "strange-status", ANSWER(0, 0, NULL), RETRY_SWITCH, ERROR_FAILURE,
	  CAUSE_OUTAGE },
	{ "no-host", ENDED(HTTP_RESOLVE, -1), AGAIN, CAUSE_OUTAGE },
	{ "no-connection", ENDED(HTTP_CONNECT, -1), AGAIN, CAUSE_OUTAGE },
	/* No other try will trust it; another service would hide it. */
	{ "tls", ENDED(HTTP_TLS, -1), RETRY_GIVE_UP, ERROR_FAILURE,
	  CAUSE_SETUP },
	{ "idle", ENDED(HTTP_IDLE, -1), AGAIN, CAUSE_OUTAGE },
	{ "timeout-before", ENDED(HTTP_TIMEOUT, 0), AGAIN, CAUSE_OUTAGE },
	/* It was answering all the time: the same again takes as long. */
	{ "timeout-inside", ENDED(HTTP_TIMEOUT, 1), RETRY_SWITCH, ERROR_AGAIN,
	  CAUSE_REQUEST },
	{ "cut-before", ENDED(HTTP_CUT, 0), AGAIN, CAUSE_OUTAGE },
	{ "cut-inside", ENDED(HTTP_CUT, 1), AGAIN, CAUSE_OUTAGE },
	{ "answer-too-large", ENDED(HTTP_TOO_LARGE, -1), RETRY_SWITCH,
	  ERROR_FAILURE, CAUSE_REQUEST },
	{ "bad-address", ENDED(HTTP_REFUSED, -1), RETRY_GIVE_UP, ERROR_INVALID,
	  CAUSE_SETUP },
	/* We stopped reading: what came was no answer. */
	{ "unreadable", ENDED(HTTP_STOPPED, -1), AGAIN, CAUSE_OUTAGE },
};

const struct retry_rule *retry_rules(size_t *len)
{
	*len = sizeof rules / sizeof *rules;
	return rules;
}

static int says(const struct failure *failure, const char *word)
{
	if (strchr(word, ' '))
		return failure->message && strcasestr(failure->message, word);
	return (failure->type && !strcasecmp(failure->type, word)) ||
	       (failure->code && !strcasecmp(failure->code, word));
}

static int says_one_of(const struct failure *failure, const char *const *words)
{
	for (; words && *words; words++)
		if (says(failure, *words))
			return 1;
	return 0;
}

static int answer_matches(const struct retry_rule *rule,
			  const struct failure *failure)
{
	if (!rule->min)
		return !rule->words || says_one_of(failure, rule->words);
	if (failure->status >= rule->min && failure->status <= rule->max)
		return 1;
	return failure->status < 300 && says_one_of(failure, rule->words);
}

/* A refusal whose body broke off is a refusal, and so is a named error. */
static enum http_end end_of(const struct failure *failure)
{
	if (failure->status >= 300 || failure->type || failure->code)
		return HTTP_OK;
	return failure->end;
}

static int matches(const struct retry_rule *rule, const struct failure *failure)
{
	int stated = failure->retry_after_ms >= 0 || failure->reset_ms >= 0;

	return rule->end == end_of(failure) &&
	       (rule->answering < 0 ||
		rule->answering == !!failure->answering) &&
	       (rule->should_retry < 0 ||
		rule->should_retry == failure->should_retry) &&
	       (!rule->stated || stated) &&
	       (rule->end != HTTP_OK || answer_matches(rule, failure));
}

static const struct retry_rule *find(const struct failure *failure)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (matches(&rules[i], failure))
			return &rules[i];
	BUG("no rule for end %d", (int)failure->end);
}

static int64_t or_else(int64_t value, int64_t fallback)
{
	return value ? value : fallback;
}

static int64_t backoff(int tries, int64_t base, int64_t cap)
{
	for (; tries > 1 && base < cap; tries--)
		base *= 2;
	return base < cap ? base : cap;
}

void retry_decide(struct decision *out, const struct failure *failure,
		  int tries, const struct retry_policy *policy, double chance)
{
	const struct retry_rule *rule = find(failure);
	int64_t base = or_else(policy->base_ms, 500);
	int64_t cap = or_else(policy->cap_ms, 30000);
	int64_t stated = failure->retry_after_ms >= 0 ? failure->retry_after_ms
						      : failure->reset_ms;

	*out = (struct decision){ .action = rule->action,
				  .rule = rule->name,
				  .cause = rule->cause,
				  .code = rule->code };
	if (rule->action != RETRY_WAIT)
		return;
	if (tries >= or_else(policy->tries, 5))
		out->limit = "tries";
	else if (stated > or_else(policy->longest_ms, RETRY_LONGEST_MS))
		out->limit = "wait";
	if (out->limit)
		out->action = RETRY_SWITCH;
	else if (stated > 0)
		out->wait_ms = stated + (int64_t)(chance * (double)base);
	else
		out->wait_ms =
			(int64_t)(chance * (double)backoff(tries, base, cap));
}

double retry_chance(void)
{
	uint64_t bits;

	random_bytes(&bits, sizeof bits);
	/* 53 bits: what a double holds without rounding up to 1. */
	return (double)(bits >> 11) / (double)((uint64_t)1 << 53);
}

void failure_release(struct failure *failure)
{
	free_str(&failure->type);
	free_str(&failure->code);
	free_str(&failure->message);
	free_str(&failure->request_id);
}

static struct error *hint_for(struct error *err, enum retry_cause cause,
			      const char *who, const char *key)
{
	switch (cause) {
	case CAUSE_SPENT:
		return error_hint(err, "add credit at '%s' or raise its limit",
				  who);
	case CAUSE_KEY:
		if (key)
			return error_hint(err, "check the key in %s", key);
		return error_hint(err, "give provider '%s' a key_env", who);
	case CAUSE_MODEL:
		return error_hint(err,
				  "check the agent's model and the "
				  "base_url of provider '%s'",
				  who);
	case CAUSE_SETUP:
		return error_hint(err,
				  "check the base_url of provider '%s' "
				  "and the certificates (SSL_CERT_FILE)",
				  who);
	case CAUSE_OUTAGE:
	case CAUSE_LIMIT:
		return error_hint(err, "try again later, or give the agent a "
				       "fallback");
	case CAUSE_TOO_LONG:
	case CAUSE_REQUEST:
		break;
	}
	return err;
}

/* One line of what a service wrote, and no more than a terminal shows. */
static void add_line(struct buf *out, const char *text)
{
	size_t len = strcspn(text, "\r\n");

	while (len > 300 || (len && (text[len] & 0xc0) == 0x80))
		len--;
	buf_add(out, text, len);
}

struct error *retry_error(const struct failure *failure,
			  const struct decision *decision, const char *who,
			  const char *key)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const char *word = failure->code ? failure->code : failure->type;

	if (end_of(failure) == HTTP_OK && failure->status)
		buf_addf(&text, " answered %d", failure->status);
	else
		buf_str(&text, " gave no answer");
	if (word)
		buf_addf(&text, ", %s", word);
	if (failure->message && *failure->message) {
		buf_str(&text, ": ");
		add_line(&text, failure->message);
	}
	if (failure->request_id)
		buf_addf(&text, " (request %s)", failure->request_id);
	return hint_for(error_new(decision->code, "'%s'%s", who, text.data),
			decision->cause, who, key);
}

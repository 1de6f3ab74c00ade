/*
 * What the headers of a failed request say.  Each is read strictly: a wait
 * that cannot be understood is no wait, and the backoff decides.
 */
#include "core/clock.h"
#include "core/retry.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* About 3,000 years: beyond any wait and any date, far from overflow. */
#define LONGEST_MS ((int64_t)100000000000 * 1000)

/*
 * Reads "12" or "0.5" times scale at *p, and moves on; -1 when there is no
 * number.  Not strtod(): that takes signs, exponents, hex and a comma.
 */
static int64_t number(const char **p, int64_t scale)
{
	int64_t whole = 0, part = 0, unit = 1;
	const char *begin = *p;

	for (; **p >= '0' && **p <= '9'; ++*p)
		if (whole < LONGEST_MS)
			whole = whole * 10 + (**p - '0');
	if (*p == begin)
		return -1;
	if (**p == '.')
		for (++*p; **p >= '0' && **p <= '9'; ++*p)
			if (unit < 1000000) {
				part = part * 10 + (**p - '0');
				unit *= 10;
			}
	if (whole >= LONGEST_MS / scale)
		return LONGEST_MS;
	return whole * scale + part * scale / unit;
}

/* A number and nothing behind it, in milliseconds; -1: none. */
static int64_t plain(const char *text, int64_t scale)
{
	int64_t ms = number(&text, scale);

	return *text ? -1 : ms;
}

static int month_of(const char *name)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; i < 12; i++)
		if (!strncasecmp(months + (size_t)i * 3, name, 3))
			return i + 1;
	return 0;
}

/*
 * A year of two digits that lies more than 50 years ahead is past (RFC 9110,
 * section 5.6.7).
 */
static int full_year(int year, int64_t now)
{
	char today[CLOCK_TEXT];
	int this_year;

	clock_format(today, now);
	if (sscanf(today, "%4d", &this_year) != 1)
		return year;
	year += this_year / 100 * 100;
	return year > this_year + 50 ? year - 100 : year;
}

/* The three forms of an HTTP date; 0: none of them. */
static int http_date(int64_t *out, const char *text, int64_t now)
{
	int year, day, hour, minute, second, end = 0;
	char month[4] = "", rfc3339[64];

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
		   &day, month, &year, &hour, &minute, &second, &end) == 6 &&
	    end)
		;
	else if (sscanf(text,
			"%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n",
			&day, month, &year, &hour, &minute, &second,
			&end) == 6 &&
		 end)
		year = full_year(year, now);
	else if (sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n",
			month, &day, &hour, &minute, &second, &year,
			&end) != 6 ||
		 !end)
		return 0;
	snprintf(rfc3339, sizeof rfc3339, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		 year, month_of(month), day, hour, minute, second);
	struct error *err = text[end] ? error_new(ERROR_INVALID, "a rest")
				      : clock_parse(out, rfc3339);
	error_free(err);
	return !err;
}

static int64_t until(int64_t then, int64_t now)
{
	return then <= now                       ? 0
	       : then - now >= LONGEST_MS / 1000 ? LONGEST_MS
						 : (then - now) * 1000;
}

static int64_t retry_after(const char *text, int64_t now)
{
	int64_t then = 0;

	if (http_date(&then, text, now))
		return until(then, now);
	return plain(text, 1000);
}

/* "6m0s", "1.5s", "250ms"; -1: none. */
static int64_t duration(const char *text)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "ms", 1 },
		      { "s", 1000 },
		      { "m", 60000 },
		      { "h", 3600000 },
		      { "d", 86400000 } };
	int64_t sum = 0;

	while (*text) {
		const char *from = text;
		size_t i = 0;

		if (number(&text, 1) < 0)
			return -1;
		while (i < 5 &&
		       strncmp(text, units[i].name, strlen(units[i].name)))
			i++;
		if (i == 5)
			return -1;
		sum += number(&from, units[i].ms);
		if (sum > LONGEST_MS)
			return LONGEST_MS;
		text += strlen(units[i].name);
	}
	return sum;
}

/* When a limit is full again, in any of the forms services use. */
static int64_t reset(const char *text, int64_t now)
{
	int64_t then = 0, ms;
	struct error *err = strlen(text) < 10
				    ? error_new(ERROR_INVALID, "short")
				    : clock_parse(&then, text);

	if (!err)
		return until(then, now);
	error_free(err);
	ms = plain(text, 1000);
	if (ms < 0)
		return *text ? duration(text) : -1;
	/* So large a number is no span: seconds or milliseconds of 1970. */
	then = plain(text, 1);
	if (then >= (int64_t)100000000000)
		return until(then / 1000, now);
	return then >= 1000000000 ? until(then, now) : ms;
}

static const char *header(const struct http_response *response,
			  const char *name)
{
	const char *value = NULL;

	FOR_EACH (struct http_header, it, &response->headers)
		if (!strcasecmp(it->name, name))
			value = it->value;
	return value;
}

/*
 * Writes the name of the header that tells what remains of the limit that
 * this one resets: "-reset" or "-reset-" is "-remaining" there.
 */
static int remaining_of(struct buf *out, const char *name)
{
	const char *at = strcasestr(name, "-reset");

	if (!at || (strncasecmp(name, "anthropic-ratelimit-", 20) &&
		    strncasecmp(name, "x-ratelimit-", 12)))
		return 0;
	buf_add(out, name, (size_t)(at - name));
	buf_addf(out, "-remaining%s", at + strlen("-reset"));
	return 1;
}

static int64_t longest_reset(const struct http_response *response, int64_t now)
{
	int64_t longest = -1;

	FOR_EACH (struct http_header, it, &response->headers) {
		CLEANUP(buf_release) struct buf name = BUF_INIT;

		if (!remaining_of(&name, it->name))
			continue;
		const char *left = header(response, name.data);
		int64_t ms = reset(it->value, now);

		if (left && !plain(left, 1) && ms > longest)
			longest = ms;
	}
	return longest;
}

static int truth(const char *text)
{
	if (!text)
		return -1;
	return !strcasecmp(text, "true")    ? 1
	       : !strcasecmp(text, "false") ? 0
					    : -1;
}

static char *request_id(const struct http_response *response)
{
	static const char *const names[] = { "request-id", "x-request-id",
					     "x-github-request-id" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *id = header(response, names[i]);

		/* It is printed: only what cannot hide anything. */
		if (id && *id && strlen(id) <= 128 &&
		    !id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
				   "RSTUVWXYZ0123456789-_:.")])
			return xstrdup(id);
	}
	return NULL;
}

void failure_from_response(struct failure *out,
			   const struct http_response *response, int64_t now)
{
	const char *ms = header(response, "retry-after-ms");
	const char *after = header(response, "retry-after");

	failure_release(out);
	*out = (struct failure)FAILURE_INIT;
	out->end = response->end;
	out->status = response->status;
	out->message = xstrdup(response->detail);
	out->request_id = request_id(response);
	out->should_retry = truth(header(response, "x-should-retry"));
	out->reset_ms = longest_reset(response, now);
	if (ms)
		out->retry_after_ms = plain(ms, 1);
	if (after && out->retry_after_ms < 0)
		out->retry_after_ms = retry_after(after, now);
}

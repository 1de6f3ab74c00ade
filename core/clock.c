/*
 * Times without the C library's time zones: days are counted by the
 * proleptic Gregorian calendar, so that TZ and locale change nothing.
 */
#include "core/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY 86400

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

int64_t clock_ms(void)
{
	struct timespec now;

#ifdef CLOCK_BOOTTIME
	if (clock_gettime(CLOCK_BOOTTIME, &now))
#endif
		clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Days since 1970-01-01; years begin in March, so leap days come last. */
static int64_t days_of(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t in_era = year - era * 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 +
	       in_year - 1 - 719468;
}

static int month_days(int64_t year, int month)
{
	return (int)(days_of(month == 12 ? year + 1 : year, month % 12 + 1, 1) -
		     days_of(year, month, 1));
}

/* The largest of the dates 0000 to 9999 that four digits can show. */
static int64_t clamp(int64_t seconds)
{
	int64_t min = days_of(0, 1, 1) * DAY;
	int64_t max = days_of(10000, 1, 1) * DAY - 1;

	return seconds < min ? min : seconds > max ? max : seconds;
}

void clock_format(char out[CLOCK_TEXT], int64_t seconds)
{
	seconds = clamp(seconds);
	int64_t rest = (seconds % DAY + DAY) % DAY;
	int64_t days = (seconds - rest) / DAY;
	int64_t year = 1970 + (days < 0 ? days / 365 - 1 : days / 366);
	int month = 1;

	while (days_of(year + 1, 1, 1) <= days)
		year++;
	days -= days_of(year, 1, 1);
	for (; days >= month_days(year, month); month++)
		days -= month_days(year, month);
	/* The masks tell the compiler what clamp() made sure of. */
	snprintf(out, CLOCK_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		 (unsigned)year % 10000, (unsigned)month % 100,
		 (unsigned)(days + 1) % 100, (unsigned)(rest / 3600) % 100,
		 (unsigned)(rest / 60 % 60), (unsigned)(rest % 60));
}

/* Reads n digits at *p and moves on; -1 when there are not that many. */
static int digits(const char **p, int n)
{
	int value = 0;

	for (; n; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static int skip(const char **p, const char *any)
{
	return **p && strchr(any, **p) ? *(*p)++ : 0;
}

/* "Z" or "+02:00" behind a time; seconds east of UTC. */
static int offset_of(const char **p, int64_t *offset)
{
	int sign = skip(p, "+-");

	*offset = 0;
	if (!sign)
		return skip(p, "Zz");
	int hours = digits(p, 2);
	int minutes = skip(p, ":") ? digits(p, 2) : -1;
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return 0;
	*offset = (int64_t)(hours * 60 + minutes) * (sign == '-' ? -60 : 60);
	return 1;
}

/* RFC 3339, 5.6; a leap second counts as the first of the next minute. */
static int time_of(const char **p, int64_t *seconds)
{
	int64_t offset;
	int hour = digits(p, 2);
	int minute = skip(p, ":") ? digits(p, 2) : -1;
	int second = skip(p, ":") ? digits(p, 2) : -1;

	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60)
		return 0;
	if (skip(p, ".")) {
		if (digits(p, 1) < 0)
			return 0;
		*p += strspn(*p, "0123456789");
	}
	if (!offset_of(p, &offset))
		return 0;
	*seconds += hour * 3600 + minute * 60 + second - offset;
	return 1;
}

struct error *clock_parse(int64_t *out, const char *text)
{
	const char *p = text;
	int year = digits(&p, 4);
	int month = year >= 0 && skip(&p, "-") ? digits(&p, 2) : -1;
	int day = month >= 0 && skip(&p, "-") ? digits(&p, 2) : -1;

	if (month >= 1 && month <= 12 && day >= 1 &&
	    day <= month_days(year, month)) {
		int64_t seconds = days_of(year, month, day) * DAY;

		if (!*p || (skip(&p, "Tt ") && time_of(&p, &seconds) && !*p)) {
			*out = seconds;
			return NULL;
		}
	}
	return error_hint(error_new(ERROR_INVALID, "'%s' is not a time", text),
			  "write it as 2026-11-20 or 2026-11-20T10:30:00Z");
}

void clock_span(char *out, size_t size, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { DAY, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	/* 90 min says more than 1 h: a unit is used from two of it. */
	while (i < 3 && seconds < 2 * units[i].seconds)
		i++;
	snprintf(out, size, "%lld %s", (long long)(seconds / units[i].seconds),
		 units[i].name);
}

/* Parsing is strict: a tag that is only nearly a version is none. */
#include "plans/semver.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 9

/* A number without leading zeros; NULL: none here. */
static const char *number(int64_t *out, const char *at)
{
	size_t len = strspn(at, "0123456789");

	if (!len || len > MOST_DIGITS || (len > 1 && *at == '0'))
		return NULL;
	*out = strtoll(at, NULL, 10);
	return at + len;
}

static int all_digits(const char *at, size_t len)
{
	return len && strspn(at, "0123456789") >= len;
}

static int pre_valid(const char *pre)
{
	for (const char *at = pre;; at++) {
		size_t len = strcspn(at, ".");

		if (!len || (all_digits(at, len) && len > 1 && *at == '0'))
			return 0;
		for (size_t i = 0; i < len; i++)
			if (!isalnum((unsigned char)at[i]) && at[i] != '-')
				return 0;
		at += len;
		if (!*at)
			return 1;
	}
}

int semver_parse(struct semver *out, const char *text)
{
	struct semver version = { 0, 0, 0, "" };
	const char *at = number(&version.major, text);

	at = at && *at == '.' ? number(&version.minor, at + 1) : NULL;
	at = at && *at == '.' ? number(&version.patch, at + 1) : NULL;
	if (!at || (*at && *at != '-'))
		return 0;
	if (*at == '-') {
		if (strlen(at + 1) >= SEMVER_PRE || !pre_valid(at + 1))
			return 0;
		snprintf(version.pre, sizeof version.pre, "%s", at + 1);
	}
	*out = version;
	return 1;
}

void semver_text(char out[SEMVER_TEXT], const struct semver *version)
{
	snprintf(out, SEMVER_TEXT, "%" PRId64 ".%" PRId64 ".%" PRId64 "%s%s",
		 version->major, version->minor, version->patch,
		 *version->pre ? "-" : "", version->pre);
}

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* One identifier each: numbers by value, and below words. */
static int compare_part(const char *a, size_t a_len, const char *b,
			size_t b_len)
{
	int a_number = all_digits(a, a_len), b_number = all_digits(b, b_len);
	size_t len = a_len < b_len ? a_len : b_len;
	int by_text;

	if (a_number != b_number)
		return a_number ? -1 : 1;
	if (a_number && a_len != b_len)
		return a_len < b_len ? -1 : 1;
	by_text = strncmp(a, b, len);
	return by_text ? by_text : order((int64_t)a_len, (int64_t)b_len);
}

static int compare_pre(const char *a, const char *b)
{
	if (!*a || !*b)
		return order(!*a, !*b);
	while (*a && *b) {
		size_t a_len = strcspn(a, "."), b_len = strcspn(b, ".");
		int way = compare_part(a, a_len, b, b_len);

		if (way)
			return way;
		a += a_len + (a[a_len] == '.');
		b += b_len + (b[b_len] == '.');
	}
	return order(*a != 0, *b != 0);
}

int semver_compare(const struct semver *a, const struct semver *b)
{
	if (a->major != b->major)
		return order(a->major, b->major);
	if (a->minor != b->minor)
		return order(a->minor, b->minor);
	if (a->patch != b->patch)
		return order(a->patch, b->patch);
	return compare_pre(a->pre, b->pre);
}

void semver_bump(struct semver *version, enum bump bump)
{
	if (bump == BUMP_MAJOR && version->major == 0)
		bump = BUMP_MINOR;
	if (bump == BUMP_MAJOR)
		*version = (struct semver){ version->major + 1, 0, 0, "" };
	else if (bump == BUMP_MINOR)
		*version = (struct semver){ version->major, version->minor + 1,
					    0, "" };
	else
		*version = (struct semver){ version->major, version->minor,
					    version->patch + 1, "" };
}

/*
 * Whether two globs can match one path is decided part by part, so that `**`
 * may stand for any number of parts.
 */
#include "plans/overlap.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *plain_start(const char *path)
{
	return strncmp(path, "./", 2) != 0 ? path : path + 2;
}

/* A glob cut at its slashes; an empty part, at the end, is all below. */
static void split(struct strings *out, const char *glob)
{
	glob = plain_start(glob);
	for (;;) {
		size_t len = strcspn(glob, "/");

		strings_take(out, len ? xstrndup(glob, len) : xstrdup("**"));
		if (!glob[len])
			return;
		glob += len + 1;
	}
}

static int is_any(const char *part)
{
	return !strcmp(part, "**");
}

/* Classes and braces are taken for any text. */
static int is_loose(const char *part)
{
	return strpbrk(part, "[{\\") != NULL;
}

/* Names that differ only by case are one file where case is ignored. */
static int same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Can one name match both?  Row by row: can[j] says whether the first i
 * characters of a and the first j of b have a name in common.
 */
static int names_overlap(const char *a, const char *b)
{
	size_t n = strlen(b);
	unsigned char *can, *next;
	int yes;

	if (is_loose(a) || is_loose(b))
		return 1;
	can = xcalloc(n + 1, 1);
	next = xcalloc(n + 1, 1);
	can[0] = 1;
	for (size_t j = 0; j < n && b[j] == '*'; j++)
		can[j + 1] = 1;
	for (; *a; a++) {
		next[0] = can[0] && *a == '*';
		for (size_t j = 0; j < n; j++) {
			int same = same_letter(*a, b[j]) || *a == '?' ||
				   b[j] == '?';

			if (*a == '*' || b[j] == '*')
				next[j + 1] = can[j + 1] || next[j] || can[j];
			else
				next[j + 1] = can[j] && same;
		}
		memcpy(can, next, n + 1);
	}
	yes = can[n];
	free(can);
	free(next);
	return yes;
}

int globs_overlap(const char *a, const char *b)
{
	CLEANUP(strings_release) struct strings x = STRINGS_INIT;
	CLEANUP(strings_release) struct strings y = STRINGS_INIT;
	unsigned char *can, *next;
	int yes;

	split(&x, a);
	split(&y, b);
	can = xcalloc(y.len + 1, 1);
	next = xcalloc(y.len + 1, 1);
	can[0] = 1;
	for (size_t j = 0; j < y.len && is_any(y.items[j]); j++)
		can[j + 1] = 1;
	for (size_t i = 0; i < x.len; i++) {
		next[0] = can[0] && is_any(x.items[i]);
		for (size_t j = 0; j < y.len; j++) {
			if (is_any(x.items[i]) || is_any(y.items[j]))
				next[j + 1] = can[j + 1] || next[j] || can[j];
			else
				next[j + 1] =
					can[j] &&
					names_overlap(x.items[i], y.items[j]);
		}
		memcpy(can, next, y.len + 1);
	}
	yes = can[y.len];
	free(can);
	free(next);
	return yes;
}

/* A path, no pattern, where b needs a folder: only one of them can be. */
static int is_folder_of(const char *a, const char *b)
{
	size_t len;

	a = plain_start(a);
	b = plain_start(b);
	len = strlen(a);
	return len && !strncasecmp(a, b, len) && b[len] == '/' &&
	       !strpbrk(a, "*?[{\\");
}

static int in_the_way(const char *a, const char *b)
{
	return globs_overlap(a, b) || is_folder_of(a, b) || is_folder_of(b, a);
}

/* The first glob of a that gets in the way of one of b; NULL: none. */
static const char *meeting(const struct strings *a, const struct strings *b)
{
	FOR_EACH (char *, x, a)
		FOR_EACH (char *, y, b)
			if (in_the_way(*x, *y))
				return *x;
	return NULL;
}

const char *phases_meet(const struct phase *a, const struct phase *b)
{
	const struct strings *of_a[] = { &a->create, &a->modify, &a->del };
	const struct strings *of_b[] = { &b->create, &b->modify, &b->del };

	for (size_t i = 0; i < 9; i++) {
		const char *glob = meeting(of_a[i / 3], of_b[i % 3]);

		if (glob)
			return glob;
	}
	return NULL;
}

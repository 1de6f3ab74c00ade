/*
 * Damerau-Levenshtein distance (Damerau 1964) in its restricted form: a swap
 * of neighbours counts once, which is what fingers do.
 */
#include "core/nearest.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 64

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The edits that turn a into b; neither is longer than LONGEST. */
static size_t distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t rows[3][LONGEST + 1];

	for (size_t j = 0; j <= blen; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= alen; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			size_t change = a[i - 1] != b[j - 1];

			row[j] = least(above[j] + 1, row[j - 1] + 1);
			row[j] = least(row[j], above[j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[alen % 3][blen];
}

const char *nearest(const char *word, const char *const *names, size_t n)
{
	const char *found = NULL;
	size_t len = strlen(word);
	size_t best = len / 3 > 1 ? len / 3 : 1;

	if (!len || len > LONGEST)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t nlen = strlen(names[i]);
		size_t far = nlen > LONGEST
				     ? SIZE_MAX
				     : distance(word, len, names[i], nlen);

		if (far < best || (far == best && !found)) {
			found = names[i];
			best = far;
		}
	}
	return found;
}

/*
 * The inside of the secret scan: shared by core/secret.c, which loads it, and
 * core/secret-scan.c, which applies it, and by nobody else.
 */
#ifndef CORE_SECRET_RULE_H
#define CORE_SECRET_RULE_H

#include "core/secret.h"

struct secret_rule {
	const char *id;
	const char *title;
	const char *pattern;
	struct regex *regex; /* NULL until a keyword of it was seen */
	double entropy; /* bits a character */
	size_t reach; /* bytes behind a keyword */
};

/* A keyword, in the list of those that begin with the same two bytes. */
struct secret_word {
	const char *text; /* lower case */
	size_t len; /* at least 2 */
	size_t rule;
	size_t next; /* index + 1; 0: the last */
};

struct secret_exempt {
	struct globs *path; /* NULL: any */
	struct regex *pattern; /* NULL: any */
};

#define SECRET_HEADS 4096
#define SECRET_LEAST 8 /* bytes of a known one; shorter stands in any text */

struct secrets {
	struct tree tree; /* the file of rules, which lends its texts */
	ARRAY(struct secret_rule) rules;
	ARRAY(struct secret_word) words;
	size_t heads[SECRET_HEADS]; /* index + 1 of the first word */
	ARRAY(struct secret_exempt) exempt;
	struct strings known;
};

static inline unsigned char secret_fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Where words that begin with two bytes, folded, are listed. */
static inline size_t secret_head(unsigned char a, unsigned char b)
{
	return (a * 31u + b) % SECRET_HEADS;
}

#endif

/* Counting lines, words and bytes of a text that comes in pieces. */
#ifndef COUNT_H
#define COUNT_H

#include <stddef.h>

struct count {
	unsigned long lines, words, bytes;
	int inside; /* a word */
};

void count_add(struct count *count, const char *text, size_t len);

#endif

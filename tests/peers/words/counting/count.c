#include "count.h"

#include <ctype.h>

void count_add(struct count *count, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int blank = isspace((unsigned char)text[i]);

		count->lines += text[i] == '\n';
		count->words += !blank && !count->inside;
		count->inside = !blank;
	}
	count->bytes += len;
}

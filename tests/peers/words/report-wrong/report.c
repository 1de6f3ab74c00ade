#include "report.h"

#include <stdio.h>

static const char *end(unsigned long n)
{
	return n ? "s" : "";
}

void report_line(char *out, size_t size, const struct count *count)
{
	snprintf(out, size, "%lu line%s, %lu word%s, %lu byte%s", count->lines,
		 end(count->lines), count->words, end(count->words),
		 count->bytes, end(count->bytes));
}

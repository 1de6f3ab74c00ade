/* A count as a line for people: "1 line, 2 words, 10 bytes". */
#ifndef REPORT_H
#define REPORT_H

#include "count.h"

void report_line(char *out, size_t size, const struct count *count);

#endif

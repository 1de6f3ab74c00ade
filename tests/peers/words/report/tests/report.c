#include "report.h"

#include <assert.h>
#include <string.h>

int main(void)
{
	struct count one = { 1, 1, 1, 0 }, none = { 0, 0, 0, 0 };
	char line[80];

	report_line(line, sizeof line, &one);
	assert(!strcmp(line, "1 line, 1 word, 1 byte"));
	report_line(line, sizeof line, &none);
	assert(!strcmp(line, "0 lines, 0 words, 0 bytes"));
	return 0;
}

#include "count.h"

#include <assert.h>

int main(void)
{
	struct count count = { 0, 0, 0, 0 };

	count_add(&count, "", 0);
	assert(count.words == 0 && count.bytes == 0);
	count_add(&count, "two wo", 6);
	count_add(&count, "rds\n", 4);
	assert(count.lines == 1 && count.words == 2 && count.bytes == 10);
	return 0;
}

#include "count.h"

#include <stdio.h>
#include <string.h>

static int add_file(struct count *count, FILE *file)
{
	char bytes[4096];
	size_t n;

	while ((n = fread(bytes, 1, sizeof bytes, file)))
		count_add(count, bytes, n);
	return ferror(file);
}

int main(int argc, char **argv)
{
	struct count count = { 0, 0, 0, 0 };

	if (argc > 1 && !strcmp(argv[1], "-h")) {
		puts("usage: words [<file>...]");
		return 0;
	}
	if (argc == 1 && add_file(&count, stdin))
		return 1;
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "r");

		if (!file || add_file(&count, file)) {
			perror(argv[i]);
			return 1;
		}
		fclose(file);
	}
	printf("%lu %lu %lu\n", count.lines, count.words, count.bytes);
	return 0;
}

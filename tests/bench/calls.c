/*
 * Sends requests all at once from one thread and waits for the answers:
 *
 *   calls <n> <url> <body's file>
 *
 * Prints how many answered, the most memory it had, and its threads.
 */
#include "core/file.h"
#include "core/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MOST ((size_t)1 << 20)

static struct error *count(struct http_response *response, void *data)
{
	int *answered = data;

	*answered += response->end == HTTP_OK && response->status == 200;
	return NULL;
}

static struct error *call_all(int *answered, int n, const char *url,
			      const char *path)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	CLEANUP(strings_release) struct strings headers = STRINGS_INIT;
	CLEANUP(loop_release) struct loop *loop = loop_new();
	CLEANUP(http_free) struct http *http = NULL;
	struct http_request request = { .url = url, .headers = &headers };
	struct transfer *transfer;

	TRY(file_read(&body, path, BODY_MOST));
	strings_add(&headers, "Content-Type: application/json");
	request.body = body.data;
	request.body_len = body.len;
	request.done = count;
	request.data = answered;
	TRY(http_new(&http, loop, NULL));
	for (int i = 0; i < n; i++)
		TRY(http_start(&transfer, http, &request));
	return loop_run(loop);
}

/* The lines of /proc that say what is asked; elsewhere nothing is said. */
static void print_self(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];

	if (!file)
		return;
	while (fgets(line, sizeof line, file))
		if (!strncmp(line, "VmHWM", 5) || !strncmp(line, "Threads", 7))
			fputs(line, stdout);
	fclose(file);
}

int main(int argc, char **argv)
{
	int answered = 0, n = argc == 4 ? atoi(argv[1]) : 0;

	if (n < 1) {
		fputs("usage: calls <n> <url> <file>\n", stderr);
		return 129;
	}
	struct error *err = call_all(&answered, n, argv[2], argv[3]);
	if (err) {
		fprintf(stderr, "%s\n", err->message);
		error_free(err);
		return 1;
	}
	printf("%d of %d answered\n", answered, n);
	print_self();
	return answered != n;
}

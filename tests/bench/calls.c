/*
 * Asks a model all at once from one thread, as a run does: every call
 * journalled, limited, charged to a budget and kept.
 *
 *   calls <n> <url> <prompt's file> <folder for state>
 *
 * Prints how many answered, the most memory it had, and its threads.
 */
#include "core/call.h"
#include "core/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMPT_MOST ((size_t)1 << 20)

static struct error *count(struct error *err, struct call_result *result,
			   void *data)
{
	int *answered = data;

	*answered += result && result->reply.stop == STOP_END;
	return err;
}

static struct error *open_caller(struct caller *out, const char *folder)
{
	static const struct budget_limits limits = {
		.phase = { UNLIMITED, 1000000, UNLIMITED, UNLIMITED },
		.plan = { UNLIMITED, 1000000, UNLIMITED, UNLIMITED },
		.day = { UNLIMITED, 1000000, UNLIMITED, UNLIMITED },
	};
	CLEANUP(free_str) char *run = journal_new_run();
	CLEANUP(free_str) char *spend = path_join(folder, "spend");
	CLEANUP(free_str) char *days = path_join(folder, "days");
	CLEANUP(free_str) char *journals = path_join(folder, "journal");
	struct prices *prices = NULL;

	out->loop = loop_new();
	out->replies = path_join(folder, "replies");
	out->limits = path_join(folder, "limits");
	out->no_cache = 1;
	TRY(journal_open(&out->journal, journals, run));
	TRY(prices_load(&prices, NULL, 0, NULL));
	out->prices = prices;
	TRY(secrets_load(&out->secrets, NULL));
	return budget_open(&out->budget, spend, days, "bench", "calls",
			   &limits);
}

static void close_caller(struct caller *caller)
{
	struct prices *prices = (struct prices *)caller->prices;
	struct secrets *secrets = caller->secrets;
	struct journal *journal = caller->journal;
	struct budget *budget = caller->budget;
	struct loop *loop = caller->loop;

	caller_release(caller);
	prices_free(&prices);
	secrets_free(&secrets);
	journal_close(&journal);
	budget_close(&budget);
	loop_free(loop);
}

/* Each asks for something else: no reply serves two of them. */
static struct error *ask_all(int *answered, int n, struct caller *caller,
			     const struct model *model, const char *prompt)
{
	struct request *requests = xcalloc((size_t)n, sizeof *requests);
	struct call_spec spec = { .model = model,
				  .stage = "bench",
				  .plan = "bench",
				  .phase = "calls",
				  .attempt = 1 };
	struct error *err = NULL;

	for (int i = 0; i < n && !err; i++) {
		CLEANUP(free_str) char *text = xasprintf("%d %s", i, prompt);

		request_init(&requests[i]);
		request_user(&requests[i], text);
		spec.request = &requests[i];
		err = call_start(NULL, caller, &spec, count, answered);
	}
	if (!err)
		err = loop_run(caller->loop);
	for (int i = 0; i < n; i++)
		request_release(&requests[i]);
	free(requests);
	return err;
}

static struct error *run(int *answered, int n, char **argv)
{
	CLEANUP(buf_release) struct buf prompt = BUF_INIT;
	CLEANUP(close_caller) struct caller caller = CALLER_INIT;
	CLEANUP(model_release)
	struct model model = { .temperature = -1, .top_p = -1 };

	TRY(file_read(&prompt, argv[3], PROMPT_MOST));
	TRY(open_caller(&caller, argv[4]));
	model.agent = xstrdup("bench");
	model.model = xstrdup("claude-sonnet-5-5");
	model.endpoint.provider = xstrdup("bench");
	model.endpoint.driver = xstrdup("anthropic");
	model.endpoint.base_url = xstrdup(argv[2]);
	return ask_all(answered, n, &caller, &model, prompt.data);
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
	int answered = 0, n = argc == 5 ? atoi(argv[1]) : 0;

	if (n < 1) {
		fputs("usage: calls <n> <url> <file> <folder>\n", stderr);
		return 129;
	}
	struct error *err = run(&answered, n, argv);
	if (err) {
		fprintf(stderr, "%s\n", err->message);
		error_free(err);
		return 1;
	}
	printf("%d of %d answered\n", answered, n);
	print_self();
	return answered != n;
}

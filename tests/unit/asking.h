/*
 * A caller with everything its calls share, in a folder of its own, and two
 * sorts of model: a shell script (it appends what it reads to `asked`, a line
 * to `count`, and answers answer-<n>, else `answer`), and a peer that speaks
 * the Messages API in canned lines.
 */
#ifndef TESTS_UNIT_ASKING_H
#define TESTS_UNIT_ASKING_H

#include "tests/unit/peer.h"

#include "core/call.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"

#define SCRIPT                                                                 \
	"cat >>asked; echo >>count; n=$(wc -l <count); "                       \
	"cat answer-$n 2>/dev/null || cat answer"
#define RUN "20261120T103000Z-01234567"

struct world {
	char *dir;
	struct caller caller;
	struct model model;
	struct request request;
	struct call_spec spec;
	struct call_result result;
	struct strings notices;
};
static struct world world;

static inline void on_notice(void *data, const char *sentence)
{
	struct world *told = data;

	strings_add(&told->notices, sentence);
}

/* A caller for a run; what an earlier one left is there. */
static inline void run_begin(const char *run)
{
	struct caller *caller = &world.caller;

	*caller = (struct caller)CALLER_INIT;
	caller->loop = loop_new();
	caller->replies = xstrdup("replies");
	caller->limits = xstrdup("limits");
	caller->notice = on_notice;
	caller->notice_data = &world;
	caller->retry = (struct retry_policy){ .base_ms = 1, .cap_ms = 2 };
	ok(journal_open(&caller->journal, "journal", run));
}

static inline void run_end(void)
{
	struct journal *journal = world.caller.journal;
	struct secrets *secrets = world.caller.secrets;
	struct budget *budget = world.caller.budget;
	struct loop *loop = world.caller.loop;

	caller_release(&world.caller);
	journal_close(&journal);
	secrets_free(&secrets);
	budget_close(&budget);
	loop_release(&loop);
}

/* The next process: of the same run, or of another. */
static inline void next_run(const char *run)
{
	run_end();
	run_begin(run);
}

static inline struct model model_new(const char *agent, const char *driver)
{
	return (struct model){
		.agent = xstrdup(agent),
		.endpoint = { .provider = xstrdup(agent),
			      .driver = xstrdup(driver) },
		.model = xstrdup("model-1"),
		.temperature = -1,
		.top_p = -1,
	};
}

static inline void write_file(const char *path, const char *text)
{
	ok(file_write(path, text, strlen(text), FILE_PLAIN));
}

static inline int enter(void **state)
{
	(void)state;
	world = (struct world){ .dir = xstrdup("/tmp/test-call-XXXXXX") };
	if (!mkdtemp(world.dir) || chdir(world.dir))
		return -1;
	interrupted = 0;
	/* Not every script reads its input: see core/proc.h. */
	loop_catch_signals();
	run_begin(RUN);
	world.model = model_new("script", "command");
	strings_addv(&world.model.endpoint.command, "sh", "-c", SCRIPT, NULL);
	write_file("answer", "an answer\n");
	request_init(&world.request);
	request_user(&world.request, "a question");
	world.spec = (struct call_spec){ .request = &world.request,
					 .model = &world.model,
					 .stage = "implement",
					 .plan = "shop",
					 .phase = "cart",
					 .attempt = 1 };
	call_result_init(&world.result);
	return 0;
}

static inline int leave(void **state)
{
	(void)state;
	run_end();
	call_result_release(&world.result);
	request_release(&world.request);
	model_release(&world.model);
	strings_release(&world.notices);
	if (chdir("/"))
		return -1;
	ok(file_remove_tree(world.dir));
	free(world.dir);
	return 0;
}

/* How often the script ran. */
static inline size_t asked(void)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	error_free(file_read(&text, "count", 1 << 20));
	return text.len;
}

/* All that the script was given. */
static inline int was_told(const char *words)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	ok(file_read(&text, "asked", 1 << 24));
	return strstr(text.data, words) != NULL;
}

static inline int noticed(const char *words)
{
	FOR_EACH (char *, it, &world.notices)
		if (strstr(*it, words))
			return 1;
	return 0;
}

static inline struct error *ask(void)
{
	call_result_release(&world.result);
	return call_run(&world.result, &world.caller, &world.spec);
}

static inline void answers(const char *text)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT;

	ok(ask());
	reply_text(&got, &world.result.reply);
	same(got.data, text);
}

/* The types of the journal's lines, "open closed". */
static inline void journalled(const char *types)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct journal *journal = world.caller.journal;

	for (size_t i = 0; i < journal_len(journal); i++)
		buf_addf(&text, "%s%s", i ? " " : "",
			 value_text(value_get(journal_line(journal, i), "type"),
				    ""));
	same(text.data, types);
}

static inline const struct value *last_line(const char *type)
{
	const struct value *line =
		journal_last(world.caller.journal, type, NULL);

	assert_non_null(line);
	return line;
}

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

#endif

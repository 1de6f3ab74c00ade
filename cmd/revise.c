/* `git orch revise`: review comments and red CI become the next attempt. */
#include "cmd/cmd.h"
#include "cmd/outcome.h"
#include "cmd/wishes.h"
#include "core/file.h"
#include "core/utf8.h"
#include "plans/revision.h"

#include <string.h>
#include <unistd.h>

#define MOST_MESSAGE ((size_t)256 << 10)

static struct error *read_message(struct buf *out, const char *path)
{
	return strcmp(path, "-") ? file_read(out, path, MOST_MESSAGE)
				 : buf_read_fd(out, STDIN_FILENO, MOST_MESSAGE);
}

static int is_text(const struct buf *text)
{
	for (size_t at = 0, n; at < text->len; at += n) {
		n = utf8_next(NULL, text->data + at, text->len - at);
		if (!n || !text->data[at])
			return 0;
	}
	return text->data[strspn(text->data, " \t\r\n")] != '\0';
}

static struct error *add_message(struct strings *out, const struct buf *text,
				 const char *option)
{
	if (!is_text(text))
		return error_new(ERROR_USAGE, "%s holds no text", option);
	strings_add(out, text->data);
	return NULL;
}

/* In the order they were given. */
static struct error *read_messages(struct strings *out, const struct args *args)
{
	FOR_EACH (struct arg_value, value, &args->values) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		const char *name = value->opt->name;

		if (!value->text)
			continue;
		if (!strcmp(name, "file"))
			TRY(read_message(&text, value->text));
		else if (!strcmp(name, "message"))
			buf_str(&text, value->text);
		else
			continue;
		TRY(add_message(out, &text, name));
	}
	return NULL;
}

static struct error *dry_run(struct session *session,
			     const struct transaction_options *options)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(revision_release) struct revision revision = REVISION_INIT;
	struct card *card;

	TRY(board_load(&board, &session->project, options->plan));
	TRY(revision_named(&card, &revision, &session->project, &board,
			   options->plan, options->phase, options->messages));
	end_progress(session);
	revision_dry(&session->out, card, &revision);
	return NULL;
}

static struct error *run(struct session *session)
{
	const struct args *args = &session->args;
	CLEANUP(strings_release) struct strings messages = STRINGS_INIT;
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(outcome_release) struct outcome outcome = { 0 };

	TRY(read_messages(&messages, args));
	TRY(board_choose(&plan, &session->project,
			 global_text(session, "plan")));
	const struct transaction_options options = {
		.plan = plan,
		.phase = operand(session, 0),
		.no_wait = args_flag(args, "no-wait"),
		.revise = 1,
		.messages = &messages,
	};
	if (args_flag(args, "dry-run"))
		return dry_run(session, &options);
	TRY(transaction_run(&outcome, &session->project, &options));
	end_progress(session);
	session->status = outcome.status == PHASE_DONE ? 0 : 1;
	if (session->out.json) {
		outcome_json(&session->out, &outcome);
		return NULL;
	}
	outcome_print(&session->out, &outcome);
	return print_next(session, plan);
}

static const struct opt opts[] = {
	{ 'n', "dry-run", NULL, "show what is wanted, change nothing" },
	{ 'm', "message", "text", "what is to be changed" },
	{ 'F', "file", "path", "the same, from a file or - for stdin" },
	{ 0, "no-wait", NULL, "do not wait for runners that may be gone" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_revise = {
	.name = "revise",
	.summary = "Work on a phase in review again, for its reviewers and CI",
	.args = "<phase>",
	.min = 1,
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_TRUST | NEED_PROGRESS | MOVES_REFS,
	.complete = "phases",
	.run = run,
};

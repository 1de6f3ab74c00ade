/*
 * Work as it is put before validator and manager.  Nothing in it depends on
 * when or where it was done: a resumed run asks the same question again and
 * finds its answer in the journal.
 */
#include "plans/work-shown.h"

#include "core/dialect.h"
#include "plans/context.h"
#include "plans/prompt.h"

#include <string.h>

#define MOST_TOKENS 60000
#define MOST_BYTES  ((size_t)256 << 10) /* of one side of one file */

/* Half of what the model takes at once: the answer needs room, too. */
static int64_t room_of(const struct model *model)
{
	int64_t room =
		capability_find(model->endpoint.driver, model->model)->context /
		2;

	return room < MOST_TOKENS ? room : MOST_TOKENS;
}

static struct error *quote_change(struct context *context,
				  const struct candidate *candidate,
				  const struct change *change)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *label = xasprintf("diff of %s", change->path);

	TRY(change_text(&text, candidate->project->repo, change, MOST_BYTES));
	return context_quote(context, label, text.data, text.len);
}

struct error *work_shown(struct buf *out, const struct candidate *candidate,
			 const struct agent *agent, const struct model *model,
			 const struct secrets *secrets)
{
	int64_t room = room_of(model);
	CLEANUP(context_release)
	struct context context = CONTEXT_INIT(room * 2 / 3);

	context.secrets = secrets;
	FOR_EACH (struct change, change, &candidate->changes)
		TRY(quote_change(&context, candidate, change));
	context.budget += room / 3;
	TRY(context_phase(&context, candidate->project, candidate->plan,
			  candidate->phase, agent, &candidate->tree));
	context_end(&context);
	buf_add(out, context.text.data, context.text.len);
	return NULL;
}

void criteria_shown(struct buf *out, const struct phase *phase)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t n = 0;

	FOR_EACH (char *, criterion, &phase->acceptance)
		buf_addf(&text, "%zu. %s\n", ++n, *criterion);
	if (!n)
		buf_str(&text, "The phase has none.\n");
	prompt_fence(out, "acceptance criteria", text.data, text.len);
}

void checks_shown(struct buf *out, const struct check_outcomes *checks)
{
	FOR_EACH (struct check_outcome, check, checks) {
		buf_addf(out, "- %s: exit %d", check->name, check->exit);
		if (check->coverage >= 0)
			buf_addf(out, ", the tests run %d.%02d %% of the lines",
				 check->coverage / 100, check->coverage % 100);
		buf_ch(out, '\n');
	}
	buf_str(out, checks->len ? "\n" : "There are none.\n\n");
}

void files_shown(struct buf *out, const struct candidate *candidate)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	FOR_EACH (struct change, change, &candidate->changes)
		buf_addf(&text, "%s %s%s\n", change_name(change->kind),
			 change->path,
			 gate_declared(candidate, change)
				 ? ""
				 : " (not declared by the phase)");
	if (!text.len)
		buf_str(&text, "none\n");
	prompt_fence(out, "files", text.data, text.len);
}

struct error *findings_shown(struct buf *out, const struct findings *findings,
			     const struct secrets *secrets)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	FOR_EACH (struct finding, finding, findings) {
		buf_addf(&raw, "- %s\n", finding->message);
		if (finding->hint)
			buf_addf(&raw, "%s\n", finding->hint);
	}
	prompt_steady(&text, raw.data, raw.len);
	buf_clear(&raw);
	if (secrets)
		TRY(secrets_redact(&raw, secrets, text.data, text.len));
	else
		buf_add(&raw, text.data, text.len);
	prompt_fence(out, "what was wrong", raw.data, raw.len);
	return NULL;
}

/* Not from the middle of a character. */
static size_t cut_at(const char *text, size_t most)
{
	size_t len = strlen(text);

	if (len <= most)
		return len;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

struct error *words_clean(char **out, const struct secrets *secrets,
			  const char *text, size_t most)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT;

	text += strspn(text, " \t\r\n");
	if (secrets)
		TRY(secrets_redact(&clean, secrets, text, strlen(text)));
	else
		buf_str(&clean, text);
	size_t len = cut_at(clean.data, most);
	while (len && strchr(" \t\r\n", clean.data[len - 1]))
		len--;
	*out = printable_text(clean.data, clean.data + len);
	return NULL;
}

char *one_line(const char *text, size_t most)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;
	size_t len = cut_at(text, most);

	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]))
			buf_ch(&line, text[i]);
		else if (line.len && line.data[line.len - 1] != ' ')
			buf_ch(&line, ' ');
	if (text[len])
		buf_str(&line, "…");
	return buf_steal(&line);
}

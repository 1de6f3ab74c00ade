/* Prompts, the built-in ones and a project's own. */
#include "plans/prompt.h"

#include "core/embed.h"
#include "core/expand.h"
#include "gitops/workspace.h"

#include <ctype.h>
#include <string.h>

#define MOST_BYTES (256 << 10)

/* A project's own, from its base. */
static struct error *read_own(struct buf *out, int *found,
			      struct project *project, const char *name)
{
	CLEANUP(free_str) char *path = xasprintf(".orch/prompts/%s.md", name);
	enum file_mode mode;
	struct oid oid;

	*found = 0;
	if (oid_is_zero(&project->base.tree))
		return NULL;
	TRY(tree_entry(&mode, &oid, project->repo, &project->base.tree, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	*found = 1;
	return error_wrap(blob_read(out, project->repo, &oid, MOST_BYTES), "%s",
			  path);
}

static struct error *read_prompt(struct buf *out, struct project *project,
				 const char *name)
{
	CLEANUP(free_str) char *path = xasprintf("prompts/%s.md", name);
	struct embed file;
	int found;

	TRY(read_own(out, &found, project, name));
	if (found)
		return NULL;
	if (!embed_find(&file, path))
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no prompt '%s'", name),
				  "write .orch/prompts/%s.md", name);
	buf_add(out, file.data, file.len);
	return NULL;
}

struct error *prompt_render(struct buf *out, struct project *project,
			    const char *name, const struct map *vars)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct map none = MAP_INIT;

	TRY(read_prompt(&text, project, name));
	return error_wrap(expand(out, text.data, text.len, vars ? vars : &none),
			  "prompt '%s'", name);
}

struct error *prompt_begin(struct request *out, struct project *project,
			   const char *role)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err = prompt_render(&text, project, role, NULL);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		err = prompt_render(&text, project, "developer", NULL);
	}
	TRY(err);
	request_system(out, text.data, 1);
	return NULL;
}

/* The longest run of a character in the text. */
static size_t longest_run(const char *text, size_t len, char c)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < len; i++) {
		run = text[i] == c ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/*
 * A fence one longer than any within: what is quoted cannot end it.  The label
 * is a path or a name of ours.
 */
void prompt_fence(struct buf *out, const char *label, const char *text,
		  size_t len)
{
	size_t ticks = longest_run(text, len, '`') + 1;

	if (ticks < 3)
		ticks = 3;
	for (size_t i = 0; i < ticks; i++)
		buf_ch(out, '`');
	buf_ch(out, ' ');
	for (; *label; label++)
		buf_add(out,
			(unsigned char)*label < ' ' || *label == '`' ? " "
								     : label,
			1);
	buf_ch(out, '\n');
	buf_add(out, text, len);
	if (len && text[len - 1] != '\n')
		buf_ch(out, '\n');
	for (size_t i = 0; i < ticks; i++)
		buf_ch(out, '`');
	buf_str(out, "\n\n");
}

static size_t digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && isdigit((unsigned char)text[n]))
		n++;
	return n;
}

static size_t hex_digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && isxdigit((unsigned char)text[n]))
		n++;
	return n;
}

static int is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Bytes of a unit of time that ends here, with a blank before it or not. */
static size_t unit_of(const char *text, size_t len)
{
	static const char *const units[] = { "seconds", "second", "secs", "sec",
					     "ns",      "us",     "ms",   "s" };
	size_t blank = len && *text == ' ';

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t n = blank + strlen(units[i]);

		if (n <= len &&
		    !memcmp(text + blank, units[i], strlen(units[i])) &&
		    (n == len || !is_word(text[n])))
			return n;
	}
	return 0;
}

/* Bytes of a number with a fraction before a unit of time; 0: none is here. */
static size_t duration(const char *text, size_t len)
{
	size_t whole = digits(text, len), part;

	if (!whole || whole == len || text[whole] != '.')
		return 0;
	part = digits(text + whole + 1, len - whole - 1);
	whole += 1 + part;
	return part && unit_of(text + whole, len - whole) ? whole : 0;
}

/* Does it begin in this form?  'd' stands for a digit, 's' for '-' or '/'. */
static int has_form(const char *text, size_t len, const char *form)
{
	size_t i = 0;

	for (; form[i] && i < len; i++)
		if (form[i] == 'd'   ? !isdigit((unsigned char)text[i])
		    : form[i] == 's' ? text[i] != '-' && text[i] != '/'
				     : text[i] != form[i])
			return 0;
	return !form[i];
}

#define DATE "ddddsddsdd"
#define TIME "dd:dd:dd"

/*
 * Bytes of a moment as logs have it: a time with at least milliseconds, and the
 * date before it; 0: none is here.
 */
static size_t moment(const char *text, size_t len)
{
	size_t n = 0, part;

	if (has_form(text, len, DATE " ") || has_form(text, len, DATE "T"))
		n = strlen(DATE " ");
	if (!has_form(text + n, len - n, TIME))
		return 0;
	n += strlen(TIME);
	if (n == len || (text[n] != '.' && text[n] != ','))
		return 0;
	part = digits(text + n + 1, len - n - 1);
	return part >= 3 ? n + 1 + part : 0;
}

/* Shorter ones are constants. */
#define ADDRESS 7

static size_t address(const char *text, size_t len)
{
	size_t n;

	if (len < 2 || text[0] != '0' || text[1] != 'x')
		return 0;
	n = hex_digits(text + 2, len - 2);
	return n >= ADDRESS ? n + 2 : 0;
}

void prompt_steady(struct buf *out, const char *text, size_t len)
{
	char before = ' ';

	while (len) {
		int begins = !is_word(before) && before != '.';
		size_t n = begins ? address(text, len) : 0;

		if (n) {
			buf_str(out, "0x#");
		} else if (begins && ((n = moment(text, len)) ||
				      (n = duration(text, len)))) {
			buf_ch(out, '#');
		} else {
			n = 1;
			buf_ch(out, *text);
		}
		before = text[n - 1];
		text += n;
		len -= n;
	}
}

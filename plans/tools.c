/*
 * The table of tools, and what goes for all of them: the input's schema, and
 * what a result may hold.
 */
#include "plans/tools.h"

#include "core/embed.h"
#include "core/json.h"
#include "core/schema-lower.h"
#include "core/utf8.h"
#include "plans/tools-row.h"

#include <stdlib.h>
#include <string.h>

#define MOST_RESULT   65536
#define MOST_FINDINGS 8
#define MOST_SUBJECT  200

const struct tool *const tools[] = {
	&tool_list_files,   &tool_read_file,
	&tool_search,       &tool_write_file,
	&tool_edit_file,    &tool_delete_file,
	&tool_request_path, &tool_run_check,
	&tool_finish,       NULL,
};

void tool_refuse(struct buf *out, int *is_error, const char *fmt, ...)
{
	va_list args;

	*is_error = 1;
	va_start(args, fmt);
	buf_vaddf(out, fmt, args);
	va_end(args);
	buf_ch(out, '\n');
}

struct error *tool_soften(struct buf *out, int *is_error, struct error *err)
{
	if (!error_is(err, ERROR_REFUSED) && !error_is(err, ERROR_NOT_FOUND) &&
	    !error_is(err, ERROR_INVALID))
		return err;
	tool_refuse(out, is_error, "%s", err->message);
	if (err->hint)
		buf_addf(out, "%s\n", err->hint);
	error_free(err);
	return NULL;
}

const char *tool_path(const struct value *input)
{
	const char *path = value_text(value_get(input, "path"), "");

	while (!strncmp(path, "./", 2) && path[2])
		path += 2;
	return path;
}

static const struct tool *find(const char *name)
{
	for (size_t i = 0; tools[i]; i++)
		if (!strcmp(tools[i]->name, name))
			return tools[i];
	return NULL;
}

static struct error *load_schema(struct schema **out, const struct tool *tool)
{
	CLEANUP(free_str)
	char *path = xasprintf("schema/tool/%s.json", tool->name);
	struct embed file;

	if (!embed_find(&file, path))
		BUG("no schema '%s'", path);
	return schema_parse(out, path, file.data, file.len);
}

/* A model needs no title and no address of the dialect. */
static void add_schema(struct tree *tree, const struct value *schema)
{
	struct value *root = value_object(tree, NULL, NULL);

	VALUE_EACH(it, schema)
	if (strcmp(it->key, "$schema") && strcmp(it->key, "title"))
		value_add_copy(tree, root, it->key, it);
}

struct error *tools_offer(struct request *request)
{
	for (size_t i = 0; tools[i]; i++) {
		CLEANUP(schema_release) struct schema *schema = NULL;
		CLEANUP(tree_release) struct tree tree = TREE_INIT;

		TRY(load_schema(&schema, tools[i]));
		add_schema(&tree, schema_root(schema));
		request_tool(request, tools[i]->name, tools[i]->description,
			     tree.root);
	}
	return NULL;
}

static void name_them(struct buf *out)
{
	buf_str(out, "The tools are: ");
	for (size_t i = 0; tools[i]; i++)
		buf_addf(out, "%s%s", i ? ", " : "", tools[i]->name);
	buf_ch(out, '\n');
}

/* Nulls that stand for absent members are taken out of input first. */
static int fits(struct buf *out, int *is_error, const struct schema *schema,
		struct tree *input)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	size_t n = 0;

	schema_unlower(input, schema_root(schema));
	schema_check(schema, input->root, &findings);
	if (!findings.len)
		return 1;
	tool_refuse(out, is_error, "the input is not of this tool's schema:");
	FOR_EACH (struct finding, finding, &findings) {
		if (n++ == MOST_FINDINGS)
			break;
		buf_addf(out, "- %s\n", finding->message);
	}
	return 0;
}

static struct error *dispatch(struct buf *out, int *is_error,
			      struct toolbox *box, const struct value *call)
{
	const char *name = value_text(value_get(call, "name"), "");
	const struct tool *tool = find(name);
	CLEANUP(schema_release) struct schema *schema = NULL;
	CLEANUP(tree_release) struct tree input = TREE_INIT;

	if (!tool) {
		tool_refuse(out, is_error, "there is no tool '%s'", name);
		name_them(out);
		return NULL;
	}
	if (value_get(call, "broken")) {
		tool_refuse(out, is_error,
			    "the input of this call is no JSON object, or was "
			    "cut off before its end; nothing was done. Call "
			    "again, and write large files in several steps");
		return NULL;
	}
	TRY(load_schema(&schema, tool));
	value_add_copy(&input, NULL, NULL, value_get(call, "input"));
	if (!fits(out, is_error, schema, &input))
		return NULL;
	return tool->run(out, is_error, box, input.root);
}

/* Bytes that are no characters would not arrive as they are. */
static void add_clean(struct buf *out, const char *text, size_t len)
{
	while (len) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, text, len);

		if (n && c)
			buf_add(out, text, n);
		else
			buf_str(out, "\xef\xbf\xbd");
		n = n ? n : 1;
		text += n;
		len -= n;
	}
}

/* At the end of a line, or at least of a character. */
static size_t cut_at(const char *text, size_t most)
{
	size_t end = most;

	while (end > most / 2 && text[end - 1] != '\n')
		end--;
	if (text[end - 1] == '\n')
		return end;
	end = most;
	while (end && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	return end;
}

static void bound(struct buf *text)
{
	size_t len = text->len, end;

	if (len <= MOST_RESULT)
		return;
	end = cut_at(text->data, MOST_RESULT - 100);
	buf_setlen(text, end);
	buf_addf(text, "\n[cut here: %zu bytes more]\n", len - end);
}

struct error *tools_run(struct buf *out, int *is_error, struct toolbox *box,
			const struct value *call)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf clean = BUF_INIT;

	*is_error = 0;
	TRY(dispatch(&raw, is_error, box, call));
	add_clean(&text, raw.data, raw.len);
	if (box->secrets)
		TRY(secrets_redact(&clean, box->secrets, text.data, text.len));
	else
		buf_add(&clean, text.data, text.len);
	bound(&clean);
	buf_add(out, clean.data, clean.len);
	return NULL;
}

void tools_label(struct buf *out, const struct value *call)
{
	const char *name = value_text(value_get(call, "name"), "");
	const struct tool *tool = find(name);
	const struct value *input = value_get(call, "input");
	const char *subject =
		tool && tool->subject
			? value_text(value_get(input, tool->subject), "")
			: "";
	size_t len = strlen(subject);

	if (len > MOST_SUBJECT)
		len = cut_at(subject, MOST_SUBJECT);
	buf_addf(out, "%.40s%s", name, len ? " " : "");
	for (size_t i = 0; i < len; i++)
		buf_add(out,
			(unsigned char)subject[i] < ' ' ? " " : subject + i, 1);
}
